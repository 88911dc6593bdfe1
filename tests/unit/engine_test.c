// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The engine thread over a real dump, with gdbs that hang, die or answer. Run it under
 * ThreadSanitizer too (make tsan): two lanes share one kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tui/engine.h"
#include "ui/parts.h"
#include "ui/render_text.h"

#define PATIENCE_MS 120000

struct world {
	struct engine *e;
	struct answer a; /* the last one taken */
	char dump[512], script[128];
};

static void take(struct world *w)
{
	uint64_t begun = clock_ms();

	answer_fini(&w->a);
	w->a = (struct answer){ 0 };
	while (!engine_take(w->e, &w->a)) {
		struct pollfd p = { .fd = engine_fd(w->e), .events = POLLIN };

		if (clock_ms() - begun > PATIENCE_MS)
			fail_msg("no answer");
		poll(&p, 1, 1000);
	}
}

/* The next answer is this one. */
static void take_id(struct world *w, uint64_t id)
{
	take(w);
	if (w->a.id != id)
		fail_msg("answer %llu instead of %llu", (unsigned long long)w->a.id,
			 (unsigned long long)id);
}

static void ask(struct world *w, enum lane lane, const char *line)
{
	uint64_t id = engine_submit(w->e, lane, line);

	assert_true(id != 0);
	take_id(w, id);
	assert_int_equal(w->a.lane, lane);
}

/* Open the dump with this gdb (NULL: the machine's). */
static void begin(struct world *w, const char *gdb, enum session_engine engine)
{
	const struct session_options opt = { .dump_path = w->dump, .engine = engine, .gdb = gdb };
	struct kd_err err = KD_ERR_INIT;

	w->a = (struct answer){ 0 };
	assert_int_equal(engine_open(&opt, &w->e, &err), 0);
	take_id(w, 0);
	if (w->a.status)
		fail_msg("%s", w->a.err.text);
	assert_non_null(engine_kernel(w->e));
}

static void end(struct world *w)
{
	engine_close(w->e);
	answer_fini(&w->a);
}

/* The answer as text; the caller's. */
static char *text_of(const struct world *w)
{
	char *text = NULL;
	size_t size = 0;
	struct text_render r = { .out = open_memstream(&text, &size) };

	assert_non_null(r.out);
	for (const struct doc_node *n = w->a.doc.root.first; n; n = n->next)
		assert_int_equal(render_text_node(&r, n), 0);
	fclose(r.out);
	return text;
}

static void assert_shows(const struct world *w, const char *words, bool wanted)
{
	_cleanup_(freep) char *text = text_of(w);

	if ((strstr(text, words) != NULL) != wanted)
		fail_msg("\"%s\" is %sin: %s", words, wanted ? "not " : "", text);
}

