/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the unwinder share. */
#ifndef KD_KERNEL_UNWIND_PRIV_H
#define KD_KERNEL_UNWIND_PRIV_H

#include "core/unwind.h"
#include "kernel/code.h"
#include "kernel/lines.h"
#include "kernel/unwind.h"
#include "kernel/window.h"

struct cpu_area {
	struct stack_area area;
	unsigned cpu, index; /* which of that CPU's */
};

struct unwinder {
	const struct kernel *k;
	struct kernel_code code;
	void *tables;	     /* the architecture's */
	struct lines *lines; /* NULL: none */
	struct code_area texts[2];
	size_t ntexts;
	uint64_t stack_size, page; /* bytes */
	struct cpu_area *areas;	   /* stacks of CPUs */
	size_t nareas;
	char *warning;
};

/* Where the walk stands: a frame that is not left yet. */
struct spot {
	struct regs regs;
	bool exact;
	enum frame_how how;
};

/* One stack being walked. */
struct walk {
	const struct unwinder *u;
	const struct task *t;
	struct windows *windows;
	struct unwind_view view; /* view.data is this struct */
	struct stack *out;
	struct kd_err *err; /* for what is a failure, not a finding */
	uint32_t left;	    /* stacks, as bits */
	unsigned switches;
	bool nomem;
};

/* What an architecture sees of a walk: its unwinder and its windows are used. */
void unwinder_view(struct walk *w, struct unwind_view *v);

bool unwinder_is_code(const struct unwinder *u, vaddr_t pc);

/* unwinder_stack() with memory windows of the caller's, which belong to one thread. */
int unwinder_walk(const struct unwinder *u, const struct task *t, struct windows *windows,
		  struct stack *out, struct kd_err *err);

#endif
