// SPDX-License-Identifier: GPL-3.0-or-later
/* kdump-compressed dumps, whole and in parts: every producer's layout, every kind of page. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/resource.h>

#include "core/dump.h"
#include "mkdiskdump.h"

struct opened {
	struct dump *d;
	struct kd_err err;
	int status;
};

static struct opened open_text(const char *text)
{
	struct opened o = { .err = KD_ERR_INIT };
	char *path = mkdiskdump(text);

	o.status = dump_open(path, &o.d, &o.err);
	unlink(path);
	free(path);
	return o;
}

static struct opened open_good(const char *text)
{
	struct opened o = open_text(text);

	if (o.status)
		fprintf(stderr, "%s\n", o.err.text);
	assert_int_equal(o.status, 0);
	return o;
}

static void expect_refused(const char *text, int status, const char *words)
{
	struct opened o = open_text(text);

	if (!strstr(o.err.text, words))
		fprintf(stderr, "%s\n", o.err.text);
	assert_int_equal(o.status, status);
	assert_non_null(strstr(o.err.text, words));
}

/* Page PFN can be read and is the one of "page PFN BYTE". */
static void expect_page(const struct dump *d, pfn_t pfn, uint8_t byte)
{
	uint8_t got[MKDISK_BLOCK], want[MKDISK_BLOCK];
	struct kd_err err = KD_ERR_INIT;
	int status = dump_read(d, pfn * MKDISK_BLOCK, got, sizeof(got), NULL, &err);

	if (status)
		fprintf(stderr, "%s\n", err.text);
	assert_int_equal(status, 0);
	mkdisk_fill(want, byte);
	assert_memory_equal(got, want, sizeof(got));
}

/* It can not, for that reason, in a sentence with those words that names the page. */
static void expect_missing(const struct dump *d, pfn_t pfn, int status, const char *words)
{
	struct kd_err err = KD_ERR_INIT;
	char name[32];
	size_t done;
	uint8_t b;

	assert_int_equal(dump_read(d, pfn * MKDISK_BLOCK + 5, &b, 1, &done, &err), status);
	assert_int_equal(done, 0);
	snprintf(name, sizeof(name), "page %#llx ", (unsigned long long)pfn);
	if (!strstr(err.text, name) || !strstr(err.text, words))
		fprintf(stderr, "%s\n", err.text);
	assert_non_null(strstr(err.text, name));
	assert_non_null(strstr(err.text, words));
}

static struct dump_totals count(const struct dump *d)
{
	struct dump_totals t;

	dump_count(d, &t);
	return t;
}

#define FIVE_PAGES                                                                                 \
	"page 3 0x10 raw\n page 9 0x20 zlib\n page 10 0x30 lzo\n"                                  \
	"page 40 0x40 snappy\n page 63 0x50 zstd\n"

static void expect_five_pages(const struct dump *d)
{
	expect_page(d, 63, 0x50);
	expect_page(d, 3, 0x10);
	expect_page(d, 9, 0x20);
	expect_page(d, 10, 0x30);
	expect_page(d, 40, 0x40);
}

static void each_compressor_version_and_layout_is_read(void **state)
{
	static const char *const layouts[] = { "64", "32", "32p" };

	(void)state;
	for (unsigned version = 1; version <= 6; version++)
		for (size_t i = 0; i < KD_ARRAY_SIZE(layouts); i++) {
			struct opened o;
			char text[1024];

			snprintf(text, sizeof(text),
				 "version %u\n layout %s\n level 31\n" FIVE_PAGES
				 "note CORE 1 01 02 03\n vmcoreinfo OSRELEASE=6.1.0-test\n",
				 version, layouts[i]);
			o = open_good(text);
			expect_five_pages(o.d);
			assert_int_equal(o.d->dump_level, 31);
			assert_int_equal(o.d->phys_base, 0x1000000);
			/* VMCOREINFO came with version 3, notes with version 4 */
			assert_int_equal(o.d->vmcoreinfo != NULL, version >= 3);
			assert_int_equal(o.d->nnotes, version >= 4 ? 2 : 0);
			if (version >= 3)
				assert_string_equal(vmcoreinfo_get(o.d->vmcoreinfo, "OSRELEASE"),
						    "6.1.0-test");
			dump_close(o.d);
		}
}

