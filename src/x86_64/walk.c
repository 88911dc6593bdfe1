// SPDX-License-Identifier: GPL-3.0-or-later
/* x86 page tables: see walk.h. */
#include "x86_64/walk.h"

#include <inttypes.h>
#include <string.h>

#define ENTRY_PRESENT 0x01
#define ENTRY_LARGE 0x80 /* PS: maps a page, not a table */
#define ADDRESS_BITS UINT64_C(0x000ffffffffff000)

static int read_entry(const struct space *s, paddr_t at, size_t size, uint64_t *entry,
		      struct kd_err *err)
{
	uint8_t b[8] = { 0 };
	int status = dump_read(s->dump, at, b, size, NULL, err);

	if (status)
		return status;
	memcpy(entry, b, sizeof(*entry)); /* little endian like every host this runs on */
	return 0;
}

static paddr_t large_base(const struct x86_paging *p, uint64_t entry, uint64_t page)
{
	paddr_t base = entry & ADDRESS_BITS & ~(page - 1);

	/* PSE-36: a 4 MB page has physical address bits 32-39 in entry bits 13-20 */
	if (p->entry_size == 4)
		base = (entry & UINT32_C(0xffc00000)) | (entry >> 13 & 0xff) << 32;
	return base;
}

/* Words for the low bits of an entry and the last. */
static void entry_flags(uint64_t entry, bool leaf, bool large, char *buf, size_t size)
{
	static const struct {
		uint64_t bit;
		const char *name;
		bool leaf; /* only there */
	} bits[] = {
		{ 0x001, "present", false }, { 0x002, "write", false }, { 0x004, "user", false },
		{ 0x008, "write-through", false }, { 0x010, "no-cache", false },
		{ 0x020, "accessed", false }, { 0x040, "dirty", true },
		{ 0x100, "global", true }, { UINT64_C(1) << 63, "no-execute", false },
	};
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < KD_ARRAY_SIZE(bits); i++) {
		if (!(entry & bits[i].bit) || (bits[i].leaf && !leaf))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "", bits[i].name);
		if (len >= size)
			return;
	}
	if (large)
		snprintf(buf + len, size - len, "%slarge", len ? " " : "");
}

static const char *level_name(unsigned nlevels, unsigned i)
{
	static const char *const names[] = { "pte", "pmd", "pud", "p4d", "pgd" };

	return i ? names[nlevels - 1 - i] : "pgd";
}

static void note_step(struct arch_walk *out, const struct x86_paging *p, unsigned i, paddr_t at,
		      uint64_t entry)
{
	struct arch_walk_step *step = &out->steps[out->nsteps++];
	bool last = i + 1u == p->nlevels, present = entry & ENTRY_PRESENT;
	bool large = !last && p->level[i].large && (entry & ENTRY_LARGE);

	*step = (struct arch_walk_step){ .level = level_name(p->nlevels, i), .at = at,
					 .entry = entry };
	if (present)
		entry_flags(entry, last || large, large, step->flags, sizeof(step->flags));
}

/* REC (may be NULL) gets what was seen on the way. */
static int walk(const struct space *s, const struct x86_paging *p, vaddr_t va, paddr_t *pa,
		uint64_t *size, struct arch_walk *rec, struct kd_err *err)
{
	paddr_t table = s->root;

	for (unsigned i = 0; i < p->nlevels; i++) {
		const struct x86_level *l = &p->level[i];
		uint64_t index = va >> l->shift & ((UINT64_C(1) << l->bits) - 1);
		uint64_t page = UINT64_C(1) << l->shift, entry;
		bool last = i + 1u == p->nlevels;
		paddr_t at = table + index * p->entry_size;
		int status = read_entry(s, at, p->entry_size, &entry, err);

		if (status)
			return kd_context(err, status, "page table of level %u", p->nlevels - i);
		if (rec)
			note_step(rec, p, i, at, entry);
		if (!(entry & ENTRY_PRESENT))
			return kd_fail(err, KD_UNMAPPED, "not mapped by the kernel's page tables");
		entry &= ~s->enc_mask;
		if (last || (l->large && (entry & ENTRY_LARGE))) {
			paddr_t base = last ? entry & ADDRESS_BITS : large_base(p, entry, page);

			*pa = base | (va & (page - 1));
			*size = page;
			return 0;
		}
		table = entry & ADDRESS_BITS;
	}
	return kd_fail(err, KD_CORRUPT, "page tables without levels");
}

int x86_walk_steps(const struct space *s, const struct x86_paging *p, vaddr_t va,
		   struct arch_walk *out, struct kd_err *err)
{
	*out = (struct arch_walk){ .nsteps = 0 };
	return walk(s, p, va, &out->pa, &out->page, out, err);
}

