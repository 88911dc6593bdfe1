// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Raw memory: a file that is what the second kernel saw, from physical address 0 on. The ELF core
 * headers that kexec, or the kernel for kexec_file_load(), put into the second kernel's memory
 * say what of it was the first one's. They are those of /proc/vmcore before it is put together:
 * offsets are physical addresses, a note segment a CPU, and the offset of the low memory is that
 * of its backup (kexec-tools crashdump-elf.c; the kernel's kernel/crash_core.c).
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "core/formats.h"

/* kexec aligns the headers to this; kexec_file_load() to 4096. */
#define ALIGNMENT 1024
/* Cores that lie in the machine's memory by chance are few; a file made of them is no dump. */
#define TRIES_MAX 256
/* The kernel's own limit is below; kexec's tables end at 32768. */
#define PHNUM_MAX 65534

static bool looks_like_headers(const struct dump *d, uint64_t at)
{
	uint8_t head[sizeof(Elf64_Ehdr)];
	Elf64_Ehdr e;

	if (source_read(d->files[0], at, head, sizeof(head)) < sizeof(head) ||
	    dump_elf_ops.probe(head, sizeof(head)) <= 0)
		return false;
	memcpy(&e, head, sizeof(e));
	/* in the smaller class the count is elsewhere, and memory is less */
	return head[EI_CLASS] != ELFCLASS64 || e.e_phnum <= PHNUM_MAX;
}

static int open_at(struct dump *d, uint64_t at, struct kd_err *err)
{
	d->headers_off = at;
	return dump_open_as(d, &dump_elf_ops, err);
}

/* Is address AT in memory that the headers call the first kernel's? */
static bool described(const struct dump *d, uint64_t at)
{
	struct dump_range r;

	return dump_next_range(d, at, &r) && r.start == at;
}

/* The next place from AT where headers may begin; the file's size when there is none. */
static uint64_t next_candidate(const struct dump *d, uint64_t at)
{
	const struct source *s = d->files[0];

	for (; at < s->size; at += ALIGNMENT)
		if (looks_like_headers(d, at))
			return at;
	return s->size;
}

/*
 * The headers are known by leading to VMCOREINFO. Copies of them may be left over from loading
 * the second kernel; those lie in memory that was the first one's, the true ones do not.
 */
static int search(struct dump *d, struct kd_err *err)
{
	uint64_t size = d->files[0]->size, copy = size, at = 0;

	for (unsigned tries = 0; tries < TRIES_MAX; tries++, at += ALIGNMENT) {
		bool good;

		at = next_candidate(d, at);
		if (at >= size)
			break;
		good = !open_at(d, at, NULL) && d->vmcoreinfo;
		if (good && !described(d, at))
			return 0;
		if (good && copy == size)
			copy = at;
		dump_forget(d);
	}
	if (copy < size)
		return open_at(d, copy, err);
	return kd_fail(err, KD_NOTFOUND,
		       "no ELF core headers that lead to VMCOREINFO: is it the second kernel's "
		       "memory from address 0 on?");
}

static int open_raw(struct dump *d, paddr_t headers, struct kd_err *err)
{
	char word[sizeof(d->format)];
	int status;

	/* addresses would be taken for those of the file */
	if (d->files[0]->envelope)
		return kd_fail(err, KD_UNSUPPORTED, "%s: raw memory does not come so",
			       d->files[0]->envelope);
	if (headers && !looks_like_headers(d, headers))
		return kd_fail(err, KD_NOTFOUND,
			       "no ELF core headers at address %#" PRIx64 " of its %" PRIu64
			       " bytes",
			       headers, d->files[0]->size);
	status = headers ? open_at(d, headers, err) : search(d, err);
	if (status)
		return status;
	memcpy(word, d->format, sizeof(word));
	snprintf(d->format, sizeof(d->format), "raw memory (%.32s headers at %#" PRIx64 ")", word,
		 d->headers_off);
	return 0;
}

int dump_open_raw(const char *path, paddr_t headers, struct dump **out, struct kd_err *err)
{
	_cleanup_(dump_closep) struct dump *d = NULL;
	int status = dump_new(&path, 1, &d, err);

	if (status)
		return status;
	status = open_raw(d, headers, err);
	if (status)
		return kd_context(err, status, "%s", path);
	*out = d;
	d = NULL;
	return 0;
}
