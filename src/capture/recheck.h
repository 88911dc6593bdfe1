/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was written, opened again: is what it takes to understand the crash in it, as it was
 * in the source?
 */
#ifndef KD_CAPTURE_RECHECK_H
#define KD_CAPTURE_RECHECK_H

#include "core/err.h"

struct kernel;

struct recheck_item {
	const char *what; /* static: "tasks" */
	uint64_t was;	  /* how many of them the source has */
	uint64_t same;	  /* how many are the same in the output */
};

#define RECHECK_ITEMS 5

struct recheck {
	struct recheck_item items[RECHECK_ITEMS]; /* log, tasks, stacks, modules, pages of the image */
	size_t n;
};

/* Do all items agree? */
bool recheck_passed(const struct recheck *r);

/*
 * Compare the dump at PATH with K, of which it was made. Errors say why it does not open:
 * those of kernel_open().
 */
int recheck_run(const struct kernel *k, const char *path, struct recheck *out, struct kd_err *err);

#endif