int x86_walk(const struct space *s, const struct x86_paging *p, vaddr_t va, paddr_t *pa,
	     uint64_t *run, struct kd_err *err)
{
	uint64_t page;
	int status = walk(s, p, va, pa, &page, NULL, err);

	if (!status && run)
		*run = page - (va & (page - 1));
	return status;
}

/* Going over what is mapped -------------------------------------------------------------- */

/* Does the entry before say the same? */
static bool is_repeated(const struct space *s, const struct x86_paging *p, paddr_t at,
			uint64_t index, uint64_t entry)
{
	uint64_t before;

	return index && !read_entry(s, at - p->entry_size, p->entry_size, &before, NULL) &&
	       before == entry;
}

/* Is VA mapped? Else *skip is the size of what around it is not. */
static bool find_mapping(const struct space *s, const struct x86_paging *p, vaddr_t va,
			 struct arch_mapping *out, uint64_t *skip)
{
	paddr_t table = s->root;

	/* a top table that can not be read maps nothing */
	*skip = 0;
	for (unsigned i = 0; i < p->nlevels; i++) {
		const struct x86_level *l = &p->level[i];
		uint64_t index = va >> l->shift & ((UINT64_C(1) << l->bits) - 1);
		uint64_t page = UINT64_C(1) << l->shift, entry;
		bool last = i + 1u == p->nlevels;
		paddr_t at = table + index * p->entry_size, base;

		if (read_entry(s, at, p->entry_size, &entry, NULL))
			return false;
		*skip = page;
		if (!(entry & ENTRY_PRESENT))
			return false;
		entry &= ~s->enc_mask;
		if (last || (l->large && (entry & ENTRY_LARGE))) {
			base = last ? entry & ADDRESS_BITS : large_base(p, entry, page);
			*out = (struct arch_mapping){ va, base | (va & (page - 1)),
						      page - (va & (page - 1)) };
			return true;
		}
		if (!(va & (page - 1)) && is_repeated(s, p, at, index, entry))
			return false;
		table = entry & ADDRESS_BITS;
	}
	return false;
}

bool x86_next_mapped(const struct space *s, const struct x86_paging *p, vaddr_t from, vaddr_t last,
		     struct arch_mapping *out)
{
	vaddr_t va = from & ~UINT64_C(4095);

	for (;;) {
		uint64_t skip;

		if (va > last)
			return false;
		if (find_mapping(s, p, va, out, &skip))
			return true;
		if (!skip || kd_add_overflow(va | (skip - 1), 1, &va))
			return false;
	}
}

/* Reading all tables ------------------------------------------------------------------------ */

struct table_walk {
	const struct space *s;
	const struct x86_paging *p;
	size_t n, max; /* tables read; at most */
};

static uint64_t entry_at(const uint8_t *table, uint64_t index, size_t size)
{
	uint64_t entry = 0;

	memcpy(&entry, table + index * size, size);
	return entry;
}

/* The table of level I (the top has 0) from entry FIRST on, and those below: at most five deep. */
static void read_table(struct table_walk *w, unsigned i, paddr_t at, uint64_t first)
{
	const struct x86_level *l = &w->p->level[i];
	size_t size = w->p->entry_size, got = 0;
	uint64_t n = UINT64_C(1) << l->bits, before = 0;
	uint8_t table[4096];

	if (w->n >= w->max)
		return;
	w->n++;
	/* What pages the lowest ones map does not matter. */
	if (i + 1u == w->p->nlevels) {
		read_entry(w->s, at, size, &before, NULL);
		return;
	}
	dump_read(w->s->dump, at + first * size, table + first * size, (n - first) * size, &got,
		  NULL);
	for (uint64_t at_entry = first; at_entry < first + got / size; at_entry++) {
		uint64_t entry = entry_at(table, at_entry, size);

		/* The one before, again: many names of one table. */
		if ((entry & ENTRY_PRESENT) && !(l->large && (entry & ENTRY_LARGE)) &&
		    entry != before)
			read_table(w, i + 1, entry & ~w->s->enc_mask & ADDRESS_BITS, 0);
		before = entry;
	}
}

size_t x86_read_tables(const struct space *s, const struct x86_paging *p, vaddr_t from, size_t max)
{
	struct table_walk w = { .s = s, .p = p, .max = max };
	const struct x86_level *top = &p->level[0];

	read_table(&w, 0, s->root, from >> top->shift & ((UINT64_C(1) << top->bits) - 1));
	return w.n;
}
