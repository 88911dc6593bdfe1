/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a sleeping task waits, as get_wchan() says it: the first frame outside the scheduler. */
#ifndef KD_KERNEL_WAIT_H
#define KD_KERNEL_WAIT_H

#include "kernel/stack.h"

struct kernel;

/*
 * The first frame of S that lies in no code the kernel marks as its scheduler's
 * (__sched: locks and completions too); NULL: there is none, or S is empty.
 */
const struct frame *wait_frame(const struct kernel *k, const struct stack *s);

#endif
