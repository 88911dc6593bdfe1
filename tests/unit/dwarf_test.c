// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/dwarf: units of several versions written by hand, and what damage does. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <dwarf.h>
#include <string.h>

#include "kernel/dwarf.h"

struct bytes {
	uint8_t b[512];
	size_t n;
};

struct test {
	struct bytes info, abbrev, str, str_offsets, addr, ranges, rnglists;
	struct dwarf_data data;
	struct dwarf_unit unit;
	size_t unit_start;
};

static void put(struct bytes *s, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++)
		s->b[s->n++] = i < sizeof(v) ? (uint8_t)(v >> 8 * i) : 0;
	assert_true(s->n < sizeof(s->b));
}

static size_t put_text(struct bytes *s, const char *text)
{
	size_t at = s->n;

	memcpy(s->b + s->n, text, strlen(text) + 1);
	s->n += strlen(text) + 1;
	return at;
}

/* An abbreviation: attributes and forms, ending with 0. */
static void abbrev(struct test *t, unsigned code, unsigned tag, bool children, const unsigned *pairs)
{
	put(&t->abbrev, code, 1);
	put(&t->abbrev, tag, 1);
	put(&t->abbrev, children, 1);
	for (; *pairs; pairs += 2) {
		for (unsigned i = 0; i < 2; i++) {
			/* a vendor's attributes have larger numbers */
			if (pairs[i] < 0x80) {
				put(&t->abbrev, pairs[i], 1);
			} else {
				put(&t->abbrev, (pairs[i] & 0x7f) | 0x80, 1);
				put(&t->abbrev, pairs[i] >> 7, 1);
			}
		}
		if (pairs[1] == DW_FORM_implicit_const)
			put(&t->abbrev, 0x7b, 1); /* -5 */
	}
	put(&t->abbrev, 0, 2);
}

#define ABBREV(t, code, tag, children, ...) \
	abbrev(t, code, tag, children, (const unsigned[]){ __VA_ARGS__ __VA_OPT__(,) 0 })

static void begin_unit(struct test *t, unsigned version, size_t abbrevs)
{
	t->unit_start = t->info.n;
	put(&t->info, 0, 4);
	put(&t->info, version, 2);
	if (version == 5) {
		put(&t->info, DW_UT_compile, 1);
		put(&t->info, 8, 1);
		put(&t->info, abbrevs, 4);
	} else {
		put(&t->info, abbrevs, 4);
		put(&t->info, 8, 1);
	}
}

static void end_unit(struct test *t)
{
	uint32_t len = (uint32_t)(t->info.n - t->unit_start - 4);

	memcpy(t->info.b + t->unit_start, &len, 4);
}

static void take(struct test *t)
{
#define SECTION(s) t->data.s = (struct dwarf_section){ t->s.b, t->s.n }
	SECTION(info);
	SECTION(abbrev);
	SECTION(str);
	SECTION(str_offsets);
	SECTION(addr);
	SECTION(ranges);
	SECTION(rnglists);
}

/* DW_AT_sibling of the DIE begun at the last put: filled in by the caller. */
static void set_ref(struct test *t, size_t at)
{
	uint32_t v = (uint32_t)(t->info.n - t->unit_start);

	memcpy(t->info.b + at, &v, 4);
}

/*
 * Version 4, as older compilers write it: a function with two ranges, in it a block
 * with a variable of unknown length and an inlined function of one; then another.
 */
