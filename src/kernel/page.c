// SPDX-License-Identifier: GPL-3.0-or-later
/* Page frames and their struct pages: see page.h. */
#include "kernel/page.h"

#include "core/vmcoreinfo.h"
#include "kernel/kernel.h"
#include "kernel/objects.h"

#define SECTIONS_MAX (1u << 22) /* looked at for one address */
#define ORDERS_MAX 20u		/* of free blocks; MAX_ORDER is about 10 */
#define HAS_MEM_MAP 2u		/* SECTION_HAS_MEM_MAP, include/linux/mmzone.h */

/* Where they are -------------------------------------------------------------------- */

/* The array of a section, counted from frame 0; false: there is no such section. */
static bool section_map(const struct pages *p, uint64_t nr, vaddr_t *map)
{
	const struct space *s = &p->k->space;
	uint64_t page = UINT64_C(1) << p->k->arch->page_shift, table = p->table, v;

	if (p->per_table) {
		if (nr / p->per_table >= p->tables ||
		    space_read_ptr(s, table + nr / p->per_table * p->k->arch->ptr_size, &table,
				   NULL) ||
		    !table)
			return false;
		nr %= p->per_table;
	} else if (nr >= p->tables) {
		return false;
	}
	if (space_read_ptr(s, table + nr * p->entry + p->map, &v, NULL) || !(v & HAS_MEM_MAP))
		return false;
	/* flags are in the low bits */
	*map = v & ~(page - 1);
	return true;
}

/* A section's entry begins with its map and flags; a pointer to a table has no low bits set. */
static bool is_section(const struct pages *p, vaddr_t at)
{
	uint64_t v;

	return !space_read_ptr(&p->k->space, at + p->map, &v, NULL) && (v & 3) == 3;
}

/*
 * The table of sections. VMCOREINFO says where it begins. The variable itself is the
 * table, or since v4.15 (83e3c48729d9) a pointer to it; with CONFIG_SPARSEMEM_EXTREME it
 * is one of pointers.
 */
static bool find_table(struct pages *p)
{
	const struct vmcoreinfo *vi = p->k->dump->vmcoreinfo;
	uint64_t first;

	if (!vmcoreinfo_number(vi, "SYMBOL", "mem_section", &p->table)) {
		if (!kernel_symbol(p->k, "mem_section", &p->table))
			return false;
		if (!is_section(p, p->table) &&
		    !space_read_ptr(&p->k->space, p->table, &first, NULL) && first &&
		    !is_section(p, first))
			p->table = first;
	}
	if (!vmcoreinfo_number(vi, "LENGTH", "mem_section", &p->tables) || !p->tables)
		p->tables = SECTIONS_MAX;
	p->per_table =
		is_section(p, p->table) ? 0 : (UINT64_C(1) << p->k->arch->page_shift) / p->entry;
	return true;
}

static bool find_sections(struct pages *p)
{
	const struct vmcoreinfo *vi = p->k->dump->vmcoreinfo;
	uint64_t bits;

	p->map = p->o->mem_section_map.found ? p->o->mem_section_map.offset : 0;
	p->entry = p->o->size_mem_section;
	vmcoreinfo_number(vi, "OFFSET", "mem_section.section_mem_map", &p->map);
	vmcoreinfo_number(vi, "SIZE", "mem_section", &p->entry);
	if (!vmcoreinfo_number(vi, "NUMBER", "SECTION_SIZE_BITS", &bits) || !p->entry ||
	    p->entry > 256 || p->map > p->entry || bits <= p->k->arch->page_shift || bits > 40)
		return false;
	p->shift = (unsigned)bits - p->k->arch->page_shift;
	return find_table(p);
}

/* With a virtual array all sections have the same. Only there does vmemmap_base count. */
static bool is_one_array(const struct pages *p, vaddr_t base)
{
	struct dump_range r;
	vaddr_t map;

	for (paddr_t pa = 0; dump_next_range(p->k->dump, pa, &r); pa = r.end)
		if (section_map(p, r.start >> p->k->arch->page_shift >> p->shift, &map))
			return map == base;
	return false;
}

void pages_init(const struct kernel *k, const struct objects *o, struct pages *p)
{
	bool sections, virtual;

	*p = (struct pages){ .k = k, .o = o };
	if (!o->size_page)
		return;
	sections = find_sections(p);
	virtual = !kernel_read_symbol(k, "vmemmap_base", k->arch->ptr_size, &p->base, NULL) &&
		  p->base && (!sections || is_one_array(p, p->base));
	if (virtual ||
	    (!sections && !kernel_read_symbol(k, "mem_map", k->arch->ptr_size, &p->base, NULL) &&
	     p->base))
		p->model = PAGES_ARRAY;
	else if (sections)
		p->model = PAGES_SECTIONS;
}

