// SPDX-License-Identifier: GPL-3.0-or-later
/* Sheets: documents as lines of spans, and what in them leads somewhere. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/arch.h"
#include "tui/glyph.h"
#include "tui/sheet.h"

static struct sheet *sheet_of(struct doc *d)
{
	struct sheet *s;

	assert_int_equal(doc_status(d), 0);
	assert_int_equal(sheet_make(d, 80, &s, NULL), 0);
	doc_fini(d);
	return s;
}

static struct sheet *sheet_of_text(struct doc_cell c)
{
	struct doc d;

	doc_init(&d, NULL);
	doc_text(&d, NULL, c);
	return sheet_of(&d);
}

static void assert_line(const struct sheet *s, size_t i, const char *expected)
{
	struct sheet_line l = sheet_at(s, i);

	assert_int_equal(l.len, strlen(expected));
	assert_memory_equal(l.text, expected, l.len);
}

/* Spans follow each other from the first byte to the last. */
static void assert_covered(const struct sheet *s)
{
	for (size_t i = 0; i < sheet_count(s); i++) {
		struct sheet_line l = sheet_at(s, i);
		uint32_t at = 0;

		for (size_t j = 0; j < l.nspans; j++) {
			assert_int_equal(l.spans[j].start, at);
			assert_true(l.spans[j].len > 0);
			at += l.spans[j].len;
		}
		assert_int_equal(at, l.len);
		assert_int_equal(l.columns, glyph_columns(l.text, l.len));
		assert_null(memchr(l.text, '\n', l.len));
	}
}

static const struct doc_column columns[] = {
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "comm", .title = "COMM" },
};

static void put_table(struct doc *d, const char *key, unsigned rows)
{
	doc_table(d, key, DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < rows; i++) {
		doc_put(d, doc_linked(doc_uint(i), "bt %u", i));
		doc_put(d, doc_styled(doc_fmt("comm%u", i), DOC_WARN));
	}
}

static void rows_know_the_titles_of_their_table(void **state)
{
	struct sheet *s;
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_section(&d, "s", "A section");
	put_table(&d, "a", 2);
	put_table(&d, "b", 1);
	doc_text(&d, NULL, doc_str("words"));
	doc_section_end(&d);
	s = sheet_of(&d);
	assert_int_equal(sheet_count(s), 9);
	assert_line(s, 0, "== A section ==");
	assert_line(s, 1, "PID  COMM");
	assert_line(s, 3, "  1  comm1");
	assert_line(s, 4, "");
	assert_line(s, 8, "words");
	assert_int_equal(sheet_at(s, 0).marks, TEXT_TITLE);
	assert_int_equal(sheet_at(s, 1).marks, TEXT_HEADER);
	for (size_t i = 0; i < sheet_count(s); i++)
		assert_int_equal(sheet_header(s, i), i == 2 || i == 3 ? 1
						     : i == 6	      ? 5
								      : SHEET_NONE);
	assert_covered(s);
	sheet_free(s);
}

static void spans_have_style_and_link(void **state)
{
	struct sheet_line l;
	struct sheet *s;
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	put_table(&d, "a", 12);
	s = sheet_of(&d);
	l = sheet_at(s, 12);
	assert_int_equal(l.nspans, 4);
	assert_null(l.spans[0].link);
	assert_string_equal(l.spans[1].link, "bt 11");
	assert_int_equal(l.spans[1].start, 1);
	assert_int_equal(l.spans[1].len, 2);
	assert_int_equal(l.spans[3].style, DOC_WARN);
	assert_null(l.spans[3].link);
	/* No document says where to look first: the first link. */
	assert_int_equal(sheet_here(s), 1);
	sheet_free(s);
}

static void document_says_where_to_look_first(void **state)
{
	struct sheet *s;
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	put_table(&d, "a", 3);
	doc_text(&d, NULL, doc_here(doc_str("here")));
	doc_text(&d, NULL, doc_here(doc_str("not here")));
	s = sheet_of(&d);
	assert_line(s, sheet_here(s), "here");
	sheet_free(s);
	s = sheet_of_text(doc_str("no link"));
	assert_int_equal(sheet_here(s), 0);
	sheet_free(s);
}

