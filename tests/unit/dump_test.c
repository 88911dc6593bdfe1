// SPDX-License-Identifier: GPL-3.0-or-later
/* core/dump and its ELF format: what is there, and how what is missing is missing. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "core/dump.h"
#include "mkdump.h"

struct opened {
	struct dump *d;
	struct kd_err err;
	int status;
};

static struct opened open_text(const char *text)
{
	struct opened o = { .err = KD_ERR_INIT };
	char *path = mkdump(text);

	o.status = dump_open(path, &o.d, &o.err);
	unlink(path);
	free(path);
	return o;
}

static void expect_refused(const char *text, int status, const char *words)
{
	struct opened o = open_text(text);

	assert_int_equal(o.status, status);
	assert_non_null(strstr(o.err.text, words));
}

static struct dump_totals count(const struct dump *d)
{
	struct dump_totals t;

	dump_count(d, &t);
	return t;
}

static size_t count_ranges(const struct dump *d)
{
	struct dump_range r = { 0 };
	size_t n = 0;

	while (dump_next_range(d, r.end, &r))
		n++;
	return n;
}

#define ONE_PAGE "load 0x1000 0xffff888000001000 0x1000 0x1000\n fill 0x1000 0x1000 0x5a\n"

static void reads_stored_bytes(void **state)
{
	struct opened o = open_text(ONE_PAGE);
	uint8_t b[16];

	(void)state;
	assert_int_equal(o.status, 0);
	assert_int_equal(dump_read(o.d, 0x1ff0, b, 16, NULL, &o.err), 0);
	assert_int_equal(b[15], 0x5a);
	dump_close(o.d);
}

/*
 * By system calls alone, by blocks of which numbers are kept, and as of /proc/vmcore, mapped in
 * passing: whatever is read, wherever it ends, it is the same.
 */
static void every_way_of_reading_gives_the_same(void **state)
{
	static const struct {
		paddr_t pa;
		size_t len;
	} wanted[] = {
		{ 0x1000, 0x20000 }, { 0x1ff8, 8 },	{ 0x1ffc, 8 },	   { 0x1001, 0x8003 },
		{ 0x20fff, 1 },	     { 0x1234, 255 },	{ 0x10000, 4096 }, { 0x20f00, 0x200 },
		{ 0x1800, 2 },	     { 0x3000, 20000 },
	};
	static uint8_t a[0x20000], b[0x20000];

	(void)state;
	for (unsigned way = 0; way < 2; way++) {
		struct opened o = open_text("load 0x1000 0 0x20000 0x20000\n fill 0x1000 0x10000 7\n"
					    " fill 0x8000 0x10 1\n fill 0x1fff 0x3 9\n");
		struct opened c = open_text("load 0x1000 0 0x20000 0x20000\n fill 0x1000 0x10000 7\n"
					    " fill 0x8000 0x10 1\n fill 0x1fff 0x3 9\n");

		assert_int_equal(o.status | c.status, 0);
		source_be_careful(c.d->files[0]);
		c.d->files[0]->proc = way == 1;
		for (size_t i = 0; i < 2 * KD_ARRAY_SIZE(wanted); i++) {
			paddr_t pa = wanted[i % KD_ARRAY_SIZE(wanted)].pa;
			size_t len = wanted[i % KD_ARRAY_SIZE(wanted)].len, n, m;

			assert_int_equal(dump_read(o.d, pa, a, len, &n, NULL),
					 dump_read(c.d, pa, b, len, &m, NULL));
			assert_int_equal(n, m);
			assert_memory_equal(a, b, n);
		}
		dump_close(o.d);
		dump_close(c.d);
	}
}

/* Holes of the file, a filtered end and what the file does not hold are no data; all else is. */
static void what_the_file_does_not_keep_is_passed_over(void **state)
{
	char *path = mkdump("load 0x1000 0 0x400000 0x300000\n fill 0x1000 0x1000 1\n"
			    "load 0x800000 0 0x1000 0x1000\n fill 0x800000 0x1000 2\n"
			    "load 0x900000 0 0x1000 0x1000\n cut 0x301000\n");
	struct opened o = { .err = KD_ERR_INIT };
	struct dump_range r = { 0 };
	uint64_t data = 0, last = 0;
	uint8_t b;
	int fd = open(path, O_RDWR);

	(void)state;
	/* where the file system keeps no holes this changes nothing but what is asked below */
	fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0x100000, 0x100000);
	close(fd);
	assert_int_equal(dump_open(path, &o.d, &o.err), 0);
	while (dump_next_data(o.d, r.end, &r)) {
		assert_true(r.start >= last && r.start < r.end);
		for (paddr_t at = last; at < r.start; at += 512)
			assert_true(dump_read(o.d, at, &b, 1, NULL, NULL) || !b);
		data += r.end - r.start;
		last = r.end;
	}
	assert_true(data <= 0x301000 && data >= 0x2000);
	assert_true(last > 0x800000 && last <= 0x801000);
	assert_true(dump_next_data(o.d, 0x1010, &r));
	assert_int_equal(r.start, 0x1010);
	dump_close(o.d);
	unlink(path);
	free(path);
}

