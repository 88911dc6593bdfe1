// SPDX-License-Identifier: GPL-3.0-or-later
/* The crash in the log's words, taint flags, boot time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/info.h"
#include "kernel/kernel.h"
#include "kernel/log.h"

/* A kernel of which nothing is known. */
static struct kernel kernel;
static struct dump dump;

static int set_up(void **state)
{
	(void)state;
	kernel.crashed = true;
	kernel.dump = &dump;
	kernel.arch = &arch_x86_64;
	return symbols_new(&kernel.symbols, NULL) ||
	       symbols_add(kernel.symbols, "elsewhere", NULL, 0x1000, 1, 't', NULL) ||
	       symbols_finish(kernel.symbols, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	symbols_free(kernel.symbols);
	return 0;
}

/* Lines, one a second; "+N" waits N seconds. Texts are borrowed. */
static void assert_words(const char *const *lines, const char *oops, const char *panic)
{
	static char empty[] = "";
	struct log_record records[32] = { 0 };
	struct log l = { .list = records };
	uint64_t seconds = 0;
	struct info i;

	for (; *lines; lines++) {
		if (**lines == '+') {
			seconds += strtoull(*lines + 1, NULL, 10);
			continue;
		}
		seconds++;
		records[l.n].text = **lines ? strdup(*lines) : strdup(empty);
		records[l.n].has_ts = true;
		records[l.n++].ts_nsec = seconds * 1000000000;
	}
	info_read(&kernel, &l, &i);
	if (oops)
		assert_string_equal(i.oops ? i.oops : "(none)", oops);
	else
		assert_null(i.oops);
	if (panic)
		assert_string_equal(i.panic ? i.panic : "(none)", panic);
	else
		assert_null(i.panic);
	assert_true(i.has_uptime == (l.n > 0) && i.uptime_from_log == (l.n > 0));
	info_fini(&i);
	for (size_t n = 0; n < l.n; n++)
		free(records[n].text);
}

/* The last report of a kernel that had not crashed, and its age in seconds. */
static void assert_report(const char *const *lines, const char *report, uint64_t age)
{
	struct log_record records[32] = { 0 };
	struct log l = { .list = records };
	uint64_t seconds = 0;
	struct info i;

	for (; *lines; lines++) {
		char *copy;

		if (**lines == '+') {
			seconds += strtoull(*lines + 1, NULL, 10);
			continue;
		}
		copy = strdup(*lines);
		records[l.n++] = (struct log_record){ .text = copy,
						      .has_ts = true,
						      .ts_nsec = ++seconds * 1000000000 };
	}
	kernel.crashed = false;
	info_read(&kernel, &l, &i);
	kernel.crashed = true;
	assert_false(i.crashed);
	if (report)
		assert_string_equal(i.oops ? i.oops : "(none)", report);
	else
		assert_null(i.oops);
	assert_int_equal(i.oops_age, age * 1000000000);
	assert_int_equal(info_is_recent(&i), age < 60);
	info_fini(&i);
	for (size_t n = 0; n < l.n; n++)
		free(records[n].text);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char panic[] = "Kernel panic - not syncing: Fatal exception";

static void a_kernel_that_did_not_crash_has_its_last_report_with_its_age(void **state)
{
	(void)state;
	assert_report(WORDS("boot", "all is well"), NULL, 0);
	assert_report(WORDS("boot", "BUG: first", "Oops: 0002 [#1]", "done"), "BUG: first", 2);
	assert_report(WORDS("BUG: first", "+100", "rcu: INFO: stall", "INFO: task a:1 blocked"),
		      "rcu: INFO: stall", 1);
	assert_report(WORDS("watchdog: BUG: soft lockup", "+100", "eth0: link up"),
		      "watchdog: BUG: soft lockup", 101);
}

static void first_line_of_the_last_report_counts(void **state)
{
	(void)state;
	assert_words(WORDS("boot", "BUG: unable to handle page fault", "Oops: 0000 [#1]", panic),
		     "BUG: unable to handle page fault", panic);
	assert_words(WORDS("BUG: first", "---[ end trace 1 ]---", "BUG: second", "Oops: 2"),
		     "BUG: second", NULL);
	assert_words(WORDS("boot", panic, "BUG: after the end"), NULL, panic);
	assert_words(WORDS("nothing"), NULL, NULL);
}

/* What info_read() says of a kernel with that log. */
static void read_log(const char *const *lines, struct info *i)
{
	struct log_record records[32] = { 0 };
	struct log l = { .list = records };

	for (; *lines; lines++)
		records[l.n++].text = strdup(*lines);
	info_read(&kernel, &l, i);
	for (size_t n = 0; n < l.n; n++)
		free(records[n].text);
}

static void log_has_the_command_line(void **state)
{
	struct info i;

	(void)state;
	read_log(WORDS("boot", "Command line: short", "Kernel command line: all of it"), &i);
	assert_string_equal(i.cmdline, "all of it");
	info_fini(&i);
	read_log(WORDS("boot", "Command line: short"), &i);
	assert_string_equal(i.cmdline, "short");
	info_fini(&i);
	read_log(WORDS("boot", "no Command line: here"), &i);
	assert_null(i.cmdline);
	info_fini(&i);
}

static void log_has_the_taint_flags(void **state)
{
#define WHO "CPU: 1 PID: 0 Comm: swapper/1 Kdump: loaded "
	static const struct {
		const char *line;
		bool known;
		uint64_t taint;
	} cases[] = {
		{ WHO "Tainted: G           OE     5.10.0-32-686 #1", true, 1 << 12 | 1 << 13 },
		{ WHO "Tainted: P        W         4.19.0", true, 1 << 0 | 1 << 9 },
		{ WHO "Not tainted 5.10.0 #1", true, 0 },
		{ WHO "Tainted: [D]=DIE, [O]=OOT_MODULE", false, 0 },
		{ WHO "Tainted: G   Q   5.10", false, 0 },
		{ WHO "Tainted: G   O", false, 0 },
		{ "Tainted: G   O  5.10", false, 0 },
	};
	struct info i;

	(void)state;
	for (size_t n = 0; n < KD_ARRAY_SIZE(cases); n++) {
		read_log(WORDS("boot", WHO, cases[n].line, "more"), &i);
		assert_int_equal(i.has_taint, cases[n].known);
		if (cases[n].known)
			assert_int_equal(i.taint, cases[n].taint);
		info_fini(&i);
	}
	/* the last one counts */
	read_log(WORDS(WHO "Tainted: G   O  5.10", WHO "Not tainted 5.10"), &i);
	assert_true(i.has_taint && !i.taint);
	info_fini(&i);
#undef WHO
}

static void what_passes_by_is_not_the_reason(void **state)
{
	(void)state;
	assert_words(WORDS("INFO: task a:1 blocked", panic), "INFO: task a:1 blocked", panic);
	assert_words(WORDS("INFO: task a:1 blocked",
			   "INFO: task a:1 is blocked on a mutex likely owned by task b:2.", panic),
		     "INFO: task a:1 blocked", panic);
	assert_words(WORDS("INFO: task a:1 blocked", "+100", "x", panic), NULL, panic);
	assert_words(WORDS("Out of memory: Killed", "BUG: real", panic), "BUG: real", panic);
	assert_words(WORDS("NMI watchdog: Perf NMI watchdog permanently disabled", panic), NULL,
		     panic);
	assert_words(WORDS("NMI watchdog: Watchdog detected hard LOCKUP on cpu 1", panic),
		     "NMI watchdog: Watchdog detected hard LOCKUP on cpu 1", panic);
}

static void empty_log_has_no_words(void **state)
{
	const char *const none[] = { NULL };

	(void)state;
	assert_words(none, NULL, NULL);
}

static void taint_flags_are_told_in_words(void **state)
{
	char buf[512], tiny[8];

	(void)state;
	assert_string_equal(info_taint(0, buf, sizeof(buf)), "none");
	assert_string_equal(info_taint(1 << 7 | 1 << 12, buf, sizeof(buf)),
			    "D (died before: oops or BUG), O (out-of-tree module)");
	assert_string_equal(info_taint(UINT64_C(1) << 63, buf, sizeof(buf)), "bit 63");
	assert_true(strlen(info_taint(UINT64_MAX, tiny, sizeof(tiny))) < sizeof(tiny));
}

static void boot_time_needs_both_clocks(void **state)
{
	struct info i = { .has_crash_time = true, .crash_time = 1000 };
	int64_t t;

	(void)state;
	assert_false(info_boot_time(&i, &t));
	i.has_uptime = true;
	i.uptime_ns = UINT64_C(100999999999);
	assert_true(info_boot_time(&i, &t));
	assert_int_equal(t, 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_that_did_not_crash_has_its_last_report_with_its_age),
		cmocka_unit_test(first_line_of_the_last_report_counts),
		cmocka_unit_test(log_has_the_command_line),
		cmocka_unit_test(log_has_the_taint_flags),
		cmocka_unit_test(what_passes_by_is_not_the_reason),
		cmocka_unit_test(empty_log_has_no_words),
		cmocka_unit_test(taint_flags_are_told_in_words),
		cmocka_unit_test(boot_time_needs_both_clocks),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
