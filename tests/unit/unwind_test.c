// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/unwind: stacks of a made-up i386 kernel, sound ones and damaged ones. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "kernel/unwind.h"
#include "kernel/wait.h"
#include "mkdump.h"

/*
 * Physical memory is mapped at BASE: page tables at 0x1000, code at 0x2000 (functions
 * of 0x100 bytes; calls end at 0x40 and 0x80 of each), the task at 0x4000, its stack at
 * 0x8000 in two pages, the stack of another task at 0xa000 in two or four, of which the
 * second was excluded from the dump. From 0x100000 on memory that is no stack.
 */
#define BASE UINT64_C(0xc0000000)
#define TEXT (BASE + 0x2000)
#define FUNCTION(n) (TEXT + 0x100 * (n))
#define RETURN(n) (FUNCTION(n) + 0x40)
#define TASK (BASE + 0x4000)
#define STACK (BASE + 0x8000)
#define STACK_SIZE 0x2000
#define TOP (STACK + STACK_SIZE)
#define HOLED (BASE + 0xa000)
#define ELSEWHERE (BASE + 0x100000)
#define FUNCTIONS 8

struct world {
	struct kernel k;
	struct task task;
	struct unwinder *u;
	struct stack s;
	uint64_t stack_size;
	vaddr_t irq; /* where hardirq_stack_ptr is; 0: nowhere */
	char text[16384];
	size_t len;
};

static void add(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct world *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	w->len += (size_t)vsnprintf(w->text + w->len, sizeof(w->text) - w->len, fmt, ap);
	va_end(ap);
	assert_true(w->len < sizeof(w->text));
}

static void poke(struct world *w, vaddr_t at, uint64_t value)
{
	add(w, "poke %#llx 4 %#llx\n", (unsigned long long)(at - BASE), (unsigned long long)value);
}

static void begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->stack_size = STACK_SIZE;
	add(w, "class 32\nmachine 3\nvmcoreinfo SYMBOL(swapper_pg_dir)=c0001000\n"
	       "load 0 0xc0000000 0xb000 0xb000\nload 0xb000 0xc000b000 0x1000 0\n"
	       "load 0xc000 0xc000c000 0x2000 0x2000\n"
	       "load 0x100000 0xc0100000 0x300000 0x300000\n"
	       "poke 0x1c00 4 0x00e3\n");
	for (unsigned i = 0; i < FUNCTIONS; i++)
		add(w, "fill %#x 256 0x90\npoke %#x 1 0xe8\npoke %#x 1 0xe8\n", 0x2000 + 0x100 * i,
		    0x2000 + 0x100 * i + 0x3b, 0x2000 + 0x100 * i + 0x7b);
}

/* A frame: saved ebp and return address at AT, which is what ebp points to. */
static void frame(struct world *w, vaddr_t at, vaddr_t next, vaddr_t ret)
{
	poke(w, at, next);
	poke(w, at + 4, ret);
}

/* What __switch_to_asm left at SP, and the task's thread.sp. */
static void asleep(struct world *w, vaddr_t sp, vaddr_t bp, vaddr_t pc)
{
	poke(w, TASK, sp);
	poke(w, sp + 12, bp);
	poke(w, sp + 16, pc);
}

static void fill_layout(struct layout *l)
{
	l->task_struct_thread_sp = (struct member){ .size = 4, .found = true };
	l->inactive_task_frame_si = (struct member){ .offset = 0, .size = 4, .found = true };
	l->inactive_task_frame_di = (struct member){ .offset = 4, .size = 4, .found = true };
	l->inactive_task_frame_bx = (struct member){ .offset = 8, .size = 4, .found = true };
	l->inactive_task_frame_bp = (struct member){ .offset = 12, .size = 4, .found = true };
	l->inactive_task_frame_ret_addr = (struct member){ .offset = 16, .size = 4, .found = true };
	l->size_inactive_task_frame = 20;
}

static void add_symbol(struct world *w, const char *name, vaddr_t addr, uint64_t size, char type)
{
	assert_int_equal(symbols_add(w->k.symbols, name, NULL, addr, size, type, NULL), 0);
}

