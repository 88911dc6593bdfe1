// SPDX-License-Identifier: GPL-3.0-or-later
/* i386_cfi(): what an unwinder makes of entry code, by its bytes. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "fake_code.h"
#include "i386/i386.h"

enum {
	EAX,
	ECX,
	EDX,
	EBX,
	ESP,
	EBP,
	ESI,
	EDI,
	EIP,
};

#define ENTRY UINT64_C(0xc1931000)
#define STUB (ENTRY + 0x00)
#define STUB_ERR (ENTRY + 0x10)
#define HANDLER (ENTRY + 0x20)
#define RETURN (ENTRY + 0x60)
#define NMI (ENTRY + 0x80)
#define DOUBLE_FAULT (ENTRY + 0xc0)
#define ENTRY_END (ENTRY + 0xd0)
#define FORK UINT64_C(0xc1001000)
#define THUNK UINT64_C(0xc1002000)
#define START UINT64_C(0xc1000000)
#define MODULE UINT64_C(0xf7550000)
#define STACK UINT64_C(0xc2000f00)

#define SAVE_TAIL 0x06, 0x1e, 0x50, 0x55, 0x57, 0x56, 0x52, 0x51, 0x53
#define RESTORE 0x5b, 0x59, 0x5a, 0x5e, 0x5f, 0x5d, 0x58, 0x1f, 0x07, 0x0f, 0xa1, 0x83, 0xc4, 0x08

static const uint8_t entry_text[0xd0] = {
	/* clac; cld; push $0; push $function; jmp */
	[0x00] = 0x0f,
	0x01,
	0xca,
	0xfc,
	0x6a,
	0x00,
	0x68,
	1,
	2,
	3,
	4,
	0xe9,
	0,
	0,
	0,
	0,
	/* nops; cld; push $function; jmp: hardware has pushed an error code */
	[0x10] = 0x90,
	0x90,
	0x90,
	0xfc,
	0x68,
	1,
	2,
	3,
	4,
	0xe9,
	0,
	0,
	0,
	0,
	/* cld; push %fs; ...; the pushes end at 0x2c; mov %esp,%eax; call; jmp */
	[0x20] = 0xfc,
	0x0f,
	0xa0,
	SAVE_TAIL,
	0x89,
	0xe0,
	0xe8,
	0,
	0,
	0,
	0,
	0xe9,
	/* call; the pops at 0x65; iret */
	[0x60] = 0xe8,
	0,
	0,
	0,
	0,
	RESTORE,
	0xcf,
	/* push; save; mov %esp,%ebx; mov %fs:top,%esp; call; mov %ebx,%esp */
	[0x80] = 0x50,
	0xfc,
	0x6a,
	0x00,
	SAVE_TAIL,
	0x89,
	0xe3,
	0x64,
	0x8b,
	0x25,
	1,
	2,
	3,
	4,
	0xe8,
	0,
	0,
	0,
	0,
	0x89,
	0xdc,
	0x90,
	/* clts; push; popf; call; hlt */
	[0xc0] = 0x0f,
	0x06,
	0x6a,
	0x02,
	0x9d,
	0xe8,
	0,
	0,
	0,
	0,
	0xf4,
};

/* call; test; jne; mov %esp,%eax; call; jmp; mov; call */
static const uint8_t fork_text[] = { 0xe8, 1,	 2,    3,    4, 0x85, 0xdb, 0x75, 0x0c, 0x89,
				     0xe0, 0xe8, 1,    2,    3, 4,    0xe9, 1,	  2,	3,
				     4,	   0x89, 0xf8, 0xe8, 1, 2,    3,    4 };
