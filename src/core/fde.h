/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a .debug_frame section (DWARF 5 section 6.4, 32-bit form): which code
 * it covers, and by which rules a frame of that code is left. Writing one is
 * core/cfi.h. A table is immutable after fde_table_open(); it borrows the section.
 */
#ifndef KD_CORE_FDE_H
#define KD_CORE_FDE_H

#include "core/err.h"

struct fde {
	vaddr_t start, end;
	uint32_t entry; /* offsets in the section: of it, of its CIE */
	uint32_t cie;
};

struct fde_table {
	const uint8_t *data;
	size_t size;	    /* bytes */
	unsigned addr_size; /* bytes */
	struct fde *list;   /* sorted by start */
	size_t n;
};

/*
 * Index the section; BIAS is added to addresses in it (wraps). Entries that are
 * damaged or of an unknown kind are passed over; KD_NOMEM is the only failure.
 */
int fde_table_open(struct fde_table *t, const uint8_t *data, size_t size, unsigned addr_size,
		   uint64_t bias, struct kd_err *err);
void fde_table_fini(struct fde_table *t);

/* The first FDE that holds PC, or NULL. O(log n). */
const struct fde *fde_table_find(const struct fde_table *t, vaddr_t pc);

/*
 * The same in a section without an index, for a single look-up. *t then serves
 * fde_walk_*(); it needs no fini. false: none.
 */
bool fde_section_find(struct fde_table *t, const uint8_t *data, size_t size, unsigned addr_size,
		      uint64_t bias, vaddr_t pc, struct fde *out);

enum fde_rule_kind {
	FDE_UNSPECIFIED,
	FDE_UNDEFINED,
	FDE_SAME,
	FDE_OFFSET,	    /* saved at CFA + n */
	FDE_VAL_OFFSET,	    /* is CFA + n */
	FDE_REGISTER,	    /* is in register n */
	FDE_EXPRESSION,	    /* saved at the result of block */
	FDE_VAL_EXPRESSION, /* is the result of block */
};

struct fde_rule {
	uint8_t kind;
	uint16_t len; /* of the block, bytes */
	int32_t n;
	uint32_t block; /* offset in the section */
};

#define FDE_REGS 17   /* x86_64's integer registers and return address */
#define FDE_MORE_AT 40 /* flags and segment registers of both x86; others are not kept */
#define FDE_MORE 16

struct fde_row {
	struct fde_rule cfa; /* FDE_OFFSET: register cfa_reg + n; FDE_EXPRESSION: block */
	unsigned cfa_reg;
	struct fde_rule regs[FDE_REGS];
	struct fde_rule more[FDE_MORE];
};

/* The rule for a register by its DWARF number; NULL: rules for it are not kept. */
const struct fde_rule *fde_row_rule(const struct fde_row *row, uint64_t reg);

#define FDE_STATES 8 /* nesting of DW_CFA_remember_state; compilers need 1 or 2 */

/* A walk over the rows of one FDE. */
struct fde_walk {
	const struct fde_table *table;
	vaddr_t start, end; /* code that row describes */
	struct fde_row row;
	unsigned ra; /* DWARF number of the return address */
	bool signal; /* frames interrupted, not called: their pc is exact */

	size_t at, stop; /* instructions left, offsets in the section */
	vaddr_t fde_end;
	uint64_t code_align;
	int64_t data_align;
	struct fde_row initial, states[FDE_STATES];
	unsigned nstates;
};

/*
 * Start at the FDE's first row and step to the next non-empty one. false: no
 * (further) row, or instructions that are damaged or not known here.
 */
bool fde_walk_start(struct fde_walk *w, const struct fde_table *t, const struct fde *f);
bool fde_walk_next(struct fde_walk *w);

/* Walk to the row for PC, which F holds. */
bool fde_walk_to(struct fde_walk *w, const struct fde_table *t, const struct fde *f, vaddr_t pc);

#endif