static void open_world(struct world *w)
{
	char *path = mkdump(w->text), name[16];
	struct kernel *k = &w->k;

	assert_int_equal(dump_open(path, &k->dump, NULL), 0);
	unlink(path);
	free(path);
	k->arch = &arch_i386;
	assert_int_equal(space_init_kernel(&k->space, k->arch, k->dump, NULL), 0);
	assert_int_equal(symbols_new(&k->symbols, NULL), 0);
	add_symbol(w, "_stext", TEXT, 0, 'T');
	add_symbol(w, "_etext", TEXT + 0x100 * FUNCTIONS, 0, 'T');
	add_symbol(w, "__start_init_task", BASE + 0x20000, 0, 'D');
	add_symbol(w, "__end_init_task", BASE + 0x20000 + w->stack_size, 0, 'D');
	if (w->irq)
		add_symbol(w, "hardirq_stack_ptr", w->irq, 4, 'D');
	for (unsigned i = 0; i < FUNCTIONS; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		add_symbol(w, name, FUNCTION(i), 0x100, 't');
	}
	assert_int_equal(symbols_finish(k->symbols, NULL), 0);
	fill_layout(&k->layout);
	w->task.addr = TASK;
	if (!w->task.stack)
		w->task.stack = STACK;
	assert_int_equal(unwinder_open(k, UNWINDER_BARE, &w->u, NULL), 0);
}

static void walk(struct world *w)
{
	open_world(w);
	assert_int_equal(unwinder_stack(w->u, &w->task, &w->s, NULL), 0);
}

static void close_world(struct world *w)
{
	stack_fini(&w->s);
	unwinder_close(w->u);
	free(w->k.cpus.list);
	symbols_free(w->k.symbols);
	dump_close(w->k.dump);
}

static void check_frame(const struct world *w, size_t i, const char *function, uint64_t offset,
			enum frame_how how)
{
	assert_true(i < w->s.nframes);
	assert_non_null(w->s.frames[i].function);
	assert_string_equal(w->s.frames[i].function, function);
	assert_int_equal(w->s.frames[i].offset, offset);
	assert_int_equal(w->s.frames[i].how, how);
}

static void check_stop(const struct world *w, const char *text)
{
	assert_non_null(w->s.stop);
	if (!strstr(w->s.stop, text))
		fail_msg("\"%s\" says nothing of \"%s\"", w->s.stop, text);
}

static void a_sound_stack_ends_silently(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, STACK + 0x1100, RETURN(1));
	frame(&w, STACK + 0x1100, STACK + 0x1200, RETURN(2));
	frame(&w, STACK + 0x1200, 0, RETURN(3));
	walk(&w);
	assert_int_equal(w.s.nframes, 3);
	assert_null(w.s.stop);
	check_frame(&w, 0, "f1", 0x40, FRAME_HOW_REGS);
	check_frame(&w, 1, "f2", 0x40, FRAME_HOW_FP);
	check_frame(&w, 2, "f3", 0x40, FRAME_HOW_FP);
	assert_int_equal(w.s.frames[0].sp, STACK + 0x1014);
	assert_int_equal(w.s.frames[1].sp, STACK + 0x1108);
	assert_int_equal(w.s.frames[1].size, 0x100);
	close_world(&w);
}

static void a_stack_pointer_outside_of_its_stack_is_told(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, ELSEWHERE, ELSEWHERE + 0x100, RETURN(1));
	frame(&w, ELSEWHERE + 0x100, 0, RETURN(2));
	walk(&w);
	check_stop(&w,
		   "its saved stack pointer 0xc0100000 lies outside of its stack (0xc0008000 to "
		   "0xc000a000)");
	assert_int_equal(w.s.nframes, 0); /* it leads to another's frames */
	close_world(&w);
}

/*
 * Others sleep in f1, so the stack goes on where it returns there: at the last such place,
 * what is below was left over.
 */
