// SPDX-License-Identifier: GPL-3.0-or-later
/* crashkernel=: every form is read as the kernel reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "setup/crashkernel.h"

#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)

static struct crashkernel parse(const char *cmdline, uint64_t ram)
{
	struct crashkernel k;

	crashkernel_parse(cmdline, ram, &k);
	return k;
}

static void sizes_and_offsets_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t size, offset;
	} cases[] = {
		{ "crashkernel=128M", MIB(128), 0 },
		{ "quiet crashkernel=128M ro", MIB(128), 0 },
		{ "crashkernel=64m@16m", MIB(64), MIB(16) },
		{ "crashkernel=1G", GIB(1), 0 },
		{ "crashkernel=131072K", MIB(128), 0 },
		{ "crashkernel=0x8000000", MIB(128), 0 },
		{ "crashkernel=64M crashkernel=256M", MIB(256), 0 },
		{ "crashkernel=64M crashkernel=256M,high", MIB(64), 0 },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct crashkernel k = parse(cases[i].text, GIB(4));

		assert_int_equal(k.form, CRASHKERNEL_SIZE);
		assert_int_equal(k.size, cases[i].size);
		assert_int_equal(k.offset, cases[i].offset);
	}
}

static void the_range_of_the_machine_is_taken(void **state)
{
	static const char text[] = "crashkernel=512M-2G:64M,2G-64G:256M,64G-:512M@64M";

	(void)state;
	assert_int_equal(parse(text, MIB(256)).size, 0);
	assert_int_equal(parse(text, GIB(1)).size, MIB(64));
	assert_int_equal(parse(text, GIB(2)).size, MIB(256));
	/* the kernel rounds to 128 MiB: what firmware keeps of 2 GiB makes no difference */
	assert_int_equal(parse(text, GIB(2) - MIB(3)).size, MIB(256));
	assert_int_equal(parse(text, GIB(512)).size, MIB(512));
	assert_int_equal(parse(text, GIB(512)).offset, MIB(64));
	assert_int_equal(parse(text, GIB(1)).form, CRASHKERNEL_RANGES);
}

static void high_low_and_cma_are_told_apart(void **state)
{
	struct crashkernel k = parse("crashkernel=512M,high crashkernel=128M,low", GIB(8));

	(void)state;
	assert_int_equal(k.form, CRASHKERNEL_HIGH);
	assert_int_equal(k.size, MIB(512));
	assert_true(k.has_low);
	assert_int_equal(k.low, MIB(128));
	assert_false(k.has_cma);
	k = parse("crashkernel=128M crashkernel=1G,cma crashkernel=0,low", GIB(8));
	assert_int_equal(k.form, CRASHKERNEL_SIZE);
	assert_int_equal(k.size, MIB(128));
	assert_true(k.has_cma && k.cma == GIB(1));
	assert_true(k.has_low && !k.low);
}

static void what_the_kernel_ignores_is_bad(void **state)
{
	static const char *const texts[] = {
		"crashkernel=",	      "crashkernel=auto",      "crashkernel=128X",
		"crashkernel=M",      "crashkernel=1G-2G",     "crashkernel=2G-1G:64M",
		"crashkernel=1G-2G:", "crashkernel=1G-:64M,",  "crashkernel=1G-:64M@",
		"crashkernel=128M@",  "crashkernel=-1",	       "crashkernel=99999999999999999999",
		"crashkernel=16E",    "crashkernel=128M,hihg", "crashkernel=1G-:512G",
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(texts); i++) {
		struct crashkernel k = parse(texts[i], GIB(4));

		if (k.form != CRASHKERNEL_BAD || k.size)
			fail_msg("%s is taken", texts[i]);
	}
}

static void none_is_none(void **state)
{
	(void)state;
	assert_int_equal(parse("", GIB(1)).form, CRASHKERNEL_NONE);
	assert_int_equal(parse("quiet nocrashkernel root=/dev/sda", GIB(1)).form, CRASHKERNEL_NONE);
	assert_int_equal(parse("crashkernel=64M,low", GIB(1)).form, CRASHKERNEL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_offsets_are_read),
		cmocka_unit_test(the_range_of_the_machine_is_taken),
		cmocka_unit_test(high_low_and_cma_are_told_apart),
		cmocka_unit_test(what_the_kernel_ignores_is_bad),
		cmocka_unit_test(none_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
