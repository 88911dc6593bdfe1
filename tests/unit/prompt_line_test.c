// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines of the prompt: where commands, pipes and files begin and end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/prompt_line.h"

static bool is_raw(const char *name)
{
	return !strcmp(name, "p");
}

/* The parts as one text: "TEXT|PIPE", "TEXT>FILE", "!SHELL", joined by " ; ". */
static void assert_line(const char *text, const char *expected)
{
	struct kd_err err = KD_ERR_INIT;
	struct line l;
	char got[512] = "";

	if (line_split(text, is_raw, &l, &err)) {
		snprintf(got, sizeof(got), "error");
		line_fini(&l);
	}
	for (size_t i = 0; i < l.n; i++) {
		const struct line_part *p = &l.parts[i];
		size_t used = strlen(got);

		snprintf(got + used, sizeof(got) - used, "%s%s%s%s%s%s%s", i ? " ; " : "",
			 p->shell ? "!" : "", p->shell ? p->shell : p->text, p->pipe ? "|" : "",
			 p->pipe ? p->pipe : "", p->file ? (p->append ? ">>" : ">") : "",
			 p->file ? p->file : "");
	}
	line_fini(&l);
	assert_string_equal(got, expected);
}

static void plain_lines(void **state)
{
	(void)state;
	assert_line("", "");
	assert_line("   \t ", "");
	assert_line("# a comment", "");
	assert_line("bt -a", "bt -a");
	assert_line("  bt ; ps;log  ", "bt ; ps ; log");
	assert_line(";;bt;", "bt");
	assert_line("bt # and why", "bt # and why");
}

static void pipes_and_files(void **state)
{
	(void)state;
	assert_line("bt | less", "bt|less");
	assert_line("bt|grep x | wc; ls", "bt|grep x | wc; ls");
	assert_line("bt > out.txt", "bt>out.txt");
	assert_line("bt >>'my file' ; ps", "bt>>my file ; ps");
	assert_line("bt -A>out", "bt -A>out");
	assert_line("!ls | wc; date", "!ls | wc; date");
	assert_line("bt; !date", "bt ; !date");
}

static void quotes_hide_signs(void **state)
{
	(void)state;
	assert_line("bt 'a|b;c'", "bt 'a|b;c'");
	assert_line("ps \"a > b\" > f", "ps \"a > b\">f");
	assert_line("ps a\\|b", "ps a\\|b");
	assert_line("ps \"a\\\"|b\"", "ps \"a\\\"|b\"");
}

static void expressions_hold_signs_of_their_own(void **state)
{
	(void)state;
	assert_line("p a->b", "p a->b");
	assert_line("p a || b", "p a || b");
	assert_line("p a |b", "p a|b");
	assert_line("p a|b", "p a|b");
	assert_line("p (a | b) | wc", "p (a | b)|wc");
	assert_line("p a >= b", "p a >= b");
	assert_line("p a > 3", "p a > 3");
	assert_line("p a >> 3", "p a >> 3");
	assert_line("p a[x > y] > out", "p a[x > y]>out");
	assert_line("p a > 3; bt", "p a > 3 ; bt");
	assert_line("p 'fork.c'::x", "p 'fork.c'::x");
	assert_line("p 'x", "p 'x");
}

static void mistakes_are_errors(void **state)
{
	(void)state;
	assert_line("bt 'a", "error");
	assert_line("bt |", "error");
	assert_line("| less", "error");
	assert_line("bt >", "error");
	assert_line("> f", "error");
	assert_line("bt > a b", "error");
	assert_line("bt > a | less", "error");
}

static void words_are_split_as_in_the_shell(void **state)
{
	static const char text[] = " bt  'a b'\"c\"\\ d  -n 5 ''";
	static const char *const expected[] = { "bt", "a bc d", "-n", "5", "" };
	struct kd_err err = KD_ERR_INIT;
	struct line_words w;

	(void)state;
	assert_int_equal(line_words(text, false, &w, &err), 0);
	assert_int_equal(w.n, KD_ARRAY_SIZE(expected));
	for (size_t i = 0; i < w.n; i++)
		assert_string_equal(w.word[i], expected[i]);
	assert_int_equal(w.start[0], 1);
	assert_int_equal(w.start[2], strstr(text, "-n") - text);
	line_words_fini(&w);
	assert_int_equal(line_words("a 'b", false, &w, &err), KD_USAGE);
	line_words_fini(&w);
	assert_int_equal(line_words("a 'b", true, &w, &err), 0);
	assert_int_equal(w.n, 2);
	line_words_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines),
		cmocka_unit_test(pipes_and_files),
		cmocka_unit_test(quotes_hide_signs),
		cmocka_unit_test(expressions_hold_signs_of_their_own),
		cmocka_unit_test(mistakes_are_errors),
		cmocka_unit_test(words_are_split_as_in_the_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
