// SPDX-License-Identifier: GPL-3.0-or-later
/* Unwinding x86_64 step by step: ORC, its gaps, generated code, kernels without ORC. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "fake_unwind.h"
#include "x86_64/x86_64.h"

#define TEXT UINT64_C(0xffffffff81000000)
#define TEXT_SIZE 0x1000
#define ENTRY (TEXT + 0xe00)
#define IPS UINT64_C(0xffffffff82000000)
#define ORCS UINT64_C(0xffffffff82100000)
#define BPF UINT64_C(0xffffffffc0100000)
#define STACK UINT64_C(0xffffc90000000000)
#define IRQ_STACK UINT64_C(0xffffc90000008000)
#define PERCPU UINT64_C(0xffff888000000000)
#define SLOT(n) (STACK + 8 * (n))

/* DWARF numbers */
enum { DW_RBX = 3, DW_RBP = 6, DW_RSP = 7, DW_RIP = 16 };

/* Raw numbers of kernels since 6.4. */
enum {
	O_NONE = 0,
	O_PREV_SP = 1,
	O_BP = 4,
	O_SP = 5,
	O_R10 = 6,
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

/* Each piece is 0x40 bytes of a function of its own, after 0x300 nothing is known. */
static const struct row rows[] = {
	{ 0x000, 8, 0, O_SP, O_NONE, O_CALL },
	{ 0x040, 24, -24, O_SP, O_PREV_SP, O_CALL },
	{ 0x080, 16, -16, O_BP, O_BP, O_CALL },
	{ 0x0c0, 0, 0, O_SP, O_NONE, O_REGS },
	{ 0x100, 8, 0, O_SP, O_NONE, O_REGS_PARTIAL },
	{ 0x140, 0, 0, O_NONE, O_NONE, O_END },
	{ 0x180, 16, 0, O_SP_INDIRECT, O_NONE, O_CALL },
	{ 0x1c0, -8, 0, O_BP_INDIRECT, O_NONE, O_CALL },
	{ 0x200, 8, 0, O_R10, O_NONE, O_CALL },
	{ 0x240, 8, 0, O_SP, O_NONE, O_CALL },
	{ 0x280, 8, 0, O_SP, O_NONE, O_CALL },
/* most code is like this, by which the layout of entries is known */
#define PLAIN(at)                                                                                  \
	{                                                                                          \
		at, 8, 0, O_SP, O_NONE, O_CALL                                                     \
	}
	PLAIN(0x2c0),
	PLAIN(0x2c4),
	PLAIN(0x2c8),
	PLAIN(0x2cc),
	PLAIN(0x2d0),
	PLAIN(0x2d4),
	PLAIN(0x2d8),
	PLAIN(0x2dc),
	PLAIN(0x2e0),
	PLAIN(0x2e4),
	PLAIN(0x2e8),
	PLAIN(0x2ec),
	{ 0x300, 0, 0, O_NONE, O_NONE, 0 },
	{ 0xf00, 0, 0, O_NONE, O_NONE, 0 },
};

#define NROWS KD_ARRAY_SIZE(rows)

struct test {
	struct fake_unwind u;
	int32_t ips[NROWS];
	uint8_t orcs[6 * NROWS];
	uint64_t stack[64], irq_stack[8], percpu[8];
	uint8_t text[TEXT_SIZE], bpf[4096];
	struct cfi *frames;
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

/* What gcc says of a function at 0x400: it pushes rbx and subtracts 16. */
static void add_frames(struct test *t)
{
	struct cfi_cie cie = { .ra = DW_RIP, .data_align = -8 };
	struct code_image *image = &t->u.code.images[0];
	uint32_t handle;

	assert_int_equal(cfi_new(8, &t->frames, NULL), 0);
	handle = cfi_cie(t->frames, &cie);
	cfi_def_cfa(t->frames, DW_RSP, 8);
	cfi_offset(t->frames, DW_RIP, -8);
	cfi_cie_end(t->frames);
	cfi_fde(t->frames, handle, TEXT + 0x400);
	cfi_advance(t->frames, TEXT + 0x405);
	cfi_def_cfa(t->frames, DW_RSP, 32);
	cfi_offset(t->frames, DW_RBX, -16);
	cfi_fde_end(t->frames, TEXT + 0x480);
	assert_int_equal(cfi_data(t->frames, &image->frames, &image->frames_size, NULL), 0);
}

enum options { NO_ORC = 1, FRAMES = 2, BARE = 4 };

static void setup(struct test *t, unsigned options)
{
	memset(t, 0, sizeof(*t));
	fill_tables(t);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t->stack); i++)
		t->stack[i] = 0xbad0000 + i;
	memset(t->text, 0x90, sizeof(t->text));
	t->u.arch = &arch_x86_64;
	t->u.text = TEXT;
	t->u.text_end = TEXT + TEXT_SIZE;
	t->u.code = (struct fake_code){
		.symbols = { { "first", TEXT, 0x40, true },
			     { "gap", TEXT + 0x400, 0x80, true },
			     { "framed", TEXT + 0x500, 0x80, true },
			     { "ftrace_caller", TEXT + 0x280, 0x40, true },
			     { "__entry_text_start", ENTRY, 0, false },
			     { "__entry_text_end", ENTRY + 0x100, 0, false },
			     { "hardirq_stack_ptr", 0x10, 8, false },
			     { "cea_exception_stacks", 0x18, 8, false },
			     { "__start_orc_unwind", ORCS, 0, false },
			     { "__stop_orc_unwind_ip", IPS + 4 * NROWS, 0, false },
			     { options & NO_ORC ? "x" : "__start_orc_unwind_ip", IPS, 0, false } },
		.memory = { { IPS, t->ips, sizeof(t->ips) },
			    { ORCS, t->orcs, sizeof(t->orcs) },
			    { STACK, t->stack, sizeof(t->stack) },
			    { IRQ_STACK, t->irq_stack, sizeof(t->irq_stack) },
			    { TEXT, t->text, sizeof(t->text) },
			    { BPF, t->bpf, sizeof(t->bpf) },
			    { PERCPU, t->percpu, sizeof(t->percpu) } },
		.members = { { "cea_exception_stacks", "DF_stack", 0x1000 },
			     { "cea_exception_stacks", "NMI_stack_guard", 0x3000 },
			     { "cea_exception_stacks", "NMI_stack", 0x4000 },
			     { "cea_exception_stacks", "DB_stack_guard", 0x6000 } },
		.images = { { .name = NULL } },
		.nimages = 1,
	};
	if (options & FRAMES)
		add_frames(t);
	fake_unwind_open(&t->u, options & BARE);
}

