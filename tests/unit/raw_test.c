// SPDX-License-Identifier: GPL-3.0-or-later
/* Raw memory with the second kernel's ELF core headers in it. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <elf.h>
#include <fcntl.h>
#include <string.h>

#include "core/dump.h"

/*
 * One megabyte of memory: low RAM 0x1000-0x3000, which was moved to 0xc0000; RAM 0x10000-0x80000;
 * the second kernel's from 0x80000 on, with its headers at 0x90400. Notes of two CPUs and
 * VMCOREINFO at 0x20000, 0x20400 and 0x21000.
 */
#define SIZE 0x100000
#define HEADERS 0x90400
#define COPY 0x30000 /* left over from loading the second kernel, inside RAM */

static size_t put_note(uint8_t *p, const char *name, uint32_t type, const char *text)
{
	Elf64_Nhdr nh = { .n_namesz = (Elf64_Word)strlen(name) + 1,
			  .n_descsz = (Elf64_Word)strlen(text),
			  .n_type = type };
	size_t desc = sizeof(nh) + (nh.n_namesz + 3) / 4 * 4;

	memcpy(p, &nh, sizeof(nh));
	memcpy(p + sizeof(nh), name, nh.n_namesz);
	memcpy(p + desc, text, nh.n_descsz);
	return desc + (nh.n_descsz + 3) / 4 * 4;
}

static void put_headers(uint8_t *p, uint64_t vmcoreinfo)
{
	const Elf64_Phdr ph[] = {
		{ .p_type = PT_NOTE, .p_offset = 0x20000, .p_filesz = 0x400, .p_memsz = 0x400 },
		{ .p_type = PT_NOTE, .p_offset = 0x20400, .p_filesz = 0x400, .p_memsz = 0x400 },
		{ .p_type = PT_NOTE, .p_offset = vmcoreinfo, .p_filesz = 0x400, .p_memsz = 0x400 },
		{ .p_type = PT_LOAD,
		  .p_offset = 0xc0000,
		  .p_paddr = 0x1000,
		  .p_filesz = 0x2000,
		  .p_memsz = 0x2000,
		  .p_vaddr = 0xffff888000001000 },
		{ .p_type = PT_LOAD,
		  .p_offset = 0x10000,
		  .p_paddr = 0x10000,
		  .p_filesz = 0x70000,
		  .p_memsz = 0x70000,
		  .p_vaddr = 0xffff888000010000 },
		{ .p_type = PT_LOAD,
		  .p_offset = 0x100000,
		  .p_paddr = 0x100000,
		  .p_filesz = 0x1000,
		  .p_memsz = 0x1000,
		  .p_vaddr = 0xffff888000100000 },
	};
	Elf64_Ehdr e = { .e_type = ET_CORE,
			 .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT,
			 .e_phoff = sizeof(e),
			 .e_ehsize = sizeof(e),
			 .e_phentsize = sizeof(ph[0]),
			 .e_phnum = 6 };

	memcpy(e.e_ident, ELFMAG "\2\1\1", 7);
	memcpy(p, &e, sizeof(e));
	memcpy(p + sizeof(e), ph, sizeof(ph));
}

static uint8_t *make_memory(void)
{
	uint8_t *m = calloc(1, SIZE);

	memset(m + 0x1000, 0x99, 0x2000); /* what the second kernel put over low memory */
	memset(m + 0xc0000, 0x11, 0x2000);
	memset(m + 0x10000, 0x22, 0x10000);
	put_note(m + 0x20000, "CORE", 1, "cpu0");
	put_note(m + 0x20400, "CORE", 1, "cpu1");
	put_note(m + 0x21000, "VMCOREINFO", 0, "OSRELEASE=6.1.0-test\n");
	put_headers(m + HEADERS, 0x21000);
	return m;
}

struct opened {
	struct dump *d;
	struct kd_err err;
	int status;
};

static struct opened open_memory(uint8_t *m, size_t len, paddr_t headers)
{
	char path[] = "/tmp/kdview-raw-XXXXXX";
	struct opened o = { .err = KD_ERR_INIT };
	int fd = mkstemp(path);

	assert_int_equal(write(fd, m, len), len);
	close(fd);
	o.status = dump_open_raw(path, headers, &o.d, &o.err);
	unlink(path);
	free(m);
	return o;
}

