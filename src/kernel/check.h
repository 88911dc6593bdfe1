/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts that can be had in two ways are had in two ways: what was read from lists against what
 * the kernel counted, printed or left in notes. A difference is a finding; that they agree is what
 * makes the answers worth trusting.
 */
#ifndef KD_KERNEL_CHECK_H
#define KD_KERNEL_CHECK_H

#include "core/err.h"

struct info;
struct kernel;
struct log;

#define CHECKS_MAX 8

struct check {
	const char *what;   /* static: "tasks" */
	const char *source; /* static: where the other count is from, "nr_threads" */
	uint64_t found, other;
	bool agrees;
	char *finding; /* owned: how they differ, where what was read does not say it itself */
};

struct checks {
	struct check list[CHECKS_MAX];
	size_t n;
};

/*
 * Compare what there is to compare. L and I (both NULL: without) are the log and what info_read()
 * made of it. Never fails: what can not be compared is left out.
 */
void checks_read(const struct kernel *k, const struct log *l, const struct info *i,
		 struct checks *out);
void checks_fini(struct checks *c);

#endif
