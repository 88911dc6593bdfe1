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

static struct view *view_of(struct doc *d, unsigned width, unsigned height)
{
	struct view *v = new_view(width, height);

	assert_int_equal(view_replace(v, d, VIEW_NATIVE, NULL, NULL), 0);
	return v;
}

static struct view *text_view(const char *text, unsigned width, unsigned height)
{
	struct doc d;

	doc_init(&d, NULL);
	doc_text(&d, NULL, doc_str(text));
	return view_of(&d, width, height);
}

/* COUNT lines "FIRST ...", one text. */
static char *many_lines(unsigned first, unsigned count)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (unsigned i = 0; i < count; i++)
		fprintf(f, "line %u\n", first + i);
	fclose(f);
	return text;
}

static void replace_text(struct view *v, const char *text)
{
	struct doc d;

	doc_init(&d, NULL);
	doc_text(&d, NULL, doc_str(text));
	assert_int_equal(view_replace(v, &d, VIEW_GDB, NULL, NULL), 0);
}

static void assert_line(const struct view *v, const char *expected)
{
	char *text = view_line_text(v);

	assert_string_equal(text, expected);
	free(text);
}

static void without_links_the_cursor_keeps_to_the_text(void **state)
{
	char *old = many_lines(0, 100), *fresh = many_lines(40, 100);
	struct view *v = text_view(old, W, H);
	struct grid g;

	(void)state;
	view_goto(v, 70);
	view_move(v, -4);
	grid_paint(&g, v, W, H);
	assert_int_equal(grid_cursor(&g), 5);
	replace_text(v, fresh);
	assert_line(v, "line 66");
	assert_int_equal(view_cursor(v), 26);
	grid_paint(&g, v, W, H);
	assert_int_equal(grid_cursor(&g), 5);
	view_free(v);
	free(old);
	free(fresh);
}

static void without_anything_alike_the_cursor_keeps_to_the_number(void **state)
{
	char *old = many_lines(0, 100), *fresh = many_lines(1000, 100);
	struct view *v = text_view(old, W, H);

	(void)state;
	view_goto(v, 70);
	replace_text(v, fresh);
	assert_int_equal(view_cursor(v), 70);
	/* Of fewer lines, the last. */
	replace_text(v, "a\nb\nc\n");
	assert_int_equal(view_cursor(v), 2);
	replace_text(v, "");
	assert_int_equal(view_cursor(v), 0);
	view_free(v);
	free(old);
	free(fresh);
}

#define FILE_NAME "kernel/a/folder/somewhere/file.c"

/* A stack of N frames; with locals as gdb's answer has them. */
static void make_stack(struct doc *d, unsigned n, bool locals, const char *file)
{
	struct doc_stack s = { .task = { .addr = TASK_BASE, .pid = 7, .cpu = 1, .comm = "kworker" },
			       .state = 'D',
			       .arch = &arch_x86_64 };

	doc_init(d, NULL);
	for (unsigned i = 0; i < n; i++) {
		struct frame *f = stack_push(&s.stack);

		assert_non_null(f);
		f->pc = 0xffffffff81000000 + i;
		assert_true(asprintf(&f->function, "a_function_with_a_name_%u", i) > 0);
		f->file = strdup(file);
		f->line = 100 + i;
		f->size = 0x40;
		if (!locals)
			continue;
		f->vars = calloc(2, sizeof(*f->vars));
		assert_non_null(f->vars);
		f->vars[0] = (struct frame_var){ .name = strdup("p"),
						 .value = strdup("0xffff888003a1c000") };
		f->vars[1] = (struct frame_var){ .name = strdup("i"), .value = strdup("1") };
		f->nvars = 2;
	}
	doc_stack_add(d, "stacks", true, &s);
	assert_int_equal(doc_status(d), 0);
}