static void a_lost_stack_pointer_is_searched_for(void **state)
{
	static const struct member thread_info = { .size = 4, .found = true };
	struct task tasks[4];
	struct world w;

	(void)state;
	begin(&w);
	for (unsigned i = 0; i < 3; i++) {
		poke(&w, TASK + 0x100 * (i + 1), HOLED + 0x2100 + 0x100 * i);
		poke(&w, HOLED + 0x2110 + 0x100 * i, RETURN(i < 2));
	}
	asleep(&w, ELSEWHERE, ELSEWHERE + 0x100, RETURN(1));
	poke(&w, STACK + 0x80c, STACK + 0x900);
	poke(&w, STACK + 0x810, RETURN(1));
	frame(&w, STACK + 0x900, STACK + 0xa00, RETURN(4));
	frame(&w, STACK + 0xa00, 0, RETURN(5));
	poke(&w, STACK + 0x100c, STACK + 0x1100);
	poke(&w, STACK + 0x1010, RETURN(1));
	frame(&w, STACK + 0x1100, STACK + 0x1200, RETURN(2));
	frame(&w, STACK + 0x1200, 0, RETURN(3));
	w.k.layout.task_struct_thread_info = thread_info;
	for (unsigned i = 0; i < 4; i++)
		tasks[i] = (struct task){ .addr = TASK + 0x100 * i,
					  .stack = i ? HOLED + 0x2000 : STACK };
	w.k.tasks = (struct tasks){ .list = tasks, .n = 4 };
	walk(&w);
	check_stop(&w, "its saved stack pointer 0xc0100000 lies outside of its stack");
	assert_int_equal(w.s.nframes, 3);
	check_frame(&w, 0, "f1", 0x40, FRAME_HOW_GUESS);
	check_frame(&w, 1, "f2", 0x40, FRAME_HOW_FP);
	check_frame(&w, 2, "f3", 0x40, FRAME_HOW_FP);
	close_world(&w);
}

static void a_wiped_page_of_a_stack_is_told(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	poke(&w, TASK, STACK + 0x800); /* and nothing there */
	frame(&w, STACK + 0x1100, STACK + 0x1200, RETURN(2));
	frame(&w, STACK + 0x1200, 0, RETURN(3));
	walk(&w);
	check_stop(&w, "its saved program counter 0 is no code; that page of the stack holds only "
		       "zeros");
	assert_int_equal(w.s.nframes, 2);
	check_frame(&w, 0, "f2", 0x40, FRAME_HOW_GUESS);
	check_frame(&w, 1, "f3", 0x40, FRAME_HOW_FP);
	close_world(&w);
}

static void a_stack_that_is_left_for_nowhere_stops(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, ELSEWHERE + 0x100, RETURN(1));
	frame(&w, ELSEWHERE + 0x100, ELSEWHERE + 0x200, RETURN(2));
	frame(&w, ELSEWHERE + 0x200, 0, RETURN(3));
	walk(&w);
	assert_int_equal(w.s.nframes, 1);
	check_stop(&w, "the stack pointer 0xc0100108 lies outside of the task's stack");
	close_world(&w);
}

/* A frame that leads back below itself, to what looks like a frame. */
static void a_stack_that_runs_in_a_circle_stops(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, STACK + 0x1100, RETURN(1));
	frame(&w, STACK + 0x1100, STACK + 0x1200, RETURN(2));
	frame(&w, STACK + 0x1200, STACK + 0x1100, RETURN(3));
	walk(&w);
	assert_int_equal(w.s.nframes, 3);
	check_stop(&w, "the stack pointer does not advance (0xc0009108 after 0xc0009208)");
	close_world(&w);
}