/* call over a trap; mov %edi,(%esp); ret */
static const uint8_t thunk_text[] = { 0xe8, 3, 0, 0, 0, 0xf3, 0x90, 0xcc, 0x89, 0x3c, 0x24, 0xc3 };
/* call __fentry__; push %ebp; mov %esp,%ebp; push %edi; push %ebx; ...; pop; pop; pop; ret */
static const uint8_t module_text[] = { 0xe8, 1,	   2,	 3,    4,    0x55, 0x89, 0xe5, 0x57,
				       0x53, 0x90, 0x90, 0x5b, 0x5f, 0x5d, 0xc3, 0xcc, 0xcc };
static const uint8_t leaf_text[] = { 0xe8, 1, 2, 3, 4, 0x31, 0xc0, 0xc3 };
static const uint8_t start_text[16] = { 0xff, 0x15 };

/* A page of stack: words from STACK on are at word[0]. */
struct test {
	uint32_t page[1024];
	uint32_t *word;
	struct fake_code fake;
	struct cfi *out;
	struct fde_table table;
	struct fake_machine machine;
};

static void describe(struct test *t)
{
	struct code_view v = fake_view(&t->fake);
	const uint8_t *bytes;
	size_t size;

	assert_int_equal(cfi_new(4, &t->out, NULL), 0);
	assert_int_equal(i386_cfi(&v, t->out, NULL), 0);
	assert_int_equal(cfi_data(t->out, &bytes, &size, NULL), 0);
	assert_int_equal(fde_table_open(&t->table, bytes, size, 4, 0, NULL), 0);
	t->machine = (struct fake_machine){
		.table = &t->table, .memory = &t->fake, .word = 4, .sp = ESP, .ra = EIP
	};
}

static void setup(struct test *t)
{
	memset(t, 0, sizeof(*t));
	t->word = t->page + (STACK & 0xfff) / 4;
	t->fake = (struct fake_code){
		.symbols = { { "startup_32_smp", START, sizeof(start_text), true },
			     { "ret_from_fork", FORK, sizeof(fork_text), true },
			     { "__x86_indirect_thunk_edi", THUNK, sizeof(thunk_text), true },
			     { "__entry_text_start", ENTRY, 0, false },
			     { "asm_exc_divide_error", STUB, 0x10, true },
			     { "asm_exc_page_fault", STUB_ERR, 0x10, true },
			     { "handle_exception", HANDLER, 0x40, true },
			     { "handle_exception_return", RETURN, 0x20, true },
			     { "asm_exc_nmi", NMI, 0x40, true },
			     { "asm_exc_double_fault", DOUBLE_FAULT, 0x10, true },
			     { "__entry_text_end", ENTRY_END, 0, false },
			     { "m_function", MODULE, sizeof(module_text), true },
			     { "m_leaf", MODULE + 0x20, sizeof(leaf_text), true } },
		.memory = { { ENTRY, entry_text, sizeof(entry_text) },
			    { FORK, fork_text, sizeof(fork_text) },
			    { THUNK, thunk_text, sizeof(thunk_text) },
			    { START, start_text, sizeof(start_text) },
			    { MODULE, module_text, sizeof(module_text) },
			    { MODULE + 0x20, leaf_text, sizeof(leaf_text) },
			    { STACK & ~UINT64_C(0xfff), t->page, sizeof(t->page) } },
		.members = { { "cpu_entry_area", "doublefault_stack", 0x5000 },
			     { "cpu_entry_area", "tss", 0x4000 },
			     { "tss_struct", "x86_tss", 0 } },
		.images = { { .name = NULL },
			    { .name = "m", .areas = { { MODULE, 0x1000 } }, .nareas = 1 } },
		.nimages = 2,
	};
	describe(t);
}

static void teardown(struct test *t)
{
	fde_table_fini(&t->table);
	cfi_free(t->out);
}

/* struct pt_regs from word N on; with cs, and the pushed stack pointer. */
static void put_regs(struct test *t, size_t n, uint32_t cs, uint32_t esp)
{
	uint32_t *w = t->word + n;

	for (uint32_t i = 0; i < 7; i++)
		w[i] = 0x100 + i; /* ebx ecx edx esi edi ebp eax */
	w[12] = 0x112;		  /* eip */
	w[13] = cs;
	w[14] = 0x202; /* eflags */
	w[15] = esp;
	w[16] = 0x7b;
}

