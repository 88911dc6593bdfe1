// SPDX-License-Identifier: GPL-3.0-or-later
/* x86_64/prologue: what functions have pushed, as compilers write it. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#include "x86_64/prologue.h"

#define READ(code, p) prologue_read(code, sizeof(code), p)

/* __crash_kexec() of Linux 6.1 and gcc 12, in a running kernel; behind the branch its end. */
static const uint8_t crash_kexec[] = {
	0x0f, 0x1f, 0x44, 0x00, 0x00,			      /* nop, for __fentry__ */
	0x53,						      /* push %rbx */
	0xba, 0x01, 0x00, 0x00, 0x00,			      /* mov $1,%edx */
	0x48, 0x81, 0xec, 0xb0, 0x00, 0x00, 0x00,	      /* sub $0xb0,%rsp */
	0x65, 0x48, 0x8b, 0x04, 0x25, 0x28, 0x00, 0x00, 0x00, /* mov %gs:0x28,%rax */
	0x75, 0x00,					      /* jne */
	0x48, 0x81, 0xc4, 0xb0, 0x00, 0x00, 0x00,	      /* add $0xb0,%rsp */
	0x5b, 0xc3,					      /* pop %rbx; ret */
};

static void pushes_and_locals_are_counted(void **state)
{
	struct prologue p;

	(void)state;
	assert_true(READ(crash_kexec, &p));
	assert_int_equal(p.n, 2);
	assert_int_equal(p.steps[0].at, 6);
	assert_int_equal(p.steps[0].cfa, 16);
	assert_int_equal(p.steps[0].saved, 3);
	assert_int_equal(p.steps[1].at, 18);
	assert_int_equal(p.steps[1].cfa, 16 + 0xb0);
	assert_int_equal(p.steps[1].saved, -1);
}

static void every_form_of_preamble(void **state)
{
	static const uint8_t code[][14] = {
		{ 0xf3, 0x0f, 0x1e, 0xfa, 0xe8, 1, 2, 3, 4, 0x41, 0x57, 0x55, 0x90 },
		{ 0x66, 0x0f, 0x1f, 0x00, 0x0f, 0x1f, 0x44, 0, 0, 0x41, 0x57, 0x55, 0x90 },
		{ 0x0f, 0x1f, 0x40, 0xd6, 0x0f, 0x1f, 0x44, 0, 0, 0x41, 0x57, 0x55, 0x90 },
		{ 0xf3, 0x0f, 0x1e, 0xfa, 0x66, 0x66, 0x66, 0x66, 0x90, 0x41, 0x57, 0x55, 0x90 },
		{ 0xf3, 0x0f, 0x1e, 0xfa, 0x3e, 0x8d, 0x74, 0x26, 0, 0x41, 0x57, 0x55, 0x90 },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(code); i++) {
		struct prologue p;

		assert_true(READ(code[i], &p));
		assert_int_equal(p.n, 2);
		assert_int_equal(p.steps[0].at, 11);
		assert_int_equal(p.steps[0].saved, 15);
		assert_int_equal(p.steps[1].saved, 6);
		assert_int_equal(p.steps[1].cfa, 24);
	}
}

static void room_that_is_never_given_back_is_no_frame(void **state)
{
	/* data that looks like sub $0x10,%rsp */
	static const uint8_t code[] = { 0x48, 0x83, 0xec, 0x10, 0x90, 0x90, 0x90, 0x90, 0x90 };
	struct prologue p;

	(void)state;
	assert_false(READ(code, &p));
}

static void code_without_a_frame_has_none(void **state)
{
	/* xor %eax,%eax; ret; push, which is not reached */
	static const uint8_t leaf[] = { 0x31, 0xc0, 0xc3, 0x53 };
	static const uint8_t call_only[] = { 0xe8, 1, 2, 3 };
	/* mov $...,%esp: another stack */
	static const uint8_t other_stack[] = { 0xbc, 1, 2, 3, 4, 0x53 };
	/* mov %rax,%rsp: the same */
	static const uint8_t moved_stack[] = { 0x48, 0x89, 0xc4, 0x53 };
	struct prologue p;

	(void)state;
	assert_false(READ(moved_stack, &p));
	assert_false(READ(leaf, &p));
	assert_false(READ(call_only, &p));
	assert_false(READ(other_stack, &p));
	assert_false(prologue_read(leaf, 0, &p));
}

static void nothing_is_read_past_the_end(void **state)
{
	struct prologue p;

	(void)state;
	for (size_t len = 0; len <= sizeof(crash_kexec); len++) {
		uint8_t *exact = malloc(len + !len);

		memcpy(exact, crash_kexec, len);
		prologue_read(exact, len, &p);
		assert_true(p.n <= 2);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pushes_and_locals_are_counted),
		cmocka_unit_test(every_form_of_preamble),
		cmocka_unit_test(room_that_is_never_given_back_is_no_frame),
		cmocka_unit_test(code_without_a_frame_has_none),
		cmocka_unit_test(nothing_is_read_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