/* Only what ran on a CPU may be on another stack, and not on ever more of them. */
static void stacks_are_not_switched_forever(void **state)
{
	struct cpu *cpu;
	struct world w;

	(void)state;
	begin(&w);
	for (unsigned i = 0; i < 24; i++)
		frame(&w, ELSEWHERE + 0x18000 * (i + 1), ELSEWHERE + 0x18000 * (i + 2),
		      RETURN(i % 8));
	w.k.cpus.list = calloc(1, sizeof(*w.k.cpus.list));
	w.k.cpus.n = 1;
	cpu = &w.k.cpus.list[0];
	*cpu = (struct cpu){ .has_note = true, .online = true };
	regs_set(&cpu->regs, arch_i386.pc, FUNCTION(1) + 0x20);
	regs_set(&cpu->regs, arch_i386.sp, STACK + 0x1000);
	regs_set(&cpu->regs, arch_i386.fp, ELSEWHERE + 0x18000);
	w.task.on_cpu = true;
	walk(&w);
	assert_int_equal(w.s.nframes, 17);
	check_stop(&w, "more than 16 other stacks");
	close_world(&w);
}

static void a_return_address_that_is_no_code_is_named(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, STACK + 0x1100, RETURN(1));
	frame(&w, STACK + 0x1100, STACK + 0x1200, 0xdeadbeef);
	walk(&w);
	assert_int_equal(w.s.nframes, 1);
	check_stop(&w, "0xdeadbeef is no code");
	close_world(&w);
}

/* What is above the damage is a guess up to the first word from which it goes on to the end. */
static void what_is_above_damage_is_guessed(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, STACK + 0x1100, RETURN(1));
	frame(&w, STACK + 0x1100, STACK + 0x1200, 0xdeadbeef);
	poke(&w, STACK + 0x1300, RETURN(4));	      /* left from an older call: leads nowhere */
	poke(&w, STACK + 0x1310, FUNCTION(5) + 0x20); /* nothing is called in front of it */
	frame(&w, STACK + 0x1400, STACK + 0x1500, RETURN(2));
	frame(&w, STACK + 0x1500, 0, RETURN(3));
	walk(&w);
	assert_int_equal(w.s.nframes, 4);
	check_stop(&w, "0xdeadbeef is no code");
	check_frame(&w, 1, "f4", 0x40, FRAME_HOW_GUESS);
	check_frame(&w, 2, "f2", 0x40, FRAME_HOW_GUESS);
	check_frame(&w, 3, "f3", 0x40, FRAME_HOW_FP);
	close_world(&w);
}

/* The stack of interrupts may lie above that of the task they came in. */
static void what_is_guessed_may_lead_to_a_lower_stack(void **state)
{
	struct cpu *cpu;
	struct world w;

	(void)state;
	begin(&w);
	w.irq = BASE + 0x5000;
	poke(&w, w.irq, ELSEWHERE);
	frame(&w, ELSEWHERE + 0x1100, ELSEWHERE + 0x1200, 0xdeadbeef);
	frame(&w, ELSEWHERE + 0x1400, STACK + 0x1500, RETURN(2));
	frame(&w, STACK + 0x1500, 0, RETURN(3));
	w.k.cpus.list = calloc(1, sizeof(*w.k.cpus.list));
	w.k.cpus.n = 1;
	cpu = &w.k.cpus.list[0];
	*cpu = (struct cpu){ .has_note = true, .online = true };
	regs_set(&cpu->regs, arch_i386.pc, FUNCTION(1) + 0x20);
	regs_set(&cpu->regs, arch_i386.sp, ELSEWHERE + 0x1000);
	regs_set(&cpu->regs, arch_i386.fp, ELSEWHERE + 0x1100);
	w.task.on_cpu = true;
	walk(&w);
	assert_int_equal(w.s.nframes, 3);
	check_stop(&w, "0xdeadbeef is no code");
	check_frame(&w, 1, "f2", 0x40, FRAME_HOW_GUESS);
	check_frame(&w, 2, "f3", 0x40, FRAME_HOW_FP);
	close_world(&w);
}

static void an_excluded_page_in_the_middle_of_a_stack(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	w.task.stack = HOLED;
	asleep(&w, HOLED + 0x800, HOLED + 0x900, RETURN(1));
	frame(&w, HOLED + 0x900, HOLED + 0x1100, RETURN(2));
	walk(&w);
	assert_int_equal(w.s.nframes, 2);
	check_frame(&w, 1, "f2", 0x40, FRAME_HOW_FP);
	check_stop(&w, "0xc000b104");
	check_stop(&w, "excluded");
	close_world(&w);
}