static struct fake_regs at_stack(void)
{
	return (struct fake_regs){ .value[ESP] = STACK, .value[EBX] = 0x33, .value[EBP] = 0x55 };
}

static void expect_regs(struct test *t, struct fake_regs r, vaddr_t pc, uint64_t esp)
{
	assert_true(fake_unwind(&t->machine, &r, pc));
	assert_false(r.end);
	assert_int_equal(r.value[EIP], 0x112);
	assert_int_equal(r.value[EBX], 0x100);
	assert_int_equal(r.value[EBP], 0x105);
	assert_int_equal(r.value[EAX], 0x106);
	assert_int_equal(r.value[ESP], esp);
}

static void calls_from_entry_code_lead_to_user_registers(void **state)
{
	struct test t;

	(void)state;
	setup(&t);
	put_regs(&t, 0, 0x73, 0xbffff000);
	expect_regs(&t, at_stack(), HANDLER + 0x12, 0xbffff000);
	expect_regs(&t, at_stack(), RETURN + 4, 0xbffff000);
	teardown(&t);
}

static void interrupted_kernel_continues_above_what_hardware_pushed(void **state)
{
	struct test t;

	(void)state;
	setup(&t);
	put_regs(&t, 0, 0x60, 0xdead);
	expect_regs(&t, at_stack(), HANDLER + 0x12, STACK + 0x3c);
	teardown(&t);
}

static void completed_frame_of_the_kernel_has_its_stack_pointer(void **state)
{
	struct test t;

	(void)state;
	setup(&t);
	put_regs(&t, 0, 0x20000060, (uint32_t)STACK + 0x100);
	expect_regs(&t, at_stack(), HANDLER + 0x12, STACK + 0x100);
	teardown(&t);
}

static void virtual_8086_mode_has_a_stack_pointer(void **state)
{
	struct test t;

	(void)state;
	setup(&t);
	put_regs(&t, 0, 0x1000, 0x8000);
	t.word[14] |= 1 << 17;
	expect_regs(&t, at_stack(), HANDLER + 0x12, 0x8000);
	teardown(&t);
}

static void before_registers_are_saved_the_stack_ends(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t);
	assert_true(fake_unwind(&t.machine, &r, HANDLER + 0xb));
	assert_true(r.end);
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, HANDLER + 0xc));
	assert_false(r.end);
	teardown(&t);
}

static void popped_registers_are_the_interrupted_ones(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t);
	put_regs(&t, 0, 0x73, 0xbffff000);
	r.value[ESP] = STACK + 24; /* all up to ebp are popped */
	assert_true(fake_unwind(&t.machine, &r, RETURN + 5 + 6));
	assert_int_equal(r.value[EBX], 0x33);
	assert_int_equal(r.value[EBP], 0x55);
	assert_int_equal(r.value[EAX], 0x106);
	assert_int_equal(r.value[EIP], 0x112);
	r = at_stack();
	r.value[ESP] = STACK + 48; /* at eip */
	assert_true(fake_unwind(&t.machine, &r, RETURN + 5 + 14));
	assert_int_equal(r.value[EIP], 0x112);
	assert_int_equal(r.value[ESP], 0xbffff000);
	teardown(&t);
}

