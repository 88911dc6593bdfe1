/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Line tables: which source line code comes from (DWARF 5 section 6.2; versions 2
 * to 5). Made for a few look-ups in many tables: nothing is kept, memory is not
 * allocated, and a table is executed only for the address that is asked for. Where
 * several lines are given for one address, the one is taken that gdb takes.
 */
#ifndef KD_KERNEL_LINE_TABLE_H
#define KD_KERNEL_LINE_TABLE_H

#include "core/err.h"

/* Sections, borrowed; a missing one is NULL and 0. */
struct line_data {
	const uint8_t *line, *line_str, *str;
	size_t line_size, line_str_size, str_size; /* bytes */
};

struct line_place {
	uint64_t file; /* number in the table, for line_table_file() */
	unsigned line;
};

/*
 * The place of PC by the table at OFFSET in .debug_line. KD_NOTFOUND: the table
 * does not know it; KD_CORRUPT: it makes no sense up to there.
 */
int line_table_find(const struct line_data *d, uint64_t offset, vaddr_t pc, struct line_place *out,
		    struct kd_err *err);

/*
 * The name of a file, folder in front unless the name is absolute, into BUF.
 * KD_NOTFOUND: no such number; KD_CORRUPT; KD_UNSUPPORTED: it does not fit.
 */
int line_table_file(const struct line_data *d, uint64_t offset, uint64_t file, char *buf,
		    size_t size, struct kd_err *err);

#endif
