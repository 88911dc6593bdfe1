// SPDX-License-Identifier: GPL-3.0-or-later
/* Prefix codes: see huffman.h. */
#include "capture/huffman.h"

#include <string.h>

#define RADIX_BITS 6
#define RADIX (1u << RADIX_BITS)
/* Above that, frequencies are as good as equal: pages have a few thousand bytes. */
#define FREQ_MOST ((1u << 2 * RADIX_BITS) - 1)

/* Sort N numbers by RADIX_BITS bits of them from SHIFT on. */
static void sort_by(const uint32_t *in, uint32_t *out, unsigned n, unsigned shift)
{
	uint16_t at[RADIX] = { 0 };
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		at[in[i] >> shift & (RADIX - 1)]++;
	for (unsigned i = 0; i < RADIX; i++) {
		unsigned count = at[i];

		at[i] = (uint16_t)sum;
		sum += count;
	}
	for (unsigned i = 0; i < n; i++)
		out[at[in[i] >> shift & (RADIX - 1)]++] = in[i];
}

/* The symbols that occur, as frequency << 16 | symbol, the rarest first. */
static unsigned sort_symbols(const uint32_t *freqs, unsigned n, uint32_t *sorted)
{
	uint32_t list[HUFFMAN_SYMBOLS] = { 0 }, half[HUFFMAN_SYMBOLS] = { 0 };
	unsigned used = 0;

	for (unsigned i = 0; i < n; i++) {
		list[used] = (uint32_t)kd_min(freqs[i], FREQ_MOST) << 16 | i;
		used += freqs[i] != 0;
	}
	sort_by(list, half, used, 16);
	sort_by(half, sorted, used, 16 + RADIX_BITS);
	return used;
}

/*
 * The depth of N leaves in a tree of least weight, from their weights in ascending order: in place,
 * by A. Moffat and J. Katajainen's three passes (1995). N is 2 at least.
 */
static void find_depths(uint32_t *w, unsigned n)
{
	unsigned leaf = 2, root = 0, next, avail = 1, used = 0, depth = 0;
	int r, at;

	w[0] += w[1];
	for (next = 1; next < n - 1; next++) {
		/* what joins: the two lightest of the leaves and trees that are left */
		if (leaf >= n || w[root] < w[leaf]) {
			w[next] = w[root];
			w[root++] = next;
		} else {
			w[next] = w[leaf++];
		}
		if (leaf >= n || (root < next && w[root] < w[leaf])) {
			w[next] += w[root];
			w[root++] = next;
		} else {
			w[next] += w[leaf++];
		}
	}
	/* parents become depths of inner nodes */
	w[n - 2] = 0;
	for (r = (int)n - 3; r >= 0; r--)
		w[r] = w[w[r]] + 1;
	/* and those the depths of leaves */
	for (r = (int)n - 2, at = (int)n - 1; avail; depth++) {
		while (r >= 0 && w[r] == depth) {
			used++;
			r--;
		}
		for (; avail > used; avail--)
			w[at--] = depth;
		avail = 2 * used;
		used = 0;
	}
}

/* How many codes of each length there are, none of them above MOST: all are of use, none is left.
 */
static void limit(const uint32_t *depths, unsigned n, unsigned most, unsigned *counts)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned len = (unsigned)kd_min(depths[i], most);

		counts[len]++;
		sum += 1u << (most - len);
	}
	/* A leaf of the longest goes beside one that is above, which moves down for it. */
	for (; sum > 1u << most; sum--) {
		unsigned len = most - 1;

		while (!counts[len])
			len--;
		counts[len]--;
		counts[len + 1] += 2;
		counts[most]--;
	}
}

static uint16_t reverse(uint32_t v, unsigned bits)
{
	v = (v & 0x5555) << 1 | (v >> 1 & 0x5555);
	v = (v & 0x3333) << 2 | (v >> 2 & 0x3333);
	v = (v & 0x0f0f) << 4 | (v >> 4 & 0x0f0f);
	v = (v & 0x00ff) << 8 | v >> 8;
	return (uint16_t)(v >> (16 - bits));
}

void huffman_codes(const uint8_t *lens, unsigned n, uint16_t *codes)
{
	uint32_t counts[HUFFMAN_BITS + 1] = { 0 }, next[HUFFMAN_BITS + 2] = { 0 };

	for (unsigned i = 0; i < n; i++)
		counts[lens[i]]++;
	counts[0] = 0;
	for (unsigned b = 1; b <= HUFFMAN_BITS; b++)
		next[b] = (next[b - 1] + counts[b - 1]) << 1;
	for (unsigned i = 0; i < n; i++)
		codes[i] = lens[i] ? reverse(next[lens[i]]++, lens[i]) : 0;
}

void huffman_make(const uint32_t *freqs, unsigned n, unsigned most, uint8_t *lens, uint16_t *codes)
{
	uint32_t sorted[HUFFMAN_SYMBOLS], weights[HUFFMAN_SYMBOLS];
	unsigned counts[HUFFMAN_BITS + 1] = { 0 };
	unsigned used = sort_symbols(freqs, n, sorted), at = 0;

	memset(lens, 0, n);
	if (used > 1) {
		for (unsigned i = 0; i < used; i++)
			weights[i] = sorted[i] >> 16;
		find_depths(weights, used);
		limit(weights, used, most, counts);
	} else {
		counts[1] = used;
	}
	for (unsigned len = most; len; len--)
		for (unsigned i = 0; i < counts[len]; i++)
			lens[sorted[at++] & 0xffff] = (uint8_t)len;
	huffman_codes(lens, n, codes);
}
