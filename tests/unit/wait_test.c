// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/wait: which function of a stack a task waits in. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "kernel/kernel.h"
#include "kernel/wait.h"

/* The scheduler's code, and frames in and outside of it. */
#define START 0x1000
#define END 0x2000
#define INSIDE                                                                                     \
	{                                                                                          \
		0x1100, FRAME_NORMAL                                                               \
	}
#define OUTSIDE                                                                                    \
	{                                                                                          \
		0x3000, FRAME_NORMAL                                                               \
	}
#define BEHIND                                                                                     \
	{                                                                                          \
		END, FRAME_NORMAL                                                                  \
	}
#define INLINE_IN                                                                                  \
	{                                                                                          \
		0x1100, FRAME_INLINE                                                               \
	}
#define INLINE_OUT                                                                                 \
	{                                                                                          \
		0x3000, FRAME_INLINE                                                               \
	}
#define USER                                                                                       \
	{                                                                                          \
		0, FRAME_USER                                                                      \
	}

struct step {
	vaddr_t pc;
	enum frame_kind kind;
};

/* Index of the frame that waits; -1: none. */
static int waits_at(const struct step *steps, size_t n)
{
	struct frame frames[8] = { 0 };
	struct stack s = { .frames = frames, .nframes = n };
	struct kernel k = { .arch = &arch_x86_64 };
	const struct frame *f;

	for (size_t i = 0; i < n; i++) {
		frames[i].pc = steps[i].pc;
		frames[i].kind = steps[i].kind;
	}
	assert_int_equal(symbols_new(&k.symbols, NULL), 0);
	assert_int_equal(symbols_add(k.symbols, "__sched_text_start", NULL, START, 0, 'T', NULL),
			 0);
	assert_int_equal(symbols_add(k.symbols, "__sched_text_end", NULL, END, 0, 'T', NULL), 0);
	assert_int_equal(symbols_finish(k.symbols, NULL), 0);
	f = wait_frame(&k, &s);
	symbols_free(k.symbols);
	return f ? (int)(f - frames) : -1;
}

#define WAITS_AT(...)                                                                              \
	waits_at((const struct step[]){ __VA_ARGS__ },                                             \
		 KD_ARRAY_SIZE(((const struct step[]){ __VA_ARGS__ })))

static void who_called_the_scheduler_waits(void **state)
{
	(void)state;
	assert_int_equal(WAITS_AT(INSIDE, INSIDE, OUTSIDE, OUTSIDE), 2);
	assert_int_equal(WAITS_AT(INLINE_IN, INSIDE, INLINE_OUT, OUTSIDE), 3);
	/* a call may be the last of the scheduler's code */
	assert_int_equal(WAITS_AT(INSIDE, BEHIND, OUTSIDE), 2);
	/* by nobody */
	assert_int_equal(WAITS_AT(INSIDE, OUTSIDE), 1);
	assert_int_equal(WAITS_AT(INSIDE, OUTSIDE, USER), 1);
}

static void what_the_scheduler_calls_is_its_own(void **state)
{
	(void)state;
	assert_int_equal(WAITS_AT(INSIDE, OUTSIDE, INSIDE, OUTSIDE, OUTSIDE), 3);
	assert_int_equal(WAITS_AT(INSIDE, OUTSIDE, INLINE_OUT, INSIDE, OUTSIDE), 4);
	/* but not what another of its functions calls further out */
	assert_int_equal(WAITS_AT(INSIDE, OUTSIDE, OUTSIDE, INSIDE, OUTSIDE), 1);
}

static void nobody_waits_without_a_caller(void **state)
{
	(void)state;
	assert_int_equal(WAITS_AT(INSIDE, INSIDE), -1);
	assert_int_equal(WAITS_AT(INSIDE, USER), -1);
	assert_int_equal(WAITS_AT(INSIDE, OUTSIDE, INSIDE), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_called_the_scheduler_waits),
		cmocka_unit_test(what_the_scheduler_calls_is_its_own),
		cmocka_unit_test(nobody_waits_without_a_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
