// SPDX-License-Identifier: GPL-3.0-or-later
/* core/space over x86 page tables of every depth, written by hand. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "core/page_trace.h"
#include "core/space.h"
#include "mkdump.h"

struct world {
	struct dump *d;
	struct space s;
	struct kd_err err;
	int status;
};

static struct world make(const struct arch *arch, const char *text)
{
	struct world w = { .err = KD_ERR_INIT };
	char *path = mkdump(text);

	assert_int_equal(dump_open(path, &w.d, &w.err), 0);
	w.status = space_init_kernel(&w.s, arch, w.d, &w.err);
	unlink(path);
	free(path);
	return w;
}

/*
 * x86_64, 4 levels: tables at 0x1000 (top) to 0x4000; the image's first 2 MB page
 * maps physical 0, so the top table sees itself at 0xffffffff80001000. A 4 KB page
 * at 0xffff888000000000 -> 0x5000 and a 1 GB page at 0xffff888040000000 -> 0.
 */
#define X86_64_TABLES \
	"load 0 0 0x8000 0x8000\n" \
	"vmcoreinfo SYMBOL(swapper_pg_dir)=ffffffff80001000\n" \
	"vmcoreinfo NUMBER(phys_base)=0\n" \
	"poke 0x1ff8 8 0x2063\n"       /* top[511] -> 0x2000 */ \
	"poke 0x2ff0 8 0x3063\n"       /* [510] -> 0x3000 */ \
	"poke 0x3000 8 0x00e3\n"       /* 2 MB page at 0 */ \
	"poke 0x1888 8 0x4063\n"       /* top[273]: 0xffff888... -> 0x4000 */ \
	"poke 0x4000 8 0x6063\n"       /* -> 0x6000 */ \
	"poke 0x6000 8 0x7063\n"       /* -> 0x7000 */ \
	"poke 0x7000 8 0x8000000000005063\n" /* NX page 0x5000 */ \
	"poke 0x7008 8 0x100063\n"     /* page 0x100000: no such memory */ \
	"poke 0x4008 8 0x00e3\n"       /* 1 GB page at 0 */ \
	"poke 0x5010 8 0x1122334455667788\n"

static void four_levels_with_all_page_sizes(void **state)
{
	struct world w = make(&arch_x86_64, X86_64_TABLES);
	uint64_t v, run;
	paddr_t pa;

	(void)state;
	assert_int_equal(w.status, 0);
	assert_int_equal(w.s.root, 0x1000);
	assert_int_equal(w.s.levels, 4);
	assert_int_equal(space_read_ptr(&w.s, 0xffff888000000010, &v, NULL), 0);
	assert_int_equal(v, 0x1122334455667788);
	assert_int_equal(space_translate(&w.s, 0xffff888040005010, &pa, &run, NULL), 0);
	assert_int_equal(pa, 0x5010);
	assert_int_equal(run, (1 << 30) - 0x5010);
	assert_int_equal(space_read_uint(&w.s, 0xffffffff80005010, 4, &v, NULL), 0);
	assert_int_equal(v, 0x55667788);
	dump_close(w.d);
}

static void unmapped_and_missing_are_told_apart(void **state)
{
	struct world w = make(&arch_x86_64, X86_64_TABLES);
	uint64_t v;
	uint8_t b[32];
	size_t done;

	(void)state;
	assert_int_equal(space_read_ptr(&w.s, 0xffff888000010000, &v, &w.err), KD_UNMAPPED);
	assert_non_null(strstr(w.err.text, "0xffff888000010000"));
	assert_int_equal(space_read_ptr(&w.s, 0xffff888000001000, &v, &w.err), KD_ABSENT);
	assert_int_equal(space_read_ptr(&w.s, 0x0000900000000000, &v, &w.err), KD_UNMAPPED);
	/* the readable part before a hole counts, and the sentence names where the hole is */
	assert_int_equal(space_read(&w.s, 0xffff888000000ff0, b, 32, &done, &w.err), KD_ABSENT);
	assert_int_equal(done, 16);
	assert_non_null(strstr(w.err.text, "0xffff888000001000"));
	assert_int_equal(space_read(&w.s, UINT64_MAX - 3, b, 32, NULL, &w.err), KD_UNMAPPED);
	dump_close(w.d);
}

