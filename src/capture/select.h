/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which pages of a dump are wanted: what each page of the crashed machine was, by the
 * kernel's own struct pages, and which kinds a dump level leaves out (as makedumpfile
 * numbers them).
 *
 * Everything is decided by VMCOREINFO: which numbers and offsets it has tells how this
 * kernel marks its pages. A kind that it does not let us recognise for sure is kept, and
 * named (include/linux/{mm_types,page-flags}.h, kernel/vmcore_info.c).
 */
#ifndef KD_CAPTURE_SELECT_H
#define KD_CAPTURE_SELECT_H

#include "core/space.h"

/* What a filter leaves out; bits of a dump level. */
enum dump_level {
	LEVEL_ZERO = 1,		 /* pages that hold zeros only (seen when they are read) */
	LEVEL_CACHE = 2,	 /* page cache without private data */
	LEVEL_CACHE_PRIVATE = 4, /* all of the page cache */
	LEVEL_USER = 8,		 /* memory of processes, huge pages */
	LEVEL_FREE = 16,
	LEVEL_ALL = 31,
};

enum page_kind {
	PAGE_ABSENT, /* no memory of the machine */
	PAGE_LEFT_OUT, /* the input has it left out */
	PAGE_OTHER,  /* the kernel's own: kept */
	PAGE_UNKNOWN, /* its struct page could not be read: kept */
	PAGE_SLAB,   /* kept */
	PAGE_CACHE,
	PAGE_CACHE_PRIVATE,
	PAGE_USER,
	PAGE_HUGETLB,
	PAGE_FREE,
	PAGE_UNACCEPTED, /* given by the hypervisor, never taken: touching it would fail */
	PAGE_POISON,	 /* broken memory: always left out */
	PAGE_OFFLINE,	 /* ballooned away or unplugged: always left out */
	PAGE_KINDS,
};

/* In a report: "page cache"; in JSON: "cache". */
const char *page_kind_words(enum page_kind kind);
const char *page_kind_key(enum page_kind kind);

/* Immutable after open: any number of threads may use it. */
struct select;

/*
 * Learn from the dump's VMCOREINFO how to tell its pages apart. S is the kernel's address
 * space, borrowed; NULL: nothing can be told, all is kept. LEVEL: see enum dump_level.
 * KD_NOMEM; KD_USAGE: no such level.
 */
int select_open(const struct dump *d, const struct space *s, unsigned level, struct select **out,
		struct kd_err *err);
void select_close(struct select *s);
void select_closep(struct select **s);

/*
 * Pages are told window by window: the largest page of an x86 machine has 1 GiB and is
 * aligned to that, so that no page belongs to one that began in another window.
 */
#define SELECT_WINDOW (UINT64_C(1) << 18) /* page frames */

/* One thread's memory for it. */
struct select_buffer;
struct select_buffer *select_buffer_new(void);
void select_buffer_free(struct select_buffer *b);

/*
 * The kinds of the window that begins at page frame FIRST (a multiple of SELECT_WINDOW):
 * KINDS has SELECT_WINDOW elements, of enum page_kind. Pages whose struct page is missing
 * are PAGE_UNKNOWN.
 */
void select_window(const struct select *s, uint64_t first, struct select_buffer *b,
		   uint8_t *kinds);

/* Does this level keep pages of that kind? */
bool select_keeps(const struct select *s, enum page_kind kind);

/*
 * What the kernel does not let us tell although the level asks for it, as sentences
 * ("free pages are kept: ..."); NULL past the end.
 */
const char *select_unknown(const struct select *s, size_t i);

#endif