static void frames_of_gdb_replace_the_native_ones_in_place(void **state)
{
	struct view *v;
	struct grid g;
	struct doc d;
	int row;

	(void)state;
	make_stack(&d, 30, false, FILE_NAME);
	v = view_of(&d, 100, H);
	/* A stack is entered at its first frame. */
	assert_target(v, "frame 0 0xffff888003000000");
	view_goto(v, 13);
	view_move(v, -2);
	assert_target(v, "frame 10 0xffff888003000000");
	grid_paint(&g, v, 100, H);
	row = grid_cursor(&g);
	make_stack(&d, 30, true, FILE_NAME);
	assert_int_equal(view_replace(v, &d, VIEW_GDB, NULL, NULL), 0);
	assert_target(v, "frame 10 0xffff888003000000");
	grid_paint(&g, v, 100, H);
	assert_int_equal(grid_cursor(&g), row);
	assert_non_null(strstr(g.text[row], "a_function_with_a_name_10"));
	assert_string_equal(g.text[row + 1], "        p = 0xffff888003a1c000");
	/* A local's pointer can be followed. */
	view_move(v, 1);
	assert_target(v, "follow 0xffff888003a1c000");
	view_move(v, 1);
	assert_target(v, NULL);
	view_free(v);
}

static void frame_keeps_its_place_on_a_narrower_screen(void **state)
{
	struct view *v;
	struct grid g;
	struct doc d;

	(void)state;
	make_stack(&d, 30, false, FILE_NAME);
	v = view_of(&d, 100, H);
	view_goto(v, 18);
	assert_target(v, "frame 17 0xffff888003000000");
	assert_int_equal(view_total(v), 31);
	assert_int_equal(view_resize(v, 50, 8, NULL), 0);
	/* Two lines for each frame now, with the same link. */
	assert_int_equal(view_total(v), 61);
	assert_target(v, "frame 17 0xffff888003000000");
	grid_paint(&g, v, 50, 8);
	assert_non_null(strstr(g.text[grid_cursor(&g)], "#17"));
	view_move(v, 1);
	assert_target(v, "frame 17 0xffff888003000000");
	assert_int_equal(view_resize(v, 49, 8, NULL), 0);
	assert_line(v, "        kernel/a/folder/somewhere/file.c:117");
	/* The same line of the frame, though its text is another, after more lines. */
	make_stack(&d, 30, true, "kernel/another/folder/file.c");
	assert_int_equal(view_replace(v, &d, VIEW_GDB, NULL, NULL), 0);
	assert_line(v, "        kernel/another/folder/file.c:117");
	assert_int_equal(view_resize(v, 100, H, NULL), 0);
	assert_target(v, "frame 17 0xffff888003000000");
	assert_int_equal(view_total(v), 91);
	view_free(v);
}

static void forgotten_document_comes_back_to_the_same_place(void **state)
{
	struct view *v = tasks_view(5000);
	size_t big = view_bytes(v);
	struct doc d;

	(void)state;
	view_goto(v, 4000);
	view_forget(v);
	assert_int_equal(view_answer(v), VIEW_NOTHING);
	assert_null(view_doc(v));
	assert_true(view_bytes(v) < big / 100);
	assert_int_equal(view_count(v), 0);
	assert_false(view_move(v, 1));
	assert_target(v, NULL);
	make_tasks(&d, 1, 5000, "task-");
	assert_int_equal(view_replace(v, &d, VIEW_NATIVE, NULL, NULL), 0);
	assert_int_equal(view_cursor(v), 4000);
	view_free(v);
}

static void failure_is_a_finding_below_what_there_is(void **state)
{
	struct kd_err why = KD_ERR_INIT;
	struct view *v = new_view(W, H);
	struct grid g;
	struct doc d;

	(void)state;
	kd_fail(&why, KD_NOTFOUND, "no such \033[31m thing");
	doc_init(&d, NULL);
	assert_int_equal(view_replace(v, &d, VIEW_NATIVE, &why, NULL), 0);
	grid_paint(&g, v, W, H);
	assert_string_equal(g.text[0], "! no such \\x1b[31m thing");
	assert_true(g.flags[0] & VIEW_ROW_FINDING);
	view_free(v);
}