static void excluded_page_is_reported_not_zeroed(void **state)
{
	struct opened o = open_text("load 0x1000 0 0x2000 0x1000\n fill 0x1000 0x1000 0x11\n");
	uint8_t b[32];
	size_t done;

	(void)state;
	assert_int_equal(dump_read(o.d, 0x1ff0, b, 32, &done, &o.err), KD_NODATA);
	assert_int_equal(done, 16);
	assert_non_null(strstr(o.err.text, "excluded"));
	assert_int_equal(count(o.d).excluded, 0x1000);
	dump_close(o.d);
}

static void memory_in_no_segment_is_absent(void **state)
{
	struct opened o = open_text(ONE_PAGE);
	uint8_t b;

	(void)state;
	assert_int_equal(dump_read(o.d, 0x5000, &b, 1, NULL, &o.err), KD_ABSENT);
	assert_int_equal(dump_read(o.d, UINT64_MAX, &b, 1, NULL, &o.err), KD_ABSENT);
	dump_close(o.d);
}

static void truncated_file_loses_its_end_only(void **state)
{
	/* headers and notes are 176 bytes; 256 bytes of memory are left */
	struct opened o = open_text(ONE_PAGE " cut 432\n");
	uint8_t b[512];
	size_t done;

	(void)state;
	assert_int_equal(o.status, 0);
	assert_int_equal(dump_read(o.d, 0x1000, b, 512, &done, &o.err), KD_LOST);
	assert_int_equal(done, 256);
	assert_int_equal(count(o.d).lost, 0x1000 - 256);
	dump_close(o.d);
}

static void overlapping_segments_become_disjoint(void **state)
{
	/* the kernel's text has a segment of its own inside RAM's */
	struct opened o = open_text("load 0x2000 0xffffffff81000000 0x1000 0x1000\n"
				    "load 0x1000 0xffff888000001000 0x4000 0x4000\n");

	(void)state;
	assert_int_equal(count_ranges(o.d), 1);
	assert_int_equal(count(o.d).ram, 0x4000);
	assert_int_equal(o.d->nmaps, 2);
	dump_close(o.d);
}

static void second_copy_serves_when_the_first_is_cut_off(void **state)
{
	/* headers, notes: 64 + 3 * 56 = 232 bytes; the image's own segment comes first */
	struct opened o = open_text("load 0x2000 0xffffffff81000000 0x1000 0x1000\n"
				    "load 0x1000 0xffff888000001000 0x4000 0x4000\n"
				    "fill 0x2000 0x1000 0x77\n cut 4328\n");
	uint8_t b;

	(void)state;
	assert_int_equal(dump_read(o.d, 0x2800, &b, 1, NULL, NULL), 0);
	assert_int_equal(b, 0x77);
	assert_int_equal(dump_read(o.d, 0x3800, &b, 1, NULL, &o.err), KD_LOST);
	dump_close(o.d);
}

static void partial_overlap_is_cut(void **state)
{
	struct opened o = open_text("load 0x1000 0 0x2000 0x2000\n fill 0x1000 0x2000 1\n"
				    "load 0x2000 0 0x2000 0x2000\n fill 0x3000 0x1000 2\n");
	uint8_t b;

	(void)state;
	assert_int_equal(count_ranges(o.d), 2);
	assert_int_equal(dump_read(o.d, 0x3000, &b, 1, NULL, NULL), 0);
	assert_int_equal(b, 2);
	dump_close(o.d);
}

static void elf32_with_memory_is_read(void **state)
{
	struct opened o = open_text("class 32\n machine 3\n load 0x1000 0xc0001000 0x1000 0x1000\n"
				    "poke 0x1004 4 0x12345678\n");
	uint32_t v;

	(void)state;
	assert_int_equal(o.status, 0);
	assert_int_equal(o.d->machine, EM_386);
	assert_string_equal(o.d->format, "ELF32 core");
	assert_int_equal(dump_read(o.d, 0x1004, &v, 4, NULL, NULL), 0);
	assert_int_equal(v, 0x12345678);
	dump_close(o.d);
}

