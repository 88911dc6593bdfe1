/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checksums of a file by blocks, made while it is written: those whose bytes come in order are
 * never read. What was written otherwise is read back at the end.
 */
#ifndef KD_CAPTURE_SUMS_H
#define KD_CAPTURE_SUMS_H

#include "capture/hash.h"
#include "core/err.h"

#define SUMS_BLOCK (UINT64_C(16) << 20) /* bytes */

struct sums {
	uint64_t *list; /* owned; of each block */
	bool *known;	/* owned; the others are to be read back */
	size_t n, room;
	struct hash hash; /* of the bytes before NEXT in its block, if they came in order */
	uint64_t next;
	bool in_order;
	uint64_t size; /* bytes of the file so far */
	bool failed;   /* no memory */
};

/* All zeros is a new one. */
void sums_fini(struct sums *s);

/* LEN bytes were written at OFF. */
void sums_add(struct sums *s, uint64_t off, const void *data, size_t len);

/*
 * The file is written, and FD reads it: make the rest. KD_IO; KD_CANCELLED: TICK (may be NULL)
 * said so, which is called for each block; KD_NOMEM.
 */
int sums_finish(struct sums *s, int fd, bool (*tick)(void *data), void *data, struct kd_err *err);

/* The sum of LEN bytes at OFF. KD_IO: they cannot be read, or the file ends before. */
int sums_read(int fd, uint64_t off, uint64_t len, uint64_t *sum, struct kd_err *err);

#endif