static void linear_map_is_found_where_it_maps_the_tables(void **state)
{
	struct world w = make(&arch_x86_64, X86_64_TABLES);

	(void)state;
	/* the usual place holds one page only, and the core's headers say nothing */
	assert_int_equal(w.s.page_offset, 0);
	assert_false(space_learn_linear(&w.s, 0, true));
	assert_false(space_learn_linear(&w.s, 0xffff888000000000, true));
	assert_false(space_learn_linear(&w.s, 0xffff888040001000, true)); /* mapped, but elsewhere */
	assert_false(space_learn_linear(&w.s, UINT64_MAX - 0x800, true)); /* too high to hold it */
	assert_int_equal(w.s.page_offset, 0);
	assert_true(space_learn_linear(&w.s, 0xffff888040000000, true));
	assert_int_equal(w.s.page_offset, 0xffff888040000000);
	dump_close(w.d);
	w = make(&arch_x86_64, X86_64_TABLES "poke 0x4000 8 0x00e3\n");
	assert_int_equal(w.s.page_offset, 0xffff888000000000);
	dump_close(w.d);
}

static void five_levels_by_vmcoreinfo(void **state)
{
	struct world w = make(&arch_x86_64,
			      "load 0 0 0x8000 0x8000\n"
			      "vmcoreinfo SYMBOL(swapper_pg_dir)=ffffffff80001000\n"
			      "vmcoreinfo NUMBER(phys_base)=0\n"
			      "vmcoreinfo NUMBER(pgtable_l5_enabled)=1\n"
			      "poke 0x1ff8 8 0x2063\n poke 0x2ff8 8 0x3063\n"
			      "poke 0x3ff0 8 0x4063\n poke 0x4000 8 0x00e3\n"
			      "poke 0x5000 8 0x42\n");
	uint64_t v;

	(void)state;
	assert_int_equal(w.status, 0);
	assert_int_equal(w.s.levels, 5);
	assert_int_equal(space_read_ptr(&w.s, 0xffffffff80005000, &v, NULL), 0);
	assert_int_equal(v, 0x42);
	/* canonical with 57 bits */
	assert_int_equal(space_read_ptr(&w.s, 0xff00000000000000, &v, &w.err), KD_UNMAPPED);
	dump_close(w.d);
}

static void encryption_bit_is_no_address(void **state)
{
	struct world w = make(&arch_x86_64,
			      "load 0 0 0x8000 0x8000\n"
			      "vmcoreinfo SYMBOL(swapper_pg_dir)=ffffffff80001000\n"
			      "vmcoreinfo NUMBER(phys_base)=0\n"
			      "vmcoreinfo NUMBER(sme_mask)=140737488355328\n" /* bit 47 */
			      "poke 0x1ff8 8 0x800000002063\n poke 0x2ff0 8 0x800000003063\n"
			      "poke 0x3000 8 0x8000000000e3\n poke 0x5000 8 0x42\n");
	uint64_t v;

	(void)state;
	assert_int_equal(w.status, 0);
	assert_int_equal(space_read_ptr(&w.s, 0xffffffff80005000, &v, NULL), 0);
	assert_int_equal(v, 0x42);
	dump_close(w.d);
}

static void tables_that_do_not_hold_are_refused(void **state)
{
	struct world w = make(&arch_x86_64, "load 0 0 0x8000 0x8000\n"
			      "vmcoreinfo SYMBOL(swapper_pg_dir)=ffffffff80001000\n"
			      "vmcoreinfo NUMBER(phys_base)=0\n");

	(void)state;
	assert_int_equal(w.status, KD_CORRUPT);
	dump_close(w.d);
	w = make(&arch_x86_64, "load 0 0 0x8000 0x8000\n");
	assert_int_equal(w.status, KD_NOTFOUND);
	assert_non_null(strstr(w.err.text, "VMCOREINFO"));
	dump_close(w.d);
}

