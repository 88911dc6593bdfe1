// SPDX-License-Identifier: GPL-3.0-or-later
/* Options, nearest words, numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/args.h"
#include "ui/command.h"
#include "ui/nearest.h"

static const struct opt_def own[] = {
	{ 'a', "cpus", NULL, "" },  { 'n', "limit", "N", "" }, { '1', "bytes", NULL, "" },
	{ 0, "no-args", NULL, "" }, { 0, NULL, NULL, NULL },
};

static const struct opt_def common[] = {
	{ 'j', "json", NULL, "" },
	{ 0, "debug-dir", "DIR", "" },
	{ 0, NULL, NULL, NULL },
};

static struct kd_err err;

/* "OPTION=VALUE,... WORD ..." of a line split at blanks, or "error". */
static void assert_args(const char *line, unsigned flags, const char *expected)
{
	const char *words[32];
	char copy[256], got[512] = "", *save = NULL;
	struct args a;
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	if (args_parse(words, n, own, common, flags, &a, &err)) {
		args_fini(&a);
		assert_string_equal("error", expected);
		return;
	}
	for (size_t i = 0; i < a.noptions; i++) {
		size_t used = strlen(got);

		snprintf(got + used, sizeof(got) - used, "%s%s%s,", a.options[i].def->name,
			 a.options[i].value ? "=" : "",
			 a.options[i].value ? a.options[i].value : "");
	}
	for (size_t i = 0; i < a.nwords; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), " %s", a.words[i]);
	for (size_t i = 0; i < a.nrest; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), " +%s", a.rest[i]);
	if (a.raw)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), " <%s>", a.raw);
	args_fini(&a);
	assert_string_equal(got, expected);
}

static void options_stand_anywhere(void **state)
{
	(void)state;
	assert_args("", 0, "");
	assert_args("x -a y --json z", 0, "cpus,json, x y z");
	assert_args("-a1n5 x", 0, "cpus,bytes,limit=5, x");
	assert_args("-n 5 --limit=6 --limit 7", 0, "limit=5,limit=6,limit=7,");
	assert_args("--debug-dir /a --debug-dir=/b", 0, "debug-dir=/a,debug-dir=/b,");
	assert_args("- x", 0, " - x");
	assert_args("-a -- -j x", 0, "cpus, -j x");
	assert_args("--limit=", 0, "limit=,");
}

static void mistakes_are_errors(void **state)
{
	(void)state;
	assert_args("-z", 0, "error");
	assert_args("--nosuch", 0, "error");
	assert_args("-n", 0, "error");
	assert_args("--limit", 0, "error");
	assert_args("--cpus=3", 0, "error");
	assert_args("--cpu", 0, "error");
	assert_string_equal(err.text, "no option --cpu; did you mean --cpus?");
}

static void expression_is_taken_as_it_stands(void **state)
{
	(void)state;
	assert_args("-a x -n 5 -z", ARGS_RAW, "cpus, x -n 5 -z <x -n 5 -z>");
	assert_args("-3 + 4", ARGS_RAW, " -3 + 4 <-3 + 4>");
	assert_args("-- -a", ARGS_RAW, " -a <-a>");
}

static void rest_is_left_alone(void **state)
{
	(void)state;
	assert_args("-a x -- -batch -ex bt", ARGS_REST, "cpus, x +-batch +-ex +bt");
}

static void numbers_are_whole(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(parse_number("10", &v) && v == 10);
	assert_true(parse_number("0x10", &v) && v == 16);
	assert_true(parse_hex("ffffffff81000000", &v) && v == 0xffffffff81000000);
	assert_true(parse_hex("0xff", &v) && v == 255);
	assert_false(parse_number("", &v));
	assert_false(parse_number("-1", &v));
	assert_false(parse_number(" 1", &v));
	assert_false(parse_number("1x", &v));
	assert_false(parse_number("0x", &v));
	assert_false(parse_number("99999999999999999999", &v));
	assert_false(parse_hex("1ffffffffffffffff", &v));
}

