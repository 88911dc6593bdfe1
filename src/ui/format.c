// SPDX-License-Identifier: GPL-3.0-or-later
/* Numbers for people: see format.h. */
#include "ui/format.h"

#include <inttypes.h>

static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" };

/* Tenths of unit U, to the nearest. */
static uint64_t in_tenths(uint64_t bytes, unsigned u)
{
	uint64_t unit = UINT64_C(1) << (10 * u), rest = bytes & (unit - 1);

	/* below 2^54, as a unit is 2^50 at most */
	return bytes / unit * 10 + (rest * 10 + unit / 2) / unit;
}

const char *format_size(uint64_t bytes, char *buf, size_t size)
{
	unsigned u = 0;
	uint64_t tenths;

	while (u + 1 < KD_ARRAY_SIZE(units) && bytes >> (10 * (u + 1)))
		u++;
	if (!u) {
		snprintf(buf, size, "%" PRIu64 " bytes", bytes);
		return buf;
	}
	tenths = in_tenths(bytes, u);
	/* what rounds up to 1024 is 1 of the next */
	if (tenths >= 10240 && u + 1 < KD_ARRAY_SIZE(units))
		tenths = in_tenths(bytes, ++u);
	snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[u]);
	return buf;
}
