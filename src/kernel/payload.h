/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a compressed kernel (bzImage, vmlinuz; Documentation/arch/x86/boot.rst) carries: its
 * header, and the ELF file its payload unpacks to.
 */
#ifndef KD_KERNEL_PAYLOAD_H
#define KD_KERNEL_PAYLOAD_H

#include "core/err.h"

#define PAYLOAD_HEADER 0x268 /* bytes of a file that have all of the header used here */

struct payload {
	const uint8_t *p; /* borrowed from the file's bytes */
	size_t n;
};

/* Do a file's first N bytes look like one? */
bool payload_probe(const uint8_t *file, size_t n);

/* "6.1.0-56-cloud-amd64", of a file that was probed; "": it does not say. */
void payload_release(const uint8_t *file, size_t n, char *buf, size_t size);

/* Where the payload of a file that was probed is. KD_CORRUPT: not within the file. */
int payload_find(const uint8_t *file, size_t n, struct payload *out, struct kd_err *err);

/* The compressor's name by its first bytes ("gzip", "zstd", "lz4", "xz" ...); NULL: none known. */
const char *payload_compression(const struct payload *in);

/*
 * Unpack it: gzip, zstd, lz4; *out (malloc) is the caller's. Any file compressed by these is
 * taken as well. KD_UNSUPPORTED: another compressor; KD_CORRUPT, KD_NOMEM.
 */
int payload_unpack(const struct payload *in, uint8_t **out, size_t *size, struct kd_err *err);

#endif