bool pages_of_pfn(const struct pages *p, pfn_t pfn, vaddr_t *page)
{
	vaddr_t base = p->base;

	if (p->model == PAGES_UNKNOWN || pfn > UINT64_MAX >> p->k->arch->page_shift)
		return false;
	if (p->model == PAGES_SECTIONS && !section_map(p, pfn >> p->shift, &base))
		return false;
	*page = base + pfn * p->o->size_page;
	if (p->k->arch->ptr_size == 4)
		*page &= UINT32_MAX;
	return true;
}

/* Is there RAM at or after the page frame? Then the array of struct page reaches it. */
static bool pfn_in_reach(const struct kernel *k, pfn_t pfn)
{
	struct dump_range r;

	return pfn <= UINT64_MAX >> k->arch->page_shift &&
	       dump_next_range(k->dump, pfn << k->arch->page_shift, &r);
}

/* Is ADDR in the array of one of the sections NR to LAST? */
static bool find_in(const struct pages *p, uint64_t nr, uint64_t last, vaddr_t addr, pfn_t *pfn)
{
	uint64_t mask = p->k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	vaddr_t map;

	for (; nr <= last; nr++) {
		uint64_t off;

		if (!section_map(p, nr, &map))
			continue;
		off = (addr - (map + (nr << p->shift) * p->o->size_page)) & mask;
		if (off / p->o->size_page >> p->shift)
			continue;
		*pfn = (nr << p->shift) + off / p->o->size_page;
		return true;
	}
	return false;
}

bool pages_find(const struct pages *p, vaddr_t addr, pfn_t *pfn)
{
	unsigned shift = p->k->arch->page_shift + p->shift;
	struct dump_range r;
	uint64_t seen = 0;

	if (p->model == PAGES_ARRAY) {
		*pfn = (addr - p->base) / p->o->size_page;
		return addr >= p->base && pfn_in_reach(p->k, *pfn);
	}
	if (p->model != PAGES_SECTIONS)
		return false;
	for (paddr_t pa = 0; dump_next_range(p->k->dump, pa, &r) && seen < SECTIONS_MAX;
	     pa = r.end) {
		if (find_in(p, r.start >> shift, (r.end - 1) >> shift, addr, pfn))
			return true;
		seen += ((r.end - 1) >> shift) - (r.start >> shift) + 1;
	}
	return false;
}

/* What they say ----------------------------------------------------------------------- */

static uint64_t get(const struct pages *p, vaddr_t at, const struct member *m)
{
	uint64_t v = 0;

	return object_read(p->k, p->o, at, m, &v, NULL) ? 0 : v;
}

/*
 * The first page of those that PAGE belongs to. A tail page has bit 0 set in what is
 * either the head's address or, where struct pages can be shared by many (struct page
 * being a power of two in size), a mask: ones above the bits that lead from the head to
 * this page. No struct page lies as high as a mask of sensible size is.
 */
static vaddr_t page_head(const struct pages *p, vaddr_t page)
{
	uint64_t v = get(p, page, &p->o->page_compound_head), low;
	uint64_t max = p->k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;

	if (!(v & 1))
		return page;
	low = ~(v - 1) & max;
	if (!(low & (low + 1)) && low < max >> (p->k->arch->ptr_size * 4))
		return page & ~low;
	return v - 1;
}

static bool has_flag(uint64_t flags, const struct layout_value *bit)
{
	return bit->found && bit->value >= 0 && bit->value < 64 && flags >> bit->value & 1;
}

/* What page_type says; it shares its place with _mapcount. */
struct page_type {
	uint32_t type, mapcount;
};

static struct page_type read_type(const struct pages *p, vaddr_t page)
{
	uint32_t mapcount = (uint32_t)get(p, page, &p->o->page_mapcount);

	return (struct page_type){
		.mapcount = mapcount,
		.type = p->o->page_type.found ? (uint32_t)get(p, page, &p->o->page_type) : mapcount,
	};
}

/*
 * Types are numbers in the top byte since v6.12 (4ffca5a96678); before, bits that are
 * clear, and earlier values of _mapcount, both as VMCOREINFO has them.
 */
