// SPDX-License-Identifier: GPL-3.0-or-later
/* Documents, and what text and JSON make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/arch.h"
#include "ui/doc.h"
#include "ui/escape.h"
#include "ui/render_json.h"
#include "ui/render_text.h"

/* The text of a document on a terminal of WIDTH columns (0: in a pipe); owned by the caller. */
static char *text_of(const struct doc *d, unsigned width, bool color)
{
	struct text_render r = { .width = width, .color = color };
	char *text = NULL;
	size_t size = 0;

	r.out = open_memstream(&text, &size);
	assert_non_null(r.out);
	for (const struct doc_node *n = d->root.first; n; n = n->next)
		assert_int_equal(render_text_node(&r, n), 0);
	fclose(r.out);
	return text;
}

static void assert_text(const struct doc *d, unsigned width, const char *expected)
{
	char *text = text_of(d, width, false);

	assert_string_equal(text, expected);
	free(text);
}

/* The document's JSON in one line, keys in the order they came. */
static void assert_json(const struct doc *d, const char *expected)
{
	struct kd_err err = KD_ERR_INIT;
	struct json_render r;
	char *text;

	assert_int_equal(json_render_init(&r, "test", &err), 0);
	for (const struct doc_node *n = d->root.first; n; n = n->next)
		assert_int_equal(render_json_node(&r, n), 0);
	text = json_dumps(r.root, JSON_COMPACT);
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_render_fini(&r);
}

static const struct doc_column columns[] = {
	{ .key = "mark", .title = "", .flags = DOC_ONLY_TEXT },
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "task", .title = "TASK" },
	{ .key = "flags", .flags = DOC_ONLY_JSON },
	{ .key = "comm", .title = "COMM" },
};

static void put_row(struct doc *d, const char *mark, uint64_t pid, const char *comm)
{
	doc_put(d, doc_str(mark));
	doc_put(d, doc_uint(pid));
	doc_put(d, doc_addr(&arch_x86_64, 0xffff888003a1c000));
	doc_put(d, doc_hex(0x40));
	doc_put(d, doc_str(comm));
}

