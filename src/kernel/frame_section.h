/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The .debug_frame section of a vmlinux or of a module's .ko file, in memory:
 * uncompressed, and for a .ko relocated to where the module was loaded.
 */
#ifndef KD_KERNEL_FRAME_SECTION_H
#define KD_KERNEL_FRAME_SECTION_H

#include <libelf.h>

#include "core/err.h"

struct module;

struct frame_section {
	const uint8_t *data; /* NULL: the file has none */
	size_t size;	     /* bytes */
	Elf *elf;	     /* data lives in it, unless copy does */
	uint8_t *copy;
	int fd;
};

#define FRAME_SECTION_INIT ((struct frame_section){ .fd = -1 })

/*
 * Read that of the file PATH. MODULE says where sections are (NULL: the file is a
 * vmlinux). A file without one is no failure. KD_IO, KD_CORRUPT, KD_NOMEM.
 */
int frame_section_open(struct frame_section *f, const char *path, const struct module *module,
		       struct kd_err *err);
void frame_section_close(struct frame_section *f);

#endif
