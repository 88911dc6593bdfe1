// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/line_table: tables written by hand, as compilers write them and broken. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <dwarf.h>
#include <string.h>

#include "kernel/line_table.h"

#define OPCODE_BASE 13
#define LINE_BASE (-5)
#define LINE_RANGE 14

struct table {
	uint8_t bytes[512];
	size_t n, header, program; /* where header_length is, and what it counts from */
	struct line_data data;
};

static const char line_str[] = "\0/build\0include\0main.c\0list.h";
enum { S_BUILD = 1, S_INCLUDE = 8, S_MAIN = 16, S_LIST = 23 };

static void put(struct table *t, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++)
		t->bytes[t->n++] = (uint8_t)(v >> 8 * i);
}

static void put_text(struct table *t, const char *s)
{
	memcpy(t->bytes + t->n, s, strlen(s) + 1);
	t->n += strlen(s) + 1;
}

static void set(struct table *t, size_t at, uint32_t v)
{
	memcpy(t->bytes + at, &v, sizeof(v));
}

static void begin(struct table *t, unsigned version)
{
	static const uint8_t lengths[] = { 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };

	memset(t, 0, sizeof(*t));
	put(t, 0, 4);
	put(t, version, 2);
	if (version == 5)
		put(t, 8, 2);
	t->header = t->n;
	put(t, 0, 4);
	put(t, 1, 1); /* smallest instruction */
	if (version >= 4)
		put(t, 1, 1);
	put(t, 1, 1); /* rows are statements */
	put(t, (uint8_t)LINE_BASE, 1);
	put(t, LINE_RANGE, 1);
	put(t, OPCODE_BASE, 1);
	memcpy(t->bytes + t->n, lengths, sizeof(lengths));
	t->n += sizeof(lengths);
}

/* As gcc writes them. */
static void files_v5(struct table *t)
{
	put(t, 1, 1);
	put(t, DW_LNCT_path, 1);
	put(t, DW_FORM_line_strp, 1);
	put(t, 2, 1);
	put(t, S_BUILD, 4);
	put(t, S_INCLUDE, 4);
	put(t, 2, 1);
	put(t, DW_LNCT_path, 1);
	put(t, DW_FORM_line_strp, 1);
	put(t, DW_LNCT_directory_index, 1);
	put(t, DW_FORM_udata, 1);
	put(t, 3, 1);
	put(t, S_MAIN, 4);
	put(t, 0, 1);
	put(t, S_MAIN, 4);
	put(t, 0, 1);
	put(t, S_LIST, 4);
	put(t, 1, 1);
}

static void files_old(struct table *t)
{
	put_text(t, "include");
	put_text(t, "");
	put_text(t, "main.c");
	put(t, 0, 3);
	put_text(t, "list.h");
	put(t, 1, 1);
	put(t, 0, 2);
	put_text(t, "");
}

static void begin_program(struct table *t)
{
	set(t, t->header, (uint32_t)(t->n - t->header - 4));
}

static void set_address(struct table *t, uint64_t address)
{
	put(t, 0, 1);
	put(t, 9, 1);
	put(t, DW_LNE_set_address, 1);
	put(t, address, 8);
}

/* Addresses and lines relative to the row before. */
static void row(struct table *t, unsigned address, int line)
{
	put(t, (uint8_t)(line - LINE_BASE + LINE_RANGE * (int)address + OPCODE_BASE), 1);
}

static void op(struct table *t, uint8_t opcode, uint8_t operand)
{
	put(t, opcode, 1);
	put(t, operand, 1);
}

static void end_sequence(struct table *t, uint8_t advance)
{
	op(t, DW_LNS_advance_pc, advance);
	put(t, 0, 1);
	put(t, 1, 1);
	put(t, DW_LNE_end_sequence, 1);
}

static void finish(struct table *t)
{
	set(t, 0, (uint32_t)(t->n - 4));
	t->data = (struct line_data){ .line = t->bytes,
				      .line_size = t->n,
				      .line_str = (const uint8_t *)line_str,
				      .line_str_size = sizeof(line_str) };
}

