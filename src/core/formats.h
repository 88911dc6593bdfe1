/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dump formats core/ knows: one ops table each, listed in dump.c; and what they share. */
#ifndef KD_CORE_FORMATS_H
#define KD_CORE_FORMATS_H

#include "core/dump.h"

extern const struct dump_ops dump_elf_ops;	/* ELF32, ELF64 core: elf_core.c */
extern const struct dump_ops dump_diskdump_ops; /* kdump-compressed, v1 to 6: diskdump.c */

/*
 * A dump over N opened files, whose format is not known yet: files are the dump's to close, ops
 * and all else the caller's to fill. For dump.c and raw.c.
 */
int dump_new(const char *const *paths, size_t n, struct dump **out, struct kd_err *err);

/* Open as ops says, then what is the same for all formats. */
int dump_open_as(struct dump *d, const struct dump_ops *ops, struct kd_err *err);

/* Add a sentence to the dump's remark. */
void dump_remark(struct dump *d, const char *fmt, ...) KD_PRINTF(2, 3);

/* Find VMCOREINFO among the notes, unless it is there; a dump without one is still a dump. */
int dump_take_vmcoreinfo(struct dump *d, struct kd_err *err);

/* Add to what the dump says about the kernel's mappings. KD_NOMEM. */
int dump_add_map(struct dump *d, struct dump_map map, struct kd_err *err);

/* Take the notes, maps and the format's own back out, so that another way may be tried. */
void dump_forget(struct dump *d);

#endif
