/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ORC tables: how the kernel itself unwinds on x86_64 (arch/x86/kernel/
 * unwind_orc.c, arch/x86/include/asm/orc_types.h). For each run of code one
 * entry says where the caller's stack pointer, rbp and return address are.
 *
 * The layout of entries has changed, and kernels before v6.4 do not say which
 * one they have. It is found from the table's own hash, where it has one
 * (.orc_header), or else from what the entries say; see orc.c.
 *
 * A table is a copy, immutable after open.
 */
#ifndef KD_X86_64_ORC_H
#define KD_X86_64_ORC_H

#include "core/cfi.h"

enum orc_type {
	ORC_UNKNOWN,	  /* no code, or code that objtool could not follow */
	ORC_END,	  /* nothing called this code: the stack ends here */
	ORC_CALL,	  /* stack pointer rule = the caller's, just before its call pushed */
	ORC_REGS,	  /* stack pointer rule = address of a struct pt_regs */
	ORC_REGS_PARTIAL, /* same, of its last five words: what hardware pushes */
};

enum orc_reg {
	ORC_REG_NONE,	 /* rbp is still the caller's */
	ORC_REG_PREV_SP, /* the value the stack pointer rule gave */
	ORC_REG_AX,
	ORC_REG_DX,
	ORC_REG_DI,
	ORC_REG_BP,
	ORC_REG_SP,
	ORC_REG_R10,
	ORC_REG_R13,
	ORC_REG_BP_INDIRECT, /* the word at rbp + offset */
	ORC_REG_SP_INDIRECT, /* the word at rsp, plus offset */
	ORC_REG_BAD,	     /* a number no kernel has used */
};

struct orc_entry {
	int16_t sp_offset, bp_offset; /* bytes; bp: where rbp is saved, from bp_reg */
	uint8_t sp_reg, bp_reg;	      /* enum orc_reg */
	uint8_t type;		      /* enum orc_type */
	bool signal;		      /* the frame this leads to was interrupted, not calling */
};

struct orc_format;

struct orc_table {
	const struct orc_format *format; /* static */
	vaddr_t ip_base;		 /* address of the first word of the address table */
	int32_t *ips;			 /* each relative to its own address */
	uint8_t *entries;		 /* packed, 6 bytes each */
	size_t n;
	size_t damaged; /* entries whose address was wrong: of the code there nothing is known */
};

/*
 * Read the kernel image's tables. KD_NOTFOUND: it has none (another unwinder);
 * KD_UNSUPPORTED: of a layout not known here; KD_CORRUPT: not in order, or how
 * the dump lacks them. What is damaged or missing in part is no failure, but told in *err:
 * the code it is about is ORC_UNKNOWN.
 */
int orc_table_open_kernel(struct orc_table *t, const struct code_view *code, struct kd_err *err);

/* Read those of a module; FORMAT is the kernel's. Errors as above. */
int orc_table_open_module(struct orc_table *t, const struct code_view *code,
			  const struct code_image *module, const struct orc_format *format,
			  struct kd_err *err);
void orc_table_fini(struct orc_table *t);

/* First address that entry I describes; it holds up to that of I + 1. I < t->n. */
vaddr_t orc_ip(const struct orc_table *t, size_t i);
struct orc_entry orc_at(const struct orc_table *t, size_t i);

/*
 * The entry for PC (of a calling frame, pass its pc - 1); false: PC is outside of
 * the table. O(log n).
 */
bool orc_find(const struct orc_table *t, vaddr_t pc, struct orc_entry *out);

#endif
