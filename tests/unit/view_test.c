// SPDX-License-Identifier: GPL-3.0-or-later
/* Views: cursor, scrolling, search, filter, wrapping, and what is painted of them. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/arch.h"
#include "tui/view.h"
#include "view_grid.h"

#define W 60
#define H 10

static const struct doc_column columns[] = {
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "task", .title = "TASK" },
	{ .key = "comm", .title = "COMM" },
};

#define TASK_BASE UINT64_C(0xffff888003000000)

static void put_task(struct doc *d, unsigned pid, const char *prefix)
{
	uint64_t task = TASK_BASE + UINT64_C(0x1000) * pid;

	doc_put(d, doc_linked(doc_uint(pid), "bt 0x%lx", (unsigned long)task));
	doc_put(d, doc_linked(doc_addr(&arch_x86_64, task), "struct task_struct 0x%lx",
			      (unsigned long)task));
	doc_put(d, doc_styled(doc_fmt("%s%u", prefix, pid), pid % 100 ? DOC_PLAIN : DOC_BAD));
}

/* Tasks FIRST to LAST, as ps shows them. */
static void make_tasks(struct doc *d, unsigned first, unsigned last, const char *prefix)
{
	doc_init(d, NULL);
	doc_table(d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (unsigned i = first; i <= last; i++)
		put_task(d, i, prefix);
	assert_int_equal(doc_status(d), 0);
}

static struct view *new_view(unsigned width, unsigned height)
{
	struct view *v;

	assert_int_equal(view_new("ps", 16, &v, NULL), 0);
	assert_int_equal(view_resize(v, width, height, NULL), 0);
	return v;
}

static struct view *tasks_view(unsigned n)
{
	struct view *v = new_view(W, H);
	struct doc d;

	make_tasks(&d, 1, n, "task-");
	assert_int_equal(view_replace(v, &d, VIEW_NATIVE, NULL, NULL), 0);
	return v;
}

static void assert_target(const struct view *v, const char *expected)
{
	char *target = view_target(v);

	if (expected)
		assert_string_equal(target, expected);
	else
		assert_null(target);
	free(target);
}

static void first_document_puts_the_cursor_on_the_first_link(void **state)
{
	struct view *v = tasks_view(5000);
	struct grid g;

	(void)state;
	assert_int_equal(view_count(v), 5001);
	grid_paint(&g, v, W, H);
	assert_string_equal(g.text[0], " PID  TASK                COMM");
	assert_string_equal(g.text[1], "   1  0xffff888003001000  task-1");
	assert_string_equal(g.sign[1] + GRID_COLUMNS - 10, "..........");
	assert_memory_equal(g.sign[1], "...C..llllllllllllllllll........", 32);
	assert_int_equal(grid_cursor(&g), 1);
	assert_true(g.flags[0] & VIEW_ROW_HEADER);
	assert_target(v, "bt 0xffff888003001000");
	view_free(v);
}

static void titles_stay_above_a_scrolled_table(void **state)
{
	struct view *v = tasks_view(5000);
	struct grid g;

	(void)state;
	assert_true(view_end(v));
	grid_paint(&g, v, W, H);
	assert_string_equal(g.text[0], " PID  TASK                COMM");
	assert_string_equal(g.text[1], "4992  0xffff888004380000  task-4992");
	assert_string_equal(g.text[9], "5000  0xffff888004388000  task-5000");
	assert_int_equal(grid_cursor(&g), 9);
	assert_int_equal(view_percent(v), 100);
	assert_false(view_end(v));
	assert_true(view_home(v));
	grid_paint(&g, v, W, H);
	assert_int_equal(grid_cursor(&g), 0);
	assert_string_equal(g.text[1], "   1  0xffff888003001000  task-1");
	view_free(v);
}

/* Wherever it goes, the cursor is on the screen, and the screen is full. */
static void cursor_is_always_on_the_screen(void **state)
{
	static const unsigned sizes[][2] = { { 80, 24 }, { 40, 10 }, { 20, 4 }, { 200, 40 },
					     { 3, 3 },	 { 1, 2 },   { 1, 1 } };
	struct view *v = tasks_view(300);
	struct grid g;
	unsigned seed = 1;

	(void)state;
	for (unsigned step = 0; step < 4000; step++) {
		const unsigned *size = sizes[step / 100 % KD_ARRAY_SIZE(sizes)];

		assert_int_equal(view_resize(v, size[0], size[1], NULL), 0);
		seed = seed * 1103515245 + 12345;
		switch (seed >> 16 & 7) {
		case 0:
			view_move(v, 1 + (long)(seed >> 20 & 15));
			break;
		case 1:
			view_move(v, -1 - (long)(seed >> 20 & 15));
			break;
		case 2:
			view_page(v, (int)(seed >> 20 & 3) - 2);
			break;
		case 3:
			view_page(v, (int)(seed >> 20 & 3));
			break;
		case 4:
			view_goto(v, seed >> 20 & 511);
			break;
		case 5:
			view_link_step(v, seed >> 20 & 1 ? 1 : -1);
			break;
		case 6:
			view_click(v, seed >> 20 & 31, seed >> 25);
			break;
		case 7:
			if (seed >> 20 & 1)
				view_set_wrap(v, !view_wrap(v));
			else
				view_shift(v, (int)(seed >> 21 & 31) - 16);
			break;
		}
		grid_paint(&g, v, size[0], size[1]);
		assert_true(grid_cursor(&g) >= 0);
		/* A wrapped line that does not fit as a whole may leave rows at the end. */
		assert_false(!view_wrap(v) && g.flags[size[1] - 1] & VIEW_ROW_EMPTY);
	}
	view_free(v);
}

static void later_document_leaves_the_cursor_where_it_was(void **state)
{
	struct view *v = tasks_view(5000);
	struct grid g;
	struct doc d;
	int row;

	(void)state;
	view_goto(v, 2500);
	view_move(v, -3);
	view_link_step(v, 1);
	assert_target(v, "struct task_struct 0xffff8880039c1000");
	grid_paint(&g, v, W, H);
	row = grid_cursor(&g);
	/* the same tasks, after 50 others that were not there, with other names */
	doc_init(&d, NULL);
	doc_table(&d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (unsigned i = 6000; i < 6050; i++)
		put_task(&d, i, "late-");
	for (unsigned i = 1; i <= 5000; i++)
		put_task(&d, i, "renamed-");
	assert_int_equal(view_replace(v, &d, VIEW_GDB, NULL, NULL), 0);
	assert_int_equal(view_answer(v), VIEW_GDB);
	assert_target(v, "struct task_struct 0xffff8880039c1000");
	grid_paint(&g, v, W, H);
	assert_int_equal(grid_cursor(&g), row);
	assert_string_equal(g.text[row], "2497  0xffff8880039c1000  renamed-2497");
	view_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_document_puts_the_cursor_on_the_first_link),
		cmocka_unit_test(titles_stay_above_a_scrolled_table),
		cmocka_unit_test(cursor_is_always_on_the_screen),
		cmocka_unit_test(later_document_leaves_the_cursor_where_it_was),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
