// SPDX-License-Identifier: GPL-3.0-or-later
/* Tasks: see task.h. */
#include "kernel/task.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "kernel/task_priv.h"

#define FRAME_MAX 128u /* bytes of a struct inactive_task_frame */

void tasks_fini(struct tasks *t)
{
	free(t->list);
	free(t->damage);
	*t = (struct tasks){ 0 };
}

const char *task_source_name(enum task_source source)
{
	static const char *const names[] = {
		[TASK_FROM_LIST] = "list",
		[TASK_FROM_CPU] = "CPU",
		[TASK_FROM_NOTE] = "crash note",
		[TASK_FROM_BACKWARDS] = "list backwards",
		[TASK_FROM_PIDS] = "PID table",
		[TASK_FROM_FAMILY] = "parent",
	};

	return names[source];
}

/* Reading one task ------------------------------------------------------------ */

/* A member that this kernel lacks is 0; so is one that can not be read, which is noted. */
static uint64_t number(struct windows *w, const struct member *m, struct task_facts *f)
{
	struct kd_err why = KD_ERR_INIT;
	uint64_t v = 0;

	if (!m->found || !member_window(w, f->t.addr, m, &v, &why))
		return v;
	if (!f->missing.status)
		f->missing = why;
	return 0;
}

static vaddr_t pointer(struct windows *w, const struct member *m, struct task_facts *f, bool *has)
{
	struct kd_err why = KD_ERR_INIT;
	uint64_t v = 0;

	*has = m->found && !member_window_ptr(w, f->t.addr, m, &v, &why);
	if (m->found && !*has && !f->missing.status)
		f->missing = why;
	return v;
}

static int32_t task_cpu(const struct layout *l, struct windows *w, struct task_facts *f)
{
	uint64_t cpu;

	if (l->task_struct_cpu.found)
		return (int32_t)number(w, &l->task_struct_cpu, f);
	/* before v4.9 thread_info lay at the bottom of the stack */
	if (f->t.stack && l->thread_info_cpu.found &&
	    !member_window(w, f->t.stack, &l->thread_info_cpu, &cpu, NULL))
		return (int32_t)cpu;
	return -1;
}

static void read_comm(const struct layout *l, struct windows *w, struct task_facts *f)
{
	struct task *t = &f->t;

	if (!l->task_struct_comm.found)
		return;
	f->has_comm = !windows_read(w, t->addr + l->task_struct_comm.offset, t->comm,
				    sizeof(t->comm), NULL);
	f->comm_ends = memchr(t->comm, '\0', sizeof(t->comm)) != NULL;
	t->comm[sizeof(t->comm) - 1] = '\0';
}

int task_load(const struct layout *l, struct windows *w, vaddr_t addr, struct task_facts *f,
	      struct kd_err *err)
{
	struct task *t = &f->t;
	uint64_t pid, tgid;
	int status;

	*f = (struct task_facts){ .t = { .addr = addr, .cpu = -1 } };
	status = member_window(w, addr, &l->task_struct_pid, &pid, err);
	if (status)
		return kd_context(err, status, "task %#" PRIx64, addr);
	t->pid = t->thread_id = (uint32_t)pid;
	t->tgid = (uint32_t)number(w, &l->task_struct_tgid, f);
	t->state = number(w, &l->task_struct_state, f);
	t->exit_state = number(w, &l->task_struct_exit_state, f);
	t->flags = number(w, &l->task_struct_flags, f);
	t->stack = pointer(w, &l->task_struct_stack, f, &f->has_stack);
	t->mm = number(w, &l->task_struct_mm, f);
	t->cpu = task_cpu(l, w, f);
	f->signal = pointer(w, &l->task_struct_signal, f, &f->has_signal);
	f->parent = pointer(w, &l->task_struct_real_parent, f, &f->has_parent);
	if (f->parent && !member_window(w, f->parent, &l->task_struct_tgid, &tgid, NULL))
		t->ppid = (uint32_t)tgid;
	read_comm(l, w, f);
	return 0;
}

/* Judging one task ------------------------------------------------------------- */

