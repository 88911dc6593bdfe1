/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frame rules of 32-bit x86 kernel code: what entry code leaves on the stack, and
 * functions with frame pointers. Private to this room; see cfi.c.
 */
#ifndef KD_I386_FRAMES_H
#define KD_I386_FRAMES_H

#include "core/cfi.h"
#include "core/fde.h"

/* DWARF register numbers (System V ABI, i386 supplement). */
enum {
	DW_EAX,
	DW_ECX,
	DW_EDX,
	DW_EBX,
	DW_ESP,
	DW_EBP,
	DW_ESI,
	DW_EDI,
	DW_EIP,
	DW_EFLAGS,
	DW_ES = 40,
	DW_CS,
	DW_SS,
	DW_DS,
	DW_FS,
};

/* struct pt_regs (arch/x86/include/uapi/asm/ptrace.h: ABI), bytes. */
enum {
	PT_DS = 0x1c,
	PT_ES = 0x20,
	PT_FS = 0x24,
	PT_GS = 0x28,
	PT_EIP = 0x30,
	PT_CS = 0x34,
	PT_EFLAGS = 0x38,
	PT_ESP = 0x3c,
	PT_SS = 0x40,
};

#define RPL_MASK 3u		  /* of cs: came from user mode */
#define CS_FROM_KERNEL (1u << 29) /* see saved_esp() */
#define EFLAGS_VM (1u << 17)	  /* from virtual 8086 mode: cs is no selector */

#define FRAMES_BY_HAND 32

struct frames {
	struct cfi *out;
	const struct code_view *code;
	uint32_t call, call_c, signal; /* CIEs: of assembly, compiled code, interrupted code */
	struct fde_table fdes;	       /* the kernel image's own */
	vaddr_t by_hand[FRAMES_BY_HAND]; /* starts of functions that are described already */
	size_t nby_hand;
};

/* A run of code and its bytes. */
#define CODE_MAX 4096

struct code {
	vaddr_t start;
	size_t len;  /* bytes */
	vaddr_t end; /* with what was left out */
	uint8_t bytes[CODE_MAX];
};

/* Fill C; code past CODE_MAX is left out. false: not readable, or empty. */
bool code_read(struct code *c, const struct frames *f, vaddr_t start, uint64_t size);

/* Do the bytes at I start like this? */
bool code_match(const struct code *c, size_t i, const uint8_t *pattern, size_t len);

/* Rules, for where the FDE being written has got to. */

/*
 * The frame has a struct pt_regs at REG + OFFSET. Members below FIRST are not there
 * (any more, or yet): their registers still have the values of what was interrupted.
 */
void frame_regs(struct frames *f, unsigned reg, int64_t offset, unsigned first);
/* The stack ends here. */
void frame_end(struct frames *f);

/* FDEs for all of C. */

/*
 * A function with a frame pointer, as compilers begin them, a part of one that was put
 * elsewhere, or a leaf without.
 */
void frame_function(struct frames *f, const struct code *c, uint32_t cie);

/* The same whose code is gone, so that only the frame pointer can be relied on. */
void frame_gone(struct frames *f, vaddr_t start, vaddr_t end, uint32_t cie);

/* entry.c: the section .entry.text, from START to END. */
void frame_entry_text(struct frames *f, vaddr_t start, vaddr_t end);

#endif
