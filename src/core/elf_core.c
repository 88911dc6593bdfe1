// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ELF cores of physical memory: /proc/vmcore (fs/proc/vmcore.c), makedumpfile -E,
 * QEMU dump-guest-memory. Class and architecture are independent: an i386 kernel
 * with memory above 4 GB has ELF64 headers and i386 notes.
 *
 * p_filesz < p_memsz is how a filter says that pages were left out; a PT_LOAD
 * that reaches beyond the end of the file is a truncated dump.
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "core/formats.h"
#include "core/notes.h"

/* More than any producer writes; bounds what a damaged header can ask for. */
#define PHNUM_MAX (1u << 20)
/* e_flags as makedumpfile sets them: it could not write all (elf_info.h, DUMP_ELF_INCOMPLETE). */
#define FLAG_INCOMPLETE 0x1
/* As capture/image.h has them. */
#define NOTE_OWN "KDVIEW"
#define NOTE_MEMORY 0x4b440001
#define NOTE_NOTES 0x4b440002

/* A run of memory; [start, stored) is in the file, the rest was filtered out. */
struct segment {
	paddr_t start, end, stored;
	uint64_t file_off;
};

struct elf {
	struct segment *segments; /* sorted by start, disjoint */
	size_t nsegments;
	/*
	 * Segments over memory that another one covers as well: the kernel's image has one of
	 * its own, early in the file, which survives when the end is cut off.
	 */
	struct segment *spares;
	size_t nspares;
};

struct phdr {
	uint32_t type;
	uint64_t off, vaddr, paddr, filesz, memsz;
};

static int elf_probe(const uint8_t *head, size_t len)
{
	const Elf32_Ehdr *e = (const void *)head;

	if (len < SELFMAG || memcmp(head, ELFMAG, SELFMAG))
		return 0;
	/* e_type is at the same place in both classes. */
	if (len < sizeof(*e))
		return KD_CORRUPT;
	return e->e_type == ET_CORE;
}

static void load_phdr(bool is64, const uint8_t *p, struct phdr *out)
{
	if (is64) {
		Elf64_Phdr ph;

		memcpy(&ph, p, sizeof(ph));
		*out = (struct phdr){ .type = ph.p_type,
				      .off = ph.p_offset,
				      .vaddr = ph.p_vaddr,
				      .paddr = ph.p_paddr,
				      .filesz = ph.p_filesz,
				      .memsz = ph.p_memsz };
	} else {
		Elf32_Phdr ph;

		memcpy(&ph, p, sizeof(ph));
		*out = (struct phdr){ .type = ph.p_type,
				      .off = ph.p_offset,
				      .vaddr = ph.p_vaddr,
				      .paddr = ph.p_paddr,
				      .filesz = ph.p_filesz,
				      .memsz = ph.p_memsz };
		/* "not mapped" is all ones in either class */
		if (ph.p_vaddr == UINT32_MAX)
			out->vaddr = UINT64_MAX;
	}
}

struct headers {
	bool is64;
	uint64_t phoff, phnum, phentsize;
};

/* LEN bytes of headers at OFF from where they begin in the file. */
static bool read_at(const struct dump *d, uint64_t off, void *buf, size_t len)
{
	uint64_t at;

	return !kd_add_overflow(d->headers_off, off, &at) &&
	       source_read(d->files[0], at, buf, len) == len;
}

/* PN_XNUM: the real count is in the first section header's sh_info. */
static int extended_phnum(const struct dump *d, bool is64, uint64_t shoff, uint64_t *phnum,
			  struct kd_err *err)
{
	Elf64_Shdr sh64;
	Elf32_Shdr sh32;

	if (!(is64 ? read_at(d, shoff, &sh64, sizeof(sh64))
		   : read_at(d, shoff, &sh32, sizeof(sh32))))
		return kd_fail(err, KD_CORRUPT,
			       "section header of the segment count at %#" PRIx64
			       " lies outside the file",
			       shoff);
	*phnum = is64 ? sh64.sh_info : sh32.sh_info;
	return 0;
}