static void a_read_crosses_pages_and_stops_at_the_first_that_is_missing(void **state)
{
	struct opened o = open_good("page 1 0x10 zlib\n page 2 0x20\n ram 3 4\n");
	uint8_t b[2 * MKDISK_BLOCK];
	size_t done;

	(void)state;
	assert_int_equal(dump_read(o.d, 0x1ff8, b, 16, &done, NULL), 0);
	assert_int_equal(b[7], 0x10 + 63);
	assert_int_equal(b[8], 0x20);
	assert_int_equal(dump_read(o.d, 0x1800, b, sizeof(b), &done, &o.err), KD_NODATA);
	assert_int_equal(done, 0x1800);
	dump_close(o.d);
}

static void five_answers_are_told_apart(void **state)
{
	struct opened o = open_good("level 31\n status 9\n page 1 0x10 zlib\n ram 2 3\n"
				    "page 4 0 zlib\n desc 4 0 0 0\n"
				    "page 5 0 zlib\n desc 5 -1 4097 -1\n"
				    "page 6 0 raw\n desc 6 -1 -1 1\n"
				    "page 7 0 raw\n desc 7 -1 100 -1\n"
				    "page 8 0 raw\n desc 8 -1 -1 0x40\n"
				    "page 9 0 raw\n desc 9 0x7000000000000000 -1 -1\n");

	(void)state;
	expect_page(o.d, 1, 0x10);
	expect_missing(o.d, 2, KD_NODATA, "excluded from the dump by a filter (level 31)");
	expect_missing(o.d, 3, KD_ABSENT, "no memory of this machine");
	expect_missing(o.d, 64, KD_ABSENT, "no memory of this machine");
	expect_missing(o.d, UINT64_MAX / MKDISK_BLOCK, KD_ABSENT, "no memory");
	expect_missing(o.d, 4, KD_LOST, "could not write it");
	expect_missing(o.d, 5, KD_CORRUPT, "4097 bytes, of at most 4096");
	expect_missing(o.d, 6, KD_CORRUPT, "zlib");
	expect_missing(o.d, 7, KD_CORRUPT, "uncompressed");
	expect_missing(o.d, 8, KD_UNSUPPORTED, "0x40");
	expect_missing(o.d, 9, KD_LOST, "truncated");
	assert_true(o.d->incomplete);
	assert_non_null(strstr(o.d->remark, "could not write all"));
	assert_int_equal(count(o.d).ram, 8 * MKDISK_BLOCK);
	assert_int_equal(count(o.d).excluded, MKDISK_BLOCK);
	assert_int_equal(count(o.d).lost, 2 * MKDISK_BLOCK);
	dump_close(o.d);
}

static void damaged_data_of_each_compressor_is_corrupt(void **state)
{
	static const char *const how[] = { "zlib", "lzo", "snappy", "zstd" };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(how); i++) {
		char text[256];
		struct opened o;

		/* one descriptor: the data is 24 bytes behind the bitmaps' end at 0x4000 */
		snprintf(text, sizeof(text), "page 7 0x10 %s\n poke 0x4018 8 0x1234567890abcdef\n",
			 how[i]);
		o = open_good(text);
		expect_missing(o.d, 7, KD_CORRUPT, how[i]);
		dump_close(o.d);
	}
}

static void a_page_that_gives_too_few_bytes_is_corrupt(void **state)
{
	uint64_t data[4] = { 0 };
	uLongf n = sizeof(data);
	struct opened o;
	char text[256];

	(void)state;
	assert_int_equal(compress((uint8_t *)data, &n, (const uint8_t *)"abcdefgh", 8), Z_OK);
	snprintf(text, sizeof(text),
		 "page 7 0 raw\n desc 7 -1 %lu 1\n poke 0x4018 8 %llu\n poke 0x4020 8 %llu\n", n,
		 (unsigned long long)data[0], (unsigned long long)data[1]);
	o = open_good(text);
	expect_missing(o.d, 7, KD_CORRUPT, "zlib data do not give a page");
	dump_close(o.d);
}

