/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names with a number each, in a hash table; several may be equal. For one thread. */
#ifndef KD_KERNEL_NAMES_H
#define KD_KERNEL_NAMES_H

#include "core/base.h"

#define NAMES_MAX (1u << 22) /* in a table */

/* Zeroed is empty; equal names stay in the order of addition. */
struct names {
	struct name {
		const char *name; /* borrowed; NULL: free */
		uint64_t value;
	} * slots;
	uint32_t mask, used;
};

/* false: full, or out of memory. */
bool names_add(struct names *t, const char *name, uint64_t value);

/* The next entry called NAME; *AT starts as types_hash(NAME) and steps. */
bool names_next(const struct names *t, const char *name, uint32_t *at, uint64_t *value);

void names_fini(struct names *t);

#endif
