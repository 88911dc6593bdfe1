/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * x86 page tables, whatever their depth (Intel SDM volume 3, chapter 4): 2 levels of
 * 4-byte entries (i386), 3 levels (PAE), 4 and 5 levels (x86_64) of 8-byte entries.
 */
#ifndef KD_X86_64_WALK_H
#define KD_X86_64_WALK_H

#include "core/space.h"

struct x86_level {
	uint8_t shift;	/* of the virtual address, to this level's index */
	uint8_t bits;	/* of the index */
	bool large;	/* an entry may map a page of 1 << shift bytes */
};

struct x86_paging {
	uint8_t entry_size;   /* bytes */
	uint8_t nlevels;
	struct x86_level level[5]; /* top first */
};

/* See space_translate(). */
int x86_walk(const struct space *s, const struct x86_paging *paging, vaddr_t va, paddr_t *pa,
	     uint64_t *run, struct kd_err *err);

/* See struct arch's walk. */
int x86_walk_steps(const struct space *s, const struct x86_paging *paging, vaddr_t va,
		   struct arch_walk *out, struct kd_err *err);

/* See struct arch's next_mapped: from FROM up to LAST. */
bool x86_next_mapped(const struct space *s, const struct x86_paging *p, vaddr_t from, vaddr_t last,
		     struct arch_mapping *out);

/* See struct arch's read_tables: of what is mapped from FROM on. */
size_t x86_read_tables(const struct space *s, const struct x86_paging *p, vaddr_t from, size_t max);

#endif
