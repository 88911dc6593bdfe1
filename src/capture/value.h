/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is worth most: the pages that must be written first, in case that the rest never is. */
#ifndef KD_CAPTURE_VALUE_H
#define KD_CAPTURE_VALUE_H

#include "core/err.h"

enum value_tier {
	VALUE_LOG,    /* the kernel log, and what it takes to find it */
	VALUE_PANIC,  /* the crashed task: its stack, what its registers point to */
	VALUE_TABLES, /* page tables, memory sections, PIDs: see value_roots.h */
	VALUE_STACKS, /* the stacks and task_structs of all tasks */
	VALUE_PERCPU,
	VALUE_DATA,  /* the kernel's and its modules', and what it points to */
	VALUE_IMAGE, /* their code */
	VALUE_SLAB,
	VALUE_REST,
	VALUE_TIERS,
};

const char *value_tier_words(enum value_tier tier);

/* Page frames [first, first + n). */
struct value_run {
	pfn_t first;
	uint64_t n;
	enum value_tier tier;
};

/* Runs of all tiers but the last: sorted by tier, then by page frame; disjoint. */
struct value {
	struct value_run *runs; /* owned */
	size_t n;
};

struct kernel;
struct page_trace;

/*
 * Find them. K was opened alone and with TRACE, whose purpose is then VALUE_LOG: what was
 * read to open it is what a reader of the output will need first. The rest is found by
 * reading it: the log, the stacks with the page tables that lead there, per-CPU areas,
 * the image. KD_NOMEM; KD_CANCELLED.
 */
int value_find(const struct kernel *k, struct page_trace *trace, struct value *out,
	       struct kd_err *err);
void value_fini(struct value *v);

#endif