/* 0: no line. */
static unsigned line_at(const struct table *t, uint64_t pc)
{
	struct line_place p;
	int rc = line_table_find(&t->data, 0, pc, &p, NULL);

	assert_true(rc == 0 || rc == KD_NOTFOUND);
	return rc ? 0 : p.line;
}

static uint64_t file_at(const struct table *t, uint64_t pc)
{
	struct line_place p;

	assert_int_equal(line_table_find(&t->data, 0, pc, &p, NULL), 0);
	return p.file;
}

static void a_line_reaches_to_the_next_row(void **state)
{
	struct table t;

	(void)state;
	begin(&t, 5);
	files_v5(&t);
	begin_program(&t);
	set_address(&t, 0x1000);
	op(&t, DW_LNS_advance_line, 9);
	put(&t, DW_LNS_copy, 1); /* 0x1000: 10 */
	row(&t, 4, 2);		 /* 0x1004: 12 */
	row(&t, 2, -3);		 /* 0x1006: 9 */
	put(&t, DW_LNS_const_add_pc, 1);
	row(&t, 0, 5); /* 0x1017: 14 */
	end_sequence(&t, 8);
	set_address(&t, 0x500); /* another piece of code, lower */
	row(&t, 0, 3);
	end_sequence(&t, 0x10);
	finish(&t);
	assert_int_equal(line_at(&t, 0x0fff), 0);
	assert_int_equal(line_at(&t, 0x1000), 10);
	assert_int_equal(line_at(&t, 0x1003), 10);
	assert_int_equal(line_at(&t, 0x1004), 12);
	assert_int_equal(line_at(&t, 0x1016), 9);
	assert_int_equal(line_at(&t, 0x1017), 14);
	assert_int_equal(line_at(&t, 0x101e), 14);
	assert_int_equal(line_at(&t, 0x101f), 0);
	assert_int_equal(line_at(&t, 0x505), 4);
	assert_int_equal(line_at(&t, 0x510), 0);
}

/* Of rows for one address the last one counts, unless it is no statement and another is. */
static void rows_for_one_address(void **state)
{
	struct table t;

	(void)state;
	begin(&t, 5);
	files_v5(&t);
	begin_program(&t);
	set_address(&t, 0x1000);
	row(&t, 0, 1); /* 2 */
	row(&t, 0, 1); /* 3 */
	row(&t, 4, 1); /* 0x1004: 4 */
	put(&t, DW_LNS_negate_stmt, 1);
	row(&t, 0, 1); /* 5, no statement */
	row(&t, 4, 1); /* 0x1008: 6, no statement, but all there is */
	put(&t, DW_LNS_negate_stmt, 1);
	row(&t, 4, 1); /* 0x100c: 7 */
	op(&t, DW_LNS_set_file, 2);
	put(&t, DW_LNS_negate_stmt, 1);
	row(&t, 0, 1); /* 8, no statement, of another file */
	row(&t, 4, 1); /* 0x1010: 9 */
	put(&t, DW_LNS_negate_stmt, 1);
	op(&t, DW_LNS_set_file, 1);
	row(&t, 4, 1); /* 0x1014: 10 */
	op(&t, DW_LNS_set_file, 2);
	row(&t, 0, 1); /* 11, of another file */
	end_sequence(&t, 4);
	finish(&t);
	assert_int_equal(line_at(&t, 0x1000), 3);
	assert_int_equal(line_at(&t, 0x1004), 4);
	assert_int_equal(line_at(&t, 0x1008), 6);
	assert_int_equal(line_at(&t, 0x100c), 7);
	assert_int_equal(file_at(&t, 0x100c), 1);
	assert_int_equal(line_at(&t, 0x1010), 9);
	assert_int_equal(file_at(&t, 0x1010), 2);
	assert_int_equal(line_at(&t, 0x1014), 11);
	assert_int_equal(file_at(&t, 0x1014), 2);
}

