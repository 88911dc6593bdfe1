/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges of physical memory, and lists of them. */
#ifndef KD_LOAD_RANGE_H
#define KD_LOAD_RANGE_H

#include "core/err.h"

enum range_kind {
	RANGE_RAM,
	RANGE_ACPI, /* ACPI tables, may be reclaimed */
	RANGE_NVS,  /* ACPI non-volatile storage */
	RANGE_RESERVED,
	RANGE_UNUSABLE,
	RANGE_PMEM, /* persistent memory */
	RANGE_PRAM, /* the same, legacy (type 12) */
	RANGE_SOFT_RESERVED,
};

/* [start, end); empty: start == end. */
struct range {
	paddr_t start, end;
	enum range_kind kind;
};

struct range_list {
	struct range *at; /* owned; ascending */
	size_t n, cap;
};

static inline uint64_t range_len(const struct range *r)
{
	return r->end - r->start;
}

/* Append; KD_NOMEM. An empty range is left out. */
int range_list_add(struct range_list *l, paddr_t start, paddr_t end, enum range_kind kind,
		   struct kd_err *err);
/* Sort, and join what touches or overlaps and is of one kind. */
void range_list_tidy(struct range_list *l);
/* Take [start, end) out of all; KD_NOMEM. */
int range_list_cut(struct range_list *l, paddr_t start, paddr_t end, struct kd_err *err);
void range_list_fini(struct range_list *l);

#endif
