// SPDX-License-Identifier: GPL-3.0-or-later
/* Dumps: format-independent part; see dump.h. */
#include "core/dump.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/formats.h"

/* One line a format. */
static const struct dump_ops *const formats[] = {
	&dump_elf_ops,
};

#define PROBE_LEN 4096

static const struct dump_ops *probe(const uint8_t *head, size_t len, int *status)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(formats); i++) {
		*status = formats[i]->probe(head, len);
		if (*status)
			return formats[i];
	}
	return NULL;
}

/* What a file that is no dump looks like: half of the answer to "why not". */
static const char *looks_like(const uint8_t *head, size_t len)
{
	static const struct {
		const char *magic;
		size_t off, len;
		const char *what;
	} kinds[] = {
		{ "KDUMP   ", 0, 8, "a kdump-compressed dump, which this version can not read" },
		{ "makedumpfile", 0, 12, "a flattened dump, which this version can not read" },
		{ "\x1f\x8b", 0, 2, "gzip-compressed data: unpack it first" },
		{ "\xfd" "7zXZ", 0, 5, "xz-compressed data: unpack it first" },
		{ "\x28\xb5\x2f\xfd", 0, 4, "zstd-compressed data: unpack it first" },
		{ "HdrS", 0x202, 4, "a kernel image (bzImage)" },
		{ "\x7f" "ELF", 0, 4, "an ELF file, but not a core" },
	};

	if (!len)
		return "an empty file";
	for (size_t i = 0; i < KD_ARRAY_SIZE(kinds); i++)
		if (range_contains(len, kinds[i].off, kinds[i].len) &&
		    !memcmp(head + kinds[i].off, kinds[i].magic, kinds[i].len))
			return kinds[i].what;
	return "no format known here";
}

static int map_file(struct dump *d, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(d->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st))
		return kd_fail(err, KD_IO, "can not open: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return kd_fail(err, KD_UNSUPPORTED,
			       "not a regular file; a dump on a device or pipe has to be copied first");
	if (!st.st_size)
		return kd_fail(err, KD_UNSUPPORTED, "not a dump: an empty file");
	d->file_size = (uint64_t)st.st_size;
	map = mmap(NULL, d->file_size, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (map == MAP_FAILED)
		return kd_fail(err, KD_IO, "can not map: %s", strerror(errno));
	d->map = map;
	return 0;
}

/* Find VMCOREINFO among the notes; a dump without one is still a dump. */
static int take_vmcoreinfo(struct dump *d, struct kd_err *err)
{
	const struct dump_note *n = dump_find_note(d, "VMCOREINFO", 0, 0);

	return n ? vmcoreinfo_parse(n->desc, n->len, &d->vmcoreinfo, err) : 0;
}

static int open_path(struct dump *d, const char *path, struct kd_err *err)
{
	size_t head;
	int status;

	d->path = strdup(path);
	if (!d->path)
		return kd_nomem(err);
	status = map_file(d, err);
	if (status)
		return status;
	head = (size_t)kd_min(d->file_size, PROBE_LEN);
	d->ops = probe(d->map, head, &status);
	if (!d->ops)
		return kd_fail(err, KD_UNSUPPORTED, "not a dump: %s", looks_like(d->map, head));
	if (status < 0)
		return kd_fail(err, status, "a damaged %s", d->ops->name);
	status = d->ops->open(d, err);
	return status ? status : take_vmcoreinfo(d, err);
}

int dump_open(const char *path, struct dump **out, struct kd_err *err)
{
	_cleanup_(dump_closep) struct dump *d = calloc(1, sizeof(*d));
	int status;

	if (!d)
		return kd_nomem(err);
	status = open_path(d, path, err);
	if (status)
		return kd_context(err, status, "%s", path);
	*out = d;
	d = NULL;
	return 0;
}

void dump_close(struct dump *d)
{
	if (!d)
		return;
	if (d->ops && d->ops->close)
		d->ops->close(d);
	vmcoreinfo_free(d->vmcoreinfo);
	if (d->map)
		munmap((void *)(uintptr_t)d->map, d->file_size);
	free(d->ranges);
	free(d->maps);
	free(d->notes);
	free(d->path);
	free(d);
}

void dump_closep(struct dump **d)
{
	dump_close(*d);
}

bool dump_probe_path(const char *path)
{
	uint8_t head[PROBE_LEN];
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);
	int status;

	return n > 0 && probe(head, (size_t)n, &status);
}

const struct dump_range *dump_find_range(const struct dump *d, paddr_t pa)
{
	size_t lo = 0, hi = d->nranges;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->ranges[mid].end <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < d->nranges && d->ranges[lo].start <= pa ? &d->ranges[lo] : NULL;
}

int dump_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
	      struct kd_err *err)
{
	size_t got = 0;
	int status = 0;

	while (got < len) {
		size_t n = 0;
		paddr_t at;

		if (kd_add_overflow(pa, got, &at))
			status = kd_fail(err, KD_ABSENT, "beyond the end of the address space");
		else
			status = d->ops->read(d, at, (uint8_t *)buf + got, len - got, &n, err);
		got += n;
		if (status)
			break;
	}
	if (done)
		*done = got;
	return status;
}

const struct dump_note *dump_find_note(const struct dump *d, const char *name, uint32_t type,
				       size_t n)
{
	for (size_t i = 0; i < d->nnotes; i++)
		if (d->notes[i].type == type && !strcmp(d->notes[i].name, name) && !n--)
			return &d->notes[i];
	return NULL;
}
