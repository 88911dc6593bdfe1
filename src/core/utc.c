// SPDX-License-Identifier: GPL-3.0-or-later
/* Dates: see utc.h. */
#include "core/utc.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY 86400
/* Of the Gregorian calendar, which repeats itself after 400 years. */
#define ERA_DAYS 146097
/* From March 1 of the year 0 to 1970. */
#define EPOCH_DAYS 719468

#define FIRST (INT64_C(-62167219200)) /* 0000-01-01 */
#define LAST INT64_C(253402300799)    /* 9999-12-31 */

static const char *const forms[] = {
	[UTC_PEOPLE] = "%04u-%02u-%02u %02u:%02u:%02u UTC",
	[UTC_MINUTE] = "%04u-%02u-%02u %02u:%02u",
	[UTC_ISO] = "%04u-%02u-%02uT%02u:%02u:%02uZ",
	[UTC_NAME] = "%04u-%02u-%02u-%02u%02u%02u",
};

bool utc_format(int64_t when, enum utc_style style, char buf[UTC_TEXT])
{
	uint32_t days, era, of_era, years, of_year, month, sec;

	buf[0] = '\0';
	if (when < FIRST || when > LAST)
		return false;
	/* An era more, so that nothing is below 0. */
	when += (int64_t)ERA_DAYS * DAY;
	days = (uint32_t)(when / DAY) + EPOCH_DAYS;
	sec = (uint32_t)(when % DAY);
	era = days / ERA_DAYS;
	of_era = days % ERA_DAYS;
	years = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
	/* Years begin in March here, so that leap days end them. */
	of_year = of_era - (365 * years + years / 4 - years / 100);
	month = (5 * of_year + 2) / 153;
	years += 400 * (era - 1) + (month >= 10);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(buf, UTC_TEXT, forms[style], years, month < 10 ? month + 3 : month - 9,
		 of_year - (153 * month + 2) / 5 + 1, sec / 3600, sec / 60 % 60, sec % 60);
#pragma GCC diagnostic pop
	return true;
}