static void links_outlive_the_document(void **state)
{
	enum { ROWS = 20000 };
	struct sheet *s;
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	put_table(&d, "a", ROWS);
	s = sheet_of(&d); /* which is gone now */
	assert_int_equal(sheet_count(s), ROWS + 1);
	for (unsigned i = 0; i < ROWS; i += 777) {
		struct sheet_line l = sheet_at(s, i + 1);
		struct sheet_link link;
		char expected[32];

		snprintf(expected, sizeof(expected), "bt %u", i);
		assert_int_equal(sheet_links(&l, 16, &link, 1), 1);
		assert_string_equal(link.command, expected);
	}
	assert_covered(s);
	sheet_free(s);
}

static void line_of_any_length_is_broken(void **state)
{
	size_t n = 2 * SHEET_LINE_MAX + 10;
	char *text = malloc(n + 2);
	struct sheet *s;

	(void)state;
	assert_non_null(text);
	/* an odd byte, then characters of two: one would be cut */
	text[0] = 'a';
	for (size_t i = 1; i < n; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	s = sheet_of_text(doc_strn(text, n + 1));
	assert_int_equal(sheet_count(s), 3);
	assert_int_equal(sheet_at(s, 0).len, SHEET_LINE_MAX - 1);
	assert_int_equal(sheet_at(s, 1).len, SHEET_LINE_MAX);
	assert_int_equal(sheet_at(s, 1).columns, SHEET_LINE_MAX / 2);
	assert_covered(s);
	sheet_free(s);
	free(text);
}

static void nothing_is_cut_but_frames_are_fitted(void **state)
{
	char wide[301] = "";
	struct sheet *s;
	struct doc d;

	(void)state;
	memset(wide, 'x', 300);
	doc_init(&d, NULL);
	doc_table(&d, "a", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	doc_put(&d, doc_uint(1));
	doc_put(&d, doc_str(wide));
	s = sheet_of(&d);
	assert_int_equal(sheet_at(s, 1).len, 305);
	sheet_free(s);
}

/* The links found in a line of plain text, as "COMMAND;COMMAND;" */
static void assert_found(const char *text, unsigned digits, const char *expected)
{
	struct sheet *s = sheet_of_text(doc_str(text));
	struct sheet_line l = sheet_at(s, 0);
	struct sheet_link links[8];
	size_t n = sheet_links(&l, digits, links, 8);
	char got[1024] = "";

	for (size_t i = 0; i < n && i < 8; i++) {
		char *command = sheet_link_command(&l, &links[i]);
		size_t len = strlen(got);

		assert_non_null(command);
		assert_true(link_is_plain(command));
		snprintf(got + len, sizeof(got) - len, "%s;", command);
		free(command);
	}
	assert_string_equal(got, expected);
	sheet_free(s);
}

static void addresses_and_symbols_in_plain_text_are_links(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "RIP: 0010:sysrq_handle_crash+0x16/0x20 [mod]",
		  "follow sysrq_handle_crash+0x16;" },
		{ " ? do_fault.cold+0x1a7/0x410", "follow do_fault.cold+0x1a7;" },
		{ "a+0x1, b+0x2/0x3.", "follow a+0x1;follow b+0x2;" },
		{ "Code at [<ffffffff81234567>] now", "follow 0xffffffff81234567;" },
		{ "ffff888003a1c000: 0000000000000000 ffff888003a1c008",
		  "follow 0xffff888003a1c000;follow 0xffff888003a1c008;" },
		{ "p=0xffff888003a1c000, q=0x7ffd1234abcd.",
		  "follow 0xffff888003a1c000;follow 0x7ffd1234abcd;" },
		{ "flags 0x42 0xfffedcb0 0x0000000000000000 0x0", "" },
		{ "0xffff888003a1c000f 0xffff888003a1c0001 xffff888003a1c000 0x", "" },
		{ "deadbeefdeadbeefdeadbeefdeadbeef 12345678 1234", "" },
		{ "not_a_symbol +0x16 9lives+0x3 +0x4/0x5 a+0x a+0xg", "" },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++)
		assert_found(cases[i].text, 16, cases[i].expected);
	/* of 32 bits */
	assert_found("c1234567: 00000001 c1234568 0xc1234569 0x1234 [<c123456a>]", 8,
		     "follow 0xc1234567;follow 0xc1234568;follow 0xc1234569;follow 0xc123456a;");
	assert_found("20231123 a1b2c3d4-e5f6 12345678 0xffff888003a1c000", 8,
		     "follow 0xffff888003a1c000;");
}