static void stubs_find_what_hardware_pushed(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t);
	t.word[0] = 0x112; /* eip, cs, eflags */
	t.word[1] = 0x60;
	assert_true(fake_unwind(&t.machine, &r, STUB + 3));
	assert_int_equal(r.value[EIP], 0x112);
	assert_int_equal(r.value[ESP], STACK + 12);
	assert_int_equal(r.value[EBX], 0x33);
	t.word[0] = 0; /* error code */
	t.word[1] = 0x112;
	t.word[2] = 0x60;
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, STUB + 6));
	assert_int_equal(r.value[EIP], 0x112);
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, STUB_ERR));
	assert_int_equal(r.value[EIP], 0x112);
	t.word[2] = 0x112;
	t.word[3] = 0x60;
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, STUB_ERR + 9));
	assert_int_equal(r.value[EIP], 0x112);
	assert_int_equal(r.value[ESP], STACK + 20);
	teardown(&t);
}

static void nmi_on_the_entry_stack_is_found_by_ebx(void **state)
{
	struct fake_regs r = { .value[ESP] = 0xc7000000, .value[EBX] = STACK };
	struct test t;

	(void)state;
	setup(&t);
	put_regs(&t, 0, 0x20000060, 0xff800000);
	expect_regs(&t, r, NMI + 0x1a, 0xff800000);	     /* in the call */
	expect_regs(&t, at_stack(), NMI + 0x1d, 0xff800000); /* back */
	teardown(&t);
}

static void double_fault_leads_to_the_tss(void **state)
{
	struct fake_regs r = { .value[ESP] = STACK + 0x1000 };
	struct test t;

	(void)state;
	setup(&t); /* the TSS is one page below the stack here */
	t.page[32 / 4] = 0x112;
	t.page[52 / 4] = 0x100;
	t.page[56 / 4] = 0xdeadbeef;
	assert_true(fake_unwind(&t.machine, &r, DOUBLE_FAULT + 9));
	assert_int_equal(r.value[EIP], 0x112);
	assert_int_equal(r.value[EBX], 0x100);
	assert_int_equal(r.value[ESP], 0xdeadbeef);
	teardown(&t);
}

static void stacks_end_where_threads_begin(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t);
	assert_true(fake_unwind(&t.machine, &r, START + 5));
	assert_true(r.end);
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, FORK + 4)); /* schedule_tail */
	assert_true(r.end);
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, FORK + sizeof(fork_text) - 1)); /* kthread */
	assert_true(r.end);
	/* on its way to user mode */
	put_regs(&t, 0, 0x73, 0xbffff000);
	expect_regs(&t, at_stack(), FORK + 0xf, 0xbffff000);
	teardown(&t);
}

static void retpoline_has_one_word_more(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t);
	t.word[0] = 0x1000;
	t.word[1] = 0x2000;
	assert_true(fake_unwind(&t.machine, &r, THUNK));
	assert_int_equal(r.value[EIP], 0x1000);
	r = at_stack();
	assert_true(fake_unwind(&t.machine, &r, THUNK + 8));
	assert_int_equal(r.value[EIP], 0x2000);
	teardown(&t);
}

static void module_functions_have_frame_pointers(void **state)
{
	struct fake_regs r = at_stack();
	struct test t;

	(void)state;
	setup(&t);
	t.word[0] = 0x33; /* ebx, edi, ebp, return address */
	t.word[1] = 0x77;
	t.word[2] = 0x5555;
	t.word[3] = 0x2000;
	r.value[EBP] = STACK + 8;
	r.known[EBX] = r.known[ESI] = true;
	assert_true(fake_unwind(&t.machine, &r, MODULE + 11));
	assert_int_equal(r.value[EIP], 0x2000);
	assert_int_equal(r.value[EBP], 0x5555);
	assert_int_equal(r.value[EDI], 0x77);
	assert_int_equal(r.value[EBX], 0x33);
	assert_false(r.known[ESI]);
	/* at its first instruction, at its return, and in a leaf */
	t.word[0] = 0x2000;
	for (size_t i = 0; i < 3; i++) {
		static const vaddr_t pcs[] = { MODULE, MODULE + 15, MODULE + 0x26 };

		r = at_stack();
		assert_true(fake_unwind(&t.machine, &r, pcs[i]));
		assert_int_equal(r.value[EIP], 0x2000);
		assert_int_equal(r.value[ESP], STACK + 4);
		assert_int_equal(r.value[EBP], 0x55);
	}
	teardown(&t);
}