static void teardown(struct test *t)
{
	fake_unwind_close(&t->u);
	cfi_free(t->frames);
}

/* A call of 5 bytes in front of AT. */
static void put_call(struct test *t, vaddr_t at)
{
	t->text[at - 5 - TEXT] = 0xe8;
}

static void call_pops_the_return_address(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	t.stack[4] = TEXT + 0x50;
	fake_unwind_at(&t.u, TEXT + 0x10, SLOT(4), 0x1234, true);
	regs_set(&t.u.regs, X86_64_RBX, 77);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x50);
	assert_reg(&t.u, X86_64_RSP, SLOT(5));
	assert_reg(&t.u, X86_64_RBP, 0x1234);
	assert_false(regs_known(&t.u.regs, X86_64_RBX)); /* ORC does not say what became of it */
	assert_false(t.u.step.exact || t.u.step.entry || t.u.step.end);
	teardown(&t);
}

static void saved_rbp_comes_back(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	t.stack[4] = 0xabcd;
	t.stack[6] = TEXT + 0x10;
	fake_unwind_at(&t.u, TEXT + 0x50, SLOT(4), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x10);
	assert_reg(&t.u, X86_64_RSP, SLOT(7));
	assert_reg(&t.u, X86_64_RBP, 0xabcd);
	/* relative to rbp itself, CFA at rbp + 16, saved at rbp - 16 */
	t.stack[8] = 0x5555;
	t.stack[11] = TEXT + 0x20;
	fake_unwind_at(&t.u, TEXT + 0x90, SLOT(1), SLOT(10), true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x20);
	assert_reg(&t.u, X86_64_RSP, SLOT(12));
	assert_reg(&t.u, X86_64_RBP, 0x5555);
	teardown(&t);
}

