// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Raw memory: a file that is what the second kernel saw, from physical address 0 on. The ELF core
 * headers that kexec, or the kernel for kexec_file_load(), put into the second kernel's memory
 * say what of it was the first one's. They are those of /proc/vmcore before it is put together:
 * offsets are physical addresses, a note segment a CPU, and the offset of the low memory is that
 * of its backup (kexec-tools crashdump-elf.c; the kernel's kernel/crash_core.c).
 *
 * A machine that was saved from outside while it ran has no such headers: all of the file is its
 * memory then, and nothing says what machine that was.
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
	const uint8_t *magic = source_peek(d->files[0], at, SELFMAG);
	uint8_t head[sizeof(Elf64_Ehdr)];
	Elf64_Ehdr e;

	/* nearly everywhere this is the answer, and in place it costs nothing */
	if (magic && memcmp(magic, ELFMAG, SELFMAG))
		return false;
	if (source_read(d->files[0], at, head, sizeof(head)) < sizeof(head) ||
	    dump_elf_ops.probe(head, sizeof(head)) <= 0)
		return false;
	memcpy(&e, head, sizeof(e));
	/* in the smaller class the count is elsewhere, and memory is less */
	return head[EI_CLASS] != ELFCLASS64 || e.e_phnum <= PHNUM_MAX;
}

/* Without headers ------------------------------------------------------------- */

static int plain_open(struct dump *d, struct kd_err *err)
{
	(void)err;
	snprintf(d->format, sizeof(d->format), "raw memory, without core headers");
	return 0;
}

static int plain_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		      struct kd_err *err)
{
	*done = source_read(d->files[0], pa, buf, len);
	return *done ? 0
		     : kd_fail(err, KD_ABSENT,
			       "physical address %#" PRIx64 " is beyond the end of the file", pa);
}

static bool plain_next_range(const struct dump *d, paddr_t from, struct dump_range *out)
{
	*out = (struct dump_range){ from, d->files[0]->size };
	return from < out->end;
}

static bool plain_next_data(const struct dump *d, paddr_t from, struct dump_range *out)
{
	uint64_t at, len;

	if (!source_next_data(d->files[0], from, &at, &len))
		return false;
	*out = (struct dump_range){ at, at + len };
	return true;
}

static void plain_count(const struct dump *d, struct dump_totals *t)
{
	t->ram = d->files[0]->size;
}

static const struct dump_ops plain_ops = {
	.name = "raw memory",
	.open = plain_open,
	.read = plain_read,
	.next_range = plain_next_range,
	.next_data = plain_next_data,
	.count = plain_count,
};

/* Headers --------------------------------------------------------------------- */

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
	uint64_t start, len;

	for (; source_next_data(s, at, &start, &len); at = start + len) {
		at = start & ~(uint64_t)(ALIGNMENT - 1);
		for (at += at < start ? ALIGNMENT : 0; at < start + len; at += ALIGNMENT)
			if (looks_like_headers(d, at))
				return at;
	}
	return s->size;
}

/*
 * The headers are known by leading to VMCOREINFO. Copies of them may be left over from loading
 * the second kernel; those lie in memory that was the first one's, the true ones do not.
 */
static int search(struct dump *d, bool *found, struct kd_err *err)
{
	uint64_t size = d->files[0]->size, copy = size, at = 0;

	*found = true;

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
	*found = false;
	d->headers_off = 0;
	return dump_open_as(d, &plain_ops, err);
}

static int open_raw(struct dump *d, paddr_t headers, struct kd_err *err)
{
	char word[sizeof(d->format)];
	bool found = true;
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
	status = headers ? open_at(d, headers, err) : search(d, &found, err);
	if (status || !found)
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
