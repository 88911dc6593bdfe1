/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the debug information of a stripped ELF file lies: by its build ID in
 * ROOT/.build-id/ab/cdef.debug, and by the name that its .gnu_debuglink section has,
 * beside it, in .debug/ beside it, and below the debug roots (GDB manual, "Debugging
 * Information in Separate Files").
 */
#ifndef KD_KERNEL_DEBUG_LINK_H
#define KD_KERNEL_DEBUG_LINK_H

#include <libelf.h>

#include "core/err.h"

struct build_id;

enum debug_fit {
	DEBUG_UNFIT,  /* another build's, or no debug information */
	DEBUG_UNSURE, /* it has no build ID: the link's checksum decides */
	DEBUG_FITS,
};

struct debug_link {
	Elf *elf; /* of the stripped file; NULL: build ID alone */
	const char *path;
	const struct build_id *id;     /* len 0: not known */
	const char *const *debug_dirs; /* roots ahead of /usr/lib/debug, NULL-terminated; or NULL */
	/* Is this file, which can be read, the one? */
	enum debug_fit (*fit)(void *data, const char *path);
	void *data;
	char tried[512]; /* out: what was looked at and not there */
};

/* The path of the file that fits; owned by the caller. NULL: there is none. */
char *debug_link_find(struct debug_link *l);

#endif
