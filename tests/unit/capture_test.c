// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writing dumps: compressors against decompressors, whole jobs against their input, a full
 * disk, a value order, and what becomes of files that are not finished.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/dest.h"
#include "capture/job.h"
#include "mkdump.h"

#define PAGE 4096
#define PAGES 300

/* Pages that compress, one that does not, and zeros. */
static void fill_page(uint8_t *p, size_t nr)
{
	uint32_t x = (uint32_t)nr * 2654435761u + 1;

	memset(p, 0, PAGE);
	for (size_t i = 0; i < PAGE && nr % 5; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = nr % 3 ? (uint8_t)(i / 64 + nr) : (uint8_t)(x >> 24);
	}
}

static void what_is_compressed_comes_back(void **state)
{
	static const char *const methods[] = { "none", "zlib", "zlib:9", "lzo", "snappy", "zstd",
					       "zstd:5" };
	struct kd_err err = KD_ERR_INIT;
	uint8_t in[PAGE], back[PAGE], *out = malloc(compress_bound(PAGE));
	struct decompressor *d;

	(void)state;
	assert_int_equal(decompressor_new(&d, &err), 0);
	for (size_t m = 0; m < KD_ARRAY_SIZE(methods); m++) {
		struct compress_method method;
		struct compressor *c;

		assert_int_equal(compress_method_parse(methods[m], &method, &err), 0);
		assert_int_equal(compressor_new(&method, PAGE, &c, &err), 0);
		for (size_t nr = 0; nr < 20; nr++) {
			uint32_t flags;
			size_t len;

			fill_page(in, nr);
			len = compress_page(c, in, out, &flags);
			assert_true(len <= PAGE);
			if (flags)
				assert_int_equal(decompress_page(d, flags, out, len, back, PAGE, &err),
						 0);
			assert_memory_equal(in, flags ? back : out, PAGE);
		}
		compressor_free(c);
	}
	decompressor_free(d);
	free(out);
}

static void methods_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = { "", "gzip", "lzo:3", "zlib:10", "zstd:x", "zstd:" };
	struct compress_method method;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(texts); i++)
		assert_int_equal(compress_method_parse(texts[i], &method, NULL), KD_USAGE);
}

/* Jobs ----------------------------------------------------------------------------------------- */

/* An input of PAGES pages from 1 MiB on, opened. */
static struct dump *make_input(void)
{
	char text[200], *path;
	struct dump *d;
	FILE *f;

	snprintf(text, sizeof(text), "class 64\n machine 62\n load 0x100000 0 %#x %#x\n",
		 PAGES * PAGE, PAGES * PAGE);
	path = mkdump(text);
	f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, -(long)PAGES * PAGE, SEEK_END);
	for (size_t i = 0; i < PAGES; i++) {
		uint8_t page[PAGE];

		fill_page(page, i);
		assert_int_equal(fwrite(page, PAGE, 1, f), 1);
	}
	fclose(f);
	assert_int_equal(dump_open(path, &d, NULL), 0);
	unlink(path);
	free(path);
	return d;
}

/* How many pages of a dump are there; all of them are right. */
static size_t count_right(const char *path, bool incomplete)
{
	struct kd_err err = KD_ERR_INIT;
	size_t right = 0;
	struct dump *d;

	if (dump_open(path, &d, &err))
		fail_msg("%s", err.text);
	assert_int_equal(d->incomplete, incomplete);
	for (size_t i = 0; i < PAGES; i++) {
		uint8_t want[PAGE], got[PAGE];
		size_t done;
		int ret = dump_read(d, 0x100000 + i * PAGE, got, PAGE, &done, &err);

		if (ret) {
			assert_int_equal(ret, KD_LOST);
			continue;
		}
		fill_page(want, i);
		assert_memory_equal(got, want, PAGE);
		right++;
	}
	dump_close(d);
	return right;
}

