// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines out of pieces, and lines without end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mi/linebuf.h"

enum { LIMIT = 200000 };

static void add(struct mi_linebuf *b, const char *bytes, size_t len)
{
	while (len) {
		size_t room, n;
		char *to;

		assert_int_equal(mi_linebuf_room(b, &to, &room, NULL), 0);
		assert_true(room > 0);
		n = kd_min(room, len);
		memcpy(to, bytes, n);
		mi_linebuf_added(b, n);
		bytes += n;
		len -= n;
	}
}

static void assert_line(struct mi_linebuf *b, const char *text, uint64_t cut)
{
	struct mi_line line;

	assert_true(mi_linebuf_next(b, &line));
	assert_int_equal(line.len, strlen(text));
	assert_memory_equal(line.text, text, line.len);
	assert_int_equal(line.cut, cut);
}

static void pieces_become_lines(void **state)
{
	struct mi_linebuf b = MI_LINEBUF_INIT(LIMIT);
	struct mi_line line;

	(void)state;
	add(&b, "on", 2);
	assert_false(mi_linebuf_next(&b, &line));
	add(&b, "e\n\nthr", 6);
	assert_line(&b, "one", 0);
	assert_line(&b, "", 0);
	assert_false(mi_linebuf_next(&b, &line));
	add(&b, "ee\nrest", 7);
	assert_line(&b, "three", 0);
	assert_false(mi_linebuf_next(&b, &line));
	assert_true(mi_linebuf_rest(&b, &line));
	assert_int_equal(line.len, 4);
	assert_memory_equal(line.text, "rest", 4);
	assert_false(mi_linebuf_rest(&b, &line));
	mi_linebuf_fini(&b);
}

static void endless_line_takes_no_more_memory_than_the_limit(void **state)
{
	struct mi_linebuf b = MI_LINEBUF_INIT(LIMIT);
	static char xs[50000];
	struct mi_line line;

	(void)state;
	memset(xs, 'x', sizeof(xs));
	add(&b, "head ", 5);
	for (int i = 0; i < 1000; i++) {
		add(&b, xs, sizeof(xs));
		assert_false(mi_linebuf_next(&b, &line));
		assert_true(b.capacity < 4 * LIMIT);
	}
	add(&b, "tail\nnext\n", 10);
	assert_true(mi_linebuf_next(&b, &line));
	assert_memory_equal(line.text, "head xxx", 8);
	assert_true(line.len <= 4096);
	assert_int_equal(line.len + line.cut, 5 + 1000 * sizeof(xs) + 4);
	assert_line(&b, "next", 0);
	mi_linebuf_fini(&b);
}

static void line_at_the_limit_is_kept_and_one_byte_more_is_cut(void **state)
{
	struct mi_linebuf b = MI_LINEBUF_INIT(LIMIT);
	static char xs[LIMIT + 2];
	struct mi_line line;

	(void)state;
	memset(xs, 'x', sizeof(xs));
	xs[LIMIT] = '\n';
	add(&b, xs, LIMIT + 1);
	assert_true(mi_linebuf_next(&b, &line));
	assert_int_equal(line.len, LIMIT);
	assert_int_equal(line.cut, 0);
	xs[LIMIT] = 'x';
	xs[LIMIT + 1] = '\n';
	add(&b, xs, LIMIT + 2);
	assert_true(mi_linebuf_next(&b, &line));
	assert_int_equal(line.len + line.cut, LIMIT + 1);
	assert_true(line.cut > 0);
	mi_linebuf_fini(&b);
}

static void memory_of_a_large_line_is_given_back(void **state)
{
	struct mi_linebuf b = MI_LINEBUF_INIT(8 << 20);
	size_t n = 4 << 20;
	char *xs = malloc(n);
	struct mi_line line;

	(void)state;
	assert_non_null(xs);
	memset(xs, 'x', n);
	xs[n - 1] = '\n';
	add(&b, xs, n);
	assert_true(mi_linebuf_next(&b, &line));
	assert_int_equal(line.len, n - 1);
	assert_int_equal(line.cut, 0);
	add(&b, "small\n", 6);
	assert_true(b.capacity < (1 << 20));
	assert_line(&b, "small", 0);
	free(xs);
	mi_linebuf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_become_lines),
		cmocka_unit_test(endless_line_takes_no_more_memory_than_the_limit),
		cmocka_unit_test(line_at_the_limit_is_kept_and_one_byte_more_is_cut),
		cmocka_unit_test(memory_of_a_large_line_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
