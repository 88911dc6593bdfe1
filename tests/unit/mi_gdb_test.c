// SPDX-License-Identifier: GPL-3.0-or-later
/* struct mi against the gdb of this machine; skipped where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "mi/mi.h"

struct world {
	struct mi *mi;
	struct kd_err err;
	unsigned cancel_ms, kill_ms; /* 0: never */
};

static bool tick(void *data, const char *what, unsigned elapsed_ms)
{
	struct world *w = data;

	(void)what;
	if (w->kill_ms && elapsed_ms >= w->kill_ms)
		kill(mi_pid(w->mi), SIGKILL);
	return !w->cancel_ms || elapsed_ms < w->cancel_ms;
}

static void begin(struct world *w)
{
	const struct mi_options opt = {
		.timeout_ms = 30000,
		.tick = tick,
		.data = w,
		.trace = getenv("KD_MI_TRACE") ? stderr : NULL,
	};
	int r;

	*w = (struct world){ .err = KD_ERR_INIT };
	r = mi_open(&opt, &w->mi, &w->err);
	if (r == KD_GDB && strstr(w->err.text, "was not found in PATH"))
		skip();
	if (r < 0)
		fail_msg("%s", w->err.text);
}

static char *console(struct world *w, const char *command, int want)
{
	char *text;
	int r;

	w->err = KD_ERR_INIT;
	r = mi_console(w->mi, "testing", command, 1 << 16, &text, &w->err);
	if (r != want)
		fail_msg("%s: %d: %s", command, r, w->err.text);
	return text;
}

static void assert_prints(struct world *w, const char *command, const char *text)
{
	_cleanup_(freep) char *printed = console(w, command, 0);

	assert_string_equal(printed, text);
}

static void assert_adds(struct world *w, uint64_t n)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	uint64_t value = 0;

	w->err = KD_ERR_INIT;
	if (mi_call(w->mi, "adding", &r, &w->err, "-data-evaluate-expression %llu+1",
		    (unsigned long long)n) < 0)
		fail_msg("%s", w->err.text);
	assert_true(mi_number(&r->results, "value", &value));
	assert_int_equal(value, n + 1);
}

/* A gdb script that never ends; the caller removes it. */
static char *loop_command(char *path)
{
	int fd = mkstemp(path);
	char *command = NULL;

	assert_true(fd >= 0);
	assert_int_equal(dprintf(fd, "while 1\nend\n"), 12);
	close(fd);
	assert_true(asprintf(&command, "source %s", path) > 0);
	return command;
}

static void gdb_adds_one_and_one(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_true(mi_alive(w.mi));
	assert_true(mi_version(w.mi)[0] >= '1' && mi_version(w.mi)[0] <= '9');
	assert_adds(&w, 1);
	mi_close(w.mi);
}

static void refusals_are_told_apart(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(mi_call(w.mi, "asking", NULL, &w.err, "-data-evaluate-expression nosuch"),
			 KD_NOTFOUND);
	assert_string_equal(w.err.text,
			    "asking: No symbol table is loaded.  Use the \"file\" command.");
	assert_int_equal(mi_call(w.mi, "asking", NULL, &w.err, "-no-such-command"), KD_UNSUPPORTED);
	assert_null(console(&w, "foo bar", KD_NOTFOUND));
	assert_adds(&w, 2);
	mi_close(w.mi);
}

static void gdb_starts_without_terminal_init_files_and_our_locale(void **state)
{
	struct world w;

	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("COLUMNS", "30", 1);
	setenv("DEBUGINFOD_URLS", "http://localhost:9/", 1);
	setenv("TERM", "xterm", 1);
	begin(&w);
	assert_prints(&w, "shell echo $LC_ALL $TERM \"$DEBUGINFOD_URLS\"", "C dumb \n");
	assert_prints(&w, "p \"\303\251\"", "$1 = \"\\303\\251\"\n");
	assert_prints(&w, "show width",
		      "Number of characters gdb thinks are in a line is unlimited.\n");
	assert_prints(&w, "show confirm",
		      "Whether to confirm potentially dangerous operations is off.\n");
	assert_prints(&w, "show print elements",
		      "Limit on string chars or array elements to print is 200.\n");
	assert_int_equal(getsid(mi_pid(w.mi)), mi_pid(w.mi));
	mi_close(w.mi);
	unsetenv("COLUMNS");
	unsetenv("DEBUGINFOD_URLS");
}

static void output_of_shell_commands_is_seen(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_prints(&w, "shell echo one; printf two", "one\ntwo");
	assert_prints(&w, "echo \\tthree\\n", "\tthree\n");
	assert_adds(&w, 3);
	mi_close(w.mi);
}

