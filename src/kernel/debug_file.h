/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The debug sections of a vmlinux or of a module's .ko file, in memory: uncompressed,
 * and those of a .ko relocated to where the module was loaded.
 */
#ifndef KD_KERNEL_DEBUG_FILE_H
#define KD_KERNEL_DEBUG_FILE_H

#include <libelf.h>

#include "core/err.h"

struct module;
struct debug_file;

/*
 * MODULE says where sections are (NULL: the file is a vmlinux); borrowed, must outlive.
 * KD_IO, KD_CORRUPT (no ELF file), KD_NOMEM.
 */
int debug_file_open(const char *path, const struct module *module, struct debug_file **out,
		    struct kd_err *err);
void debug_file_close(struct debug_file *f);

/*
 * A section by name, borrowed from F; relocated ones are copies made at each call.
 * 0 with *data NULL: the file has none. One thread only. KD_CORRUPT, KD_NOMEM.
 */
int debug_file_section(struct debug_file *f, const char *name, const uint8_t **data, size_t *size,
		       struct kd_err *err);

/*
 * Make all debug sections plain and relocated in the file as libelf has it, for libdw;
 * *out is borrowed from F. Not to be mixed with debug_file_section(). KD_NOTFOUND: there
 * is no .debug_info; KD_CORRUPT, KD_UNSUPPORTED, KD_NOMEM.
 */
int debug_file_elf(struct debug_file *f, Elf **out, struct kd_err *err);

#endif
