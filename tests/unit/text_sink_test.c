// SPDX-License-Identifier: GPL-3.0-or-later
/* Documents as pieces of text with styles, links and marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/arch.h"
#include "ui/doc.h"
#include "ui/render_text.h"

/* What came, as one text: "<LINK|bytes>", "{marks}". */
struct seen {
	char text[4096];
	size_t len;
	unsigned puts, fail_at;
};

static void append(struct seen *s, const char *bytes, size_t n)
{
	assert_true(s->len + n < sizeof(s->text));
	memcpy(s->text + s->len, bytes, n);
	s->len += n;
	s->text[s->len] = '\0';
}

static int put(void *data, enum doc_style style, const char *link, const char *bytes, size_t n)
{
	struct seen *s = data;

	(void)style;
	if (++s->puts == s->fail_at)
		return KD_NOMEM;
	if (link) {
		append(s, "<", 1);
		append(s, link, strlen(link));
		append(s, "|", 1);
	}
	append(s, bytes, n);
	if (link)
		append(s, ">", 1);
	return 0;
}

static void mark(void *data, unsigned marks)
{
	char buf[16];

	append(data, buf, (size_t)snprintf(buf, sizeof(buf), "{%u}", marks));
}

static int render(const struct doc *d, struct seen *s)
{
	struct text_sink sink = { .data = s, .put = put, .mark = mark };
	struct text_render r = { .sink = &sink };
	int ret = 0;

	for (const struct doc_node *n = d->root.first; n && !ret; n = n->next)
		ret = render_text_node(&r, n);
	return ret;
}

static const struct doc_column columns[] = {
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "comm", .title = "COMM" },
};

static void make_table(struct doc *d)
{
	doc_init(d, NULL);
	doc_table(d, "tasks", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	doc_put(d, doc_linked(doc_uint(1), "bt %u", 1));
	doc_put(d, doc_str("init"));
	doc_put(d, doc_linked(doc_uint(4711), "bt %u", 4711));
	doc_put(d, doc_here(doc_linked(doc_str("sh"), "%s", "")));
}

static void cells_bring_links_and_lines_bring_marks(void **state)
{
	struct seen s = { 0 };
	struct doc d;

	(void)state;
	make_table(&d);
	doc_note(&d, DOC_FINDING, "a loop");
	assert_int_equal(render(&d, &s), 0);
	assert_string_equal(s.text, "{4} PID  COMM\n"
				    "{8}   <bt 1|1>  init\n"
				    "{8}<bt 4711|4711>  {1}<|sh>\n"
				    "{16}! a loop\n");
	doc_fini(&d);
}

static void failing_sink_is_not_called_again(void **state)
{
	struct seen s = { .fail_at = 3 };
	struct doc d;

	(void)state;
	make_table(&d);
	assert_int_equal(render(&d, &s), KD_NOMEM);
	assert_int_equal(s.puts, 3);
	doc_fini(&d);
}

static void hostile_names_make_no_links(void **state)
{
	static const char *const names[] = { "a;!reboot", "a|sh",     "a>b",	 "a\nps", "a\033b",
					     "$(x)",	  "`x`",      "'a",	 "a\"",	  "a\\b",
					     "a!b",	  "\x80\xff", "\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++) {
		struct doc_cell c = doc_linked(doc_str("x"), "mod %s", names[i]);

		assert_null(c.link);
		assert_false(c.failed);
		free(c.text);
	}
	assert_true(link_is_plain("list task_struct.tasks 0xffff -e struct.a[3] &x"));
}

static void moved_document_is_whole_and_the_old_one_empty(void **state)
{
	struct seen s = { 0 };
	struct doc from, to;

	(void)state;
	make_table(&from);
	doc_move(&to, &from);
	assert_null(from.root.first);
	doc_text(&to, NULL, doc_str("more"));
	assert_int_equal(render(&to, &s), 0);
	assert_non_null(strstr(s.text, "<bt 1|1>"));
	assert_non_null(strstr(s.text, "\n\nmore\n"));
	doc_fini(&from);
	doc_fini(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_bring_links_and_lines_bring_marks),
		cmocka_unit_test(failing_sink_is_not_called_again),
		cmocka_unit_test(hostile_names_make_no_links),
		cmocka_unit_test(moved_document_is_whole_and_the_old_one_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
