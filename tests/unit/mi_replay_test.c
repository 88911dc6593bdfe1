// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Sessions recorded of a real gdb (tests/mi/), asked again of a fake one: the same
 * commands go out, and each gets the answer that followed it in the recording.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_gdb.h"
#include "mi/mi.h"

/* One command of a recording and what became of it. */
struct step {
	char command[512];
	uint64_t token;
	char class_[32];
	bool unknown, interrupted, console;
};

struct session {
	struct mi *mi;
	struct step steps[128];
	size_t count;
	bool cancel; /* what tick says */
};

static bool tick(void *data, const char *what, unsigned elapsed_ms)
{
	struct session *s = data;

	(void)what;
	/* At 0 it is not sent yet, and would not be. */
	return !s->cancel || elapsed_ms < 20;
}

static void log_path(char *path, size_t size, const char *name)
{
	static const char here[] = __FILE__;
	const char *dir = strstr(here, "unit/");

	assert_non_null(dir);
	snprintf(path, size, "%.*smi/%s", (int)(dir - here), here, name);
}

/* Sentinels are struct mi's own business, and so is the first question. */
static void take_command(struct session *s, const char *text)
{
	struct step *step = &s->steps[s->count];
	char *command;
	uint64_t token = strtoull(text, &command, 10);
	static const char console[] = "-interpreter-exec console ";

	if (!strcmp(command, "-gdb-version") ||
	    (s->count && s->steps[s->count - 1].interrupted && !strcmp(command, "-list-features")))
		return;
	assert_true(s->count < KD_ARRAY_SIZE(s->steps));
	step->token = token;
	step->console = !strncmp(command, console, strlen(console));
	if (step->console) {
		_cleanup_(mi_record_freep) struct mi_record *r = NULL;
		char line[512] = "~";

		strncat(line, command + strlen(console), sizeof(line) - 2);
		assert_int_equal(mi_record_parse(line, strlen(line), &r, NULL), 0);
		assert_int_equal(r->kind, MI_CONSOLE);
		command = line;
		snprintf(step->command, sizeof(step->command), "%s", r->text);
	} else {
		snprintf(step->command, sizeof(step->command), "%s", command);
	}
	s->count++;
}

static void take_answer(struct session *s, const char *text)
{
	struct step *step;
	char start[32];

	if (!s->count)
		return;
	step = &s->steps[s->count - 1];
	snprintf(start, sizeof(start), "%llu^", (unsigned long long)step->token);
	text = strstr(text, start);
	if (!text)
		return;
	text += strlen(start);
	snprintf(step->class_, sizeof(step->class_), "%.*s", (int)strcspn(text, ","), text);
	step->unknown = strstr(text, "code=\"undefined-command\"") != NULL;
}

static void load(struct session *s, const char *path)
{
	static char line[1 << 16];
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *p = line + strspn(line, " 0123456789.");

		line[strcspn(line, "\n")] = 0;
		if (!strncmp(p, "> ", 2))
			take_command(s, p + 2);
		else if (!strncmp(p, "< ", 2))
			take_answer(s, p + 2);
		else if (!strcmp(p, "# SIGINT"))
			s->steps[s->count - 1].interrupted = true;
	}
	fclose(f);
	assert_true(s->count > 0);
}

static struct session *open_session(const char *name)
{
	static struct session s;
	static char path[512];
	const char *const args[] = { "--replay", path, NULL };
	struct mi_options opt = {
		.gdb = fake_gdb_path(),
		.args = args,
		.timeout_ms = 20000,
		.tick = tick,
		.data = &s,
	};
	struct kd_err err = KD_ERR_INIT;

