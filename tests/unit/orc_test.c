// SPDX-License-Identifier: GPL-3.0-or-later
/* x86_64/orc: entries of every layout mean the same, and the layout is found. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "x86_64/orc.h"
#include "fake_code.h"

#define TEXT UINT64_C(0xffffffff81000000)
#define IPS UINT64_C(0xffffffff82000000)
#define ORCS UINT64_C(0xffffffff82100000)
#define HEADER UINT64_C(0xffffffff82200000)

#define ENTRIES 12

/* Raw numbers of a layout. */
struct layout {
	uint8_t sp, bp, prev_sp, sp_indirect, call, regs, end_flags, unknown_flags;
	uint8_t signal; /* flags of a signal frame beside its type */
};

/* Kernels of 4.18, 6.3, 6.4 and 7.1. */
static const struct layout with_end = {
	.sp = 5, .bp = 4, .prev_sp = 1, .sp_indirect = 9, .call = 0, .regs = 1, .end_flags = 4
};
static const struct layout with_end_and_signal = { .sp = 5,
						   .bp = 4,
						   .prev_sp = 1,
						   .sp_indirect = 9,
						   .call = 0,
						   .regs = 1,
						   .end_flags = 8,
						   .signal = 4 };
static const struct layout with_types = { .sp = 5,
					  .bp = 4,
					  .prev_sp = 1,
					  .sp_indirect = 9,
					  .call = 2,
					  .regs = 3,
					  .end_flags = 1,
					  .signal = 8 };
static const struct layout renumbered = { .sp = 3,
					  .bp = 4,
					  .prev_sp = 8,
					  .sp_indirect = 9,
					  .call = 2,
					  .regs = 3,
					  .end_flags = 1,
					  .signal = 8 };

struct tables {
	int32_t ips[ENTRIES];
	uint8_t orcs[ENTRIES * 6];
	struct fake_code fake;
};

static void put(struct tables *t, size_t i, uint64_t at, int16_t sp_offset, int16_t bp_offset,
		uint8_t sp_reg, uint8_t bp_reg, uint8_t flags)
{
	uint8_t *e = t->orcs + 6 * i;

	t->ips[i] = (int32_t)(TEXT + at - (IPS + 4 * i));
	memcpy(e, &sp_offset, 2);
	memcpy(e + 2, &bp_offset, 2);
	e[4] = (uint8_t)(sp_reg | bp_reg << 4);
	e[5] = flags;
}

/* Seven entries of called code, then one of each kind. */
static void fill(struct tables *t, const struct layout *l)
{
	*t = (struct tables){
		.fake = { .symbols = { { "__start_orc_unwind_ip", IPS, 0, false },
				       { "__stop_orc_unwind_ip", IPS + 4 * ENTRIES, 0, false },
				       { "__start_orc_unwind", ORCS, 0, false } } }
	};
	for (size_t i = 0; i < 7; i++)
		put(t, i, 16 * i, (int16_t)(8 + 8 * i), -16, l->sp, l->prev_sp, l->call);
	put(t, 7, 0x100, 16, 0, l->bp, 0, l->call);
	put(t, 8, 0x110, 8, 0, l->sp_indirect, 0, l->call);
	put(t, 9, 0x120, 0, 0, l->sp, 0, l->regs | l->signal);
	put(t, 10, 0x130, 0, 0, 0, 0, l->end_flags);
	put(t, 11, 0x140, 0, 0, 0, 0, l->unknown_flags);
	t->fake.memory[0] = (struct fake_memory){ IPS, t->ips, sizeof(t->ips) };
	t->fake.memory[1] = (struct fake_memory){ ORCS, t->orcs, sizeof(t->orcs) };
}

static void add_header(struct tables *t, const uint8_t *hash)
{
	t->fake.symbols[3] = (struct fake_symbol){ "__start_orc_header", HEADER, 0, false };
	t->fake.symbols[4] = (struct fake_symbol){ "__stop_orc_header", HEADER + 20, 0, false };
	t->fake.memory[2] = (struct fake_memory){ HEADER, hash, 20 };
}

static int open_with(struct tables *t, struct orc_table *out, struct kd_err *err)
{
	struct code_view v = fake_view(&t->fake);

	return orc_table_open_kernel(out, &v, err);
}

static int open_tables(struct tables *t, struct orc_table *out)
{
	return open_with(t, out, NULL);
}

static void expect_meaning(struct tables *t)
{
	struct orc_table o;
	struct orc_entry e;

	assert_int_equal(open_tables(t, &o), 0);
	assert_true(orc_find(&o, TEXT + 0x17, &e));
	assert_int_equal(e.type, ORC_CALL);
	assert_int_equal(e.sp_reg, ORC_REG_SP);
	assert_int_equal(e.sp_offset, 16);
	assert_int_equal(e.bp_reg, ORC_REG_PREV_SP);
	assert_int_equal(e.bp_offset, -16);
	assert_false(e.signal);
	assert_true(orc_find(&o, TEXT + 0x100, &e));
	assert_int_equal(e.sp_reg, ORC_REG_BP);
	assert_int_equal(e.bp_reg, ORC_REG_NONE);
	assert_true(orc_find(&o, TEXT + 0x11f, &e));
	assert_int_equal(e.sp_reg, ORC_REG_SP_INDIRECT);
	assert_true(orc_find(&o, TEXT + 0x120, &e));
	assert_int_equal(e.type, ORC_REGS);
	assert_true(e.signal);
	assert_true(orc_find(&o, TEXT + 0x130, &e));
	assert_int_equal(e.type, ORC_END);
	e = orc_at(&o, ENTRIES - 1);
	assert_int_equal(e.type, ORC_UNKNOWN);
	orc_table_fini(&o);
}

