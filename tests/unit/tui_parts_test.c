// SPDX-License-Identifier: GPL-3.0-or-later
/* The small parts of the TUI: the table of keys, messages, gdb's console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>
#include <string.h>

#include <cmocka.h>

#include "tui/console.h"
#include "tui/messages.h"
#include "ui/command.h"
#include "ui/keys.h"
#include "ui/render_text.h"

/* --- keys --- */

/* Every key of the table, one after the other; NULL past the end. */
static const struct key *key_at(size_t i)
{
	const struct key_group *g;

	for (size_t n = 0; (g = keys_group(n)); n++)
		for (const struct key *k = g->keys; k->code; k++)
			if (!i--)
				return k;
	return NULL;
}

static bool shares_code(const struct key *a, const struct key *b)
{
	return a->code == b->code || a->code == b->also || (a->also && a->also == b->code) ||
	       (a->also && a->also == b->also);
}

static void no_key_has_two_meanings(void **state)
{
	const struct key *a, *b;

	(void)state;
	assert_non_null(key_at(0));
	for (size_t i = 0; (a = key_at(i)); i++)
		for (size_t k = i + 1; (b = key_at(k)); k++)
			if (a->where == b->where && shares_code(a, b))
				fail_msg("%s and %s", a->shown, b->shown);
}

static void every_key_is_found_and_explained(void **state)
{
	const struct key *k;

	(void)state;
	for (size_t i = 0; (k = key_at(i)); i++) {
		assert_ptr_equal(keys_find(k->code, k->where == KEYS_STACK), k);
		if (k->also)
			assert_ptr_equal(keys_find(k->also, k->where == KEYS_STACK), k);
		assert_true(k->help && *k->help && k->shown && *k->shown && k->action);
	}
	assert_null(keys_find('~', false));
	/* Those of a stack mean nothing elsewhere, or something else. */
	assert_null(keys_find('u', false));
	assert_int_equal(keys_find('d', false)->action, ACT_CODE);
	assert_int_equal(keys_find('d', true)->action, ACT_FRAME_CODE);
}

static bool is_plain(int code)
{
	return code && (isprint(code & 0xff) || code == KEYS_ENTER || code == KEYS_ESC ||
			code == KEYS_TAB) &&
	       code < 0x100;
}

static void no_function_has_a_control_or_function_key_alone(void **state)
{
	const struct key *a, *b;

	(void)state;
	for (size_t i = 0; (a = key_at(i)); i++) {
		bool plain = false;

		for (size_t k = 0; (b = key_at(k)); k++)
			plain |= a->action == b->action && (is_plain(b->code) || is_plain(b->also));
		/* The terminal's own. */
		if (!plain && a->action != ACT_SUSPEND)
			fail_msg("%s: %s", a->shown, a->help);
	}
	assert_int_equal(keys_find('k', false)->action, ACT_UP);
}

static void every_digit_has_a_command_to_show(void **state)
{
	(void)state;
	for (int digit = '0'; digit <= '9'; digit++) {
		const struct key_view *v = keys_view(digit);

		assert_non_null(v);
		assert_int_equal(keys_find(digit, false)->action, ACT_VIEW);
		assert_non_null(command_find(v->line, CMD_PROMPT));
		assert_ptr_equal(keys_view_of(v->line), v);
	}
	assert_null(keys_view('a'));
	assert_null(keys_view_of("help"));
}

/* --- messages --- */

static char *text_of(const struct doc *d)
{
	char *text = NULL;
	size_t size = 0;
	struct text_render r = { .out = open_memstream(&text, &size) };

	assert_non_null(r.out);
	for (const struct doc_node *n = d->root.first; n; n = n->next)
		assert_int_equal(render_text_node(&r, n), 0);
	fclose(r.out);
	return text;
}

static char *messages_text(const struct messages *m)
{
	struct doc d;
	char *text;

	doc_init(&d, NULL);
	messages_doc(m, &d);
	assert_int_equal(doc_status(&d), 0);
	text = text_of(&d);
	doc_fini(&d);
	return text;
}

