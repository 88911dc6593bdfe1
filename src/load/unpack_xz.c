// SPDX-License-Identifier: GPL-3.0-or-later
/* .ko.xz, with liblzma, which libdw needs anyhow: see unpack.h. */
#include <lzma.h>

#include "load/unpack.h"

#define FIRST (1u << 20)

int unpack_xz(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
	      struct kd_err *err)
{
	uint64_t memory = UINT64_C(256) << 20;

	for (size_t cap = FIRST; cap <= most; cap *= 2) {
		size_t from = 0, to = 0;
		lzma_ret code;

		free(*out);
		*out = malloc(cap);
		if (!*out)
			return kd_nomem(err);
		code = lzma_stream_buffer_decode(&memory, 0, NULL, in, &from, len, *out, &to, cap);
		*out_len = to;
		if (code == LZMA_OK)
			return 0;
		if (code == LZMA_MEM_ERROR || code == LZMA_MEMLIMIT_ERROR)
			return kd_nomem(err);
		if (code != LZMA_BUF_ERROR)
			break;
	}
	return kd_fail(err, KD_CORRUPT, "its xz stream is damaged");
}