static int run_job(int fd, bool flat, unsigned workers, uint64_t limit, const struct value *value,
		   struct job_result *out)
{
	struct job_options opt = { .method = { .how = PAGE_ZSTD }, .workers = workers };
	struct kd_err err = KD_ERR_INIT;
	struct dump *d = make_input();
	struct select *select;
	struct sink sink;
	int ret;

	assert_int_equal(select_open(d, NULL, 0, &select, &err), 0);
	assert_int_equal(sink_init(&sink, fd, flat, NULL, &err), 0);
	sink.limit = limit;
	ret = job_run(d, NULL, value, select, &sink, &opt, out, &err);
	select_close(select);
	dump_close(d);
	return ret;
}

static void a_job_writes_what_it_reads(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		char path[] = "/tmp/capture_test.XXXXXX";
		struct job_result r;
		int fd = mkstemp(path);

		assert_int_equal(run_job(fd, i % 2, 1 + i / 2, 0, NULL, &r), 0);
		assert_int_equal(r.written[VALUE_REST], PAGES);
		assert_int_equal(r.zeros, PAGES / 5);
		assert_int_equal(r.lost, 0);
		assert_int_equal(count_right(path, false), PAGES);
		job_result_fini(&r);
		close(fd);
		unlink(path);
	}
}

/* At every size: what was written is right, and the more space the more of it. */
static void a_full_disk_keeps_what_came_first(void **state)
{
	struct value_run runs[] = { { 0x100 + 200, 10, VALUE_LOG }, { 0x100 + 7, 3, VALUE_PANIC } };
	struct value value = { .runs = runs, .n = 2 };
	size_t before = 0;

	(void)state;
	for (uint64_t limit = 30000; limit < 400000; limit += 37000) {
		char path[] = "/tmp/capture_test.XXXXXX";
		struct job_result r;
		uint64_t written = 0;
		int fd = mkstemp(path);
		size_t right;

		assert_int_equal(run_job(fd, false, 2, limit, &value, &r), KD_NOSPACE);
		for (unsigned t = 0; t < VALUE_TIERS; t++)
			written += r.written[t];
		assert_int_equal(r.wanted[VALUE_LOG], 10);
		assert_int_equal(r.wanted[VALUE_PANIC], 3);
		assert_int_equal(r.wanted[VALUE_REST], PAGES - 13);
		/* nothing of the rest before all of the log */
		assert_true(r.written[VALUE_LOG] == 10 || !r.written[VALUE_REST]);
		right = count_right(path, true);
		assert_true(right >= written);
		assert_true(right >= before);
		before = right;
		job_result_fini(&r);
		close(fd);
		unlink(path);
	}
	assert_true(before > 50 && before < PAGES);
}

/* A set of N parts, each opened by itself and all together. */
static void write_set(char paths[][40], unsigned n)
{
	struct kd_err err = KD_ERR_INIT;
	struct dump *d = make_input();
	struct select *select;

	assert_int_equal(select_open(d, NULL, 0, &select, &err), 0);
	for (unsigned i = 0; i < n; i++) {
		struct job_options opt = { .method = { .how = PAGE_LZO }, .workers = 1, .part = i,
					   .parts = n };
		struct job_result r;
		struct sink sink;
		int fd;

		strcpy(paths[i], "/tmp/capture_test.XXXXXX");
		fd = mkstemp(paths[i]);
		assert_int_equal(sink_init(&sink, fd, false, NULL, &err), 0);
		assert_int_equal(job_run(d, NULL, NULL, select, &sink, &opt, &r, &err), 0);
		job_result_fini(&r);
		close(fd);
	}
	select_close(select);
	dump_close(d);
}

/* start_pfn_64 and end_pfn_64 of kdump_sub_header. */
static void read_bounds(const char *path, uint64_t bounds[2])
{
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fseek(f, PAGE + 80, SEEK_SET), 0);
	assert_int_equal(fread(bounds, 8, 2, f), 2);
	fclose(f);
}