static void empty_document_can_be_looked_at(void **state)
{
	struct view *v = new_view(W, H);
	enum view_found found;
	uint64_t addr;
	struct grid g;
	struct doc d;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		grid_paint(&g, v, W, H);
		assert_int_equal(g.pieces, 0);
		assert_true(g.flags[0] & VIEW_ROW_EMPTY);
		assert_int_equal(view_count(v), 0);
		assert_int_equal(view_percent(v), 100);
		assert_false(view_move(v, 1) || view_move(v, -1) || view_page(v, 2) ||
			     view_home(v) || view_end(v) || view_goto(v, 7) ||
			     view_click(v, 0, 0) || view_link_step(v, 1) || view_link_step(v, -1) ||
			     view_finding_step(v, 1));
		view_shift(v, 10);
		assert_int_equal(view_left(v), 0);
		view_set_wrap(v, true);
		view_set_wrap(v, false);
		assert_int_equal(view_find(v, "x", 1, &found, NULL), 0);
		assert_int_equal(found, VIEW_NOT_FOUND);
		assert_int_equal(view_filter(v, "x", NULL), 0);
		assert_int_equal(view_filter(v, NULL, NULL), 0);
		assert_null(view_target(v));
		assert_null(view_line_text(v));
		assert_false(view_address(v, &addr));
		assert_int_equal(view_resize(v, 1, 1, NULL), 0);
		assert_int_equal(view_resize(v, W, H, NULL), 0);
		/* then with a document that has nothing in it */
		doc_init(&d, NULL);
		assert_int_equal(view_replace(v, &d, VIEW_NATIVE, NULL, NULL), 0);
	}
	view_free(v);
}

/* ---- search and filter ---- */

static void find(struct view *v, const char *pattern, int direction, enum view_found wanted)
{
	enum view_found found;

	assert_int_equal(view_find(v, pattern, direction, &found, NULL), 0);
	assert_int_equal(found, wanted);
}

static void search_goes_on_past_the_end(void **state)
{
	struct view *v = tasks_view(5000);
	enum view_found found;
	struct grid g;

	(void)state;
	assert_int_equal(view_find(v, NULL, 1, &found, NULL), KD_NOTFOUND);
	find(v, "task-4999", 1, VIEW_FOUND);
	assert_int_equal(view_cursor(v), 4999);
	grid_paint(&g, v, W, H);
	assert_non_null(strstr(g.sign[grid_cursor(&g)], "mmmmmmmmm."));
	find(v, NULL, 1, VIEW_WRAPPED);
	assert_int_equal(view_cursor(v), 4999);
	find(v, "task-12", 1, VIEW_WRAPPED);
	assert_int_equal(view_cursor(v), 12);
	find(v, NULL, 1, VIEW_FOUND);
	assert_int_equal(view_cursor(v), 120);
	find(v, NULL, -1, VIEW_FOUND);
	assert_int_equal(view_cursor(v), 12);
	find(v, NULL, -1, VIEW_WRAPPED);
	assert_int_equal(view_cursor(v), 1299);
	find(v, "no such task", 1, VIEW_NOT_FOUND);
	assert_int_equal(view_cursor(v), 1299);
	assert_string_equal(view_search(v), "no such task");
	view_free(v);
}

static void patterns_are_regular_expressions_or_words(void **state)
{
	static const struct {
		const char *pattern;
		unsigned line; /* 0: not found */
	} cases[] = {
		{ "^three$", 3 },
		{ "f.ur", 4 },
		{ "five|six", 5 },
		{ "[s]ix (", 6 },
		{ "(", 6 },
		{ "*", 7 },
		{ "SEVEN", 8 },
		{ "Seven", 0 },
		{ "\xc3\xa4", 9 },
		{ "x*", 6 },
		{ "^$", 0 },
		{ "ne$", 1 },
		{ "\\+0x10/0x40", 10 },
		{ "+0x10/0x40", 10 },
		{ "nine", 11 },
	};
	struct view *v = text_view("none\none\ntwo\nthree\nfour\nfive\nsix (x) [s]ix (\n**\nSEVEN\n"
				   "\xc3\xa4\nf+0x10/0x40\nNiNe\n",
				   W, H);

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		enum view_found found;

		view_home(v);
		assert_int_equal(view_find(v, cases[i].pattern, 1, &found, NULL), 0);
		assert_int_equal(found == VIEW_NOT_FOUND, !cases[i].line);
		assert_int_equal(view_cursor(v), cases[i].line);
	}
	view_free(v);
}

