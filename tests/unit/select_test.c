// SPDX-License-Identifier: GPL-3.0-or-later
/* Which pages are what: struct pages written by hand, as kernels of several years mark them. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "capture/select.h"
#include "mkdump.h"

#define LINEAR UINT64_C(0xffff888000000000)
#define MAP 0x10000 /* physical: where struct pages are */
#define PAGE_SIZE_OF 64

/* The first 2 MB, mapped at LINEAR by one large page; mem_map at 0x8000. */
#define MACHINE                                                                                    \
	"load 0 0 0x200000 0x200000\n"                                                             \
	"poke 0x1888 8 0x2063\n poke 0x2000 8 0x3063\n poke 0x3000 8 0x00e3\n"                     \
	"poke 0x8000 8 0xffff888000010000\n"

#define PLACES                                                                                     \
	"vmcoreinfo SIZE(page)=64\n vmcoreinfo OFFSET(page.flags)=0\n"                             \
	"vmcoreinfo OFFSET(page.compound_head)=8\n vmcoreinfo OFFSET(page.mapping)=24\n"           \
	"vmcoreinfo OFFSET(page.private)=40\n vmcoreinfo OFFSET(page._mapcount)=48\n"              \
	"vmcoreinfo NUMBER(PG_lru)=4\n vmcoreinfo NUMBER(PG_private)=13\n"                         \
	"vmcoreinfo NUMBER(PG_swapcache)=10\n vmcoreinfo NUMBER(PG_swapbacked)=19\n"               \
	"vmcoreinfo NUMBER(PG_hwpoison)=22\n vmcoreinfo LENGTH(zone.free_area)=11\n"

#define FLAT "vmcoreinfo SYMBOL(mem_map)=ffff888000008000\n"

/* As v6.1: slab is a flag, free and offline are a _mapcount, huge pages have a destructor. */
#define BY_FLAGS                                                                                   \
	"vmcoreinfo NUMBER(PG_slab)=9\n vmcoreinfo NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"       \
	"vmcoreinfo NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"                                    \
	"vmcoreinfo OFFSET(page.compound_dtor)=16\n vmcoreinfo OFFSET(page.compound_order)=17\n"   \
	"vmcoreinfo NUMBER(HUGETLB_PAGE_DTOR)=2\n"

/* As v6.12: types are the highest byte of _mapcount. */
#define BY_TYPES                                                                                   \
	"vmcoreinfo NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n"                                \
	"vmcoreinfo NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n"                              \
	"vmcoreinfo NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n"                                 \
	"vmcoreinfo NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n"                              \
	"vmcoreinfo NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-134217728\n"

#define LRU (1u << 4)
#define PRIVATE (1u << 13)
#define SWAPCACHE (1u << 10)
#define SWAPBACKED (1u << 19)
#define SLAB (1u << 9)
#define POISON (1u << 22)
#define FILE_MAPPING UINT64_C(0xffff888000100000)
#define ANON (FILE_MAPPING | 1)
#define TAIL_OF(pfn) (LINEAR + MAP + (pfn)*PAGE_SIZE_OF + 1)
#define NO_MAPS 0xffffffffu

struct fake_page {
	unsigned pfn;
	enum page_kind want;
	uint64_t flags, mapping, private, head;
	uint32_t mapcount; /* 0: NO_MAPS */
	uint8_t dtor;
};

struct world {
	struct dump *d;
	struct space s;
	struct select *select;
	uint8_t *kinds;
};

