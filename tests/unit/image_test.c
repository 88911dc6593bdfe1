// SPDX-License-Identifier: GPL-3.0-or-later
/* ELF cores of physical memory: their segments, when there are many, and when some cannot be read.
 */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "capture/image.h"
#include "mkdiskdump.h"

#define PAGE 4096
#define FIRST UINT64_C(0x100000) /* address of the first segment */
#define MARKED 997		 /* every so many pages one has something in it */

static uint64_t place(size_t i)
{
	return FIRST + 2 * PAGE * i;
}

static void put(int fd, const void *data, size_t len, uint64_t off)
{
	assert_int_equal(pwrite(fd, data, len, (off_t)off), (ssize_t)len);
}

/*
 * A core of N segments of a page each, with a page of nothing between them; one without notes.
 * Those that e_phnum cannot count are counted by the first section header (elf(5), PN_XNUM).
 */
static struct dump *make_many(bool is64, size_t n)
{
	char path[] = "/tmp/image_test.XXXXXX";
	uint64_t phoff = 0x1000, data = phoff + (n + 1) * sizeof(Elf64_Phdr);
	struct kd_err err = KD_ERR_INIT;
	struct dump *d;
	int fd = mkstemp(path);

	data = (data + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	if (is64) {
		Elf64_Ehdr e = { .e_ident = ELFMAG "\2\1\1",
				 .e_type = ET_CORE,
				 .e_machine = EM_X86_64,
				 .e_version = 1,
				 .e_phoff = phoff,
				 .e_shoff = 0x200,
				 .e_ehsize = sizeof(e),
				 .e_phentsize = sizeof(Elf64_Phdr),
				 .e_phnum = (uint16_t)kd_min(n, PN_XNUM),
				 .e_shentsize = sizeof(Elf64_Shdr),
				 .e_shnum = 1 };
		Elf64_Shdr sh = { .sh_info = (uint32_t)n };

		put(fd, &e, sizeof(e), 0);
		put(fd, &sh, sizeof(sh), 0x200);
	} else {
		Elf32_Ehdr e = { .e_ident = ELFMAG "\1\1\1",
				 .e_type = ET_CORE,
				 .e_machine = EM_386,
				 .e_version = 1,
				 .e_phoff = (uint32_t)phoff,
				 .e_shoff = 0x200,
				 .e_ehsize = sizeof(e),
				 .e_phentsize = sizeof(Elf32_Phdr),
				 .e_phnum = (uint16_t)kd_min(n, PN_XNUM),
				 .e_shentsize = sizeof(Elf32_Shdr),
				 .e_shnum = 1 };
		Elf32_Shdr sh = { .sh_info = (uint32_t)n };

		put(fd, &e, sizeof(e), 0);
		put(fd, &sh, sizeof(sh), 0x200);
	}
	for (size_t i = 0; i < n; i++) {
		Elf64_Phdr p = { .p_type = PT_LOAD,
				 .p_offset = data + i * PAGE,
				 .p_paddr = place(i),
				 .p_filesz = PAGE,
				 .p_memsz = PAGE };
		Elf32_Phdr q = { .p_type = PT_LOAD,
				 .p_offset = (uint32_t)p.p_offset,
				 .p_paddr = (uint32_t)p.p_paddr,
				 .p_filesz = PAGE,
				 .p_memsz = PAGE };
		uint64_t mark = i + 1;

		if (is64)
			put(fd, &p, sizeof(p), phoff + i * sizeof(p));
		else
			put(fd, &q, sizeof(q), phoff + i * sizeof(q));
		if (i % MARKED == 0)
			put(fd, &mark, 8, data + i * PAGE + 8);
	}
	assert_int_equal(ftruncate(fd, (off_t)(data + n * PAGE)), 0);
	close(fd);
	if (dump_open(path, &d, &err))
		fail_msg("%s", err.text);
	unlink(path);
	return d;
}

/* Write D as an ELF core to PATH, which gets its name. */
static struct job_result write_core(const struct dump *d, enum image_format format, char path[32])
{
	struct job_options job = { .level = 0 };
	struct image_options opt = { .format = format, .job = &job };
	struct kd_err err = KD_ERR_INIT;
	struct job_result r;
	struct select *select;
	struct sink sink;
	size_t nthreads;
	int fd;

