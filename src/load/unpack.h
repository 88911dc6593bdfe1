/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files that are compressed, in memory. */
#ifndef KD_LOAD_UNPACK_H
#define KD_LOAD_UNPACK_H

#include "core/err.h"

/*
 * Unpack LEN bytes to at most about MOST, *out is the caller's, also on failure. KD_CORRUPT,
 * KD_UNSUPPORTED: more than MOST; KD_NOMEM. The sentence goes on from "FILE: ".
 */
int unpack_gzip(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
		struct kd_err *err);
int unpack_zstd(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
		struct kd_err *err);
/* In unpack_xz.c; in the static program it is KD_UNSUPPORTED. */
int unpack_xz(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
	      struct kd_err *err);

#endif
