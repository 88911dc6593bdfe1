// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Deflate for pages: see deflate_page.h. Matches are looked for greedily, by chains of places
 * with the same three bytes; literals and matches of the page then make one block.
 */
#include "capture/deflate_page.h"

#include <string.h>
#include <zlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "capture/huffman.h"

#define HASH_BITS 12
#define CHAIN_MOST 2 /* places looked at */
#define NICE 16	     /* a match that long is taken at once */
#define ENTER_MOST 8 /* of longer ones only the first place is remembered */
#define MATCH_MIN 3
#define MATCH_MOST 258

#define END 256 /* of the block */
#define LENGTHS 286
#define DISTANCES 30
#define ORDERS 19 /* symbols of the code that codes are written in */

/* What follows so many literals: a match; LEN 0: the end. */
struct sequence {
	uint16_t literals, len, distance;
	uint8_t len_symbol, distance_symbol; /* LEN's without END + 1 */
};

struct deflate_page {
	size_t size;
	int16_t heads[1u << HASH_BITS]; /* the last place with that hash */
	int16_t *before;		/* owned; of each place: the one before with its hash */
	struct sequence *sequences;	/* owned */
	size_t n;
	uint32_t len_freqs[HUFFMAN_SYMBOLS], distance_freqs[32];
	uint8_t len_symbols[MATCH_MOST + 1]; /* without END + 1 */
	uint8_t fixed_lens[HUFFMAN_SYMBOLS];
	uint16_t fixed_codes[HUFFMAN_SYMBOLS], fixed_distances[32];
	/* of the page's own codes */
	uint8_t len_lens[HUFFMAN_SYMBOLS], distance_lens[32];
	uint16_t len_codes[HUFFMAN_SYMBOLS], distance_codes[32];
};

/* RFC 1951, 3.2.5. */
static const uint16_t len_bases[] = { 3,  4,  5,  6,   7,   8,	 9,   10,  11, 13,
				      15, 17, 19, 23,  27,  31,	 35,  43,  51, 59,
				      67, 83, 99, 115, 131, 163, 195, 227, 258 };
