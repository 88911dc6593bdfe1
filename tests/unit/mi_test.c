// SPDX-License-Identifier: GPL-3.0-or-later
/* struct mi against a gdb that misbehaves: see fake_gdb.h for the scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_gdb.h"
#include "mi/mi.h"

#define HELLO "> 1-gdb-version\n< ~\"GNU gdb (Debian 13.1-3) 13.1\\n\"\n< 1^done\n< (gdb) \n"
/* What mi sends when it interrupts, and to settle afterwards. */
#define SENTINELS "> 8-list-features\n< 8^done\n> 9-list-features\n< 9^done\n"

struct world {
	struct mi *mi;
	struct mi_record *r;
	char *text;
	struct kd_err err;
	bool cancel;  /* what tick says once something was sent */
	bool at_once; /* or before */
	char what[64];
	atomic_bool *hurry;
};

static bool tick(void *data, const char *what, unsigned elapsed_ms)
{
	struct world *w = data;

	snprintf(w->what, sizeof(w->what), "%s", what);
	return !w->cancel || (!w->at_once && elapsed_ms < 20);
}

static int start(struct world *w, const char *script, unsigned timeout_ms)
{
	const char *const args[] = { "--script", script, NULL };
	const char *trace = getenv("KD_MI_TRACE");
	static atomic_bool hurry;
	const struct mi_options opt = {
		.gdb = fake_gdb_path(),
		.args = args,
		.timeout_ms = timeout_ms,
		.grace_ms = 1000,
		.line_max = 1 << 20,
		.tick = tick,
		.data = w,
		.hurry = &hurry,
		.trace = trace ? stderr : NULL,
	};

	atomic_store(&hurry, false);
	*w = (struct world){ .err = KD_ERR_INIT, .hurry = &hurry };
	return mi_open(&opt, &w->mi, &w->err);
}

static void begin(struct world *w, const char *script)
{
	if (start(w, script, 20000) < 0)
		fail_msg("%s", w->err.text);
}

static void end(struct world *w)
{
	mi_record_free(w->r);
	free(w->text);
	mi_close(w->mi);
}

static int ask(struct world *w, const char *command)
{
	mi_record_free(w->r);
	w->err = KD_ERR_INIT;
	return mi_call(w->mi, "testing", &w->r, &w->err, "%s", command);
}

static int run(struct world *w, const char *command, size_t max)
{
	free(w->text);
	w->err = KD_ERR_INIT;
	return mi_console(w->mi, "testing", command, max, &w->text, &w->err);
}

static void assert_says(const struct world *w, const char *words)
{
	if (!strstr(w->err.text, words))
		fail_msg("\"%s\" is not in: %s", words, w->err.text);
}

/* gdb is still to be talked to, and in step. */
static void assert_in_step(struct world *w)
{
	assert_int_equal(ask(w, "-last"), 0);
	assert_string_equal(mi_text(&w->r->results, "is"), "last");
}
#define LAST "> 99-last\n< 99^done,is=\"last\"\n"

/* --- starting --- */

static void version_is_read_at_the_start(void **state)
{
	struct world w;

	(void)state;
	begin(&w,
	      "! some warning\n< raw text\n< =thread-group-added,id=\"i1\"\n< (gdb) \n" HELLO LAST);
	assert_string_equal(mi_version(w.mi), "13.1");
	assert_true(mi_alive(w.mi));
	assert_in_step(&w);
	end(&w);
}

static void missing_gdb_says_where_it_was_looked_for(void **state)
{
	const struct mi_options opt = { .gdb = "no-such-gdb-here" };
	const struct mi_options path = { .gdb = "/nonexistent/gdb" };
	struct kd_err err = KD_ERR_INIT;
	struct mi *mi = NULL;

	(void)state;
	assert_int_equal(mi_open(&opt, &mi, &err), KD_GDB);
	assert_non_null(strstr(err.text, "no-such-gdb-here was not found in PATH"));
	assert_non_null(strstr(err.text, "package \"gdb\""));
	assert_int_equal(mi_open(&path, &mi, &err), KD_GDB);
	assert_non_null(strstr(err.text, "/nonexistent/gdb: No such file"));
	assert_null(mi);
	mi_close(mi);
}