static void write_old(struct test *t)
{
	size_t sibling;

	ABBREV(t, 1, DW_TAG_compile_unit, true, DW_AT_name, DW_FORM_string, DW_AT_low_pc,
	       DW_FORM_addr, DW_AT_stmt_list, DW_FORM_sec_offset);
	ABBREV(t, 2, DW_TAG_subprogram, true, DW_AT_sibling, DW_FORM_ref4, DW_AT_name, DW_FORM_strp,
	       DW_AT_ranges, DW_FORM_sec_offset);
	ABBREV(t, 3, DW_TAG_lexical_block, true, DW_AT_low_pc, DW_FORM_addr, DW_AT_high_pc,
	       DW_FORM_addr);
	ABBREV(t, 4, DW_TAG_variable, false, DW_AT_location, DW_FORM_exprloc, DW_AT_artificial,
	       DW_FORM_flag_present);
	ABBREV(t, 5, DW_TAG_inlined_subroutine, false, DW_AT_abstract_origin, DW_FORM_ref4,
	       DW_AT_low_pc, DW_FORM_addr, DW_AT_high_pc, DW_FORM_data4, DW_AT_call_line,
	       DW_FORM_implicit_const);
	ABBREV(t, 6, DW_TAG_subprogram, false, DW_AT_name, DW_FORM_string);
	put(&t->abbrev, 0, 1);

	begin_unit(t, 4, 0);
	put(&t->info, 1, 1);
	put_text(&t->info, "a.c");
	put(&t->info, 0x1000, 8);
	put(&t->info, 0x77, 4);
	put(&t->info, 2, 1);
	sibling = t->info.n;
	put(&t->info, 0, 4);
	put(&t->info, put_text(&t->str, "outer"), 4);
	put(&t->info, 0, 4);
	put(&t->info, 3, 1);
	put(&t->info, 0x1010, 8);
	put(&t->info, 0x1020, 8);
	put(&t->info, 4, 1); /* the variable: a block of 3 bytes */
	put(&t->info, 3, 1);
	put(&t->info, 0xaabbcc, 3);
	put(&t->info, 5, 1);
	put(&t->info, 0, 4);
	put(&t->info, 0x1014, 8);
	put(&t->info, 4, 4);
	put(&t->info, 0, 1); /* ends of the lists of the block's and the function's children */
	put(&t->info, 0, 1);
	set_ref(t, sibling);
	put(&t->info, 6, 1);
	put_text(&t->info, "other");
	put(&t->info, 0, 1);
	end_unit(t);

	put(&t->ranges, 0x00, 8); /* relative to the unit's low_pc */
	put(&t->ranges, 0x40, 8);
	put(&t->ranges, UINT64_MAX, 8);
	put(&t->ranges, 0x9000, 8);
	put(&t->ranges, 0x10, 8);
	put(&t->ranges, 0x20, 8);
	put(&t->ranges, 0, 16);
	take(t);
}

static void open_unit(struct test *t, uint64_t offset)
{
	struct kd_err err = KD_ERR_INIT;

	assert_int_equal(dw_unit_open(&t->unit, &t->data, offset, &err), 0);
}

static void check_range(const struct dwarf_die *d, size_t i, uint64_t low, uint64_t high)
{
	struct dwarf_ranges r;
	uint64_t a, b;

	dw_ranges_start(&r, d);
	for (size_t n = 0; n <= i; n++)
		assert_true(dw_ranges_next(&r, &a, &b));
	assert_int_equal(a, low);
	assert_int_equal(b, high);
}

static size_t count_ranges(const struct dwarf_die *d)
{
	struct dwarf_ranges r;
	uint64_t a, b;
	size_t n = 0;

	dw_ranges_start(&r, d);
	while (dw_ranges_next(&r, &a, &b))
		n++;
	return n;
}