static void truncated_file_loses_its_last_pages(void **state)
{
	/* bitmaps end at 0x4000, two descriptors, then the pages */
	struct opened o = open_good("page 1 0x10 raw\n page 2 0x20 raw\n cut 0x5800\n");

	(void)state;
	expect_page(o.d, 1, 0x10);
	expect_missing(o.d, 2, KD_LOST, "truncated");
	assert_int_equal(count(o.d).lost, MKDISK_BLOCK);
	dump_close(o.d);
	o = open_good("page 1 0x10 raw\n page 2 0x20 raw\n cut 0x4020\n");
	expect_missing(o.d, 1, KD_LOST, "truncated");
	expect_missing(o.d, 2, KD_LOST, "before its descriptor");
	assert_int_equal(count(o.d).lost, 2 * MKDISK_BLOCK);
	dump_close(o.d);
	expect_refused("page 1 0x10 raw\n cut 0x3000\n", KD_CORRUPT, "inside its list of pages");
	expect_refused("page 1 0x10 raw\n cut 0x100\n", KD_CORRUPT, "inside the header");
}

static void ranges_are_runs_of_ram(void **state)
{
	struct opened o = open_good("pages 200000\n ram 1 3\n ram 70000 70100\n page 199999 1\n");
	struct dump_range r = { 0 };

	(void)state;
	assert_true(dump_next_range(o.d, 0, &r));
	assert_int_equal(r.start, 0x1000);
	assert_int_equal(r.end, 0x3000);
	assert_true(dump_next_range(o.d, r.end, &r));
	assert_int_equal(r.start, 70000 * 4096ull);
	assert_int_equal(r.end, 70100 * 4096ull);
	assert_true(dump_next_range(o.d, 70050 * 4096ull + 7, &r));
	assert_int_equal(r.start, 70050 * 4096ull + 7);
	assert_int_equal(r.end, 70100 * 4096ull);
	assert_true(dump_next_range(o.d, r.end, &r));
	assert_int_equal(r.end, 200000 * 4096ull);
	assert_false(dump_next_range(o.d, r.end, &r));
	assert_false(dump_next_range(o.d, UINT64_MAX, &r));
	dump_close(o.d);
}

static void pages_that_share_zeros_are_passed_over(void **state)
{
	struct opened o = open_good("page 1 0x10 raw\n page 2 0\n desc 2 0x80000 4096 0\n"
				    "page 3 0\n desc 3 0x80000 4096 0\n page 4 0\n"
				    "desc 4 0x80000 4096 0\n page 5 0x20 raw\n page 6 0x30 raw\n"
				    "page 8 0\n desc 8 0x80000 4096 0\n page 9 0\n"
				    "desc 9 0x90000 4096 0\n page 10 0\n desc 10 0x90000 4096 0\n"
				    "poke 0x90008 1 1\n poke 0x100000 1 1\n");
	static const paddr_t want[][2] = { { 0x1000, 0x3000 }, { 0x5000, 0x7000 }, { 0x9000, 0xb000 } };
	struct dump_range r = { 0 };

	(void)state;
	/* the first of them is not known to be one until the second is seen */
	for (size_t i = 0; i < KD_ARRAY_SIZE(want); i++) {
		assert_true(dump_next_data(o.d, r.end, &r));
		assert_int_equal(r.start, want[i][0]);
		assert_int_equal(r.end, want[i][1]);
	}
	assert_false(dump_next_data(o.d, r.end, &r));
	assert_true(dump_next_data(o.d, 0x5010, &r));
	assert_int_equal(r.start, 0x5010);
	assert_false(dump_next_data(o.d, UINT64_MAX, &r));
	dump_close(o.d);
}

static void machine_is_the_kernels_not_qemus(void **state)
{
	struct opened o = open_good("machine x86_64\n page 1 1\n"
				    "vmcoreinfo SYMBOL(_stext)=c1000000\n");

	(void)state;
	assert_int_equal(o.d->machine, EM_386);
	dump_close(o.d);
	o = open_good("machine x86_64\n page 1 1\n vmcoreinfo SYMBOL(_stext)=ffffffff81000000\n");
	assert_int_equal(o.d->machine, EM_X86_64);
	dump_close(o.d);
	o = open_good("machine i686\n layout 32\n page 1 1\n");
	assert_int_equal(o.d->machine, EM_386);
	dump_close(o.d);
	o = open_good("machine x86_64\n layout 32\n page 1 1\n");
	assert_int_equal(o.d->machine, EM_386);
	dump_close(o.d);
	o = open_good("machine something\n page 1 1\n");
	assert_int_equal(o.d->machine, 0);
	dump_close(o.d);
}