static bool is_type(const struct pages *p, uint32_t type, const struct layout_value *number,
		    const char *name)
{
	uint64_t v;

	if (p->o->pgty_slab.found)
		return number->found && type >> 24 == (uint32_t)(number->value & 0xff);
	return name && vmcoreinfo_number(p->k->dump->vmcoreinfo, "NUMBER", name, &v) &&
	       type == (uint32_t)v;
}

static bool is_slab(const struct pages *p, uint64_t flags, uint32_t type)
{
	return p->o->pgty_slab.found ? is_type(p, type, &p->o->pgty_slab, NULL)
				     : has_flag(flags, &p->o->pg_slab);
}

static bool is_free(const struct pages *p, vaddr_t page)
{
	return is_type(p, read_type(p, page).type, &p->o->pgty_buddy, "PAGE_BUDDY_MAPCOUNT_VALUE");
}

/* Only the first page of a free block is marked; which ones it may be follows from its size. */
static bool find_block(const struct pages *p, struct page_info *i)
{
	for (unsigned order = 0; order < ORDERS_MAX; order++) {
		pfn_t pfn = i->pfn >> order << order;
		vaddr_t page;
		uint64_t size;

		if (order && i->pfn >> order << order == i->pfn >> (order - 1) << (order - 1))
			continue;
		if (!pages_of_pfn(p, pfn, &page) || !is_free(p, page))
			continue;
		size = get(p, page, &p->o->page_private);
		if (size >= ORDERS_MAX || (i->pfn - pfn) >> size)
			continue;
		i->block = pfn;
		i->order = (unsigned)size;
		return true;
	}
	return false;
}

/*
 * The mapping of pages that processes see: an address_space, or an anon_vma with bit 0
 * set. Others use the word for their own, so the inode has to know its mapping.
 */
static enum page_kind mapping_kind(const struct pages *p, struct page_info *i)
{
	uint64_t mapping = get(p, i->head, &p->o->page_mapping), inode;

	if ((mapping & 3) == 1)
		return PAGE_ANON;
	if (!mapping || mapping & 3)
		return PAGE_UNKNOWN;
	inode = get(p, mapping, &p->o->address_space_host);
	if (!inode || get(p, inode, &p->o->inode_mapping) != mapping)
		return PAGE_UNKNOWN;
	i->inode = inode;
	i->file_offset = (get(p, i->head, &p->o->page_index) + (i->pfn - i->head_pfn))
			 << p->k->arch->page_shift;
	return PAGE_FILE;
}

static enum page_kind kind_of(const struct pages *p, struct page_info *i)
{
	const struct objects *o = p->o;
	const struct {
		const struct layout_value *number;
		const char *name; /* in VMCOREINFO */
		enum page_kind kind;
	} types[] = {
		{ &o->pgty_table, NULL, PAGE_TABLE },
		{ &o->pgty_guard, NULL, PAGE_GUARD },
		{ &o->pgty_offline, "PAGE_OFFLINE_MAPCOUNT_VALUE", PAGE_OFFLINE },
		{ &o->pgty_hugetlb, "PAGE_HUGETLB_MAPCOUNT_VALUE", PAGE_HUGETLB },
		{ &o->pgty_large_kmalloc, NULL, PAGE_LARGE_KMALLOC },
	};
	uint64_t flags = get(p, i->head, &o->page_flags);
	uint32_t type = read_type(p, i->head).type;

	if (is_slab(p, flags, type))
		return PAGE_SLAB;
	for (size_t n = 0; n < KD_ARRAY_SIZE(types); n++)
		if (is_type(p, type, types[n].number, types[n].name))
			return types[n].kind;
	if (!i->refs && i->head == i->page && find_block(p, i))
		return PAGE_FREE;
	if (has_flag(flags, &o->pg_reserved))
		return PAGE_RESERVED;
	return mapping_kind(p, i);
}

bool page_read(const struct pages *p, pfn_t pfn, struct page_info *out)
{
	*out = (struct page_info){ .pfn = pfn, .head_pfn = pfn };
	if (!pages_of_pfn(p, pfn, &out->page) ||
	    object_read(p->k, p->o, out->page, &p->o->page_flags, &out->flags, NULL))
		return false;
	out->refs = (uint32_t)get(p, out->page, &p->o->page_refcount);
	out->mapcount = read_type(p, out->page).mapcount;
	out->head = page_head(p, out->page);
	/* a tail lies behind its head, at most some GB of memory further on */
	if (out->head > out->page || (out->page - out->head) % p->o->size_page ||
	    (out->page - out->head) / p->o->size_page > pfn)
		out->head = out->page;
	out->head_pfn = pfn - (out->page - out->head) / p->o->size_page;
	out->kind = kind_of(p, out);
	return true;
}
