// SPDX-License-Identifier: GPL-3.0-or-later
/* Unwinding i386 step by step: frame pointers, entry code, the compiler's information. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "fake_unwind.h"
#include "i386/i386.h"

#define TEXT UINT64_C(0xc1000000)
#define TEXT_SIZE 0x1000
#define ENTRY (TEXT + 0xe00)
#define STACK UINT64_C(0xc2000000)
#define SOFTIRQ UINT64_C(0xc3000000)
#define PERCPU UINT64_C(0xc4000000)
#define SLOT(n) (STACK + 4 * (n))

enum { DW_ESP = 4, DW_EBX = 3, DW_EIP = 8 };

/* struct pt_regs in words */
enum { PT_BP = 5, PT_IP = 12, PT_CS = 13, PT_FLAGS = 14, PT_SP = 15 };

#define CS_FROM_KERNEL (1u << 29)

struct test {
	struct fake_unwind u;
	uint32_t stack[64], softirq[8], percpu[8];
	uint8_t text[TEXT_SIZE];
	struct cfi *frames;
};

/* What gcc says of a function at 0x400: it keeps no frame pointer and pushes ebx. */
static void add_frames(struct test *t)
{
	struct cfi_cie cie = { .ra = DW_EIP, .data_align = -4 };
	struct code_image *image = &t->u.code.images[0];
	uint32_t handle;

	assert_int_equal(cfi_new(4, &t->frames, NULL), 0);
	handle = cfi_cie(t->frames, &cie);
	cfi_def_cfa(t->frames, DW_ESP, 4);
	cfi_offset(t->frames, DW_EIP, -4);
	cfi_cie_end(t->frames);
	cfi_fde(t->frames, handle, TEXT + 0x400);
	cfi_advance(t->frames, TEXT + 0x401);
	cfi_def_cfa(t->frames, DW_ESP, 8);
	cfi_offset(t->frames, DW_EBX, -8);
	cfi_fde_end(t->frames, TEXT + 0x480);
	assert_int_equal(cfi_data(t->frames, &image->frames, &image->frames_size, NULL), 0);
}

static void setup(struct test *t, bool frames)
{
	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < KD_ARRAY_SIZE(t->stack); i++)
		t->stack[i] = 0xbad000 + (uint32_t)i;
	memset(t->text, 0x90, sizeof(t->text));
	t->u.arch = &arch_i386;
	t->u.text = TEXT;
	t->u.text_end = TEXT + TEXT_SIZE;
	t->u.code = (struct fake_code){
		.symbols = { { "usual", TEXT + 0x100, 0x40, true },
			     { "late", TEXT + 0x200, 0x40, true },
			     { "leaf", TEXT + 0x300, 0x40, true },
			     { "bare", TEXT + 0x400, 0x80, true },
			     { "__entry_text_start", ENTRY, 0, false },
			     { "__entry_text_end", ENTRY + 0x100, 0, false },
			     { "hardirq_stack_ptr", 0x4, 4, false },
			     { "softirq_stack_ptr", 0x8, 4, false } },
		.memory = { { STACK, t->stack, sizeof(t->stack) },
			    { SOFTIRQ, t->softirq, sizeof(t->softirq) },
			    { TEXT, t->text, sizeof(t->text) },
			    { PERCPU, t->percpu, sizeof(t->percpu) } },
		.images = { { .name = NULL } },
		.nimages = 1,
	};
	if (frames)
		add_frames(t);
	fake_unwind_open(&t->u, !frames);
}

static void teardown(struct test *t)
{
	fake_unwind_close(&t->u);
	cfi_free(t->frames);
}

static void put_call(struct test *t, vaddr_t at)
{
	t->text[at - 5 - TEXT] = 0xe8;
}

static void frame_pointers_lead_from_frame_to_frame(void **state)
{
	struct test t;

	(void)state;
	setup(&t, false);
	t.stack[10] = (uint32_t)SLOT(20);
	t.stack[11] = (uint32_t)TEXT + 0x110;
	fake_unwind_at(&t.u, TEXT + 0x120, SLOT(4), SLOT(10), false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_int_equal(t.u.step.how, UNWIND_BY_FRAME_POINTER);
	assert_reg(&t.u, I386_EIP, TEXT + 0x110);
	assert_reg(&t.u, I386_ESP, SLOT(12));
	assert_reg(&t.u, I386_EBP, SLOT(20));
	teardown(&t);
}

struct interrupted {
	unsigned at, ret, esp, saved; /* slots; saved 0: ebp is the caller's */
};

static void check_interrupted(struct test *t, vaddr_t function, const struct interrupted *cases,
			      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct interrupted *c = &cases[i];

		t->stack[c->ret] = (uint32_t)TEXT + 0x130;
		fake_unwind_at(&t->u, function + c->at, SLOT(4), SLOT(10), true);
		assert_int_equal(fake_unwind_step(&t->u), 0);
		assert_reg(&t->u, I386_EIP, TEXT + 0x130);
		assert_reg(&t->u, I386_ESP, SLOT(c->esp));
		assert_reg(&t->u, I386_EBP, c->saved ? 0xbad000 + c->saved : SLOT(10));
		t->stack[c->ret] = 0xbad000 + c->ret;
	}
}

