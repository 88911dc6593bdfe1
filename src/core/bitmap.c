// SPDX-License-Identifier: GPL-3.0-or-later
/* Bitmaps in a dump file: see bitmap.h. The directory is in rank.c. */
#include "core/bitmap.h"

#include <endian.h>
#include <string.h>

#include "core/bitmap_priv.h"

/* As many bytes as are looked at together; a search begins with few, as it may end there. */
#define CHUNK 4096
#define FIRST_CHUNK 64
/* What a disk loses together. */
#define SECTOR 512

bool bitmap_test(const struct bitmap *b, uint64_t bit, bool *held)
{
	uint8_t byte = 0;
	bool there = bit < b->bits && source_read(b->src, b->off + bit / 8, &byte, 1) == 1;

	if (held)
		*held = there;
	return there && byte >> bit % 8 & 1;
}

uint64_t bitmap_word(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

bool bitmap_bytes(const struct bitmap *b, uint64_t from, uint8_t *buf, size_t len)
{
	uint64_t first = from / 8, end = (b->bits + 7) / 8;
	size_t want = first < end ? (size_t)kd_min(len, end - first) : 0;
	const uint8_t *p;
	bool whole = true;

	memset(buf, 0, len);
	p = source_peek(b->src, b->off + first, want);
	if (p)
		memcpy(buf, p, want);
	for (size_t at = p ? want : 0; at < want;) {
		uint64_t missing;

		at += source_read(b->src, b->off + first + at, buf + at, want - at);
		if (at == want)
			break;
		missing = source_nothing(b->src, b->off + first + at);
		/* there, but not to be read */
		if (!missing)
			missing = SECTOR - (b->off + first + at) % SECTOR;
		at += (size_t)kd_min(missing, want - at);
		whole = false;
	}
	if (want && first + want == end && b->bits % 8)
		buf[want - 1] &= (uint8_t)(0xff >> (8 - b->bits % 8));
	return whole;
}

/* How many bits from FROM, a multiple of 64, are clear without a look, in whole words. */
static uint64_t nothing_at(const struct bitmap *b, uint64_t from)
{
	uint64_t n = source_nothing(b->src, b->off + from / 8);

	return n < (b->bits - from) / 8 ? n / 8 * 64 : b->bits - from;
}

/* The first bit of LEN bytes at or after BIT that differs from those of SKIP; 8 * LEN: none. */
static uint64_t first_other(const uint8_t *buf, size_t len, uint64_t bit, uint64_t skip)
{
	uint64_t mask = ~UINT64_C(0) << bit % 64;

	for (size_t i = bit / 64 * 8; i < len; i += 8, mask = ~UINT64_C(0)) {
		uint64_t w = (bitmap_word(buf + i) ^ skip) & mask;

		if (w)
			return i * 8 + (uint64_t)__builtin_ctzll(w);
	}
	return len * 8;
}

uint64_t bitmap_next(const struct bitmap *b, uint64_t from, bool set)
{
	uint8_t buf[CHUNK];
	size_t len = FIRST_CHUNK;

	while (from < b->bits) {
		uint64_t base = from / 64 * 64, at;
		uint64_t nothing = set ? nothing_at(b, base) : 0;

		if (nothing) {
			from = base + nothing;
			continue;
		}
		bitmap_bytes(b, base, buf, len);
		at = first_other(buf, len, from - base, set ? 0 : ~UINT64_C(0));
		/* what is beyond the end reads as clear, so this is not above it */
		if (at < len * 8)
			return base + at;
		from = base + len * 8;
		len = CHUNK;
	}
	return b->bits;
}

static inline uint64_t popcount(const uint8_t *p, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i += 8)
		n += (uint64_t)__builtin_popcountll(bitmap_word(p + i));
	return n;
}

#if defined(__x86_64__) || defined(__i386__)
/* The instruction is younger than the first of these processors; compilers do not assume it. */
__attribute__((target("popcnt"))) static uint64_t popcount_quick(const uint8_t *p, size_t len)
{
	return popcount(p, len);
}

uint64_t bitmap_popcount(const uint8_t *p, size_t len)
{
	return __builtin_cpu_supports("popcnt") ? popcount_quick(p, len) : popcount(p, len);
}
#else
uint64_t bitmap_popcount(const uint8_t *p, size_t len)
{
	return popcount(p, len);
}
#endif

/* The set bits of a chunk from bit AT on. */
static uint64_t count_chunk(const struct bitmap *b, uint64_t at)
{
	uint8_t buf[CHUNK];
	const uint8_t *p = NULL;

	/* The last one ends in bits that are none. */
	if (b->bits - at >= CHUNK * 8)
		p = source_peek(b->src, b->off + at / 8, CHUNK);
	if (!p) {
		bitmap_bytes(b, at, buf, sizeof(buf));
		p = buf;
	}
	return bitmap_popcount(p, CHUNK);
}

uint64_t bitmap_count(const struct bitmap *b)
{
	uint64_t n = 0;

	for (uint64_t at = 0; at < b->bits;) {
		uint64_t nothing = nothing_at(b, at);

		if (!nothing) {
			n += count_chunk(b, at);
			nothing = CHUNK * 8;
		}
		at += nothing;
	}
	return n;
}
