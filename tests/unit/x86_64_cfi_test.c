// SPDX-License-Identifier: GPL-3.0-or-later
/* x86_64_cfi(): what an unwinder makes of ORC tables and the compiler's information. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "fake_code.h"
#include "x86_64/x86_64.h"

#define TEXT UINT64_C(0xffffffff81000000)
#define IPS UINT64_C(0xffffffff82000000)
#define ORCS UINT64_C(0xffffffff82100000)
#define STACK UINT64_C(0xffffc90000000000)
#define IRQ_STACK UINT64_C(0xffffc90000008000)

enum {
	RAX,
	RBX = 3,
	RBP = 6,
	RSP = 7,
	R12 = 12,
	RIP = 16,
};

/* Raw numbers of kernels since 6.4. */
enum {
	O_NONE = 0,
	O_PREV_SP = 1,
	O_BP = 4,
	O_SP = 5,
	O_BP_INDIRECT = 8,
	O_SP_INDIRECT = 9,
	O_END = 1,
	O_CALL = 2,
	O_REGS = 3 | 8,
	O_REGS_PARTIAL = 4 | 8,
};

struct row {
	uint32_t at; /* from TEXT */
	int16_t sp_offset, bp_offset;
	uint8_t sp_reg, bp_reg, flags;
};

/*
 * 0x000 assembly: call, after a push, after saving rbp; 0x040 system call entry with a
 * struct pt_regs; 0x060 only hardware's part of it; 0x080 the first code of a stack;
 * 0x100 a C function: at 0x110 its stack is the IRQ stack, at 0x120 inline assembly has
 * pushed something, at 0x130 the stack is found through rbp; 0x200 padding; 0x210 assembly that
 * objtool did not follow.
 */
static const struct row rows[] = {
	{ 0x000, 8, 0, O_SP, O_NONE, O_CALL },
	{ 0x004, 16, 0, O_SP, O_NONE, O_CALL },
	{ 0x008, 24, -24, O_SP, O_PREV_SP, O_CALL },
	{ 0x040, 0, 0, O_SP, O_NONE, O_REGS },
	{ 0x060, 8, 0, O_SP, O_NONE, O_REGS_PARTIAL },
	{ 0x080, 0, 0, O_NONE, O_NONE, O_END },
	{ 0x100, 8, 0, O_SP, O_NONE, O_CALL },
	{ 0x101, 16, 0, O_SP, O_NONE, O_CALL },
	{ 0x110, 16, 0, O_SP_INDIRECT, O_NONE, O_CALL },
	{ 0x118, 16, 0, O_SP, O_NONE, O_CALL },
	{ 0x120, 24, 0, O_SP, O_NONE, O_CALL },
	{ 0x121, 16, 0, O_SP, O_NONE, O_CALL },
	{ 0x130, -8, 0, O_BP_INDIRECT, O_NONE, O_CALL },
	{ 0x138, 16, 0, O_SP, O_NONE, O_CALL },
	{ 0x200, 0, 0, O_NONE, O_NONE, 0 },
	{ 0x208, 8, 0, O_SP, O_NONE, O_CALL },
	{ 0x210, 0, 0, O_NONE, O_NONE, 0 },
	{ 0x218, 8, 0, O_SP, O_NONE, O_CALL },
	{ 0x300, 0, 0, O_NONE, O_NONE, 0 },
};

#define NROWS KD_ARRAY_SIZE(rows)

/* What gcc would say of the C function at 0x100: it pushes rbx. */
static struct cfi *compilers_frames(void)
{
	struct cfi_cie cie = { .ra = RIP, .data_align = -8 };
	struct cfi *c;
	uint32_t handle;

	assert_int_equal(cfi_new(8, &c, NULL), 0);
	handle = cfi_cie(c, &cie);
	cfi_def_cfa(c, RSP, 8);
	cfi_offset(c, RIP, -8);
	cfi_cie_end(c);
	cfi_fde(c, handle, 0x100); /* as linked: the image is moved by TEXT */
	cfi_advance(c, 0x101);
	cfi_def_cfa(c, RSP, 16);
	cfi_offset(c, RBX, -16);
	cfi_fde_end(c, 0x200);
	return c;
}