static void word_across_styles_is_one_link(void **state)
{
	static const struct doc_column parts[] = { { .key = "a" }, { .key = "b" }, { .key = "c" } };
	struct sheet_line l;
	struct sheet_link links[4];
	struct sheet *s;
	struct doc d;
	char *command;

	(void)state;
	doc_init(&d, NULL);
	doc_table(&d, "t", DOC_LINES, parts, KD_ARRAY_SIZE(parts));
	doc_put(&d, doc_str("0xffff8880"));
	doc_put(&d, doc_styled(doc_str("03a1c000"), DOC_BAD));
	doc_put(&d, doc_linked(doc_str(" 0xffff888003a1c001"), "%s", ""));
	s = sheet_of(&d);
	l = sheet_at(s, 0);
	assert_int_equal(l.nspans, 3);
	/* and what leads nowhere by its own word is none */
	assert_int_equal(sheet_links(&l, 16, links, 4), 1);
	command = sheet_link_command(&l, &links[0]);
	assert_string_equal(command, "follow 0xffff888003a1c000");
	free(command);
	sheet_free(s);
}

static void command_of_several_spans_is_one_link(void **state)
{
	static const struct doc_column parts[] = { { .key = "a" },
						   { .key = "b", .before = " " },
						   { .key = "c", .before = " " } };
	struct sheet_line l;
	struct sheet_link links[4];
	struct sheet *s;
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_table(&d, "t", DOC_LINES, parts, KD_ARRAY_SIZE(parts));
	doc_put(&d, doc_linked(doc_str("  one "), "bt 1"));
	doc_put(&d, doc_linked(doc_str("two"), "bt 2"));
	doc_put(&d, doc_linked(doc_str("three"), "bt 1"));
	s = sheet_of(&d);
	l = sheet_at(s, 0);
	assert_int_equal(sheet_links(&l, 16, links, 4), 2);
	/* without the blanks around it */
	assert_int_equal(links[0].start, 2);
	assert_int_equal(links[0].len, 3);
	assert_string_equal(links[1].command, "bt 2");
	/* more than there is room for are counted */
	assert_int_equal(sheet_links(&l, 16, links, 1), 2);
	sheet_free(s);
}

static void columns_are_those_of_the_terminal(void **state)
{
	size_t used;

	(void)state;
	assert_int_equal(glyph_columns("abc", 3), 3);
	assert_int_equal(glyph_columns("\xe4\xb8\xad", 3), 2);
	assert_int_equal(glyph_columns("e\xcc\x81", 3), 1);
	assert_int_equal(glyph_columns("\xff\xfe", 2), 2);
	assert_int_equal(glyph_fit("\xe4\xb8\xad\xe4\xb8\xad", 6, 3, &used), 3);
	assert_int_equal(used, 2);
	assert_int_equal(glyph_fit("xe\xcc\x81y", 5, 2, &used), 4);
	assert_int_equal(used, 2);
	assert_int_equal(glyph_fit("", 0, 2, &used), 0);
	assert_int_equal(used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_know_the_titles_of_their_table),
		cmocka_unit_test(spans_have_style_and_link),
		cmocka_unit_test(document_says_where_to_look_first),
		cmocka_unit_test(links_outlive_the_document),
		cmocka_unit_test(line_of_any_length_is_broken),
		cmocka_unit_test(nothing_is_cut_but_frames_are_fitted),
		cmocka_unit_test(addresses_and_symbols_in_plain_text_are_links),
		cmocka_unit_test(word_across_styles_is_one_link),
		cmocka_unit_test(command_of_several_spans_is_one_link),
		cmocka_unit_test(columns_are_those_of_the_terminal),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
