// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed pages: see decompress.h. */
#include "core/decompress.h"

#include <inttypes.h>
#include <lzo/lzo1x.h>
#include <pthread.h>
#include <snappy-c.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* Contexts of zstd that nobody uses: to make one takes twice as long as a page. */
#define SPARES 16

struct decompressor {
	pthread_mutex_t lock;
	ZSTD_DCtx *spare[SPARES];
	size_t nspare;
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
	while (d->nspare)
		ZSTD_freeDCtx(d->spare[--d->nspare]);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* A context for this thread alone; NULL: no memory. */
static ZSTD_DCtx *take_context(struct decompressor *d)
{
	ZSTD_DCtx *c;

	pthread_mutex_lock(&d->lock);
	c = d->nspare ? d->spare[--d->nspare] : NULL;
	pthread_mutex_unlock(&d->lock);
	return c ? c : ZSTD_createDCtx();
}

static void give_context(struct decompressor *d, ZSTD_DCtx *c)
{
	pthread_mutex_lock(&d->lock);
	if (d->nspare < SPARES) {
		d->spare[d->nspare++] = c;
		c = NULL;
	}
	pthread_mutex_unlock(&d->lock);
	ZSTD_freeDCtx(c);
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
	uLongf n = size;

	(void)d;
	return uncompress(out, &n, in, len) == Z_OK && n == size;
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
	ZSTD_DCtx *c = take_context(d);
	size_t n;

	if (!c)
		return false;
	n = ZSTD_decompressDCtx(c, out, size, in, len);
	give_context(d, c);
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
