// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Whether a task's stack is where the task says. Two members tell: task_struct.stack, and
 * thread.sp, which a task that sleeps has left on its stack. Where they disagree the mark
 * at the end of each stack decides.
 */
#include <inttypes.h>

#include "kernel/task_priv.h"

#define END_MAGIC 0x57ac6e9du /* STACK_END_MAGIC (include/uapi/linux/magic.h), a long */

uint64_t kernel_stack_size(const struct kernel *k)
{
	/* include/asm-generic/vmlinux.lds.h; the latter since v6.9 (2bd9f9ae8d8e) */
	static const char *const marks[][2] = {
		{ "__start_init_task", "__end_init_task" },
		{ "__start_init_stack", "__end_init_stack" },
	};
	vaddr_t start, end;

	for (size_t i = 0; i < KD_ARRAY_SIZE(marks); i++) {
		if (!kernel_symbol(k, marks[i][0], &start) || !kernel_symbol(k, marks[i][1], &end))
			continue;
		if (end - start >= 4096 && end - start <= (1u << 20) && !((end - start) & 4095))
			return end - start;
	}
	return k->arch->ptr_size == 4 ? 8192 : 16384;
}

bool task_stack_holds(const struct kernel *k, vaddr_t stack, uint64_t size, vaddr_t sp)
{
	uint64_t page = UINT64_C(1) << k->arch->page_shift;

	return stack && sp - (stack - page) <= size + page;
}

/* end_of_stack() of include/linux/sched/task_stack.h: above the thread_info, if that is there. */
static bool has_end_mark(const struct kernel *k, struct windows *w, vaddr_t stack)
{
	const struct layout *l = &k->layout;
	uint64_t v, at = l->task_struct_thread_info.found ? 0 : l->size_thread_info;

	return stack && !windows_read_uint(w, stack + at, k->arch->ptr_size, &v) && v == END_MAGIC;
}

bool task_has_strayed(const struct kernel *k, struct windows *w, uint64_t size, const struct task *t)
{
	uint64_t sp;

	return t->stack && k->layout.task_struct_thread_sp.found &&
	       !member_window_ptr(w, t->addr, &k->layout.task_struct_thread_sp, &sp, NULL) &&
	       !task_stack_holds(k, t->stack, size, sp);
}

static bool is_claimed(const struct tasks *all, const struct task *t, vaddr_t stack)
{
	for (size_t i = 0; i < all->n; i++)
		if (&all->list[i] != t && all->list[i].stack == stack)
			return true;
	return false;
}

/* Can the task's stack be there, for all that is known? */
static bool can_be_at(const struct task_walk *w, const struct task *t, vaddr_t stack)
{
	return has_end_mark(w->k, w->windows, stack) && !is_claimed(w->tasks, t, stack);
}

/* Say what is wrong; a stack that is known to be elsewhere is corrected. */
static void settle(struct task_walk *w, struct task *t)
{
	const struct kernel *k = w->k;
	uint64_t sp = 0;
	vaddr_t base;

	if (member_window_ptr(w->windows, t->addr, &k->layout.task_struct_thread_sp, &sp, NULL))
		return;
	base = sp & ~(w->stack_size - 1);
	if (can_be_at(w, t, t->stack) || !can_be_at(w, t, base)) {
		task_walk_fault(w, FAULT_STACK,
				"PID %" PRIu32 " (%#" PRIx64 "): its saved stack pointer %#" PRIx64
				" lies outside of its stack, %#" PRIx64 " to %#" PRIx64,
				t->pid, t->addr, sp, t->stack, t->stack + w->stack_size);
		return;
	}
	task_walk_fault(w, FAULT_STACK,
			"PID %" PRIu32 " (%#" PRIx64 "): its stack is not at %#" PRIx64 ", but at %#" PRIx64
			", where its saved stack pointer leads",
			t->pid, t->addr, t->stack, base);
	t->stack = base;
	t->strayed = false;
}

static void check_mapped(struct task_walk *w, const struct task *t)
{
	struct kd_err why = KD_ERR_INIT;
	paddr_t pa;

	if (t->stack &&
	    space_translate(&w->k->space, t->stack, &pa, NULL, &why) == KD_UNMAPPED)
		task_walk_fault(w, FAULT_STACK,
				"PID %" PRIu32 " (%#" PRIx64 "): its stack at %#" PRIx64 ": %s",
				t->pid, t->addr, t->stack, why.text);
}

void task_walk_stacks(struct task_walk *w)
{
	for (size_t i = 0; i < w->tasks->n; i++) {
		struct task *t = &w->tasks->list[i];

		if (!t->strayed)
			check_mapped(w, t);
		/* of one that runs the saved pointer is an old one, or none at all */
		if (t->strayed && (t->on_cpu || t->exit_state))
			t->strayed = false;
		if (t->strayed)
			settle(w, t);
	}
}
