// SPDX-License-Identifier: GPL-3.0-or-later
/* MI records: what gdb writes, what it should not write, and what is no MI at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mi/record.h"

static struct mi_record *parse_bytes(const char *line, size_t len)
{
	struct mi_record *r = NULL;
	struct kd_err err = KD_ERR_INIT;
	/* Of exactly this size, so that a read past the end is seen. */
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	if (len)
		memcpy(copy, line, len);
	assert_int_equal(mi_record_parse(copy, len, &r, &err), 0);
	free(copy);
	assert_non_null(r);
	return r;
}

static struct mi_record *parse(const char *line)
{
	return parse_bytes(line, strlen(line));
}

#define PARSE(line) _cleanup_(mi_record_freep) struct mi_record *r = parse(line)

static void result_has_token_class_and_members(void **state)
{
	PARSE("1000002^done,frame={level=\"0\",func=\"panic\",args=[]},time=\"2\"");

	(void)state;
	assert_int_equal(r->kind, MI_RESULT);
	assert_true(r->has_token);
	assert_int_equal(r->token, 1000002);
	assert_string_equal(r->class_, "done");
	assert_string_equal(mi_text(&r->results, "frame.func"), "panic");
	assert_string_equal(mi_text(&r->results, "time"), "2");
	assert_int_equal(mi_get(&r->results, "frame.args")->kind, MI_LIST);
	assert_null(mi_get(&r->results, "frame.args")->first);
	assert_null(mi_get(&r->results, "frame.nothing"));
	assert_null(mi_get(&r->results, "frame.func.x"));
	assert_null(mi_get(&r->results, "fram"));
	assert_null(mi_get(&r->results, ""));
	assert_null(mi_text(&r->results, "frame"));
	assert_null(mi_get(NULL, "frame"));
}

static void every_kind_is_told_by_its_mark(void **state)
{
	static const struct {
		const char *line;
		enum mi_record_kind kind;
		const char *words; /* class or text */
	} cases[] = {
		{ "^done", MI_RESULT, "done" },
		{ "7^error,msg=\"Quit\"", MI_RESULT, "error" },
		{ "*stopped,reason=\"x\"", MI_EXEC, "stopped" },
		{ "5*running", MI_EXEC, "running" },
		{ "+download,{section=\".text\"}", MI_STATUS, "download" },
		{ "=thread-group-added,id=\"i1\"", MI_NOTIFY, "thread-group-added" },
		{ "~\"a\\n\"", MI_CONSOLE, "a\n" },
		{ "@\"b\"", MI_TARGET, "b" },
		{ "&\"Quit\\n\"", MI_LOG, "Quit\n" },
		{ "(gdb) ", MI_PROMPT, NULL },
		{ "(gdb)", MI_PROMPT, NULL },
		{ "(gdb) \r", MI_PROMPT, NULL },
		{ "12^done\r", MI_RESULT, "done" },
		{ "12^done  ", MI_RESULT, "done" },
		{ "", MI_RAW, "" },
		{ "hello", MI_RAW, "hello" },
		{ "(gdb) x", MI_RAW, "(gdb) x" },
		{ "(gd", MI_RAW, "(gd" },
		{ "17", MI_RAW, "17" },
		{ "^", MI_RAW, "^" },
		{ "~", MI_RAW, "~" },
		{ "~hello", MI_RAW, "~hello" },
		{ "abc7^done", MI_RAW, "abc7^done" },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		PARSE(cases[i].line);
		const char *words = r->class_ ? r->class_ : r->text;

		assert_int_equal(r->kind, cases[i].kind);
		if (cases[i].words)
			assert_string_equal(words, cases[i].words);
		else
			assert_null(words);
	}
}

static void damaged_lines_are_raw_text_unchanged(void **state)
{
	static const char *const lines[] = {
		"7^done,",
		"7^done,value",
		"7^done,value=",
		"7^done,value=\"",
		"7^done,value=\"abc",
		"7^done,value=\"abc\\",
		"7^done,value=\"abc\\\"",
		"7^done,a={",
		"7^done,a={b=\"1\"",
		"7^done,a={b=\"1\",}",
		"7^done,a=[\"1\"}",
		"7^done,a=[\"1\" \"2\"]",
		"7^done,a=\"1\"b",
		"7^done a=\"1\"",
		"7^,a=\"1\"",
		"7^done,=\"1\"",
		"7^done,a=1",
		"~\"a",
		"~\"a\"b",
		"~\"a\\1\\\"",
		"99999999999999999999999^done",
		"7^done,a=[[[[",
		"*",
		"=",
		"+,",
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(lines); i++) {
		PARSE(lines[i]);

		assert_int_equal(r->kind, MI_RAW);
		assert_string_equal(r->text, lines[i]);
		assert_int_equal(r->len, strlen(lines[i]));
		assert_false(r->has_token);
		assert_null(r->results.first);
	}
}

