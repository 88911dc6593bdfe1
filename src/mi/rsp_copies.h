/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies of module files that gdb can place: with all section addresses 0.
 *
 * gdb puts each section of a relocatable file where it is told to only when none
 * of them has an address; otherwise it moves all debug information by the offset
 * of .text, and functions of .init.text end up over those of .text
 * (default_symfile_offsets() and text_section_offset() in gdb 13). Modules linked
 * with a linker script that names no addresses, as with
 * __patchable_function_entries, have some.
 */
#ifndef KD_MI_RSP_COPIES_H
#define KD_MI_RSP_COPIES_H

#include "core/err.h"

struct rsp_copies;

/* Any number of threads may use one. Nothing is made before the first copy. */
int rsp_copies_new(struct rsp_copies **out, struct kd_err *err);
/* Remove the copies and their folder. */
void rsp_copies_free(struct rsp_copies *c);

/*
 * Copy the relocatable file PATH and say where the copy is; *copy is owned by the
 * caller. The copy has the file's name, in a private folder (0700). KD_IO,
 * KD_CORRUPT, KD_NOMEM; then nothing is left behind.
 */
int rsp_copies_add(struct rsp_copies *c, const char *path, char **copy, struct kd_err *err);

#endif
