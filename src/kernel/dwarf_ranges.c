// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The code of a DIE: one run of addresses, or a list of them (DWARF 5 section 2.17; before
 * version 5 DWARF 4 section 2.17.3).
 */
#include <dwarf.h>

#include "kernel/dwarf_priv.h"

static void start_list(struct dwarf_ranges *r, const struct dw_value *v)
{
	const struct dwarf_unit *u = r->unit;

	r->base = u->low_pc;
	r->at = v->number;
	if (u->version < 5) {
		r->kind = DWARF_RANGES_OLD;
		r->stop = u->data->ranges.size;
		return;
	}
	r->kind = DWARF_RANGES_LIST;
	r->stop = u->data->rnglists.size;
	if (v->kind != DW_KIND_LIST_INDEX)
		return;
	if (!dw_table_word(&u->data->rnglists, u->rnglists_base, v->number, u->offset_size, &r->at))
		r->kind = DWARF_RANGES_NONE;
	r->at += u->rnglists_base;
}

void dw_ranges_start(struct dwarf_ranges *r, const struct dwarf_die *d)
{
	struct dw_reader list = dw_reader_at(&d->unit->data->abbrev, d->abbrev->attrs);
	struct dw_reader attrs = dw_unit_reader(d->unit, d->attrs);
	uint64_t name, form, implicit;
	bool has_low = false, has_high = false;
	struct dw_value v, high = { 0 };

	*r = (struct dwarf_ranges){ .unit = d->unit, .kind = DWARF_RANGES_NONE };
	if (!d->abbrev->has_code)
		return;
	while (dw_next_attr(&list, &name, &form, &implicit)) {
		if (!dw_value_get(&attrs, d->unit, form, implicit, &v))
			return;
		if (name == DW_AT_ranges) {
			start_list(r, &v);
			return;
		}
		if (name == DW_AT_low_pc)
			has_low = dw_address(d->unit, &v, &r->low);
		if (name == DW_AT_high_pc) {
			has_high = true;
			high = v;
		}
	}
	if (!has_low || !has_high)
		return;
	/* An address, or the length. */
	if (high.kind == DW_KIND_NUMBER)
		r->high = r->low + high.number;
	else if (!dw_address(d->unit, &high, &r->high))
		return;
	r->kind = DWARF_RANGES_ONE;
}

static bool next_old(struct dwarf_ranges *r, uint64_t *low, uint64_t *high)
{
	unsigned size = r->unit->addr_size;
	uint64_t largest = size == 4 ? UINT32_MAX : UINT64_MAX;

	for (;;) {
		struct dw_reader in = dw_reader_at(&r->unit->data->ranges, r->at);
		uint64_t a = dw_uint(&in, size), b = dw_uint(&in, size);

		r->at = in.at;
		if (in.bad || (!a && !b))
			return false;
		if (a != largest) {
			*low = r->base + a;
			*high = r->base + b;
			return true;
		}
		r->base = b;
	}
}

static uint64_t get_indexed(struct dwarf_ranges *r, struct dw_reader *in)
{
	uint64_t address = 0, index = dw_uleb(in);

	if (!dw_table_word(&r->unit->data->addr, r->unit->addr_base, index, r->unit->addr_size,
			   &address))
		in->bad = true;
	return address;
}

/* One entry; false: it is the last one. *found: it is a range. */
static bool list_entry(struct dwarf_ranges *r, struct dw_reader *in, uint64_t *low, uint64_t *high,
		       bool *found)
{
	unsigned size = r->unit->addr_size;

	*found = true;
	switch (dw_uint(in, 1)) {
	case DW_RLE_base_addressx:
		r->base = get_indexed(r, in);
		*found = false;
		return true;
	case DW_RLE_base_address:
		r->base = dw_uint(in, size);
		*found = false;
		return true;
	case DW_RLE_startx_endx:
		*low = get_indexed(r, in);
		*high = get_indexed(r, in);
		return true;
	case DW_RLE_startx_length:
		*low = get_indexed(r, in);
		*high = *low + dw_uleb(in);
		return true;
	case DW_RLE_offset_pair:
		*low = r->base + dw_uleb(in);
		*high = r->base + dw_uleb(in);
		return true;
	case DW_RLE_start_end:
		*low = dw_uint(in, size);
		*high = dw_uint(in, size);
		return true;
	case DW_RLE_start_length:
		*low = dw_uint(in, size);
		*high = *low + dw_uleb(in);
		return true;
	default:
		return false; /* the end, or not known */
	}
}

static bool next_entry(struct dwarf_ranges *r, uint64_t *low, uint64_t *high)
{
	struct dw_reader in = dw_reader_at(&r->unit->data->rnglists, r->at);
	bool found = false;

	while (!found)
		if (!list_entry(r, &in, low, high, &found) || in.bad)
			return false;
	r->at = in.at;
	return true;
}

bool dw_ranges_next(struct dwarf_ranges *r, uint64_t *low, uint64_t *high)
{
	switch (r->kind) {
	case DWARF_RANGES_ONE:
		*low = r->low;
		*high = r->high;
		r->kind = DWARF_RANGES_NONE;
		return true;
	case DWARF_RANGES_OLD:
		return next_old(r, low, high);
	case DWARF_RANGES_LIST:
		return next_entry(r, low, high);
	default:
		return false;
	}
}
