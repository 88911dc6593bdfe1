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

#include "kernel/payload.h"

#define IMAGE_MAX (256u << 20) /* bytes of a file; the largest have 20 MB */

bool boot_image_probe(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t head[PAYLOAD_HEADER];

	return fd >= 0 && pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       payload_probe(head, sizeof(head));
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

static void read_image(const uint8_t *file, size_t n, int fd, struct boot_image *out)
{
	_cleanup_(freep) uint8_t *memory = NULL;
	struct payload payload;
	size_t size;

	payload_release(file, n, out->release, sizeof(out->release));
	if (payload_find(file, n, &payload, NULL))
		return;
	elf_version(EV_CURRENT);
	if (!payload_unpack(&payload, &memory, &size, NULL)) {
		Elf *elf = elf_memory((char *)memory, size);

		take_elf(elf, out);
		if (elf)
			elf_end(elf);
	}
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
	if (st.st_size < PAYLOAD_HEADER || st.st_size > IMAGE_MAX)
		return kd_fail(err, KD_CORRUPT, "%s: no kernel has that size", path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	if (payload_probe(p, (size_t)st.st_size))
		read_image(p, (size_t)st.st_size, fd, out);
	munmap(p, (size_t)st.st_size);
	return 0;
}
