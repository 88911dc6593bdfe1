// SPDX-License-Identifier: GPL-3.0-or-later
/* core/ascending: which of numbers that should ascend are right. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "core/ascending.h"

#define NO UINT64_MAX

static bool value(const void *data, size_t i, uint64_t *v)
{
	*v = ((const uint64_t *)data)[i];
	return *v != NO;
}

static void expect(size_t n, const uint64_t *numbers, size_t kept, const char *keep)
{
	uint8_t got[64];
	size_t k;

	assert_int_equal(ascending_run(n, value, numbers, got, &k), 0);
	assert_int_equal(k, kept);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(got[i], keep[i] == '+');
}

static void what_does_not_fit_is_left_out(void **state)
{
	(void)state;
	expect(0, NULL, 0, "");
	expect(5, (uint64_t[]){ 1, 2, 3, 4, 5 }, 5, "+++++");
	expect(5, (uint64_t[]){ 1, 1, 1, 2, 2 }, 5, "+++++");
	expect(5, (uint64_t[]){ 1, 9, 3, 4, 5 }, 4, "+-+++");
	expect(5, (uint64_t[]){ 1, 2, 0, 4, 5 }, 4, "++-++");
	expect(5, (uint64_t[]){ NO, 2, NO, 4, NO }, 2, "-+-+-");
	expect(4, (uint64_t[]){ NO, NO, NO, NO }, 0, "----");
	/* one that is much too high costs itself, not all that follow */
	expect(8, (uint64_t[]){ 1, 2, 1000, 3, 4, 5, 6, 7 }, 7, "++-+++++");
	expect(8, (uint64_t[]){ 900, 1, 2, 3, 4, 5, 6, 7 }, 7, "-+++++++");
}

static void most_of_what_is_left_counts(void **state)
{
	uint8_t keep[1000];
	uint64_t n[1000];
	size_t kept;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		n[i] = i % 10 == 7 ? (i * 7919) % 100000 : 1000 + i;
	assert_int_equal(ascending_run(1000, value, n, keep, &kept), 0);
	assert_true(kept >= 900);
	for (size_t i = 0; i < 1000; i++)
		if (i % 10 != 7)
			assert_int_equal(keep[i], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(most_of_what_is_left_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
