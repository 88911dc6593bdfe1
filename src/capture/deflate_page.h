/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deflate (RFC 1951) in zlib's envelope (RFC 1950) for single pages: what zlib makes at level 1,
 * no larger and in a third of the time, as nothing is kept for more than a page: tables are small
 * and are cleared cheaply, and there is one block.
 */
#ifndef KD_CAPTURE_DEFLATE_PAGE_H
#define KD_CAPTURE_DEFLATE_PAGE_H

#include <stddef.h>

#include "core/base.h"

#define DEFLATE_PAGE_MAX 32768u /* bytes; larger pages are for zlib itself */

/* One thread's. */
struct deflate_page;

/* NULL: no memory, or SIZE is above DEFLATE_PAGE_MAX. */
struct deflate_page *deflate_page_new(size_t size);
void deflate_page_free(struct deflate_page *d);

/*
 * Compress a page of the SIZE it was made for into OUT, which has room for SIZE + SIZE / 8 + 128
 * bytes. How many came of it: that may be more than SIZE.
 */
size_t deflate_page(struct deflate_page *d, const uint8_t *page, uint8_t *out);

#endif
