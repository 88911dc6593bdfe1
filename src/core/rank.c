// SPDX-License-Identifier: GPL-3.0-or-later
/* The rank directory of a bitmap: see bitmap.h. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/bitmap.h"
#include "core/bitmap_priv.h"

#define BLOCK_BYTES (BITMAP_BLOCK_BITS / 8)
#define CELL_BITS 1024 /* at most 16 words are counted in a lookup */
#define CELL_BYTES (CELL_BITS / 8)
#define CELLS (BITMAP_BLOCK_BITS / CELL_BITS)

/* What a lookup in one block needs. */
struct detail {
	const uint8_t *bits;	/* BLOCK_BYTES of them: in the file, or the copy below */
	uint16_t before[CELLS]; /* set bits from the block's start to the cell's */
	uint8_t copy[];
};

struct block {
	_Atomic(struct detail *) detail; /* NULL: nobody has asked yet */
	uint64_t before;		 /* set bits before the block; valid once counted */
};

struct rank {
	struct bitmap bitmap;
	uint64_t nblocks;
	struct block *blocks; /* and one more, for the count of all */
	/* While the directory grows. Who finds a detail needs no lock. */
	pthread_mutex_t lock;
	uint64_t counted; /* blocks whose bits are counted: blocks[counted].before is valid */
};

int rank_new(const struct bitmap *b, struct rank **out, struct kd_err *err)
{
	struct rank *r = calloc(1, sizeof(*r));

	if (!r)
		return kd_nomem(err);
	r->bitmap = *b;
	r->nblocks = b->bits / BITMAP_BLOCK_BITS + (b->bits % BITMAP_BLOCK_BITS != 0);
	r->blocks = calloc(r->nblocks + 1, sizeof(*r->blocks));
	if (!r->blocks) {
		free(r);
		return kd_nomem(err);
	}
	pthread_mutex_init(&r->lock, NULL);
	*out = r;
	return 0;
}

void rank_free(struct rank *r)
{
	if (!r)
		return;
	for (uint64_t i = 0; i < r->counted; i++)
		free(atomic_load_explicit(&r->blocks[i].detail, memory_order_relaxed));
	pthread_mutex_destroy(&r->lock);
	free(r->blocks);
	free(r);
}

uint64_t rank_blocks_read(struct rank *r)
{
	uint64_t n;

	pthread_mutex_lock(&r->lock);
	n = r->counted;
	pthread_mutex_unlock(&r->lock);
	return n;
}

/* The bytes of block I: in place, or in BUF. NULL: some are not in the file. */
static const uint8_t *block_bits(const struct rank *r, uint64_t i, uint8_t *buf)
{
	const struct bitmap *b = &r->bitmap;
	const uint8_t *p = NULL;

	/* The last block ends in bits that are none. */
	if ((i + 1) * BITMAP_BLOCK_BITS <= b->bits)
		p = source_peek(b->src, b->off + i * BLOCK_BYTES, BLOCK_BYTES);
	if (p)
		return p;
	return bitmap_bytes(b, i * BITMAP_BLOCK_BITS, buf, BLOCK_BYTES) ? buf : NULL;
}

static bool is_hole(const struct rank *r, uint64_t i)
{
	const struct source *s = r->bitmap.src;

	return !s->gaps && s->ops->hole &&
	       s->ops->hole(s, r->bitmap.off + i * BLOCK_BYTES) >= BLOCK_BYTES;
}

/* Count blocks up to and with block I. The lock is held. */
static int count_to(struct rank *r, uint64_t i, struct kd_err *err)
{
	uint8_t buf[BLOCK_BYTES];

	for (; r->counted <= i; r->counted++) {
		struct block *b = &r->blocks[r->counted];
		const uint8_t *p;

		if (is_hole(r, r->counted)) {
			b[1].before = b->before;
			continue;
		}
		p = block_bits(r, r->counted, buf);
		if (!p)
			return kd_fail(
				err, KD_LOST,
				"lost: the dump's list of pages is cut off at page 0x%" PRIx64,
				r->counted * BITMAP_BLOCK_BITS);
		b[1].before = b->before + bitmap_popcount(p, BLOCK_BYTES);
	}
	return 0;
}

static struct detail *detail_new(const struct rank *r, uint64_t i)
{
	uint8_t buf[BLOCK_BYTES];
	const uint8_t *p = block_bits(r, i, buf);
	struct detail *d;
	uint64_t before = 0;

	if (!p)
		return NULL;
	d = malloc(sizeof(*d) + (p == buf ? BLOCK_BYTES : 0));
	if (!d)
		return NULL;
	if (p == buf)
		p = memcpy(d->copy, buf, BLOCK_BYTES);
	d->bits = p;
	for (size_t c = 0; c < CELLS; c++) {
		/* below 65536, as the last cell's own bits are not among them */
		d->before[c] = (uint16_t)before;
		before += bitmap_popcount(p + c * CELL_BYTES, CELL_BYTES);
	}
	return d;
}

/* The detail of block I, made if need be; NULL: *status says why not. */
static struct detail *grow(struct rank *r, uint64_t i, int *status, struct kd_err *err)
{
	struct detail *d = NULL;

	pthread_mutex_lock(&r->lock);
	*status = count_to(r, i, err);
	if (!*status) {
		d = atomic_load_explicit(&r->blocks[i].detail, memory_order_relaxed);
		if (!d) {
			d = detail_new(r, i);
			atomic_store_explicit(&r->blocks[i].detail, d, memory_order_release);
		}
		if (!d)
			*status = kd_nomem(err);
	}
	pthread_mutex_unlock(&r->lock);
	return d;
}

static int count_all(struct rank *r, uint64_t *all, struct kd_err *err)
{
	int status;

	pthread_mutex_lock(&r->lock);
	status = r->nblocks ? count_to(r, r->nblocks - 1, err) : 0;
	*all = r->blocks[r->nblocks].before;
	pthread_mutex_unlock(&r->lock);
	return status;
}

/* Set bits of a block before bit BIT of it, from the start of its cell on. */
static uint64_t in_cell(const uint8_t *bits, uint64_t bit)
{
	uint64_t n = 0, word = bit / 64;

	for (uint64_t w = bit / CELL_BITS * CELL_BITS / 64; w < word; w++)
		n += (uint64_t)__builtin_popcountll(bitmap_word(bits + w * 8));
	if (bit % 64)
		n += (uint64_t)__builtin_popcountll(bitmap_word(bits + word * 8)
						    << (64 - bit % 64));
	return n;
}

int rank_find(struct rank *r, uint64_t bit, bool *set, uint64_t *before, struct kd_err *err)
{
	uint64_t i = bit / BITMAP_BLOCK_BITS, at = bit % BITMAP_BLOCK_BITS;
	struct detail *d;

	*set = false;
	if (bit >= r->bitmap.bits)
		return count_all(r, before, err);
	d = atomic_load_explicit(&r->blocks[i].detail, memory_order_acquire);
	if (!d) {
		int status;

		d = grow(r, i, &status, err);
		if (!d)
			return status;
	}
	*set = d->bits[at / 8] >> at % 8 & 1;
	*before = r->blocks[i].before + d->before[at / CELL_BITS] + in_cell(d->bits, at);
	return 0;
}
