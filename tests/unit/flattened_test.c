// SPDX-License-Identifier: GPL-3.0-or-later
/* The flattened envelope around dumps of any kind. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "core/bitmap.h"
#include "core/dump.h"
#include "core/source.h"
#include "mkdiskdump.h"

#define DISK                                                                                       \
	"level 31\n page 1 0x10 zlib\n page 2 0x20 lzo\n page 3 0x30 raw\n ram 4 5\n"              \
	"page 50 0x40 zstd\n page 51 0x50 snappy\n note CORE 1 01 02 03\n"                         \
	"vmcoreinfo OSRELEASE=6.1.0-test\n"
#define ELF                                                                                        \
	"load 0x1000 0 0x3000 0x2000\n fill 0x1000 0x1000 0x11\n fill 0x2000 0x1000 0x22\n"        \
	"note CORE 1 01 02 03\n vmcoreinfo OSRELEASE=6.1.0-test\n"

struct opened {
	struct dump *d;
	struct kd_err err;
	int status;
};

/* Open the file at PATH, which then goes. */
static struct opened open_gone(char *path)
{
	struct opened o = { .err = KD_ERR_INIT };

	o.status = dump_open(path, &o.d, &o.err);
	unlink(path);
	free(path);
	return o;
}

static struct opened open_disk(size_t record, int how)
{
	char *path = mkdiskdump(DISK);

	mkflat(path, record, how);
	return open_gone(path);
}

static void expect_page(const struct dump *d, pfn_t pfn, uint8_t byte)
{
	uint8_t got[MKDISK_BLOCK], want[MKDISK_BLOCK];

	assert_int_equal(dump_read(d, pfn * MKDISK_BLOCK, got, sizeof(got), NULL, NULL), 0);
	mkdisk_fill(want, byte);
	assert_memory_equal(got, want, sizeof(got));
}

static void expect_disk(struct opened *o)
{
	uint8_t b;

	if (o->status)
		fprintf(stderr, "%s\n", o->err.text);
	assert_int_equal(o->status, 0);
	assert_string_equal(o->d->format, "kdump-compressed v6 (64-bit), uncompressed, flattened");
	assert_string_equal(o->d->remark, "");
	expect_page(o->d, 1, 0x10);
	expect_page(o->d, 2, 0x20);
	expect_page(o->d, 3, 0x30);
	expect_page(o->d, 50, 0x40);
	expect_page(o->d, 51, 0x50);
	assert_int_equal(dump_read(o->d, 0x4000, &b, 1, NULL, NULL), KD_NODATA);
	assert_int_equal(dump_read(o->d, 0x5000, &b, 1, NULL, NULL), KD_ABSENT);
	assert_int_equal(o->d->nnotes, 2);
	assert_string_equal(vmcoreinfo_get(o->d->vmcoreinfo, "OSRELEASE"), "6.1.0-test");
	dump_close(o->d);
}

static void compressed_dump_is_read_in_records_of_any_size(void **state)
{
	static const size_t records[] = { 65536, 4096, 4095, 1000, 17, 1 };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(records); i++) {
		struct opened o = open_disk(records[i], 0);

		expect_disk(&o);
		o = open_disk(records[i], MKFLAT_SPARSE);
		expect_disk(&o);
	}
}

static void records_come_in_any_order_and_the_last_wins(void **state)
{
	struct opened o = open_disk(1000, MKFLAT_BACKWARDS);

	(void)state;
	expect_disk(&o);
	o = open_disk(1000, MKFLAT_TWICE);
	expect_disk(&o);
	o = open_disk(333, MKFLAT_TWICE | MKFLAT_BACKWARDS | MKFLAT_SPARSE);
	expect_disk(&o);
}

static void elf_core_is_read(void **state)
{
	char *path = mkdump(ELF);
	uint8_t b[0x2000];
	struct opened o;

	(void)state;
	mkflat(path, 700, MKFLAT_BACKWARDS);
	assert_true(dump_probe_path(path));
	o = open_gone(path);
	assert_int_equal(o.status, 0);
	assert_string_equal(o.d->format, "ELF64 core, flattened");
	assert_int_equal(dump_read(o.d, 0x1000, b, sizeof(b), NULL, NULL), 0);
	assert_int_equal(b[0xfff], 0x11);
	assert_int_equal(b[0x1000], 0x22);
	assert_int_equal(dump_read(o.d, 0x3000, b, 1, NULL, NULL), KD_NODATA);
	assert_int_equal(o.d->nnotes, 2);
	assert_string_equal(vmcoreinfo_get(o.d->vmcoreinfo, "OSRELEASE"), "6.1.0-test");
	dump_close(o.d);
}

static void cut_off_stream_loses_what_was_to_come(void **state)
{
	char *path = mkdump(ELF);
	struct dump_totals t;
	uint8_t b[0x2000];
	struct opened o;
	size_t done;

	(void)state;
	/* in records of 1000 bytes: 4096 of head, 6 records of 16 + 1000 bytes, half of another */
	mkflat(path, 1000, 0);
	assert_int_equal(truncate(path, 4096 + 6 * 1016 + 516), 0);
	o = open_gone(path);
	assert_int_equal(o.status, 0);
	assert_non_null(strstr(o.d->remark, "cut off"));
	assert_int_equal(dump_read(o.d, 0x1000, b, sizeof(b), &done, &o.err), KD_LOST);
	dump_count(o.d, &t);
	assert_int_equal(done + t.lost, 0x2000);
	assert_in_range(done, 0x1000, 0x1fff);
	assert_int_equal(b[done - 1], 0x22);
	dump_close(o.d);
}

