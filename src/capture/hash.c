// SPDX-License-Identifier: GPL-3.0-or-later
/* XXH64: see hash.h. Names and constants are the specification's; little-endian hosts only. */
#include "capture/hash.h"

#include <string.h>

#define PRIME1 UINT64_C(0x9e3779b185ebca87)
#define PRIME2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define PRIME3 UINT64_C(0x165667b19e3779f9)
#define PRIME4 UINT64_C(0x85ebca77c2b2ae63)
#define PRIME5 UINT64_C(0x27d4eb2f165667c5)

#define STRIPE 32

static uint64_t rotate(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t round64(uint64_t lane, uint64_t input)
{
	return rotate(lane + input * PRIME2, 31) * PRIME1;
}

static void stripes(struct hash *h, const uint8_t *p, size_t n)
{
	uint64_t a = h->lanes[0], b = h->lanes[1], c = h->lanes[2], d = h->lanes[3];

	for (; n; n--, p += STRIPE) {
		a = round64(a, load64(p));
		b = round64(b, load64(p + 8));
		c = round64(c, load64(p + 16));
		d = round64(d, load64(p + 24));
	}
	h->lanes[0] = a;
	h->lanes[1] = b;
	h->lanes[2] = c;
	h->lanes[3] = d;
}

void hash_init(struct hash *h)
{
	*h = (struct hash){ .lanes = { PRIME1 + PRIME2, PRIME2, 0, UINT64_C(0) - PRIME1 } };
}

void hash_add(struct hash *h, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t had = h->total % STRIPE;

	h->total += len;
	if (had) {
		size_t n = kd_min(STRIPE - had, len);

		memcpy(h->rest + had, p, n);
		p += n;
		len -= n;
		if (had + n < STRIPE)
			return;
		stripes(h, h->rest, 1);
	}
	stripes(h, p, len / STRIPE);
	p += len / STRIPE * STRIPE;
	if (len % STRIPE)
		memcpy(h->rest, p, len % STRIPE);
}

uint64_t hash_value(const struct hash *h)
{
	const uint8_t *p = h->rest, *end = p + h->total % STRIPE;
	uint64_t v = PRIME5;

	if (h->total >= STRIPE) {
		v = rotate(h->lanes[0], 1) + rotate(h->lanes[1], 7) + rotate(h->lanes[2], 12) +
		    rotate(h->lanes[3], 18);
		for (unsigned i = 0; i < 4; i++)
			v = (v ^ round64(0, h->lanes[i])) * PRIME1 + PRIME4;
	}
	v += h->total;
	for (; end - p >= 8; p += 8)
		v = rotate(v ^ round64(0, load64(p)), 27) * PRIME1 + PRIME4;
	if (end - p >= 4) {
		v = rotate(v ^ load32(p) * PRIME1, 23) * PRIME2 + PRIME3;
		p += 4;
	}
	for (; p < end; p++)
		v = rotate(v ^ *p * PRIME5, 11) * PRIME1;
	v = (v ^ v >> 33) * PRIME2;
	v = (v ^ v >> 29) * PRIME3;
	return v ^ v >> 32;
}
