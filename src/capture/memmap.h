/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's struct pages, found by VMCOREINFO: one array (FLATMEM) or one of each
 * section (SPARSEMEM, with or without EXTREME; include/linux/mmzone.h).
 */
#ifndef KD_CAPTURE_MEMMAP_H
#define KD_CAPTURE_MEMMAP_H

#include "core/space.h"

/* Immutable after open: any number of threads may read. */
struct memmap;

/* S is borrowed. KD_NOTFOUND: VMCOREINFO does not say where they are; KD_NOMEM. */
int memmap_open(const struct space *s, struct memmap **out, struct kd_err *err);
void memmap_close(struct memmap *m);

/* Bytes of a struct page. */
uint64_t memmap_page_size(const struct memmap *m);

/*
 * Read the struct pages of N page frames from PFN on into BUF; how many could be read
 * before the first that is missing.
 */
size_t memmap_read(const struct memmap *m, uint64_t pfn, size_t n, uint8_t *buf);

/*
 * FN is told of the memory that says where struct pages are: LEN bytes at START, of the array of
 * sections or their roots, then of each root.
 */
void memmap_tables(const struct memmap *m, void (*fn)(void *data, vaddr_t start, uint64_t len),
		   void *data);

/* PFN's struct page is missing: the next page frame it is worth to try. */
uint64_t memmap_next(const struct memmap *m, uint64_t pfn);

#endif
