/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes made smaller, as kernels unpack an initramfs. */
#ifndef KD_SETUP_PACK_H
#define KD_SETUP_PACK_H

#include "core/err.h"

/* *out is the caller's. KD_NOMEM. */
int pack_gzip(const uint8_t *in, size_t len, uint8_t **out, size_t *out_len, struct kd_err *err);
int pack_zstd(const uint8_t *in, size_t len, uint8_t **out, size_t *out_len, struct kd_err *err);

#endif
