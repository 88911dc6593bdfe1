// SPDX-License-Identifier: GPL-3.0-or-later
/* core/fde_step: rules applied to registers and memory. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "core/fde_step.h"
#include "fake_unwind.h"
#include "x86_64/x86_64.h"

#define CODE UINT64_C(0xffffffff81000000)
#define STACK UINT64_C(0xffffc90000000000)
#define SLOT(n) (STACK + 8 * (n))

enum { RBX = 3, RBP = 6, RSP = 7, R12 = 12, R13 = 13, R14 = 14, RIP = 16, CS = 51 };

#define SAVED (1u << X86_64_RBX | 1u << X86_64_RBP)

struct test {
	struct fake_unwind u;
	struct cfi *cfi;
	struct fde_table table;
	uint64_t stack[32];
	struct cfi_expr e;
};

/* An FDE is begun; the test adds rules, then calls finish(). */
static void begin(struct test *t, bool signal)
{
	struct cfi_cie cie = { .ra = RIP, .data_align = -8, .signal = signal };
	uint32_t handle;

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < KD_ARRAY_SIZE(t->stack); i++)
		t->stack[i] = 1000 + i;
	assert_int_equal(cfi_new(8, &t->cfi, NULL), 0);
	handle = cfi_cie(t->cfi, &cie);
	cfi_def_cfa(t->cfi, RSP, 16);
	cfi_offset(t->cfi, RIP, -8);
	cfi_cie_end(t->cfi);
	cfi_fde(t->cfi, handle, CODE);
}

static void finish(struct test *t)
{
	const uint8_t *data;
	size_t size;

	cfi_fde_end(t->cfi, CODE + 0x100);
	assert_int_equal(cfi_data(t->cfi, &data, &size, NULL), 0);
	assert_int_equal(fde_table_open(&t->table, data, size, 8, 0, NULL), 0);
	t->u.arch = &arch_x86_64;
	t->u.word = 8;
	t->u.code = (struct fake_code){ .memory = { { STACK, t->stack, sizeof(t->stack) } } };
	t->u.code_view = fake_view(&t->u.code);
	t->u.view = (struct unwind_view){ .code = &t->u.code_view,
					  .data = &t->u,
					  .word = fake_view_word,
					  .is_code = fake_view_is_code };
	fake_unwind_at(&t->u, CODE + 0x10, SLOT(4), 0x66, false);
	regs_set(&t->u.regs, X86_64_RBX, 0x33);
	regs_set(&t->u.regs, X86_64_R12, 0x12);
}

static int step(struct test *t)
{
	t->u.err = KD_ERR_INIT;
	return fde_step(&arch_x86_64, &t->table, &t->table.list[0], t->u.regs.value[X86_64_RIP],
			SAVED, &t->u.view, &t->u.regs, &t->u.step, &t->u.err);
}

static void teardown(struct test *t)
{
	fde_table_fini(&t->table);
	cfi_free(t->cfi);
}

static void rules_of_every_kind(void **state)
{
	struct test t;

	(void)state;
	begin(&t, false);
	cfi_offset(t.cfi, RBX, -16);
	cfi_val_offset(t.cfi, R12, 24);
	cfi_register(t.cfi, R13, R12);
	cfi_expr_breg(&t.e, RSP, 80);
	cfi_expression(t.cfi, R14, &t.e);
	cfi_undefined(t.cfi, RBP);
	finish(&t);
	assert_int_equal(step(&t), 0);
	assert_reg(&t.u, X86_64_RIP, 1005);
	assert_reg(&t.u, X86_64_RSP, SLOT(6));
	assert_reg(&t.u, X86_64_RBX, 1004);
	assert_reg(&t.u, X86_64_R12, SLOT(9));
	assert_reg(&t.u, X86_64_R13, 0x12); /* the callee's value, not the caller's */
	assert_reg(&t.u, X86_64_R14, 1014);
	assert_false(regs_known(&t.u.regs, X86_64_RBP));
	assert_false(t.u.step.exact || t.u.step.entry || t.u.step.end);
	assert_int_equal(t.u.step.how, UNWIND_BY_TABLE);
	teardown(&t);
}

/* What no rule names: callees preserve some registers, and nobody the others. */
static void unnamed_registers(void **state)
{
	struct test t;

	(void)state;
	begin(&t, false);
	finish(&t);
	assert_int_equal(step(&t), 0);
	assert_reg(&t.u, X86_64_RBP, 0x66);
	assert_reg(&t.u, X86_64_RBX, 0x33);
	assert_false(regs_known(&t.u.regs, X86_64_R12)); /* not in SAVED here */
	teardown(&t);
}

static void interrupted_frames_keep_all_and_are_exact(void **state)
{
	struct test t;

	(void)state;
	begin(&t, true);
	cfi_expr_breg(&t.e, RSP, 8);
	cfi_expr_deref(&t.e);
	cfi_expr_and(&t.e, 0xff);
	cfi_val_expression(t.cfi, CS, &t.e);
	finish(&t);
	assert_int_equal(step(&t), 0);
	assert_reg(&t.u, X86_64_R12, 0x12);
	assert_reg(&t.u, X86_64_CS, 1005 & 0xff); /* a number above those of plain registers */
	assert_reg(&t.u, X86_64_RSP, SLOT(6));
	assert_true(t.u.step.exact && t.u.step.entry);
	teardown(&t);
}