static void strings_are_unescaped_to_bytes(void **state)
{
	static const char want[] = "q\" b\\ n\n t\t e\033 \303\251 \001z \0end 8\0019 x";
	PARSE("~\"q\\\" b\\\\ n\\n t\\t e\\033 \\303\\251 \\1z \\000end 8\\0019 \\x\"");
	const char all[] = "\a\b\f\r\v\033";
	_cleanup_(mi_record_freep) struct mi_record *more = parse("~\"\\a\\b\\f\\r\\v\\e\"");

	(void)state;
	assert_int_equal(r->kind, MI_CONSOLE);
	assert_int_equal(r->len, sizeof(want) - 1);
	assert_memory_equal(r->text, want, sizeof(want));
	assert_string_equal(more->text, all);
}

static void bytes_may_be_anything(void **state)
{
	static const char line[] = "~\"a\0b\377c\"";
	_cleanup_(mi_record_freep) struct mi_record *r = parse_bytes(line, sizeof(line) - 1);
	_cleanup_(mi_record_freep) struct mi_record *raw = parse_bytes("a\0b", 3);

	(void)state;
	assert_int_equal(r->kind, MI_CONSOLE);
	assert_int_equal(r->len, 5);
	assert_memory_equal(r->text, "a\0b\377c", 5);
	assert_int_equal(raw->kind, MI_RAW);
	assert_int_equal(raw->len, 3);
	assert_memory_equal(raw->text, "a\0b", 3);
}

static void lists_hold_values_or_named_results(void **state)
{
	PARSE("1^done,stack=[frame={level=\"0\"},frame={level=\"1\"}],n=[\"a\",[\"b\"],{}],"
	      "bkpt={number=\"1\"},{number=\"1.1\"}");
	const struct mi_value *stack = mi_get(&r->results, "stack");
	const struct mi_value *n = mi_get(&r->results, "n"), *last;
	uint64_t level;

	(void)state;
	assert_string_equal(stack->first->name, "frame");
	assert_true(mi_number(stack->first->next, "level", &level));
	assert_int_equal(level, 1);
	assert_null(stack->first->next->next);
	assert_null(n->first->name);
	assert_string_equal(n->first->text, "a");
	assert_string_equal(n->first->next->first->text, "b");
	assert_int_equal(n->first->next->next->kind, MI_TUPLE);
	last = mi_get(&r->results, "bkpt")->next;
	assert_null(last->name);
	assert_string_equal(mi_text(last, "number"), "1.1");
}

static void numbers_are_whole_and_unsigned(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "42", true, 42 },
		{ "010", true, 10 },
		{ "0xff2e4A4D411f20c0", true, UINT64_C(0xff2e4a4d411f20c0) },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "0x10000000000000000", false, 0 },
		{ "", false, 0 },
		{ "0x", false, 0 },
		{ "-1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0xfg", false, 0 },
		{ "1\\0002", false, 0 },
		{ "0x10 <panic>", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		char line[64];
		uint64_t value = 77;

		snprintf(line, sizeof(line), "^done,v=\"%s\"", cases[i].text);
		PARSE(line);
		assert_int_equal(r->kind, MI_RESULT);
		assert_int_equal(mi_number(&r->results, "v", &value), cases[i].good);
		assert_true(value == (cases[i].good ? cases[i].value : 77));
		assert_false(mi_number(&r->results, "w", &value));
	}
}

static void nest(char *line, unsigned depth)
{
	char *p = stpcpy(line, "1^done,a=");

	for (unsigned i = 0; i < depth; i++)
		p = stpcpy(p, i % 2 ? "{b=" : "[");
	p = stpcpy(p, "\"x\"");
	for (unsigned i = depth; i-- > 0;)
		p = stpcpy(p, i % 2 ? "}" : "]");
}

