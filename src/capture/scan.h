/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Going over the pages of a dump: which are there and which are wanted, window by window;
 * reading them, each with a status of its own; what was lost.
 */
#ifndef KD_CAPTURE_SCAN_H
#define KD_CAPTURE_SCAN_H

#include <string.h>

#include "capture/select.h"

#define SCAN_WORDS (SELECT_WINDOW / 64)

struct scan_memory;

/* The window looked at last: bit I % 64 of word I / 64 stands for its page I. One thread's. */
struct scan {
	const struct select *select; /* borrowed */
	struct select_buffer *buffer;
	uint64_t window;	    /* number; UINT64_MAX: none */
	uint64_t held[SCAN_WORDS];  /* wanted */
	uint64_t ram[SCAN_WORDS];   /* there */
	uint64_t slab[SCAN_WORDS];
	uint32_t before[SCAN_WORDS + 1]; /* how many are wanted before each word */
	uint64_t counts[PAGE_KINDS];	 /* of each kind */
	uint8_t kinds[SELECT_WINDOW];	 /* of each page */
	struct scan_memory *memory;	 /* of windows looked at lately */
};

/* KD_NOMEM. */
int scan_new(const struct select *select, struct scan **out, struct kd_err *err);
void scan_free(struct scan *s);

void scan_look(struct scan *s, uint64_t window);

/*
 * The same without ram, counts and kinds, of which what is wanted and what is slab was remembered for
 * SCAN_MEMORY windows: a dump of so many GB is gone through once.
 */
#define SCAN_MEMORY 8
void scan_look_again(struct scan *s, uint64_t window);

/* Add the kinds of the window to counts of PAGE_KINDS elements. After scan_look(). */
void scan_count(const struct scan *s, uint64_t *kinds);

/* One above the last page frame of D. */
uint64_t scan_max_pfn(const struct dump *d, unsigned page_shift);

/*
 * Read N pages from page frame FIRST on. STATUS[i]: 0, or how page i is missing. RAM may end in
 * the middle of a page: the rest of it is zeros.
 */
void scan_read(const struct dump *d, unsigned page_shift, pfn_t first, size_t n, uint8_t *buf,
	       int *status);

/*
 * Which memory is zeros, or not there, by what the dump's file says, without reading it: holes.
 * One thread's; all zeros but for D is a new one.
 */
struct scan_holes {
	const struct dump *d;	 /* NULL: nothing is known */
	struct dump_range data;	 /* found last */
	paddr_t from;		 /* from there to it nothing is */
};

/* How many bytes from PA on, up to LEN, need no reading: 0 if there is data at PA. */
uint64_t scan_hole(struct scan_holes *h, paddr_t pa, uint64_t len);

static inline bool scan_is_zero(const uint8_t *p, size_t size)
{
	return !p[0] && !memcmp(p, p + 1, size - 1);
}

#endif
