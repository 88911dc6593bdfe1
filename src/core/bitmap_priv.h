/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bitmap and its rank directory share. */
#ifndef KD_CORE_BITMAP_PRIV_H
#define KD_CORE_BITMAP_PRIV_H

#include "core/bitmap.h"

/* 64 bits at P, the first as the lowest. */
uint64_t bitmap_word(const uint8_t *p);

/*
 * LEN bytes of the bitmap from bit FROM, a multiple of 8, with zeros for what is beyond its end
 * or not in the file. false: some of it is not in the file.
 */
bool bitmap_bytes(const struct bitmap *b, uint64_t from, uint8_t *buf, size_t len);

/* Set bits in LEN bytes, a multiple of 8. */
uint64_t bitmap_popcount(const uint8_t *p, size_t len);

#endif
