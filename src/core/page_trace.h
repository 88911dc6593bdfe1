/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which pages of a dump were read, and during what: so that what reads a dump tells, by
 * reading, what another reader of it will need.
 */
#ifndef KD_CORE_PAGE_TRACE_H
#define KD_CORE_PAGE_TRACE_H

#include "core/err.h"

#define PAGE_TRACE_MAX (1u << 19) /* pages remembered: 2 GB of 4 KB pages in 8 MB */

struct page_trace;

/* SHIFT: of a page. Any number of threads may add. KD_NOMEM. */
int page_trace_new(unsigned shift, struct page_trace **out, struct kd_err *err);
void page_trace_free(struct page_trace *t);

/* What is read from now on is read for PURPOSE, a number of the caller's below 256. */
void page_trace_purpose(struct page_trace *t, unsigned purpose);

/* LEN bytes at PA were read. A page that is known keeps its first purpose. */
void page_trace_add(struct page_trace *t, paddr_t pa, size_t len);

struct traced_page {
	pfn_t pfn;
	unsigned purpose;
};

/*
 * All of them, by purpose, then by page frame; owned by the caller. KD_NOMEM. Once nobody
 * adds any more.
 */
int page_trace_list(const struct page_trace *t, struct traced_page **out, size_t *n,
		    struct kd_err *err);

#endif