/* More parts than there are words of the bitmap: some have no page. */
static void parts_follow_each_other_at_words_of_the_bitmap(void **state)
{
	static const unsigned sizes[] = { 2, 3, 5, 20 };

	(void)state;
	for (size_t s = 0; s < KD_ARRAY_SIZE(sizes); s++) {
		unsigned n = sizes[s];
		char paths[20][40];
		const char *names[20];
		uint64_t at = 0;
		struct dump_totals totals;
		struct dump *d;

		write_set(paths, n);
		for (unsigned i = 0; i < n; i++) {
			uint64_t bounds[2];

			read_bounds(paths[i], bounds);
			assert_int_equal(bounds[0], at);
			assert_int_equal(bounds[0] % 64, 0);
			assert_true(bounds[1] >= bounds[0]);
			at = bounds[1];
			names[n - 1 - i] = paths[i];
		}
		assert_int_equal(at, 0x100 + PAGES);
		assert_int_equal(dump_open_set(names, n, &d, NULL), 0);
		dump_count(d, &totals);
		assert_int_equal(totals.ram, PAGES * PAGE);
		assert_int_equal(totals.lost, 0);
		for (size_t i = 0; i < PAGES; i++) {
			uint8_t want[PAGE], got[PAGE];

			assert_int_equal(dump_read(d, 0x100000 + i * PAGE, got, PAGE, NULL, NULL), 0);
			fill_page(want, i);
			assert_memory_equal(got, want, PAGE);
		}
		dump_close(d);
		for (unsigned i = 0; i < n; i++)
			unlink(paths[i]);
	}
}

/* Places --------------------------------------------------------------------------------------- */

static void a_file_gets_its_name_at_the_end(void **state)
{
	char folder[] = "/tmp/capture_test.XXXXXX", path[64], other[80];
	struct kd_err err = KD_ERR_INIT;
	struct stat st;
	struct dest d;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x", folder);
	snprintf(other, sizeof(other), "%s-incomplete", path);
	assert_int_equal(dest_open(path, false, &d, &err), 0);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	dest_close(&d, true);
	assert_int_equal(access(other, F_OK), 0);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(dest_open(path, false, &d, &err), 0);
	assert_int_equal(dest_commit(&d, &err), 0);
	dest_close(&d, true);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(other, F_OK), 0);
	assert_int_equal(dest_open(path, false, &d, &err), KD_USAGE);
	assert_int_equal(dest_open(path, true, &d, &err), 0);
	dest_close(&d, false);
	assert_int_not_equal(access(other, F_OK), 0);
	unlink(path);
	rmdir(folder);
}

static void a_dated_folder_is_never_used_twice(void **state)
{
	char folder[] = "/tmp/capture_test.XXXXXX", *one, *two;
	struct kd_err err = KD_ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(dest_folder(folder, "h", &one, &err), 0);
	assert_int_equal(dest_folder(folder, "h", &two, &err), 0);
	assert_string_not_equal(one, two);
	rmdir(one);
	rmdir(two);
	rmdir(folder);
	assert_int_equal(dest_folder(folder, "h", &two, &err), KD_IO);
	free(one);
	free(two);
}

static void remote_names_that_make_no_sense_are_refused(void **state)
{
	static const char *const names[] = { "ssh:", "ssh:host", "ssh:host:", "ssh::x", "ssh:-oX:y" };
	struct dest d;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++)
		assert_int_equal(dest_open_remote("false", names[i], &d, NULL), KD_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_compressed_comes_back),
		cmocka_unit_test(methods_that_are_none_are_refused),
		cmocka_unit_test(a_job_writes_what_it_reads),
		cmocka_unit_test(a_full_disk_keeps_what_came_first),
		cmocka_unit_test(parts_follow_each_other_at_words_of_the_bitmap),
		cmocka_unit_test(a_file_gets_its_name_at_the_end),
		cmocka_unit_test(a_dated_folder_is_never_used_twice),
		cmocka_unit_test(remote_names_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