struct test {
	int32_t ips[NROWS];
	uint8_t orcs[6 * NROWS];
	uint64_t stack[64], irq_stack[8];
	struct fake_code fake;
	struct cfi *frames, *out;
	struct fde_table table;
	struct fake_machine machine;
};

static void fill_tables(struct test *t)
{
	for (size_t i = 0; i < NROWS; i++) {
		uint8_t *e = t->orcs + 6 * i;

		t->ips[i] = (int32_t)(TEXT + rows[i].at - (IPS + 4 * i));
		memcpy(e, &rows[i].sp_offset, 2);
		memcpy(e + 2, &rows[i].bp_offset, 2);
		e[4] = (uint8_t)(rows[i].sp_reg | rows[i].bp_reg << 4);
		e[5] = rows[i].flags;
	}
}

static void setup(struct test *t, bool with_frames)
{
	memset(t, 0, sizeof(*t));
	fill_tables(t);
	t->fake = (struct fake_code){
		.symbols = { { "__start_orc_unwind_ip", IPS, 0, false },
			     { "__stop_orc_unwind_ip", IPS + 4 * NROWS, 0, false },
			     { "__start_orc_unwind", ORCS, 0, false },
			     { "_end", 0xffffffff83000000, 0, false } },
		.memory = { { IPS, t->ips, sizeof(t->ips) },
			    { ORCS, t->orcs, sizeof(t->orcs) },
			    { STACK, t->stack, sizeof(t->stack) },
			    { IRQ_STACK, t->irq_stack, sizeof(t->irq_stack) } },
		.images = { { .frames_bias = TEXT } },
		.nimages = 1,
	};
	if (with_frames) {
		t->frames = compilers_frames();
		assert_int_equal(cfi_data(t->frames, &t->fake.images[0].frames,
					  &t->fake.images[0].frames_size, NULL),
				 0);
	}
}

static void run(struct test *t)
{
	struct code_view v = fake_view(&t->fake);
	const uint8_t *bytes;
	size_t size;

	assert_int_equal(cfi_new(8, &t->out, NULL), 0);
	assert_int_equal(x86_64_cfi(&v, t->out, NULL), 0);
	assert_int_equal(cfi_data(t->out, &bytes, &size, NULL), 0);
	assert_int_equal(fde_table_open(&t->table, bytes, size, 8, 0, NULL), 0);
	t->machine = (struct fake_machine){
		.table = &t->table, .memory = &t->fake, .word = 8, .sp = RSP, .ra = RIP
	};
}

static void teardown(struct test *t)
{
	fde_table_fini(&t->table);
	cfi_free(t->out);
	cfi_free(t->frames);
}

static bool unwind(struct test *t, struct fake_regs *r, uint32_t at)
{
	return fake_unwind(&t->machine, r, TEXT + at);
}

static struct fake_regs at_stack(void)
{
	return (struct fake_regs){ .value[RSP] = STACK,
				   .value[RBP] = 0x5555,
				   .value[RBX] = 0x3333 };
}

static void assembly_is_unwound_by_orc(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, true);
	t.stack[0] = 0x1111; /* rbp, then something, then the return address */
	t.stack[2] = 0x2222;
	run(&t);
	assert_true(unwind(&t, &r, 0x10));
	assert_int_equal(r.value[RIP], 0x2222);
	assert_int_equal(r.value[RSP], STACK + 24);
	assert_int_equal(r.value[RBP], 0x1111);
	r = at_stack();
	assert_true(unwind(&t, &r, 0));
	assert_int_equal(r.value[RIP], 0x1111);
	assert_int_equal(r.value[RBP], 0x5555);
	assert_int_equal(r.value[RSP], STACK + 8);
	teardown(&t);
}

static void entry_code_leads_to_the_interrupted_registers(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, true);
	for (size_t i = 0; i < 21; i++)
		t.stack[i] = 0x100 + i; /* struct pt_regs: r15 r14 r13 r12 rbp rbx ... */
	run(&t);
	assert_true(unwind(&t, &r, 0x50));
	assert_int_equal(r.value[R12], 0x103);
	assert_int_equal(r.value[RBP], 0x104);
	assert_int_equal(r.value[RBX], 0x105);
	assert_int_equal(r.value[RAX], 0x10a);
	assert_int_equal(r.value[RIP], 0x110);
	assert_int_equal(r.value[RSP], 0x113);
	assert_false(r.end);
	teardown(&t);
}

