// SPDX-License-Identifier: GPL-3.0-or-later
/* Back and forward between views, within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/history.h"

static struct view *push(struct history *h, const char *command)
{
	struct view *v;

	assert_int_equal(view_new(command, 16, &v, NULL), 0);
	history_push(h, v);
	return v;
}

static void assert_now(const struct history *h, const char *expected, size_t behind, size_t ahead)
{
	struct view *now = history_now(h);

	assert_string_equal(view_command(now), expected);
	assert_int_equal(history_behind(h), behind);
	assert_int_equal(history_ahead(h), ahead);
}

/* The command lines of the views that were dropped, one after the other. */
static void note_drop(void *data, struct view *v)
{
	char *text = data;

	strcat(text, view_command(v));
	strcat(text, ";");
}

static void back_and_forward_and_off_the_path(void **state)
{
	char dropped[64] = "";
	struct history *h;

	(void)state;
	assert_int_equal(history_new(10, SIZE_MAX, &h, NULL), 0);
	history_on_drop(h, note_drop, dropped);
	assert_null(history_now(h));
	assert_null(history_back(h));
	assert_null(history_forward(h));
	push(h, "ps");
	assert_now(h, "ps", 0, 0);
	push(h, "bt 1");
	push(h, "log");
	assert_now(h, "log", 2, 0);
	assert_null(history_forward(h));
	assert_string_equal(view_command(history_back(h)), "bt 1");
	assert_string_equal(view_command(history_back(h)), "ps");
	assert_null(history_back(h));
	assert_now(h, "ps", 0, 2);
	assert_string_equal(view_command(history_forward(h)), "bt 1");
	push(h, "mod");
	assert_string_equal(dropped, "log;");
	assert_now(h, "mod", 2, 0);
	assert_string_equal(view_command(history_at(h, 1)), "bt 1");
	assert_null(history_at(h, 3));
	history_free(h);
	assert_string_equal(dropped, "log;ps;bt 1;mod;");
}

static void oldest_views_go_beyond_the_number(void **state)
{
	char dropped[64] = "";
	struct history *h;

	(void)state;
	assert_int_equal(history_new(3, SIZE_MAX, &h, NULL), 0);
	history_on_drop(h, note_drop, dropped);
	push(h, "a");
	push(h, "b");
	push(h, "c");
	push(h, "d");
	push(h, "e");
	assert_string_equal(dropped, "a;b;");
	assert_now(h, "e", 2, 0);
	history_back(h);
	history_back(h);
	assert_now(h, "c", 0, 2);
	history_free(h);
}

static void fill(struct view *v)
{
	struct doc d;

	doc_init(&d, NULL);
	for (unsigned i = 0; i < 1000; i++)
		doc_text(&d, NULL, doc_fmt("line %u", i));
	assert_int_equal(view_replace(v, &d, VIEW_NATIVE, NULL, NULL), 0);
}

static void documents_farthest_away_are_forgotten(void **state)
{
	struct view *v[4];
	struct history *h;

	(void)state;
	assert_int_equal(history_new(10, SIZE_MAX, &h, NULL), 0);
	v[0] = push(h, "a");
	fill(v[0]);
	view_goto(v[0], 500);
	history_free(h);

	assert_int_equal(history_new(10, 1, &h, NULL), 0);
	for (unsigned i = 0; i < 4; i++) {
		v[i] = push(h, "x");
		fill(v[i]);
		view_goto(v[i], 500);
	}
	/* nothing fits: only what is looked at keeps its document */
	history_trim(h);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(view_answer(v[i]), i == 3 ? VIEW_NATIVE : VIEW_NOTHING);
	/* the way back is still there, and the cursor with it */
	assert_ptr_equal(history_back(h), v[2]);
	fill(v[2]);
	assert_int_equal(view_cursor(v[2]), 500);
	history_free(h);
}

static void nearest_documents_are_kept(void **state)
{
	struct view *v[3];
	struct history *h;
	size_t one;

	(void)state;
	assert_int_equal(view_new("x", 16, &v[0], NULL), 0);
	fill(v[0]);
	one = view_bytes(v[0]);
	assert_int_equal(history_new(10, 2 * one + one / 2, &h, NULL), 0);
	history_push(h, v[0]);
	for (unsigned i = 1; i < 3; i++) {
		v[i] = push(h, "x");
		fill(v[i]);
	}
	history_trim(h);
	assert_int_equal(view_answer(v[0]), VIEW_NOTHING);
	assert_int_equal(view_answer(v[1]), VIEW_NATIVE);
	assert_int_equal(view_answer(v[2]), VIEW_NATIVE);
	/* and seen from the other end */
	history_back(h);
	history_back(h);
	fill(v[0]);
	history_trim(h);
	assert_int_equal(view_answer(v[0]), VIEW_NATIVE);
	assert_int_equal(view_answer(v[1]), VIEW_NATIVE);
	assert_int_equal(view_answer(v[2]), VIEW_NOTHING);
	history_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(back_and_forward_and_off_the_path),
		cmocka_unit_test(oldest_views_go_beyond_the_number),
		cmocka_unit_test(documents_farthest_away_are_forgotten),
		cmocka_unit_test(nearest_documents_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
