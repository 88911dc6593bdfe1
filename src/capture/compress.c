// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressing pages: see compress.h. */
#include "capture/compress.h"

#include <libdeflate.h>
#include <lzo/lzo1x.h>
#include <snappy-c.h>
#include <string.h>
#include <zstd.h>

#include "capture/zstd_level.h"

/*
 * Of a dump's pages level 1 makes 5 % more than 2 in 70 % of the time; zlib's level 1 takes twice
 * the time of 2, as it clears 64 KB of tables for each page, and makes no less.
 */
#define DEFLATE_LEVEL 2

struct compressor {
	struct compress_method m;
	size_t page_size;
	struct libdeflate_compressor *deflate;
	ZSTD_CCtx *zstd;
	void *lzo; /* its work memory */
};

static const struct {
	const char *name;
	enum page_compression how;
	int most; /* level; 0: it has none */
} methods[] = {
	{ "none", PAGE_RAW, 0 },    { "zlib", PAGE_ZLIB, 9 },  { "lzo", PAGE_LZO, 0 },
	{ "snappy", PAGE_SNAPPY, 0 }, { "zstd", PAGE_ZSTD, 19 },
};

int compress_method_parse(const char *text, struct compress_method *out, struct kd_err *err)
{
	size_t len = strcspn(text, ":");
	char *end;

	for (size_t i = 0; i < KD_ARRAY_SIZE(methods); i++) {
		long level;

		if (strncmp(text, methods[i].name, len) || methods[i].name[len])
			continue;
		*out = (struct compress_method){ .how = methods[i].how };
		if (!text[len])
			return 0;
		level = strtol(text + len + 1, &end, 10);
		if (!text[len + 1] || *end || level < 1 || level > methods[i].most)
			return kd_fail(err, KD_USAGE, "\"%s\": %s has %s", text, methods[i].name,
				       methods[i].most == 9	? "levels 1 to 9"
				       : methods[i].most ? "levels 1 to 19"
							 : "no levels");
		out->level = (int)level;
		return 0;
	}
	return kd_fail(err, KD_USAGE, "\"%s\" is no compression: it is zstd, lzo, zlib, snappy or "
		       "none, zstd and zlib with :LEVEL", text);
}

static bool prepare(struct compressor *c)
{
	switch (c->m.how) {
	case PAGE_ZLIB:
		c->deflate = libdeflate_alloc_compressor(c->m.level ? c->m.level : DEFLATE_LEVEL);
		return c->deflate != NULL;
	case PAGE_ZSTD:
		c->zstd = ZSTD_createCCtx();
		return c->zstd && zstd_level_set(c->zstd, c->m.level ? c->m.level : 1);
	case PAGE_LZO:
		c->lzo = malloc(LZO1X_1_MEM_COMPRESS);
		return c->lzo && lzo_init() == LZO_E_OK;
	default:
		return true;
	}
}

int compressor_new(const struct compress_method *m, size_t page_size, struct compressor **out,
		   struct kd_err *err)
{
	struct compressor *c = calloc(1, sizeof(*c));

	if (!c)
		return kd_nomem(err);
	c->m = *m;
	c->page_size = page_size;
	if (!prepare(c)) {
		compressor_free(c);
		return kd_nomem(err);
	}
	*out = c;
	return 0;
}

void compressor_free(struct compressor *c)
{
	if (!c)
		return;
	libdeflate_free_compressor(c->deflate);
	ZSTD_freeCCtx(c->zstd);
	free(c->lzo);
	free(c);
}

size_t compress_bound(size_t page_size)
{
	/* The worst of all: lzo's, by its documentation, and snappy's; the others are told what there is. */
	return page_size + page_size / 6 + 128;
}

static size_t run_zlib(struct compressor *c, const void *page, void *out)
{
	size_t len = libdeflate_zlib_compress(c->deflate, page, c->page_size, out,
					      compress_bound(c->page_size));

	return len ? len : c->page_size;
}

static size_t run_lzo(struct compressor *c, const void *page, void *out)
{
	lzo_uint len = compress_bound(c->page_size);

	if (lzo1x_1_compress(page, c->page_size, out, &len, c->lzo) != LZO_E_OK)
		return c->page_size;
	return len;
}

static size_t run_snappy(struct compressor *c, const void *page, void *out)
{
	size_t len = compress_bound(c->page_size);

	if (snappy_compress(page, c->page_size, out, &len) != SNAPPY_OK)
		return c->page_size;
	return len;
}

static size_t run_zstd(struct compressor *c, const void *page, void *out)
{
	size_t len = ZSTD_compress2(c->zstd, out, compress_bound(c->page_size), page, c->page_size);

	return ZSTD_isError(len) ? c->page_size : len;
}

size_t compress_page(struct compressor *c, const void *page, void *out, uint32_t *flags)
{
	size_t len = c->page_size;

	switch (c->m.how) {
	case PAGE_ZLIB:
		len = run_zlib(c, page, out);
		break;
	case PAGE_LZO:
		len = run_lzo(c, page, out);
		break;
	case PAGE_SNAPPY:
		len = run_snappy(c, page, out);
		break;
	case PAGE_ZSTD:
		len = run_zstd(c, page, out);
		break;
	case PAGE_RAW:
		break;
	}
	*flags = c->m.how;
	if (len < c->page_size)
		return len;
	memcpy(out, page, c->page_size);
	*flags = PAGE_RAW;
	return c->page_size;
}