static char *text_of(const char *const *parts, const struct fake_page *pages, size_t n)
{
	size_t len;
	char *text;
	FILE *f = open_memstream(&text, &len);

	for (; *parts; parts++)
		fputs(*parts, f);
	for (unsigned pfn = 0; pfn < 512; pfn++)
		fprintf(f, "poke %#x 4 %#x\n", MAP + pfn * PAGE_SIZE_OF + 48, NO_MAPS);
	for (size_t i = 0; i < n; i++) {
		unsigned at = MAP + pages[i].pfn * PAGE_SIZE_OF;

		fprintf(f, "poke %#x 8 %#llx\n", at, (unsigned long long)pages[i].flags);
		fprintf(f, "poke %#x 8 %#llx\n", at + 24, (unsigned long long)pages[i].mapping);
		fprintf(f, "poke %#x 8 %#llx\n", at + 40, (unsigned long long)pages[i].private);
		fprintf(f, "poke %#x 8 %#llx\n", at + 8, (unsigned long long)pages[i].head);
		if (pages[i].mapcount)
			fprintf(f, "poke %#x 4 %#x\n", at + 48, pages[i].mapcount);
		if (pages[i].dtor)
			fprintf(f, "poke %#x 1 %u\n", at + 16, pages[i].dtor);
	}
	fclose(f);
	return text;
}

static void look(struct world *w, uint64_t window)
{
	struct select_buffer *b = select_buffer_new();

	assert_non_null(b);
	select_window(w->select, window * SELECT_WINDOW, b, w->kinds);
	select_buffer_free(b);
}

static struct world make(char *text)
{
	struct kd_err err = KD_ERR_INIT;
	struct world w = { .kinds = malloc(SELECT_WINDOW) };
	char *path = mkdump(text);

	assert_int_equal(dump_open(path, &w.d, &err), 0);
	unlink(path);
	free(path);
	free(text);
	w.s = (struct space){ .arch = &arch_x86_64, .dump = w.d, .root = 0x1000, .levels = 4 };
	return w;
}

static struct world *open_world(struct world *w, unsigned level)
{
	struct kd_err err = KD_ERR_INIT;

	if (select_open(w->d, &w->s, level, &w->select, &err))
		fail_msg("%s", err.text);
	look(w, 0);
	return w;
}

static void end(struct world *w)
{
	select_close(w->select);
	dump_close(w->d);
	free(w->kinds);
}

static void expect_kinds(const struct world *w, const struct fake_page *pages, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (w->kinds[pages[i].pfn] != pages[i].want)
			fail_msg("page %u is \"%s\", not \"%s\"", pages[i].pfn,
				 page_kind_words(w->kinds[pages[i].pfn]),
				 page_kind_words(pages[i].want));
}

static void expect_run(const struct world *w, unsigned from, unsigned to, enum page_kind want)
{
	for (unsigned i = from; i < to; i++)
		if (w->kinds[i] != want)
			fail_msg("page %u is \"%s\", not \"%s\"", i, page_kind_words(w->kinds[i]),
				 page_kind_words(want));
}

static bool names_unknown(const struct select *s, const char *words)
{
	for (size_t i = 0; select_unknown(s, i); i++)
		if (strstr(select_unknown(s, i), words))
			return true;
	return false;
}