static void gdb_that_ends_at_once_is_quoted(void **state)
{
	struct world w;

	(void)state;
	assert_int_equal(start(&w, "! Interpreter mi3\n! unrecognized\n@exit 3", 20000), KD_GDB);
	assert_says(&w, "exited with status 3 while starting");
	assert_says(&w, "its last words: Interpreter mi3 / unrecognized");
	assert_null(w.mi);
}

static void silent_gdb_is_a_timeout(void **state)
{
	struct world w;

	(void)state;
	assert_int_equal(start(&w, "@deaf\n@hang", 150), KD_TIMEOUT);
	assert_says(&w, "no answer from gdb");
	assert_null(w.mi);
}

/* --- answers --- */

static void only_the_own_token_completes(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n< 1^done,stale=\"1\"\n< (gdb) \n< ^done\n< 3^done,alien=\"1\"\n"
			"< 99999999999^done\n< 2^done,mine=\"1\"\n< 2^done,again=\"1\"\n" LAST);
	assert_int_equal(ask(&w, "-x"), 0);
	assert_string_equal(mi_text(&w.r->results, "mine"), "1");
	assert_in_step(&w);
	end(&w);
}

static void error_is_gdbs_message(void **state)
{
	struct world w;

	(void)state;
	begin(&w,
	      HELLO "> 2-x\n< 2^error,msg=\"No symbol \\\"a\\\".\"\n"
		    "> 3-y\n< 3^error,msg=\"Undefined MI command: y\",code=\"undefined-command\"\n"
		    "> 4-z\n< 4^error\n> 5-q\n< 5^error,msg=\"Quit\"\n" LAST);
	assert_int_equal(ask(&w, "-x"), KD_NOTFOUND);
	assert_string_equal(w.err.text, "testing: No symbol \"a\".");
	assert_null(w.r);
	assert_int_equal(ask(&w, "-y"), KD_UNSUPPORTED);
	assert_int_equal(ask(&w, "-z"), KD_NOTFOUND);
	assert_int_equal(ask(&w, "-q"), KD_CANCELLED);
	assert_in_step(&w);
	end(&w);
}

static void damaged_answer_fails_its_request_only(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n< 2^done,value=\"cut off\n> 3-x\n< 3^done,a={b=[\"1\"}\n"
			"> 4-x\n< printed 4^done,oops\n" LAST);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(&w, "-x"), KD_CORRUPT);
		assert_says(&w, "makes no sense");
	}
	assert_in_step(&w);
	end(&w);
}

static void unknown_class_makes_no_sense(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n< 2^do\n> 3-x\n< 3^doner\n" LAST);
	assert_int_equal(ask(&w, "-x"), KD_CORRUPT);
	assert_int_equal(ask(&w, "-x"), KD_CORRUPT);
	assert_in_step(&w);
	end(&w);
}

static void text_that_only_looks_like_an_answer_is_none(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n< say 2^nonsense\n< 2^2 is 4\n< 2^done,a=\"1\"\n" LAST);
	assert_int_equal(ask(&w, "-x"), 0);
	assert_string_equal(mi_text(&w.r->results, "a"), "1");
	assert_in_step(&w);
	end(&w);
}

static void flood_without_newline_is_read_past(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2*\n@flood 104857600\n< \n< ~\"after\\n\"\n< 2^done\n"
			"> 3-x\n@part 3^done,value=\"\n@flood 2000000\n< \"\n" LAST);
	assert_int_equal(run(&w, "flood", 4096), 0);
	assert_string_equal(w.text, "[a line of 104857600 bytes left out]\nafter\n");
	assert_int_equal(ask(&w, "-x"), KD_UNSUPPORTED);
	assert_says(&w, "over 1 MiB");
	assert_in_step(&w);
	end(&w);
}

static void answer_in_pieces_is_put_together(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n@part 2^do\n@part ne,value=\n@part \"piece\n< s\"\n" LAST);
	assert_int_equal(ask(&w, "-x"), 0);
	assert_string_equal(mi_text(&w.r->results, "value"), "pieces");
	assert_in_step(&w);
	end(&w);
}

