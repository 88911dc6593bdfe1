// SPDX-License-Identifier: GPL-3.0-or-later
/* Bitmaps and their rank directory, against counting bit by bit. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>

#include "core/bitmap.h"

#define BITS (3 * BITMAP_BLOCK_BITS + 1237)
#define OFF 100 /* of the bitmap in the file: nothing is aligned */

struct world {
	uint8_t *bytes;
	struct source *src;
	struct bitmap b;
};

/* Sparse, dense, and with long runs; bits after the end are set and must not count. */
static void fill(uint8_t *p, size_t len)
{
	unsigned seed = 99;

	for (size_t i = 0; i < len; i++) {
		unsigned r = (unsigned)rand_r(&seed);

		p[i] = i / 5000 % 3 == 0 ? (uint8_t)r : i / 5000 % 3 == 1 ? 0xff : 0;
	}
	memset(p + BITS / 8, 0xff, len - BITS / 8);
}

static struct source *open_bytes(const void *p, size_t len)
{
	char path[] = "/tmp/kdview-bitmap-XXXXXX";
	int fd = mkstemp(path);
	struct source *s;

	assert_int_equal(write(fd, p, len), len);
	close(fd);
	assert_int_equal(source_open(path, &s, NULL), 0);
	unlink(path);
	return s;
}

static struct world world(size_t held)
{
	struct world w;
	size_t len = OFF + BITS / 8 + 50;

	w.bytes = calloc(1, len);
	fill(w.bytes + OFF, len - OFF);
	w.src = open_bytes(w.bytes, held ? held : len);
	w.b = (struct bitmap){ w.src, OFF, BITS };
	return w;
}

static void end(struct world *w)
{
	source_close(w->src);
	free(w->bytes);
}

static bool bit(const struct world *w, uint64_t i)
{
	return i < BITS && w->bytes[OFF + i / 8] >> i % 8 & 1;
}

static void rank_agrees_with_counting(void **state)
{
	struct world w = world(0);
	uint64_t before, n = 0;
	struct rank *r;
	bool set;

	(void)state;
	assert_int_equal(rank_new(&w.b, &r, NULL), 0);
	for (uint64_t i = 0; i < BITS; i++) {
		assert_int_equal(rank_find(r, i, &set, &before, NULL), 0);
		if (set != bit(&w, i) || before != n)
			fail_msg("bit %llu", (unsigned long long)i);
		n += set;
	}
	assert_int_equal(rank_find(r, BITS, &set, &before, NULL), 0);
	assert_int_equal(before, n);
	assert_false(set);
	assert_int_equal(rank_find(r, UINT64_MAX, &set, &before, NULL), 0);
	assert_int_equal(before, n);
	assert_int_equal(bitmap_count(&w.b), n);
	rank_free(r);
	end(&w);
}

static void directory_grows_only_as_far_as_asked(void **state)
{
	struct world w = world(0);
	uint64_t before;
	struct rank *r;
	bool set;

	(void)state;
	assert_int_equal(rank_new(&w.b, &r, NULL), 0);
	assert_int_equal(rank_blocks_read(r), 0);
	assert_int_equal(rank_find(r, 5, &set, &before, NULL), 0);
	assert_int_equal(rank_blocks_read(r), 1);
	assert_int_equal(rank_find(r, BITMAP_BLOCK_BITS * 2, &set, &before, NULL), 0);
	assert_int_equal(rank_blocks_read(r), 3);
	rank_free(r);
	end(&w);
}

static void cut_off_bitmap_is_lost_from_its_block_on(void **state)
{
	struct world w = world(OFF + BITMAP_BLOCK_BITS / 8 + 100);
	struct kd_err err = KD_ERR_INIT;
	uint64_t before;
	struct rank *r;
	bool set, held;

	(void)state;
	assert_int_equal(rank_new(&w.b, &r, NULL), 0);
	assert_int_equal(rank_find(r, BITMAP_BLOCK_BITS - 1, &set, &before, NULL), 0);
	assert_int_equal(rank_find(r, BITMAP_BLOCK_BITS, &set, &before, &err), KD_LOST);
	assert_non_null(strstr(err.text, "0x10000"));
	assert_int_equal(rank_find(r, BITS, &set, &before, NULL), KD_LOST);
	assert_int_equal(rank_find(r, 0, &set, &before, NULL), 0);
	bitmap_test(&w.b, BITMAP_BLOCK_BITS + 799, &held);
	assert_true(held);
	assert_false(bitmap_test(&w.b, BITMAP_BLOCK_BITS + 800, &held));
	assert_false(held);
	assert_int_equal(bitmap_next(&w.b, BITMAP_BLOCK_BITS + 800, true), BITS);
	rank_free(r);
	end(&w);
}

static void next_finds_set_and_clear_bits(void **state)
{
	struct world w = world(0);
	uint64_t set = BITS, clear = BITS;

	(void)state;
	for (uint64_t i = BITS; i-- > 0;) {
		if (bit(&w, i))
			set = i;
		else
			clear = i;
		/* all of them would take long: each near a chunk's or word's end, and some */
		if (i % 512 > 3 && i % 512 < 509 && i % 37)
			continue;
		if (bitmap_next(&w.b, i, true) != set || bitmap_next(&w.b, i, false) != clear)
			fail_msg("bit %llu", (unsigned long long)i);
		if (bitmap_test(&w.b, i, NULL) != bit(&w, i))
			fail_msg("bit %llu", (unsigned long long)i);
	}
	assert_int_equal(bitmap_next(&w.b, BITS, true), BITS);
	assert_int_equal(bitmap_next(&w.b, UINT64_MAX, false), BITS);
	assert_false(bitmap_test(&w.b, BITS, NULL));
	end(&w);
}

static void *finder(void *arg)
{
	struct rank *r = arg;
	uint64_t last = 0;

	for (uint64_t i = 0; i < BITS; i += 61) {
		uint64_t before;
		bool set;

		if (rank_find(r, i, &set, &before, NULL) || before < last)
			return arg;
		last = before;
	}
	return NULL;
}

static void threads_grow_it_together(void **state)
{
	struct world w = world(0);
	pthread_t t[8];
	struct rank *r;

	(void)state;
	assert_int_equal(rank_new(&w.b, &r, NULL), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, finder, r), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t); i++) {
		void *failed;

		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	rank_free(r);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rank_agrees_with_counting),
		cmocka_unit_test(directory_grows_only_as_far_as_asked),
		cmocka_unit_test(cut_off_bitmap_is_lost_from_its_block_on),
		cmocka_unit_test(next_finds_set_and_clear_bits),
		cmocka_unit_test(threads_grow_it_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