static void odd_headers_are_refused_or_survived(void **state)
{
	struct opened o;

	(void)state;
	expect_refused("page 1 1\n version 7\n", KD_UNSUPPORTED, "version 7");
	expect_refused("page 1 1\n poke 8 4 0x06000000\n", KD_UNSUPPORTED, "big-endian");
	expect_refused("page 1 1\n poke 428 4 4097\n", KD_CORRUPT, "make no sense");
	expect_refused("page 1 1\n poke 436 4 0\n", KD_CORRUPT, "make no sense");
	expect_refused("page 1 1\n poke 440 4 0x7fffffff\n", KD_CORRUPT, "make no sense");
	expect_refused("page 1 1\n split 30 20\n", KD_CORRUPT, "part of a split dump");
	/* notes that can not be where the header says: the pages are read all the same */
	o = open_good("page 1 1\n note CORE 1 01\n poke 0x1030 8 0x7fffffffffffffff\n");
	assert_int_equal(o.d->nnotes, 0);
	expect_page(o.d, 1, 1);
	dump_close(o.d);
}

static void vmemmap_that_was_left_out_is_told(void **state)
{
	struct opened o = open_good("status 0x10\n page 1 1\n");

	(void)state;
	assert_non_null(strstr(o.d->remark, "struct pages"));
	dump_close(o.d);
}

/* Split sets ------------------------------------------------------------------ */

#define SPLIT_PAGES                                                                                \
	"page 1 0x10 zlib\n page 20 0x20 lzo\n page 21 0x30\n page 50 0x40 zstd\n ram 2 3\n"

static const char *const split_text[] = {
	"vmcoreinfo CRASHTIME=1\n split 0 20\n" SPLIT_PAGES,
	"vmcoreinfo CRASHTIME=1\n split 20 40\n" SPLIT_PAGES,
	"vmcoreinfo CRASHTIME=1\n split 40 64\n" SPLIT_PAGES,
};

/* Open parts by their letters in the given order: 0, 1, 2; or others' texts. */
static struct opened open_parts(const char *const *texts, size_t n)
{
	struct opened o = { .err = KD_ERR_INIT };
	char *paths[4] = { NULL };

	for (size_t i = 0; i < n; i++)
		paths[i] = mkdiskdump(texts[i]);
	o.status = dump_open_set((const char *const *)paths, n, &o.d, &o.err);
	for (size_t i = 0; i < n; i++) {
		unlink(paths[i]);
		free(paths[i]);
	}
	return o;
}

static void split_set_is_one_dump_in_any_order(void **state)
{
	const char *const texts[] = { split_text[2], split_text[0], split_text[1] };
	struct opened o = open_parts(texts, 3);

	(void)state;
	assert_int_equal(o.status, 0);
	expect_page(o.d, 1, 0x10);
	expect_page(o.d, 20, 0x20);
	expect_page(o.d, 21, 0x30);
	expect_page(o.d, 50, 0x40);
	expect_missing(o.d, 2, KD_NODATA, "excluded");
	assert_string_equal(o.d->remark, "");
	assert_int_equal(count(o.d).lost, 0);
	assert_int_equal(count(o.d).ram, 5 * MKDISK_BLOCK);
	dump_close(o.d);
}

/* makedumpfile makes them where its blocks run out before its files. */
static void part_without_pages_is_a_part(void **state)
{
	const char *const texts[] = { split_text[2], "vmcoreinfo CRASHTIME=1\n split 64 64\n" SPLIT_PAGES,
				      split_text[1], split_text[0] };
	const char *const same[] = { split_text[1], "vmcoreinfo CRASHTIME=1\n split 20 20\n" SPLIT_PAGES,
				     split_text[0], split_text[2] };
	const char *const *const sets[] = { texts, same };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct opened o = open_parts(sets[i], 4);

		if (o.status)
			fail_msg("%s", o.err.text);
		expect_page(o.d, 1, 0x10);
		expect_page(o.d, 20, 0x20);
		expect_page(o.d, 50, 0x40);
		assert_string_equal(o.d->remark, "");
		assert_int_equal(count(o.d).lost, 0);
		dump_close(o.d);
	}
}

static void missing_part_is_named(void **state)
{
	const char *const texts[] = { split_text[2], split_text[0] };
	struct opened o = open_parts(texts, 2);

	(void)state;
	assert_int_equal(o.status, 0);
	expect_page(o.d, 1, 0x10);
	expect_page(o.d, 50, 0x40);
	expect_missing(o.d, 20, KD_LOST, "a part of this split dump that was not given");
	assert_non_null(strstr(o.d->remark, "pages 0x14 to 0x27 was not given"));
	assert_int_equal(count(o.d).lost, 2 * MKDISK_BLOCK);
	dump_close(o.d);
	o = open_parts(texts, 1);
	expect_page(o.d, 50, 0x40);
	expect_missing(o.d, 1, KD_LOST, "not given");
	dump_close(o.d);
}

