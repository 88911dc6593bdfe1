// SPDX-License-Identifier: GPL-3.0-or-later
/* Numbers for people: sizes are rounded to the nearest tenth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/format.h"

static void sizes_are_rounded(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0 bytes" },
		{ 1023, "1023 bytes" },
		{ 1024, "1.0 KiB" },
		{ 1024 + 51, "1.0 KiB" },
		{ 1024 + 52, "1.1 KiB" },
		{ (1 << 20) - 1, "1.0 MiB" },
		{ (1 << 20) - 52, "1023.9 KiB" },
		{ 913346560, "871.0 MiB" },
		{ UINT64_C(5301067776), "4.9 GiB" },
		{ UINT64_C(8590203715), "8.0 GiB" },
		{ (UINT64_C(1) << 40) - 1, "1.0 TiB" },
		{ UINT64_MAX, "16384.0 PiB" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(sizes); i++)
		assert_string_equal(format_size(sizes[i].bytes, buf, sizeof(buf)), sizes[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_rounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
