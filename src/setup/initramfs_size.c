// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How much an initramfs takes once it is unpacked (Documentation/driver-api/early-userspace/
 * buffer-format.rst): archives one after the other, each plain or compressed.
 */
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "kernel/payload.h"
#include "load/unpack.h"
#include "setup/estimate.h"

#define PAGE UINT64_C(4096)
#define HEADER 110	       /* of an entry: "070701" and 13 numbers of 8 digits */
#define FILE_SIZE (6 + 6 * 8)  /* the 7th number */
#define NAME_SIZE (6 + 11 * 8) /* the 12th */
#define GUESS 4		       /* times its size, for what we cannot unpack */
#define SCRATCH (64u << 10)
#define UNPACKED_MOST (512u << 20) /* bytes, of what is unpacked in memory */
#define MOST (UINT64_C(16) << 30)  /* bytes: what unpacks to more is made to do so */

struct rest {
	const uint8_t *p;
	size_t n;
};

static void advance(struct rest *r, size_t n)
{
	n = kd_min(n, r->n);
	r->p += n;
	r->n -= n;
}

static bool number(const uint8_t *p, uint64_t *v)
{
	char text[9], *end;

	memcpy(text, p, 8);
	text[8] = '\0';
	*v = strtoull(text, &end, 16);
	return end == text + 8;
}

static bool is_entry(const struct rest *r, uint64_t *size, uint64_t *name)
{
	return r->n >= HEADER && !memcmp(r->p, "07070", 5) && number(r->p + FILE_SIZE, size) &&
	       number(r->p + NAME_SIZE, name);
}

/* One plain archive, up to its trailer; returns bytes of its files in pages. */
static uint64_t plain(struct rest *r)
{
	uint64_t sum = 0, size, name;

	while (is_entry(r, &size, &name)) {
		bool last = name == 11 && r->n >= HEADER + 10 &&
			    !memcmp(r->p + HEADER, "TRAILER!!!", 10);

		/* both are padded to 4 bytes, the name with its header */
		advance(r, (size_t)((HEADER + name + 3) & ~UINT64_C(3)));
		sum += (kd_min(size, r->n) + PAGE - 1) / PAGE * PAGE;
		advance(r, (size_t)((size + 3) & ~UINT64_C(3)));
		if (last)
			break;
	}
	return sum;
}

static uint64_t count_gzip(struct rest *r, uint8_t *scratch)
{
	z_stream z = { .avail_in = (uInt)kd_min(r->n, UINT32_MAX) };
	uint64_t sum = 0;
	size_t given = z.avail_in;
	int rc = Z_OK;

	/* zlib takes no const */
	memcpy(&z.next_in, &r->p, sizeof(z.next_in));
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return 0;
	while (rc == Z_OK && sum < MOST) {
		z.next_out = scratch;
		z.avail_out = SCRATCH;
		rc = inflate(&z, Z_NO_FLUSH);
		sum += SCRATCH - z.avail_out;
	}
	advance(r, given - z.avail_in);
	inflateEnd(&z);
	return rc == Z_STREAM_END ? sum : 0;
}

static uint64_t count_zstd(struct rest *r, uint8_t *scratch)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer in = { .src = r->p, .size = r->n };
	uint64_t sum = 0;
	size_t left = 1;

	while (z && left && sum < MOST) {
		ZSTD_outBuffer out = { .dst = scratch, .size = SCRATCH };

		left = ZSTD_decompressStream(z, &out, &in);
		sum += out.pos;
		if (ZSTD_isError(left) || (left && in.pos == in.size && out.pos < out.size))
			break;
	}
	ZSTD_freeDStream(z);
	advance(r, in.pos);
	return left ? 0 : sum;
}

/* Formats that are unpacked as a whole, or not at all. */
static uint64_t count_whole(struct rest *r, const char *how)
{
	struct payload in = { r->p, r->n };
	_cleanup_(freep) uint8_t *out = NULL;
	size_t size = 0;
	int ret = !strcmp(how, "xz") ? unpack_xz(r->p, r->n, UNPACKED_MOST, &out, &size, NULL)
				     : KD_UNSUPPORTED;

	/* its end is not known: it is taken as the last */
	advance(r, in.n);
	return ret ? 0 : size;
}

static uint64_t compressed(struct rest *r, bool *guessed)
{
	const char *how = payload_compression(&(struct payload){ r->p, r->n });
	_cleanup_(freep) uint8_t *scratch = malloc(SCRATCH);
	uint64_t sum = 0, before = r->n;

	if (scratch && how && !strcmp(how, "gzip"))
		sum = count_gzip(r, scratch);
	else if (scratch && how && !strcmp(how, "zstd"))
		sum = count_zstd(r, scratch);
	else if (how)
		sum = count_whole(r, how);
	if (!sum) {
		*guessed = true;
		sum = before * GUESS;
		r->n = 0;
	}
	return sum;
}

uint64_t initramfs_unpacked(const uint8_t *p, size_t len, bool *guessed)
{
	struct rest r = { p, len };
	uint64_t sum = 0, size, name;

	*guessed = false;
	while (r.n && sum < MOST) {
		if (!*r.p) /* zeros between archives */
			advance(&r, 1);
		else if (is_entry(&r, &size, &name))
			sum += plain(&r);
		else
			sum += compressed(&r, guessed);
	}
	return sum;
}