/* A call may be a function's last instruction: what is behind it is another's. */
static void return_addresses_are_looked_up_behind_the_call(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	t.stack[4] = TEXT + 0x10;
	fake_unwind_at(&t.u, TEXT + 0x40, SLOT(4), 0, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RSP, SLOT(5));
	fake_unwind_at(&t.u, TEXT + 0x40, SLOT(4), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RSP, SLOT(7)); /* interrupted there: the next function's rule */
	teardown(&t);
}

static void entry_code_gives_what_it_interrupted(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	for (unsigned i = 0; i < 21; i++)
		t.stack[i] = 100 + i;
	t.stack[16] = TEXT + 0x11;
	t.stack[17] = 0x10;
	t.stack[19] = SLOT(40);
	fake_unwind_at(&t.u, TEXT + 0xd0, SLOT(0), 0, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.entry && t.u.step.exact);
	assert_reg(&t.u, X86_64_R15, 100);
	assert_reg(&t.u, X86_64_RBP, 104);
	assert_reg(&t.u, X86_64_RDI, 114);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x11);
	assert_reg(&t.u, X86_64_RSP, SLOT(40));
	assert_reg(&t.u, X86_64_CS, 0x10);
	assert_reg(&t.u, X86_64_SS, 120);
	assert_false(regs_known(&t.u.regs, X86_64_GS));
	teardown(&t);
}

/* Early in an entry there are five words; registers are still the interrupted ones. */
static void partial_registers_keep_the_rest(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	t.stack[3] = 0x4026d9;
	t.stack[4] = 0x33;
	t.stack[5] = 0x246;
	t.stack[6] = 0x7ffd0000;
	t.stack[7] = 0x2b;
	fake_unwind_at(&t.u, TEXT + 0x110, SLOT(2), 0x77, true);
	regs_set(&t.u.regs, X86_64_R12, 12);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.entry);
	assert_reg(&t.u, X86_64_RIP, 0x4026d9);
	assert_reg(&t.u, X86_64_RSP, 0x7ffd0000);
	assert_reg(&t.u, X86_64_R12, 12);
	assert_reg(&t.u, X86_64_RBP, 0x77);
	assert_true(arch_x86_64.user_mode(&t.u.regs));
	teardown(&t);
}

static void the_first_code_of_a_stack_ends_it(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	fake_unwind_at(&t.u, TEXT + 0x150, SLOT(2), 0, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.end);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x150);
	teardown(&t);
}

/* On the IRQ stack's top is where it was left from. */
static void stacks_are_switched_by_indirect_rules(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	t.irq_stack[2] = SLOT(20);
	t.stack[21] = TEXT + 0x30;
	fake_unwind_at(&t.u, TEXT + 0x190, IRQ_STACK + 16, 0, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RSP, SLOT(22));
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x30);
	t.irq_stack[3] = SLOT(30);
	t.stack[29] = TEXT + 0x31;
	fake_unwind_at(&t.u, TEXT + 0x1d0, IRQ_STACK, IRQ_STACK + 32, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RSP, SLOT(30));
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x31);
	teardown(&t);
}

static void a_lost_register_is_named(void **state)
{
	struct test t;
	struct regs before;

	(void)state;
	setup(&t, 0);
	fake_unwind_at(&t.u, TEXT + 0x210, SLOT(2), 0, true);
	before = t.u.regs;
	assert_int_equal(fake_unwind_step(&t.u), KD_NOTFOUND);
	assert_non_null(strstr(t.u.err.text, "r10"));
	assert_memory_equal(&before, &t.u.regs, sizeof(before));
	t.stack[5] = TEXT + 0x10;
	regs_set(&t.u.regs, X86_64_R10, SLOT(6)); /* its offset of 8 does not count */
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RSP, SLOT(6));
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x10);
	teardown(&t);
}

static void missing_memory_is_a_failure(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	fake_unwind_at(&t.u, TEXT + 0x10, STACK + sizeof(t.stack), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), KD_UNMAPPED);
	fake_unwind_at(&t.u, TEXT + 0xd0, SLOT(50), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), KD_UNMAPPED);
	assert_non_null(strstr(t.u.err.text, "registers saved at"));
	teardown(&t);
}