static void commands_are_one_line_of_mi(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO LAST);
	assert_int_equal(ask(&w, "p 1"), KD_USAGE);
	assert_int_equal(ask(&w, "-x\n-y"), KD_USAGE);
	assert_int_equal(ask(&w, ""), KD_USAGE);
	assert_in_step(&w);
	end(&w);
}

static void command_larger_than_a_pipe_gets_through(void **state)
{
	size_t n = 900000;
	char *command = malloc(n + 1);
	struct world w;

	(void)state;
	assert_non_null(command);
	memset(command, 'x', n);
	command[0] = '-';
	command[n] = 0;
	begin(&w, HELLO "> 2*\n< 2^done\n" LAST);
	assert_int_equal(ask(&w, command), 0);
	assert_in_step(&w);
	free(command);
	end(&w);
}

/* --- console --- */

static void printed_text_is_collected_in_order(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-interpreter-exec console \"say \\\"it\\\\\\\"\"\n"
			"< &\"warning\\n\"\n< ~\"one\\n\"\n< raw\n< @\"two\"\n< ~\"\\000\\n\"\n"
			"< =note,a=\"1\"\n< glued2^done\n< ~\"late\\n\"\n"
			"> 3*\n< 3^done\n" LAST);
	assert_int_equal(run(&w, "say \"it\\\"", 4096), 0);
	assert_string_equal(w.text, "warning\none\nraw\ntwo\\000\nglued");
	assert_int_equal(run(&w, "nothing", 4096), 0);
	assert_string_equal(w.text, "");
	assert_in_step(&w);
	end(&w);
}

static void output_before_an_error_is_kept(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2*\n< ~\"#0 panic\\n\"\n< &\"No memory at 0.\\n\"\n"
			"< 2^error,msg=\"No memory at 0.\"\n" LAST);
	assert_int_equal(run(&w, "bt", 4096), KD_NOTFOUND);
	assert_string_equal(w.err.text, "testing: No memory at 0.");
	assert_string_equal(w.text, "#0 panic\n");
	assert_in_step(&w);
	end(&w);
}

static void long_output_is_cut_with_a_note(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO
	      "> 2*\n< ~\"0123456789\\n\"\n< ~\"0123456789\\n0123456789\\n\"\n"
	      "< ~\"0123456789\\n0123456789\\n\"\n< 2^done\n"
	      "> 3*\n< ~\"0123456789\\n\"\n< 3^done\n> 4*\n< ~\"0123456789\\n\"\n< 4^done\n" LAST);
	assert_int_equal(run(&w, "a", 40), 0);
	assert_string_equal(w.text, "0123456789\n[44 more bytes left out]\n");
	assert_int_equal(run(&w, "a", 5), 0);
	assert_string_equal(w.text, "01234");
	assert_int_equal(run(&w, "a", 0), 0);
	assert_string_equal(w.text, "");
	assert_in_step(&w);
	end(&w);
}

/* --- interruption --- */

static void cancelling_interrupts_and_settles(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO
	      "> 2-x\n# SIGINT\n< &\"Quit\\n\"\n< 2^error,msg=\"Quit\"\n< (gdb) \n" SENTINELS LAST);
	w.cancel = true;
	assert_int_equal(ask(&w, "-x"), KD_CANCELLED);
	assert_says(&w, "testing: cancelled after");
	assert_string_equal(w.what, "testing");
	w.cancel = false;
	assert_in_step(&w);
	end(&w);
}

static void sigint_is_repeated_until_heeded(void **state)
{
	struct world w;

	(void)state;
	begin(&w,
	      HELLO "> 2-x\n# SIGINT\n# SIGINT\n# SIGINT\n< 2^error,msg=\"Quit\"\n" SENTINELS LAST);
	w.cancel = true;
	assert_int_equal(ask(&w, "-x"), KD_CANCELLED);
	w.cancel = false;
	assert_in_step(&w);
	end(&w);
}

