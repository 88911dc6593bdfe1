/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The .debug_frame section of a vmlinux or of a module's .ko file (kernel/debug_file). */
#ifndef KD_KERNEL_FRAME_SECTION_H
#define KD_KERNEL_FRAME_SECTION_H

#include "core/err.h"

struct debug_file;
struct module;

struct frame_section {
	const uint8_t *data; /* NULL: the file has none */
	size_t size;	     /* bytes */
	struct debug_file *file;
};

/*
 * Read that of the file PATH; MODULE as in debug_file_open(). A file without one is no
 * failure. KD_IO, KD_CORRUPT, KD_NOMEM.
 */
int frame_section_open(struct frame_section *f, const char *path, const struct module *module,
		       struct kd_err *err);
void frame_section_close(struct frame_section *f);

#endif