static void every_layout_is_found_by_its_entries(void **state)
{
	static const struct layout *const layouts[] = { &with_end, &with_end_and_signal,
							&with_types, &renumbered };
	struct tables t;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(layouts); i++) {
		fill(&t, layouts[i]);
		expect_meaning(&t);
	}
}

static void signal_is_not_taken_for_the_end(void **state)
{
	struct tables t;
	struct orc_table o;

	(void)state;
	fill(&t, &with_end_and_signal);
	put(&t, 10, 0x130, 8, 0, with_end_and_signal.sp, 0, with_end_and_signal.call);
	assert_int_equal(open_tables(&t, &o), 0);
	assert_int_equal(orc_at(&o, 9).type, ORC_REGS);
	orc_table_fini(&o);
}

static void hash_decides_where_entries_say_nothing(void **state)
{
	/* include/generated/asm/orc_hash.h of a 7.1 kernel */
	static const uint8_t hash[20] = { 0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4,
					  0xdd, 0x55, 0x93, 0x21, 0x76, 0xbb, 0x0e,
					  0xcd, 0xbd, 0x50, 0x41, 0xfc, 0x82 };
	struct tables t;
	struct orc_table o;

	(void)state;
	fill(&t, &renumbered);
	for (size_t i = 0; i < 7; i++)
		put(&t, i, 16 * i, 0, 0, 0, 0, 0);
	assert_int_equal(open_tables(&t, &o), KD_UNSUPPORTED);
	add_header(&t, hash);
	assert_int_equal(open_tables(&t, &o), 0);
	assert_int_equal(orc_at(&o, 7).sp_reg, ORC_REG_BP);
	orc_table_fini(&o);
}

static void unknown_hash_leaves_it_to_the_entries(void **state)
{
	static const uint8_t hash[20] = { 1, 2, 3 };
	struct tables t;

	(void)state;
	fill(&t, &with_types);
	add_header(&t, hash);
	expect_meaning(&t);
}

static void unknown_bits_of_a_new_layout_are_refused(void **state)
{
	static const uint8_t hash[20] = { 1, 2, 3 };
	struct tables t;
	struct orc_table o;

	(void)state;
	fill(&t, &with_types);
	add_header(&t, hash);
	t.orcs[6 * 3 + 5] |= 0x10;
	assert_int_equal(open_tables(&t, &o), KD_UNSUPPORTED);
	fill(&t, &renumbered);
	add_header(&t, hash);
	t.orcs[6 * 3 + 4] = 15;
	assert_int_equal(open_tables(&t, &o), KD_UNSUPPORTED);
}

static void unknown_bits_of_an_old_layout_are_damage(void **state)
{
	static const struct layout *const old[] = { &with_end, &with_end_and_signal };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(old); i++) {
		struct kd_err err = KD_ERR_INIT;
		struct orc_table o;
		struct orc_entry e;
		struct tables t;

		fill(&t, old[i]);
		t.orcs[6 * 3 + 4] = 15;
		assert_int_equal(open_with(&t, &o, &err), 0);
		assert_string_equal(err.text, "ORC tables: 1 of 12 entries make no sense");
		assert_true(orc_find(&o, TEXT + 0x30, &e));
		assert_int_equal(e.type, ORC_UNKNOWN);
		assert_true(orc_find(&o, TEXT + 0x40, &e));
		assert_int_equal(e.type, ORC_CALL);
		orc_table_fini(&o);
	}
}

static void last_of_equal_addresses_counts(void **state)
{
	struct tables t;
	struct orc_table o;
	struct orc_entry e;

	(void)state;
	fill(&t, &with_types);
	/* the end of one section, and the start of the next */
	put(&t, 2, 0x30, 0, 0, 0, 0, with_types.unknown_flags);
	assert_int_equal(open_tables(&t, &o), 0);
	assert_true(orc_find(&o, TEXT + 0x30, &e));
	assert_int_equal(e.type, ORC_CALL);
	assert_int_equal(e.sp_offset, 32);
	orc_table_fini(&o);
}

static void addresses_outside_are_not_found(void **state)
{
	struct tables t;
	struct orc_table o;
	struct orc_entry e;

	(void)state;
	fill(&t, &with_types);
	assert_int_equal(open_tables(&t, &o), 0);
	assert_false(orc_find(&o, TEXT - 1, &e));
	assert_false(orc_find(&o, TEXT + 0x140, &e));
	assert_false(orc_find(&o, 0, &e));
	assert_false(orc_find(&o, UINT64_MAX, &e));
	orc_table_fini(&o);
}

