// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as the ORC tables of a kernel and as a stack that is walked by them.
 * The first byte says how many entries there are and whether a header with a hash, which comes
 * next, is there; the rest of the entries is the stack.
 */
#include <string.h>

#include "x86_64/orc.h"
#include "x86_64/x86_64.h"

#define assert_true(x) ((x) ? (void)0 : abort())
#define assert_int_equal(x, y) assert_true((x) == (y))
#define fail_msg(...) abort()
#include "../unit/fake_unwind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT UINT64_C(0xffffffff81000000)
#define IPS UINT64_C(0xffffffff82000000)
#define ORCS UINT64_C(0xffffffff82100000)
#define HEADER UINT64_C(0xffffffff82200000)
#define STACK UINT64_C(0xffffc90000010000)
#define HASH_LEN 20
#define STEPS_MAX 100

/* What is found must be the entry that a look at all of them finds. */
static void look_up(const struct orc_table *t, vaddr_t pc)
{
	struct orc_entry e, want;
	size_t last = t->n;
	bool found = orc_find(t, pc, &e);

	for (size_t i = 0; i < t->n && orc_ip(t, i) <= pc; i++)
		last = i;
	assert_true(found == (last + 1 < t->n));
	if (!found)
		return;
	want = orc_at(t, last);
	assert_true(e.sp_offset == want.sp_offset && e.sp_reg == want.sp_reg &&
		    e.type == want.type);
}

static void look_up_all(const struct code_view *v)
{
	struct orc_table t;

	if (orc_table_open_kernel(&t, v, NULL))
		return;
	for (size_t i = 0; i < t.n; i++) {
		look_up(&t, orc_ip(&t, i) - 1);
		look_up(&t, orc_ip(&t, i));
		look_up(&t, orc_ip(&t, i) + 1);
	}
	orc_table_fini(&t);
}

/* From code at PC up a stack that holds anything. */
static void climb(struct fake_unwind *f, vaddr_t pc)
{
	struct regs *r = &f->regs;

	*r = (struct regs){ 0 };
	regs_set(r, arch_x86_64.pc, pc);
	regs_set(r, arch_x86_64.sp, STACK);
	regs_set(r, arch_x86_64.fp, STACK + 64);
	f->step = (struct unwind_step){ .exact = true };
	for (unsigned n = 0; n < STEPS_MAX; n++) {
		struct unwind_step step = { .exact = f->step.exact };

		if (arch_x86_64.unwind(&f->view, r, &step, NULL) || step.end ||
		    !regs_known(r, arch_x86_64.pc))
			return;
		f->step = step;
	}
}

static void walk_stacks(struct fake_unwind *f, size_t n)
{
	if (arch_x86_64.unwind_open(&f->code_view, false, &f->tables, NULL))
		return;
	f->view = (struct unwind_view){ .code = &f->code_view,
					.tables = f->tables,
					.data = f,
					.word = fake_view_word,
					.is_code = fake_view_is_code,
					.stack_size = 16384 };
	for (size_t i = 0; i < n; i++)
		climb(f, TEXT + 16 * i + 3);
	arch_x86_64.unwind_close(f->tables);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = size ? data[0] & 63 : 0, head = 1 + HASH_LEN;
	bool has_header = size && (data[0] & 64);
	struct fake_unwind f = {
		.code = { .symbols = { { "__start_orc_unwind_ip", IPS, 0, false },
				       { "__stop_orc_unwind_ip", IPS + 4 * n, 0, false },
				       { "__start_orc_unwind", ORCS, 0, false },
				       { "a_function", TEXT, 0x10000, true },
				       { "__start_orc_header", HEADER, 0, false },
				       { "__stop_orc_header", HEADER + HASH_LEN, 0, false } },
			  .nimages = 1 },
		.text = TEXT,
		.text_end = TEXT + 0x10000,
		.word = 8,
		.arch = &arch_x86_64,
	};

	if (size < head + 10 * n || !n)
		return 0;
	if (!has_header)
		f.code.symbols[4].name = NULL;
	f.code.memory[0] = (struct fake_memory){ IPS, data + head, 4 * n };
	f.code.memory[1] = (struct fake_memory){ ORCS, data + head + 4 * n, 6 * n };
	f.code.memory[2] = (struct fake_memory){ HEADER, data + 1, HASH_LEN };
	f.code.memory[3] = (struct fake_memory){ STACK, data + head + 10 * n,
						 size - head - 10 * n };
	f.code_view = fake_view(&f.code);
	look_up_all(&f.code_view);
	walk_stacks(&f, n);
	return 0;
}