static void found_text_is_scrolled_into_sight(void **state)
{
	struct view *v =
		text_view("short\n"
			  "0123456789012345678901234567890123456789 here it is, far right\n"
			  "short again\n",
			  20, 5);
	struct grid g;

	(void)state;
	find(v, "here", 1, VIEW_FOUND);
	grid_paint(&g, v, 20, 5);
	assert_non_null(strstr(g.text[1], "here"));
	assert_non_null(strstr(g.sign[1], "mmmm"));
	find(v, "again", 1, VIEW_FOUND);
	grid_paint(&g, v, 20, 5);
	assert_non_null(strstr(g.text[2], "again"));
	view_free(v);
}

static void filter_shows_what_matches_and_keeps_the_cursor(void **state)
{
	struct view *v = tasks_view(5000);
	struct grid g;
	struct doc d;

	(void)state;
	view_goto(v, 2600);
	assert_int_equal(view_filter(v, "task-.*00$", NULL), 0);
	assert_string_equal(view_filtered(v), "task-.*00$");
	assert_int_equal(view_count(v), 50);
	assert_int_equal(view_total(v), 5001);
	assert_line(v, "2600  0xffff888003a28000  task-2600");
	assert_target(v, "bt 0xffff888003a28000");
	grid_paint(&g, v, W, H);
	/* titles stay */
	assert_string_equal(g.text[0], " PID  TASK                COMM");
	assert_int_equal(grid_cursor(&g) >= 1, 1);
	view_move(v, 1);
	assert_line(v, "2700  0xffff888003a8c000  task-2700");
	/* a new document is filtered too */
	make_tasks(&d, 2000, 7000, "task-");
	assert_int_equal(view_replace(v, &d, VIEW_GDB, NULL, NULL), 0);
	assert_int_equal(view_count(v), 51);
	assert_line(v, "2700  0xffff888003a8c000  task-2700");
	/* from a line that is not shown to the next that is */
	assert_int_equal(view_filter(v, "task-.*50$", NULL), 0);
	assert_line(v, "2750  0xffff888003abe000  task-2750");
	assert_int_equal(view_filter(v, "nothing is like this", NULL), 0);
	assert_int_equal(view_count(v), 0);
	grid_paint(&g, v, W, H);
	assert_int_equal(g.pieces, 0);
	assert_int_equal(view_filter(v, "", NULL), 0);
	assert_null(view_filtered(v));
	assert_int_equal(view_count(v), 5002);
	view_free(v);
}

static void next_finding_is_what_stands_out(void **state)
{
	struct view *v = tasks_view(5000);

	(void)state;
	assert_true(view_finding_step(v, 1));
	assert_int_equal(view_cursor(v), 100);
	assert_true(view_finding_step(v, 1));
	assert_int_equal(view_cursor(v), 200);
	assert_true(view_finding_step(v, -1));
	assert_int_equal(view_cursor(v), 100);
	assert_false(view_finding_step(v, -1));
	assert_int_equal(view_cursor(v), 100);
	view_free(v);
}

/* ---- width ---- */

static void long_lines_are_cut_shifted_or_wrapped(void **state)
{
	struct view *v = text_view("abcdefghijklmnopqrstuvwxyz\nshort\n", 10, 6);
	struct grid g;

	(void)state;
	grid_paint(&g, v, 10, 6);
	assert_string_equal(g.text[0], "abcdefghi~");
	assert_string_equal(g.text[1], "short");
	view_shift(v, 10);
	grid_paint(&g, v, 10, 6);
	assert_string_equal(g.text[0], "klmnopqrs~");
	assert_string_equal(g.text[1], "");
	/* not past the end */
	view_shift(v, 100);
	grid_paint(&g, v, 10, 6);
	assert_string_equal(g.text[0], "qrstuvwxyz");
	view_shift(v, -100);
	assert_int_equal(view_left(v), 0);
	view_set_wrap(v, true);
	grid_paint(&g, v, 10, 6);
	assert_string_equal(g.text[0], "abcdefghij");
	assert_string_equal(g.text[1], "klmnopqrst");
	assert_string_equal(g.text[2], "uvwxyz");
	assert_string_equal(g.text[3], "short");
	assert_int_equal(g.flags[0] & (VIEW_ROW_CURSOR | VIEW_ROW_CONTINUED), VIEW_ROW_CURSOR);
	assert_true(g.flags[2] & VIEW_ROW_CURSOR && g.flags[2] & VIEW_ROW_CONTINUED);
	assert_true(g.flags[4] & VIEW_ROW_EMPTY);
	view_move(v, 1);
	grid_paint(&g, v, 10, 6);
	assert_int_equal(grid_cursor(&g), 3);
	view_free(v);
}

