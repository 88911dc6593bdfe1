// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is worth most: see value.h. Everything is found by reading it through the kernel's
 * address space while a trace remembers the pages: so the page tables that lead there are
 * found with it.
 */
#include "capture/value.h"

#include <string.h>

#include "capture/image_parts.h"
#include "capture/spare.h"
#include "capture/value_roots.h"
#include "core/page_trace.h"
#include "kernel/kernel.h"
#include "kernel/log.h"
#include "kernel/unwind.h"

/* Unwinding takes 10 bytes for each entry of the kernel's tables: 4 MB. */
#define UNWIND_SPARE (UINT64_C(12) << 20)
#define PERCPU_MAX (UINT64_C(64) << 20) /* bytes of a CPU's area */
#define MM_LEN 2048		      /* of a struct mm_struct, which has some 1,000 bytes */
#define FUNCTION_MAX 65536	      /* bytes of code */
#define FUNCTION_MORE 256	      /* that a disassembler reads ahead */
#define SWITCH_MORE 16384	      /* the same, behind the function that switches tasks */
#define TASK_MAX 65536		      /* bytes of a task_struct */

const char *value_tier_words(enum value_tier tier)
{
	static const char *const words[VALUE_TIERS] = {
		[VALUE_LOG] = "the kernel log",
		[VALUE_PANIC] = "the crashed task",
		[VALUE_TABLES] = "page tables, PIDs",
		[VALUE_STACKS] = "stacks and tasks",
		[VALUE_PERCPU] = "per-CPU areas",
		[VALUE_DATA] = "the kernel's data",
		[VALUE_IMAGE] = "code, modules",
		[VALUE_SLAB] = "slab",
		[VALUE_REST] = "the rest",
	};

	return words[tier];
}

void value_fini(struct value *v)
{
	free(v->runs);
	*v = (struct value){ 0 };
}

/*
 * Go to each page, so that it is known, with the tables that lead there. What is in it is not
 * read: thousands of pages are gone through.
 */
static void touch(const struct kernel *k, vaddr_t from, uint64_t len)
{
	uint64_t page = UINT64_C(1) << k->arch->page_shift;
	vaddr_t at = from & ~(page - 1);

	for (; len && at < from + len; at += page) {
		paddr_t pa;

		if (!space_translate(&k->space, at, &pa, NULL, NULL) && k->dump->trace)
			page_trace_add(k->dump->trace, pa, 1);
		if (at + page < at)
			break;
	}
}

static void touch_log(const struct kernel *k)
{
	struct log l;

	if (!log_read(k, &l, NULL))
		log_fini(&l);
}

static void touch_task(const struct kernel *k, const struct task *t)
{
	uint64_t size = k->layout.size_task_struct;

	if (t->stack)
		touch(k, t->stack, kernel_stack_size(k));
	if (t->addr)
		touch(k, t->addr, size > 8192 && size < TASK_MAX ? size : 8192);
	if (t->mm)
		touch(k, t->mm, MM_LEN);
}

/* Other programs read a function from its start to MORE bytes behind: how large is its frame? */
static void touch_function(const struct kernel *k, vaddr_t pc, uint64_t more)
{
	const struct symbol *f = symbols_by_addr(k->symbols, pc);

	if (f && pc - f->addr < FUNCTION_MAX)
		touch(k, f->addr, pc - f->addr + more);
	else
		touch(k, pc, 1);
}

/* crash reads a thousand instructions where tasks sleep, and shows no stack without them. */
static void touch_functions(const struct kernel *k, const struct stack *s)
{
	for (size_t i = 0; i < s->nframes; i++)
		touch_function(k, s->frames[i].pc, i ? FUNCTION_MORE : SWITCH_MORE);
}

/*
 * Whatever on the crashed task's stack may be a return address: others begin further up than the
 * registers of the crash, where the second kernel was started.
 */
static void touch_callers(const struct kernel *k, const struct task *t)
{
	uint64_t size = kernel_stack_size(k), word = k->arch->ptr_size;
	_cleanup_(freep) uint8_t *stack = malloc(size + word);
	vaddr_t start, end;
	size_t got = 0;

	if (!stack || !t->stack || !kernel_symbol(k, "_stext", &start) ||
	    !kernel_symbol(k, "_etext", &end))
		return;
	space_read(&k->space, t->stack, stack, size, &got, NULL);
	for (size_t at = 0; at + word <= got; at += word) {
		uint64_t pc = 0;

		memcpy(&pc, stack + at, word);
		if (pc >= start && pc < end)
			touch_function(k, pc, FUNCTION_MORE);
	}
}

