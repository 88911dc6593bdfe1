/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of a kdump-compressed file, as makedumpfile's diskdump_mod.h numbers their compressors. */
#ifndef KD_CORE_DECOMPRESS_H
#define KD_CORE_DECOMPRESS_H

#include "core/err.h"

enum page_compression {
	PAGE_RAW = 0,
	PAGE_ZLIB = 0x1,   /* RFC 1950 */
	PAGE_LZO = 0x2,	   /* lzo1x */
	PAGE_SNAPPY = 0x4, /* a raw block */
	PAGE_ZSTD = 0x20,  /* a frame a page */
};

/* The compressor's name; NULL: there is no such one. */
const char *page_compression_name(uint32_t flags);

/* What decompressing needs to keep from page to page. Any number of threads may use one. */
struct decompressor;

int decompressor_new(struct decompressor **out, struct kd_err *err); /* KD_NOMEM */
void decompressor_free(struct decompressor *d);

/*
 * Fill OUT, SIZE bytes, from LEN bytes at IN. KD_CORRUPT unless exactly SIZE bytes come out,
 * KD_UNSUPPORTED for FLAGS that are no compressor. The sentence goes on from "page N
 * is unreadable: ".
 */
int decompress_page(struct decompressor *d, uint32_t flags, const void *in, size_t len, void *out,
		    size_t size, struct kd_err *err);

#endif