static const struct fake_page by_flags[] = {
	{ .pfn = 1, PAGE_CACHE, .flags = LRU, .mapping = FILE_MAPPING },
	{ .pfn = 2, PAGE_CACHE_PRIVATE, .flags = LRU | PRIVATE, .mapping = FILE_MAPPING },
	{ .pfn = 3, PAGE_USER, .flags = LRU | SWAPBACKED, .mapping = ANON },
	{ .pfn = 4, PAGE_SLAB, .flags = SLAB },
	/* slab uses _mapcount for its own: what looks free there is not */
	{ .pfn = 5, PAGE_SLAB, .flags = SLAB, .mapcount = 0xffffff7f, .private = 3 },
	{ .pfn = 8, PAGE_FREE, .mapcount = 0xffffff7f, .private = 3 },
	/* inside of a free run nothing is looked at */
	{ .pfn = 9, PAGE_FREE, .flags = LRU, .mapping = FILE_MAPPING },
	{ .pfn = 15, PAGE_FREE, .flags = SLAB },
	/* an order that there is not */
	{ .pfn = 16, PAGE_OTHER, .mapcount = 0xffffff7f, .private = 11 },
	{ .pfn = 17, PAGE_POISON, .flags = POISON },
	{ .pfn = 18, PAGE_POISON, .flags = POISON | LRU, .mapping = FILE_MAPPING },
	{ .pfn = 19, PAGE_OFFLINE, .mapcount = 0xfffffeff },
	{ .pfn = 20, PAGE_HUGETLB },
	{ .pfn = 21, PAGE_HUGETLB, .head = TAIL_OF(20), .dtor = 2 },
	{ .pfn = 22, PAGE_HUGETLB, .head = TAIL_OF(20) },
	{ .pfn = 23, PAGE_HUGETLB, .head = TAIL_OF(20) },
	{ .pfn = 24, PAGE_OTHER },
	{ .pfn = 25, PAGE_OTHER, .head = TAIL_OF(24), .dtor = 1 },
	/* the destructor's number counts in a tail page alone */
	{ .pfn = 26, PAGE_OTHER },
	{ .pfn = 27, PAGE_OTHER, .dtor = 2 },
	{ .pfn = 28, PAGE_OTHER, .flags = SWAPCACHE },
	{ .pfn = 29, PAGE_CACHE, .flags = SWAPCACHE | SWAPBACKED },
	{ .pfn = 30, PAGE_USER, .mapping = ANON },
	{ .pfn = 31, PAGE_USER, .head = TAIL_OF(30) },
	{ .pfn = 32, PAGE_OTHER, .mapping = FILE_MAPPING },
	{ .pfn = 510, PAGE_FREE, .mapcount = 0xffffff7f, .private = 10 },
};

static void pages_are_told_by_flags(void **state)
{
	const char *const parts[] = { MACHINE, PLACES, FLAT, BY_FLAGS, NULL };
	struct world w = make(text_of(parts, by_flags, KD_ARRAY_SIZE(by_flags)));

	(void)state;
	open_world(&w, 31);
	expect_kinds(&w, by_flags, KD_ARRAY_SIZE(by_flags));
	expect_run(&w, 8, 16, PAGE_FREE);
	expect_run(&w, 33, 510, PAGE_OTHER);
	expect_run(&w, 510, 512, PAGE_FREE);
	/* the free run that ends beyond memory is no memory there */
	expect_run(&w, 512, SELECT_WINDOW, PAGE_ABSENT);
	assert_null(select_unknown(w.select, 0));
	end(&w);
}

static void pages_are_told_by_types(void **state)
{
	static const struct fake_page pages[] = {
		{ .pfn = 1, PAGE_SLAB, .mapcount = 0xf5000123 },
		{ .pfn = 2, PAGE_SLAB, .mapcount = 0xf5ffffff, .flags = LRU, .mapping = ANON },
		/* a flag's old number is nobody's now */
		{ .pfn = 3, PAGE_OTHER, .flags = SLAB },
		{ .pfn = 4, PAGE_FREE, .mapcount = 0xf0000001, .private = 2 },
		{ .pfn = 7, PAGE_FREE },
		{ .pfn = 8, PAGE_HUGETLB, .mapcount = 0xf4000000 },
		{ .pfn = 9, PAGE_HUGETLB, .head = TAIL_OF(8) },
		{ .pfn = 10, PAGE_OFFLINE, .mapcount = 0xf1000000 },
		{ .pfn = 11, PAGE_OTHER, .mapcount = 0xf2000000 }, /* a page table */
		{ .pfn = 12, PAGE_CACHE, .flags = LRU, .mapping = FILE_MAPPING, .mapcount = 3 },
		{ .pfn = 256, PAGE_UNACCEPTED, .mapcount = 0xf8000000 },
		{ .pfn = 300, PAGE_UNACCEPTED, .flags = LRU },
	};
	const char *const parts[] = { MACHINE, PLACES, FLAT, BY_TYPES, NULL };
	struct world w = make(text_of(parts, pages, KD_ARRAY_SIZE(pages)));

	(void)state;
	open_world(&w, 31);
	expect_kinds(&w, pages, KD_ARRAY_SIZE(pages));
	expect_run(&w, 13, 256, PAGE_OTHER);
	expect_run(&w, 256, 512, PAGE_UNACCEPTED);
	assert_null(select_unknown(w.select, 0));
	end(&w);
}