	strcpy(path, "/tmp/image_test.XXXXXX");
	fd = mkstemp(path);
	assert_int_equal(select_open(d, NULL, 0, &select, &err), 0);
	assert_int_equal(sink_init(&sink, fd, false, NULL, &err), 0);
	if (image_run(d, NULL, select, &sink, &opt, &r, &nthreads, &err))
		fail_msg("%s", err.text);
	select_close(select);
	close(fd);
	return r;
}

/* How many program headers the core at PATH has, by e_phnum or by its section header. */
static size_t count_segments(const char *path, bool *extended)
{
	FILE *f = fopen(path, "r");
	size_t n;
	union {
		Elf32_Ehdr e32;
		Elf64_Ehdr e64;
	} e;

	assert_non_null(f);
	assert_int_equal(fread(&e, sizeof(e), 1, f), 1);
	if (e.e32.e_ident[EI_CLASS] == ELFCLASS64) {
		Elf64_Shdr sh;

		n = e.e64.e_phnum;
		*extended = e.e64.e_shoff != 0;
		assert_int_equal(e.e64.e_flags, 0);
		if (*extended) {
			assert_int_equal(n, PN_XNUM);
			assert_int_equal(e.e64.e_shnum, 1);
			assert_int_equal(fseek(f, (long)e.e64.e_shoff, SEEK_SET), 0);
			assert_int_equal(fread(&sh, sizeof(sh), 1, f), 1);
			n = sh.sh_info;
		}
	} else {
		Elf32_Shdr sh;

		n = e.e32.e_phnum;
		*extended = e.e32.e_shoff != 0;
		assert_int_equal(e.e32.e_flags, 0);
		if (*extended) {
			assert_int_equal(n, PN_XNUM);
			assert_int_equal(e.e32.e_shnum, 1);
			assert_int_equal(fseek(f, (long)e.e32.e_shoff, SEEK_SET), 0);
			assert_int_equal(fread(&sh, sizeof(sh), 1, f), 1);
			n = sh.sh_info;
		}
	}
	fclose(f);
	return n;
}

static void expect_marks(const struct dump *d, size_t n)
{
	struct dump_totals totals;

	dump_count(d, &totals);
	assert_int_equal(totals.ram, n * PAGE);
	assert_int_equal(totals.lost, 0);
	for (size_t i = 0; i < n; i += i + 1 < n && i + MARKED >= n ? n - 1 - i : MARKED) {
		uint64_t v;

		assert_int_equal(dump_read(d, place(i) + 8, &v, 8, NULL, NULL), 0);
		assert_int_equal(v, i % MARKED ? 0 : i + 1);
		assert_int_equal(dump_read(d, place(i) + PAGE, &v, 8, NULL, NULL), KD_ABSENT);
	}
}

/* With the segment of the notes PN_XNUM is reached by the second. */
static void segments_that_e_phnum_cannot_count_are_counted_elsewhere(void **state)
{
	static const size_t sizes[] = { PN_XNUM - 2, PN_XNUM - 1, 70000 };

	(void)state;
	for (unsigned i = 0; i < 2 * KD_ARRAY_SIZE(sizes); i++) {
		bool is64 = i % 2, extended;
		size_t n = sizes[i / 2];
		struct dump *d = make_many(is64, n), *back;
		struct job_result r;
		char path[32];

		expect_marks(d, n);
		r = write_core(d, is64 ? IMAGE_ELF64 : IMAGE_ELF32, path);
		assert_int_equal(r.lost, 0);
		job_result_fini(&r);
		dump_close(d);
		assert_int_equal(count_segments(path, &extended), n + 1);
		assert_int_equal(extended, n + 1 >= PN_XNUM);
		assert_int_equal(dump_open(path, &back, NULL), 0);
		expect_marks(back, n);
		dump_close(back);
		unlink(path);
	}
}

/* Pages 16 to 47, of which some make no sense, at either end and within. */
static void what_cannot_be_read_is_no_part_of_a_segment(void **state)
{
	static const unsigned bad[] = { 16, 20, 30, 31, 47 };
	char text[4096] = "", path[32], *in;
	struct dump *d, *back;
	struct job_result r;
	bool extended;

	(void)state;
	for (unsigned i = 16; i < 48; i++)
		sprintf(text + strlen(text), "page %u %#x\n", i, i);
	for (size_t i = 0; i < KD_ARRAY_SIZE(bad); i++)
		sprintf(text + strlen(text), "desc %u -1 5000 -1\n", bad[i]);
	in = mkdiskdump(text);
	assert_int_equal(dump_open(in, &d, NULL), 0);
	unlink(in);
	free(in);
	r = write_core(d, IMAGE_ELF64, path);
	assert_int_equal(r.lost, KD_ARRAY_SIZE(bad));
	job_result_fini(&r);
	assert_true(count_segments(path, &extended) >= 4);
	assert_false(extended);
	assert_int_equal(dump_open(path, &back, NULL), 0);
	for (unsigned i = 16, b = 0; i < 48; i++) {
		uint8_t want[PAGE], got[PAGE];
		int ret = dump_read(back, (paddr_t)i * PAGE, got, PAGE, NULL, NULL);

		if (b < KD_ARRAY_SIZE(bad) && bad[b] == i) {
			assert_int_not_equal(ret, 0);
			b++;
			continue;
		}
		assert_int_equal(ret, 0);
		assert_int_equal(dump_read(d, (paddr_t)i * PAGE, want, PAGE, NULL, NULL), 0);
		assert_memory_equal(got, want, PAGE);
	}
	dump_close(back);
	dump_close(d);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_that_e_phnum_cannot_count_are_counted_elsewhere),
		cmocka_unit_test(what_cannot_be_read_is_no_part_of_a_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