static void notes_and_vmcoreinfo_are_found(void **state)
{
	struct opened o = open_text(ONE_PAGE " note CORE 1 01 02 03\n note CORE 1 09\n"
				    "vmcoreinfo OSRELEASE=6.1.0-test\n"
				    "vmcoreinfo SYMBOL(_stext)=ffffffff81000000\n"
				    "vmcoreinfo NUMBER(phys_base)=-16777216\n");
	const struct dump_note *n = dump_find_note(o.d, "CORE", 1, 1);
	uint64_t v;

	(void)state;
	assert_non_null(n);
	assert_int_equal(n->len, 1);
	assert_null(dump_find_note(o.d, "CORE", 1, 2));
	assert_string_equal(vmcoreinfo_get(o.d->vmcoreinfo, "OSRELEASE"), "6.1.0-test");
	assert_true(vmcoreinfo_number(o.d->vmcoreinfo, "SYMBOL", "_stext", &v));
	assert_int_equal(v, 0xffffffff81000000);
	assert_true(vmcoreinfo_number(o.d->vmcoreinfo, "NUMBER", "phys_base", &v));
	assert_int_equal(v, (uint64_t)-16777216);
	assert_false(vmcoreinfo_number(o.d->vmcoreinfo, "OFFSET", "phys_base", &v));
	dump_close(o.d);
}

static void damaged_headers_are_refused(void **state)
{
	(void)state;
	expect_refused(ONE_PAGE " phnum 4000\n", KD_CORRUPT, "inside its program headers");
	expect_refused(ONE_PAGE " cut 56\n", KD_CORRUPT, "inside the ELF header");
	expect_refused(ONE_PAGE " note CORE 1 01 02 03 04\n cut 180\n", KD_CORRUPT, "end of its notes");
	expect_refused("load 0xfffffffffffff000 0 0x2000 0x10\n", KD_CORRUPT, "makes no sense");
	expect_refused("load 0x1000 0 0x10 0x20\n", KD_CORRUPT, "makes no sense");
	expect_refused("note CORE 1 00\n", KD_CORRUPT, "without any memory");
}

static void what_is_no_dump_is_named(void **state)
{
	char path[] = "/tmp/kdview-nodump-XXXXXX";
	struct kd_err err = KD_ERR_INIT;
	struct dump *d;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(dump_open("/nonexistent", &d, &err), KD_IO);
	assert_int_equal(dump_open(path, &d, &err), KD_UNSUPPORTED);
	assert_non_null(strstr(err.text, "empty"));
	assert_int_equal(write(fd, "\x1f\x8b rest", 7), 7);
	assert_int_equal(dump_open(path, &d, &err), KD_UNSUPPORTED);
	assert_non_null(strstr(err.text, "gzip"));
	assert_int_equal(dump_open("/tmp", &d, &err), KD_UNSUPPORTED);
	assert_false(dump_probe_path(path));
	close(fd);
	unlink(path);
}

static void note_that_reaches_beyond_its_segment_is_dropped(void **state)
{
	/* a note's descriptor length is at offset 4 of its header: patch it in the file */
	char *path = mkdump(ONE_PAGE " note CORE 1 01 02 03 04\n");
	struct kd_err err = KD_ERR_INIT;
	struct dump *d;
	int fd = open(path, O_RDWR);
	uint32_t huge = 0x7fffffff;

	(void)state;
	assert_int_equal(pwrite(fd, &huge, 4, sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr) + 4), 4);
	close(fd);
	assert_int_equal(dump_open(path, &d, &err), 0);
	assert_null(dump_find_note(d, "CORE", 1, 0));
	dump_close(d);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_stored_bytes),
		cmocka_unit_test(every_way_of_reading_gives_the_same),
		cmocka_unit_test(what_the_file_does_not_keep_is_passed_over),
		cmocka_unit_test(excluded_page_is_reported_not_zeroed),
		cmocka_unit_test(memory_in_no_segment_is_absent),
		cmocka_unit_test(truncated_file_loses_its_end_only),
		cmocka_unit_test(overlapping_segments_become_disjoint),
		cmocka_unit_test(second_copy_serves_when_the_first_is_cut_off),
		cmocka_unit_test(partial_overlap_is_cut),
		cmocka_unit_test(elf32_with_memory_is_read),
		cmocka_unit_test(notes_and_vmcoreinfo_are_found),
		cmocka_unit_test(damaged_headers_are_refused),
		cmocka_unit_test(what_is_no_dump_is_named),
		cmocka_unit_test(note_that_reaches_beyond_its_segment_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
