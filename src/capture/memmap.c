// SPDX-License-Identifier: GPL-3.0-or-later
/* Where struct pages are: see memmap.h. */
#include "capture/memmap.h"

#include <string.h>

#define SIZE_MAX_PAGE 512 /* bytes of a struct page; it has 32 to 80 */

/* Bits of mem_section.section_mem_map (SECTION_MARKED_PRESENT, SECTION_HAS_MEM_MAP, ...). */
#define SECTION_HAS_MEM_MAP 2u
#define SECTION_FLAGS 0x3fu

#define TABLE_MAX (UINT64_C(1) << 20) /* sections, or roots, that are told of */
#define ROOTS 512u /* read at once */

struct memmap {
	const struct space *s;
	uint64_t page_size;
	unsigned page_shift;
	bool sparse, extreme;
	vaddr_t map;		/* FLATMEM: the array */
	vaddr_t sections;	/* SPARSEMEM: of roots (EXTREME), or of sections */
	uint64_t nsections;	/* at most */
	uint64_t per_root;	/* EXTREME: sections of a root */
	uint64_t section_size;	/* bytes of struct mem_section */
	uint64_t map_offset;	/* of section_mem_map in it */
	unsigned section_shift; /* page frames of a section, as a power of two */
};

uint64_t memmap_page_size(const struct memmap *m)
{
	return m->page_size;
}

static bool number(const struct memmap *m, const char *kind, const char *name, uint64_t *v)
{
	return vmcoreinfo_number(m->s->dump->vmcoreinfo, kind, name, v);
}

static int open_flat(struct memmap *m, struct kd_err *err)
{
	uint64_t symbol;
	int ret;

	if (!number(m, "SYMBOL", "mem_map", &symbol))
		return kd_fail(err, KD_NOTFOUND, "VMCOREINFO has neither mem_map nor mem_section");
	ret = space_read_ptr(m->s, symbol, &m->map, err);
	return ret ? kd_context(err, ret, "mem_map") : 0;
}

/*
 * EXTREME has roots that are allocated when needed, each of a page; else sections are one
 * array. How many there are for all of physical memory tells which it is.
 */
static int open_sparse(struct memmap *m, struct kd_err *err)
{
	uint64_t bits, physical, length, per_root;

	if (!number(m, "LENGTH", "mem_section", &length) ||
	    !number(m, "SIZE", "mem_section", &m->section_size) ||
	    !number(m, "OFFSET", "mem_section.section_mem_map", &m->map_offset) ||
	    !number(m, "NUMBER", "SECTION_SIZE_BITS", &bits) ||
	    !number(m, "NUMBER", "MAX_PHYSMEM_BITS", &physical))
		return kd_fail(err, KD_NOTFOUND, "VMCOREINFO does not describe mem_section");
	if (bits <= m->page_shift || bits > 40 || physical < bits || physical > 60 ||
	    physical - bits > 32 || m->section_size < m->s->arch->ptr_size ||
	    m->section_size > 4096 ||
	    m->map_offset > m->section_size - m->s->arch->ptr_size)
		return kd_fail(err, KD_CORRUPT, "VMCOREINFO's description of mem_section makes no "
						"sense");
	m->section_shift = (unsigned)bits - m->page_shift;
	m->nsections = UINT64_C(1) << (physical - bits);
	per_root = (UINT64_C(1) << m->page_shift) / m->section_size;
	m->extreme = length == (m->nsections + per_root - 1) / per_root;
	m->per_root = per_root;
	if (!m->extreme && length < m->nsections)
		m->nsections = length;
	return 0;
}

int memmap_open(const struct space *s, struct memmap **out, struct kd_err *err)
{
	struct memmap *m = calloc(1, sizeof(*m));
	int ret = 0;

	if (!m)
		return kd_nomem(err);
	m->s = s;
	m->page_shift = s->arch->page_shift;
	m->sparse = number(m, "SYMBOL", "mem_section", &m->sections);
	if (!number(m, "SIZE", "page", &m->page_size))
		ret = kd_fail(err, KD_NOTFOUND, "VMCOREINFO does not say how large a struct page is");
	else if (m->page_size < 16 || m->page_size > SIZE_MAX_PAGE)
		ret = kd_fail(err, KD_CORRUPT, "VMCOREINFO's size of struct page makes no sense");
	if (!ret)
		ret = m->sparse ? open_sparse(m, err) : open_flat(m, err);
	if (ret) {
		free(m);
		return ret;
	}
	*out = m;
	return 0;
}

