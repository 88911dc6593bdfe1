// SPDX-License-Identifier: GPL-3.0-or-later
/* Where a task waits: see wait.h. */
#include "kernel/wait.h"

#include "kernel/kernel.h"

/* Inlined functions count as the one they are in: their pc is that one's. */
const struct frame *wait_frame(const struct kernel *k, const struct stack *s)
{
	vaddr_t start, end;

	if (!kernel_symbol(k, "__sched_text_start", &start) ||
	    !kernel_symbol(k, "__sched_text_end", &end))
		return NULL;
	for (size_t i = 0; i < s->nframes; i++) {
		const struct frame *f = &s->frames[i];
		/* a return address may be the first byte after its function */
		vaddr_t pc = f->pc - (i ? 1 : 0);

		if (f->kind == FRAME_USER)
			return NULL;
		if (f->kind != FRAME_INLINE && (pc < start || pc >= end))
			return f;
	}
	return NULL;
}
