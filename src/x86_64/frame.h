/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stack frames of both x86, 32 and 64 bits: struct pt_regs, frame pointers, and
 * what the bytes of code say where neither helps. How the kernel itself does it:
 * arch/x86/kernel/unwind_frame.c.
 */
#ifndef KD_X86_64_FRAME_H
#define KD_X86_64_FRAME_H

#include "core/unwind.h"

struct x86_pt_slot {
	uint8_t reg;	/* index into struct regs */
	uint8_t offset; /* in struct pt_regs, bytes */
};

struct x86_frames {
	uint8_t word;			 /* bytes */
	uint8_t pc, sp, bp, cs;		 /* indices into struct regs */
	const struct x86_pt_slot *slots; /* sp is not among them */
	uint8_t nslots;
	uint8_t pt_size; /* bytes */
	uint16_t kernel_cs;
	/*
	 * A frame pointer may be the address of a struct pt_regs in disguise
	 * (ENCODE_FRAME_POINTER, arch/x86/include/asm/frame.h); false: it is none.
	 */
	bool (*decode)(uint64_t bp, vaddr_t *regs);
	/* The stack pointer of what a struct pt_regs at AT interrupted; OUT has the rest. */
	int (*interrupted_sp)(const struct unwind_view *v, vaddr_t at, const struct regs *out,
			      uint64_t *sp, struct kd_err *err);
	/* May the kernel have made code here by itself (BPF, trampolines)? */
	bool (*generated)(const struct unwind_view *v, vaddr_t pc);
};

/* Registers from the struct pt_regs at AT; *regs is replaced. */
int x86_pt_regs(const struct x86_frames *f, const struct unwind_view *v, vaddr_t at,
		struct regs *regs, struct kd_err *err);

/* Where entry code is; zeros: not known. */
struct x86_entry {
	vaddr_t start, end;
};

void x86_find_entry(const struct code_view *code, struct x86_entry *out);

/* Leave code that no table describes; contract as struct arch's unwind. */
int x86_unwind_code(const struct x86_frames *f, const struct x86_entry *entry,
		    const struct unwind_view *v, struct regs *regs, struct unwind_step *step,
		    struct kd_err *err);

/* The same by the frame pointer alone: of generated code. */
int x86_unwind_bp(const struct x86_frames *f, const struct unwind_view *v, struct regs *regs,
		  struct unwind_step *step, struct kd_err *err);

/* Leave a frame whose pc is no code at all: somebody called or jumped there. */
int x86_unwind_bad_call(const struct x86_frames *f, const struct unwind_view *v, struct regs *regs,
			struct unwind_step *step, struct kd_err *err);

/* See struct arch's after_call. */
bool x86_after_call(const struct unwind_view *v, vaddr_t pc);

#endif