/* What its registers point to, too: the memory it worked on. */
static void touch_panic(const struct kernel *k, const struct unwinder *u)
{
	const struct task *t = k->panic_task;
	struct stack s = { 0 };
	struct regs r;

	if (!t)
		return;
	touch_task(k, t);
	touch_callers(k, t);
	if (u && !unwinder_stack(u, t, &s, NULL))
		touch_functions(k, &s);
	stack_fini(&s);
	if (task_regs(k, t, &r, NULL))
		return;
	for (unsigned i = 0; i < k->arch->nregs && i < REGS_MAX; i++)
		if (regs_known(&r, i) && r.value[i] >= 4096)
			touch(k, r.value[i], 1);
}

static void touch_stacks(const struct kernel *k, const struct unwinder *u)
{
	for (size_t i = 0; i < k->tasks.n; i++) {
		struct stack s = { 0 };

		touch_task(k, &k->tasks.list[i]);
		/* The tables it takes, and stacks that are no task's. */
		if (u && !unwinder_stack(u, &k->tasks.list[i], &s, NULL)) {
			touch_functions(k, &s);
			stack_fini(&s);
		}
	}
}

/*
 * What is allocated at run time lies behind the kernel's own variables, in the same unit of memory;
 * for more there are other ones (mm/percpu.c).
 */
static void touch_percpu(const struct kernel *k)
{
	vaddr_t start, end;
	uint64_t size, unit;

	if (!kernel_symbol(k, "__per_cpu_start", &start) ||
	    !kernel_symbol(k, "__per_cpu_end", &end) || end < start || end - start > PERCPU_MAX)
		return;
	size = end - start;
	if (!kernel_read_symbol(k, "pcpu_unit_size", 4, &unit, NULL) && unit > size &&
	    unit <= PERCPU_MAX)
		size = unit;
	for (size_t i = 0; i < k->cpus.n; i++)
		if (k->cpus.list[i].online)
			touch(k, start + k->cpus.list[i].percpu, size);
}

static void touch_part(void *data, vaddr_t start, uint64_t len)
{
	const struct kernel *const *k = data;

	touch(*k, start, len);
}

/* All of the kernel's own, then what it leads to. */
static void touch_data(const struct kernel *k)
{
	image_parts_written(k, touch_part, &k);
	for (size_t i = 0; i < k->modules.n; i++)
		touch(k, k->modules.list[i].addr, 1);
	value_roots_follow(k);
	image_parts_constant(k, touch_part, &k);
}

static int take_runs(const struct page_trace *trace, struct value *out, struct kd_err *err)
{
	_cleanup_(freep) struct traced_page *pages = NULL;
	size_t n = 0;
	int ret = page_trace_list(trace, &pages, &n, err);

	if (ret)
		return ret;
	out->runs = malloc((n + 1) * sizeof(*out->runs));
	if (!out->runs)
		return kd_nomem(err);
	for (size_t i = 0; i < n; i++) {
		struct value_run *last = out->n ? &out->runs[out->n - 1] : NULL;

		if (last && last->tier == (enum value_tier)pages[i].purpose &&
		    last->first + last->n == pages[i].pfn)
			last->n++;
		else
			out->runs[out->n++] = (struct value_run){ pages[i].pfn, 1, pages[i].purpose };
	}
	return 0;
}

int value_find(const struct kernel *k, struct page_trace *trace, struct value *out,
	       struct kd_err *err)
{
	_cleanup_(unwinder_closep) struct unwinder *u = NULL;

	*out = (struct value){ 0 };
	touch_log(k);
	page_trace_purpose(trace, VALUE_PANIC);
	/* Without, stacks of tasks are known, and others come with the rest. */
	if (spare_memory() < UNWIND_SPARE || unwinder_open(k, UNWINDER_NO_LINES, &u, NULL))
		u = NULL;
	touch_panic(k, u);
	page_trace_purpose(trace, VALUE_TABLES);
	value_roots_tables(k);
	page_trace_purpose(trace, VALUE_STACKS);
	touch_stacks(k, u);
	page_trace_purpose(trace, VALUE_PERCPU);
	touch_percpu(k);
	page_trace_purpose(trace, VALUE_DATA);
	touch_data(k);
	page_trace_purpose(trace, VALUE_IMAGE);
	image_parts(k, touch_part, &k);
	return take_runs(trace, out, err);
}
