// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed kernels: see boot_image.h. */
#include "kernel/boot_image.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "kernel/window.h"

#define IMAGE_MAX (256u << 20)	 /* bytes of a file; the largest have 20 MB */
#define VMLINUX_MAX (512u << 20) /* unpacked, without debug information */

/* Of the setup header, by offset in the file. */
#define SETUP_SECTS 0x1f1
#define MAGIC 0x202
#define PROTOCOL 0x206
#define KERNEL_VERSION 0x20e
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_SIZE 0x250

static bool is_image(const uint8_t *p)
{
	return !memcmp(p + MAGIC, "HdrS", 4) && uint_le(p + PROTOCOL, 2) >= 0x208;
}

bool boot_image_probe(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t head[HEADER_SIZE];

	return fd >= 0 && pread(fd, head, sizeof(head), 0) == sizeof(head) && is_image(head);
}

/* Unpacking ------------------------------------------------------------------- */

struct bytes {
	const uint8_t *p;
	size_t n;
};

/*
 * One block of LZ4 (lz4_Block_format.md): runs of literal bytes, each followed by a copy
 * of what was unpacked before. Returns how many bytes it makes, 0: broken.
 */
static size_t unpack_lz4_block(struct bytes in, uint8_t *out, size_t at, size_t room)
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
static size_t unpack_lz4(struct bytes in, uint8_t *out, size_t room)
{
	size_t i = 4, at = 0;

	while (in.n - i >= 4) {
		size_t size = uint_le(in.p + i, 4), made;

		i += 4;
		if (!size || !range_contains(in.n, i, size))
			break;
		made = unpack_lz4_block((struct bytes){ in.p + i, size }, out, at, room);
		if (!made)
			return 0;
		at += made;
		i += size;
	}
	return at;
}

static size_t unpack_zstd(struct bytes in, uint8_t *out, size_t room)
{
	/* behind the frame the build adds the unpacked size */
	size_t size = ZSTD_findFrameCompressedSize(in.p, in.n);

	if (!ZSTD_isError(size))
		size = ZSTD_decompress(out, room, in.p, size);
	return ZSTD_isError(size) ? 0 : size;
}

static size_t unpack_gzip(struct bytes in, uint8_t *out, size_t room)
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

/* The unpacked size stands behind the payload (x86's build adds it where there is none). */
static Elf *unpack(struct bytes payload, uint8_t **memory)
{
	static const uint8_t zstd[] = { 0x28, 0xb5, 0x2f, 0xfd }, lz4[] = { 2, 0x21, 0x4c, 0x18 };
	size_t room = payload.n > 8 ? uint_le(payload.p + payload.n - 4, 4) : 0, size = 0;

	if (!room || room > VMLINUX_MAX)
		return NULL;
	*memory = malloc(room);
	if (!*memory)
		return NULL;
	if (!memcmp(payload.p, zstd, 4))
		size = unpack_zstd(payload, *memory, room);
	else if (!memcmp(payload.p, lz4, 4))
		size = unpack_lz4(payload, *memory, room);
	else if (payload.p[0] == 0x1f && payload.p[1] == 0x8b)
		size = unpack_gzip(payload, *memory, room);
	return size ? elf_memory((char *)*memory, size) : NULL;
}

/* What it says ------------------------------------------------------------------ */

static void take_elf(Elf *elf, struct boot_image *out)
{
	const void *id;
	ssize_t len;
	GElf_Ehdr eh;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh))
		return;
	out->machine = eh.e_machine;
	len = dwelf_elf_gnu_build_id(elf, &id);
	if (len <= 0 || len > BUILD_ID_MAX)
		return;
	memcpy(out->build_id.bytes, id, (size_t)len);
	out->build_id.len = (size_t)len;
}

/* xz and the like are elfutils' business; only this opens a file once more. */
static void take_by_elfutils(int fd, struct boot_image *out)
{
	Elf *elf = dwelf_elf_begin(fd);

	take_elf(elf, out);
	if (elf)
		elf_end(elf);
}

/* "6.1.0-56-cloud-amd64 (maintainer) #1 SMP ...": the first word. */
static void take_release(struct bytes file, struct boot_image *out)
{
	uint64_t at = uint_le(file.p + KERNEL_VERSION, 2) + 0x200;

	if (at == 0x200 || at + sizeof(out->release) > file.n)
		return;
	memcpy(out->release, file.p + at, sizeof(out->release) - 1);
	out->release[strcspn(out->release, " ")] = '\0';
}

static void read_image(struct bytes file, int fd, struct boot_image *out)
{
	uint64_t sects = file.p[SETUP_SECTS] ? file.p[SETUP_SECTS] : 4;
	uint64_t start = (sects + 1) * 512 + uint_le(file.p + PAYLOAD_OFFSET, 4);
	uint64_t len = uint_le(file.p + PAYLOAD_LENGTH, 4);
	uint8_t *memory = NULL;
	Elf *elf;

	take_release(file, out);
	if (!range_contains(file.n, start, len) || len < 16)
		return;
	elf_version(EV_CURRENT);
	elf = unpack((struct bytes){ file.p + start, len }, &memory);
	take_elf(elf, out);
	if (elf)
		elf_end(elf);
	free(memory);
	if (!out->build_id.len)
		take_by_elfutils(fd, out);
}

int boot_image_read(const char *path, struct boot_image *out, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *p;

	*out = (struct boot_image){ .machine = 0 };
	if (fd < 0 || fstat(fd, &st))
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	if (st.st_size < HEADER_SIZE || st.st_size > IMAGE_MAX)
		return kd_fail(err, KD_CORRUPT, "%s: no kernel has that size", path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	if (is_image(p))
		read_image((struct bytes){ p, (size_t)st.st_size }, fd, out);
	munmap(p, (size_t)st.st_size);
	return 0;
}
