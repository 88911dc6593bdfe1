// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressing an initramfs: see pack.h. */
#include "setup/pack.h"

#include <zlib.h>
#include <zstd.h>

#include "capture/zstd_level.h"

#define ZSTD_LEVEL 19
/*
 * 2 ^ 20 bytes: the kernel's unpacker keeps a window of that size, in a machine that is short
 * of memory.
 */
#define ZSTD_WINDOW 20

int pack_gzip(const uint8_t *in, size_t len, uint8_t **out, size_t *out_len, struct kd_err *err)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)len };
	size_t cap;
	int code;

	if (len > UINT32_MAX / 2)
		return kd_fail(err, KD_UNSUPPORTED, "%zu MiB are too much for an initramfs",
			       len >> 20);
	if (deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return kd_nomem(err);
	cap = deflateBound(&z, len);
	*out = malloc(cap);
	z.next_out = *out;
	z.avail_out = (uInt)cap;
	code = *out ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
	*out_len = z.total_out;
	deflateEnd(&z);
	return code == Z_STREAM_END ? 0 : kd_nomem(err);
}

int pack_zstd(const uint8_t *in, size_t len, uint8_t **out, size_t *out_len, struct kd_err *err)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t cap = ZSTD_compressBound(len), n;

	*out = z ? malloc(cap) : NULL;
	if (!*out) {
		ZSTD_freeCCtx(z);
		return kd_nomem(err);
	}
	zstd_level_set(z, ZSTD_LEVEL);
	ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, ZSTD_WINDOW);
	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(z, *out, cap, in, len);
	ZSTD_freeCCtx(z);
	*out_len = n;
	return ZSTD_isError(n) ? kd_fail(err, KD_NOMEM, "zstd: %s", ZSTD_getErrorName(n)) : 0;
}