static void table_is_aligned_and_an_array_of_objects(void **state)
{
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_table(&d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	put_row(&d, "*", 1, "init");
	put_row(&d, "", 4711, "");
	assert_int_equal(doc_status(&d), 0);
	assert_text(&d, 0,
		    "   PID  TASK                COMM\n"
		    "*    1  0xffff888003a1c000  init\n"
		    "  4711  0xffff888003a1c000\n");
	assert_json(&d, "{\"command\":\"test\",\"tasks\":["
			"{\"pid\":1,\"task\":\"0xffff888003a1c000\",\"flags\":\"0x40\","
			"\"comm\":\"init\"},"
			"{\"pid\":4711,\"task\":\"0xffff888003a1c000\",\"flags\":\"0x40\","
			"\"comm\":\"\"}]}");
	doc_fini(&d);
}

static void only_the_last_text_is_cut_and_only_on_a_terminal(void **state)
{
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_table(&d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	put_row(&d, "", 1, "a-rather-long-name-of-a-task");
	assert_text(&d, 40,
		    " PID  TASK                COMM\n"
		    "   1  0xffff888003a1c000  a-rather-long~\n");
	assert_text(&d, 0,
		    " PID  TASK                COMM\n"
		    "   1  0xffff888003a1c000  a-rather-long-name-of-a-task\n");
	/* Too narrow for the address: it is whole all the same. */
	assert_text(&d, 10,
		    " PID  TASK                COMM\n"
		    "   1  0xffff888003a1c000  a-rather-long-name-of-a-task\n");
	doc_fini(&d);
}

static void table_without_rows_is_an_empty_array_and_no_text(void **state)
{
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_table(&d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	assert_text(&d, 80, "");
	assert_json(&d, "{\"command\":\"test\",\"tasks\":[]}");
	doc_fini(&d);
}

static const struct doc_column log_columns[] = {
	{ .key = "t", .flags = DOC_RIGHT, .before = "[", .after = "] ", .min_width = 12 },
	{ .key = "text" },
};

static void every_line_of_a_record_begins_alike(void **state)
{
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_table(&d, "log", DOC_LINES, log_columns, KD_ARRAY_SIZE(log_columns));
	doc_put(&d, doc_nsec(5784679000));
	doc_put(&d, doc_str("one\n two"));
	doc_put(&d, doc_none(NULL));
	doc_put(&d, doc_str("without time"));
	doc_put(&d, doc_nsec(1));
	doc_put(&d, doc_str(""));
	assert_text(&d, 0,
		    "[    5.784679] one\n[    5.784679]  two\nwithout time\n[    0.000000] \n");
	assert_json(&d, "{\"command\":\"test\",\"log\":[{\"t\":\"5.784679000\","
			"\"text\":\"one\\n two\"},{\"t\":null,\"text\":\"without time\"},"
			"{\"t\":\"0.000000001\",\"text\":\"\"}]}");
	doc_fini(&d);
}

static void control_bytes_of_the_dump_do_not_reach_the_terminal(void **state)
{
	static const char bad[] = "a\033[7m\nb\x9b\xc2\x9b\xe2\x80\xae\xff\tc\xc3\xa4";
	struct doc d;
	char *text;

	(void)state;
	doc_init(&d, NULL);
	doc_table(&d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	put_row(&d, "", 1, bad);
	doc_fields(&d, NULL);
	doc_field(&d, "f", "f", doc_str(bad));
	doc_text(&d, "t", doc_str(bad));
	doc_note(&d, DOC_FINDING, "%s", bad);
	doc_section(&d, "s", bad);
	doc_section_end(&d);
	text = text_of(&d, 0, false);
	for (const char *p = text; *p; p++) {
		assert_false((uint8_t)*p < 0x20 && *p != '\n');
		assert_int_not_equal((uint8_t)*p, 0xff);
		assert_int_not_equal((uint8_t)*p, 0x9b);
	}
	assert_non_null(strstr(text, "a\\x1b[7m\\x0ab\\x9b\\xc2\\x9b\\xe2\\x80\\xae\\xff"));
	assert_non_null(strstr(text, "c\xc3\xa4"));
	free(text);
	doc_fini(&d);
}

static void json_is_utf8_whatever_the_bytes(void **state)
{
	static const char bad[] = "x\xff\0y\xc3\xa4\xed\xa0\x80\x7f\xc2\x9b\xe2\x80\xae\033";
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_text(&d, "t", doc_strn(bad, sizeof(bad) - 1));
	assert_json(&d, "{\"command\":\"test\",\"t\":\"x\\\\xff\\u0000y\xc3\xa4"
			"\\\\xed\\\\xa0\\\\x80\\\\x7f\\\\xc2\\\\x9b\\\\xe2\\\\x80\\\\xae\\u001B\"}");
	doc_fini(&d);
}

static void fields_align_and_unknown_is_said(void **state)
{
	struct doc d;

	(void)state;
	doc_init(&d, NULL);
	doc_section(&d, "info", "What crashed");
	doc_fields(&d, NULL);
	doc_field(&d, "panic", "panic", doc_str("oops"));
	doc_field(&d, "bytes", NULL, doc_uint(UINT64_MAX));
	doc_field(&d, "when", "crash time", doc_none(NULL));
	doc_field(&d, "why", "w", doc_none("no log"));
	doc_field(&d, "b", "b", doc_bool(true));
	doc_note(&d, DOC_FINDING, "%d tasks", 3);
	doc_note(&d, DOC_HINT, "go on");
	doc_section_end(&d);
	assert_text(&d, 0,
		    "== What crashed ==\n"
		    "panic       oops\n"
		    "crash time  not known\n"
		    "w           no log\n"
		    "b           yes\n"
		    "! 3 tasks\n"
		    "go on\n");
	assert_json(&d, "{\"command\":\"test\",\"info\":{\"panic\":\"oops\","
			"\"bytes\":\"18446744073709551615\",\"when\":null,\"why\":null,"
			"\"b\":true,\"notes\":[\"3 tasks\"]}}");
	doc_fini(&d);
}

static void colour_is_only_there_when_asked_for(void **state)
{
	struct doc d;
	char *text;

	(void)state;
	doc_init(&d, NULL);
	doc_text(&d, "t", doc_styled(doc_str("x"), DOC_BAD));
	text = text_of(&d, 80, true);
	assert_string_equal(text, "\033[1;31mx\033[0m\n");
	free(text);
	assert_text(&d, 80, "x\n");
	doc_fini(&d);
}

struct counting_sink {
	unsigned nodes, fail_at;
};

static int count_node(void *data, const struct doc_node *n)
{
	struct counting_sink *s = data;

	(void)n;
	return ++s->nodes == s->fail_at ? KD_IO : 0;
}

static void complete_nodes_are_handed_over_once(void **state)
{
	struct counting_sink c = { 0 };
	struct doc_sink sink = { .data = &c, .node = count_node };
	struct doc d;

	(void)state;
	doc_init(&d, &sink);
	doc_text(&d, "a", doc_str("a"));
	assert_int_equal(doc_flush(&d), 0);
	assert_int_equal(c.nodes, 1);
	doc_section(&d, "s", NULL);
	doc_text(&d, "b", doc_str("b"));
	assert_int_equal(doc_flush(&d), 0);
	assert_int_equal(c.nodes, 1);
	doc_section_end(&d);
	assert_int_equal(doc_flush(&d), 0);
	assert_int_equal(doc_flush(&d), 0);
	assert_int_equal(c.nodes, 2);
	doc_fini(&d);
}

static void failure_of_the_sink_sticks(void **state)
{
	struct counting_sink c = { .fail_at = 1 };
	struct doc_sink sink = { .data = &c, .node = count_node };
	struct doc d;

	(void)state;
	doc_init(&d, &sink);
	doc_text(&d, "a", doc_str("a"));
	assert_int_equal(doc_flush(&d), KD_IO);
	doc_table(&d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	put_row(&d, "", 1, "x");
	doc_fields(&d, "f");
	doc_field(&d, "f", "f", doc_str("x"));
	doc_note(&d, DOC_FINDING, "x");
	assert_int_equal(doc_flush(&d), KD_IO);
	assert_int_equal(c.nodes, 1);
	doc_fini(&d);
}

static void utf8_is_checked_strictly(void **state)
{
	static const struct {
		const char *bytes;
		size_t len, n;
	} cases[] = {
		{ "a", 1, 1 },
		{ "\xc3\xa4", 2, 2 },
		{ "\xc3", 1, 0 },
		{ "\xc0\x80", 2, 0 },
		{ "\xe0\x80\x80", 3, 0 },
		{ "\xed\xa0\x80", 3, 0 },
		{ "\xf4\x90\x80\x80", 4, 0 },
		{ "\xf0\x9f\x90\xa7", 4, 4 },
		{ "\x80", 1, 0 },
		{ "\xe2\x82", 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		uint32_t code;

		assert_int_equal(utf8_decode(cases[i].bytes, cases[i].len, &code), cases[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_aligned_and_an_array_of_objects),
		cmocka_unit_test(only_the_last_text_is_cut_and_only_on_a_terminal),
		cmocka_unit_test(table_without_rows_is_an_empty_array_and_no_text),
		cmocka_unit_test(every_line_of_a_record_begins_alike),
		cmocka_unit_test(control_bytes_of_the_dump_do_not_reach_the_terminal),
		cmocka_unit_test(json_is_utf8_whatever_the_bytes),
		cmocka_unit_test(fields_align_and_unknown_is_said),
		cmocka_unit_test(colour_is_only_there_when_asked_for),
		cmocka_unit_test(complete_nodes_are_handed_over_once),
		cmocka_unit_test(failure_of_the_sink_sticks),
		cmocka_unit_test(utf8_is_checked_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
