// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed kernels' payloads: see payload.h. */
#include "kernel/payload.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "kernel/window.h"

#define UNPACKED_MAX (512u << 20) /* bytes; kernels without debug information have a tenth */

/* Of the setup header, by offset in the file. */
#define SETUP_SECTS 0x1f1
#define MAGIC 0x202
#define PROTOCOL 0x206
#define KERNEL_VERSION 0x20e
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c

bool payload_probe(const uint8_t *file, size_t n)
{
	return n >= PAYLOAD_HEADER && !memcmp(file + MAGIC, "HdrS", 4) &&
	       uint_le(file + PROTOCOL, 2) >= 0x208;
}

/* "6.1.0-56-cloud-amd64 (maintainer) #1 SMP ...": the first word. */
void payload_release(const uint8_t *file, size_t n, char *buf, size_t size)
{
	uint64_t at = uint_le(file + KERNEL_VERSION, 2) + 0x200;

	buf[0] = '\0';
	if (at == 0x200 || !range_contains(n, at, size))
		return;
	memcpy(buf, file + at, size - 1);
	buf[size - 1] = '\0';
	buf[strcspn(buf, " ")] = '\0';
}

int payload_find(const uint8_t *file, size_t n, struct payload *out, struct kd_err *err)
{
	uint64_t sects = file[SETUP_SECTS] ? file[SETUP_SECTS] : 4;
	uint64_t start = (sects + 1) * 512 + uint_le(file + PAYLOAD_OFFSET, 4);
	uint64_t len = uint_le(file + PAYLOAD_LENGTH, 4);

	if (!range_contains(n, start, len) || len < 16)
		return kd_fail(err, KD_CORRUPT, "its compressed part lies outside the file");
	*out = (struct payload){ file + start, len };
	return 0;
}

/*
 * One block of LZ4 (lz4_Block_format.md): runs of literal bytes, each followed by a copy
 * of what was unpacked before. Returns how many bytes it makes, 0: broken.
 */
static size_t unpack_lz4_block(struct payload in, uint8_t *out, size_t at, size_t room)
{
	size_t i = 0, start = at;

	while (i < in.n) {
		uint8_t token = in.p[i++], more = 255;
		size_t literals = token >> 4, match = token & 15, back;

		while (literals >= 15 && more == 255 && i < in.n)
			literals += more = in.p[i++];
		if (!range_contains(in.n, i, literals) || !range_contains(room, at, literals))
			return 0;
		memcpy(out + at, in.p + i, literals);
		i += literals;
		at += literals;
		if (i == in.n) /* the last run has no copy */
			return at - start;
		if (in.n - i < 2)
			return 0;
		back = uint_le(in.p + i, 2);
		i += 2;
		for (more = 255; match >= 15 && more == 255 && i < in.n;)
			match += more = in.p[i++];
		match += 4;
		if (!back || back > at || !range_contains(room, at, match))
			return 0;
		for (; match; match--, at++)
			out[at] = out[at - back];
	}
	return 0;
}

/* The legacy frame, as the kernel's build makes it: a magic number, sized blocks. */
static size_t unpack_lz4(struct payload in, uint8_t *out, size_t room)
{
	size_t i = 4, at = 0;

	while (in.n - i >= 4) {
		size_t size = uint_le(in.p + i, 4), made;

		i += 4;
		if (!size || !range_contains(in.n, i, size))
			break;
		made = unpack_lz4_block((struct payload){ in.p + i, size }, out, at, room);
		if (!made)
			return 0;
		at += made;
		i += size;
	}
	return at;
}

static size_t unpack_zstd(struct payload in, uint8_t *out, size_t room)
{
	/* behind the frame the build adds the unpacked size */
	size_t size = ZSTD_findFrameCompressedSize(in.p, in.n);

	if (!ZSTD_isError(size))
		size = ZSTD_decompress(out, room, in.p, size);
	return ZSTD_isError(size) ? 0 : size;
}

static size_t unpack_gzip(struct payload in, uint8_t *out, size_t room)
{
	z_stream z = { .avail_in = (uInt)in.n, .avail_out = (uInt)room, .next_out = out };
	size_t size;
	int rc;

	/* zlib takes no const */
	memcpy(&z.next_in, &in.p, sizeof(z.next_in));
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return 0;
	rc = inflate(&z, Z_FINISH);
	size = room - z.avail_out;
	inflateEnd(&z);
	return rc == Z_STREAM_END ? size : 0;
}

/* xz, lzma and the like are told by name only. */
static const struct compressor {
	const char *name;
	uint8_t magic[6];
	size_t len;
	size_t (*unpack)(struct payload in, uint8_t *out, size_t room); /* 0: broken */
} compressors[] = {
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, unpack_zstd },
	{ "gzip", { 0x1f, 0x8b, 8 }, 3, unpack_gzip },
	{ "lz4", { 2, 0x21, 0x4c, 0x18 }, 4, unpack_lz4 },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, NULL },
	{ "bzip2", { 'B', 'Z', 'h' }, 3, NULL },
	{ "lzma", { 0x5d, 0, 0 }, 3, NULL },
	{ "lzo", { 0x89, 'L', 'Z', 'O', 0 }, 5, NULL },
};

static const struct compressor *find_compressor(const struct payload *in)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(compressors); i++)
		if (in->n >= 16 && !memcmp(in->p, compressors[i].magic, compressors[i].len))
			return &compressors[i];
	return NULL;
}

const char *payload_compression(const struct payload *in)
{
	const struct compressor *c = find_compressor(in);

	return c ? c->name : NULL;
}

/*
 * How much it unpacks to. The kernel's build puts the size behind what has none (zstd, lz4), and
 * gzip ends in it; a zstd file of another make has it in its head.
 */
static size_t unpacked_size(const struct payload *in, const struct compressor *c)
{
	unsigned long long told = c->unpack == unpack_zstd ? ZSTD_getFrameContentSize(in->p, in->n)
							   : ZSTD_CONTENTSIZE_UNKNOWN;

	if (told == ZSTD_CONTENTSIZE_UNKNOWN || told == ZSTD_CONTENTSIZE_ERROR)
		told = uint_le(in->p + in->n - 4, 4);
	return told > UNPACKED_MAX ? 0 : (size_t)told;
}

int payload_unpack(const struct payload *in, uint8_t **out, size_t *size, struct kd_err *err)
{
	const struct compressor *c = find_compressor(in);
	size_t room, made;

	if (!c || !c->unpack)
		return kd_fail(err, KD_UNSUPPORTED,
			       "compressed by %s, which is not understood here",
			       c ? c->name : "a program not known here");
	room = unpacked_size(in, c);
	if (!room)
		return kd_fail(err, KD_CORRUPT, "its %s data has no sensible size", c->name);
	*out = malloc(room);
	if (!*out)
		return kd_nomem(err);
	made = c->unpack(*in, *out, room);
	if (!made) {
		free(*out);
		*out = NULL;
		return kd_fail(err, KD_CORRUPT, "its %s data is damaged", c->name);
	}
	*size = made;
	return 0;
}
