/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two stacks of one task, from two engines, side by side: they are each other's
 * test.
 */
#ifndef KD_KERNEL_STACK_DIFF_H
#define KD_KERNEL_STACK_DIFF_H

#include "kernel/stack.h"

struct kernel;

enum frame_match {
	FRAME_SAME,
	/*
	 * Only the second has it: a function that was left by a jump to the one below.
	 * gdb finds those in the debug information; that they are right is proven by the
	 * code: it was called from above, and ends in that jump.
	 */
	FRAME_TAIL,
	FRAME_DIFFERS,
};

/* Frames beside each other; -1: the stack has none here. */
struct frame_pair {
	int a, b;
	enum frame_match match;
	const char *what; /* differs: the first thing that does ("line"); else NULL */
};

struct stack_diff {
	struct frame_pair *pairs;
	size_t n;
	size_t same, tail, differ; /* pairs of each kind */
};

/*
 * Compare kind, pc, function and offset, module, file and line of frames, and the
 * registers that both know; B may have stopped at LIMIT frames (0: it has none).
 * After the first difference frames are paired by their number. KD_NOMEM.
 */
int stack_diff(const struct kernel *k, const struct stack *a, const struct stack *b, size_t limit,
	       struct stack_diff *out, struct kd_err *err);
void stack_diff_fini(struct stack_diff *d);

#endif