static void i386_two_levels_with_4mb_pages(void **state)
{
	struct world w = make(&arch_i386,
			      "class 32\n machine 3\n load 0 0xc0000000 0x8000 0x8000\n"
			      "vmcoreinfo SYMBOL(swapper_pg_dir)=c0001000\n"
			      "poke 0x1c00 4 0x00e3\n"	/* [768] 4 MB page at 0 */
			      "poke 0x1f80 4 0x2063\n"	/* [992] 0xf8000000 -> 0x2000 */
			      "poke 0x2004 4 0x5063\n"	/* 0xf8001000 -> 0x5000 */
			      "poke 0x5008 4 0xdeadbeef\n"
			      "poke 0x1f84 4 0x4000e3\n"); /* PSE-36: 0xf8400000 -> 0x200400000 >> */
	uint64_t v;
	paddr_t pa;

	(void)state;
	assert_int_equal(w.status, 0);
	assert_int_equal(w.s.levels, 2);
	assert_int_equal(w.s.page_offset, 0xc0000000);
	assert_int_equal(space_read_ptr(&w.s, 0xf8001008, &v, NULL), 0);
	assert_int_equal(v, 0xdeadbeef);
	assert_int_equal(space_translate(&w.s, 0xf8400010, &pa, NULL, NULL), 0);
	assert_int_equal(pa, 0x400010);
	assert_int_equal(space_read_ptr(&w.s, 0x1f8001008, &v, &w.err), KD_UNMAPPED);
	dump_close(w.d);
}

static void i386_pae_reaches_above_4gb(void **state)
{
	struct world w = make(&arch_i386,
			      "class 64\n machine 3\n load 0 0xc0000000 0x8000 0x8000\n"
			      "load 0x140000000 -1 0x1000 0x1000\n"
			      "vmcoreinfo SYMBOL(swapper_pg_dir)=c0001000\n"
			      "vmcoreinfo CONFIG_X86_PAE=y\n"
			      "poke 0x1018 8 0x2001\n"	/* pdpt[3] -> 0x2000 */
			      "poke 0x2000 8 0x00e3\n"	/* 2 MB page at 0 */
			      "poke 0x2e00 8 0x3063\n"	/* 0xf8000000 -> 0x3000 */
			      "poke 0x3000 8 0x8000000140000063\n"
			      "poke 0x140000004 4 0x600d\n");
	uint64_t v;

	(void)state;
	assert_int_equal(w.status, 0);
	assert_int_equal(w.s.levels, 3);
	assert_int_equal(space_read_ptr(&w.s, 0xf8000004, &v, NULL), 0);
	assert_int_equal(v, 0x600d);
	dump_close(w.d);
}

static void strings_stop_at_nul_or_hole(void **state)
{
	struct world w = make(&arch_x86_64, X86_64_TABLES
			      "poke 0x5ffa 4 0x64636261\n"	/* "abcd", NUL */
			      "poke 0x5100 4 0x67666564\n");
	char buf[16];

	(void)state;
	assert_int_equal(space_read_str(&w.s, 0xffff888000000ffa, buf, sizeof(buf), NULL), 0);
	assert_string_equal(buf, "abcd");
	assert_int_equal(space_read_str(&w.s, 0xffff888000000100, buf, 3, NULL), 0);
	assert_string_equal(buf, "de");
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(space_read_str(&w.s, 0xffff888000010000, buf, sizeof(buf), NULL), KD_UNMAPPED);
	assert_string_equal(buf, "");
	dump_close(w.d);
}

/*
 * As above, but all of memory, 4 MB of it, is mapped at 0xffff888000000000, as the headers
 * say: 8 pages by a table at 0x7000, of which page 5 is a guard page, the next 2 MB by a
 * large page. The image is at 0x400000.
 */
#define LINEAR UINT64_C(0xffff888000000000)
#define LINEAR_TABLES                                                                              \
	"load 0 0xffff888000000000 0x8000 0x8000\n"                                                \
	"load 0x200000 0xffff888000200000 0x200000 0x200000\n"                                     \
	"load 0x400000 0xffffffff80400000 0x8000 0x8000\n"                                         \
	"vmcoreinfo SYMBOL(swapper_pg_dir)=ffffffff80401000\n"                                     \
	"vmcoreinfo NUMBER(phys_base)=0\n"                                                         \
	"vmcoreinfo SYMBOL(init_uts_ns)=ffffffff80406000\n"                                        \
	"vmcoreinfo OFFSET(uts_namespace.name)=4\nvmcoreinfo OSRELEASE=6.1.0\n"                    \
	"poke 0x406004 8 0x78756e694c\npoke 0x406086 8 0x302e312e36\n"                             \
	"poke 0x401ff8 8 0x402063\npoke 0x402ff0 8 0x403063\npoke 0x403010 8 0x4000e3\n"          \
	"poke 0x401888 8 0x4063\npoke 0x4000 8 0x6063\npoke 0x6000 8 0x7063\n"                     \
	"poke 0x6008 8 0x2000e3\n"                                                                 \
	"poke 0x7000 8 0x63\npoke 0x7008 8 0x1063\npoke 0x7010 8 0x2063\npoke 0x7018 8 0x3063\n"  \
	"poke 0x7020 8 0x4063\npoke 0x7030 8 0x6063\npoke 0x7038 8 0x7063\n"                       \
	"poke 0x5000 8 5\npoke 0x3000 8 3\npoke 0x200010 8 0x1122334455667788\n"

