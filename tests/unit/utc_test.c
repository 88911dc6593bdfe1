// SPDX-License-Identifier: GPL-3.0-or-later
/* Dates, against the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "core/utc.h"

static void expect(int64_t when)
{
	char is[UTC_TEXT], should[4][64];
	time_t t = (time_t)when;
	struct tm tm;

	assert_non_null(gmtime_r(&t, &tm));
	strftime(should[UTC_PEOPLE], 64, "%Y-%m-%d %H:%M:%S UTC", &tm);
	strftime(should[UTC_MINUTE], 64, "%Y-%m-%d %H:%M", &tm);
	strftime(should[UTC_ISO], 64, "%Y-%m-%dT%H:%M:%SZ", &tm);
	strftime(should[UTC_NAME], 64, "%Y-%m-%d-%H%M%S", &tm);
	for (enum utc_style i = UTC_PEOPLE; i <= UTC_NAME; i++) {
		assert_true(utc_format(when, i, is));
		assert_string_equal(is, should[i]);
	}
}

static void every_day_of_a_thousand_years_is_the_c_librarys(void **state)
{
	(void)state;
	/* 1600 to 2600; the second of the day moves along */
	for (int64_t day = -135140; day < 230000; day++)
		expect(day * 86400 + (day * day) % 86400);
}

static void ends_of_days_and_years(void **state)
{
	static const int64_t when[] = { 0,	   -1,	      86399,	   86400,     951782399,
					951782400, 951868800, 4107542399, INT32_MAX, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(when); i++)
		expect(when[i]);
}

static void years_of_other_than_four_digits_are_refused(void **state)
{
	static const int64_t bad[] = { INT64_MIN, INT64_MAX, -62167219201, 253402300800 };
	char buf[UTC_TEXT];

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(bad); i++) {
		buf[0] = 'x';
		assert_false(utc_format(bad[i], UTC_ISO, buf));
		assert_string_equal(buf, "");
	}
	assert_true(utc_format(253402300799, UTC_ISO, buf));
	assert_string_equal(buf, "9999-12-31T23:59:59Z");
	assert_true(utc_format(-62167219200, UTC_ISO, buf));
	assert_string_equal(buf, "0000-01-01T00:00:00Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_a_thousand_years_is_the_c_librarys),
		cmocka_unit_test(ends_of_days_and_years),
		cmocka_unit_test(years_of_other_than_four_digits_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
