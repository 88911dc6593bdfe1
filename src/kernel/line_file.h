/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The DWARF of one file, for lines: vmlinux, or a module's debug file relocated to
 * where the module was loaded. One thread only.
 */
#ifndef KD_KERNEL_LINE_FILE_H
#define KD_KERNEL_LINE_FILE_H

#include <elfutils/libdw.h>

#include "core/err.h"

struct kernel;
struct line_data;
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
Dwarf_Addr line_file_pc(const struct line_file *f, vaddr_t pc);

/* The compile unit whose code PC (as the DWARF has it) is in; false: none. */
bool line_file_unit(struct line_file *f, Dwarf_Addr pc, Dwarf_Die *unit);

const struct line_data *line_file_data(const struct line_file *f);

#endif
