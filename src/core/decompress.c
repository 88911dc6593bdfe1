// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed pages: see decompress.h. */
#include "core/decompress.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <lzo/lzo1x.h>
#include <pthread.h>
#include <snappy-c.h>
#include <string.h>
#include <zstd.h>

#define SPARES 16

/* Contexts that nobody uses: to make one takes longer than a page. */
struct spares {
	void *at[SPARES];
	size_t n;
};

struct decompressor {
	pthread_mutex_t lock;
	struct spares zstd, deflate;
};

int decompressor_new(struct decompressor **out, struct kd_err *err)
{
	struct decompressor *d = calloc(1, sizeof(*d));

	if (!d)
		return kd_nomem(err);
	pthread_mutex_init(&d->lock, NULL);
	*out = d;
	return 0;
}

void decompressor_free(struct decompressor *d)
{
	if (!d)
		return;
	while (d->zstd.n)
		ZSTD_freeDCtx(d->zstd.at[--d->zstd.n]);
	while (d->deflate.n)
		libdeflate_free_decompressor(d->deflate.at[--d->deflate.n]);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* A context for this thread alone; NULL: there is none. */
static void *take(struct decompressor *d, struct spares *s)
{
	void *c;

	pthread_mutex_lock(&d->lock);
	c = s->n ? s->at[--s->n] : NULL;
	pthread_mutex_unlock(&d->lock);
	return c;
}

/* false: there are enough. */
static bool give(struct decompressor *d, struct spares *s, void *c)
{
	bool taken;

	pthread_mutex_lock(&d->lock);
	taken = s->n < SPARES;
	if (taken)
		s->at[s->n++] = c;
	pthread_mutex_unlock(&d->lock);
	return taken;
}

/* Each: true when exactly SIZE bytes came out. None writes beyond SIZE, whatever the input. */

static bool raw(struct decompressor *d, const void *in, size_t len, void *out, size_t size)
{
	(void)d;
	if (len != size)
		return false;
	memcpy(out, in, size);
	return true;
}

static bool from_zlib(struct decompressor *d, const void *in, size_t len, void *out, size_t size)
{
	struct libdeflate_decompressor *c = take(d, &d->deflate);
	enum libdeflate_result r;

	if (!c)
		c = libdeflate_alloc_decompressor();
	if (!c)
		return false;
	r = libdeflate_zlib_decompress(c, in, len, out, size, NULL);
	if (!give(d, &d->deflate, c))
		libdeflate_free_decompressor(c);
	return r == LIBDEFLATE_SUCCESS;
}

static bool from_lzo(struct decompressor *d, const void *in, size_t len, void *out, size_t size)
{
	lzo_uint n = size;

	(void)d;
	return lzo1x_decompress_safe(in, len, out, &n, NULL) == LZO_E_OK && n == size;
}

static bool from_snappy(struct decompressor *d, const void *in, size_t len, void *out, size_t size)
{
	size_t n = size;

	(void)d;
	return snappy_uncompress(in, len, out, &n) == SNAPPY_OK && n == size;
}

static bool from_zstd(struct decompressor *d, const void *in, size_t len, void *out, size_t size)
{
	ZSTD_DCtx *c = take(d, &d->zstd);
	size_t n;

	if (!c)
		c = ZSTD_createDCtx();
	if (!c)
		return false;
	n = ZSTD_decompressDCtx(c, out, size, in, len);
	if (!give(d, &d->zstd, c))
		ZSTD_freeDCtx(c);
	return n == size;
}

static const struct compressor {
	uint32_t flag;
	const char *name;
	bool (*decompress)(struct decompressor *d, const void *in, size_t len, void *out,
			   size_t size);
} compressors[] = {
	{ PAGE_RAW, "uncompressed", raw }, { PAGE_ZLIB, "zlib", from_zlib },
	{ PAGE_LZO, "lzo", from_lzo },	   { PAGE_SNAPPY, "snappy", from_snappy },
	{ PAGE_ZSTD, "zstd", from_zstd },
};

static const struct compressor *find(uint32_t flags)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(compressors); i++)
		if (compressors[i].flag == flags)
			return &compressors[i];
	return NULL;
}

const char *page_compression_name(uint32_t flags)
{
	const struct compressor *c = find(flags);

	return c ? c->name : NULL;
}

int decompress_page(struct decompressor *d, uint32_t flags, const void *in, size_t len, void *out,
		    size_t size, struct kd_err *err)
{
	const struct compressor *c = find(flags);

	if (!c)
		return kd_fail(err, KD_UNSUPPORTED,
			       "compressed in a way not known here (%#" PRIx32 ")", flags);
	if (c->decompress(d, in, len, out, size))
		return 0;
	return kd_fail(err, KD_CORRUPT, "its %zu bytes of %s data do not give a page of %zu bytes",
		       len, c->name, size);
}
