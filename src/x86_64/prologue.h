/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a compiled function does to the stack before its first branch, read from its
 * code: for the few functions that neither ORC nor a file describes
 * (STACK_FRAME_NON_STANDARD; __crash_kexec(), where the stack of every panic begins,
 * is one of them).
 */
#ifndef KD_X86_64_PROLOGUE_H
#define KD_X86_64_PROLOGUE_H

#include "core/cfi.h"

#define PROLOGUE_STEPS 10

struct prologue_step {
	uint32_t at;  /* bytes from the function's start: from here on ... */
	uint32_t cfa; /* ... the caller's stack pointer, before its call, is rsp + this */
	int8_t saved; /* DWARF number of a callee's register pushed at CFA - cfa; -1: none */
};

struct prologue {
	struct prologue_step steps[PROLOGUE_STEPS];
	size_t n;
};

/*
 * Read the LEN bytes of a function from its start. false: it has no frame of the kind
 * that is known here. Past the last step the frame stays as it is up to the function's
 * end, but for the few bytes before a return.
 */
bool prologue_read(const uint8_t *code, size_t len, struct prologue *out);

/* Write an FDE of CIE (a return address at CFA - 8) for it; false: nothing was written. */
bool prologue_describe(struct cfi *out, uint32_t cie, const struct code_view *code, vaddr_t start,
		       uint64_t size);

#endif
