/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unwinding, as far as architectures differ in it: one step from a frame to the
 * one it was entered from. Who walks whole stacks, bounds them and names their
 * frames is kernel/unwind.
 */
#ifndef KD_CORE_UNWIND_H
#define KD_CORE_UNWIND_H

#include "core/cfi.h"
#include "core/regs.h"

/* What a step may look at. */
struct unwind_view {
	const struct code_view *code;
	const void *tables; /* from struct arch's unwind_open() */
	void *data;
	/* A pointer-sized word of memory. */
	int (*word)(void *data, vaddr_t va, uint64_t *value, struct kd_err *err);
	/* Is this an address in the code of the kernel image or of a module? */
	bool (*is_code)(void *data, vaddr_t pc);
	uint64_t stack_size; /* bytes, of a task's stack */
	vaddr_t stack_end;   /* of this task's; 0: not known */
};

enum unwind_how {
	UNWIND_BY_TABLE, /* what the kernel's or the compiler's tables say */
	UNWIND_BY_FRAME_POINTER,
	UNWIND_BY_CALL, /* the word that a call pushed: what was called is no code */
};

struct unwind_step {
	/*
	 * In and out: the frame's pc is where its code stood, not a return address
	 * behind a call.
	 */
	bool exact;
	bool entry; /* out: this is entry code; what it interrupted is in the registers now */
	bool end;   /* out: nothing called this frame, registers are untouched */
	enum unwind_how how;
};

/*
 * The hooks. Reading the tables: on success ERR may say what is not there or makes
 * no sense, frames are then left in a poorer way.
 *	int unwind_open(code, bare, tables, err)
 *
 * Leave the frame that REGS are of. On success they are its caller's;
 * what can not be known of those is unknown. Else they are untouched, and the text
 * says why: KD_NOTFOUND (nothing tells how to leave this code), KD_CORRUPT (what the
 * stack or the tables hold makes no sense), or how memory is missing.
 *	int unwind(view, regs, step, err)
 */

/* A stack that is not a task's: of interrupts, of exceptions. */
struct stack_area {
	char name[16]; /* "IRQ", "NMI", "#DF" */
	vaddr_t start;
	uint64_t size; /* bytes */
};

#define STACK_AREAS_MAX 12 /* of one CPU */

#endif
