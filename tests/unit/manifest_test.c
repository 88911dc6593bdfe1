// SPDX-License-Identifier: GPL-3.0-or-later
/* Manifests: what is no manifest is refused, and never believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/manifest.h"

static int read_text(const char *text, struct manifest *m)
{
	struct kd_err err = KD_ERR_INIT;
	char path[] = "/tmp/manifest_test.XXXXXX";
	int fd = mkstemp(path), ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	ret = manifest_read(path, m, &err);
	unlink(path);
	return ret;
}

#define HEAD "{\"kdview_manifest\": 1, \"hash\": \"xxh64\", \"block_size\": 1048576, "

static void a_manifest_is_read(void **state)
{
	struct manifest m;

	(void)state;
	assert_int_equal(read_text(HEAD "\"complete\": true, \"size\": 1048577, \"blocks\": "
				   "[\"00000000000000ff\", \"8000000000000001\"]}", &m), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.size, 1048577);
	assert_true(m.complete);
	assert_true(m.sums[0] == 255 && m.sums[1] == (UINT64_C(1) << 63 | 1));
	manifest_fini(&m);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"kdview_manifest\": 2}",
		HEAD "\"size\": -1, \"blocks\": []}",
		HEAD "\"size\": 1048576, \"blocks\": []}",
		HEAD "\"size\": 1048576, \"blocks\": [1]}",
		HEAD "\"size\": 1048576, \"blocks\": [\"00\"]}",
		HEAD "\"size\": 1048576, \"blocks\": [\"000000000000000g\"]}",
		HEAD "\"size\": 9223372036854775807, \"blocks\": [\"0000000000000000\"]}",
		HEAD "\"size\": 1048576, \"blocks\": {\"a\": 1}}",
		"{\"kdview_manifest\": 1, \"hash\": \"md5\", \"block_size\": 1048576, \"size\": 0, "
		"\"blocks\": []}",
		"{\"kdview_manifest\": 1, \"hash\": \"xxh64\", \"block_size\": 0, \"size\": 0, "
		"\"blocks\": []}",
	};
	struct manifest m;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(texts); i++)
		assert_int_equal(read_text(texts[i], &m), KD_CORRUPT);
}

static void none_is_told_from_a_bad_one(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct manifest m;

	(void)state;
	assert_int_equal(manifest_read("/nonexistent/x.json", &m, &err), KD_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_read),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(none_is_told_from_a_bad_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