static bool is_pointer(const struct kernel *k, vaddr_t v)
{
	return v >= 4096 && !(v & (k->arch->ptr_size - 1));
}

/* Of memory that a filter has left out at least the page tables are there. */
static bool is_stack(const struct kernel *k, vaddr_t v)
{
	paddr_t pa;

	return !(v & ((1u << k->arch->page_shift) - 1)) &&
	       space_translate(&k->space, v, &pa, NULL, NULL) != KD_UNMAPPED;
}

struct verdict {
	unsigned n;
	char *why;
	size_t size;
};

static void odd(struct verdict *v, const char *fmt, ...) KD_PRINTF(2, 3);

static void odd(struct verdict *v, const char *fmt, ...)
{
	va_list ap;

	if (v->n++)
		return;
	va_start(ap, fmt);
	vsnprintf(v->why, v->size, fmt, ap);
	va_end(ap);
}

unsigned task_oddities(const struct kernel *k, const struct task_facts *f, char *why, size_t size)
{
	const struct task *t = &f->t;
	struct verdict v = { .why = why, .size = size };

	*why = '\0';
	if (t->pid > TASKS_MAX)
		odd(&v, "its PID is %" PRIu32, t->pid);
	if (t->tgid > TASKS_MAX || !t->tgid != !t->pid)
		odd(&v, "its thread group is %" PRIu32, t->tgid);
	if (t->cpu >= 0 && k->cpus.n && !cpus_get(&k->cpus, (unsigned)t->cpu))
		odd(&v, "its CPU is %" PRId32, t->cpu);
	if (f->has_comm && !f->comm_ends)
		odd(&v, "its name has no end");
	if (f->has_stack && (t->stack ? !is_stack(k, t->stack) : !t->exit_state))
		odd(&v, "its stack is at %#" PRIx64, t->stack);
	if (f->has_signal && !is_pointer(k, f->signal))
		odd(&v, "its signal_struct is at %#" PRIx64, f->signal);
	if (f->has_parent && !is_pointer(k, f->parent))
		odd(&v, "its parent is at %#" PRIx64, f->parent);
	if (t->mm && !is_pointer(k, t->mm))
		odd(&v, "its mm is at %#" PRIx64, t->mm);
	if (v.n >= 3 && !t->pid && !t->tgid && !t->stack && !f->signal && !f->parent)
		snprintf(why, size, "there are only zeros");
	return v.n;
}

/* Asking ---------------------------------------------------------------------- */

char task_state_letter(const struct kernel *k, const struct task *t)
{
	/* include/linux/sched.h; since v4.14 the letters of task_state_index() */
	static const struct {
		uint64_t bit;
		char letter;
	} states[] = {
		{ 0x001, 'S' }, { 0x002, 'D' }, { 0x004, 'T' }, { 0x008, 't' },
		{ 0x040, 'P' }, { 0x080, 'X' },
	};

	if (!k->layout.task_struct_state.found)
		return '?';
	if (t->exit_state & 0x20)
		return 'Z';
	if (t->exit_state & 0x10)
		return 'X';
	/* TASK_IDLE: uninterruptible that does not count as load (TASK_NOLOAD) */
	if ((t->state & 0x402) == 0x402)
		return 'I';
	for (size_t i = 0; i < KD_ARRAY_SIZE(states); i++)
		if (t->state & states[i].bit)
			return states[i].letter;
	return t->state & 0xff ? '?' : 'R';
}

/* Members of struct inactive_task_frame by the names struct arch uses. */
static const struct member *switch_member(const struct layout *l, const char *name)
{
	const struct {
		const char *name;
		const struct member *m;
	} members[] = {
		{ "r15", &l->inactive_task_frame_r15 }, { "r14", &l->inactive_task_frame_r14 },
		{ "r13", &l->inactive_task_frame_r13 }, { "r12", &l->inactive_task_frame_r12 },
		{ "bx", &l->inactive_task_frame_bx },	{ "bp", &l->inactive_task_frame_bp },
		{ "si", &l->inactive_task_frame_si },	{ "di", &l->inactive_task_frame_di },
		{ "ret_addr", &l->inactive_task_frame_ret_addr },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(members); i++)
		if (!strcmp(members[i].name, name))
			return members[i].m;
	return NULL;
}

