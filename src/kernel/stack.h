/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stack and its frames: the vocabulary both engines answer in (native and
 * gdb), and what reports and faces render.
 */
#ifndef KD_KERNEL_STACK_H
#define KD_KERNEL_STACK_H

#include "core/err.h"
#include "core/regs.h"

enum frame_kind {
	FRAME_NORMAL,
	FRAME_INLINE, /* inlined into the next frame that is not inline */
	FRAME_ENTRY,  /* entry code: an exception, interrupt or system call came in here;
			 regs are those it interrupted */
	FRAME_USER,   /* user mode: the end of every user task's stack */
};

enum frame_how {
	FRAME_HOW_REGS,	 /* from registers: the innermost frame */
	FRAME_HOW_CFI,	 /* by call frame information (DWARF or ORC) */
	FRAME_HOW_FP,	 /* by the frame pointer */
	FRAME_HOW_GUESS, /* a word on the stack that looks like a return address */
};

struct frame_var {
	char *name, *value; /* owned; value as gdb prints it, NULL: not available */
	char *type;	    /* owned; as C writes it; NULL: not known */
	bool is_arg;
};

struct frame {
	enum frame_kind kind;
	enum frame_how how;
	vaddr_t pc, sp;	     /* sp: 0 when not known */
	char *function;	     /* owned, NULL: unknown */
	uint64_t offset;     /* pc - start of the (containing) function's symbol */
	uint64_t size;	     /* of that symbol; 0: not known */
	char *module;	     /* owned, NULL: kernel image */
	char *file;	     /* owned, as the compiler wrote it; NULL: unknown */
	unsigned line;	     /* 0: unknown */
	struct regs regs;    /* of what a FRAME_ENTRY interrupted; none known otherwise */
	struct frame_var *vars; /* owned */
	size_t nvars;
	unsigned gdb_level;  /* gdb's number of this frame */
};

struct stack {
	struct frame *frames; /* innermost first */
	size_t nframes;
	char *stop; /* owned: why it ended where it did; NULL: it is whole */
};

#define STACK_FRAMES_MAX 1024 /* 16 KB of frames of 16 bytes; more is no stack, but a fault */

void frame_fini(struct frame *f);
/* Append a zeroed frame; NULL: out of memory. */
struct frame *stack_push(struct stack *s);
void stack_fini(struct stack *s);
/* Index of the first frame that is a guess, and with it all that follow; nframes: none is. */
size_t stack_first_guess(const struct stack *s);

/* "foo" and "foo.cold", "foo.isra.0": is SYMBOL the function, or a part the compiler split off? */
bool symbol_is_of(const char *symbol, const char *function);

/*
 * A source file's name from the top of the source. ROOT is what stands before
 * "init/main.c" in the name of that file, '/' at its end; NULL: nothing. Assembly
 * files, all below arch/, may carry another folder in front than C files do.
 * Returns a part of FILE; NULL: FILE is.
 */
const char *source_below(const char *root, const char *file);

#endif