static void stray_quit_hits_the_sentinel_only(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n# SIGINT\n< 2^done\n< (gdb) \n< &\"Quit\\n\"\n< (gdb) \n"
			"> 8-list-features\n< 8^error,msg=\"Quit\"\n"
			"> 9-list-features\n< &\"Quit\\n\"\n< 9^error,msg=\"Quit\"\n" LAST);
	w.cancel = true;
	assert_int_equal(ask(&w, "-x"), KD_CANCELLED);
	w.cancel = false;
	assert_in_step(&w);
	end(&w);
}

static void lost_answer_is_noticed_by_the_next_one(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n# SIGINT\n" SENTINELS LAST);
	w.cancel = true;
	assert_int_equal(ask(&w, "-x"), KD_CANCELLED);
	w.cancel = false;
	assert_in_step(&w);
	end(&w);
}

static void timeout_interrupts(void **state)
{
	struct world w;

	(void)state;
	assert_int_equal(start(&w,
			       HELLO "> 2-x\n# SIGINT\n< 2^error,msg=\"Quit\"\n" SENTINELS
				     "> 3-y\n# SIGINT\n< 3^done,late=\"yes\"\n" SENTINELS LAST,
			       500),
			 0);
	assert_int_equal(ask(&w, "-x"), KD_TIMEOUT);
	assert_says(&w, "testing: no answer from gdb after 0.");
	/* Complete, only late. */
	assert_int_equal(ask(&w, "-y"), 0);
	assert_string_equal(mi_text(&w.r->results, "late"), "yes");
	assert_in_step(&w);
	end(&w);
}

static void hurried_cancelling_kills_at_once(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "@deaf\n> 2-x\n@hang");
	w.cancel = true;
	atomic_store(w.hurry, true);
	/* Not "did not answer its interruption", which takes its time. */
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_says(&w, "gdb was ended");
	assert_false(mi_alive(w.mi));
	end(&w);
}

static void gdb_that_heeds_no_interruption_is_killed(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "@deaf\n> 2-x\n@hang");
	w.cancel = true;
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_says(&w, "did not answer its interruption for 1.0 s while testing, and was killed");
	assert_false(mi_alive(w.mi));
	assert_int_equal(ask(&w, "-y"), KD_GDB);
	assert_says(&w, "testing: gdb is gone");
	end(&w);
}

static void gdb_that_hangs_after_an_interruption_is_killed(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n# SIGINT\n< 2^error,msg=\"Quit\"\n@hang");
	w.cancel = true;
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_false(mi_alive(w.mi));
	end(&w);
}

static struct mi *alarmed;

static void on_alarm(int sig)
{
	(void)sig;
	mi_cancel(alarmed);
}

static void cancel_from_a_signal_handler_is_seen(void **state)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	struct sigaction old;
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n# SIGINT\n< 2^error,msg=\"Quit\"\n" SENTINELS LAST);
	/* One that came while nothing was asked is forgotten. */
	mi_cancel(w.mi);
	alarmed = w.mi;
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
	ualarm(50000, 0);
	assert_int_equal(ask(&w, "-x"), KD_CANCELLED);
	sigaction(SIGALRM, &old, NULL);
	assert_in_step(&w);
	end(&w);
}

static void many_short_requests_can_be_cancelled(void **state)
{
	struct world w;
	int r = 0;

	(void)state;
	/* Each is answered at once, so none of them waits for a tick. */
	begin(&w, HELLO "@serve");
	w.cancel = w.at_once = true;
	while (!r)
		r = ask(&w, "-x");
	assert_int_equal(r, KD_CANCELLED);
	end(&w);
}

/* --- the end of gdb --- */

static void death_in_the_middle_says_how_and_its_last_words(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "! old words\n> 2-x\n< 2^done\n> 3-y\n< &\"internal-error: oops\\n\"\n"
			"! a \033 last\n@part 3^done\n@kill 9");
	assert_int_equal(ask(&w, "-x"), 0);
	assert_true(mi_alive(w.mi));
	assert_int_equal(ask(&w, "-y"), KD_GDB);
	assert_says(&w, "gdb was killed by signal 9");
	assert_says(&w, " while testing; its last words: ");
	assert_says(&w, "internal-error: oops");
	assert_says(&w, "a   last");
	assert_null(strstr(w.err.text, "old words"));
	assert_false(mi_alive(w.mi));
	assert_int_equal(ask(&w, "-z"), KD_GDB);
	assert_says(&w, "gdb is gone: gdb was killed by signal 9");
	end(&w);
}

