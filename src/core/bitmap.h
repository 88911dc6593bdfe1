/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bitmap that lies in a dump file, one bit a page, least significant bit of a byte first; and
 * its rank directory, which answers "how many set bits come before this one" in constant time.
 *
 * Neither is gone through when it is opened. The directory is built by blocks of 65536 bits
 * (256 MB of RAM), up to the one that is asked for: a lookup takes no lock once its block is
 * there. Any number of threads may use both.
 */
#ifndef KD_CORE_BITMAP_H
#define KD_CORE_BITMAP_H

#include "core/source.h"

#define BITMAP_BLOCK_BITS UINT64_C(65536)

struct bitmap {
	const struct source *src;
	uint64_t off;  /* of its first byte in the source */
	uint64_t bits; /* how many are valid */
};

/* The bit; false also when it is beyond the end. *held (may be NULL): is it in the file at all? */
bool bitmap_test(const struct bitmap *b, uint64_t bit, bool *held);

/* The first bit at or after FROM that has the value SET; bits when there is none. */
uint64_t bitmap_next(const struct bitmap *b, uint64_t from, bool set);

/* How many bits are set; those the file does not hold are not. */
uint64_t bitmap_count(const struct bitmap *b);

struct rank;

/* Takes no time to speak of, whatever the size. KD_NOMEM. */
int rank_new(const struct bitmap *b, struct rank **out, struct kd_err *err);
void rank_free(struct rank *r);

/*
 * Is BIT set, and how many set bits are before it? BIT may be b->bits: the count of all.
 * KD_LOST when the file does not hold the bitmap that far, KD_NOMEM.
 */
int rank_find(struct rank *r, uint64_t bit, bool *set, uint64_t *before, struct kd_err *err);

/* How many blocks have been looked at so far. */
uint64_t rank_blocks_read(struct rank *r);

#endif