static int read_ehdr(struct dump *d, struct headers *h, uint64_t *shoff, struct kd_err *err)
{
	uint32_t flags;

	if (h->is64) {
		Elf64_Ehdr e;

		if (!read_at(d, 0, &e, sizeof(e)))
			return kd_fail(err, KD_CORRUPT, "cut off inside the ELF header");
		*h = (struct headers){ true, e.e_phoff, e.e_phnum, e.e_phentsize };
		*shoff = e.e_shoff;
		flags = e.e_flags;
		d->machine = e.e_machine;
	} else {
		Elf32_Ehdr e;

		if (!read_at(d, 0, &e, sizeof(e)))
			return kd_fail(err, KD_CORRUPT, "cut off inside the ELF header");
		*h = (struct headers){ false, e.e_phoff, e.e_phnum, e.e_phentsize };
		*shoff = e.e_shoff;
		flags = e.e_flags;
		d->machine = e.e_machine;
	}
	d->incomplete = flags & FLAG_INCOMPLETE;
	return 0;
}

static int read_headers(struct dump *d, struct headers *h, struct kd_err *err)
{
	uint8_t ident[EI_NIDENT];
	uint64_t shoff, last;
	uint8_t byte;
	int status;

	if (!read_at(d, 0, ident, sizeof(ident)))
		return kd_fail(err, KD_CORRUPT, "cut off inside the ELF header");
	h->is64 = ident[EI_CLASS] == ELFCLASS64;
	if (!h->is64 && ident[EI_CLASS] != ELFCLASS32)
		return kd_fail(err, KD_CORRUPT, "ELF class %u is neither 32 nor 64 bit",
			       ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB)
		return kd_fail(err, KD_UNSUPPORTED, "a big-endian dump");
	status = read_ehdr(d, h, &shoff, err);
	if (!status && h->phnum == PN_XNUM)
		status = extended_phnum(d, h->is64, shoff, &h->phnum, err);
	if (status)
		return status;
	if (h->phentsize < (h->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) || !h->phnum ||
	    h->phnum > PHNUM_MAX)
		return kd_fail(err, KD_CORRUPT,
			       "%" PRIu64 " program headers of %" PRIu64 " bytes make no sense",
			       h->phnum, h->phentsize);
	/* the product is below 2^36 by the bounds above */
	if (kd_add_overflow(h->phoff, h->phnum * h->phentsize - 1, &last) ||
	    !read_at(d, last, &byte, 1))
		return kd_fail(err, KD_CORRUPT,
			       "truncated: the file ends at %" PRIu64
			       " bytes, inside its program headers",
			       d->files[0]->size);
	return 0;
}

static int add_notes(struct dump *d, const struct phdr *ph, struct kd_err *err)
{
	struct source *s = d->files[0];
	const void *p;

	if (source_held(s, ph->off, ph->filesz) < ph->filesz)
		return kd_fail(err, KD_CORRUPT,
			       "truncated: the file ends at %" PRIu64
			       " bytes, before the end of its notes, so nothing says what it holds",
			       s->size);
	p = source_borrow(s, ph->off, ph->filesz);
	return p ? notes_add(d, p, ph->filesz, err) : 0;
}

static int add_load(struct dump *d, const struct phdr *ph, struct kd_err *err)
{
	struct elf *elf = d->priv;
	struct segment *r;
	paddr_t end;

	if (!ph->memsz)
		return 0;
	if (kd_add_overflow(ph->paddr, ph->memsz, &end) || ph->filesz > ph->memsz)
		return kd_fail(err, KD_CORRUPT,
			       "segment of %#" PRIx64 " bytes at physical address %#" PRIx64
			       " makes no sense",
			       ph->memsz, ph->paddr);
	r = reallocarray(elf->segments, elf->nsegments + 1, sizeof(*r));
	if (!r)
		return kd_nomem(err);
	elf->segments = r;
	elf->segments[elf->nsegments++] = (struct segment){ .start = ph->paddr,
							    .end = end,
							    .stored = ph->paddr + ph->filesz,
							    .file_off = ph->off };
	if (ph->vaddr == UINT64_MAX)
		return 0;
	return dump_add_map(d, (struct dump_map){ ph->vaddr, ph->paddr, ph->memsz }, err);
}

static int by_start(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	/* the longer first: the shorter lies wholly inside it and goes */
	return x->end > y->end ? -1 : x->end < y->end;
}

static void advance(struct segment *r, paddr_t start)
{
	uint64_t by = start - r->start;

	r->start = start;
	r->file_off += by;
	if (r->stored < start)
		r->stored = start;
}