static void gaps_are_left_by_the_compilers_information(void **state)
{
	struct test t;

	(void)state;
	setup(&t, FRAMES);
	t.stack[6] = 0xb;
	t.stack[7] = TEXT + 0x10;
	fake_unwind_at(&t.u, TEXT + 0x410, SLOT(4), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x10);
	assert_reg(&t.u, X86_64_RSP, SLOT(8));
	assert_reg(&t.u, X86_64_RBX, 0xb);
	/* it does not know everything either */
	fake_unwind_at(&t.u, TEXT + 0x610, SLOT(4), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), KD_NOTFOUND);
	teardown(&t);
}

static void gaps_are_left_by_their_prologue(void **state)
{
	/* push %rbp; push %rbx; sub $16,%rsp; ...; add $16,%rsp */
	static const uint8_t code[] = { 0x55, 0x53, 0x48, 0x83, 0xec, 0x10,
					0x90, 0x48, 0x83, 0xc4, 0x10 };
	struct test t;

	(void)state;
	setup(&t, 0);
	memcpy(t.text + 0x400, code, sizeof(code));
	t.stack[7] = 0xbbbb;
	t.stack[8] = TEXT + 0x10;
	fake_unwind_at(&t.u, TEXT + 0x406, SLOT(4), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x10);
	assert_reg(&t.u, X86_64_RSP, SLOT(9));
	assert_reg(&t.u, X86_64_RBP, 0xbbbb);
	/* between the pushes only rbp is saved */
	t.stack[4] = 0xcccc;
	t.stack[5] = TEXT + 0x20;
	fake_unwind_at(&t.u, TEXT + 0x401, SLOT(4), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x20);
	assert_reg(&t.u, X86_64_RBP, 0xcccc);
	teardown(&t);
}

static void generated_code_keeps_a_frame_pointer(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	t.stack[10] = SLOT(30);
	t.stack[11] = TEXT + 0x10;
	fake_unwind_at(&t.u, BPF + 0x123, SLOT(3), SLOT(10), false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_int_equal(t.u.step.how, UNWIND_BY_FRAME_POINTER);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x10);
	assert_reg(&t.u, X86_64_RSP, SLOT(12));
	assert_reg(&t.u, X86_64_RBP, SLOT(30));
	teardown(&t);
}

