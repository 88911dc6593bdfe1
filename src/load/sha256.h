/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 (FIPS 180-4), for whoever loads a crash kernel and for the purgatory that compares: one
 * source for both, so it takes nothing from a C library.
 */
#ifndef KD_LOAD_SHA256_H
#define KD_LOAD_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

/* The digest of LEN bytes at DATA. */
void sha256(const void *data, size_t len, uint8_t digest[SHA256_SIZE]);

#endif
