/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seconds since 1970 as a date, always UTC. The C library's own way reads the machine's time zone
 * even for that, which a second kernel has none of, and weighs a twentieth of kdview-capture.
 */
#ifndef KD_CORE_UTC_H
#define KD_CORE_UTC_H

#include "core/base.h"

#define UTC_TEXT 40

enum utc_style {
	UTC_PEOPLE, /* 2026-05-31 12:00:59 UTC */
	UTC_MINUTE, /* 2026-05-31 12:00 */
	UTC_ISO,    /* 2026-05-31T12:00:59Z */
	UTC_NAME,   /* 2026-05-31-120059, for names of files */
};

/* false: a time before the year 0 or after 9999; BUF is then empty. */
bool utc_format(int64_t when, enum utc_style style, char buf[UTC_TEXT]);

#endif