/* A trampoline is a copy of ftrace_caller, whose ORC rules it has. */
static void trampolines_are_known_by_their_bytes(void **state)
{
	static const uint8_t head[16] = { 0x55, 0x48, 0x89, 0xe5, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct test t;

	(void)state;
	setup(&t, 0);
	fake_unwind_close(&t.u);
	memcpy(t.text + 0x280, head, sizeof(head));
	memcpy(t.bpf, head, sizeof(head));
	fake_unwind_open(&t.u, false);
	t.stack[4] = TEXT + 0x10;
	fake_unwind_at(&t.u, BPF + 0x20, SLOT(4), SLOT(10), false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_int_equal(t.u.step.how, UNWIND_BY_TABLE);
	assert_reg(&t.u, X86_64_RSP, SLOT(5));
	teardown(&t);
}

static void a_jump_to_nowhere_was_a_call(void **state)
{
	struct test t;

	(void)state;
	setup(&t, 0);
	put_call(&t, TEXT + 0x2a);
	t.stack[4] = TEXT + 0x2a;
	fake_unwind_at(&t.u, 0, SLOT(4), 0x99, true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_int_equal(t.u.step.how, UNWIND_BY_CALL);
	assert_false(t.u.step.exact);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x2a);
	assert_reg(&t.u, X86_64_RSP, SLOT(5));
	assert_reg(&t.u, X86_64_RBP, 0x99);
	/* what is on top is code, but nothing is called there */
	t.stack[4] = TEXT + 0x38;
	fake_unwind_at(&t.u, 0, SLOT(4), 0, true);
	assert_int_equal(fake_unwind_step(&t.u), KD_NOTFOUND);
	teardown(&t);
}

/* Kernels without ORC ------------------------------------------------------------------- */

static void without_orc_the_compilers_information_counts(void **state)
{
	struct test t;

	(void)state;
	setup(&t, NO_ORC | FRAMES);
	t.stack[4] = TEXT + 0x10;
	fake_unwind_at(&t.u, TEXT + 0x402, SLOT(4), 0x1, true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x10);
	assert_reg(&t.u, X86_64_RBP, 0x1); /* a callee preserves it */
	assert_false(regs_known(&t.u.regs, X86_64_RAX));
	teardown(&t);
}

static void encoded_frame_pointers_lead_to_registers(void **state)
{
	struct test t;

	(void)state;
	setup(&t, NO_ORC);
	t.stack[20 + 4] = 0x44;
	t.stack[20 + 16] = TEXT + 0x11;
	t.stack[20 + 17] = 0x10;
	t.stack[20 + 19] = SLOT(50);
	fake_unwind_at(&t.u, TEXT + 0x800, SLOT(4), SLOT(20) | 1, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.entry && t.u.step.exact);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x11);
	assert_reg(&t.u, X86_64_RBP, 0x44);
	assert_reg(&t.u, X86_64_RSP, SLOT(50));
	teardown(&t);
}

/* copy_thread() leaves zeros for a kernel thread. */
static void empty_registers_end_a_kernel_thread(void **state)
{
	struct test t;

	(void)state;
	setup(&t, NO_ORC);
	memset(t.stack + 20, 0, 21 * 8);
	fake_unwind_at(&t.u, TEXT + 0x800, SLOT(4), SLOT(20) | 1, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.end);
	teardown(&t);
}

static void entry_code_has_registers_on_top_of_the_stack(void **state)
{
	struct test t;

	(void)state;
	setup(&t, NO_ORC | BARE);
	t.stack[20 + 16] = 0x401000;
	t.stack[20 + 17] = 0x33;
	t.stack[20 + 19] = 0x7ffd0000;
	/* rbp is the user's */
	fake_unwind_at(&t.u, ENTRY + 0x80, SLOT(20), 0x123457, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.entry);
	assert_reg(&t.u, X86_64_RIP, 0x401000);
	assert_reg(&t.u, X86_64_RSP, 0x7ffd0000);
	teardown(&t);
}

/* push %rbp at 0x505; mov %rsp,%rbp; a body; pop %rbp; ret */
static void interrupted_functions_are_read(void **state)
{
	static const uint8_t code[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00, 0x55, 0x48,
					0x89, 0xe5, 0x90, 0x90, 0x5d, 0xc3 };
	static const struct {
		unsigned at, ret, rsp, saved; /* slots; saved 0: rbp is the caller's */
	} cases[] = {
		{ 0, 4, 5, 0 },	   { 5, 4, 5, 0 },     { 6, 5, 6, 4 },
		{ 9, 11, 12, 10 }, { 11, 11, 12, 10 }, { 12, 4, 5, 0 },
	};
	struct test t;

	(void)state;
	setup(&t, NO_ORC | BARE);
	memcpy(t.text + 0x500, code, sizeof(code));
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		t.stack[cases[i].ret] = TEXT + 0x30;
		fake_unwind_at(&t.u, TEXT + 0x500 + cases[i].at, SLOT(4), SLOT(10), true);
		assert_int_equal(fake_unwind_step(&t.u), 0);
		assert_reg(&t.u, X86_64_RIP, TEXT + 0x30);
		assert_reg(&t.u, X86_64_RSP, SLOT(cases[i].rsp));
		assert_reg(&t.u, X86_64_RBP,
			   cases[i].saved ? 0xbad0000 + cases[i].saved : SLOT(10));
		t.stack[cases[i].ret] = 0xbad0000 + cases[i].ret;
	}
	teardown(&t);
}

static void frame_pointers_must_lie_on_a_stack(void **state)
{
	struct test t;

	(void)state;
	setup(&t, NO_ORC | BARE);
	fake_unwind_at(&t.u, TEXT + 0x800, SLOT(4), SLOT(10) + 4, false);
	assert_int_equal(fake_unwind_step(&t.u), KD_CORRUPT);
	fake_unwind_at(&t.u, TEXT + 0x800, SLOT(12), SLOT(10), false); /* below the stack pointer */
	assert_int_equal(fake_unwind_step(&t.u), KD_CORRUPT);
	fake_unwind_at(&t.u, TEXT + 0x800, SLOT(4), 0xffffc90000f00000, false);
	assert_int_equal(fake_unwind_step(&t.u), KD_UNMAPPED);
	/* another stack is fine if it looks like a frame */
	put_call(&t, TEXT + 0x2a);
	t.irq_stack[3] = TEXT + 0x2a;
	fake_unwind_at(&t.u, TEXT + 0x800, STACK - 0x100000, IRQ_STACK + 16, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, X86_64_RIP, TEXT + 0x2a);
	teardown(&t);
}