static void line_higher_than_the_screen_is_scrolled_through(void **state)
{
	struct view *v = text_view("first\nabcdefghijklmnopqrstuvwxyz\nlast\n", 5, 3);
	struct grid g;

	(void)state;
	view_set_wrap(v, true);
	view_move(v, 1);
	grid_paint(&g, v, 5, 3);
	assert_string_equal(g.text[0], "abcde");
	assert_string_equal(g.text[2], "klmno");
	view_move(v, 1);
	grid_paint(&g, v, 5, 3);
	assert_string_equal(g.text[0], "fghij");
	view_move(v, 5);
	grid_paint(&g, v, 5, 3);
	assert_string_equal(g.text[0], "pqrst");
	assert_string_equal(g.text[2], "z");
	assert_int_equal(view_cursor(v), 1);
	assert_true(view_move(v, 1));
	assert_line(v, "last");
	view_move(v, -1);
	assert_int_equal(view_cursor(v), 1);
	view_home(v);
	grid_paint(&g, v, 5, 3);
	assert_string_equal(g.text[0], "first");
	view_free(v);
}

static void wide_characters_are_never_halved(void **state)
{
	/* two columns each; then e with an accent of its own; then one column each */
	struct view *v = text_view("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97\xe7\xac\xa6 e\xcc\x81x "
				   "\xc3\xa4\xc3\xb6\n",
				   7, 4);
	struct grid g;

	(void)state;
	grid_paint(&g, v, 7, 4);
	assert_string_equal(g.text[0], "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97~");
	view_shift(v, 1);
	grid_paint(&g, v, 7, 4);
	/* half of the first sticks out on the left; the fourth has no room before the mark */
	assert_string_equal(g.text[0], " \xe6\x96\x87\xe5\xad\x97 ~");
	view_shift(v, -1);
	view_set_wrap(v, true);
	grid_paint(&g, v, 7, 4);
	assert_string_equal(g.text[0], "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97");
	assert_string_equal(g.text[1], "\xe7\xac\xa6 e\xcc\x81x \xc3\xa4");
	assert_string_equal(g.text[2], "\xc3\xb6");
	assert_int_equal(view_resize(v, 1, 4, NULL), 0);
	grid_paint(&g, v, 1, 4);
	view_free(v);
}

static void hostile_bytes_do_not_reach_the_screen(void **state)
{
	static const char bytes[] =
		"\033[2J\033]0;x\007\r\b\x7f\xc2\x9b"
		"31m\xe2\x80\xae\xff\xfe\xc0\xaf\xed\xa0\x80\0\n\t|\xcc\x81\xcc\x81";
	struct view *v = new_view(30, 8);
	struct grid g;
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_section(&d, "s", "title \033[2J \xff");
	doc_fields(&d, NULL);
	doc_field(&d, "f", "field", doc_strn(bytes, sizeof(bytes) - 1));
	doc_table(&d, "t", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < 3; i++)
		doc_put(&d, doc_strn(bytes, sizeof(bytes) - 1));
	doc_text(&d, NULL, doc_strn(bytes, sizeof(bytes) - 1));
	doc_note(&d, DOC_FINDING, "%s", bytes);
	doc_section_end(&d);
	assert_int_equal(view_replace(v, &d, VIEW_NATIVE, NULL, NULL), 0);
	for (unsigned wrap = 0; wrap < 2; wrap++) {
		view_set_wrap(v, wrap);
		for (unsigned left = 0; left < 120; left++) {
			grid_paint(&g, v, 30, 8);
			view_shift(v, 1);
		}
		while (view_move(v, 1))
			grid_paint(&g, v, 30, 8);
		view_home(v);
	}
	view_free(v);
}

/* ---- links ---- */

