// SPDX-License-Identifier: GPL-3.0-or-later
/* SHA-256: see sha256.h. Names as in FIPS 180-4. */
#include "load/sha256.h"

#define BLOCK 64

static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static inline uint32_t rotr(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static inline uint32_t big_endian(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint32_t schedule(const uint32_t w[16], unsigned t)
{
	uint32_t w15 = w[(t + 1) & 15], w2 = w[(t + 14) & 15];

	return w[t] + w[(t + 9) & 15] + (rotr(w15, 7) ^ rotr(w15, 18) ^ w15 >> 3) +
	       (rotr(w2, 17) ^ rotr(w2, 19) ^ w2 >> 10);
}

/* One step; instead of moving the eight variables on, the next step is given them turned. */
#define STEP(a, b, c, d, e, f, g, h, k, wt)                                               \
	do {                                                                              \
		uint32_t t1 = (h) + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +            \
			      ((g) ^ ((e) & ((f) ^ (g)))) + (k) + (wt);                   \
		(d) += t1;                                                                \
		(h) = t1 + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) +                     \
		      (((a) & (b)) | ((c) & ((a) | (b))));                                \
	} while (0)

#define EIGHT(k, w)                                          \
	do {                                                 \
		STEP(a, b, c, d, e, f, g, h, (k)[0], (w)[0]); \
		STEP(h, a, b, c, d, e, f, g, (k)[1], (w)[1]); \
		STEP(g, h, a, b, c, d, e, f, (k)[2], (w)[2]); \
		STEP(f, g, h, a, b, c, d, e, (k)[3], (w)[3]); \
		STEP(e, f, g, h, a, b, c, d, (k)[4], (w)[4]); \
		STEP(d, e, f, g, h, a, b, c, (k)[5], (w)[5]); \
		STEP(c, d, e, f, g, h, a, b, (k)[6], (w)[6]); \
		STEP(b, c, d, e, f, g, h, a, (k)[7], (w)[7]); \
	} while (0)

static void add_block(uint32_t s[8], const uint8_t *p)
{
	uint32_t w[16];
	uint32_t a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];

	for (unsigned t = 0; t < 16; t++)
		w[t] = big_endian(p + 4 * t);
	for (unsigned t = 0; t < 64; t += 16) {
		if (t)
			for (unsigned i = 0; i < 16; i++)
				w[i] = schedule(w, i);
		EIGHT(K + t, w);
		EIGHT(K + t + 8, w + 8);
	}
	s[0] += a;
	s[1] += b;
	s[2] += c;
	s[3] += d;
	s[4] += e;
	s[5] += f;
	s[6] += g;
	s[7] += h;
}

/* The last bytes, a 1 bit, zeros, and the length in bits: one block or two. */
static void add_end(uint32_t s[8], const uint8_t *p, size_t rest, uint64_t len)
{
	uint8_t block[2 * BLOCK] = { 0 };
	size_t size = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;

	for (size_t i = 0; i < rest; i++)
		block[i] = p[i];
	block[rest] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		block[size - 1 - i] = (uint8_t)(len * 8 >> (8 * i));
	for (size_t i = 0; i < size; i += BLOCK)
		add_block(s, block + i);
}

void sha256(const void *data, size_t len, uint8_t digest[SHA256_SIZE])
{
	uint32_t s[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	const uint8_t *p = data;
	size_t left = len;

	for (; left >= BLOCK; left -= BLOCK, p += BLOCK)
		add_block(s, p);
	add_end(s, p, left, len);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)(s[i / 4] >> (24 - 8 * (i % 4)));
}
