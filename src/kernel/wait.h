/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where sleeping tasks wait, as get_wchan() and with it /proc/PID/wchan says it: the first place
 * of the stack outside of the code that the kernel marks as its scheduler's (__sched: waiting for
 * locks and completions is in it too). But what lies outside and is called from inside is the
 * scheduler's too, which get_wchan() does not see.
 */
#ifndef KD_KERNEL_WAIT_H
#define KD_KERNEL_WAIT_H

#include "kernel/stack.h"

struct kernel;
struct task;
struct unwinder;
struct waits;

/*
 * For the tasks of K, by its unwinder; both borrowed. For one thread. KD_NOTFOUND: the kernel
 * does not say where its scheduler is; KD_NOMEM. Owned: waits_free().
 */
int waits_new(const struct kernel *k, const struct unwinder *u, struct waits **out,
	      struct kd_err *err);
void waits_free(struct waits *w);
void waits_freep(struct waits **w);

struct wait_place {
	vaddr_t pc;   /* where it goes on when it is done waiting */
	vaddr_t code; /* in the code that waits: for its symbol and line */
};

/* false: T does not wait, or it can not be known. */
bool waits_find(struct waits *w, const struct task *t, struct wait_place *out);

/* The frame of S, a stack that is at hand, in which its task waits; NULL: there is none. */
const struct frame *wait_frame(const struct kernel *k, const struct stack *s);

#endif
