/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page frames and their struct pages, in each memory model: one array for all memory
 * (flatmem, and sparsemem with a virtual one), or an array a section (sparsemem without;
 * mm/sparse.c). And what a page is used for, as far as its struct page says.
 */
#ifndef KD_KERNEL_PAGE_H
#define KD_KERNEL_PAGE_H

#include "core/err.h"

struct kernel;
struct objects;

/* The types that the functions below need, for objects_resolve(). */
#define PAGE_TYPES                                                                                 \
	"page", "mem_section", "address_space", "inode", "PG_slab", "PG_reserved", "PGTY_slab",    \
		"PGTY_buddy", "PGTY_table", "PGTY_guard", "PGTY_offline", "PGTY_hugetlb",          \
		"PGTY_large_kmalloc"

/* Where struct pages are. */
struct pages {
	const struct kernel *k;
	const struct objects *o;
	enum { PAGES_UNKNOWN, PAGES_ARRAY, PAGES_SECTIONS } model;
	vaddr_t base; /* PAGES_ARRAY: of frame 0 */

	/* PAGES_SECTIONS */
	vaddr_t table;	     /* of sections, or of pointers to tables of them */
	uint64_t tables;     /* entries of TABLE */
	uint64_t per_table;  /* sections behind each; 0: TABLE has the sections themselves */
	uint64_t entry, map; /* bytes of a section's entry, and where in it its array is */
	unsigned shift;	     /* page frames of a section, as a power of two */
};

enum page_kind {
	PAGE_UNKNOWN,
	PAGE_FREE,
	PAGE_SLAB,
	PAGE_LARGE_KMALLOC,
	PAGE_FILE,
	PAGE_ANON,
	PAGE_TABLE,
	PAGE_GUARD,
	PAGE_OFFLINE,
	PAGE_HUGETLB,
	PAGE_RESERVED,
};

struct page_info {
	pfn_t pfn;
	vaddr_t page;
	pfn_t head_pfn; /* of those that belong together; pfn where it stands alone */
	vaddr_t head;
	uint64_t flags; /* of PAGE itself */
	uint32_t refs, mapcount;
	enum page_kind kind;
	unsigned order;	      /* PAGE_FREE: of the free block, as a power of two */
	pfn_t block;	      /* PAGE_FREE: its first frame */
	vaddr_t inode;	      /* PAGE_FILE: whose page cache it is in; 0: not known */
	uint64_t file_offset; /* bytes */
};

/* What can not be found out leaves PAGES_UNKNOWN. K and O are borrowed. */
void pages_init(const struct kernel *k, const struct objects *o, struct pages *p);

/* The struct page of a frame; false: there is none. */
bool pages_of_pfn(const struct pages *p, pfn_t pfn, vaddr_t *page);

/* The frame whose struct page ADDR lies in; false: it lies in none. */
bool pages_find(const struct pages *p, vaddr_t addr, pfn_t *pfn);

/* All about a frame; false: its struct page is not there. */
bool page_read(const struct pages *p, pfn_t pfn, struct page_info *out);

#endif
