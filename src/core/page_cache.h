/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decompressed pages of a dump, the recently used ones. Bounded: it never holds more than it was
 * made for. Any number of threads may use it: pages are spread over shards with a lock each,
 * which is held for a copy, never while a page is decompressed.
 */
#ifndef KD_CORE_PAGE_CACHE_H
#define KD_CORE_PAGE_CACHE_H

#include "core/err.h"

struct page_cache;

/* Up to PAGES pages of PAGE_SIZE bytes. KD_NOMEM. */
int page_cache_new(size_t page_size, size_t pages, struct page_cache **out, struct kd_err *err);
void page_cache_free(struct page_cache *c);

/*
 * Copy LEN bytes at OFF of page PFN, which lie inside the page. false: it is not here, and it is
 * the caller's to bring: page_cache_give() has to follow. Who asks for it meanwhile waits, so
 * that no page is decompressed by several threads at once.
 */
bool page_cache_read(struct page_cache *c, pfn_t pfn, size_t off, void *buf, size_t len);

/*
 * Take PAGE (of malloc(), owned by the cache from now on); another one may have to go for it.
 * NULL: it can not be had, or is not worth a place; who waits for it gets to try.
 */
void page_cache_give(struct page_cache *c, pfn_t pfn, uint8_t *page);

#endif
