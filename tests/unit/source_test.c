// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A file read with a map and without one: every answer is the same. On the real dumps of
 * tests/cores, and on a flattened stream with holes and its end cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <endian.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/dump.h"
#include "core/source.h"

#define PIECE 70000
#define TRIES 3000

struct both {
	struct source *mapped, *unmapped;
};

static struct both open_both(const char *path)
{
	struct both b;

	assert_int_equal(source_open(path, &b.mapped, NULL), 0);
	assert_int_equal(source_open_unmapped(path, &b.unmapped, NULL), 0);
	assert_non_null(b.mapped->map);
	assert_null(b.unmapped->map);
	assert_int_equal(b.mapped->size, b.unmapped->size);
	assert_int_equal(b.mapped->gaps, b.unmapped->gaps);
	assert_string_equal(b.mapped->damage, b.unmapped->damage);
	return b;
}

static void close_both(struct both *b)
{
	source_close(b->mapped);
	source_close(b->unmapped);
}

/* Places and lengths of all kinds: numbers, across blocks, across the end. */
static void expect_same_answers(const struct both *b)
{
	uint8_t *x = malloc(PIECE), *y = malloc(PIECE);
	unsigned seed = 7;

	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t off = (((uint64_t)rand_r(&seed) << 31) ^ (uint64_t)rand_r(&seed)) %
			       (b->mapped->size + 5000);
		size_t len = (size_t)rand_r(&seed) % (i % 3 ? 300 : PIECE), got;
		uint64_t at[2], n[2] = { 0 };
		bool more[2];

		memset(x, 0xaa, PIECE);
		memset(y, 0xaa, PIECE);
		got = source_read(b->mapped, off, x, len);
		assert_int_equal(source_read(b->unmapped, off, y, len), got);
		assert_memory_equal(x, y, len);
		assert_true(source_held(b->mapped, off, len) == source_held(b->unmapped, off, len));
		assert_true(source_nothing(b->mapped, off) == source_nothing(b->unmapped, off));
		more[0] = source_next_data(b->mapped, off, &at[0], &n[0]);
		more[1] = source_next_data(b->unmapped, off, &at[1], &n[1]);
		assert_int_equal(more[0], more[1]);
		assert_true(!more[0] || (at[0] == at[1] && n[0] == n[1]));
		assert_null(source_peek(b->unmapped, off, 1));
	}
	free(x);
	free(y);
}

static void expect_same_borrowed(const struct both *b, uint64_t off, uint64_t len)
{
	const void *x = source_borrow(b->mapped, off, len), *y = source_borrow(b->unmapped, off, len);

	assert_int_equal(!x, !y);
	if (x)
		assert_memory_equal(x, y, (size_t)len);
}

static void real_dumps_read_the_same(void **state)
{
	const char *build = getenv("KDVIEW_BUILD");
	char pattern[512];
	glob_t found;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/cores/*/vmcore", build ? build : "build");
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct both b = open_both(found.gl_pathv[i]);

		expect_same_answers(&b);
		expect_same_borrowed(&b, 100, 100000);
		expect_same_borrowed(&b, b.mapped->size - 10, 10);
		expect_same_borrowed(&b, b.mapped->size - 10, 11);
		/* what a 32-bit size_t would take for 16 bytes */
		assert_null(source_borrow(b.unmapped, 0, (UINT64_C(1) << 32) + 16));
		close_both(&b);
	}
	globfree(&found);
}

static void put_record(FILE *f, uint64_t off, uint64_t len, int byte)
{
	uint64_t head[2] = { htobe64(off), htobe64(len) };

	fwrite(head, sizeof(head), 1, f);
	for (uint64_t i = 0; off != UINT64_MAX && i < len; i++)
		fputc(byte, f);
}

/* Records with holes between them, the last of them beyond 4 GB. */
static void write_stream(const char *path, bool whole)
{
	FILE *f = fopen(path, "w");
	uint64_t head[2] = { htobe64(1), htobe64(1) };

	fwrite("makedumpfile\0\0\0", 16, 1, f);
	fwrite(head, sizeof(head), 1, f);
	fseek(f, 4096, SEEK_SET);
	for (unsigned i = 0; i < 50; i++)
		put_record(f, i * 9000, 1 + i * 150, (int)i + 1);
	put_record(f, (UINT64_C(1) << 32) + 100, 20000, 0x77);
	if (whole)
		put_record(f, UINT64_MAX, UINT64_MAX, 0);
	fclose(f);
}

static void streams_read_the_same(void **state)
{
	char path[] = "/tmp/kdview-source-XXXXXX";
	uint8_t byte = 0;

	(void)state;
	close(mkstemp(path));
	for (int whole = 0; whole < 2; whole++) {
		struct both b;

		write_stream(path, whole);
		b = open_both(path);
		assert_string_equal(b.unmapped->envelope, "flattened");
		assert_int_equal(b.unmapped->gaps, !whole);
		expect_same_answers(&b);
		for (uint64_t off = 0; off < 460000; off += 1777)
			expect_same_borrowed(&b, off, 3000);
		assert_int_equal(source_read(b.unmapped, (UINT64_C(1) << 32) + 100, &byte, 1), 1);
		assert_int_equal(byte, 0x77);
		close_both(&b);
	}
	unlink(path);
}

/* A file larger than the addresses that are left is opened all the same. */
static void without_addresses_for_a_map_a_file_is_read(void **state)
{
	char path[] = "/tmp/kdview-source-XXXXXX";
	const uint64_t at = UINT64_C(5) << 30;
	int fd = mkstemp(path);
	struct rlimit old, few;
	struct source *s;
	char got[7];

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* they need all addresses for themselves */
#endif
	assert_int_equal(pwrite(fd, "kdview", 6, (off_t)at), 6);
	close(fd);
	getrlimit(RLIMIT_AS, &old);
	few = old;
	few.rlim_cur = 1024ul << 20;
	assert_int_equal(setrlimit(RLIMIT_AS, &few), 0);
	assert_int_equal(source_open(path, &s, NULL), 0);
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
	assert_null(s->map);
	assert_true(s->size == at + 6);
	assert_int_equal(source_read(s, at, got, 7), 6);
	assert_memory_equal(got, "kdview", 6);
	source_close(s);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_dumps_read_the_same),
		cmocka_unit_test(streams_read_the_same),
		cmocka_unit_test(without_addresses_for_a_map_a_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