static void interrupted_functions_are_read(void **state)
{
	/* call __fentry__; push %ebp; mov $1,%eax; mov %esp,%ebp; nop; leave; ret */
	static const uint8_t usual[] = { 0xe8, 1, 2, 3,	   4,	 0x55, 0xb8, 1,
					 0,    0, 0, 0x89, 0xe5, 0x90, 0xc9, 0xc3 };
	static const struct interrupted in_usual[] = {
		{ 0, 4, 5, 0 },	    { 5, 4, 5, 0 },	{ 6, 5, 6, 4 },	 { 11, 5, 6, 4 },
		{ 13, 11, 12, 10 }, { 14, 11, 12, 10 }, { 15, 4, 5, 0 },
	};
	/* test; je; push %ebp; mov %esp,%ebp; nop; pop %ebp; ret */
	static const uint8_t late[] = {
		0x84, 0xc0, 0x74, 0x10, 0x55, 0x89, 0xe5, 0x90, 0x5d, 0xc3
	};
	static const struct interrupted in_late[] = {
		{ 0, 4, 5, 0 }, { 4, 4, 5, 0 }, { 5, 5, 6, 4 }, { 7, 11, 12, 10 }, { 9, 4, 5, 0 },
	};
	struct test t;

	(void)state;
	setup(&t, false);
	memcpy(t.text + 0x100, usual, sizeof(usual));
	memcpy(t.text + 0x200, late, sizeof(late));
	check_interrupted(&t, TEXT + 0x100, in_usual, KD_ARRAY_SIZE(in_usual));
	check_interrupted(&t, TEXT + 0x200, in_late, KD_ARRAY_SIZE(in_late));
	teardown(&t);
}

/* Assembly that pushed two registers: its return address is the nearest that is one. */
static void leaves_are_left_by_the_nearest_return_address(void **state)
{
	struct test t;

	(void)state;
	setup(&t, false);
	put_call(&t, TEXT + 0x125);
	t.stack[5] = (uint32_t)TEXT + 0x180; /* code, but no call is in front of it */
	t.stack[6] = (uint32_t)TEXT + 0x125;
	fake_unwind_at(&t.u, TEXT + 0x310, SLOT(4), SLOT(10), true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, I386_EIP, TEXT + 0x125);
	assert_reg(&t.u, I386_ESP, SLOT(7));
	assert_reg(&t.u, I386_EBP, SLOT(10));
	/* above the frame pointer lies the caller's caller */
	t.stack[6] = 0;
	t.stack[11] = (uint32_t)TEXT + 0x125;
	t.stack[10] = (uint32_t)SLOT(20);
	fake_unwind_at(&t.u, TEXT + 0x310, SLOT(4), SLOT(10), true);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, I386_ESP, SLOT(12));
	assert_reg(&t.u, I386_EBP, SLOT(20));
	teardown(&t);
}

static void put_regs(struct test *t, unsigned at, uint32_t ip, uint32_t cs, uint32_t sp)
{
	for (unsigned i = 0; i < 17; i++)
		t->stack[at + i] = 0x100 + i;
	t->stack[at + PT_IP] = ip;
	t->stack[at + PT_CS] = cs;
	t->stack[at + PT_FLAGS] = 0x246;
	t->stack[at + PT_SP] = sp;
}

/* mov %esp,%ebp; and $0x7fffffff,%ebp: a struct pt_regs in disguise. */
static void encoded_frame_pointers_lead_to_registers(void **state)
{
	struct test t;

	(void)state;
	setup(&t, false);
	put_regs(&t, 20, TEXT + 0x111, 0x60 | CS_FROM_KERNEL, (uint32_t)SLOT(50));
	fake_unwind_at(&t.u, TEXT + 0x800, SLOT(4), SLOT(20) & 0x7fffffff, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.entry && t.u.step.exact);
	assert_reg(&t.u, I386_EIP, TEXT + 0x111);
	assert_reg(&t.u, I386_EBX, 0x100);
	assert_reg(&t.u, I386_EBP, 0x100 + PT_BP);
	assert_reg(&t.u, I386_ESP, SLOT(50));
	assert_reg(&t.u, I386_CS, 0x60); /* without the kernel's own marks */
	teardown(&t);
}

