/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Instructions of the crashed kernel, as they lay in its memory (alternatives and
 * static calls patched in), decoded by capstone. Code that the dump left out is taken
 * from the vmlinux.
 */
#ifndef KD_KERNEL_DISASM_H
#define KD_KERNEL_DISASM_H

#include "kernel/kernel.h"

struct disasm;

/* A memory operand: base + index * scale + disp. */
struct insn_memory {
	int8_t base, index; /* register by the architecture's number; -1: none */
	uint8_t scale, size; /* size: bytes that are read or written; 0: none (lea) */
	bool segment;	     /* relative to a segment's base: a per-CPU variable */
	bool writes;
	int64_t disp;
};

struct insn {
	vaddr_t addr;
	uint8_t size; /* bytes */
	uint8_t bytes[16];
	char text[200];	  /* printable; ".byte 0x.." where there is no instruction */
	bool has_target;  /* it names an address: of a jump, of data */
	vaddr_t target;
	bool branches;	  /* a jump or a call */
	bool has_memory;
	struct insn_memory memory;
};

/* INTEL: that syntax, else AT&T's. K is borrowed. KD_NOMEM, KD_UNSUPPORTED. One thread only. */
int disasm_open(const struct kernel *k, bool intel, struct disasm **out, struct kd_err *err);
void disasm_close(struct disasm *d);
void disasm_closep(struct disasm **d);

/* Decode what lies at ADDR. Errors: those of space_read(). */
int disasm_at(struct disasm *d, vaddr_t addr, struct insn *out, struct kd_err *err);

/*
 * Where the COUNT instructions in front of ADDR begin, decoded from the start of its
 * function on, as far back as that start; ADDR itself if it is in none, or between two.
 */
vaddr_t disasm_before(struct disasm *d, vaddr_t addr, unsigned count);

#endif