static void death_between_requests_is_noticed(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "! bye\n@exit 7");
	while (mi_alive(w.mi))
		usleep(1000);
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_says(&w, "gdb is gone: gdb exited with status 7");
	end(&w);
}

static void answer_before_death_counts(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-gdb-exit\n< 2^exit\n@exit 0");
	assert_int_equal(ask(&w, "-gdb-exit"), 0);
	assert_string_equal(w.r->class_, "exit");
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	end(&w);
}

static void death_is_noticed_though_a_child_holds_the_pipes(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "> 2-x\n@orphan\n@kill 6");
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_says(&w, "killed by signal 6 (SIGABRT");
	end(&w);
}

static void gdb_that_closes_its_output_is_killed(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "@deaf\n> 2-x\n@close\n@hang");
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_says(&w, "gdb closed its pipes while testing");
	end(&w);
}

static void broken_pipe_is_an_error_and_no_signal(void **state)
{
	struct world w;

	(void)state;
	begin(&w, HELLO "@closein\n< ~\"closed\\n\"\n@hang");
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_says(&w, "gdb closed its pipes while testing");
	end(&w);
}

static void long_last_words_keep_their_end(void **state)
{
	struct world w;
	char script[4000], *p = stpcpy(script, HELLO "> 2-x\n! ");

	(void)state;
	memset(p, 'y', 2000);
	stpcpy(p + 2000, "\n! short\n! THE END\n@exit 1");
	begin(&w, script);
	assert_int_equal(ask(&w, "-x"), KD_GDB);
	assert_says(&w, "yyy / short / THE END");
	end(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_is_read_at_the_start),
		cmocka_unit_test(missing_gdb_says_where_it_was_looked_for),
		cmocka_unit_test(gdb_that_ends_at_once_is_quoted),
		cmocka_unit_test(silent_gdb_is_a_timeout),
		cmocka_unit_test(only_the_own_token_completes),
		cmocka_unit_test(error_is_gdbs_message),
		cmocka_unit_test(damaged_answer_fails_its_request_only),
		cmocka_unit_test(unknown_class_makes_no_sense),
		cmocka_unit_test(text_that_only_looks_like_an_answer_is_none),
		cmocka_unit_test(flood_without_newline_is_read_past),
		cmocka_unit_test(answer_in_pieces_is_put_together),
		cmocka_unit_test(commands_are_one_line_of_mi),
		cmocka_unit_test(command_larger_than_a_pipe_gets_through),
		cmocka_unit_test(printed_text_is_collected_in_order),
		cmocka_unit_test(output_before_an_error_is_kept),
		cmocka_unit_test(long_output_is_cut_with_a_note),
		cmocka_unit_test(cancelling_interrupts_and_settles),
		cmocka_unit_test(sigint_is_repeated_until_heeded),
		cmocka_unit_test(stray_quit_hits_the_sentinel_only),
		cmocka_unit_test(lost_answer_is_noticed_by_the_next_one),
		cmocka_unit_test(timeout_interrupts),
		cmocka_unit_test(hurried_cancelling_kills_at_once),
		cmocka_unit_test(gdb_that_heeds_no_interruption_is_killed),
		cmocka_unit_test(gdb_that_hangs_after_an_interruption_is_killed),
		cmocka_unit_test(cancel_from_a_signal_handler_is_seen),
		cmocka_unit_test(many_short_requests_can_be_cancelled),
		cmocka_unit_test(death_in_the_middle_says_how_and_its_last_words),
		cmocka_unit_test(death_between_requests_is_noticed),
		cmocka_unit_test(answer_before_death_counts),
		cmocka_unit_test(death_is_noticed_though_a_child_holds_the_pipes),
		cmocka_unit_test(gdb_that_closes_its_output_is_killed),
		cmocka_unit_test(broken_pipe_is_an_error_and_no_signal),
		cmocka_unit_test(long_last_words_keep_their_end),
	};

	fake_gdb(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