#define TEXT UINT64_C(0xc1010000)
#define BIG (TEXT + 0x100)
#define BIG_SIZE 0x2000
#define COLD (BIG + BIG_SIZE)
#define INIT UINT64_C(0xc1c00000)

/* push %ebp; mov %esp,%ebp; ... */
static const uint8_t big_text[BIG_SIZE] = { 0x55, 0x89, 0xe5, 0x83, 0xec, 0x40 };
/* push; call of TEXT: the part of a function that its frame belongs to */
static const uint8_t cold_text[] = { 0x68, 1, 2, 3, 4, 0xe8, 0xf6, 0xde, 0xff, 0xff, 0x90 };

static int by_address(const void *a, const void *b)
{
	const struct fake_symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void kernel_code_without_vmlinux_has_frame_pointers(void **state)
{
	static const struct fake_symbol more[] = {
		{ "_stext", START, 0, false },
		{ "leaf", TEXT, sizeof(leaf_text), true },
		{ "big", BIG, BIG_SIZE, true },
		{ "big.cold", COLD, sizeof(cold_text), true },
		{ "_etext", UINT64_C(0xc1940000), 0, false },
		{ "_sinittext", INIT, 0, false },
		{ "gone", INIT, 0x40, true },
		{ "_einittext", INIT + 0x100, 0, false },
	};
	static const vaddr_t pcs[] = { BIG + 16, BIG + BIG_SIZE - 1, COLD + 10, INIT + 0x20 };
	struct test t;

	(void)state;
	setup(&t);
	teardown(&t);
	memcpy(t.fake.symbols + 13, more, sizeof(more));
	qsort(t.fake.symbols, 13 + KD_ARRAY_SIZE(more), sizeof(more[0]), by_address);
	t.fake.memory[7] = (struct fake_memory){ TEXT, leaf_text, sizeof(leaf_text) };
	t.fake.memory[8] = (struct fake_memory){ BIG, big_text, sizeof(big_text) };
	t.fake.memory[9] = (struct fake_memory){ COLD, cold_text, sizeof(cold_text) };
	describe(&t);
	t.word[8] = 0x5555;
	t.word[9] = 0x2000;
	for (size_t i = 0; i < KD_ARRAY_SIZE(pcs); i++) {
		struct fake_regs r = at_stack();

		r.value[EBP] = STACK + 32;
		assert_true(fake_unwind(&t.machine, &r, pcs[i]));
		assert_int_equal(r.value[EIP], 0x2000);
		assert_int_equal(r.value[EBP], 0x5555);
		assert_int_equal(r.value[ESP], STACK + 40);
	}
	teardown(&t);
}

/*
 * do_softirq_own_stack() of Linux 5.10 behind the no-op of an AMD K8: much stands between
 * the push and the frame, in which it is found by the stack pointer.
 */
static const uint8_t late_text[] = {
	0x66, 0x66, 0x66, 0x66, 0x90,		  /* nop, for __fentry__ */
	0x55,					  /* push %ebp */
	0xb8, 0x10, 0x80, 0x81, 0xc1,		  /* mov $...,%eax */
	0x64, 0x8b, 0x15, 0x8c, 0x60, 0xc9, 0xc1, /* mov %fs:...,%edx */
	0x81, 0xc2, 0x00, 0x20, 0x00, 0x00,	  /* add $0x2000,%edx */
	0x89, 0xa2, 0x00, 0xe0, 0xff, 0xff,	  /* mov %esp,-0x2000(%edx) */
	0x89, 0xe5,				  /* mov %esp,%ebp */
	0xe8, 0xcb, 0xfe, 0xff, 0xff, 0x5d, 0xc3, /* call; pop %ebp; ret */
};

static void frame_may_be_made_late(void **state)
{
	static const struct {
		unsigned pc;
		bool framed;
		unsigned words; /* on the stack in front of the return address */
	} cases[] = { { 0, false, 0 },	{ 5, false, 0 }, { 6, false, 1 },
		      { 30, false, 1 }, { 32, true, 1 }, { 37, true, 1 } };
	struct test t;

	(void)state;
	setup(&t);
	teardown(&t);
	t.fake.memory[4] = (struct fake_memory){ MODULE, late_text, sizeof(late_text) };
	t.fake.symbols[11].size = t.fake.memory[4].size;
	t.fake.symbols[12].addr = MODULE + 0x40;
	t.fake.memory[5].addr = MODULE + 0x40;
	describe(&t);
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct fake_regs r = at_stack();

		t.word[0] = 0x5555;
		t.word[cases[i].words] = 0x2000;
		r.value[EBP] = cases[i].framed ? STACK : 0x55;
		assert_true(fake_unwind(&t.machine, &r, MODULE + cases[i].pc));
		assert_int_equal(r.value[EIP], 0x2000);
		assert_int_equal(r.value[EBP], cases[i].words ? 0x5555 : 0x55);
		assert_int_equal(r.value[ESP], STACK + 4 + 4 * cases[i].words);
	}
	teardown(&t);
}

