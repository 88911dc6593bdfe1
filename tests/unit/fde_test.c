// SPDX-License-Identifier: GPL-3.0-or-later
/* core/fde: what a .debug_frame section says, sound and damaged. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <dwarf.h>
#include <string.h>

#include "core/fde.h"

/* A CIE as gcc writes it: code factor 1, data factor -8, CFA = rsp + 8, rip at CFA - 8. */
#define CIE                                                                                        \
	0x14, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, 0x78, 16, DW_CFA_def_cfa, 7, 8,            \
		DW_CFA_offset | 16, 1, 0, 0, 0, 0, 0, 0
#define CIE_SIZE 24

#define U64(v) ((v)&0xff), ((v) >> 8 & 0xff), ((v) >> 16 & 0xff), ((v) >> 24 & 0xff), 0, 0, 0, 0

/* An FDE with 8 bytes of instructions. */
#define FDE(start, size) 28, 0, 0, 0, 0, 0, 0, 0, U64(start), U64(size)
#define FDE_SIZE 32

static struct fde_table open_bytes(const uint8_t *bytes, size_t size)
{
	struct fde_table t;

	assert_int_equal(fde_table_open(&t, bytes, size, 8, 0, NULL), 0);
	return t;
}

static void code_is_found_by_address_in_any_order(void **state)
{
	static const uint8_t bytes[] = {
		CIE, FDE(0x3000, 0x10), 0, 0, 0, 0, 0, 0, 0,
		0,   FDE(0x1000, 0x10), 0, 0, 0, 0, 0, 0, 0,
		0,
	};
	struct fde_table t = open_bytes(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(t.n, 2);
	assert_int_equal(fde_table_find(&t, 0x100f)->start, 0x1000);
	assert_int_equal(fde_table_find(&t, 0x3000)->end, 0x3010);
	assert_null(fde_table_find(&t, 0x1010));
	assert_null(fde_table_find(&t, 0xfff));
	assert_null(fde_table_find(&t, 0x3010));
	fde_table_fini(&t);
}

static void bias_moves_code(void **state)
{
	static const uint8_t bytes[] = { CIE, FDE(0x1000, 0x10), 0, 0, 0, 0, 0, 0, 0, 0 };
	struct fde_table t;

	(void)state;
	assert_int_equal(fde_table_open(&t, bytes, sizeof(bytes), 8, UINT64_C(-0x800), NULL), 0);
	assert_non_null(fde_table_find(&t, 0x800));
	assert_null(fde_table_find(&t, 0x1000));
	fde_table_fini(&t);
}

static void rows_follow_a_push_and_a_return_in_the_middle(void **state)
{
	static const uint8_t instructions[] = {
		DW_CFA_advance_loc | 1,
		DW_CFA_def_cfa_offset,
		16,
		DW_CFA_offset | 3,
		2,
		DW_CFA_advance_loc | 4,
		DW_CFA_remember_state,
		DW_CFA_restore | 3,
		DW_CFA_def_cfa_offset,
		8,
		DW_CFA_advance_loc | 1,
		DW_CFA_restore_state,
	};
	uint8_t bytes[CIE_SIZE + FDE_SIZE + 8] = { CIE, FDE(0x1000, 0x20) };
	struct fde_table t;
	struct fde_walk w;

	(void)state;
	memcpy(bytes + CIE_SIZE + 24, instructions, sizeof(instructions));
	bytes[CIE_SIZE] += 8;
	t = open_bytes(bytes, sizeof(bytes));
	assert_true(fde_walk_start(&w, &t, &t.list[0]));
	assert_int_equal(w.end, 0x1001);
	assert_int_equal(w.row.cfa_reg, 7);
	assert_int_equal(w.row.cfa.n, 8);
	assert_int_equal(w.row.regs[16].n, -8);
	assert_int_equal(w.row.regs[3].kind, FDE_UNSPECIFIED);
	assert_true(fde_walk_next(&w));
	assert_int_equal(w.row.cfa.n, 16);
	assert_int_equal(w.row.regs[3].n, -16);
	assert_true(fde_walk_next(&w));
	assert_int_equal(w.row.cfa.n, 8);
	assert_int_equal(w.row.regs[3].kind, FDE_UNSPECIFIED);
	assert_true(fde_walk_next(&w));
	assert_int_equal(w.start, 0x1006);
	assert_int_equal(w.end, 0x1020);
	assert_int_equal(w.row.cfa.n, 16);
	assert_int_equal(w.row.regs[3].kind, FDE_OFFSET);
	assert_false(fde_walk_next(&w));
	fde_table_fini(&t);
}

static void blocks_are_kept_in_place(void **state)
{
	static const uint8_t bytes[CIE_SIZE + FDE_SIZE] = {
		CIE, FDE(0x1000, 0x10), DW_CFA_def_cfa_expression, 2, DW_OP_breg7, 0x10
	};
	struct fde_table t = open_bytes(bytes, sizeof(bytes));
	struct fde_walk w;

	(void)state;
	assert_true(fde_walk_start(&w, &t, &t.list[0]));
	assert_int_equal(w.row.cfa.kind, FDE_EXPRESSION);
	assert_int_equal(w.row.cfa.len, 2);
	assert_int_equal(t.data[w.row.cfa.block], DW_OP_breg7);
	fde_table_fini(&t);
}

/* One FDE whose 8 bytes of instructions make no sense: found, but without rows. */
static void expect_no_rows(const uint8_t *instructions)
{
	uint8_t bytes[CIE_SIZE + FDE_SIZE] = { CIE, FDE(0x1000, 0x10) };
	struct fde_table t;
	struct fde_walk w;

	memcpy(bytes + CIE_SIZE + 24, instructions, 8);
	t = open_bytes(bytes, sizeof(bytes));
	assert_int_equal(t.n, 1);
	assert_false(fde_walk_start(&w, &t, &t.list[0]));
	fde_table_fini(&t);
}

static void damaged_instructions_end_the_walk(void **state)
{
	(void)state;
	expect_no_rows((const uint8_t[]){ 0x3f, 0, 0, 0, 0, 0, 0, 0 }); /* unknown */
	expect_no_rows((const uint8_t[]){ DW_CFA_restore_state, 0, 0, 0, 0, 0, 0, 0 });
	expect_no_rows((const uint8_t[]){ DW_CFA_def_cfa_expression, 0x7f, 0, 0, 0, 0, 0, 0 });
	expect_no_rows(
		(const uint8_t[]){ DW_CFA_def_cfa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff });
	expect_no_rows((const uint8_t[]){ 0, 0, 0, 0, 0, 0, 0, DW_CFA_offset | 3 });
}

static void cut_section_keeps_what_came_before(void **state)
{
	static const uint8_t bytes[] = {
		CIE, FDE(0x1000, 0x10), 0, 0, 0, 0, 0, 0, 0, 0, FDE(0x2000, 0x10),
	};

	(void)state;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct fde_table t = open_bytes(bytes, n);

		assert_int_equal(t.n, n >= CIE_SIZE + FDE_SIZE);
		fde_table_fini(&t);
	}
}

static void cie_elsewhere_gives_no_rows(void **state)
{
	static const uint8_t bytes[] = {
		CIE,	   28, 0, 0, 0, 0xf0, 0xff, 0xff, 0x7f, U64(0x1000),
		U64(0x10), 0,  0, 0, 0, 0,    0,    0,	  0,
	};
	struct fde_table t = open_bytes(bytes, sizeof(bytes));
	struct fde_walk w;

	(void)state;
	assert_int_equal(t.n, 1);
	assert_false(fde_walk_start(&w, &t, &t.list[0]));
	fde_table_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_is_found_by_address_in_any_order),
		cmocka_unit_test(bias_moves_code),
		cmocka_unit_test(rows_follow_a_push_and_a_return_in_the_middle),
		cmocka_unit_test(blocks_are_kept_in_place),
		cmocka_unit_test(damaged_instructions_end_the_walk),
		cmocka_unit_test(cut_section_keeps_what_came_before),
		cmocka_unit_test(cie_elsewhere_gives_no_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