void memmap_close(struct memmap *m)
{
	free(m);
}

/* Where the section's struct pages would be if it began at page frame 0; false: it has none. */
static bool section_map(const struct memmap *m, uint64_t section, vaddr_t *out)
{
	vaddr_t at = m->sections;
	uint64_t map;

	if (section >= m->nsections)
		return false;
	if (m->extreme) {
		uint64_t root = section / m->per_root;

		if (space_read_ptr(m->s, at + root * m->s->arch->ptr_size, &at, NULL) || !at)
			return false;
		section %= m->per_root;
	}
	if (space_read_ptr(m->s, at + section * m->section_size + m->map_offset, &map, NULL) ||
	    !(map & SECTION_HAS_MEM_MAP))
		return false;
	*out = map & ~(uint64_t)SECTION_FLAGS;
	return true;
}

/* The struct page of PFN, and for how many page frames on they follow each other. */
static bool place_of(const struct memmap *m, uint64_t pfn, vaddr_t *at, uint64_t *run)
{
	uint64_t mask = m->s->arch->ptr_size == 8 ? UINT64_MAX : UINT32_MAX;
	vaddr_t map = m->map;

	*run = UINT64_MAX;
	if (m->sparse) {
		uint64_t frames = UINT64_C(1) << m->section_shift;

		if (!section_map(m, pfn >> m->section_shift, &map))
			return false;
		*run = frames - (pfn & (frames - 1));
	}
	*at = (map + pfn * m->page_size) & mask;
	return true;
}

size_t memmap_read(const struct memmap *m, uint64_t pfn, size_t n, uint8_t *buf)
{
	size_t done = 0;

	while (done < n) {
		uint64_t run;
		vaddr_t at;
		size_t want, got = 0;

		if (!place_of(m, pfn + done, &at, &run))
			break;
		want = (size_t)kd_min(run, n - done);
		space_read(m->s, at, buf + done * m->page_size, want * m->page_size, &got, NULL);
		done += got / m->page_size;
		if (got < want * m->page_size)
			break;
	}
	return done;
}

void memmap_tables(const struct memmap *m, void (*fn)(void *data, vaddr_t start, uint64_t len),
		   void *data)
{
	unsigned word = m->s->arch->ptr_size;
	uint64_t nroots;

	if (!m->sparse)
		return;
	if (!m->extreme) {
		fn(data, m->sections, kd_min(m->nsections, TABLE_MAX) * m->section_size);
		return;
	}
	nroots = kd_min((m->nsections + m->per_root - 1) / m->per_root, TABLE_MAX);
	fn(data, m->sections, nroots * word);
	for (uint64_t i = 0; i < nroots; i += ROOTS) {
		uint8_t roots[ROOTS * 8];
		size_t got = 0;

		space_read(m->s, m->sections + i * word, roots, kd_min(nroots - i, ROOTS) * word, &got,
			   NULL);
		for (size_t at = 0; at + word <= got; at += word) {
			uint64_t root = 0;

			memcpy(&root, roots + at, word);
			if (root)
				fn(data, root, m->per_root * m->section_size);
		}
	}
}

uint64_t memmap_next(const struct memmap *m, uint64_t pfn)
{
	uint64_t frames = UINT64_C(1) << (m->sparse ? m->section_shift : 0);
	uint64_t page = UINT64_C(1) << m->page_shift, run;
	vaddr_t at;

	if (!place_of(m, pfn, &at, &run))
		return (pfn | (frames - 1)) + 1;
	/* Memory is missing page by page. */
	return pfn + kd_min(run, ((at | (page - 1)) + 1 - at + m->page_size - 1) / m->page_size);
}