static void an_undefined_return_address_ends_the_stack(void **state)
{
	struct test t;

	(void)state;
	begin(&t, false);
	cfi_undefined(t.cfi, RIP);
	finish(&t);
	assert_int_equal(step(&t), 0);
	assert_true(t.u.step.end);
	assert_reg(&t.u, X86_64_RSP, SLOT(4));
	teardown(&t);
}

/* The frame's address computed, by a branch: *(rsp + 8) & 1 ? rsp + 64 : *(rsp + 16). */
static void frame_addresses_are_computed(void **state)
{
	struct test t;
	size_t odd, end;

	(void)state;
	begin(&t, false);
	cfi_expr_breg(&t.e, RSP, 8);
	cfi_expr_deref(&t.e);
	cfi_expr_and(&t.e, 1);
	odd = cfi_expr_branch(&t.e);
	cfi_expr_breg(&t.e, RSP, 16);
	cfi_expr_deref(&t.e);
	end = cfi_expr_skip(&t.e);
	cfi_expr_land(&t.e, odd);
	cfi_expr_breg(&t.e, RSP, 64);
	cfi_expr_land(&t.e, end);
	cfi_def_cfa_expr(t.cfi, &t.e);
	finish(&t);
	assert_int_equal(step(&t), 0);
	assert_reg(&t.u, X86_64_RSP, SLOT(12)); /* 1005 is odd */
	assert_reg(&t.u, X86_64_RIP, 1011);
	t.stack[5] = 4;
	t.stack[6] = SLOT(20);
	fake_unwind_at(&t.u, CODE + 0x10, SLOT(4), 0, false);
	assert_int_equal(step(&t), 0);
	assert_reg(&t.u, X86_64_RSP, SLOT(20));
	teardown(&t);
}

static void lost_registers_and_missing_memory(void **state)
{
	struct test t;
	struct regs before;

	(void)state;
	begin(&t, false);
	cfi_def_cfa(t.cfi, R13, 0);
	finish(&t);
	before = t.u.regs;
	assert_int_equal(step(&t), KD_NOTFOUND);
	assert_non_null(strstr(t.u.err.text, "r13"));
	assert_memory_equal(&before, &t.u.regs, sizeof(before));
	/* without a return address there is no caller ... */
	regs_set(&t.u.regs, X86_64_R13, STACK + sizeof(t.stack) + 16);
	assert_int_equal(step(&t), KD_UNMAPPED);
	teardown(&t);

	/* ... but another register may be lost */
	begin(&t, false);
	cfi_offset(t.cfi, RBX, 4096);
	finish(&t);
	assert_int_equal(step(&t), 0);
	assert_reg(&t.u, X86_64_RIP, 1005);
	assert_false(regs_known(&t.u.regs, X86_64_RBX));
	teardown(&t);
}

static void check_block(const uint8_t *bytes, size_t len, int status)
{
	struct test t;

	begin(&t, false);
	cfi_def_cfa_block(t.cfi, bytes, len);
	finish(&t);
	assert_int_equal(step(&t), status);
	if (status)
		assert_true(strlen(t.u.err.text) > 0);
	teardown(&t);
}

static void senseless_expressions_are_refused(void **state)
{
	static const uint8_t forever[] = { DW_OP_skip, 0xfd, 0xff };
	static const uint8_t outside[] = { DW_OP_lit1, DW_OP_bra, 0x10, 0x00 };
	static const uint8_t pops[] = { DW_OP_plus };
	static const uint8_t cut[] = { DW_OP_const4u, 1, 2 };
	static const uint8_t nothing[] = { DW_OP_nop };
	static const uint8_t unknown[] = { DW_OP_lit0, 0xff };
	static const uint8_t sound[] = { DW_OP_breg0 + RSP, 0,		DW_OP_const1s, 0xf8,
					 DW_OP_minus,	    DW_OP_lit0, DW_OP_lit3,    DW_OP_shl,
					 DW_OP_plus };
	uint8_t pushes[20];

	(void)state;
	memset(pushes, DW_OP_lit0, sizeof(pushes));
	check_block(forever, sizeof(forever), KD_CORRUPT);
	check_block(outside, sizeof(outside), KD_CORRUPT);
	check_block(pops, sizeof(pops), KD_CORRUPT);
	check_block(cut, sizeof(cut), KD_CORRUPT);
	check_block(nothing, sizeof(nothing), KD_CORRUPT);
	check_block(pushes, sizeof(pushes), KD_CORRUPT);
	check_block(unknown, sizeof(unknown), KD_UNSUPPORTED);
	check_block(sound, sizeof(sound), 0);
}

/* Without an index, one look-up goes through the section. */
static void sections_are_searched_without_an_index(void **state)
{
	struct fde_table table;
	struct test t;
	struct fde f;

	(void)state;
	begin(&t, false);
	finish(&t);
	assert_true(fde_section_find(&table, t.table.data, t.table.size, 8, 0x1000,
				     CODE + 0x1000 + 0xff, &f));
	assert_int_equal(f.start, CODE + 0x1000);
	assert_int_equal(f.end, CODE + 0x1100);
	assert_false(fde_section_find(&table, t.table.data, t.table.size, 8, 0, CODE + 0x100, &f));
	teardown(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_every_kind),
		cmocka_unit_test(unnamed_registers),
		cmocka_unit_test(interrupted_frames_keep_all_and_are_exact),
		cmocka_unit_test(an_undefined_return_address_ends_the_stack),
		cmocka_unit_test(frame_addresses_are_computed),
		cmocka_unit_test(lost_registers_and_missing_memory),
		cmocka_unit_test(senseless_expressions_are_refused),
		cmocka_unit_test(sections_are_searched_without_an_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