static void code_the_compiler_described_is_left_to_it(void **state)
{
	struct cfi_cie cie = { .ra = EIP, .data_align = -4 };
	_cleanup_(cfi_freep) struct cfi *frames = NULL, *out = NULL;
	struct fde_table table;
	struct code_view v;
	const uint8_t *bytes;
	struct test t;
	size_t size;
	uint32_t handle;

	(void)state;
	setup(&t);
	assert_int_equal(cfi_new(4, &frames, NULL), 0);
	handle = cfi_cie(frames, &cie);
	cfi_def_cfa(frames, ESP, 4);
	cfi_cie_end(frames);
	cfi_fde(frames, handle, FORK); /* since v6.6 it is a C function */
	cfi_fde_end(frames, FORK + sizeof(fork_text));
	assert_int_equal(
		cfi_data(frames, &t.fake.images[0].frames, &t.fake.images[0].frames_size, NULL), 0);
	v = fake_view(&t.fake);
	assert_int_equal(cfi_new(4, &out, NULL), 0);
	assert_int_equal(i386_cfi(&v, out, NULL), 0);
	assert_int_equal(cfi_data(out, &bytes, &size, NULL), 0);
	assert_int_equal(fde_table_open(&table, bytes, size, 4, 0, NULL), 0);
	assert_null(fde_table_find(&table, FORK));
	assert_non_null(fde_table_find(&table, START));
	fde_table_fini(&table);
	teardown(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_from_entry_code_lead_to_user_registers),
		cmocka_unit_test(interrupted_kernel_continues_above_what_hardware_pushed),
		cmocka_unit_test(completed_frame_of_the_kernel_has_its_stack_pointer),
		cmocka_unit_test(virtual_8086_mode_has_a_stack_pointer),
		cmocka_unit_test(before_registers_are_saved_the_stack_ends),
		cmocka_unit_test(popped_registers_are_the_interrupted_ones),
		cmocka_unit_test(stubs_find_what_hardware_pushed),
		cmocka_unit_test(nmi_on_the_entry_stack_is_found_by_ebx),
		cmocka_unit_test(double_fault_leads_to_the_tss),
		cmocka_unit_test(stacks_end_where_threads_begin),
		cmocka_unit_test(retpoline_has_one_word_more),
		cmocka_unit_test(module_functions_have_frame_pointers),
		cmocka_unit_test(kernel_code_without_vmlinux_has_frame_pointers),
		cmocka_unit_test(frame_may_be_made_late),
		cmocka_unit_test(code_the_compiler_described_is_left_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