static void links_are_stepped_through_and_keep_their_column(void **state)
{
	struct view *v = tasks_view(300);
	uint64_t addr;
	char *text;

	(void)state;
	assert_target(v, "bt 0xffff888003001000");
	assert_true(view_link_step(v, 1));
	assert_target(v, "struct task_struct 0xffff888003001000");
	text = view_link_text(v);
	assert_string_equal(text, "0xffff888003001000");
	free(text);
	assert_true(view_address(v, &addr));
	assert_int_equal(addr, 0xffff888003001000);
	/* down the column that was chosen */
	view_move(v, 5);
	assert_target(v, "struct task_struct 0xffff888003006000");
	assert_true(view_link_step(v, 1));
	assert_target(v, "bt 0xffff888003007000");
	assert_true(view_link_step(v, -1));
	assert_target(v, "struct task_struct 0xffff888003006000");
	view_home(v);
	assert_target(v, NULL);
	assert_false(view_link_step(v, -1));
	view_end(v);
	view_link_step(v, 1);
	assert_false(view_link_step(v, 1));
	view_free(v);
}

static void click_goes_to_line_and_link(void **state)
{
	struct view *v = tasks_view(300);

	(void)state;
	view_goto(v, 100);
	/* row 0 has the titles: the cursor is in the last row */
	assert_true(view_click(v, 8, 10));
	assert_target(v, "struct task_struct 0xffff888003063000");
	assert_true(view_click(v, 8, 2));
	assert_target(v, "bt 0xffff888003063000");
	assert_false(view_click(v, 0, 2));
	assert_false(view_click(v, 99, 2));
	view_free(v);
}

static void redraw_looks_only_at_what_is_shown(void **state)
{
	struct view *v = tasks_view(5000);
	struct grid g;

	(void)state;
	view_goto(v, 2500);
	grid_paint(&g, v, W, H);
	/* at most: two links, two gaps, text before and behind in each row */
	assert_true(g.pieces <= 6 * H);
	view_free(v);
}

static void view_is_written_as_text(void **state)
{
	struct view *v = tasks_view(2);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(view_resize(v, 5, 5, NULL), 0);
	assert_int_equal(view_filter(v, "task-2", NULL), 0);
	assert_non_null(f);
	assert_int_equal(view_write(v, f, NULL), 0);
	fclose(f);
	assert_string_equal(text, "PID  TASK                COMM\n"
				  "  1  0xffff888003001000  task-1\n"
				  "  2  0xffff888003002000  task-2\n");
	free(text);
	view_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_document_puts_the_cursor_on_the_first_link),
		cmocka_unit_test(titles_stay_above_a_scrolled_table),
		cmocka_unit_test(cursor_is_always_on_the_screen),
		cmocka_unit_test(later_document_leaves_the_cursor_where_it_was),
		cmocka_unit_test(without_links_the_cursor_keeps_to_the_text),
		cmocka_unit_test(without_anything_alike_the_cursor_keeps_to_the_number),
		cmocka_unit_test(frames_of_gdb_replace_the_native_ones_in_place),
		cmocka_unit_test(frame_keeps_its_place_on_a_narrower_screen),
		cmocka_unit_test(forgotten_document_comes_back_to_the_same_place),
		cmocka_unit_test(failure_is_a_finding_below_what_there_is),
		cmocka_unit_test(empty_document_can_be_looked_at),
		cmocka_unit_test(search_goes_on_past_the_end),
		cmocka_unit_test(patterns_are_regular_expressions_or_words),
		cmocka_unit_test(found_text_is_scrolled_into_sight),
		cmocka_unit_test(filter_shows_what_matches_and_keeps_the_cursor),
		cmocka_unit_test(next_finding_is_what_stands_out),
		cmocka_unit_test(long_lines_are_cut_shifted_or_wrapped),
		cmocka_unit_test(line_higher_than_the_screen_is_scrolled_through),
		cmocka_unit_test(wide_characters_are_never_halved),
		cmocka_unit_test(hostile_bytes_do_not_reach_the_screen),
		cmocka_unit_test(links_are_stepped_through_and_keep_their_column),
		cmocka_unit_test(click_goes_to_line_and_link),
		cmocka_unit_test(redraw_looks_only_at_what_is_shown),
		cmocka_unit_test(view_is_written_as_text),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