/* The compiler's "no line" leaves what was before it. */
static void line_zero_does_not_count(void **state)
{
	struct table t;

	(void)state;
	begin(&t, 4);
	files_old(&t);
	begin_program(&t);
	set_address(&t, 0x1000);
	row(&t, 0, 4);	/* 5 */
	row(&t, 4, -5); /* 0x1004: 0 */
	row(&t, 4, 7);	/* 0x1008: 7 */
	end_sequence(&t, 4);
	finish(&t);
	assert_int_equal(line_at(&t, 0x1006), 5);
	assert_int_equal(line_at(&t, 0x1008), 7);
}

static void operations_that_are_not_known_are_passed_over(void **state)
{
	struct table t;

	(void)state;
	begin(&t, 3);
	files_old(&t);
	begin_program(&t);
	set_address(&t, 0x1000);
	op(&t, DW_LNS_set_isa, 1);
	op(&t, DW_LNS_set_column, 77);
	put(&t, DW_LNS_set_prologue_end, 1);
	put(&t, 0, 1); /* extended, of three bytes */
	put(&t, 3, 1);
	put(&t, 0x80, 1);
	put(&t, 0xffff, 2);
	put(&t, DW_LNS_fixed_advance_pc, 1);
	put(&t, 0x10, 2);
	row(&t, 0, 1);
	end_sequence(&t, 4);
	finish(&t);
	assert_int_equal(line_at(&t, 0x1010), 2);
	assert_int_equal(line_at(&t, 0x100f), 0);
}

static void check_file(const struct table *t, uint64_t number, const char *wanted)
{
	char name[64];
	int rc = line_table_file(&t->data, 0, number, name, sizeof(name), NULL);

	assert_int_equal(rc, wanted ? 0 : KD_NOTFOUND);
	if (wanted)
		assert_string_equal(name, wanted);
}

static void files_have_their_folder_in_front(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct table t;
	char name[8];

	(void)state;
	begin(&t, 5);
	files_v5(&t);
	begin_program(&t);
	finish(&t);
	check_file(&t, 0, "/build/main.c");
	check_file(&t, 1, "/build/main.c");
	check_file(&t, 2, "include/list.h");
	check_file(&t, 3, NULL);
	assert_int_equal(line_table_file(&t.data, 0, 2, name, sizeof(name), &err), KD_UNSUPPORTED);
	begin(&t, 4);
	files_old(&t);
	begin_program(&t);
	finish(&t);
	check_file(&t, 0, NULL);
	check_file(&t, 1, "main.c");
	check_file(&t, 2, "include/list.h");
	check_file(&t, 3, NULL);
}

/* Cut anywhere, with any byte changed: an answer or a failure, but no more. */
static void damage_does_no_harm(void **state)
{
	struct line_place p;
	struct table t;
	char name[64];

	(void)state;
	begin(&t, 5);
	files_v5(&t);
	begin_program(&t);
	set_address(&t, 0x1000);
	row(&t, 4, 2);
	end_sequence(&t, 4);
	finish(&t);
	for (size_t len = 0; len < t.n; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		struct line_data d = t.data;

		memcpy(copy, t.bytes, len);
		d.line = copy;
		d.line_size = len;
		assert_true(line_table_find(&d, 0, 0x1004, &p, NULL) < 0);
		free(copy);
	}
	for (size_t i = 0; i < t.n; i++) {
		uint8_t old = t.bytes[i];

		for (unsigned v = 0; v < 256; v += 5) {
			t.bytes[i] = (uint8_t)v;
			line_table_find(&t.data, 0, 0x1004, &p, NULL);
			line_table_file(&t.data, 0, 2, name, sizeof(name), NULL);
		}
		t.bytes[i] = old;
	}
	assert_int_equal(line_table_find(&t.data, t.n, 0x1004, &p, NULL), KD_CORRUPT);
	assert_int_equal(line_table_find(&t.data, UINT64_MAX, 0x1004, &p, NULL), KD_CORRUPT);
	assert_int_equal(line_at(&t, 0x1004), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_reaches_to_the_next_row),
		cmocka_unit_test(rows_for_one_address),
		cmocka_unit_test(line_zero_does_not_count),
		cmocka_unit_test(operations_that_are_not_known_are_passed_over),
		cmocka_unit_test(files_have_their_folder_in_front),
		cmocka_unit_test(damage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
