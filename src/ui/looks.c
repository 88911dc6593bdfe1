// SPDX-License-Identifier: GPL-3.0-or-later
/* What a file looks like: see looks.h. */
#include "ui/looks.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD 4096
#define MEMORY_MIN (1 << 20) /* bytes: no kernel has less */
#define UNKNOWN "data of no kind known here"
#define ZEROS "zeros only"

static const struct {
	size_t off;
	const char *bytes;
	size_t len;
	const char *what;
} magics[] = {
	{ 0x202, "HdrS", 4, "a compressed kernel (bzImage), not a vmlinux" },
	{ 0, "KDUMP   ", 8, "a kdump-compressed dump" },
	{ 0, "makedumpfile", 12, "a flattened dump of makedumpfile" },
	{ 0, "\x1f\x8b", 2, "a gzip file: unpack it first" },
	{ 0,
	  "\xfd"
	  "7zXZ",
	  5, "an xz file: unpack it first" },
	{ 0, "\x28\xb5\x2f\xfd", 4, "a zstd file: unpack it first" },
	{ 0, "BZh", 3, "a bzip2 file: unpack it first" },
	{ 0, "!<arch>\n", 8, "an archive or a package: unpack it first" },
};

static const char *elf_machine(uint16_t machine, char *buf, size_t size)
{
	switch (machine) {
	case EM_386:
		return "i386";
	case EM_X86_64:
		return "x86-64";
	case EM_AARCH64:
		return "arm64";
	default:
		snprintf(buf, size, "machine %u", machine);
		return buf;
	}
}

/* An ELF file; e_type and e_machine lie where both classes have them. */
static void elf_looks(const uint8_t *head, char *buf, size_t size)
{
	static const char *const types[] = {
		[ET_NONE] = "file",	  [ET_REL] = "object or module",
		[ET_EXEC] = "executable", [ET_DYN] = "program or library",
		[ET_CORE] = "core",
	};
	uint16_t type = (uint16_t)(head[16] | head[17] << 8);
	uint16_t machine = (uint16_t)(head[18] | head[19] << 8);
	char number[32];

	snprintf(buf, size, "an ELF%s %s for %s", head[EI_CLASS] == ELFCLASS32 ? "32" : "64",
		 type < KD_ARRAY_SIZE(types) ? types[type] : "file",
		 elf_machine(machine, number, sizeof(number)));
}

static bool is_text(const uint8_t *head, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (head[i] < 0x20 && !strchr("\n\r\t\f", head[i]))
			return false;
	}
	return len > 0;
}

static const char *head_looks(const uint8_t *head, size_t len, char *buf, size_t size)
{
	if (!len)
		return "an empty file";
	for (size_t i = 0; i < KD_ARRAY_SIZE(magics); i++) {
		if (range_contains(len, magics[i].off, magics[i].len) &&
		    !memcmp(head + magics[i].off, magics[i].bytes, magics[i].len))
			return magics[i].what;
	}
	if (len >= EI_NIDENT + 4 && !memcmp(head, ELFMAG, SELFMAG)) {
		elf_looks(head, buf, size);
		return buf;
	}
	for (size_t i = 0; i < len; i++) {
		if (head[i])
			return is_text(head, len) ? "text" : UNKNOWN;
	}
	return ZEROS;
}

static const char *first_looks(const char *path, char *buf, size_t size)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t head[HEAD];
	struct stat st;
	ssize_t n;

	if (fd < 0) {
		snprintf(buf, size, "%s", errno == ENOENT ? "no such file" : strerror(errno));
		return buf;
	}
	if (fstat(fd, &st) || S_ISDIR(st.st_mode))
		return "a folder";
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return "no regular file";
	n = read(fd, head, sizeof(head));
	if (n < 0) {
		snprintf(buf, size, "%s", strerror(errno));
		return buf;
	}
	return head_looks(head, (size_t)n, buf, size);
}

static uint64_t size_of(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END); /* of devices, too */

	return end < 0 ? 0 : (uint64_t)end;
}

bool file_may_be_memory(const char *path)
{
	char buf[128];
	const char *looks = first_looks(path, buf, sizeof(buf));
	uint64_t size = size_of(path);

	return (!strcmp(looks, UNKNOWN) || !strcmp(looks, ZEROS)) && size >= MEMORY_MIN &&
	       size % HEAD == 0;
}

const char *file_looks(const char *path, char *buf, size_t size)
{
	const char *looks = first_looks(path, buf, size);
	bool zeros = !strcmp(looks, ZEROS);

	if (!file_may_be_memory(path))
		return zeros && size_of(path) > HEAD ? "zeros at its begin" : looks;
	/* The first page of a machine's memory is often empty: it says nothing of the others. */
	snprintf(buf, size, "%s; if it is raw memory, --elfcorehdr 0 reads it",
		 zeros ? "zeros at its begin" : looks);
	return buf;
}