/* The text without the line of KEY. */
static char *without(char *text, const char *key)
{
	char *at = strstr(text, key), *line = at;

	assert_non_null(at);
	while (line > text && line[-1] != '\n')
		line--;
	memmove(line, strchr(at, '\n') + 1, strlen(strchr(at, '\n') + 1) + 1);
	return text;
}

static void what_a_kernel_does_not_tell_is_kept_and_named(void **state)
{
	static const struct {
		const char *key, *words;
		unsigned pfn;
		enum page_kind want;
	} lacks[] = {
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "free pages are kept", 8, PAGE_OTHER },
		{ "LENGTH(zone.free_area)", "free pages are kept", 8, PAGE_OTHER },
		{ "OFFSET(page.private)", "free pages are kept", 8, PAGE_OTHER },
		{ "NUMBER(PG_lru)", "page cache is kept", 1, PAGE_OTHER },
		{ "OFFSET(page.mapping)", "memory of processes is kept", 3, PAGE_OTHER },
		{ "NUMBER(PG_slab)", "memory of processes is kept", 3, PAGE_OTHER },
		{ "NUMBER(PG_slab)", "free pages are kept", 8, PAGE_OTHER },
		{ "NUMBER(HUGETLB_PAGE_DTOR)", "huge pages are kept", 20, PAGE_OTHER },
		{ "SIZE(page)", "all pages are kept", 8, PAGE_UNKNOWN },
		{ "SYMBOL(mem_map)", "all pages are kept", 8, PAGE_UNKNOWN },
	};
	const char *const parts[] = { MACHINE, PLACES, FLAT, BY_FLAGS, NULL };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(lacks); i++) {
		struct world w = make(
			without(text_of(parts, by_flags, KD_ARRAY_SIZE(by_flags)), lacks[i].key));

		open_world(&w, 31);
		if (w.kinds[lacks[i].pfn] != lacks[i].want)
			fail_msg("without %s page %u is \"%s\"", lacks[i].key, lacks[i].pfn,
				 page_kind_words(w.kinds[lacks[i].pfn]));
		assert_true(select_keeps(w.select, lacks[i].want));
		if (!names_unknown(w.select, lacks[i].words))
			fail_msg("without %s nothing says \"%s\"", lacks[i].key, lacks[i].words);
		/* nobody asked for it to be left out: nothing to say */
		select_close(w.select);
		open_world(&w, LEVEL_ZERO);
		assert_null(select_unknown(w.select, 0));
		end(&w);
	}
}

static void damaged_descriptions_tell_nothing(void **state)
{
	static const char *const lines[] = {
		"vmcoreinfo OFFSET(page.flags)=60\n", /* ends beyond the struct */
		"vmcoreinfo OFFSET(page.flags)=18446744073709551615\n",
		"vmcoreinfo NUMBER(PG_lru)=64\n",
	};
	const char *parts[] = { NULL, MACHINE, PLACES, FLAT, BY_FLAGS, NULL };

	(void)state;
	/* the first of two equal keys counts */
	for (size_t i = 0; i < KD_ARRAY_SIZE(lines); i++) {
		struct world w;

		parts[0] = lines[i];
		w = make(text_of(parts, by_flags, KD_ARRAY_SIZE(by_flags)));
		open_world(&w, 31);
		assert_int_equal(w.kinds[1], PAGE_OTHER);
		assert_true(names_unknown(w.select, "page cache is kept"));
		end(&w);
	}
}

/*
 * Sections of 128 MB: the first has its struct pages, the second none, the third's are behind the
 * first's.
 */
