// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * DWARF, the lowest layer: numbers, and values in the forms that they are written in (DWARF 5
 * section 7.5.6; GNU's of before it too).
 */
#include <dwarf.h>

#include "kernel/dwarf_priv.h"

uint64_t dw_long_leb(struct dw_reader *r, bool is_signed)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = (uint8_t)dw_uint(r, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	if (is_signed && shift < 64 && (b & 0x40))
		v |= ~UINT64_C(0) << shift;
	return v;
}

bool dw_table_word(const struct dwarf_section *s, uint64_t base, uint64_t index, size_t size,
		   uint64_t *value)
{
	struct dw_reader r;
	uint64_t at;

	if (kd_mul_overflow(index, size, &at) || kd_add_overflow(at, base, &at))
		return false;
	r = dw_reader_at(s, at);
	*value = dw_uint(&r, size);
	return !r.bad;
}

/* A flag that is there takes none. */
bool dw_form_size(const struct dwarf_unit *u, uint64_t form, uint32_t *size)
{
	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		*size = 0;
		return true;
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		*size = 1;
		return true;
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		*size = 2;
		return true;
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		*size = 3;
		return true;
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
	case DW_FORM_ref_sup4:
		*size = 4;
		return true;
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		*size = 8;
		return true;
	case DW_FORM_data16:
		*size = 16;
		return true;
	case DW_FORM_addr:
		*size = u->addr_size;
		return true;
	case DW_FORM_ref_addr:
		*size = u->version == 2 ? u->addr_size : u->offset_size;
		return true;
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_sec_offset:
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		*size = u->offset_size;
		return true;
	default:
		return false;
	}
}

static enum dw_kind kind_of(uint64_t form)
{
	switch (form) {
	case DW_FORM_addr:
		return DW_KIND_ADDRESS;
	case DW_FORM_addrx:
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
	case DW_FORM_GNU_addr_index:
		return DW_KIND_ADDRESS_INDEX;
	case DW_FORM_strp:
		return DW_KIND_TEXT;
	case DW_FORM_line_strp:
		return DW_KIND_LINE_TEXT;
	case DW_FORM_strx:
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
	case DW_FORM_GNU_str_index:
		return DW_KIND_TEXT_INDEX;
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
	case DW_FORM_ref_addr:
		return DW_KIND_REFERENCE;
	case DW_FORM_rnglistx:
		return DW_KIND_LIST_INDEX;
	case DW_FORM_data16:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return DW_KIND_OTHER;
	default:
		return DW_KIND_NUMBER;
	}
}

/* Forms whose size is in the data; false: not known. */
static bool get_varying(struct dw_reader *r, uint64_t form, struct dw_value *v)
{
	switch (form) {
	case DW_FORM_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_rnglistx:
	case DW_FORM_loclistx:
	case DW_FORM_ref_udata:
	case DW_FORM_GNU_addr_index:
	case DW_FORM_GNU_str_index:
		v->number = dw_uleb(r);
		return true;
	case DW_FORM_sdata:
		v->number = dw_leb(r, true);
		return true;
	case DW_FORM_string: {
		const uint8_t *nul = r->bad ? NULL : memchr(r->data + r->at, '\0', r->stop - r->at);

		v->kind = DW_KIND_INLINE_TEXT;
		v->number = r->at;
		r->bad |= !nul;
		if (nul)
			r->at = (uint64_t)(nul - r->data) + 1;
		return true;
	}
	case DW_FORM_block1:
		dw_skip(r, dw_uint(r, 1));
		break;
	case DW_FORM_block2:
		dw_skip(r, dw_uint(r, 2));
		break;
	case DW_FORM_block4:
		dw_skip(r, dw_uint(r, 4));
		break;
	case DW_FORM_block:
	case DW_FORM_exprloc:
		dw_skip(r, dw_uleb(r));
		break;
	default:
		return false;
	}
	v->kind = DW_KIND_OTHER;
	return true;
}

bool dw_value_get(struct dw_reader *r, const struct dwarf_unit *u, uint64_t form, uint64_t implicit,
		  struct dw_value *v)
{
	uint32_t size;

	/* Once: a chain of these would be no form that a compiler writes. */
	if (form == DW_FORM_indirect)
		form = dw_uleb(r);
	*v = (struct dw_value){ .kind = kind_of(form) };
	if (!dw_form_size(u, form, &size)) {
		if (!get_varying(r, form, v))
			return false;
	} else if (form == DW_FORM_implicit_const) {
		v->number = implicit;
	} else if (form == DW_FORM_flag_present) {
		v->number = 1;
	} else if (size > sizeof(v->number)) {
		dw_skip(r, size);
	} else {
		v->number = dw_uint(r, size);
	}
	if (v->kind == DW_KIND_REFERENCE && form != DW_FORM_ref_addr)
		v->number += u->offset;
	return !r->bad;
}

bool dw_next_attr(struct dw_reader *r, uint64_t *name, uint64_t *form, uint64_t *implicit)
{
	*name = dw_uleb(r);
	*form = dw_uleb(r);
	*implicit = *form == DW_FORM_implicit_const ? dw_leb(r, true) : 0;
	return !r->bad && (*name || *form);
}

bool dw_address(const struct dwarf_unit *u, const struct dw_value *v, uint64_t *address)
{
	*address = v->number;
	return v->kind == DW_KIND_ADDRESS ||
	       (v->kind == DW_KIND_ADDRESS_INDEX &&
		dw_table_word(&u->data->addr, u->addr_base, v->number, u->addr_size, address));
}
