/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who did it: the frame of the crashed task's stack that a person would look at
 * first, below the machinery that reports a crash, and what its instruction did.
 */
#ifndef KD_KERNEL_BLAME_H
#define KD_KERNEL_BLAME_H

#include "kernel/disasm.h"
#include "kernel/stack.h"

struct blame {
	const struct frame *frame; /* borrowed from the stack; NULL: none stands out */
	size_t number;		   /* in the stack */
	bool at_fault;		   /* its registers are those of the instruction that failed */
	struct regs regs;
	bool has_insn;
	struct insn insn;	/* at its pc */
	bool has_access;	/* the instruction's memory operand was computed: */
	vaddr_t address;	/* what it names */
	bool mapped;		/* the kernel has memory there */
};

/*
 * S is the stack of T. Never fails: what cannot be told is not in *out. An access is
 * only told where the frame is at fault.
 */
void blame_find(const struct kernel *k, const struct task *t, const struct stack *s,
		struct blame *out);

#endif