static int take(const char *word, uint64_t *v)
{
	static const struct opt_def table[] = { { 0, "at", "ADDRESS", "" }, { 0 } };
	const char *words[] = { "--at", word };
	struct args a;
	int ret = args_parse(words, 2, table, NULL, 0, &a, &err);

	*v = 7;
	if (!ret)
		ret = args_address(&a, "at", v, &err);
	args_fini(&a);
	return ret;
}

static void addresses_come_as_the_kernel_takes_them(void **state)
{
	static const char *const none[] = { "", "K", "0x", "1KK", "@", "1K@", "-1K", "20E", "5 ",
					    "11111111111111111111111111111111111111111K" };
	uint64_t v;

	(void)state;
	assert_true(!take("0x1f000000", &v) && v == 0x1f000000);
	assert_true(!take("343412K", &v) && v == 343412 * UINT64_C(1024));
	assert_true(!take("16K@425m", &v) && v == 425 << 20);
	assert_true(!take("0x1e", &v) && v == 0x1e);
	assert_true(!take("0x1aK", &v) && v == 0x1a << 10);
	assert_true(!take("1G", &v) && v == 1 << 30);
	for (size_t i = 0; i < KD_ARRAY_SIZE(none); i++)
		assert_true(take(none[i], &v) == KD_USAGE && v == 7);
}

static void nearest_words_come_first(void **state)
{
	struct nearest n;
	char buf[128];

	(void)state;
	nearest_init(&n, "schedul");
	nearest_offer(&n, "schedule_on_each_cpu");
	nearest_offer(&n, "panic");
	nearest_offer(&n, "schedule");
	nearest_offer(&n, "schedule");
	nearest_offer(&n, "schedule_idle");
	nearest_offer(&n, "schedule_work");
	assert_string_equal(nearest_format(&n, "", buf, sizeof(buf)),
			    "schedule, schedule_idle or schedule_work");
	nearest_init(&n, "tb");
	nearest_offer(&n, "bt");
	nearest_offer(&n, "ps");
	assert_string_equal(nearest_format(&n, "", buf, sizeof(buf)), "bt");
	nearest_init(&n, "x");
	nearest_offer(&n, "p");
	assert_int_equal(n.n, 0);
}

/* Options of a command must not hide each other or the common ones. */
static void no_command_has_an_option_twice(void **state)
{
	const struct command *c;

	(void)state;
	for (size_t i = 0; (c = command_at(i)); i++) {
		assert_non_null(c->summary);
		assert_non_null(c->help);
		assert_non_null(c->synopsis);
		assert_true(c->flags & (CMD_SHELL | CMD_PROMPT));
		assert_true(c->max >= c->min);
		for (const struct opt_def *o = c->options; o && o->name; o++) {
			assert_ptr_equal(opt_find(c->options, 0, o->name, strlen(o->name)), o);
			if (o->letter)
				assert_ptr_equal(opt_find(c->options, o->letter, NULL, 0), o);
		}
	}
}

static void every_name_finds_its_command(void **state)
{
	const struct command *c;

	(void)state;
	for (size_t i = 0; (c = command_at(i)); i++)
		assert_ptr_equal(command_find(c->name, c->flags & (CMD_SHELL | CMD_PROMPT)), c);
	assert_ptr_equal(command_find("dmesg", CMD_PROMPT), command_find("log", CMD_PROMPT));
	assert_null(command_find("dmes", CMD_PROMPT));
	assert_null(command_find("", CMD_PROMPT));
	assert_null(command_find("task", CMD_SHELL));
	assert_int_equal(command_unknown("lgo", CMD_PROMPT, &err), KD_USAGE);
	assert_string_equal(err.text, "no command \"lgo\"; did you mean log?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(mistakes_are_errors),
		cmocka_unit_test(expression_is_taken_as_it_stands),
		cmocka_unit_test(rest_is_left_alone),
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(addresses_come_as_the_kernel_takes_them),
		cmocka_unit_test(nearest_words_come_first),
		cmocka_unit_test(no_command_has_an_option_twice),
		cmocka_unit_test(every_name_finds_its_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