/*
 * What __switch_to_asm pushed. With the frame popped this is the state in which
 * the task goes on, so call frame information fits it exactly.
 */
int task_switch_regs(const struct kernel *k, vaddr_t sp, struct regs *out, struct kd_err *err)
{
	const struct arch *a = k->arch;
	uint8_t frame[FRAME_MAX];
	size_t held = 0;
	int status;

	*out = (struct regs){ 0 };
	status = space_read(&k->space, sp, frame,
			    kd_min(k->layout.size_inactive_task_frame, sizeof(frame)), &held, err);
	for (const struct arch_switch_reg *r = a->switch_frame; r->member; r++) {
		const struct member *m = switch_member(&k->layout, r->member);

		if (m && m->found && range_contains(held, m->offset, a->ptr_size))
			regs_set(out, r->reg, uint_le(frame + m->offset, a->ptr_size));
		else if (r->reg == a->pc)
			return kd_context(err,
					  status ? status :
						   kd_fail(err, KD_NOTFOUND, "no layout for it"),
					  "switch frame at %#" PRIx64, sp);
	}
	regs_set(out, a->sp, sp + k->layout.size_inactive_task_frame);
	return 0;
}

static int sleeping_regs(const struct kernel *k, struct windows *w, const struct task *t,
			 struct regs *out, struct kd_err *err)
{
	uint64_t sp = 0, size = kernel_stack_size(k);
	int status;

	/* a dead task gives its stack back before its parent has waited for it */
	if (t->exit_state && !t->stack)
		return kd_fail(err, KD_NOTFOUND, "it is dead and its kernel stack was freed");
	status = member_window_ptr(w, t->addr, &k->layout.task_struct_thread_sp, &sp, err);
	if (status)
		return kd_context(err, status, "saved stack pointer (thread.sp)");
	if (t->stack && !task_stack_holds(k, t->stack, size, sp))
		return kd_fail(err, KD_CORRUPT,
			       "its saved stack pointer %#" PRIx64
			       " lies outside of its stack (%#" PRIx64 " to %#" PRIx64 ")",
			       sp, t->stack, t->stack + size);
	return task_switch_regs(k, sp, out, err);
}

int task_regs_by(const struct kernel *k, struct windows *w, const struct task *t, struct regs *out,
		 struct kd_err *err)
{
	const struct cpu *cpu;

	*out = (struct regs){ 0 };
	if (!t->on_cpu)
		return sleeping_regs(k, w, t, out, err);
	cpu = t->cpu < 0 ? NULL : cpus_get(&k->cpus, (unsigned)t->cpu);
	if ((!cpu || !cpu->has_note) && !k->crashed)
		return kd_fail(err, KD_NOTFOUND,
			       "it was running on CPU %d, whose registers are not in the dump", t->cpu);
	if (!cpu || !cpu->has_note)
		return kd_fail(err, KD_NOTFOUND,
			       "it was running on CPU %d, which saved no registers: "
			       "the CPU did not answer when the kernel crashed", t->cpu);
	*out = cpu->regs;
	return 0;
}

int task_regs(const struct kernel *k, const struct task *t, struct regs *out, struct kd_err *err)
{
	_cleanup_(freep) struct windows *w = windows_new(&k->space);

	return w ? task_regs_by(k, w, t, out, err) : kd_nomem(err);
}

const struct task *tasks_by_pid(const struct tasks *t, uint32_t pid)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].pid == pid && !t->list[i].idle && !t->list[i].no_pid)
			return &t->list[i];
	return NULL;
}

const struct task *tasks_by_addr(const struct tasks *t, vaddr_t addr)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].addr == addr)
			return &t->list[i];
	return NULL;
}

const struct task *tasks_on_cpu(const struct tasks *t, unsigned nr)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].on_cpu && t->list[i].cpu == (int32_t)nr)
			return &t->list[i];
	return NULL;
}

const struct task *tasks_by_thread_id(const struct tasks *t, uint32_t thread_id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].thread_id == thread_id)
			return &t->list[i];
	return NULL;
}