static void endless_commands_can_be_cancelled(void **state)
{
	char path[] = "/tmp/kdview-test-XXXXXX";
	_cleanup_(freep) char *loop = loop_command(path);
	const char *const commands[] = { loop, "shell sleep 100", "while 1", "shell cat" };
	struct world w;

	(void)state;
	begin(&w);
	for (size_t i = 0; i < KD_ARRAY_SIZE(commands); i++) {
		w.cancel_ms = 20;
		free(console(&w, commands[i], KD_CANCELLED));
		w.cancel_ms = 0;
		assert_adds(&w, i);
	}
	unlink(path);
	mi_close(w.mi);
}

static struct mi *alarmed;

static void on_alarm(int sig)
{
	(void)sig;
	mi_cancel(alarmed);
}

/* At every moment of a request and of its interruption. */
static void cancelling_at_any_time_never_shifts_an_answer(void **state)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	unsigned cancelled = 0;
	struct sigaction old;
	struct world w;

	(void)state;
	begin(&w);
	alarmed = w.mi;
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
	for (unsigned i = 0; i < 200; i++) {
		_cleanup_(mi_record_freep) struct mi_record *r = NULL;
		uint64_t value = 0;
		int status;

		ualarm(1 + i * 7 % 400, 0);
		status = mi_call(w.mi, "racing", &r, &w.err, "-data-evaluate-expression %u", i);
		ualarm(0, 0);
		if (status == KD_CANCELLED) {
			cancelled++;
			continue;
		}
		if (status < 0)
			fail_msg("%s", w.err.text);
		assert_true(mi_number(&r->results, "value", &value));
		assert_int_equal(value, i);
	}
	sigaction(SIGALRM, &old, NULL);
	if (getenv("KD_MI_TRACE"))
		fprintf(stderr, "%u cancelled\n", cancelled);
	assert_adds(&w, 4);
	mi_close(w.mi);
}

static void killed_gdb_is_reported_as_killed(void **state)
{
	char path[] = "/tmp/kdview-test-XXXXXX";
	_cleanup_(freep) char *loop = loop_command(path);
	struct world w;
	pid_t pid;

	(void)state;
	begin(&w);
	pid = mi_pid(w.mi);
	w.kill_ms = 20;
	assert_null(console(&w, loop, KD_GDB));
	assert_non_null(strstr(w.err.text, "gdb was killed by signal 9"));
	assert_non_null(strstr(w.err.text, "while testing"));
	assert_false(mi_alive(w.mi));
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	unlink(path);
	mi_close(w.mi);
}

static void quitting_is_the_end(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	free(console(&w, "quit 3", KD_GDB));
	assert_string_equal(w.err.text, "gdb exited with status 3 while testing");
	assert_false(mi_alive(w.mi));
	mi_close(w.mi);
}

static void unknown_argument_is_quoted(void **state)
{
	static const char *const args[] = { "--no-such-option", NULL };
	const struct mi_options opt = { .args = args };
	struct kd_err err = KD_ERR_INIT;
	struct world w;
	struct mi *mi = NULL;

	(void)state;
	begin(&w); /* skips */
	mi_close(w.mi);
	assert_int_equal(mi_open(&opt, &mi, &err), KD_GDB);
	assert_non_null(strstr(err.text, "exited with status 1 while starting; its last words: "));
	assert_non_null(strstr(err.text, "--no-such-option"));
	assert_null(mi);
}

/* A second gdb must not hold the first one's stdin, or closing it would go unnoticed. */
static void closing_ends_gdb_and_that_one_only(void **state)
{
	struct world a, b;
	pid_t pid;

	(void)state;
	begin(&a);
	begin(&b);
	pid = mi_pid(a.mi);
	mi_close(a.mi);
	assert_int_equal(kill(pid, 0), -1);
	assert_adds(&b, 5);
	mi_close(b.mi);
	mi_close(NULL);
}

static void closed_standard_files_do_no_harm(void **state)
{
	struct world w;
	int status;
	pid_t pid;

	(void)state;
	begin(&w); /* skips */
	mi_close(w.mi);
	pid = fork();
	if (!pid) {
		struct kd_err err;
		const struct mi_options opt = { .timeout_ms = 30000 };

		close(0);
		close(1);
		close(2);
		if (mi_open(&opt, &w.mi, &err) < 0 ||
		    mi_call(w.mi, "adding", NULL, &err, "-data-evaluate-expression 1") < 0)
			_exit(1);
		mi_close(w.mi);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gdb_adds_one_and_one),
		cmocka_unit_test(refusals_are_told_apart),
		cmocka_unit_test(gdb_starts_without_terminal_init_files_and_our_locale),
		cmocka_unit_test(output_of_shell_commands_is_seen),
		cmocka_unit_test(endless_commands_can_be_cancelled),
		cmocka_unit_test(cancelling_at_any_time_never_shifts_an_answer),
		cmocka_unit_test(killed_gdb_is_reported_as_killed),
		cmocka_unit_test(quitting_is_the_end),
		cmocka_unit_test(unknown_argument_is_quoted),
		cmocka_unit_test(closing_ends_gdb_and_that_one_only),
		cmocka_unit_test(closed_standard_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
