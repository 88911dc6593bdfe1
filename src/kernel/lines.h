/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From code to source: the line of an address and the functions inlined there, by
 * the DWARF of vmlinux and of the modules' debug files. One compile unit at a time,
 * each address once: answers are kept. Any number of threads may ask.
 */
#ifndef KD_KERNEL_LINES_H
#define KD_KERNEL_LINES_H

#include "core/err.h"

struct kernel;
struct lines;

struct line_frame {
	const char *function; /* NULL: it has no name */
	const char *file;     /* from the top of the source; NULL: not known */
	unsigned line;	      /* 0: not known */
};

/* What is at one address. Borrowed from struct lines. */
struct line_info {
	/*
	 * Innermost first: functions inlined into the next, then the one whose code
	 * this is. In assembly one without a name.
	 */
	struct line_frame *frames;
	size_t n;
};

/*
 * K is borrowed. Files are opened when first asked for; KD_NOTFOUND: no file of
 * this kernel has DWARF.
 */
int lines_open(const struct kernel *k, struct lines **out, struct kd_err *err);
void lines_close(struct lines *l);

/*
 * What stacks lack for want of the kernel image's DWARF, as a sentence, owned by the
 * caller; ALSO is added to the list. NULL: nothing, or out of memory.
 */
char *lines_lack(const struct kernel *k, const char *also);

/*
 * What is at PC (of a calling frame pass its pc - 1); NULL: nothing is known, or
 * out of memory.
 */
const struct line_info *lines_find(struct lines *l, vaddr_t pc);

#endif