static uint8_t byte_at(const struct dump *d, paddr_t pa)
{
	uint8_t b = 0;

	assert_int_equal(dump_read(d, pa, &b, 1, NULL, NULL), 0);
	return b;
}

static void expect_machine(struct opened *o)
{
	const struct dump_note *n;
	uint8_t b;

	if (o->status)
		fprintf(stderr, "%s\n", o->err.text);
	assert_int_equal(o->status, 0);
	assert_string_equal(o->d->format, "raw memory (ELF64 core headers at 0x90400)");
	/* low memory as it was, not as it is */
	assert_int_equal(byte_at(o->d, 0x1000), 0x11);
	assert_int_equal(byte_at(o->d, 0x2fff), 0x11);
	assert_int_equal(byte_at(o->d, 0x10000), 0x22);
	/* the second kernel's own memory is none of the machine that crashed */
	assert_int_equal(dump_read(o->d, HEADERS, &b, 1, NULL, NULL), KD_ABSENT);
	assert_int_equal(dump_read(o->d, 0x100000, &b, 1, NULL, NULL), KD_LOST);
	n = dump_find_note(o->d, "CORE", 1, 1);
	assert_non_null(n);
	assert_memory_equal(n->desc, "cpu1", 4);
	assert_string_equal(vmcoreinfo_get(o->d->vmcoreinfo, "OSRELEASE"), "6.1.0-test");
	dump_close(o->d);
}

static void headers_are_taken_where_they_are_said_to_be(void **state)
{
	struct opened o = open_memory(make_memory(), SIZE, HEADERS);

	(void)state;
	expect_machine(&o);
}

static void headers_are_found(void **state)
{
	struct opened o = open_memory(make_memory(), SIZE, 0);

	(void)state;
	expect_machine(&o);
}

static void a_stale_copy_and_other_cores_are_passed_over(void **state)
{
	uint8_t *m = make_memory();
	struct opened o;

	(void)state;
	put_headers(m + COPY, 0x21000);
	put_headers(m + 0x85000, 0x70000); /* leads to no VMCOREINFO */
	o = open_memory(m, SIZE, 0);
	expect_machine(&o);
}

static void a_copy_is_better_than_nothing(void **state)
{
	uint8_t *m = make_memory();
	struct opened o;

	(void)state;
	put_headers(m + COPY, 0x21000);
	memset(m + HEADERS, 0, 4);
	o = open_memory(m, SIZE, 0);
	assert_int_equal(o.status, 0);
	assert_int_equal(o.d->headers_off, COPY);
	dump_close(o.d);
}

static void without_headers_all_of_it_is_memory(void **state)
{
	uint8_t *m = make_memory(), b[2];
	struct dump_range r;
	struct opened o;
	size_t done;

	(void)state;
	memset(m + HEADERS, 0, 64);
	o = open_memory(m, SIZE, 0);
	assert_int_equal(o.status, 0);
	assert_string_equal(o.d->format, "raw memory, without core headers");
	assert_int_equal(o.d->machine, 0);
	assert_null(o.d->vmcoreinfo);
	assert_int_equal(byte_at(o.d, 0x1000), 0x99);
	assert_true(dump_next_range(o.d, 0, &r));
	assert_int_equal(r.end, SIZE);
	assert_false(dump_next_range(o.d, r.end, &r));
	assert_int_equal(dump_read(o.d, SIZE - 1, b, 2, &done, NULL), KD_ABSENT);
	assert_int_equal(done, 1);
	dump_close(o.d);
}

static void no_headers_where_they_should_be_are_refused(void **state)
{
	struct opened o = open_memory(make_memory(), SIZE, HEADERS + 0x400);

	(void)state;
	assert_int_equal(o.status, KD_NOTFOUND);
	assert_non_null(strstr(o.err.text, "0x90800"));
	o = open_memory(make_memory(), SIZE, UINT64_MAX - 3);
	assert_int_equal(o.status, KD_NOTFOUND);
	/* cut off between notes and headers */
	o = open_memory(make_memory(), 0x60000, HEADERS);
	assert_int_equal(o.status, KD_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_taken_where_they_are_said_to_be),
		cmocka_unit_test(headers_are_found),
		cmocka_unit_test(a_stale_copy_and_other_cores_are_passed_over),
		cmocka_unit_test(a_copy_is_better_than_nothing),
		cmocka_unit_test(without_headers_all_of_it_is_memory),
		cmocka_unit_test(no_headers_where_they_should_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