static void behind_an_excluded_page_the_stack_goes_on(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	w.stack_size = 0x4000;
	w.task.stack = HOLED;
	asleep(&w, HOLED + 0x800, HOLED + 0x900, RETURN(1));
	frame(&w, HOLED + 0x900, HOLED + 0x1100, RETURN(2));
	frame(&w, HOLED + 0x2100, HOLED + 0x2200, RETURN(3));
	frame(&w, HOLED + 0x2200, 0, RETURN(4));
	walk(&w);
	assert_int_equal(w.s.nframes, 4);
	check_frame(&w, 2, "f3", 0x40, FRAME_HOW_GUESS);
	check_frame(&w, 3, "f4", 0x40, FRAME_HOW_FP);
	check_stop(&w, "excluded");
	close_world(&w);
}

static void without_a_switch_frame_there_is_no_stack(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	poke(&w, TASK, HOLED + 0x1100);
	poke(&w, HOLED + 0x800, RETURN(1)); /* below: an old one */
	w.task.stack = HOLED;
	walk(&w);
	assert_int_equal(w.s.nframes, 0);
	check_stop(&w, "switch frame at 0xc000b100");
	close_world(&w);
}

static void user_mode_is_all_there_is(void **state)
{
	struct cpu *cpu;
	struct world w;

	(void)state;
	begin(&w);
	w.k.cpus.list = calloc(1, sizeof(*w.k.cpus.list));
	w.k.cpus.n = 1;
	cpu = &w.k.cpus.list[0];
	*cpu = (struct cpu){ .has_note = true, .online = true };
	regs_set(&cpu->regs, arch_i386.pc, 0x8048123);
	regs_set(&cpu->regs, arch_i386.sp, 0xbfff1234);
	regs_set(&cpu->regs, 10, 0x73); /* cs */
	w.task.on_cpu = true;
	walk(&w);
	assert_int_equal(w.s.nframes, 1);
	assert_null(w.s.stop);
	assert_int_equal(w.s.frames[0].kind, FRAME_USER);
	assert_int_equal(w.s.frames[0].pc, 0x8048123);
	assert_int_equal(w.s.frames[0].sp, 0xbfff1234);
	close_world(&w);
}

/* Where tasks wait --------------------------------------------------------------------- */

/* f1 and f2 are the scheduler's. */
static struct waits *open_waits(struct world *w)
{
	struct waits *waits = NULL;
	struct kd_err err = KD_ERR_INIT;

	open_world(w);
	w->k.layout.task_struct_state = (struct member){ .size = 4, .found = true };
	w->task.state = 1;
	assert_int_equal(waits_new(&w->k, w->u, &waits, &err), KD_NOTFOUND);
	add_symbol(w, "__sched_text_start", FUNCTION(1), 0, 'T');
	add_symbol(w, "__sched_text_end", FUNCTION(3), 0, 'T');
	assert_int_equal(symbols_finish(w->k.symbols, NULL), 0);
	assert_int_equal(waits_new(&w->k, w->u, &waits, &err), 0);
	return waits;
}

static void a_task_waits_outside_of_the_scheduler(void **state)
{
	struct wait_place at;
	struct waits *waits;
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, STACK + 0x1100, RETURN(1));
	/* the last instruction of f2 was a call: it goes on where f3 begins */
	frame(&w, STACK + 0x1100, STACK + 0x1200, FUNCTION(3));
	frame(&w, STACK + 0x1200, STACK + 0x1300, RETURN(4));
	frame(&w, STACK + 0x1300, 0, RETURN(5));
	waits = open_waits(&w);
	assert_true(waits_find(waits, &w.task, &at));
	assert_int_equal(at.pc, RETURN(4));
	assert_int_equal(at.code, RETURN(4) - 1);
	w.task.state = 0;
	assert_false(waits_find(waits, &w.task, &at));
	w.task.state = 1;
	w.task.on_cpu = true;
	assert_false(waits_find(waits, &w.task, &at));
	w.task.on_cpu = false;
	w.task.exit_state = 0x20;
	assert_false(waits_find(waits, &w.task, &at));
	waits_free(waits);
	close_world(&w);
}

