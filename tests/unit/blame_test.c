// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/blame: which frame a crash is blamed on. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "kernel/blame.h"
#include "kernel/kernel.h"

#define FRAMES_MAX 8

/* The function blamed, of a stack of these; "entry" and "user" are frames of that kind. */
static const char *blamed(const char *const *names)
{
	static char text[FRAMES_MAX][32];
	struct frame frames[FRAMES_MAX] = { 0 };
	struct stack s = { .frames = frames };
	struct kernel k = { .arch = &arch_x86_64 };
	struct task t = { 0 };
	struct blame b;

	for (; names[s.nframes]; s.nframes++) {
		struct frame *f = &frames[s.nframes];

		snprintf(text[s.nframes], sizeof(text[0]), "%s", names[s.nframes]);
		f->function = text[s.nframes];
		f->pc = 0x1000 + s.nframes;
		f->kind = !strcmp(f->function, "entry")	 ? FRAME_ENTRY
			  : !strcmp(f->function, "user") ? FRAME_USER
							 : FRAME_NORMAL;
	}
	blame_find(&k, &t, &s, &b);
	return b.frame ? b.frame->function : "";
}

#define BLAMED(...) blamed((const char *const[]){ __VA_ARGS__, NULL })

static void who_reports_a_crash_is_not_blamed(void **state)
{
	(void)state;
	assert_string_equal(BLAMED("__crash_kexec", "vpanic", "panic", "driver_write", "vfs_write"),
			    "driver_write");
	assert_string_equal(
		BLAMED("__crash_kexec", "oops_end", "exc_page_fault", "entry", "culprit"),
		"culprit");
	assert_string_equal(BLAMED("panic", "user"), "");
	assert_string_equal(BLAMED("panic"), "");
}

static void watchdog_blames_what_it_interrupted(void **state)
{
	(void)state;
	assert_string_equal(BLAMED("panic", "watchdog_timer_fn.cold", "hrtimer_interrupt", "entry",
				   "hog", "kthread"),
			    "hog");
	assert_string_equal(
		BLAMED("panic", "print_cpu_stall", "rcu_sched_clock_irq", "entry", "hog"), "hog");
	/* nothing of the kernel's was interrupted, or the stack breaks off */
	assert_string_equal(
		BLAMED("panic", "watchdog_timer_fn", "hrtimer_interrupt", "entry", "user"),
		"watchdog_timer_fn");
	assert_string_equal(BLAMED("panic", "watchdog_timer_fn", "hrtimer_interrupt"),
			    "watchdog_timer_fn");
	/* an interrupt that is not the watchdog's is no excuse */
	assert_string_equal(BLAMED("panic", "driver_irq", "handle_irq", "entry", "hog"),
			    "driver_irq");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_reports_a_crash_is_not_blamed),
		cmocka_unit_test(watchdog_blames_what_it_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
