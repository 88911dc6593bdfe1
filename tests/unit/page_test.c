// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/page: struct pages in each memory model, and what they say of their pages. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "flat.h"
#include "kernel/objects.h"
#include "kernel/page.h"

/* A struct page: flags, mapping, private, compound_head, type, refcount, each a long. */
#define PAGE_SIZE_OF(ptr) (6u * (ptr))
#define ARRAY (FLAT_BASE + 0x4000)
#define TABLE (FLAT_BASE + 0x1000)
#define ROOT (FLAT_BASE + 0x2000)
#define INODE (FLAT_BASE + 0x3000)
#define MAPPING (FLAT_BASE + 0x3100)
#define FRAMES 256u

static struct dump_range ram;

static bool next_range(const struct dump *d, paddr_t from, struct dump_range *out)
{
	(void)d;
	*out = ram;
	if (out->start < from)
		out->start = from;
	return out->start < out->end;
}

struct bench {
	struct flat *f;
	struct objects o;
	struct pages p;
};

static struct layout_value value(int64_t v)
{
	return (struct layout_value){ .value = v, .found = true };
}

/* B stays where it is: its parts point at each other. */
static void bench(struct bench *to, uint8_t ptr, const char *vmcoreinfo)
{
	struct bench b = { .f = flat_new(ptr, vmcoreinfo) };

	ram = (struct dump_range){ 0, (uint64_t)FRAMES << 12 };
	b.f->ops.next_range = next_range;
	b.o.size_page = PAGE_SIZE_OF(ptr);
	b.o.page_flags = flat_member(0, ptr);
	b.o.page_mapping = flat_member(ptr, ptr);
	b.o.page_private = flat_member(2u * ptr, ptr);
	b.o.page_compound_head = flat_member(3u * ptr, ptr);
	b.o.page_type = flat_member(4u * ptr, 4);
	b.o.page_mapcount = flat_member(4u * ptr, 4);
	b.o.page_refcount = flat_member(5u * ptr, 4);
	b.o.page_index = flat_member(2u * ptr, ptr);
	b.o.pg_slab = value(9);
	b.o.pg_reserved = value(12);
	b.o.address_space_host = flat_member(0, ptr);
	b.o.inode_mapping = flat_member(8, ptr);
	*to = b;
}

static void symbol(struct bench *b, const char *name, vaddr_t at)
{
	assert_int_equal(symbols_add(b->f->k.symbols, name, NULL, at, 8, 'D', NULL), 0);
	assert_int_equal(symbols_finish(b->f->k.symbols, NULL), 0);
}

static void expect_page(const struct bench *b, pfn_t pfn, vaddr_t wanted)
{
	vaddr_t page;
	pfn_t back;

	assert_true(pages_of_pfn(&b->p, pfn, &page));
	assert_int_equal(page, wanted);
	for (uint64_t off = 0; off < b->o.size_page; off += b->o.size_page - 1) {
		assert_true(pages_find(&b->p, page + off, &back));
		assert_int_equal(back, pfn);
	}
}

