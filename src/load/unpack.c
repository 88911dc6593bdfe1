// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed files: see unpack.h. */
#include "load/unpack.h"

#include <zlib.h>
#include <zstd.h>

/* Twice as much space for what is unpacked; KD_UNSUPPORTED: more than MOST. */
static int grow(uint8_t **out, size_t *cap, size_t most, struct kd_err *err)
{
	size_t more = *cap ? *cap * 2 : 1 << 18;
	uint8_t *p;

	if (more > most)
		return kd_fail(err, KD_UNSUPPORTED, "it is larger than %zu MiB", most >> 20);
	p = realloc(*out, more);
	if (!p)
		return kd_nomem(err);
	*out = p;
	*cap = more;
	return 0;
}

int unpack_gzip(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
		struct kd_err *err)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)len };
	size_t cap = 0;
	int code = Z_OK, ret = 0;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return kd_nomem(err);
	while (code == Z_OK && !ret) {
		if (z.total_out == cap)
			ret = grow(out, &cap, most, err);
		if (ret)
			break;
		z.next_out = *out + z.total_out;
		z.avail_out = (uInt)(cap - z.total_out);
		code = inflate(&z, Z_NO_FLUSH);
	}
	*out_len = z.total_out;
	inflateEnd(&z);
	if (!ret && code != Z_STREAM_END)
		return kd_fail(err, KD_CORRUPT, "its gzip stream is damaged");
	return ret;
}

int unpack_zstd(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
		struct kd_err *err)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer from = { .src = in, .size = len };
	ZSTD_outBuffer to = { 0 };
	size_t cap = 0, left = 1;
	int ret = z ? 0 : kd_nomem(err);

	while (!ret && left) {
		if (to.pos == cap)
			ret = grow(out, &cap, most, err);
		if (ret)
			break;
		to.dst = *out;
		to.size = cap;
		left = ZSTD_decompressStream(z, &to, &from);
		if (ZSTD_isError(left) || (left && from.pos == from.size && to.pos < to.size))
			ret = kd_fail(err, KD_CORRUPT, "its zstd stream is damaged");
	}
	*out_len = to.pos;
	ZSTD_freeDStream(z);
	return ret;
}