/* The rest ------------------------------------------------------------------------------ */

static void calls_of_every_form_are_seen(void **state)
{
	static const struct {
		uint8_t bytes[7]; /* ending where the return address is */
		bool is_call;
	} cases[] = {
		{ { 0, 0, 0xe8, 1, 2, 3, 4 }, true },
		{ { 0, 0, 0, 0, 0, 0xff, 0xd0 }, true },       /* *%rax */
		{ { 0, 0, 0, 0, 0x41, 0xff, 0xd3 }, true },    /* *%r11 */
		{ { 0, 0, 0, 0, 0xff, 0x50, 0x18 }, true },    /* *0x18(%rax) */
		{ { 0, 0xff, 0x90, 1, 2, 3, 4 }, true },       /* *0x4030201(%rax) */
		{ { 0, 0xff, 0x15, 1, 2, 3, 4 }, true },       /* *disp(%rip) */
		{ { 0xff, 0x14, 0xc5, 1, 2, 3, 4 }, true },    /* *table(,%rax,8) */
		{ { 0, 0, 0, 0xff, 0x54, 0x24, 0x08 }, true }, /* *8(%rsp) */
		{ { 0, 0, 0, 0, 0, 0xff, 0xe0 }, false },      /* jmp *%rax */
		{ { 0, 0, 0xe9, 1, 2, 3, 4 }, false },
		{ { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 }, false },
	};
	struct test t;

	(void)state;
	setup(&t, 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		memcpy(t.text + 0x700, cases[i].bytes, 7);
		assert_int_equal(arch_x86_64.after_call(&t.u.view, TEXT + 0x707), cases[i].is_call);
	}
	/* at the very start of what is mapped */
	t.text[0] = 0xff;
	t.text[1] = 0xd0;
	assert_true(arch_x86_64.after_call(&t.u.view, TEXT + 2));
	assert_false(arch_x86_64.after_call(&t.u.view, 0x1000));
	teardown(&t);
}

static void stacks_of_a_cpu_are_found(void **state)
{
	struct stack_area list[STACK_AREAS_MAX];
	struct test t;

	(void)state;
	setup(&t, 0);
	t.percpu[2] = 0xffffc90000103ff8;
	t.percpu[3] = 0xfffffe0000001000;
	assert_int_equal(arch_x86_64.cpu_stacks(&t.u.view, PERCPU, list), 3);
	assert_string_equal(list[0].name, "IRQ");
	assert_int_equal(list[0].start, 0xffffc90000100000);
	assert_int_equal(list[0].size, 0x4000);
	assert_string_equal(list[1].name, "DF");
	assert_int_equal(list[1].start, 0xfffffe0000002000);
	assert_int_equal(list[1].size, 0x2000);
	assert_string_equal(list[2].name, "NMI");
	teardown(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_pops_the_return_address),
		cmocka_unit_test(saved_rbp_comes_back),
		cmocka_unit_test(return_addresses_are_looked_up_behind_the_call),
		cmocka_unit_test(entry_code_gives_what_it_interrupted),
		cmocka_unit_test(partial_registers_keep_the_rest),
		cmocka_unit_test(the_first_code_of_a_stack_ends_it),
		cmocka_unit_test(stacks_are_switched_by_indirect_rules),
		cmocka_unit_test(a_lost_register_is_named),
		cmocka_unit_test(missing_memory_is_a_failure),
		cmocka_unit_test(gaps_are_left_by_the_compilers_information),
		cmocka_unit_test(gaps_are_left_by_their_prologue),
		cmocka_unit_test(generated_code_keeps_a_frame_pointer),
		cmocka_unit_test(trampolines_are_known_by_their_bytes),
		cmocka_unit_test(a_jump_to_nowhere_was_a_call),
		cmocka_unit_test(without_orc_the_compilers_information_counts),
		cmocka_unit_test(encoded_frame_pointers_lead_to_registers),
		cmocka_unit_test(empty_registers_end_a_kernel_thread),
		cmocka_unit_test(entry_code_has_registers_on_top_of_the_stack),
		cmocka_unit_test(interrupted_functions_are_read),
		cmocka_unit_test(frame_pointers_must_lie_on_a_stack),
		cmocka_unit_test(calls_of_every_form_are_seen),
		cmocka_unit_test(stacks_of_a_cpu_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