/* Make segments disjoint; what overlaps becomes a spare copy. */
static int settle_segments(struct elf *elf, struct kd_err *err)
{
	size_t n = 0;
	paddr_t end = 0;

	elf->spares = calloc(elf->nsegments, sizeof(*elf->spares));
	if (!elf->spares)
		return kd_nomem(err);
	qsort(elf->segments, elf->nsegments, sizeof(*elf->segments), by_start);
	for (size_t i = 0; i < elf->nsegments; i++) {
		struct segment r = elf->segments[i];

		if (n && r.start < end)
			elf->spares[elf->nspares++] = r;
		if (n && r.end <= end)
			continue;
		if (n && r.start < end)
			advance(&r, end);
		end = r.end;
		elf->segments[n++] = r;
	}
	elf->nsegments = n;
	return 0;
}

static void elf_close(struct dump *d)
{
	struct elf *elf = d->priv;

	if (elf) {
		free(elf->segments);
		free(elf->spares);
	}
	free(elf);
}

static int read_segments(struct dump *d, const struct headers *h, struct kd_err *err)
{
	int status = 0;

	for (uint64_t i = 0; i < h->phnum && !status; i++) {
		uint8_t buf[sizeof(Elf64_Phdr)];
		struct phdr ph;

		if (!read_at(d, h->phoff + i * h->phentsize, buf,
			     h->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
			return kd_fail(err, KD_CORRUPT, "program header %" PRIu64 " is lost", i);
		load_phdr(h->is64, buf, &ph);
		if (ph.type == PT_NOTE)
			status = add_notes(d, &ph, err);
		else if (ph.type == PT_LOAD)
			status = add_load(d, &ph, err);
	}
	return status;
}

/*
 * Cores of the kernel's virtual memory that kdview writes (capture/image_virtual.c) have segments
 * for debuggers: p_paddr is 32 bits wide, or that of the first page only. What they hold of
 * physical memory, and the dump's own notes, are in two notes.
 */
static int take_own_notes(struct dump *d, struct kd_err *err)
{
	const struct dump_note *memory = dump_find_note(d, NOTE_OWN, NOTE_MEMORY, 0);
	const struct dump_note *notes = dump_find_note(d, NOTE_OWN, NOTE_NOTES, 0);
	struct elf *elf = d->priv;
	const uint8_t *p, *desc;
	size_t n, len;
	int status = 0;

	if (!memory || !notes)
		return 0;
	p = memory->desc;
	n = memory->len / sizeof(Elf64_Phdr);
	desc = notes->desc;
	len = notes->len;
	if (n > PHNUM_MAX)
		return kd_fail(err, KD_CORRUPT, "%zu segments of memory make no sense", n);
	elf->nsegments = 0;
	d->nmaps = 0;
	d->nnotes = 0;
	for (size_t i = 0; i < n && !status; i++) {
		struct phdr ph;

		load_phdr(true, p + i * sizeof(Elf64_Phdr), &ph);
		status = add_load(d, &ph, err);
	}
	return status ? status : notes_add(d, desc, len, err);
}

static int elf_open(struct dump *d, struct kd_err *err)
{
	struct elf *elf = calloc(1, sizeof(*elf));
	struct headers h = { 0 };
	bool own;
	int status;

	if (!elf)
		return kd_nomem(err);
	d->priv = elf;
	status = read_headers(d, &h, err);
	if (!status)
		status = read_segments(d, &h, err);
	if (status)
		return status;
	own = dump_find_note(d, NOTE_OWN, NOTE_MEMORY, 0) != NULL;
	status = take_own_notes(d, err);
	if (status)
		return status;
	snprintf(d->format, sizeof(d->format), "ELF%s core%s", h.is64 ? "64" : "32",
		 own ? " of virtual memory" : "");
	/* makedumpfile -E -F sends the list of segments empty at first, and again at the end */
	if (!elf->nsegments && *d->files[0]->damage)
		return kd_fail(err, KD_CORRUPT, "%s, and with it what says where memory is",
			       d->files[0]->damage);
	if (!elf->nsegments)
		return kd_fail(err, KD_CORRUPT, "an ELF core without any memory");
	return settle_segments(elf, err);
}

/* The first segment that ends above PA; nsegments when none does. */
static size_t find_segment(const struct elf *elf, paddr_t pa)
{
	size_t lo = 0, hi = elf->nsegments;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (elf->segments[mid].end <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool elf_next_range(const struct dump *d, paddr_t from, struct dump_range *out)
{
	const struct elf *elf = d->priv;
	size_t i = find_segment(elf, from);

	if (i == elf->nsegments)
		return false;
	out->start = elf->segments[i].start > from ? elf->segments[i].start : from;
	out->end = elf->segments[i].end;
	return true;
}

/* Spares are left out: they are copies of what a segment holds as well, unless that is cut off. */
static bool elf_next_held(const struct dump *d, paddr_t from, struct dump_range *out)
{
	const struct elf *elf = d->priv;

	for (size_t i = find_segment(elf, from); i < elf->nsegments; i++) {
		const struct segment *r = &elf->segments[i];
		paddr_t start = r->start > from ? r->start : from;

		if (start >= r->stored)
			continue;
		*out = (struct dump_range){ start, r->stored };
		return true;
	}
	return false;
}

static bool elf_next_data(const struct dump *d, paddr_t from, struct dump_range *out)
{
	const struct elf *elf = d->priv;

	for (size_t i = find_segment(elf, from); i < elf->nsegments; i++) {
		const struct segment *r = &elf->segments[i];
		paddr_t start = r->start > from ? r->start : from;
		uint64_t off = r->file_off + (start - r->start), at, len;

		/* an offset that wraps is a segment the file does not hold */
		if (start >= r->stored || off < r->file_off ||
		    !source_next_data(d->files[0], off, &at, &len) ||
		    at - off >= r->stored - start)
			continue;
		out->start = start + (at - off);
		out->end = out->start + kd_min(len, r->stored - out->start);
		return true;
	}
	return false;
}

static void elf_count(const struct dump *d, struct dump_totals *t)
{
	const struct elf *elf = d->priv;

	for (size_t i = 0; i < elf->nsegments; i++) {
		const struct segment *r = &elf->segments[i];
		uint64_t stored = r->stored - r->start;

		t->ram += r->end - r->start;
		t->excluded += r->end - r->stored;
		t->lost += stored - source_held(d->files[0], r->file_off, stored);
	}
}

/* Read from one segment; 0 bytes when the file does not hold PA there. */
static size_t read_segment(const struct dump *d, const struct segment *r, paddr_t pa, void *buf,
			   size_t len)
{
	uint64_t off;

	if (pa < r->start || pa >= r->stored || kd_add_overflow(r->file_off, pa - r->start, &off))
		return 0;
	return source_read(d->files[0], off, buf, kd_min(len, r->stored - pa));
}

static int elf_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		    struct kd_err *err)
{
	const struct elf *elf = d->priv;
	size_t i = find_segment(elf, pa);
	const struct segment *r = i < elf->nsegments ? &elf->segments[i] : NULL;

	*done = 0;
	if (!r || pa < r->start)
		return kd_fail(err, KD_ABSENT,
			       "physical address %#" PRIx64
			       " is no memory of this machine (not in the dump's list)",
			       pa);
	*done = read_segment(d, r, pa, buf, len);
	for (i = 0; !*done && i < elf->nspares; i++)
		*done = read_segment(d, &elf->spares[i], pa, buf, len);
	if (*done)
		return 0;
	if (pa >= r->stored)
		return kd_fail(
			err, KD_NODATA,
			"physical address %#" PRIx64 " was excluded from the dump by a filter", pa);
	return kd_fail(err, KD_LOST,
		       "physical address %#" PRIx64 " is lost: the dump file is truncated or cannot be read there", pa);
}

static const void *elf_map(const struct dump *d, paddr_t pa, size_t len)
{
	const struct elf *elf = d->priv;
	size_t i = find_segment(elf, pa);
	const struct segment *r = i < elf->nsegments ? &elf->segments[i] : NULL;
	uint64_t off;

	if (!r || pa < r->start || pa >= r->stored || len > r->stored - pa ||
	    kd_add_overflow(r->file_off, pa - r->start, &off))
		return NULL;
	return source_map(d->files[0], off, len);
}

const struct dump_ops dump_elf_ops = {
	.name = "ELF core",
	.map = elf_map,
	.probe = elf_probe,
	.open = elf_open,
	.read = elf_read,
	.next_range = elf_next_range,
	.next_data = elf_next_data,
	.next_held = elf_next_held,
	.count = elf_count,
	.close = elf_close,
};