static void expect_set_refused(const char *a, const char *b, const char *words)
{
	const char *const texts[] = { a, b };
	struct opened o = open_parts(texts, 2);

	assert_int_equal(o.status, KD_MISMATCH);
	assert_non_null(strstr(o.err.text, words));
}

static void files_that_are_no_set_are_refused(void **state)
{
	const char *path = "/dev/null";
	struct dump *d;

	(void)state;
	expect_set_refused(split_text[0], split_text[0], "the same pages");
	expect_set_refused(split_text[0], "split 20 40\n vmcoreinfo CRASHTIME=2\n" SPLIT_PAGES,
			   "not a part of the same dump");
	expect_set_refused(split_text[0], "split 20 40\n pages 40\n", "not a part of the same");
	expect_set_refused("page 1 1\n", "page 2 2\n", "a whole dump");
	assert_int_equal(dump_open_set(&path, 0, &d, NULL), KD_USAGE);
}

static void other_formats_are_no_parts(void **state)
{
	char *disk = mkdiskdump(split_text[0]);
	char *elf = mkdump("load 0x1000 0 0x1000 0x1000\n");
	const char *const paths[] = { disk, elf };
	struct kd_err err = KD_ERR_INIT;
	struct dump *d;

	(void)state;
	assert_int_equal(dump_open_set(paths, 2, &d, &err), KD_MISMATCH);
	assert_non_null(strstr(err.text, elf));
	assert_non_null(strstr(err.text, "ELF core"));
	unlink(disk);
	unlink(elf);
	free(disk);
	free(elf);
}

/* Size, threads --------------------------------------------------------------- */

static long faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt + u.ru_majflt;
}

static void a_terabyte_opens_like_a_small_dump(void **state)
{
	/* 2^28 pages: each bitmap has 32 MB, 8192 pages that opening must not touch */
	struct opened o;
	long before;

	(void)state;
	before = faults();
	o = open_good("pages 0x10000000\n page 5 0x10 zlib\n page 0xfffffff 0x20 lzo\n");
	assert_in_range(faults() - before, 0, 400);
	expect_page(o.d, 5, 0x10);
	assert_in_range(faults() - before, 0, 450);
	expect_page(o.d, 0xfffffff, 0x20);
	assert_int_equal(count(o.d).ram, 2 * MKDISK_BLOCK);
	dump_close(o.d);
}

/* A producer that made room for all its descriptors, and died: they are a hole of 24 MB. */
static void descriptors_in_a_hole_are_counted_as_lost(void **state)
{
	static uint8_t ones[0x100000 / 8];
	char *path = mkdiskdump("pages 0x100000\n page 5 0x10\n");
	/*
	 * Two blocks of headers, then the two lists. The page stands where there are more
	 * descriptors now, which make no sense.
	 */
	off_t bitmap = 2 * MKDISK_BLOCK, len = 0x100000 / 8 + MKDISK_BLOCK;
	int fd = open(path, O_RDWR);
	struct dump *d;

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	ones[0] = 0xe0; /* page 5 is the first */
	mkdisk_put(fd, (uint64_t)(bitmap + len), ones, sizeof(ones));
	mkdisk_put(fd, (uint64_t)bitmap, ones, sizeof(ones));
	assert_int_equal(ftruncate(fd, bitmap + 2 * len + 24 * 0x100000), 0);
	close(fd);
	assert_int_equal(dump_open(path, &d, NULL), 0);
	expect_page(d, 5, 0x10);
	assert_int_equal(dump_read(d, 0xabcde * 4096ull, ones, 1, NULL, NULL), KD_LOST);
	assert_int_equal(count(d).ram, (0x100000 - 5) * 4096ull);
	assert_int_equal(count(d).lost, (0x100000 - 6) * 4096ull);
	dump_close(d);
	unlink(path);
	free(path);
}

static void pages_above_32_bits_are_found(void **state)
{
	struct opened o = open_good("pages 0x100002000\n page 0x100001fff 0x10\n");
	struct dump_range r;

	(void)state;
	/* not by reading it: that would count half a gigabyte of bits */
	assert_true(dump_next_range(o.d, 0x100001ff0ull * MKDISK_BLOCK, &r));
	assert_int_equal(r.start, 0x100001fffull * MKDISK_BLOCK);
	dump_close(o.d);
}