	memset(&s, 0, sizeof(s));
	log_path(path, sizeof(path), name);
	load(&s, path);
	if (mi_open(&opt, &s.mi, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(mi_version(s.mi), "13.1");
	return &s;
}

static void repeat(struct session *s, const struct step *step, struct mi_record **r, char **text)
{
	struct kd_err err = KD_ERR_INIT;
	int want = 0, got;

	*r = NULL;
	*text = NULL;
	s->cancel = step->interrupted;
	if (step->interrupted)
		want = KD_CANCELLED;
	else if (step->unknown)
		want = KD_UNSUPPORTED;
	else if (!strcmp(step->class_, "error"))
		want = KD_NOTFOUND;
	if (step->console)
		got = mi_console(s->mi, "replaying", step->command, 4096, text, &err);
	else
		got = mi_call(s->mi, "replaying", r, &err, "%s", step->command);
	if (got != want)
		fail_msg("%s: %s", step->command, err.text);
	assert_int_equal(*r != NULL, !got && !step->console);
	if (*r)
		assert_string_equal((*r)->class_, step->class_);
}

static void replay_all(const char *name)
{
	struct session *s = open_session(name);

	for (size_t i = 0; i < s->count; i++) {
		_cleanup_(mi_record_freep) struct mi_record *r = NULL;
		_cleanup_(freep) char *text = NULL;

		repeat(s, &s->steps[i], &r, &text);
	}
	assert_true(mi_alive(s->mi));
	mi_close(s->mi);
}

static void core_file_session_is_answered_as_recorded(void **state)
{
	(void)state;
	replay_all("core.log");
}

static void interrupted_commands_do_not_shift_the_answers(void **state)
{
	(void)state;
	replay_all("interrupt.log");
}

static void interruption_unheeded_while_symbols_are_read_does_not_shift_the_answers(void **state)
{
	(void)state;
	replay_all("symbols.log");
}

/* The answer to COMMAND in the recording of the core file. */
static void find_answer(const char *command, struct mi_record **r, char **text)
{
	struct session *s = open_session("core.log");
	bool found = false;

	for (size_t i = 0; i < s->count && !found; i++) {
		mi_record_free(*r);
		free(*text);
		repeat(s, &s->steps[i], r, text);
		found = !strcmp(s->steps[i].command, command);
	}
	mi_close(s->mi);
	assert_true(found);
}

static void frames_are_found_in_their_record(void **state)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	_cleanup_(freep) char *text = NULL;
	const struct mi_value *frame;
	uint64_t level = 0, n = 0, addr = 0;

	(void)state;
	find_answer("-stack-list-frames", &r, &text);
	frame = mi_get(&r->results, "stack");
	assert_non_null(frame);
	for (frame = frame->first; frame; frame = frame->next) {
		assert_string_equal(frame->name, "frame");
		assert_true(mi_number(frame, "level", &level));
		assert_int_equal(level, n++);
		assert_true(mi_number(frame, "addr", &addr));
	}
	assert_int_equal(n, 9);
	assert_true(addr == UINT64_C(0x5555555551b4));
}

static void string_in_a_value_keeps_its_inner_quotes(void **state)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	_cleanup_(freep) char *text = NULL;

	(void)state;
	find_answer("-data-evaluate-expression --thread 1 --frame 8 b.name", &r, &text);
	assert_non_null(
		strstr(mi_text(&r->results, "value"), "\"quote \\\" and \\\\ and \\303\\251\""));
}

static void text_glued_to_a_result_is_output(void **state)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	_cleanup_(freep) char *text = NULL;

	(void)state;
	find_answer("shell printf no-newline", &r, &text);
	assert_string_equal(text, "no-newline");
}

static void console_output_is_bytes(void **state)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	_cleanup_(freep) char *text = NULL;

	(void)state;
	find_answer("echo bytes \\001\\303\\251\\n", &r, &text);
	assert_string_equal(text, "bytes \001\303\251\n");
}

static void error_message_is_not_repeated_as_output(void **state)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	_cleanup_(freep) char *text = NULL;

	(void)state;
	find_answer("p nosuch", &r, &text);
	assert_null(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(core_file_session_is_answered_as_recorded),
		cmocka_unit_test(interrupted_commands_do_not_shift_the_answers),
		cmocka_unit_test(
			interruption_unheeded_while_symbols_are_read_does_not_shift_the_answers),
		cmocka_unit_test(frames_are_found_in_their_record),
		cmocka_unit_test(string_in_a_value_keeps_its_inner_quotes),
		cmocka_unit_test(text_glued_to_a_result_is_output),
		cmocka_unit_test(console_output_is_bytes),
		cmocka_unit_test(error_message_is_not_repeated_as_output),
	};

	fake_gdb(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
