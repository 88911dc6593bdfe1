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

/* More than any producer writes; bounds what a damaged header can ask for. */
#define PHNUM_MAX (1u << 20)
#define NOTES_MAX (1u << 16)

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

/* PN_XNUM: the real count is in the first section header's sh_info. */
static int extended_phnum(const struct dump *d, bool is64, uint64_t shoff, uint64_t *phnum,
			  struct kd_err *err)
{
	size_t need = is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);

	if (!range_contains(d->file_size, shoff, need))
		return kd_fail(err, KD_CORRUPT, "section header of the segment count at %#" PRIx64
			       " lies outside the file", shoff);
	if (is64) {
		Elf64_Shdr sh;

		memcpy(&sh, d->map + shoff, sizeof(sh));
		*phnum = sh.sh_info;
	} else {
		Elf32_Shdr sh;

		memcpy(&sh, d->map + shoff, sizeof(sh));
		*phnum = sh.sh_info;
	}
	return 0;
}

static int read_headers(struct dump *d, struct headers *h, struct kd_err *err)
{
	uint64_t shoff, bytes;
	int status = 0;

	h->is64 = d->map[EI_CLASS] == ELFCLASS64;
	if (!h->is64 && d->map[EI_CLASS] != ELFCLASS32)
		return kd_fail(err, KD_CORRUPT, "ELF class %u is neither 32 nor 64 bit",
			       d->map[EI_CLASS]);
	if (d->map[EI_DATA] != ELFDATA2LSB)
		return kd_fail(err, KD_UNSUPPORTED, "a big-endian dump");
	if (d->file_size < (h->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
		return kd_fail(err, KD_CORRUPT, "cut off inside the ELF header");
	if (h->is64) {
		Elf64_Ehdr e;

		memcpy(&e, d->map, sizeof(e));
		*h = (struct headers){ true, e.e_phoff, e.e_phnum, e.e_phentsize };
		shoff = e.e_shoff;
		d->machine = e.e_machine;
	} else {
		Elf32_Ehdr e;

		memcpy(&e, d->map, sizeof(e));
		*h = (struct headers){ false, e.e_phoff, e.e_phnum, e.e_phentsize };
		shoff = e.e_shoff;
		d->machine = e.e_machine;
	}
	if (h->phnum == PN_XNUM)
		status = extended_phnum(d, h->is64, shoff, &h->phnum, err);
	if (status)
		return status;
	if (h->phentsize < (h->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) || !h->phnum ||
	    h->phnum > PHNUM_MAX)
		return kd_fail(err, KD_CORRUPT,
			       "%" PRIu64 " program headers of %" PRIu64 " bytes make no sense",
			       h->phnum, h->phentsize);
	bytes = h->phnum * h->phentsize; /* below 2^36 by the bounds above */
	if (!range_contains(d->file_size, h->phoff, bytes))
		return kd_fail(err, KD_CORRUPT,
			       "truncated: the file ends at %" PRIu64
			       " bytes, inside its program headers", d->file_size);
	return 0;
}

static uint64_t align4(uint64_t v)
{
	return (v + 3) & ~UINT64_C(3);
}

/* Notes have 4-byte alignment and the same header in both classes. */
static int add_notes(struct dump *d, const struct phdr *ph, struct kd_err *err)
{
	uint64_t pos = 0, size = ph->filesz;

	if (!range_contains(d->file_size, ph->off, ph->filesz))
		return kd_fail(err, KD_CORRUPT,
			       "truncated: the file ends at %" PRIu64
			       " bytes, before the end of its notes, so nothing says what it holds",
			       d->file_size);
	while (range_contains(size, pos, sizeof(Elf64_Nhdr)) && d->nnotes < NOTES_MAX) {
		const uint8_t *p = d->map + ph->off + pos;
		struct dump_note *n, *grown;
		uint64_t name_off = sizeof(Elf64_Nhdr), desc_off;
		Elf64_Nhdr nh;

		memcpy(&nh, p, sizeof(nh));
		desc_off = name_off + align4(nh.n_namesz);
		/* An empty note ends the list of a CPU (kernel: final_note()). */
		if (!nh.n_namesz || !range_contains(size - pos, desc_off, nh.n_descsz))
			return 0;
		grown = reallocarray(d->notes, d->nnotes + 1, sizeof(*n));
		if (!grown)
			return kd_nomem(err);
		d->notes = grown;
		n = &d->notes[d->nnotes++];
		*n = (struct dump_note){ .type = nh.n_type, .desc = p + desc_off, .len = nh.n_descsz };
		memcpy(n->name, p + name_off, kd_min(nh.n_namesz, sizeof(n->name) - 1));
		pos += desc_off + align4(nh.n_descsz);
	}
	return 0;
}

static int add_load(struct dump *d, const struct phdr *ph, struct kd_err *err)
{
	struct dump_range *r;
	struct dump_map *m;
	paddr_t end;

	if (!ph->memsz)
		return 0;
	if (kd_add_overflow(ph->paddr, ph->memsz, &end) || ph->filesz > ph->memsz)
		return kd_fail(err, KD_CORRUPT,
			       "segment of %#" PRIx64 " bytes at physical address %#" PRIx64
			       " makes no sense", ph->memsz, ph->paddr);
	r = reallocarray(d->ranges, d->nranges + 1, sizeof(*r));
	if (!r)
		return kd_nomem(err);
	d->ranges = r;
	d->ranges[d->nranges++] = (struct dump_range){ .start = ph->paddr,
						       .end = end,
						       .stored = ph->paddr + ph->filesz,
						       .file_off = ph->off };
	if (ph->vaddr == UINT64_MAX)
		return 0;
	m = reallocarray(d->maps, d->nmaps + 1, sizeof(*m));
	if (!m)
		return kd_nomem(err);
	d->maps = m;
	d->maps[d->nmaps++] = (struct dump_map){ ph->vaddr, ph->paddr, ph->memsz };
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct dump_range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	/* the longer first: the shorter lies wholly inside it and goes */
	return x->end > y->end ? -1 : x->end < y->end;
}

static void advance(struct dump_range *r, paddr_t start)
{
	uint64_t by = start - r->start;

	r->start = start;
	r->file_off += by;
	if (r->stored < start)
		r->stored = start;
}

/*
 * Segments over memory that another one covers as well: the kernel's image has
 * one of its own, early in the file, which survives when the end is cut off.
 */
struct elf_priv {
	struct dump_range *spares;
	size_t nspares;
};

/* Make ranges disjoint; what overlaps becomes a spare copy. */
static int settle_ranges(struct dump *d, struct kd_err *err)
{
	struct elf_priv *p = calloc(1, sizeof(*p));
	size_t n = 0;
	paddr_t end = 0;

	d->priv = p;
	if (p)
		p->spares = calloc(d->nranges, sizeof(*p->spares));
	if (!p || !p->spares)
		return kd_nomem(err);
	qsort(d->ranges, d->nranges, sizeof(*d->ranges), by_start);
	for (size_t i = 0; i < d->nranges; i++) {
		struct dump_range r = d->ranges[i];

		if (n && r.start < end)
			p->spares[p->nspares++] = r;
		if (n && r.end <= end)
			continue;
		if (n && r.start < end)
			advance(&r, end);
		end = r.end;
		d->ranges[n++] = r;
	}
	d->nranges = n;
	return 0;
}

static void elf_close(struct dump *d)
{
	struct elf_priv *p = d->priv;

	if (p)
		free(p->spares);
	free(p);
}

static void count_bytes(struct dump *d)
{
	for (size_t i = 0; i < d->nranges; i++) {
		const struct dump_range *r = &d->ranges[i];
		uint64_t stored = r->stored - r->start, there = 0;

		if (r->file_off < d->file_size)
			there = kd_min(stored, d->file_size - r->file_off);
		d->ram_bytes += r->end - r->start;
		d->excluded_bytes += r->end - r->stored;
		d->lost_bytes += stored - there;
	}
}

static int elf_open(struct dump *d, struct kd_err *err)
{
	struct headers h = { 0 };
	int status = read_headers(d, &h, err);

	if (status)
		return status;
	snprintf(d->format, sizeof(d->format), "ELF%s core", h.is64 ? "64" : "32");
	for (uint64_t i = 0; i < h.phnum && !status; i++) {
		struct phdr ph;

		load_phdr(h.is64, d->map + h.phoff + i * h.phentsize, &ph);
		if (ph.type == PT_NOTE)
			status = add_notes(d, &ph, err);
		else if (ph.type == PT_LOAD)
			status = add_load(d, &ph, err);
	}
	if (status)
		return status;
	if (!d->nranges)
		return kd_fail(err, KD_CORRUPT, "an ELF core without any memory");
	status = settle_ranges(d, err);
	if (!status)
		count_bytes(d);
	return status;
}

/* Read from one segment; 0 bytes when the file does not hold PA there. */
static size_t read_range(const struct dump *d, const struct dump_range *r, paddr_t pa, void *buf,
			 size_t len)
{
	uint64_t off, n;

	if (pa < r->start || pa >= r->stored || kd_add_overflow(r->file_off, pa - r->start, &off) ||
	    off >= d->file_size)
		return 0;
	n = kd_min(kd_min(len, r->stored - pa), d->file_size - off);
	memcpy(buf, d->map + off, n);
	return n;
}

static int elf_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		    struct kd_err *err)
{
	const struct dump_range *r = dump_find_range(d, pa);
	const struct elf_priv *p = d->priv;

	*done = r ? read_range(d, r, pa, buf, len) : 0;
	for (size_t i = 0; r && !*done && i < p->nspares; i++)
		*done = read_range(d, &p->spares[i], pa, buf, len);
	if (*done)
		return 0;
	if (!r)
		return kd_fail(err, KD_ABSENT, "physical address %#" PRIx64
			       " is no memory of this machine (not in the dump's list)", pa);
	if (pa >= r->stored)
		return kd_fail(err, KD_NODATA, "physical address %#" PRIx64
			       " was excluded from the dump by a filter", pa);
	return kd_fail(err, KD_LOST, "physical address %#" PRIx64
		       " is lost: the dump file is truncated", pa);
}

const struct dump_ops dump_elf_ops = {
	.name = "ELF core",
	.probe = elf_probe,
	.open = elf_open,
	.read = elf_read,
	.close = elf_close,
};