static void sections_have_struct_pages_of_their_own(void **state)
{
	static const struct fake_page pages[] = {
		{ .pfn = 1, PAGE_SLAB, .flags = SLAB },
		/* at MAP + 0x7000: of the third section */
		{ .pfn = 448, PAGE_OTHER, .flags = SLAB },
		{ .pfn = 449, PAGE_OTHER, .flags = LRU, .mapping = FILE_MAPPING },
	};
	const char *const parts[] = {
		MACHINE, PLACES, BY_FLAGS,
		"load 0x8000000 0 0x4000 0x4000\n load 0x10000000 0 0x4000 0x4000\n"
		"vmcoreinfo SYMBOL(mem_section)=ffff888000009000\n"
		"vmcoreinfo LENGTH(mem_section)=2048\n vmcoreinfo SIZE(mem_section)=16\n"
		"vmcoreinfo OFFSET(mem_section.section_mem_map)=0\n"
		"vmcoreinfo NUMBER(SECTION_SIZE_BITS)=27\n vmcoreinfo NUMBER(MAX_PHYSMEM_BITS)=46\n"
		"poke 0x9000 8 0xffff88800000a000\n"
		"poke 0xa000 8 0xffff88800001001f\n"
		"poke 0xa010 8 0xffff888000010001\n" /* present, without struct pages */
		/* less the 65536 struct pages in front of it: 4 MB */
		"poke 0xa020 8 0xffff887fffc17003\n",
		NULL
	};
	struct world w = make(text_of(parts, pages, KD_ARRAY_SIZE(pages)));

	(void)state;
	open_world(&w, 31);
	assert_int_equal(w.kinds[0], PAGE_OTHER);
	assert_int_equal(w.kinds[1], PAGE_SLAB);
	expect_run(&w, 512, 0x8000, PAGE_ABSENT);
	expect_run(&w, 0x8000, 0x8004, PAGE_UNKNOWN);
	expect_run(&w, 0x8004, 0x10000, PAGE_ABSENT);
	assert_int_equal(w.kinds[0x10000], PAGE_SLAB);
	assert_int_equal(w.kinds[0x10001], PAGE_CACHE);
	expect_run(&w, 0x10002, 0x10004, PAGE_OTHER);
	look(&w, 1);
	expect_run(&w, 0, SELECT_WINDOW, PAGE_ABSENT);
	end(&w);
}

/* makedumpfile's table of dump levels (makedumpfile(8), -d). */
static void levels_leave_out_what_they_say(void **state)
{
	static const struct {
		enum page_kind kind;
		unsigned bits; /* any of them leaves it out */
	} kinds[] = {
		{ PAGE_OTHER, 0 },
		{ PAGE_UNKNOWN, 0 },
		{ PAGE_SLAB, 0 },
		{ PAGE_CACHE, LEVEL_CACHE | LEVEL_CACHE_PRIVATE },
		{ PAGE_CACHE_PRIVATE, LEVEL_CACHE_PRIVATE },
		{ PAGE_USER, LEVEL_USER },
		{ PAGE_HUGETLB, LEVEL_USER },
		{ PAGE_FREE, LEVEL_FREE },
		{ PAGE_UNACCEPTED, LEVEL_FREE },
	};
	const char *const parts[] = { MACHINE, PLACES, FLAT, BY_FLAGS, NULL };
	struct world w = make(text_of(parts, NULL, 0));
	struct select *none;

	(void)state;
	for (unsigned level = 0; level <= LEVEL_ALL; level++) {
		open_world(&w, level);
		for (size_t i = 0; i < KD_ARRAY_SIZE(kinds); i++)
			assert_int_equal(select_keeps(w.select, kinds[i].kind),
					 !(level & kinds[i].bits));
		assert_false(select_keeps(w.select, PAGE_POISON));
		assert_false(select_keeps(w.select, PAGE_OFFLINE));
		assert_false(select_keeps(w.select, PAGE_ABSENT));
		select_close(w.select);
	}
	w.select = NULL;
	assert_int_equal(select_open(w.d, &w.s, 32, &none, NULL), KD_USAGE);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_told_by_flags),
		cmocka_unit_test(pages_are_told_by_types),
		cmocka_unit_test(what_a_kernel_does_not_tell_is_kept_and_named),
		cmocka_unit_test(damaged_descriptions_tell_nothing),
		cmocka_unit_test(sections_have_struct_pages_of_their_own),
		cmocka_unit_test(levels_leave_out_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