static void holes_are_zeros_only_in_a_whole_stream(void **state)
{
	char *path = mkdump("load 0x1000 0 0x3000 0x3000\n fill 0x3000 0x1000 0x33\n");
	char *copy = mkdump("load 0x1000 0 0x3000 0x3000\n fill 0x3000 0x1000 0x33\n");
	struct dump_totals t;
	struct opened o;
	uint8_t b = 1;

	(void)state;
	mkflat(path, 512, MKFLAT_SPARSE);
	o = open_gone(path);
	assert_int_equal(dump_read(o.d, 0x2800, &b, 1, NULL, NULL), 0);
	assert_int_equal(b, 0);
	dump_close(o.d);
	mkflat(copy, 512, MKFLAT_SPARSE | MKFLAT_NO_END);
	o = open_gone(copy);
	assert_int_equal(dump_read(o.d, 0x2800, &b, 1, NULL, NULL), KD_LOST);
	assert_int_equal(dump_read(o.d, 0x3800, &b, 1, NULL, NULL), 0);
	assert_int_equal(b, 0x33);
	dump_count(o.d, &t);
	assert_in_range(t.lost, 0x1c00, 0x2000);
	dump_close(o.d);
}

static void record_that_makes_no_sense_ends_the_stream(void **state)
{
	char *path = mkdump(ELF);
	uint64_t bad = htobe64(UINT64_MAX / 2);
	struct opened o;
	uint8_t b;
	int fd;

	(void)state;
	mkflat(path, 5000, 0);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, &bad, 8, 4096 + 5016), 8);
	close(fd);
	o = open_gone(path);
	assert_int_equal(o.status, 0);
	assert_non_null(strstr(o.d->remark, "makes no sense at byte 9112"));
	assert_int_equal(dump_read(o.d, 0x1000, &b, 1, NULL, NULL), 0);
	assert_int_equal(dump_read(o.d, 0x2800, &b, 1, NULL, NULL), KD_LOST);
	dump_close(o.d);
}

static void envelope_without_a_dump_is_refused(void **state)
{
	char *path = mkdump(ELF);
	struct opened o;

	(void)state;
	mkflat(path, 5000, 0);
	assert_int_equal(truncate(path, 4096 + 16), 0);
	o = open_gone(path);
	assert_int_equal(o.status, KD_CORRUPT);
	assert_non_null(strstr(o.err.text, "cut off"));
	/* without its list of memory, which comes at the end */
	path = mkdump("note CORE 1 01 02 03\n");
	mkflat(path, 5000, MKFLAT_NO_END);
	o = open_gone(path);
	assert_int_equal(o.status, KD_CORRUPT);
	assert_non_null(strstr(o.err.text, "cut off"));
	assert_non_null(strstr(o.err.text, "where memory is"));
	path = mkdump(ELF);
	mkflat(path, 5000, 0);
	mkflat(path, 5000, 0);
	o = open_gone(path);
	assert_int_equal(o.status, KD_UNSUPPORTED);
	assert_non_null(strstr(o.err.text, "though flattened"));
}

static void overlaps_are_resolved_as_if_written_in_order(void **state)
{
	char path[] = "/tmp/kdview-flat-XXXXXX";
	uint8_t model[600] = { 0 }, got[600], bytes[200];
	unsigned seed = 12345;
	struct source *s;

	(void)state;
	close(mkstemp(path));
	for (unsigned round = 0; round < 50; round++) {
		FILE *f = fopen(path, "w");
		uint64_t head[2] = { htobe64(1), htobe64(1) };

		memset(model, 0, sizeof(model));
		fwrite("makedumpfile\0\0\0", 16, 1, f);
		fwrite(head, sizeof(head), 1, f);
		fseek(f, 4096, SEEK_SET);
		for (unsigned i = 0; i < 40; i++) {
			unsigned off = rand_r(&seed) % 400u, len = rand_r(&seed) % 200u;

			memset(bytes, (int)(i + 1), len);
			memcpy(model + off, bytes, len);
			mkflat_record(f, off, len, bytes);
		}
		mkflat_record(f, UINT64_MAX, UINT64_MAX, NULL);
		fclose(f);
		assert_int_equal(source_open(path, &s, NULL), 0);
		assert_in_range(s->size, 300, 600);
		assert_int_equal(source_read(s, 0, got, sizeof(got)), s->size);
		assert_memory_equal(got, model, s->size);
		assert_int_equal(source_held(s, 0, UINT64_MAX), s->size);
		source_close(s);
	}
	unlink(path);
}

static void what_is_beyond_a_whole_stream_is_no_hole(void **state)
{
	char *path = mkdump(ELF);
	struct bitmap b = { .bits = 10 * BITMAP_BLOCK_BITS };
	struct source *s;
	struct rank *r;
	uint64_t before;
	bool set;

	(void)state;
	mkflat(path, 700, 0);
	assert_int_equal(source_open(path, &s, NULL), 0);
	b.src = s;
	b.off = s->size;
	assert_int_equal(rank_new(&b, &r, NULL), 0);
	assert_int_equal(rank_find(r, 0, &set, &before, NULL), KD_LOST);
	rank_free(r);
	source_close(s);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compressed_dump_is_read_in_records_of_any_size),
		cmocka_unit_test(records_come_in_any_order_and_the_last_wins),
		cmocka_unit_test(elf_core_is_read),
		cmocka_unit_test(cut_off_stream_loses_what_was_to_come),
		cmocka_unit_test(holes_are_zeros_only_in_a_whole_stream),
		cmocka_unit_test(record_that_makes_no_sense_ends_the_stream),
		cmocka_unit_test(envelope_without_a_dump_is_refused),
		cmocka_unit_test(what_is_beyond_a_whole_stream_is_no_hole),
		cmocka_unit_test(overlaps_are_resolved_as_if_written_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