static void hardware_frame_leaves_other_registers_alone(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, true);
	for (size_t i = 0; i < 6; i++)
		t.stack[i] = 0x200 + i; /* a word, then rip cs rflags rsp ss */
	run(&t);
	assert_true(unwind(&t, &r, 0x60));
	assert_int_equal(r.value[RIP], 0x201);
	assert_int_equal(r.value[RSP], 0x204);
	assert_int_equal(r.value[RBX], 0x3333);
	assert_int_equal(r.value[RBP], 0x5555);
	teardown(&t);
}

static void first_code_of_a_stack_has_no_caller(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, true);
	run(&t);
	assert_true(unwind(&t, &r, 0x81));
	assert_true(r.end);
	r = at_stack();
	assert_true(unwind(&t, &r, 0x214));
	assert_true(r.end);
	teardown(&t);
}

static void compiled_code_is_left_to_the_compiler(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, true);
	run(&t);
	assert_false(unwind(&t, &r, 0x100));
	assert_false(unwind(&t, &r, 0x10f));
	assert_false(unwind(&t, &r, 0x118));
	assert_false(unwind(&t, &r, 0x121));
	assert_false(unwind(&t, &r, 0x200)); /* padding */
	assert_true(unwind(&t, &r, 0x208));
	teardown(&t);
}

static void switched_stack_keeps_the_compilers_registers(void **state)
{
	struct fake_regs r = { .value[RSP] = IRQ_STACK };
	struct test t;

	(void)state;
	setup(&t, true);
	t.irq_stack[0] = STACK; /* where the stack pointer was */
	t.stack[0] = 0x3;	/* rbx, return address */
	t.stack[1] = 0x16;
	run(&t);
	assert_true(unwind(&t, &r, 0x114));
	assert_int_equal(r.value[RSP], STACK + 16);
	assert_int_equal(r.value[RIP], 0x16);
	assert_int_equal(r.value[RBX], 0x3);
	teardown(&t);
}

static void frame_found_through_rbp_keeps_the_compilers_registers(void **state)
{
	struct fake_regs r = { .value[RSP] = IRQ_STACK, .value[RBP] = IRQ_STACK + 16 };
	struct test t;

	(void)state;
	setup(&t, true);
	t.irq_stack[1] = STACK + 16;
	t.stack[0] = 0x3;
	t.stack[1] = 0x16;
	run(&t);
	assert_true(unwind(&t, &r, 0x130));
	assert_int_equal(r.value[RSP], STACK + 16);
	assert_int_equal(r.value[RIP], 0x16);
	assert_int_equal(r.value[RBX], 0x3);
	teardown(&t);
}

static void push_in_inline_assembly_moves_the_frame(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, true);
	t.stack[1] = 0x3;
	t.stack[2] = 0x16;
	run(&t);
	assert_true(unwind(&t, &r, 0x120));
	assert_int_equal(r.value[RSP], STACK + 24);
	assert_int_equal(r.value[RIP], 0x16);
	assert_int_equal(r.value[RBX], 0x3);
	teardown(&t);
}

static void without_the_compilers_information_saved_registers_are_unknown(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, false);
	r.known[RBX] = true;
	t.stack[1] = 0x16;
	run(&t);
	assert_true(unwind(&t, &r, 0x118));
	assert_int_equal(r.value[RIP], 0x16);
	assert_false(r.known[RBX]);
	teardown(&t);
}

/* What objtool was told to leave alone, as a kernel at run time has it: a no-op, push %rbx. */
static const uint8_t not_followed[8] = { 0x0f, 0x1f, 0x44, 0, 0, 0x53, 0x90, 0x90 };