/* mem_map, as i386 has it. */
static void flat_memory(struct bench *b)
{
	bench(b, 4, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n");
	symbol(b, "mem_map", FLAT_BASE + 8);
	flat_long(b->f, FLAT_BASE + 8, ARRAY);
	pages_init(&b->f->k, &b->o, &b->p);
}

static void flat_memory_has_one_array(void **state)
{
	struct bench b;
	pfn_t pfn;

	(void)state;
	flat_memory(&b);
	expect_page(&b, 0, ARRAY);
	expect_page(&b, 200, ARRAY + 200 * 24);
	assert_false(pages_find(&b.p, ARRAY - 1, &pfn));
	assert_false(pages_find(&b.p, ARRAY + 24 * FRAMES, &pfn));
	flat_free(b.f);
}

/* Sections of 16 frames; the array of each lies where it pleases. */
#define SPARSE(entry, length)                                                                      \
	"SYMBOL(mem_section)=c0001000\nSIZE(mem_section)=" #entry "\nLENGTH(mem_section)=" #length \
	"\nOFFSET(mem_section.section_mem_map)=0\nNUMBER(SECTION_SIZE_BITS)=16\n"

/* What a section's entry holds, for an array at AT: counted from frame 0, with flags. */
static uint64_t coded(unsigned nr, uint8_t ptr, vaddr_t at)
{
	return (at - nr * 16 * PAGE_SIZE_OF(ptr)) | 7;
}

static void sections_have_arrays_of_their_own(void **state)
{
	struct bench b;
	vaddr_t page;
	pfn_t pfn;

	(void)state;
	bench(&b, 4, SPARSE(8, 4));
	/* arrays lie so that what is coded has no low bits, as the kernel sees to */
	flat_long(b.f, TABLE, coded(0, 4, ARRAY));
	flat_long(b.f, TABLE + 8, coded(1, 4, ARRAY + 0x2000 + 16 * 24));
	flat_long(b.f, TABLE + 24, coded(3, 4, ARRAY + 0x5000 + 48 * 24));
	symbol(&b, "mem_map", FLAT_BASE + 8); /* is there, and unused */
	pages_init(&b.f->k, &b.o, &b.p);
	assert_int_equal(b.p.model, PAGES_SECTIONS);
	expect_page(&b, 3, ARRAY + 3 * 24);
	expect_page(&b, 16, ARRAY + 0x2000 + 16 * 24);
	expect_page(&b, 63, ARRAY + 0x5000 + 63 * 24);
	assert_false(pages_of_pfn(&b.p, 32, &page)); /* a hole */
	assert_false(pages_of_pfn(&b.p, 64, &page)); /* past the table */
	assert_false(pages_find(&b.p, ARRAY + 16 * 24, &pfn));
	flat_free(b.f);
}

/* CONFIG_SPARSEMEM_EXTREME: pointers to pages full of entries. */
static void extreme(struct bench *b, vaddr_t second)
{
	bench(b, 8, SPARSE(16, 8));
	flat_long(b->f, TABLE, ROOT);
	flat_long(b->f, ROOT, coded(0, 8, ARRAY));
	flat_long(b->f, ROOT + 16, coded(1, 8, second));
}

static void sections_lie_behind_pointers(void **state)
{
	struct bench b;

	(void)state;
	extreme(&b, ARRAY + 0x3000 + 16 * 48);
	/* every x86_64 kernel has that variable, used or not */
	symbol(&b, "vmemmap_base", FLAT_BASE + 8);
	flat_long(b.f, FLAT_BASE + 8, FLAT_BASE + 0x10000);
	pages_init(&b.f->k, &b.o, &b.p);
	assert_int_equal(b.p.model, PAGES_SECTIONS);
	expect_page(&b, 5, ARRAY + 5 * 48);
	expect_page(&b, 17, ARRAY + 0x3000 + 17 * 48);
	flat_free(b.f);
}

static void a_virtual_array_is_one(void **state)
{
	struct bench b;

	(void)state;
	extreme(&b, ARRAY + 16 * 48);
	symbol(&b, "vmemmap_base", FLAT_BASE + 8);
	flat_long(b.f, FLAT_BASE + 8, ARRAY);
	pages_init(&b.f->k, &b.o, &b.p);
	assert_int_equal(b.p.model, PAGES_ARRAY);
	expect_page(&b, 17, ARRAY + 17 * 48);
	flat_free(b.f);
}

static void no_model_no_page(void **state)
{
	struct bench b;
	vaddr_t page;
	pfn_t pfn;

	(void)state;
	bench(&b, 8, "");
	pages_init(&b.f->k, &b.o, &b.p);
	assert_false(pages_of_pfn(&b.p, 0, &page));
	assert_false(pages_find(&b.p, ARRAY, &pfn));
	flat_free(b.f);
}

/* Kinds --------------------------------------------------------------------------- */

static vaddr_t page_at(pfn_t pfn)
{
	return ARRAY + pfn * 24;
}

static struct page_info read_page(const struct bench *b, pfn_t pfn)
{
	struct page_info i;

	assert_true(page_read(&b->p, pfn, &i));
	assert_int_equal(i.page, page_at(pfn));
	return i;
}

static void pages_of_a_free_block_are_free(void **state)
{
	struct bench b;
	struct page_info i;

	(void)state;
	flat_memory(&b);
	/* 8 pages from frame 16 on; only the first says so */
	flat_put(b.f, page_at(16) + 16, 4, (uint32_t)-129);
	flat_long(b.f, page_at(16) + 8, 3);
	for (pfn_t pfn = 16; pfn < 24; pfn++) {
		i = read_page(&b, pfn);
		assert_int_equal(i.kind, PAGE_FREE);
		assert_int_equal(i.order, 3);
		assert_int_equal(i.block, 16);
	}
	assert_int_equal(read_page(&b, 15).kind, PAGE_UNKNOWN);
	assert_int_equal(read_page(&b, 24).kind, PAGE_UNKNOWN);
	/* one that is used can not be in it */
	flat_put(b.f, page_at(20) + 20, 4, 1);
	assert_int_equal(read_page(&b, 20).kind, PAGE_UNKNOWN);
	flat_free(b.f);
}

static void a_tail_is_what_its_head_is(void **state)
{
	struct bench b;
	struct page_info i;

	(void)state;
	flat_memory(&b);
	flat_long(b.f, page_at(8), 1u << 9);
	flat_long(b.f, page_at(10) + 12, page_at(8) | 1);
	i = read_page(&b, 10);
	assert_int_equal(i.kind, PAGE_SLAB);
	assert_int_equal(i.head_pfn, 8);
	assert_int_equal(i.flags, 0);
	/* a head that lies behind is none */
	flat_long(b.f, page_at(10) + 12, page_at(12) | 1);
	assert_int_equal(read_page(&b, 10).head_pfn, 10);
	flat_free(b.f);
}

static void mappings_tell_files_from_memory(void **state)
{
	struct bench b;
	struct page_info i;

	(void)state;
	flat_memory(&b);
	flat_put(b.f, page_at(1) + 20, 4, 1);
	flat_long(b.f, page_at(1) + 4, MAPPING);
	assert_int_equal(read_page(&b, 1).kind, PAGE_UNKNOWN); /* no inode that knows of it */
	flat_long(b.f, MAPPING, INODE);
	flat_long(b.f, INODE + 8, MAPPING);
	flat_long(b.f, page_at(1) + 8, 5);
	i = read_page(&b, 1);
	assert_int_equal(i.kind, PAGE_FILE);
	assert_int_equal(i.inode, INODE);
	assert_int_equal(i.file_offset, 5 << 12);
	flat_long(b.f, page_at(1) + 4, MAPPING | 1);
	assert_int_equal(read_page(&b, 1).kind, PAGE_ANON);
	flat_long(b.f, page_at(1), 1u << 12);
	assert_int_equal(read_page(&b, 1).kind, PAGE_RESERVED);
	flat_free(b.f);
}

static void types_are_numbers_in_newer_kernels(void **state)
{
	struct bench b;

	(void)state;
	flat_memory(&b);
	b.o.pgty_slab = value(0xf5);
	b.o.pgty_table = value(0xf2);
	b.o.pgty_buddy = value(0xf0);
	flat_put(b.f, page_at(1) + 16, 4, 0xf5000000);
	flat_put(b.f, page_at(2) + 16, 4, 0xf2000000);
	flat_put(b.f, page_at(3) + 16, 4, 0xf0000000);
	flat_long(b.f, page_at(4), 1u << 9); /* what once was a flag is none any more */
	assert_int_equal(read_page(&b, 1).kind, PAGE_SLAB);
	assert_int_equal(read_page(&b, 2).kind, PAGE_TABLE);
	assert_int_equal(read_page(&b, 3).kind, PAGE_FREE);
	assert_int_equal(read_page(&b, 4).kind, PAGE_UNKNOWN);
	flat_free(b.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flat_memory_has_one_array),
		cmocka_unit_test(sections_have_arrays_of_their_own),
		cmocka_unit_test(sections_lie_behind_pointers),
		cmocka_unit_test(a_virtual_array_is_one),
		cmocka_unit_test(no_model_no_page),
		cmocka_unit_test(pages_of_a_free_block_are_free),
		cmocka_unit_test(a_tail_is_what_its_head_is),
		cmocka_unit_test(mappings_tell_files_from_memory),
		cmocka_unit_test(types_are_numbers_in_newer_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