static void where_a_broken_stack_waits_is_not_known(void **state)
{
	struct wait_place at;
	struct waits *waits;
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, STACK + 0x1100, RETURN(1));
	frame(&w, STACK + 0x1100, STACK + 0x1200, RETURN(2));
	/* back to where it was, which would go on in f4 */
	frame(&w, STACK + 0x1200, STACK + 0x1100, RETURN(1));
	poke(&w, STACK + 0x1208, RETURN(4));
	waits = open_waits(&w);
	assert_false(waits_find(waits, &w.task, &at));
	w.task.addr = ELSEWHERE + 0x10000;
	assert_false(waits_find(waits, &w.task, &at));
	waits_free(waits);
	close_world(&w);
}

/* Many at once ------------------------------------------------------------------------- */

#define MANY 300

struct collected {
	size_t next, stop_at;
	size_t frames;
};

static int collect(void *data, size_t i, struct stack *s)
{
	struct collected *c = data;

	assert_int_equal(i, c->next++);
	/* even ones have a stack of three frames, odd ones none */
	assert_int_equal(s->nframes, i % 2 ? 0 : 3);
	c->frames += s->nframes;
	if (i == 4) { /* what is taken is not freed */
		stack_fini(s);
	}
	return i + 1 == c->stop_at ? 77 : 0;
}

static void stacks_of_many_tasks_come_in_order(void **state)
{
	static struct task list[MANY];
	const struct task *tasks[MANY];
	struct collected c = { .next = 0 };
	struct world w;

	(void)state;
	begin(&w);
	asleep(&w, STACK + 0x1000, STACK + 0x1100, RETURN(1));
	frame(&w, STACK + 0x1100, STACK + 0x1200, RETURN(2));
	frame(&w, STACK + 0x1200, 0, RETURN(3));
	open_world(&w);
	for (size_t i = 0; i < MANY; i++) {
		list[i] = w.task;
		list[i].addr = i % 2 ? ELSEWHERE + 0x10000 : TASK;
		list[i].stack = i % 2 ? 0 : STACK;
		tasks[i] = &list[i];
	}
	for (unsigned threads = 0; threads < 5; threads++) {
		c = (struct collected){ .next = 0 };
		assert_int_equal(unwinder_all(w.u, tasks, MANY, threads, collect, &c, NULL), 0);
		assert_int_equal(c.next, MANY);
		assert_int_equal(c.frames, 3 * MANY / 2);
	}
	c = (struct collected){ .stop_at = 10 };
	assert_int_equal(unwinder_all(w.u, tasks, MANY, 4, collect, &c, NULL), 77);
	assert_int_equal(c.next, 10);
	assert_int_equal(unwinder_all(w.u, tasks, 0, 4, collect, &c, NULL), 0);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_stack_ends_silently),
		cmocka_unit_test(a_stack_pointer_outside_of_its_stack_is_told),
		cmocka_unit_test(a_lost_stack_pointer_is_searched_for),
		cmocka_unit_test(a_wiped_page_of_a_stack_is_told),
		cmocka_unit_test(a_stack_that_is_left_for_nowhere_stops),
		cmocka_unit_test(a_stack_that_runs_in_a_circle_stops),
		cmocka_unit_test(stacks_are_not_switched_forever),
		cmocka_unit_test(a_return_address_that_is_no_code_is_named),
		cmocka_unit_test(what_is_above_damage_is_guessed),
		cmocka_unit_test(what_is_guessed_may_lead_to_a_lower_stack),
		cmocka_unit_test(an_excluded_page_in_the_middle_of_a_stack),
		cmocka_unit_test(behind_an_excluded_page_the_stack_goes_on),
		cmocka_unit_test(without_a_switch_frame_there_is_no_stack),
		cmocka_unit_test(user_mode_is_all_there_is),
		cmocka_unit_test(a_task_waits_outside_of_the_scheduler),
		cmocka_unit_test(where_a_broken_stack_waits_is_not_known),
		cmocka_unit_test(stacks_of_many_tasks_come_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
