/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The native engine's stacks: frames of any task out of the dump alone, by the
 * kernel's own tables, frame information or frame pointers (struct arch's unwind),
 * with source lines and inlined functions where there is DWARF.
 *
 * Everything read is bounded: a stack pointer must advance within its stack, each
 * stack is entered once, return addresses must be code. Where a stack breaks off,
 * what looks like return addresses in the rest of it is shown as a guess.
 */
#ifndef KD_KERNEL_UNWIND_H
#define KD_KERNEL_UNWIND_H

#include "kernel/kernel.h"
#include "kernel/stack.h"

/* Immutable after open: any number of threads may use it. */
struct unwinder;

enum unwinder_flags {
	UNWINDER_NO_LINES = 1, /* functions only, even with DWARF */
	UNWINDER_BARE = 2,     /* by frame pointers alone, without any tables */
};

/* K is borrowed. KD_UNSUPPORTED: no unwinder for this architecture; KD_NOMEM. */
int unwinder_open(const struct kernel *k, unsigned flags, struct unwinder **out,
		  struct kd_err *err);
void unwinder_close(struct unwinder *u);
void unwinder_closep(struct unwinder **u);

/* Why stacks are poorer than they could be, as a sentence; NULL: they are not. */
const char *unwinder_warning(const struct unwinder *u);

struct line_info;
struct stack_area;
struct windows;

/* What source is at PC (see lines_find()); NULL: not known. Any number of threads may ask. */
const struct line_info *unwinder_line(const struct unwinder *u, vaddr_t pc);

/*
 * The stack of a task; *out is the caller's: stack_fini(). A stack that breaks off
 * is no failure: out->stop says why. KD_NOMEM.
 */
int unwinder_stack(const struct unwinder *u, const struct task *t, struct stack *out,
		   struct kd_err *err);

/*
 * Go up the stack of a task without making frames of it: EACH gets the program counter of each
 * and an address in the code it is at (of a caller a byte less, as a call may be the last of a
 * function), and ends the walk by returning true. What is guessed, and what user space did, is
 * not visited. W is windows of the kernel's space: one thread. false: EACH never was content.
 */
bool unwinder_visit(const struct unwinder *u, struct windows *w, const struct task *t,
		    bool (*each)(void *data, vaddr_t pc, vaddr_t code), void *data);

/*
 * The stacks of N tasks, by THREADS threads (0: as many as there are CPUs). EACH is
 * called by the caller's thread in the order of TASKS; what it takes out of *s
 * (zeroing it) is its own, the rest is freed. Not 0 ends it, and is returned.
 */
int unwinder_all(const struct unwinder *u, const struct task *const *tasks, size_t n,
		 unsigned threads, int (*each)(void *data, size_t i, struct stack *s), void *data,
		 struct kd_err *err);

/* The stack of a CPU (not of a task) that ADDR lies in, and whose; NULL: it lies in none. */
const struct stack_area *unwinder_cpu_stack(const struct unwinder *u, vaddr_t addr, unsigned *cpu);

#endif
