/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DWARF, as far as finding the functions at an address needs it (versions 2 to 5):
 * units, debugging information entries (DIEs), their attributes and ranges. It reads
 * where it is asked and nothing else, which libdw, made for whole files, does not; all
 * in bytes that others own, so that any number of threads may.
 */
#ifndef KD_KERNEL_DWARF_H
#define KD_KERNEL_DWARF_H

#include "core/err.h"

struct dwarf_section {
	const uint8_t *data; /* NULL: the file has none */
	size_t size;	     /* bytes */
};

/* Sections of a file, borrowed. */
struct dwarf_data {
	struct dwarf_section info, abbrev, str, line_str, str_offsets, addr, ranges, rnglists;
};

struct dwarf_abbrev;

/* A compile unit; immutable after open. */
struct dwarf_unit {
	const struct dwarf_data *data;
	uint64_t offset, die, end; /* in .debug_info: of its header, of its first DIE */
	unsigned version, offset_size, addr_size;
	struct dwarf_abbrev *abbrevs; /* by code - 1; owned */
	size_t nabbrevs;
	uint64_t low_pc, addr_base, str_offsets_base, rnglists_base;
	uint64_t line_table; /* offset in .debug_line; UINT64_MAX: none */
};

/*
 * Open the unit whose header is at OFFSET. KD_NOTFOUND: it is no compile unit (or a
 * partial one), KD_CORRUPT, KD_NOMEM.
 */
int dw_unit_open(struct dwarf_unit *u, const struct dwarf_data *d, uint64_t offset,
		 struct kd_err *err);
void dw_unit_fini(struct dwarf_unit *u);

/* Where the unit after the one at OFFSET begins; false: there is none. */
bool dw_next_unit(const struct dwarf_data *d, uint64_t offset, uint64_t *next);

struct dwarf_die {
	const struct dwarf_unit *unit;
	const struct dwarf_abbrev *abbrev;
	uint64_t offset, attrs; /* in .debug_info */
};

unsigned dw_tag(const struct dwarf_die *d);

/* The DIE at OFFSET; false: none, as at the end of a list of children. */
bool dw_die_at(const struct dwarf_unit *u, uint64_t offset, struct dwarf_die *out);

/*
 * The first child, and the next sibling. Each lies behind the one before, so that any
 * walk ends.
 */
bool dw_child(const struct dwarf_die *parent, struct dwarf_die *out);
bool dw_sibling(const struct dwarf_die *d, struct dwarf_die *out);

/* An attribute that is a number or an offset; false: it has none such. */
bool dw_number(const struct dwarf_die *d, unsigned attribute, uint64_t *value);

/* One that is a string. NULL: none. */
const char *dw_text(const struct dwarf_die *d, unsigned attribute);

/* One that leads to another DIE: its offset in .debug_info. */
bool dw_reference(const struct dwarf_die *d, unsigned attribute, uint64_t *offset);

/* The code of a DIE, run by run. */
struct dwarf_ranges {
	const struct dwarf_unit *unit;
	uint64_t at, stop; /* in the section of ranges */
	uint64_t base, low, high;
	enum { DWARF_RANGES_NONE, DWARF_RANGES_ONE, DWARF_RANGES_OLD, DWARF_RANGES_LIST } kind;
};

void dw_ranges_start(struct dwarf_ranges *r, const struct dwarf_die *d);
bool dw_ranges_next(struct dwarf_ranges *r, uint64_t *low, uint64_t *high);

#endif