static void version_4(void **state)
{
	struct dwarf_die root, outer, block, variable, inlined, other;
	struct test t = { 0 };
	uint64_t v, next;

	(void)state;
	write_old(&t);
	open_unit(&t, 0);
	assert_int_equal(t.unit.low_pc, 0x1000);
	assert_int_equal(t.unit.line_table, 0x77);
	assert_false(dw_next_unit(&t.data, 0, &next));
	assert_true(dw_die_at(&t.unit, t.unit.die, &root));
	assert_string_equal(dw_text(&root, DW_AT_name), "a.c");
	assert_true(dw_child(&root, &outer));
	assert_int_equal(dw_tag(&outer), DW_TAG_subprogram);
	assert_string_equal(dw_text(&outer, DW_AT_name), "outer");
	assert_int_equal(count_ranges(&outer), 2);
	check_range(&outer, 0, 0x1000, 0x1040);
	check_range(&outer, 1, 0x9010, 0x9020);
	assert_true(dw_child(&outer, &block));
	check_range(&block, 0, 0x1010, 0x1020);
	assert_false(dw_sibling(&block, &variable)); /* the block is the only child */
	assert_true(dw_child(&block, &variable));
	assert_true(dw_number(&variable, DW_AT_artificial, &v));
	assert_int_equal(v, 1);
	assert_int_equal(count_ranges(&variable), 0);
	assert_false(dw_child(&variable, &inlined));
	assert_true(dw_sibling(&variable, &inlined));
	assert_int_equal(dw_tag(&inlined), DW_TAG_inlined_subroutine);
	check_range(&inlined, 0, 0x1014, 0x1018);
	assert_true(dw_number(&inlined, DW_AT_call_line, &v));
	assert_int_equal((int64_t)v, -5);
	assert_false(dw_sibling(&inlined, &other));
	assert_true(dw_sibling(&outer, &other));
	assert_string_equal(dw_text(&other, DW_AT_name), "other");
	assert_false(dw_sibling(&other, &other));
	dw_unit_fini(&t.unit);
}

/* Siblings that are not said, or lie, are found by walking. */
static void siblings_are_found_without_help(void **state)
{
	struct dwarf_die root, outer, other;
	struct test t = { 0 };

	(void)state;
	write_old(&t);
	open_unit(&t, 0);
	assert_true(dw_die_at(&t.unit, t.unit.die, &root));
	assert_true(dw_child(&root, &outer));
	memset(t.info.b + outer.attrs, 0, 4); /* back to the unit's start */
	assert_true(dw_sibling(&outer, &other));
	assert_string_equal(dw_text(&other, DW_AT_name), "other");
	dw_unit_fini(&t.unit);
}

/* Version 5 as clang writes it: strings, addresses and ranges by index. */
static void version_5_by_index(void **state)
{
	struct dwarf_die root, a, b;
	struct test t = { 0 };
	uint64_t v;

	(void)state;
	ABBREV(&t, 1, DW_TAG_compile_unit, true, DW_AT_name, DW_FORM_strx1, DW_AT_str_offsets_base,
	       DW_FORM_sec_offset, DW_AT_low_pc, DW_FORM_addrx, DW_AT_addr_base, DW_FORM_sec_offset,
	       DW_AT_rnglists_base, DW_FORM_sec_offset);
	ABBREV(&t, 2, DW_TAG_subprogram, false, DW_AT_name, DW_FORM_strx1, DW_AT_low_pc,
	       DW_FORM_addrx, DW_AT_high_pc, DW_FORM_udata);
	ABBREV(&t, 3, DW_TAG_subprogram, false, DW_AT_specification, DW_FORM_ref_addr, DW_AT_ranges,
	       DW_FORM_rnglistx);
	put(&t.abbrev, 0, 1);
	put(&t.str_offsets, 0, 8);
	put(&t.str_offsets, put_text(&t.str, "b.c"), 4);
	put(&t.str_offsets, put_text(&t.str, "fn"), 4);
	put(&t.addr, 0, 8);
	put(&t.addr, 0x5000, 8);
	put(&t.addr, 0x6000, 8);
	put(&t.rnglists, 0, 12);
	put(&t.rnglists, 4, 4); /* the only list, behind this word */
	put(&t.rnglists, DW_RLE_base_addressx, 1);
	put(&t.rnglists, 1, 1);
	put(&t.rnglists, DW_RLE_offset_pair, 1);
	put(&t.rnglists, 0x0804, 2);
	put(&t.rnglists, DW_RLE_startx_length, 1);
	put(&t.rnglists, 0x1000, 2);
	put(&t.rnglists, DW_RLE_start_end, 1);
	put(&t.rnglists, 0x7000, 8);
	put(&t.rnglists, 0x7001, 8);
	put(&t.rnglists, DW_RLE_end_of_list, 1);

	put(&t.info, 0, 3); /* units need not begin at 0 */
	begin_unit(&t, 5, 0);
	put(&t.info, 1, 1);
	put(&t.info, 0, 1);
	put(&t.info, 8, 4);
	put(&t.info, 0, 1);
	put(&t.info, 8, 4);
	put(&t.info, 12, 4);
	put(&t.info, 2, 1);
	put(&t.info, 1, 1);
	put(&t.info, 1, 1);
	put(&t.info, 0x10, 1);
	put(&t.info, 3, 1);
	put(&t.info, 0x1234, 4);
	put(&t.info, 0, 1);
	put(&t.info, 0, 1);
	end_unit(&t);
	take(&t);

	open_unit(&t, 3);
	assert_int_equal(t.unit.low_pc, 0x5000);
	assert_int_equal(t.unit.line_table, UINT64_MAX);
	assert_true(dw_die_at(&t.unit, t.unit.die, &root));
	assert_string_equal(dw_text(&root, DW_AT_name), "b.c");
	assert_true(dw_child(&root, &a));
	assert_string_equal(dw_text(&a, DW_AT_name), "fn");
	check_range(&a, 0, 0x6000, 0x6010);
	assert_true(dw_sibling(&a, &b));
	assert_null(dw_text(&b, DW_AT_name));
	assert_true(dw_reference(&b, DW_AT_specification, &v));
	assert_int_equal(v, 0x1234); /* of the section, not of the unit */
	assert_int_equal(count_ranges(&b), 3);
	check_range(&b, 0, 0x6004, 0x6008);
	check_range(&b, 1, 0x5000, 0x5010);
	check_range(&b, 2, 0x7000, 0x7001);
	dw_unit_fini(&t.unit);
}