static void nesting_over_64_levels_is_raw(void **state)
{
	char line[4096];

	(void)state;
	nest(line, 64);
	{
		PARSE(line);
		assert_int_equal(r->kind, MI_RESULT);
	}
	nest(line, 65);
	{
		PARSE(line);
		assert_int_equal(r->kind, MI_RAW);
	}
}

static void endless_nesting_does_not_eat_the_stack(void **state)
{
	size_t n = 1 << 20;
	char *line = malloc(n);

	(void)state;
	assert_non_null(line);
	memset(line, '[', n);
	memcpy(line, "1^done,a=", 9);
	{
		_cleanup_(mi_record_freep) struct mi_record *r = parse_bytes(line, n);

		assert_int_equal(r->kind, MI_RAW);
	}
	free(line);
}

static void too_many_values_are_raw(void **state)
{
	size_t pairs = (4 << 20) + 1, n = 0;
	char *line = malloc(16 + pairs * 3);

	(void)state;
	assert_non_null(line);
	n += (size_t)sprintf(line, "1^done,a=[{}");
	for (size_t i = 0; i < pairs; i++, n += 3)
		memcpy(line + n, ",{}", 3);
	line[n++] = ']';
	{
		_cleanup_(mi_record_freep) struct mi_record *r = parse_bytes(line, n);

		assert_int_equal(r->kind, MI_RAW);
		assert_int_equal(r->len, n);
	}
	free(line);
}

static void wide_answers_keep_their_order(void **state)
{
	enum { N = 20000 };
	char *line = malloc(N * 16 + 32), *p = line;
	const struct mi_value *v;
	uint64_t number, i = 0;

	(void)state;
	assert_non_null(line);
	p = stpcpy(p, "5^done,ids=[");
	for (int k = 0; k < N; k++)
		p += sprintf(p, "%sid=\"%d\"", k ? "," : "", k);
	stpcpy(p, "]");
	PARSE(line);
	free(line);
	v = mi_get(&r->results, "ids");
	assert_non_null(v);
	for (v = v->first; v; v = v->next, i++) {
		number = (uint64_t)strtoull(v->text, NULL, 10);
		assert_int_equal(number, i);
	}
	assert_int_equal(i, N);
}

static void quoting_is_undone_by_parsing(void **state)
{
	static const char *const texts[] = {
		"",  "p 1", "p \"a\\n\"", "echo \001\t\n\r\177", "printf \"%s\\\\\", \"\303\251\"",
		"'",
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(texts); i++) {
		_cleanup_(freep) char *quoted = mi_quote(texts[i]);
		char line[128];

		assert_non_null(quoted);
		assert_null(strchr(quoted, '\n'));
		snprintf(line, sizeof(line), "~%s", quoted);
		PARSE(line);
		assert_int_equal(r->kind, MI_CONSOLE);
		assert_string_equal(r->text, texts[i]);
	}
}

static void every_prefix_of_an_answer_is_survived(void **state)
{
	static const char line[] =
		"1000002^done,stack=[frame={level=\"0\",addr=\"0xffffffff8190\","
		"func=\"a\\\"b\",args=[{name=\"x\",value=\"\\000\"}]}],e={},l=[]";

	(void)state;
	for (size_t n = 0; n < sizeof(line); n++) {
		_cleanup_(mi_record_freep) struct mi_record *r = parse_bytes(line, n);

		if (r->kind == MI_RAW)
			assert_memory_equal(r->text, line, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result_has_token_class_and_members),
		cmocka_unit_test(every_kind_is_told_by_its_mark),
		cmocka_unit_test(damaged_lines_are_raw_text_unchanged),
		cmocka_unit_test(strings_are_unescaped_to_bytes),
		cmocka_unit_test(bytes_may_be_anything),
		cmocka_unit_test(lists_hold_values_or_named_results),
		cmocka_unit_test(numbers_are_whole_and_unsigned),
		cmocka_unit_test(nesting_over_64_levels_is_raw),
		cmocka_unit_test(endless_nesting_does_not_eat_the_stack),
		cmocka_unit_test(too_many_values_are_raw),
		cmocka_unit_test(wide_answers_keep_their_order),
		cmocka_unit_test(quoting_is_undone_by_parsing),
		cmocka_unit_test(every_prefix_of_an_answer_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
