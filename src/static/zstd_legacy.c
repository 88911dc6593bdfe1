// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libzstd reads what its versions 0.5 to 0.7 wrote, of 2016: 80 KB. No dump and no kernel was ever
 * compressed by them, but a damaged page may look as if. These take their place: there is no
 * context for such a frame, its size is an error. Weak, and of the types in libzstd's own headers
 * for them, which are not installed (lib/legacy/zstd_v05.h and the like).
 */
#include <stddef.h>

/* How libzstd says that something went wrong, whatever it is. */
#define FAILED ((size_t)-1)
/* ZSTD_CONTENTSIZE_ERROR */
#define NO_SIZE (0ULL - 2)

static void *no_context(void)
{
	return NULL;
}

static size_t fail(void)
{
	return FAILED;
}

static void no_frame(const void *src, size_t len, size_t *compressed, unsigned long long *bound)
{
	(void)src;
	(void)len;
	*compressed = FAILED;
	*bound = NO_SIZE;
}

#define NO_CONTEXT(f) void *f(void) __attribute__((weak, alias("no_context")));
#define FAIL(f) size_t f(void) __attribute__((weak, alias("fail")));
#define NO_FRAME(f) \
	void f(const void *src, size_t len, size_t *compressed, unsigned long long *bound) \
		__attribute__((weak, alias("no_frame")));

#define VERSION(v) \
	NO_CONTEXT(ZSTDv##v##_createDCtx) \
	FAIL(ZSTDv##v##_freeDCtx) \
	FAIL(ZSTDv##v##_getFrameParams) \
	FAIL(ZSTDv##v##_decompress_usingDict) \
	NO_FRAME(ZSTDv##v##_findFrameSizeInfoLegacy) \
	NO_CONTEXT(ZBUFFv##v##_createDCtx) \
	FAIL(ZBUFFv##v##_freeDCtx) \
	FAIL(ZBUFFv##v##_decompressInitDictionary) \
	FAIL(ZBUFFv##v##_decompressContinue)

VERSION(05)
VERSION(06)
VERSION(07)