static void expect_read(const struct world *w, vaddr_t va, uint64_t value)
{
	uint64_t v;

	assert_int_equal(space_read_ptr(&w->s, va, &v, NULL), 0);
	assert_int_equal(v, value);
}

static void torn_tables_of_the_linear_map_are_mended(void **state)
{
	/* no table; one that maps elsewhere; one in memory that is not there */
	static const char *const wrong[] = { "0", "0x8000000000063", "0x7fff0063" };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(wrong); i++) {
		struct space_mends mends = { .n = 0 };
		char text[4096];
		struct world w;
		uint64_t v;

		snprintf(text, sizeof(text), "%spoke 0x6008 8 %s\n", LINEAR_TABLES, wrong[i]);
		w = make(&arch_x86_64, text);
		assert_int_equal(w.status, 0);
		w.s.mends = &mends;
		expect_read(&w, LINEAR + 0x3000, 3);
		/* a single page is unmapped for a reason */
		assert_int_equal(space_read_ptr(&w.s, LINEAR + 0x5000, &v, NULL), KD_UNMAPPED);
		assert_int_equal(mends.n, 0);
		expect_read(&w, LINEAR + 0x200010, 0x1122334455667788);
		assert_true(mends.n > 0);
		assert_int_equal(mends.first, LINEAR + 0x200010);
		/* there is no such memory: the tables' word stands */
		assert_true(space_read_ptr(&w.s, LINEAR + 0x100000, &v, NULL) != 0);
		dump_close(w.d);
	}
}

static void headers_that_the_tables_contradict_are_not_believed(void **state)
{
	struct world w = make(&arch_x86_64, LINEAR_TABLES "poke 0x6000 8 0xe3\n"
							  "poke 0x6008 8 0xe3\npoke 0x4000 8 0xe3\n"
							  "poke 0x1888 8 0\npoke 0x401888 8 0x3063\n"
							  "poke 0x3000 8 0x400000e3\n");

	(void)state;
	/* all of it is a gigabyte further on */
	assert_int_equal(w.status, 0);
	assert_int_equal(w.s.linear.size, 0);
	dump_close(w.d);
}

static void without_a_top_table_headers_serve(void **state)
{
	struct world w = make(&arch_x86_64, LINEAR_TABLES "fill 0x401000 4096 0\n");
	struct kd_err err = KD_ERR_INIT;
	uint64_t v;

	(void)state;
	assert_int_equal(w.status, KD_CORRUPT);
	assert_int_equal(space_init_torn(&w.s, &arch_x86_64, w.d, &err), 0);
	assert_true(w.s.torn);
	expect_read(&w, LINEAR + 0x200010, 0x1122334455667788);
	expect_read(&w, UINT64_C(0xffffffff80406004), 0x78756e694c);
	assert_int_equal(space_read_ptr(&w.s, 0xffffc90000000000, &v, NULL), KD_UNMAPPED);
	/* another top table, of a process, at 0x2000; none at 0x3000 */
	assert_false(space_replace_root(&w.s, 0x3000));
	assert_true(w.s.torn);
	dump_close(w.d);
	w = make(&arch_x86_64, LINEAR_TABLES "fill 0x401000 4096 0\npoke 0x2888 8 0x4063\n"
					     "poke 0x2ff8 8 0x402063\n");
	assert_int_equal(space_init_torn(&w.s, &arch_x86_64, w.d, &err), 0);
	assert_true(space_replace_root(&w.s, 0x2000));
	assert_false(w.s.torn);
	assert_int_equal(w.s.root, 0x2000);
	assert_int_equal(space_read_ptr(&w.s, LINEAR + 0x5000, &v, NULL), KD_UNMAPPED);
	dump_close(w.d);
	/* another kernel's name, or none: whatever was guessed is wrong */
	w = make(&arch_x86_64, LINEAR_TABLES "fill 0x401000 4096 0\npoke 0x406086 8 0x312e312e36\n");
	assert_int_equal(space_init_torn(&w.s, &arch_x86_64, w.d, &err), KD_CORRUPT);
	assert_non_null(strstr(err.text, "top page table"));
	dump_close(w.d);
}

