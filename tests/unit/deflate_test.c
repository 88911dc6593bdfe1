// SPDX-License-Identifier: GPL-3.0-or-later
/* Our deflate against zlib's inflate: pages of every kind and size; codes are whole and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "capture/deflate_page.h"
#include "capture/huffman.h"

#define KINDS 9
#define GUARD 0xa5

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void fill(uint8_t *p, size_t n, unsigned kind, uint32_t *seed)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t r = next(seed);

		switch (kind) {
		case 0:
			p[i] = 7;
			break;
		case 1:
			p[i] = (uint8_t)r;
			break;
		case 2: /* pointers */
			p[i] = i % 8 > 4 ? 0xff : (uint8_t)(r % 16);
			break;
		case 3: /* few letters: long chains */
			p[i] = "ab"[r % 2];
			break;
		case 4: /* skewed: the longest codes */
			p[i] = (uint8_t)__builtin_ctz(r | 1u << 20);
			break;
		case 5: /* what matches is as far away as can be */
			p[i] = i < n / 2 ? (uint8_t)r : p[i - n / 2];
			break;
		case 6: /* matches of three, and no more */
			p[i] = i > 100 && i % 4 ? p[i - 100] : (uint8_t)r;
			break;
		case 7: /* every byte as often as the others */
			p[i] = (uint8_t)i;
			break;
		default:
			p[i] = r % 64 ? 0 : (uint8_t)r;
		}
	}
}

static void zlib_reads_what_we_deflate(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 8, 9, 15, 16, 255, 258, 259, 4096, 16384, 32768 };
	uint32_t seed = 1;

	(void)state;
	for (size_t s = 0; s < KD_ARRAY_SIZE(sizes); s++) {
		size_t size = sizes[s], room = size + size / 8 + 128;
		struct deflate_page *d = deflate_page_new(size);
		uint8_t *in = malloc(size), *back = malloc(size), *out = malloc(room + 1);

		assert_non_null(d);
		for (unsigned round = 0; round < 4 * KINDS; round++) {
			uLongf got = size;
			size_t len;

			fill(in, size, round % KINDS, &seed);
			out[room] = GUARD;
			len = deflate_page(d, in, out);
			assert_in_range(len, 1, room);
			assert_int_equal(out[room], GUARD);
			assert_int_equal(uncompress(back, &got, out, len), Z_OK);
			assert_int_equal(got, size);
			assert_memory_equal(in, back, size);
		}
		free(in);
		free(back);
		free(out);
		deflate_page_free(d);
	}
	assert_null(deflate_page_new(DEFLATE_PAGE_MAX + 1));
}

/* Of a page like those of kernels it is no more than zlib's fastest makes. */
static void it_is_as_small_as_zlib(void **state)
{
	uint8_t in[4096], out[8192], theirs[8192];
	struct deflate_page *d = deflate_page_new(sizeof(in));
	size_t ours_total = 0, theirs_total = 0;
	uint32_t seed = 5;

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		uLongf len = sizeof(theirs);

		fill(in, sizeof(in), 8, &seed);
		/* structures one after the other */
		for (size_t i = 0; i < sizeof(in); i += 64)
			memcpy(in + i, "\x40\x12\x88\xff\xff\xff\xff\x02\0\0\0", 11);
		ours_total += deflate_page(d, in, out);
		assert_int_equal(compress2(theirs, &len, in, sizeof(in), 1), Z_OK);
		theirs_total += len;
	}
	assert_in_range(ours_total, 1, theirs_total);
	deflate_page_free(d);
}

static void codes_are_whole_and_bounded(void **state)
{
	uint32_t freqs[HUFFMAN_SYMBOLS] = { 0 };
	uint8_t lens[HUFFMAN_SYMBOLS];
	uint16_t codes[HUFFMAN_SYMBOLS];

	(void)state;
	for (unsigned most = 7; most <= HUFFMAN_BITS; most += 8) {
		for (unsigned n = 2; n <= 1u << 7 && n <= HUFFMAN_SYMBOLS; n++) {
			uint32_t a = 1, b = 1, sum = 0;

			/* Fibonacci's numbers make the deepest trees. */
			for (unsigned i = 0; i < n; i++) {
				uint32_t c = kd_min(a + b, 60000);

				freqs[n - 1 - i] = a;
				a = b;
				b = c;
			}
			huffman_make(freqs, n, most, lens, codes);
			for (unsigned i = 0; i < n; i++) {
				if (lens[i]) {
					assert_in_range(lens[i], 1, most);
					sum += 1u << (most - lens[i]);
				}
				assert_int_equal(codes[i] >> lens[i], 0);
			}
			assert_int_equal(sum, 1u << most);
			memset(freqs, 0, sizeof(freqs));
		}
	}
	freqs[3] = 9;
	huffman_make(freqs, 10, 15, lens, codes);
	assert_int_equal(lens[3], 1);
	assert_int_equal(lens[2] | lens[4], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zlib_reads_what_we_deflate),
		cmocka_unit_test(it_is_as_small_as_zlib),
		cmocka_unit_test(codes_are_whole_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