static void function_without_orc_is_unwound_by_its_prologue(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t, false);
	t.fake.symbols[4] =
		(struct fake_symbol){ "not_followed", TEXT + 0x210, sizeof(not_followed), true };
	t.fake.memory[4] =
		(struct fake_memory){ TEXT + 0x210, not_followed, sizeof(not_followed) };
	t.stack[0] = 0x33;
	t.stack[1] = 0x16;
	run(&t);
	assert_true(unwind(&t, &r, 0x217));
	assert_false(r.end);
	assert_int_equal(r.value[RIP], 0x16);
	assert_int_equal(r.value[RBX], 0x33);
	assert_int_equal(r.value[RSP], STACK + 16);
	r = at_stack();
	assert_true(unwind(&t, &r, 0x210));
	assert_int_equal(r.value[RIP], 0x33);
	/* padding is still the end of all stacks */
	r = at_stack();
	assert_true(unwind(&t, &r, 0x204));
	assert_true(r.end);
	teardown(&t);
}

static void generated_code_has_a_frame_pointer(void **state)
{
	struct fake_regs r = { .value[RSP] = STACK, .value[RBP] = STACK + 64 };
	struct test t;

	(void)state;
	setup(&t, true);
	t.stack[8] = 0x1234;
	t.stack[9] = 0x16;
	run(&t);
	assert_true(fake_unwind(&t.machine, &r, 0xffffffffc0123456));
	assert_int_equal(r.value[RBP], 0x1234);
	assert_int_equal(r.value[RIP], 0x16);
	assert_int_equal(r.value[RSP], STACK + 80);
	assert_null(fde_table_find(&t.table, 0xffffffff82fffff0));
	assert_null(fde_table_find(&t.table, 0xffffffffff000000));
	teardown(&t);
}

#define MODULE UINT64_C(0xffffffffc0400000)

/* The same tables once more, as a module's whose text ends at 0x100. */
static void add_module(struct test *t, int32_t *ips)
{
	for (size_t i = 0; i < NROWS; i++)
		ips[i] = (int32_t)(MODULE + rows[i].at - (MODULE + 0x1000 + 4 * i));
	t->fake.memory[4] = (struct fake_memory){ MODULE + 0x1000, ips, NROWS * sizeof(*ips) };
	t->fake.images[1] = (struct code_image){ .name = "m",
						 .areas = { { MODULE, 0x100 } },
						 .nareas = 1,
						 .orc_ip = MODULE + 0x1000,
						 .orc = ORCS,
						 .num_orcs = NROWS };
	t->fake.nimages = 2;
}

static void module_is_described_as_far_as_it_lives(void **state)
{
	struct fake_regs r = at_stack();
	int32_t ips[NROWS];
	struct test t;

	(void)state;
	setup(&t, true);
	add_module(&t, ips);
	run(&t);
	assert_true(fake_unwind(&t.machine, &r, MODULE + 0x10));
	assert_int_equal(r.value[RSP], STACK + 24);
	/* its init code is gone: generated code may be there */
	assert_int_equal(fde_table_find(&t.table, MODULE + 0x208)->start, MODULE + 0x100);
	teardown(&t);

	setup(&t, true);
	add_module(&t, ips);
	t.fake.images[1].areas[1] = (struct code_area){ MODULE + 0x200, 0x100 };
	t.fake.images[1].nareas = 2;
	run(&t);
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, MODULE + 0x208));
	assert_int_equal(r.value[RSP], STACK + 8);
	teardown(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assembly_is_unwound_by_orc),
		cmocka_unit_test(entry_code_leads_to_the_interrupted_registers),
		cmocka_unit_test(hardware_frame_leaves_other_registers_alone),
		cmocka_unit_test(first_code_of_a_stack_has_no_caller),
		cmocka_unit_test(compiled_code_is_left_to_the_compiler),
		cmocka_unit_test(switched_stack_keeps_the_compilers_registers),
		cmocka_unit_test(frame_found_through_rbp_keeps_the_compilers_registers),
		cmocka_unit_test(push_in_inline_assembly_moves_the_frame),
		cmocka_unit_test(without_the_compilers_information_saved_registers_are_unknown),
		cmocka_unit_test(function_without_orc_is_unwound_by_its_prologue),
		cmocka_unit_test(generated_code_has_a_frame_pointer),
		cmocka_unit_test(module_is_described_as_far_as_it_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