static const uint8_t len_extras[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
				      2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
static const uint16_t distance_bases[] = { 1,	 2,    3,    4,	    5,	   7,	 9,    13,
					   17,	 25,   33,   49,    65,	   97,	 129,  193,
					   257,	 385,  513,  769,   1025,  1537, 2049, 3073,
					   4097, 6145, 8193, 12289, 16385, 24577 };
static const uint8_t distance_extras[] = { 0, 0, 0, 0, 1, 1, 2, 2,  3,	3,  4,	4,  5,	5,  6,
					   6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13 };

static void make_tables(struct deflate_page *d)
{
	uint8_t five[32];

	for (unsigned s = 0; s < KD_ARRAY_SIZE(len_bases); s++)
		for (unsigned len = len_bases[s]; len <= MATCH_MOST; len++)
			d->len_symbols[len] = (uint8_t)s;
	/* 3.2.6 */
	for (unsigned i = 0; i < HUFFMAN_SYMBOLS; i++)
		d->fixed_lens[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	huffman_codes(d->fixed_lens, HUFFMAN_SYMBOLS, d->fixed_codes);
	memset(five, 5, sizeof(five));
	huffman_codes(five, 32, d->fixed_distances);
}

struct deflate_page *deflate_page_new(size_t size)
{
	struct deflate_page *d = size && size <= DEFLATE_PAGE_MAX ? calloc(1, sizeof(*d)) : NULL;

	if (!d)
		return NULL;
	d->size = size;
	d->before = calloc(size, sizeof(*d->before));
	d->sequences = calloc(size / MATCH_MIN + 2, sizeof(*d->sequences));
	make_tables(d);
	if (d->before && d->sequences)
		return d;
	deflate_page_free(d);
	return NULL;
}

void deflate_page_free(struct deflate_page *d)
{
	if (!d)
		return;
	free(d->before);
	free(d->sequences);
	free(d);
}

/* Matches -------------------------------------------------------------------------------- */

static inline uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

/* Of three bytes. */
static inline uint32_t hash_of(uint32_t v)
{
	return (v << 8) * UINT32_C(0x9e3779b1) >> (32 - HASH_BITS);
}

/* How many bytes are the same at A and B, up to MOST. */
static inline size_t same(const uint8_t *a, const uint8_t *b, size_t most)
{
	size_t n = 0;

	for (; n + 8 <= most; n += 8) {
		uint64_t x = load64(a + n) ^ load64(b + n);

		if (x)
			return n + (unsigned)__builtin_ctzll(x) / 8;
	}
	while (n < most && a[n] == b[n])
		n++;
	return n;
}

static inline void enter(struct deflate_page *d, const uint8_t *page, size_t at)
{
	int16_t *head = &d->heads[hash_of(load32(page + at))];

	d->before[at] = *head;
	*head = (int16_t)at;
}

/* The longest match for what is AT, of those that are looked at; below MATCH_MIN: none. */
static inline size_t find(struct deflate_page *d, const uint8_t *page, size_t at, size_t *distance)
{
	uint32_t first = load32(page + at);
	size_t most = kd_min(d->size - at, MATCH_MOST), best = MATCH_MIN - 1;
	int16_t *head = &d->heads[hash_of(first)];
	int place = *head;

	d->before[at] = *head;
	*head = (int16_t)at;
	for (unsigned i = 0; place >= 0 && i < CHAIN_MOST; i++, place = d->before[place]) {
		const uint8_t *p = page + place;
		size_t len;

		if ((load32(p) ^ first) << 8 || p[best] != page[at + best])
			continue;
		len = MATCH_MIN + same(p + MATCH_MIN, page + at + MATCH_MIN, most - MATCH_MIN);
		if (len <= best)
			continue;
		best = len;
		*distance = at - (size_t)place;
		if (len >= NICE || len == most)
			break;
	}
	return best;
}

static unsigned distance_symbol(size_t distance)
{
	unsigned v = (unsigned)distance - 1, top;

	if (v < 4)
		return v;
	top = 31 - (unsigned)__builtin_clz(v);
	return 2 * top + (v >> (top - 1) & 1);
}

static void add_sequence(struct deflate_page *d, size_t literals, size_t len, size_t distance)
{
	struct sequence *s = &d->sequences[d->n++];

	*s = (struct sequence){ .literals = (uint16_t)literals,
				.len = (uint16_t)len,
				.distance = (uint16_t)distance };
	if (!len)
		return;
	s->len_symbol = d->len_symbols[len];
	s->distance_symbol = (uint8_t)distance_symbol(distance);
	d->len_freqs[END + 1 + s->len_symbol]++;
	d->distance_freqs[s->distance_symbol]++;
}

static void find_sequences(struct deflate_page *d, const uint8_t *page)
{
	size_t at = 0, from = 0, distance = 0;

	memset(d->heads, 0xff, sizeof(d->heads)); /* -1: none */
	memset(d->len_freqs, 0, sizeof(d->len_freqs));
	memset(d->distance_freqs, 0, sizeof(d->distance_freqs));
	d->n = 0;
	d->len_freqs[END] = 1;
	while (at + 8 < d->size) {
		size_t len = find(d, page, at, &distance), end;

		if (len < MATCH_MIN) {
			d->len_freqs[page[at++]]++;
			continue;
		}
		add_sequence(d, at - from, len, distance);
		end = at + len;
		for (at++; len <= ENTER_MOST && at < end && at + 4 <= d->size; at++)
			enter(d, page, at);
		at = from = end;
	}
	for (; at < d->size; at++)
		d->len_freqs[page[at]]++;
	add_sequence(d, d->size - from, 0, 0);
}

/* Bits ----------------------------------------------------------------------------------- */

struct bits {
	uint64_t held;
	unsigned n; /* below 8 after flush() */
	uint8_t *out;
};

static inline void put(struct bits *b, uint64_t v, unsigned n)
{
	b->held |= v << b->n;
	b->n += n;
}

/* Up to 56 bits go between two of these. */
static inline void flush(struct bits *b)
{
	memcpy(b->out, &b->held, 8);
	b->out += b->n / 8;
	b->held >>= b->n & ~7u;
	b->n &= 7;
}

/* The codes of a page, in a code of their own (3.2.7): which symbols, and what goes with them. */
struct outline {
	uint8_t symbols[LENGTHS + DISTANCES], extras[LENGTHS + DISTANCES];
	unsigned n, nlens, ndistances, norders;
	uint8_t lens[ORDERS];
	uint16_t codes[ORDERS];
	unsigned bits; /* all of it takes */
};

static const uint8_t orders[ORDERS] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					11, 4,	12, 3, 13, 2, 14, 1, 15 };
static const uint8_t order_extras[ORDERS] = { [16] = 2, [17] = 3, [18] = 7 };

static void outline_add(struct outline *o, uint32_t *freqs, unsigned symbol, unsigned extra)
{
	o->symbols[o->n] = (uint8_t)symbol;
	o->extras[o->n++] = (uint8_t)extra;
	freqs[symbol]++;
	o->bits += order_extras[symbol];
}

/* N times LEN. */
static void outline_run(struct outline *o, uint32_t *freqs, unsigned len, unsigned n)
{
	if (!len) {
		for (; n >= 11; n -= kd_min(n, 138))
			outline_add(o, freqs, 18, (unsigned)kd_min(n, 138) - 11);
		for (; n >= 3; n -= kd_min(n, 10))
			outline_add(o, freqs, 17, (unsigned)kd_min(n, 10) - 3);
	} else if (n > 3) {
		outline_add(o, freqs, len, 0);
		for (n--; n >= 3; n -= kd_min(n, 6))
			outline_add(o, freqs, 16, (unsigned)kd_min(n, 6) - 3);
	}
	for (; n; n--)
		outline_add(o, freqs, len, 0);
}

static void make_outline(const struct deflate_page *d, struct outline *o)
{
	uint8_t all[LENGTHS + DISTANCES];
	uint32_t freqs[ORDERS] = { 0 };
	unsigned used = 0, total;

	o->n = o->bits = 0;
	for (o->nlens = LENGTHS; o->nlens > END + 1 && !d->len_lens[o->nlens - 1];)
		o->nlens--;
	for (o->ndistances = DISTANCES; o->ndistances > 1 && !d->distance_lens[o->ndistances - 1];)
		o->ndistances--;
	memcpy(all, d->len_lens, o->nlens);
	memcpy(all + o->nlens, d->distance_lens, o->ndistances);
	total = o->nlens + o->ndistances;
	for (unsigned i = 0, n; i < total; i += n) {
		for (n = 1; i + n < total && all[i + n] == all[i];)
			n++;
		outline_run(o, freqs, all[i], n);
	}
	for (unsigned i = 0; i < ORDERS; i++)
		used += freqs[i] != 0;
	/* Readers want a whole code. */
	if (used < 2)
		freqs[freqs[0] ? 1 : 0]++;
	huffman_make(freqs, ORDERS, 7, o->lens, o->codes);
	for (o->norders = ORDERS; o->norders > 4 && !o->lens[orders[o->norders - 1]];)
		o->norders--;
	o->bits += 14 + 3 * o->norders;
	for (unsigned i = 0; i < o->n; i++)
		o->bits += o->lens[o->symbols[i]];
}

static void put_outline(struct bits *b, const struct outline *o)
{
	put(b, o->nlens - END - 1, 5);
	put(b, o->ndistances - 1, 5);
	put(b, o->norders - 4, 4);
	flush(b);
	for (unsigned i = 0; i < o->norders; i++) {
		put(b, o->lens[orders[i]], 3);
		flush(b);
	}
	for (unsigned i = 0; i < o->n; i++) {
		put(b, o->codes[o->symbols[i]], o->lens[o->symbols[i]]);
		put(b, o->extras[i], order_extras[o->symbols[i]]);
		flush(b);
	}
}

/* Are the page's own codes worth their outline? */
static bool is_own_better(const struct deflate_page *d, const struct outline *o)
{
	unsigned own = o->bits, fixed = 0;

	for (unsigned i = 0; i < LENGTHS; i++) {
		own += d->len_freqs[i] * d->len_lens[i];
		fixed += d->len_freqs[i] * d->fixed_lens[i];
	}
	for (unsigned i = 0; i < DISTANCES; i++) {
		own += d->distance_freqs[i] * d->distance_lens[i];
		fixed += d->distance_freqs[i] * 5;
	}
	return own < fixed;
}

static const uint8_t *put_literals(struct bits *b, const struct deflate_page *d, const uint8_t *p,
				   size_t n)
{
	for (; n >= 3; n -= 3, p += 3) {
		put(b, d->len_codes[p[0]], d->len_lens[p[0]]);
		put(b, d->len_codes[p[1]], d->len_lens[p[1]]);
		put(b, d->len_codes[p[2]], d->len_lens[p[2]]);
		flush(b);
	}
	for (; n; n--, p++)
		put(b, d->len_codes[*p], d->len_lens[*p]);
	flush(b);
	return p;
}

static void put_sequences(struct bits *b, const struct deflate_page *d, const uint8_t *page)
{
	const uint8_t *p = page;

	for (const struct sequence *s = d->sequences;; s++) {
		unsigned len = END + 1 + s->len_symbol, far = s->distance_symbol;

		if (s->literals)
			p = put_literals(b, d, p, s->literals);
		if (!s->len)
			break;
		put(b, d->len_codes[len], d->len_lens[len]);
		put(b, s->len - len_bases[s->len_symbol], len_extras[s->len_symbol]);
		put(b, d->distance_codes[far], d->distance_lens[far]);
		put(b, (uint64_t)s->distance - distance_bases[far], distance_extras[far]);
		flush(b);
		p += s->len;
	}
	put(b, d->len_codes[END], d->len_lens[END]);
	flush(b);
}

#ifdef __SSE2__
/*
 * Adler-32 (RFC 1950, 8.2): the sum of bytes, and the sum of these sums. A byte counts once in the
 * latter for each that follows and for itself: 16 for each piece of 16 bytes behind its own, and
 * what its place says in its own.
 */
static uint32_t checksum(const uint8_t *p, size_t n)
{
	const __m128i zero = _mm_setzero_si128();
	const __m128i high = _mm_set_epi16(9, 10, 11, 12, 13, 14, 15, 16);
	const __m128i low = _mm_set_epi16(1, 2, 3, 4, 5, 6, 7, 8);
	__m128i sum = zero, before = zero, own = zero;
	uint64_t two[2], b;
	uint32_t four[4];

	if (n % 16)
		return (uint32_t)adler32(1, p, (uInt)n);
	for (size_t i = 0; i < n; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));

		before = _mm_add_epi64(before, sum);
		sum = _mm_add_epi64(sum, _mm_sad_epu8(v, zero));
		own = _mm_add_epi32(own, _mm_madd_epi16(_mm_unpacklo_epi8(v, zero), high));
		own = _mm_add_epi32(own, _mm_madd_epi16(_mm_unpackhi_epi8(v, zero), low));
	}
	_mm_storeu_si128((__m128i *)(void *)two, before);
	_mm_storeu_si128((__m128i *)(void *)four, own);
	b = n + 16 * (two[0] + two[1]) + four[0] + four[1] + four[2] + four[3];
	_mm_storeu_si128((__m128i *)(void *)two, sum);
	return (uint32_t)(b % 65521) << 16 | (uint32_t)((1 + two[0] + two[1]) % 65521);
}
#else
static uint32_t checksum(const uint8_t *p, size_t n)
{
	return (uint32_t)adler32(1, p, (uInt)n);
}
#endif