/* The code of what is out of order is unknown, from the entry before it on. */
static void addresses_out_of_order_are_given_up(void **state)
{
	static const uint64_t wrong[] = { 0x1000, 0x3, UINT64_C(0) - TEXT + IPS + 40 };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(wrong); i++) {
		struct kd_err err = KD_ERR_INIT;
		struct orc_table o;
		struct orc_entry e;
		struct tables t;

		fill(&t, &with_types);
		put(&t, 5, wrong[i], 8, 0, with_types.sp, 0, with_types.call);
		assert_int_equal(open_with(&t, &o, &err), 0);
		assert_string_equal(err.text, "ORC tables: 1 of 12 entries make no sense");
		assert_true(orc_find(&o, TEXT + 0x3f, &e));
		assert_int_equal(e.sp_offset, 32);
		for (vaddr_t at = TEXT + 0x40; at < TEXT + 0x60; at += 0x10) {
			assert_true(orc_find(&o, at, &e));
			assert_int_equal(e.type, ORC_UNKNOWN);
		}
		assert_true(orc_find(&o, TEXT + 0x60, &e));
		assert_int_equal(e.sp_offset, 56);
		orc_table_fini(&o);
	}
}

/* The lowest address that an entry can have can not be written in the one behind it. */
static void what_is_given_up_stays_in_order(void **state)
{
	struct orc_table o;
	struct orc_entry e;
	struct tables t;

	(void)state;
	fill(&t, &with_types);
	t.ips[0] = INT32_MIN;
	put(&t, 1, 0x1000, 8, 0, with_types.sp, 0, with_types.call);
	assert_int_equal(open_tables(&t, &o), 0);
	for (size_t i = 1; i < o.n; i++)
		assert_true(orc_ip(&o, i - 1) <= orc_ip(&o, i));
	assert_true(orc_find(&o, TEXT + 0x20, &e));
	assert_int_equal(e.sp_offset, 24);
	orc_table_fini(&o);
}

static void wiped_out_tables_are_corrupt(void **state)
{
	struct tables t;
	struct orc_table o;

	(void)state;
	fill(&t, &with_types);
	memset(t.ips, 0, sizeof(t.ips));
	assert_int_equal(open_tables(&t, &o), KD_CORRUPT);
	fill(&t, &with_types);
	for (size_t i = 0; i < ENTRIES; i++)
		put(&t, i, 16 * (ENTRIES - i), 8, 0, with_types.sp, 0, with_types.call);
	assert_int_equal(open_tables(&t, &o), KD_CORRUPT);
}

static void missing_tables_are_told_apart(void **state)
{
	struct tables t;
	struct orc_table o;

	(void)state;
	fill(&t, &with_types);
	t.fake.memory[1] = (struct fake_memory){ .bytes = NULL };
	assert_int_equal(open_tables(&t, &o), KD_UNMAPPED);
	t.fake.symbols[0].name = "other";
	assert_int_equal(open_tables(&t, &o), KD_NOTFOUND);
	fill(&t, &with_types);
	t.fake.symbols[1].addr = IPS - 4;
	assert_int_equal(open_tables(&t, &o), KD_CORRUPT);
}

static void module_tables_use_the_kernels_layout(void **state)
{
	struct code_image m = { .orc_ip = IPS, .orc = ORCS, .num_orcs = ENTRIES };
	struct code_view v;
	struct orc_table kernel, o;
	struct tables t;

	(void)state;
	fill(&t, &renumbered);
	v = fake_view(&t.fake);
	assert_int_equal(orc_table_open_kernel(&kernel, &v, NULL), 0);
	assert_int_equal(orc_table_open_module(&o, &v, &m, kernel.format, NULL), 0);
	assert_int_equal(orc_at(&o, 0).sp_reg, ORC_REG_SP);
	orc_table_fini(&o);
	m.num_orcs = UINT64_MAX;
	assert_int_equal(orc_table_open_module(&o, &v, &m, kernel.format, NULL), KD_CORRUPT);
	orc_table_fini(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_is_found_by_its_entries),
		cmocka_unit_test(signal_is_not_taken_for_the_end),
		cmocka_unit_test(hash_decides_where_entries_say_nothing),
		cmocka_unit_test(unknown_hash_leaves_it_to_the_entries),
		cmocka_unit_test(unknown_bits_of_a_new_layout_are_refused),
		cmocka_unit_test(unknown_bits_of_an_old_layout_are_damage),
		cmocka_unit_test(last_of_equal_addresses_counts),
		cmocka_unit_test(addresses_outside_are_not_found),
		cmocka_unit_test(addresses_out_of_order_are_given_up),
		cmocka_unit_test(what_is_given_up_stays_in_order),
		cmocka_unit_test(wiped_out_tables_are_corrupt),
		cmocka_unit_test(missing_tables_are_told_apart),
		cmocka_unit_test(module_tables_use_the_kernels_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
