/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressing pages for kdump-compressed files; decompress.h is the other way. */
#ifndef KD_CAPTURE_COMPRESS_H
#define KD_CAPTURE_COMPRESS_H

#include "core/decompress.h"

struct compress_method {
	enum page_compression how;
	int level; /* 0: the default, the fastest that is worth it; only zlib and zstd have levels */
};

/*
 * "zstd", "lzo", "zlib:6", "snappy", "none". KD_USAGE: no such one, or no such level.
 */
int compress_method_parse(const char *text, struct compress_method *out, struct kd_err *err);

/* One thread's. PAGE_SIZE: bytes of each page. */
struct compressor;
int compressor_new(const struct compress_method *m, size_t page_size, struct compressor **out,
		   struct kd_err *err);
void compressor_free(struct compressor *c);

/* Bytes that compress_page() may write for a page of that size. */
size_t compress_bound(size_t page_size);

/*
 * Compress a page. Returns the bytes in OUT, of compress_bound(), and in *flags how they
 * were compressed (enum page_compression): a page that does not get smaller is copied.
 */
size_t compress_page(struct compressor *c, const void *page, void *out, uint32_t *flags);

#endif
