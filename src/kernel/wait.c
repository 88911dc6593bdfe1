// SPDX-License-Identifier: GPL-3.0-or-later
/* Where tasks wait: see wait.h. */
#include "kernel/wait.h"

#include "kernel/kernel.h"
#include "kernel/unwind.h"
#include "kernel/window.h"

struct waits {
	const struct kernel *k;
	const struct unwinder *u;
	struct windows *windows;
	vaddr_t start, end; /* of the scheduler's code */
	struct wait_place found;
	bool outside; /* found is a place outside of it */
};

static bool find_scheduler(const struct kernel *k, vaddr_t *start, vaddr_t *end)
{
	return kernel_symbol(k, "__sched_text_start", start) &&
	       kernel_symbol(k, "__sched_text_end", end);
}

int waits_new(const struct kernel *k, const struct unwinder *u, struct waits **out,
	      struct kd_err *err)
{
	_cleanup_(waits_freep) struct waits *w = calloc(1, sizeof(*w));

	if (!w)
		return kd_nomem(err);
	w->k = k;
	w->u = u;
	if (!find_scheduler(k, &w->start, &w->end))
		return kd_fail(err, KD_NOTFOUND,
			       "the kernel has no __sched_text_start: which functions are its "
			       "scheduler's is not known");
	w->windows = windows_new(&k->space);
	if (!w->windows)
		return kd_nomem(err);
	*out = w;
	w = NULL;
	return 0;
}

void waits_free(struct waits *w)
{
	if (!w)
		return;
	free(w->windows);
	free(w);
}

void waits_freep(struct waits **w)
{
	waits_free(*w);
}

/*
 * What only the scheduler calls is its own, wherever it lies: with PREEMPT_RT,
 * rt_mutex_schedule(). So the one that waits is the first outside that was called from
 * outside, or by nobody.
 */
static bool is_outside(void *data, vaddr_t pc, vaddr_t code)
{
	struct waits *w = data;

	if (code >= w->start && code < w->end) {
		w->outside = false;
		return false;
	}
	if (w->outside)
		return true;
	w->found = (struct wait_place){ pc, code };
	w->outside = true;
	return false;
}

bool waits_find(struct waits *w, const struct task *t, struct wait_place *out)
{
	/* a dead task waits for its parent alone, in no function */
	if (t->on_cpu || t->exit_state || task_state_letter(w->k, t) == 'R')
		return false;
	w->outside = false;
	unwinder_visit(w->u, w->windows, t, is_outside, w);
	*out = w->found;
	return w->outside;
}

/* Inlined functions count as the one they are in: their pc is that one's. */
const struct frame *wait_frame(const struct kernel *k, const struct stack *s)
{
	const struct frame *found = NULL;
	vaddr_t start, end;

	if (!find_scheduler(k, &start, &end))
		return NULL;
	for (size_t i = 0; i < s->nframes; i++) {
		const struct frame *f = &s->frames[i];
		/* a return address may be the first byte after its function */
		vaddr_t pc = f->pc - (i ? 1 : 0);

		if (f->kind == FRAME_USER)
			break;
		if (f->kind == FRAME_INLINE)
			continue;
		if (pc >= start && pc < end)
			found = NULL;
		else if (found)
			break;
		else
			found = f;
	}
	return found;
}