static void mapped_pages_are_listed_once(void **state)
{
	/* 0xffff8880c0000000 and after: two times the table of the first gigabyte */
	struct world w = make(&arch_x86_64, X86_64_TABLES
			      "poke 0x4018 8 0x6063\npoke 0x4020 8 0x6063\n");
	static const struct arch_mapping want[] = {
		{ 0xffff888000000000, 0x5000, 0x1000 },
		{ 0xffff888000001000, 0x100000, 0x1000 },
		{ 0xffff888040000000, 0, 1 << 30 },
		{ 0xffff8880c0000000, 0x5000, 0x1000 },
		{ 0xffff8880c0001000, 0x100000, 0x1000 },
		{ 0xffffffff80000000, 0, 2 << 20 },
	};
	struct arch_mapping m;
	vaddr_t va = 0;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(want); i++, va = m.va + m.size) {
		assert_true(arch_x86_64.next_mapped(&w.s, va, &m));
		assert_int_equal(m.va, want[i].va);
		assert_int_equal(m.pa, want[i].pa);
		assert_int_equal(m.size, want[i].size);
	}
	assert_false(arch_x86_64.next_mapped(&w.s, va, &m));
	/* from the middle of a page on */
	assert_true(arch_x86_64.next_mapped(&w.s, 0xffff888040003000, &m));
	assert_int_equal(m.pa, 0x3000);
	assert_int_equal(m.size, (1 << 30) - 0x3000);
	w.s.root = 0x700000;
	assert_false(arch_x86_64.next_mapped(&w.s, 0, &m));
	dump_close(w.d);
}

/* Which of the first page frames were read, as bits. */
static unsigned traced(const struct page_trace *t)
{
	struct traced_page *list;
	unsigned bits = 0;
	size_t n;

	assert_int_equal(page_trace_list(t, &list, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		bits |= list[i].pfn < 32 ? 1u << list[i].pfn : 0;
	free(list);
	return bits;
}

static void tables_of_the_kernel_are_all_read(void **state)
{
	/* a process' table at 0x5000, and one of the kernel's that cannot be read */
	struct world w = make(&arch_x86_64, X86_64_TABLES
			      "poke 0x1000 8 0x5063\npoke 0x4010 8 0x900063\n");
	struct page_trace *t;

	(void)state;
	assert_int_equal(page_trace_new(12, &t, NULL), 0);
	w.d->trace = t;
	assert_int_equal(arch_x86_64.read_tables(&w.s, 100), 7);
	assert_int_equal(traced(t), 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 7);
	dump_close(w.d);
	page_trace_free(t);
	/* a top table that names itself again and again is a tree without end */
	w = make(&arch_x86_64, X86_64_TABLES
		 "poke 0x1800 8 0x1063\npoke 0x1810 8 0x1063\npoke 0x1820 8 0x1063\n");
	assert_int_equal(arch_x86_64.read_tables(&w.s, 50), 50);
	dump_close(w.d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_levels_with_all_page_sizes),
		cmocka_unit_test(unmapped_and_missing_are_told_apart),
		cmocka_unit_test(linear_map_is_found_where_it_maps_the_tables),
		cmocka_unit_test(five_levels_by_vmcoreinfo),
		cmocka_unit_test(encryption_bit_is_no_address),
		cmocka_unit_test(tables_that_do_not_hold_are_refused),
		cmocka_unit_test(i386_two_levels_with_4mb_pages),
		cmocka_unit_test(i386_pae_reaches_above_4gb),
		cmocka_unit_test(mapped_pages_are_listed_once),
		cmocka_unit_test(tables_of_the_kernel_are_all_read),
		cmocka_unit_test(strings_stop_at_nul_or_hole),
		cmocka_unit_test(torn_tables_of_the_linear_map_are_mended),
		cmocka_unit_test(headers_that_the_tables_contradict_are_not_believed),
		cmocka_unit_test(without_a_top_table_headers_serve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