size_t deflate_page(struct deflate_page *d, const uint8_t *page, uint8_t *out)
{
	struct bits b = { .out = out };
	struct outline o;
	uint32_t sum;
	bool own;

	find_sequences(d, page);
	huffman_make(d->len_freqs, LENGTHS, HUFFMAN_BITS, d->len_lens, d->len_codes);
	huffman_make(d->distance_freqs, DISTANCES, HUFFMAN_BITS, d->distance_lens,
		     d->distance_codes);
	make_outline(d, &o);
	own = is_own_better(d, &o);
	/* a window of 32 KB, the fastest way; the last block, of which kind */
	put(&b, 0x0178, 16);
	put(&b, own ? 5 : 3, 3);
	flush(&b);
	if (own) {
		put_outline(&b, &o);
	} else {
		memcpy(d->len_lens, d->fixed_lens, sizeof(d->len_lens));
		memcpy(d->len_codes, d->fixed_codes, sizeof(d->len_codes));
		memset(d->distance_lens, 5, sizeof(d->distance_lens));
		memcpy(d->distance_codes, d->fixed_distances, sizeof(d->distance_codes));
	}
	put_sequences(&b, d, page);
	b.n = (b.n + 7) & ~7u;
	flush(&b);
	sum = __builtin_bswap32(checksum(page, d->size));
	memcpy(b.out, &sum, 4);
	return (size_t)(b.out - out) + 4;
}
