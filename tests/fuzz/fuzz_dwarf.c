// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as the debug sections of a file. It begins with the sizes of all but
 * the last section, two bytes each; then come the sections themselves.
 */
#include <dwarf.h>
#include <string.h>

#include "kernel/dwarf.h"
#include "kernel/line_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNITS_MAX 16
#define DIES_MAX 2000 /* in all units */
#define DEPTH_MAX 40
#define RANGES_MAX 200 /* of a DIE */
#define HOPS_MAX 8

struct file {
	struct dwarf_data dwarf;
	struct line_data lines;
	unsigned dies;
};

/* A text must end within its section. */
static void touch(const char *text)
{
	if (text && strlen(text) > INT32_MAX)
		abort();
}

static void all_ranges(const struct dwarf_die *d)
{
	struct dwarf_ranges r;
	uint64_t low, high;

	dw_ranges_start(&r, d);
	for (unsigned n = 0; n < RANGES_MAX && dw_ranges_next(&r, &low, &high);)
		n++;
}

/* To what it is an instance of, as far as that is in the same unit. */
static void follow(struct dwarf_die d)
{
	uint64_t to;

	for (unsigned hop = 0; hop < HOPS_MAX; hop++) {
		if (!dw_reference(&d, DW_AT_abstract_origin, &to) &&
		    !dw_reference(&d, DW_AT_specification, &to))
			return;
		if (!dw_die_at(d.unit, to, &d))
			return;
		touch(dw_text(&d, DW_AT_name));
	}
}

static void one_die(const struct dwarf_die *d)
{
	static const unsigned numbers[] = { DW_AT_low_pc,    DW_AT_high_pc,   DW_AT_call_line,
					    DW_AT_call_file, DW_AT_stmt_list, DW_AT_ranges };
	uint64_t v;

	dw_tag(d);
	for (size_t i = 0; i < KD_ARRAY_SIZE(numbers); i++)
		dw_number(d, numbers[i], &v);
	touch(dw_text(d, DW_AT_name));
	touch(dw_text(d, DW_AT_comp_dir));
	all_ranges(d);
	follow(*d);
}

static void walk(struct file *f, const struct dwarf_die *parent, unsigned depth)
{
	struct dwarf_die d;
	uint64_t before = parent->offset;

	if (depth > DEPTH_MAX || !dw_child(parent, &d))
		return;
	do {
		/* each lies behind the one before, or a walk might not end */
		if (d.offset <= before)
			abort();
		before = d.offset;
		one_die(&d);
		walk(f, &d, depth + 1);
	} while (f->dies-- && f->dies && dw_sibling(&d, &d));
}

static void one_line(const struct line_data *l, uint64_t table, uint64_t pc)
{
	struct line_place at;
	char name[256];

	if (line_table_find(l, table, pc, &at, NULL))
		at.file = pc & 15;
	if (!line_table_file(l, table, at.file, name, sizeof(name), NULL))
		touch(name);
}

static void one_unit(struct file *f, uint64_t offset)
{
	struct dwarf_unit u;
	struct dwarf_die root;

	if (dw_unit_open(&u, &f->dwarf, offset, NULL))
		return;
	if (dw_die_at(&u, u.die, &root)) {
		one_die(&root);
		walk(f, &root, 0);
	}
	one_line(&f->lines, u.line_table, u.low_pc);
	one_line(&f->lines, u.line_table, u.low_pc + 5);
	dw_unit_fini(&u);
}

/* Sections are copies of their own, so that a byte too far is seen. */
static const uint8_t *cut(const uint8_t **at, size_t *left, size_t want, size_t *size)
{
	uint8_t *p;

	*size = kd_min(want, *left);
	if (!*size)
		return NULL;
	p = malloc(*size);
	if (!p)
		abort();
	memcpy(p, *at, *size);
	*at += *size;
	*left -= *size;
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file f = { .dies = DIES_MAX };
	struct dwarf_section line;
	struct dwarf_section *sections[] = {
		&f.dwarf.abbrev, &f.dwarf.str,	  &f.dwarf.line_str, &f.dwarf.str_offsets,
		&f.dwarf.addr,	 &f.dwarf.ranges, &f.dwarf.rnglists, &line,
		&f.dwarf.info,
	};
	const uint8_t *at = data + 2 * (KD_ARRAY_SIZE(sections) - 1);
	size_t left = size - (size_t)(at - data);
	uint64_t unit = 0;

	if (size < (size_t)(at - data))
		return 0;
	for (size_t i = 0; i < KD_ARRAY_SIZE(sections); i++) {
		bool last = i + 1 == KD_ARRAY_SIZE(sections);
		size_t want = last ? left : data[2 * i] | (size_t)data[2 * i + 1] << 8;

		sections[i]->data = cut(&at, &left, want, &sections[i]->size);
	}
	f.lines = (struct line_data){ line.data,	   f.dwarf.line_str.data,
				      f.dwarf.str.data,	   line.size,
				      f.dwarf.line_str.size, f.dwarf.str.size };
	for (unsigned n = 0; f.dwarf.info.data && n < UNITS_MAX; n++) {
		one_unit(&f, unit);
		if (!dw_next_unit(&f.dwarf, unit, &unit))
			break;
	}
	one_line(&f.lines, 0, 0x1234);
	for (size_t i = 0; i < KD_ARRAY_SIZE(sections); i++)
		free((void *)(uintptr_t)sections[i]->data);
	return 0;
}