static void what_is_no_unit_is_refused(void **state)
{
	struct test t = { 0 };

	(void)state;
	write_old(&t);
	assert_int_equal(dw_unit_open(&t.unit, &t.data, 1, NULL), KD_CORRUPT);
	assert_int_equal(dw_unit_open(&t.unit, &t.data, t.info.n, NULL), KD_CORRUPT);
	assert_int_equal(dw_unit_open(&t.unit, &t.data, UINT64_MAX, NULL), KD_CORRUPT);
	t.data.abbrev.size = 10;
	assert_int_equal(dw_unit_open(&t.unit, &t.data, 0, NULL), KD_CORRUPT);
	t.info.b[4] = 6; /* version */
	assert_int_equal(dw_unit_open(&t.unit, &t.data, 0, NULL), KD_CORRUPT);
}

/* Look at all there is. */
static void walk(const struct dwarf_die *parent, unsigned depth, size_t *left)
{
	struct dwarf_die d;
	bool more = depth < 8 && dw_child(parent, &d);

	for (; more && *left; more = dw_sibling(&d, &d)) {
		uint64_t v;

		--*left;
		dw_text(&d, DW_AT_name);
		dw_number(&d, DW_AT_call_line, &v);
		dw_reference(&d, DW_AT_abstract_origin, &v);
		count_ranges(&d);
		walk(&d, depth + 1, left);
	}
}

static void damage_does_no_harm(void **state)
{
	struct test t = { 0 };

	(void)state;
	write_old(&t);
	for (size_t i = 0; i < t.info.n + t.abbrev.n + t.ranges.n; i++) {
		uint8_t *b = i < t.info.n ? &t.info.b[i] :
			     i < t.info.n + t.abbrev.n ? &t.abbrev.b[i - t.info.n] :
							 &t.ranges.b[i - t.info.n - t.abbrev.n];
		uint8_t old = *b;

		for (unsigned v = 0; v < 256; v++) {
			struct dwarf_die root;
			size_t left = 1000;

			*b = (uint8_t)v;
			if (dw_unit_open(&t.unit, &t.data, 0, NULL))
				continue;
			if (dw_die_at(&t.unit, t.unit.die, &root))
				walk(&root, 0, &left);
			dw_unit_fini(&t.unit);
		}
		*b = old;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_4),
		cmocka_unit_test(siblings_are_found_without_help),
		cmocka_unit_test(version_5_by_index),
		cmocka_unit_test(what_is_no_unit_is_refused),
		cmocka_unit_test(damage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
