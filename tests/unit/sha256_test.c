// SPDX-License-Identifier: GPL-3.0-or-later
/* SHA-256: the examples of FIPS 180-4 and NIST's test vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/sha256.h"

static void assert_digest(const void *data, size_t len, const char *expected)
{
	uint8_t digest[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];

	sha256(data, len, digest);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, expected);
}

static void examples_have_their_digests(void **state)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	(void)state;
	assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(two, strlen(two),
		      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_digest("\xbd", 1,
		      "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
}

static void million_letters_have_their_digest(void **state)
{
	char *a = malloc(1000000);

	(void)state;
	assert_non_null(a);
	memset(a, 'a', 1000000);
	assert_digest(a, 1000000,
		      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(a);
}

/* Where the padding goes into a block of its own, and where not; from NIST's SHA256 examples. */
static void zeros_around_a_block_have_their_digests(void **state)
{
	static const uint8_t zeros[128];

	(void)state;
	assert_digest(zeros, 55,
		      "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
	assert_digest(zeros, 56,
		      "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb");
	assert_digest(zeros, 57,
		      "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785");
	assert_digest(zeros, 64,
		      "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_have_their_digests),
		cmocka_unit_test(million_letters_have_their_digest),
		cmocka_unit_test(zeros_around_a_block_have_their_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
