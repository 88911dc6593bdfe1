// SPDX-License-Identifier: GPL-3.0-or-later
/* Checksums: the hash by vectors of libxxhash, blocks against those of the whole file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/sums.h"

static uint64_t hash_of(const void *p, size_t len)
{
	struct hash h;

	hash_init(&h);
	hash_add(&h, p, len);
	return hash_value(&h);
}

/* Made with libxxhash 0.8.1, seed 0. */
static void hash_is_xxh64(void **state)
{
	uint8_t bytes[100];
	char xs[1000];

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		bytes[i] = (uint8_t)i;
	memset(xs, 'x', sizeof(xs));
	assert_true(hash_of("", 0) == UINT64_C(0xef46db3751d8e999));
	assert_true(hash_of("a", 1) == UINT64_C(0xd24ec4f1a98c6e5b));
	assert_true(hash_of("abc", 3) == UINT64_C(0x44bc2cf5ad770999));
	assert_true(hash_of(bytes, 100) == UINT64_C(0x6ac1e58032166597));
	assert_true(hash_of(xs, 1000) == UINT64_C(0x4cb9a3b69cb700e1));
}

static void hash_does_not_depend_on_the_pieces(void **state)
{
	uint8_t bytes[300];
	uint64_t whole;

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	whole = hash_of(bytes, sizeof(bytes));
	for (size_t piece = 1; piece < 100; piece++) {
		struct hash h;

		hash_init(&h);
		for (size_t at = 0; at < sizeof(bytes); at += piece)
			hash_add(&h, bytes + at, kd_min(piece, sizeof(bytes) - at));
		assert_true(hash_value(&h) == whole);
	}
}

/* A file, written through the sums. */
struct file {
	FILE *f;
	struct sums sums;
	unsigned reads; /* blocks read back */
};

static void put(struct file *f, uint64_t off, uint8_t byte, size_t len)
{
	uint8_t *buf = malloc(len);

	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(byte + i / 3);
	assert_int_equal(pwrite(fileno(f->f), buf, len, (off_t)off), len);
	sums_add(&f->sums, off, buf, len);
	free(buf);
}

static bool count_read(void *data)
{
	struct file *f = data;

	f->reads++;
	return true;
}

/* All sums are those of the file as it is. */
static void finish(struct file *f)
{
	struct kd_err err = KD_ERR_INIT;

	assert_int_equal(sums_finish(&f->sums, fileno(f->f), count_read, f, &err), 0);
	for (size_t i = 0; i < f->sums.n; i++) {
		uint64_t off = i * SUMS_BLOCK, sum;

		assert_int_equal(sums_read(fileno(f->f), off, kd_min(SUMS_BLOCK, f->sums.size - off),
					   &sum, &err), 0);
		assert_true(sum == f->sums.list[i]);
	}
	sums_fini(&f->sums);
	fclose(f->f);
}

static void what_comes_in_order_is_not_read(void **state)
{
	struct file f = { .f = tmpfile() };
	size_t piece = (1u << 20) + 12345;

	(void)state;
	for (uint64_t at = 0; at < 3 * SUMS_BLOCK; at += piece)
		put(&f, at, (uint8_t)at, piece);
	finish(&f);
	assert_int_equal(f.reads, 0);
}

/* As a dump is written: headers, then descriptors here and data there. */
static void what_is_written_twice_is_read(void **state)
{
	struct file f = { .f = tmpfile() };
	uint64_t data = 70000;

	(void)state;
	put(&f, 0, 1, 4096);
	for (unsigned i = 0; i < 40; i++) {
		put(&f, data, (uint8_t)i, 1 << 20);
		put(&f, 4096 + i * 24, (uint8_t)i, 24);
		data += 1 << 20;
	}
	put(&f, 0, 2, 4096);
	finish(&f);
	assert_int_equal(f.reads, 1);
}

static void any_order_is_right(void **state)
{
	(void)state;
	srand(1);
	for (unsigned round = 0; round < 10; round++) {
		struct file f = { .f = tmpfile() };
		uint64_t at = 0;

		for (unsigned i = 0; i < 60; i++) {
			size_t len = 1 + (size_t)(rand() % (2 << 20));

			if (rand() % 8 == 0)
				at = (uint64_t)rand() % (2 * SUMS_BLOCK);
			if (rand() % 8 == 0)
				at = SUMS_BLOCK * (unsigned)(rand() % 4);
			put(&f, at, (uint8_t)rand(), len);
			at += len;
		}
		finish(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_is_xxh64),
		cmocka_unit_test(hash_does_not_depend_on_the_pieces),
		cmocka_unit_test(what_comes_in_order_is_not_read),
		cmocka_unit_test(what_is_written_twice_is_read),
		cmocka_unit_test(any_order_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
