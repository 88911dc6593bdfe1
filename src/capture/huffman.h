/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefix codes of least length for deflate, with a limit to how long a code gets (RFC 1951, 3.2.2).
 */
#ifndef KD_CAPTURE_HUFFMAN_H
#define KD_CAPTURE_HUFFMAN_H

#include <stddef.h>

#include "core/base.h"

#define HUFFMAN_SYMBOLS 288
#define HUFFMAN_BITS 15

/*
 * For N symbols that occur FREQS[i] times: the bits of each one's code in LENS (0: it does not
 * occur), at most MOST of them, and the code itself, its first bit the lowest. A lone symbol gets
 * one bit. Each frequency is below 65536.
 */
void huffman_make(const uint32_t *freqs, unsigned n, unsigned most, uint8_t *lens, uint16_t *codes);

/* The codes that go with LENS. */
void huffman_codes(const uint8_t *lens, unsigned n, uint16_t *codes);

#endif