static void messages_are_kept_and_the_oldest_forgotten(void **state)
{
	struct messages *m = calloc(1, sizeof(*m));
	enum doc_style style = DOC_PLAIN;
	_cleanup_(freep) char *text = NULL;
	size_t unseen;

	(void)state;
	assert_null(messages_newest(m, &style, &unseen));
	for (int i = 0; i < MESSAGES_MAX + 5; i++)
		messages_add(m, i & 1 ? DOC_BAD : DOC_PLAIN, "number %d.", i);
	assert_string_equal(messages_newest(m, &style, &unseen), "number 1004.");
	assert_int_equal(style, DOC_PLAIN);
	assert_int_equal(unseen, MESSAGES_MAX + 5);
	messages_seen(m);
	assert_null(messages_newest(m, &style, &unseen));
	text = messages_text(m);
	assert_non_null(strstr(text, "number 5.\n"));
	assert_null(strstr(text, "number 4.\n"));
	assert_non_null(strstr(text, "number 1004.\n"));
	messages_fini(m);
	free(m);
}

static void messages_bring_no_control_bytes(void **state)
{
	struct messages *m = calloc(1, sizeof(*m));
	enum doc_style style;
	size_t unseen;

	(void)state;
	messages_add(m, DOC_BAD, "a name: %s", "x\033[2Jy\nz");
	assert_string_equal(messages_newest(m, &style, &unseen), "a name: x\\x1b[2Jy\\x0az");
	messages_fini(m);
	free(m);
}

/* --- console --- */

static char *console_text(const struct console *c)
{
	struct doc d;
	char *text;

	doc_init(&d, NULL);
	console_doc(c, &d);
	text = text_of(&d);
	doc_fini(&d);
	return text;
}

static void answer(struct console *c, uint64_t id, const char *words, int status)
{
	struct kd_err err = KD_ERR_INIT;
	struct doc d;

	doc_init(&d, NULL);
	if (*words)
		doc_text(&d, "text", doc_str(words));
	if (status)
		kd_fail(&err, status, "it failed");
	console_answer(c, id, &d, &err);
	doc_fini(&d);
}

static void answers_stand_below_their_questions(void **state)
{
	struct console c = { 0 };
	_cleanup_(freep) char *text = NULL;

	(void)state;
	assert_int_equal(console_ask(&c, 7, "bt 1"), 0);
	assert_int_equal(console_ask(&c, 8, "p x"), 0);
	assert_true(console_has(&c, 7) && console_has(&c, 8));
	answer(&c, 8, "$1 = 5\n", 0);
	answer(&c, 7, "", KD_GDB);
	answer(&c, 9, "nobody asked", 0);
	assert_false(console_has(&c, 7));
	text = console_text(&c);
	assert_string_equal(text, "(gdb) bt 1\nit failed\n(gdb) p x\n$1 = 5\n");
	console_fini(&c);
}

static void console_is_bounded(void **state)
{
	struct console c = { 0 };
	_cleanup_(freep) char *big = malloc(CONSOLE_BYTES / 2);
	_cleanup_(freep) char *text = NULL;

	(void)state;
	memset(big, 'x', CONSOLE_BYTES / 2);
	big[CONSOLE_BYTES / 2 - 1] = '\0';
	for (uint64_t id = 1; id <= CONSOLE_ENTRIES + 3; id++) {
		assert_int_equal(console_ask(&c, id, "q"), 0);
		answer(&c, id, "a", 0);
	}
	assert_int_equal(c.n, CONSOLE_ENTRIES);
	for (uint64_t id = 1000; id < 1004; id++) {
		assert_int_equal(console_ask(&c, id, "q"), 0);
		answer(&c, id, big, 0);
	}
	assert_true(c.bytes <= CONSOLE_BYTES && c.n >= 1);
	/* The newest is there in any case. */
	text = console_text(&c);
	assert_non_null(strstr(text, "xxx"));
	console_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_has_two_meanings),
		cmocka_unit_test(every_key_is_found_and_explained),
		cmocka_unit_test(no_function_has_a_control_or_function_key_alone),
		cmocka_unit_test(every_digit_has_a_command_to_show),
		cmocka_unit_test(messages_are_kept_and_the_oldest_forgotten),
		cmocka_unit_test(messages_bring_no_control_bytes),
		cmocka_unit_test(answers_stand_below_their_questions),
		cmocka_unit_test(console_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
