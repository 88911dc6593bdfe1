/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The DWARF of one file, for lines: vmlinux, or a module's debug file relocated to
 * where the module was loaded. Any number of threads may use it once it is open.
 */
#ifndef KD_KERNEL_LINE_FILE_H
#define KD_KERNEL_LINE_FILE_H

#include "kernel/dwarf.h"
#include "kernel/line_table.h"

struct kernel;
struct line_file;
struct module;

/*
 * M NULL: vmlinux. Both borrowed, must outlive. KD_NOTFOUND: it has no DWARF, or
 * there is no such file; KD_IO, KD_CORRUPT, KD_NOMEM.
 */
int line_file_open(const struct kernel *k, const struct module *m, struct line_file **out,
		   struct kd_err *err);
void line_file_close(struct line_file *f);

/* An address of the running kernel as this file's DWARF has it. */
uint64_t line_file_pc(const struct line_file *f, vaddr_t pc);

const struct line_data *line_file_data(const struct line_file *f);

/* Some code, and the function it is of. */
struct line_function {
	uint64_t start, end;
	uint64_t die; /* offset in .debug_info */
};

/* A compile unit and its functions; immutable. */
struct line_unit {
	struct dwarf_unit unit;
	struct line_function *functions; /* by start */
	size_t nfunctions;
};

/* The compile unit whose code PC (as the DWARF has it) is in, borrowed from F; NULL: none. */
const struct line_unit *line_file_unit(struct line_file *f, uint64_t pc);

/* The unit that an offset in .debug_info lies in, likewise. */
const struct line_unit *line_file_unit_of(struct line_file *f, uint64_t offset);

#endif