/* Read at once by all CPUs, it is what it is page by page; page HOLE is not there. */
static void read_much(const struct dump *d, paddr_t at, size_t len, size_t hole)
{
	static uint8_t all[120 * 4096], one[4096];
	size_t there = hole * 4096 - at < len ? hole * 4096 - at : len, done = 0;
	struct kd_err err = KD_ERR_INIT;
	char word[32];

	assert_int_equal(dump_read(d, at, all, len, &done, &err), there < len ? KD_ABSENT : 0);
	assert_int_equal(done, there);
	snprintf(word, sizeof(word), "page %#zx ", hole);
	assert_true(there == len || strstr(err.text, word));
	for (size_t i = 0; i < there; i++) {
		if (!i || !((at + i) % 4096))
			assert_int_equal(dump_read(d, (at + i) & ~4095ull, one, 4096, NULL, NULL),
					 0);
		assert_int_equal(all[i], one[(at + i) % 4096]);
	}
}

static void much_at_once_is_the_same(void **state)
{
	static const char *const how[] = { "zlib", "lzo", "snappy", "zstd", "raw" };
	char text[8192] = "pages 200\n";
	struct opened o;

	(void)state;
	for (unsigned i = 0; i < 120; i++)
		if (i != 101)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 " page %u %u %s\n", i, i + 1, how[i % KD_ARRAY_SIZE(how)]);
	o = open_good(text);
	read_much(o.d, 0, 100 * 4096, 200);
	read_much(o.d, 0, 120 * 4096, 101);
	read_much(o.d, 4095, 80 * 4096 + 2, 200);
	read_much(o.d, 30 * 4096 + 1, 90 * 4096 - 1, 101);
	read_much(o.d, 77, 101 * 4096 - 77, 101);
	dump_close(o.d);
}

static void *reader(void *arg)
{
	const struct dump *d = arg;

	for (unsigned i = 0; i < 2000; i++) {
		unsigned pfn = i * 7 % 60;
		uint8_t b;

		if (dump_read(d, pfn * 4096ull + 100, &b, 1, NULL, NULL) || b != (uint8_t)(pfn + 1))
			return arg;
	}
	return NULL;
}

static void threads_read_at_once(void **state)
{
	static const char *const how[] = { "zlib", "lzo", "snappy", "zstd", "raw" };
	char text[4096] = "pages 300000\n page 299999 1\n";
	pthread_t t[8];
	struct opened o;

	(void)state;
	for (unsigned pfn = 0; pfn < 60; pfn++)
		sprintf(text + strlen(text), "page %u %u %s\n", pfn, pfn, how[pfn % 5]);
	o = open_good(text);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, reader, o.d), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t); i++) {
		void *failed;

		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	dump_close(o.d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_compressor_version_and_layout_is_read),
		cmocka_unit_test(a_read_crosses_pages_and_stops_at_the_first_that_is_missing),
		cmocka_unit_test(five_answers_are_told_apart),
		cmocka_unit_test(damaged_data_of_each_compressor_is_corrupt),
		cmocka_unit_test(a_page_that_gives_too_few_bytes_is_corrupt),
		cmocka_unit_test(truncated_file_loses_its_last_pages),
		cmocka_unit_test(ranges_are_runs_of_ram),
		cmocka_unit_test(pages_that_share_zeros_are_passed_over),
		cmocka_unit_test(machine_is_the_kernels_not_qemus),
		cmocka_unit_test(odd_headers_are_refused_or_survived),
		cmocka_unit_test(vmemmap_that_was_left_out_is_told),
		cmocka_unit_test(split_set_is_one_dump_in_any_order),
		cmocka_unit_test(part_without_pages_is_a_part),
		cmocka_unit_test(missing_part_is_named),
		cmocka_unit_test(files_that_are_no_set_are_refused),
		cmocka_unit_test(other_formats_are_no_parts),
		cmocka_unit_test(a_terabyte_opens_like_a_small_dump),
		cmocka_unit_test(descriptors_in_a_hole_are_counted_as_lost),
		cmocka_unit_test(pages_above_32_bits_are_found),
		cmocka_unit_test(much_at_once_is_the_same),
		cmocka_unit_test(threads_read_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