/* A gdb that runs this shell script. */
static const char *gdb_script(struct world *w, const char *script)
{
	FILE *f;

	snprintf(w->script, sizeof(w->script), "/tmp/engine_test.XXXXXX");
	f = fdopen(mkstemp(w->script), "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fchmod(fileno(f), 0700), 0);
	assert_int_equal(fclose(f), 0);
	return w->script;
}

static const char hangs[] = "exec sleep 1000";

/* Wait until a lane says that it is busy with this. */
static void await_progress(struct world *w, enum lane lane, const char *words)
{
	uint64_t begun = clock_ms();
	char what[128] = "";
	unsigned ms;

	while (!engine_progress(w->e, lane, what, sizeof(what), &ms) || !strstr(what, words)) {
		if (clock_ms() - begun > PATIENCE_MS)
			fail_msg("it is busy with \"%s\"", what);
		poll(NULL, 0, 5);
	}
}

/* --- */

static void dump_that_is_none_is_the_first_answer(void **state)
{
	struct world *w = *state;
	const struct session_options opt = { .dump_path = "/dev/null" };
	struct kd_err err = KD_ERR_INIT;

	assert_int_equal(engine_open(&opt, &w->e, &err), 0);
	take_id(w, 0);
	assert_true(w->a.status < 0);
	assert_non_null(strstr(w->a.err.text, "/dev/null"));
	assert_null(engine_kernel(w->e));
	end(w);
}

static void lines_are_answered_in_order(void **state)
{
	struct world *w = *state;
	uint64_t a, b;

	begin(w, NULL, ENGINE_AUTO);
	a = engine_submit(w->e, LANE_NATIVE, "info");
	b = engine_submit(w->e, LANE_NATIVE, "ps 1; nonsense; mod");
	take_id(w, a);
	assert_int_equal(w->a.status, 0);
	assert_false(w->a.gdb_adds);
	assert_shows(w, "6.1.192-kdC", true);
	take_id(w, b);
	/* The one that failed is told, the others are answered. */
	assert_int_equal(w->a.status, KD_USAGE);
	assert_shows(w, "nonsense", true);
	assert_shows(w, "kdcrash", true);
	end(w);
}

static void answers_say_when_gdb_would_add(void **state)
{
	struct world *w = *state;

	begin(w, NULL, ENGINE_AUTO);
	ask(w, LANE_NATIVE, "bt");
	assert_int_equal(w->a.status, 0);
	assert_true(w->a.gdb_adds);
	assert_shows(w, "kd_sum_from+0x", true);
	ask(w, LANE_NATIVE, "gdb print 1");
	assert_true(w->a.status && w->a.gdb_adds);
	ask(w, LANE_NATIVE, "bt --no-args");
	assert_false(w->a.gdb_adds);
	end(w);
	/* Whom gdb is forbidden it adds nothing. */
	begin(w, NULL, ENGINE_NATIVE);
	ask(w, LANE_NATIVE, "bt");
	assert_false(w->a.gdb_adds);
	ask(w, LANE_GDB, "gdb print 1");
	assert_int_equal(w->a.status, KD_USAGE);
	end(w);
}

static void gdb_lane_brings_arguments(void **state)
{
	struct world *w = *state;

	begin(w, NULL, ENGINE_AUTO);
	ask(w, LANE_GDB, "bt");
	if (w->a.status == KD_GDB && strstr(w->a.err.text, "was not found in PATH")) {
		end(w);
		skip();
	}
	assert_int_equal(w->a.status, 0);
	assert_shows(w, "item=0x0", true);
	end(w);
}

static void native_lines_do_not_wait_for_gdb(void **state)
{
	struct world *w = *state;
	uint64_t bt, begun;

	begin(w, gdb_script(w, hangs), ENGINE_AUTO);
	bt = engine_submit(w->e, LANE_GDB, "bt");
	await_progress(w, LANE_GDB, "gdb: starting");
	begun = clock_ms();
	for (int i = 0; i < 50; i++) {
		ask(w, LANE_NATIVE, "bt");
		assert_shows(w, "kd_sum_from", true);
	}
	/* A line wakes the thread: it does not wait for a tick, 100 ms each. */
	assert_true(clock_ms() - begun < 50 * 90);
	engine_cancel(w->e, LANE_GDB);
	take_id(w, bt);
	/* What the other engine knows is there all the same, or the cancelling is told. */
	assert_true(w->a.status == KD_CANCELLED);
	end(w);
}

static void gdb_that_dies_leaves_native_frames(void **state)
{
	struct world *w = *state;

	begin(w, gdb_script(w, "exit 3"), ENGINE_AUTO);
	ask(w, LANE_GDB, "bt");
	assert_int_equal(w->a.status, 0);
	assert_shows(w, "kd_sum_from+0x", true);
	end(w);
}

static void native_line_is_cancelled_inside_of_gdbs(void **state)
{
	struct world *w = *state;
	uint64_t slow, after;

	begin(w, gdb_script(w, hangs), ENGINE_AUTO);
	engine_submit(w->e, LANE_GDB, "bt");
	await_progress(w, LANE_GDB, "gdb: starting");
	slow = engine_submit(w->e, LANE_NATIVE, "info | sleep 1000");
	after = engine_submit(w->e, LANE_NATIVE, "info");
	await_progress(w, LANE_NATIVE, "sleep");
	engine_cancel(w->e, LANE_NATIVE);
	take_id(w, slow);
	assert_int_equal(w->a.status, KD_CANCELLED);
	/* It was that one alone. */
	take_id(w, after);
	assert_int_equal(w->a.status, 0);
	await_progress(w, LANE_GDB, "gdb: starting");
	end(w);
}

static void idle_lane_is_not_cancelled(void **state)
{
	struct world *w = *state;

	begin(w, NULL, ENGINE_AUTO);
	engine_cancel(w->e, LANE_NATIVE);
	engine_cancel(w->e, LANE_GDB);
	ask(w, LANE_NATIVE, "ps");
	assert_int_equal(w->a.status, 0);
	end(w);
}

static void forgotten_lines_have_no_answer(void **state)
{
	struct world *w = *state;
	uint64_t running, queued, last;

	begin(w, NULL, ENGINE_AUTO);
	running = engine_submit(w->e, LANE_NATIVE, "info | sleep 1000");
	queued = engine_submit(w->e, LANE_NATIVE, "info > /nonexistent/never/run");
	last = engine_submit(w->e, LANE_NATIVE, "mod");
	await_progress(w, LANE_NATIVE, "sleep");
	engine_forget(w->e, queued);
	engine_forget(w->e, running);
	engine_cancel(w->e, LANE_NATIVE);
	take_id(w, last);
	engine_forget(w->e, engine_submit(w->e, LANE_NATIVE, "info"));
	ask(w, LANE_NATIVE, "info");
	end(w);
}

static void chosen_task_is_that_of_both_lanes(void **state)
{
	struct world *w = *state;

	begin(w, gdb_script(w, "exit 3"), ENGINE_AUTO);
	ask(w, LANE_NATIVE, "task 2");
	ask(w, LANE_GDB, "bt");
	assert_shows(w, "kthreadd", true);
	ask(w, LANE_GDB, "task 1");
	ask(w, LANE_NATIVE, "bt");
	assert_shows(w, "kthreadd", false);
	end(w);
}

static void shell_commands_take_and_give(void **state)
{
	struct world *w = *state;

	begin(w, NULL, ENGINE_AUTO);
	ask(w, LANE_NATIVE, "ps | grep -c . ; !echo by it'self'");
	assert_int_equal(w->a.status, 0);
	ask(w, LANE_NATIVE, "!echo one; echo two >&2");
	assert_shows(w, "one\ntwo\n", true);
	ask(w, LANE_NATIVE, "info --json | grep -c kdC");
	assert_shows(w, "1\n", true);
	end(w);
}

static void closing_does_not_wait_for_gdb(void **state)
{
	struct world *w = *state;
	uint64_t begun;

	begin(w, gdb_script(w, hangs), ENGINE_AUTO);
	engine_submit(w->e, LANE_GDB, "bt");
	await_progress(w, LANE_GDB, "gdb: starting");
	begun = clock_ms();
	end(w);
	assert_true(clock_ms() - begun < 4000);
}

static int set_up(void **state)
{
	static struct world w;
	const char *build = getenv("KDVIEW_BUILD");
	char path[PATH_MAX], cache[PATH_MAX + 16];

	w = (struct world){ 0 };
	snprintf(w.dump, sizeof(w.dump), "%s/cores/x86_64/vmcore", build ? build : "build");
	/* gdb's index of the fixture is the end-to-end tests' too. */
	if (realpath(build ? build : "build", path)) {
		snprintf(cache, sizeof(cache), "%s/cores/cache", path);
		setenv("XDG_CACHE_HOME", cache, 1);
	}
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	if (w->script[0])
		unlink(w->script);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dump_that_is_none_is_the_first_answer),
		TEST(lines_are_answered_in_order),
		TEST(answers_say_when_gdb_would_add),
		TEST(gdb_lane_brings_arguments),
		TEST(native_lines_do_not_wait_for_gdb),
		TEST(gdb_that_dies_leaves_native_frames),
		TEST(native_line_is_cancelled_inside_of_gdbs),
		TEST(idle_lane_is_not_cancelled),
		TEST(forgotten_lines_have_no_answer),
		TEST(chosen_task_is_that_of_both_lanes),
		TEST(shell_commands_take_and_give),
		TEST(closing_does_not_wait_for_gdb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