/* Hardware pushes esp only when it comes from user mode; kernels since 5.4 always do. */
static void the_interrupted_stack_pointer(void **state)
{
	struct test t;

	(void)state;
	setup(&t, false);
	put_regs(&t, 20, TEXT + 0x111, 0x60, 0x12345678);
	fake_unwind_at(&t.u, ENTRY + 0x80, SLOT(20), 0, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, I386_ESP, SLOT(20 + PT_SP));
	put_regs(&t, 20, 0x8048000, 0x73, 0xbfff0000);
	fake_unwind_at(&t.u, ENTRY + 0x80, SLOT(20), 0, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, I386_ESP, 0xbfff0000);
	assert_true(arch_i386.user_mode(&t.u.regs));
	teardown(&t);
}

/* In a system call ebp is the user's, and may look encoded: esp leads to the registers. */
static void system_calls_do_not_encode(void **state)
{
	struct test t;

	(void)state;
	setup(&t, false);
	put_regs(&t, 20, 0x8048000, 0x73, 0xbfff0000);
	fake_unwind_at(&t.u, ENTRY + 0x80, SLOT(20), 0x08049abc, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.entry);
	assert_reg(&t.u, I386_EIP, 0x8048000);
	/* an NMI may have moved to another stack: then esp leads nowhere, ebp does */
	put_regs(&t, 40, TEXT + 0x111, 0x60 | CS_FROM_KERNEL, (uint32_t)SLOT(60));
	t.stack[4 + PT_CS] = 0;
	t.stack[4 + PT_IP] = 0x1234;
	fake_unwind_at(&t.u, ENTRY + 0x80, SLOT(4), SLOT(40) & 0x7fffffff, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, I386_EIP, TEXT + 0x111);
	teardown(&t);
}

static void stacks_begin_where_nothing_is_above(void **state)
{
	struct test t;

	(void)state;
	setup(&t, false);
	fake_unwind_at(&t.u, TEXT + 0x120, SLOT(4), 0, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.end);
	/* what starts the first CPU leaves something in ebp, but an empty stack */
	t.u.view.stack_end = SLOT(64);
	fake_unwind_at(&t.u, TEXT + 0x120, SLOT(60), 0x1000000, false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_true(t.u.step.end);
	fake_unwind_at(&t.u, TEXT + 0x120, SLOT(20), 0x1000000, false);
	assert_int_equal(fake_unwind_step(&t.u), KD_UNMAPPED);
	teardown(&t);
}

/* Softirqs have a stack of their own: the frame pointer leads over to it. */
static void frame_pointers_lead_to_other_stacks(void **state)
{
	struct test t;

	(void)state;
	setup(&t, false);
	put_call(&t, TEXT + 0x125);
	t.stack[10] = (uint32_t)SLOT(20);
	t.stack[11] = (uint32_t)TEXT + 0x125;
	fake_unwind_at(&t.u, TEXT + 0x120, SOFTIRQ + 16, SLOT(10), false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_reg(&t.u, I386_ESP, SLOT(12));
	t.stack[11] = 0x1234;
	fake_unwind_at(&t.u, TEXT + 0x120, SOFTIRQ + 16, SLOT(10), false);
	assert_int_equal(fake_unwind_step(&t.u), KD_CORRUPT);
	teardown(&t);
}

static void the_compilers_information_comes_first(void **state)
{
	struct test t;

	(void)state;
	setup(&t, true);
	t.stack[5] = (uint32_t)TEXT + 0x130;
	fake_unwind_at(&t.u, TEXT + 0x420, SLOT(4), SLOT(30), false);
	assert_int_equal(fake_unwind_step(&t.u), 0);
	assert_int_equal(t.u.step.how, UNWIND_BY_TABLE);
	assert_reg(&t.u, I386_EIP, TEXT + 0x130);
	assert_reg(&t.u, I386_ESP, SLOT(6));
	assert_reg(&t.u, I386_EBX, 0xbad004);
	assert_reg(&t.u, I386_EBP, SLOT(30));
	teardown(&t);
}

static void stacks_of_a_cpu_are_found(void **state)
{
	struct stack_area list[STACK_AREAS_MAX];
	struct test t;

	(void)state;
	setup(&t, false);
	t.percpu[2] = 0xc5000000;
	t.u.view.stack_size = 8192;
	assert_int_equal(arch_i386.cpu_stacks(&t.u.view, PERCPU, list), 1);
	assert_string_equal(list[0].name, "softirq");
	assert_int_equal(list[0].start, 0xc5000000);
	assert_int_equal(list[0].size, 8192);
	teardown(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_pointers_lead_from_frame_to_frame),
		cmocka_unit_test(interrupted_functions_are_read),
		cmocka_unit_test(leaves_are_left_by_the_nearest_return_address),
		cmocka_unit_test(encoded_frame_pointers_lead_to_registers),
		cmocka_unit_test(the_interrupted_stack_pointer),
		cmocka_unit_test(system_calls_do_not_encode),
		cmocka_unit_test(stacks_begin_where_nothing_is_above),
		cmocka_unit_test(frame_pointers_lead_to_other_stacks),
		cmocka_unit_test(the_compilers_information_comes_first),
		cmocka_unit_test(stacks_of_a_cpu_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
