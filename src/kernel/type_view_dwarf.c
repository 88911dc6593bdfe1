// SPDX-License-Identifier: GPL-3.0-or-later
/* Walking through DWARF: see type_view.h. */
#include <dwarf.h>
#include <string.h>

#include "kernel/type_view_priv.h"
#include "kernel/types_priv.h"
#include "kernel/types_index.h"
#include "kernel/types_units.h"

#define DIES_MAX (1u << 26) /* looked at to find one name */

static Dwarf_Die die_of(const struct type_ref *r)
{
	return (Dwarf_Die){ .addr = r->addr, .cu = r->cu };
}

static struct type_ref ref_of(const struct types *t, const Dwarf_Die *die)
{
	return (struct type_ref){ .types = t, .addr = die->addr, .cu = die->cu };
}

static bool is_declaration(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	bool flag;

	return dwarf_attr(die, DW_AT_declaration, &attr) && !dwarf_formflag(&attr, &flag) && flag;
}

static bool wanted(Dwarf_Die *die, enum type_want want)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
		return want == WANT_ANY || want == WANT_STRUCT;
	case DW_TAG_union_type:
		return want == WANT_ANY || want == WANT_UNION;
	case DW_TAG_enumeration_type:
		return want == WANT_ANY || want == WANT_ENUM;
	case DW_TAG_typedef:
		return want == WANT_ANY;
	case DW_TAG_base_type:
		return want == WANT_BASE;
	default:
		return false;
	}
}

/* The tags of a type that is wanted, for the index. */
static unsigned index_mask(enum type_want want)
{
	switch (want) {
	case WANT_STRUCT:
		return types_index_bit(DW_TAG_structure_type);
	case WANT_UNION:
		return types_index_bit(DW_TAG_union_type);
	case WANT_ENUM:
		return types_index_bit(DW_TAG_enumeration_type);
	case WANT_BASE:
		return types_index_bit(DW_TAG_base_type);
	default:
		return types_index_bit(DW_TAG_structure_type) | types_index_bit(DW_TAG_union_type) |
		       types_index_bit(DW_TAG_enumeration_type) | types_index_bit(DW_TAG_typedef);
	}
}

bool type_dwarf_variable(const struct types *t, const char *name, uint64_t static_at,
			 struct type_ref *out)
{
	struct types_dwarf *d = types_get_dwarf(t);
	Dwarf_Die die, type;

	if (!d || !types_dwarf_variable(d, name, static_at, &die) ||
	    !die_ref(&die, DW_AT_type, &type))
		return false;
	*out = ref_of(t, &type);
	return true;
}

/* In one unit: a type of that name, best a struct. */
static bool find_in_unit(Dwarf_Die *unit, const char *name, enum type_want want, uint32_t *work,
			 Dwarf_Die *found)
{
	Dwarf_Die die;
	bool have = false;

	if (dwarf_child(unit, &die))
		return false;
	do {
		const char *s;

		if (!wanted(&die, want))
			continue;
		s = die_name(&die);
		if (!s || strcmp(s, name) || is_declaration(&die))
			continue;
		if (!have || dwarf_tag(&die) != DW_TAG_typedef)
			*found = die;
		have = true;
		if (dwarf_tag(&die) != DW_TAG_typedef)
			return true;
	} while (--*work && die_step(&die));
	return have;
}

/* One finding a unit; a typedef makes room for the first that is none. */
size_t type_dwarf_find(const struct types *t, const char *name, enum type_want want,
		       struct type_ref *out, size_t max)
{
	Dwarf *dw = types_raw_dwarf(t);
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit, found = { 0 };
	uint32_t work = DIES_MAX;
	bool typedefs = false;
	size_t n = 0;

	if (dw && max == 1) {
		if (!types_dwarf_type(types_get_dwarf(t), name, index_mask(want), &found))
			return 0;
		out[0] = ref_of(t, &found);
		return 1;
	}
	while (dw && work && n < max && !dwarf_get_units(dw, cu, &cu, NULL, NULL, &unit, NULL)) {
		if (!find_in_unit(&unit, name, want, &work, &found))
			continue;
		if (dwarf_tag(&found) == DW_TAG_typedef) {
			if (n)
				continue;
			typedefs = true;
		} else if (typedefs) {
			typedefs = false;
			n = 0;
		}
		out[n++] = ref_of(t, &found);
	}
	return n;
}

static enum type_kind kind_of(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_base_type:
		return TYPE_INT;
	case DW_TAG_pointer_type:
		return TYPE_POINTER;
	case DW_TAG_array_type:
		return TYPE_ARRAY;
	case DW_TAG_structure_type:
		return TYPE_STRUCT;
	case DW_TAG_union_type:
		return TYPE_UNION;
	case DW_TAG_enumeration_type:
		return TYPE_ENUM;
	case DW_TAG_subroutine_type:
		return TYPE_FUNCTION;
	case DW_TAG_typedef:
		return TYPE_TYPEDEF;
	case DW_TAG_const_type:
		return TYPE_CONST;
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return TYPE_VOLATILE;
	default:
		return TYPE_OTHER;
	}
}

static void base_info(Dwarf_Die *die, struct type_info *out)
{
	uint64_t enc = 0;

	die_number(die, DW_AT_encoding, &enc);
	out->kind = TYPE_INT;
	if (enc == DW_ATE_boolean)
		out->kind = TYPE_BOOL;
	else if (out->name && !strcmp(out->name, "char"))
		out->kind = TYPE_CHAR; /* signed and unsigned char are numbers: u8 */
	else if (enc == DW_ATE_float)
		out->kind = TYPE_FLOAT;
	out->is_signed = enc == DW_ATE_signed || enc == DW_ATE_signed_char;
}

static uint64_t range_count(Dwarf_Die *range)
{
	uint64_t n;

	if (die_number(range, DW_AT_count, &n))
		return n;
	return die_number(range, DW_AT_upper_bound, &n) ? n + 1 : 0;
}

/* Elements of an array from dimension SKIP on: of that dimension, and of all. */
static uint32_t array_count(Dwarf_Die *die, uint32_t skip, uint64_t *first, uint64_t *all)
{
	Dwarf_Die range;
	uint32_t dim = 0, dims = 0;

	*first = 0;
	*all = 1;
	if (dwarf_child(die, &range))
		return 0;
	do {
		uint64_t n;

		if (dwarf_tag(&range) != DW_TAG_subrange_type || dim++ < skip)
			continue;
		n = range_count(&range);
		if (!dims++)
			*first = n;
		if (kd_mul_overflow(*all, n, all))
			*all = 0;
	} while (dim < TYPES_DEPTH && die_step(&range));
	return dims;
}

/*
 * DWARF has the dimensions of an array as children of one DIE: which one is meant is
 * kept in the id of a struct type_ref.
 */
static void array_info(const struct type_ref *r, Dwarf_Die *die, struct type_info *out)
{
	struct type_ref element = out->target;
	struct type_info e;
	uint64_t first, all, n;
	uint32_t dims = array_count(die, r->id, &out->count, &all);

	out->kind = TYPE_ARRAY;
	if (dims > 1) {
		out->target = *r;
		out->target.id = r->id + 1;
	}
	/* arrays within arrays by typedef: in a loop, since a broken file may have a ring of them
	 */
	for (int depth = 0; depth < TYPES_DEPTH; depth++) {
		Dwarf_Die at = die_of(&element), to;
		enum type_kind kind = kind_of(&at);

		if (kind == TYPE_ARRAY) {
			array_count(&at, element.id, &first, &n);
			if (kd_mul_overflow(all, n, &all))
				return;
		} else if (kind != TYPE_TYPEDEF && kind != TYPE_CONST && kind != TYPE_VOLATILE) {
			if (!type_info(&element, &e) || kd_mul_overflow(all, e.size, &out->size))
				out->size = 0;
			return;
		}
		if (!die_ref(&at, DW_AT_type, &to))
			return;
		element = ref_of(r->types, &to);
	}
	out->size = 0;
}

bool type_dwarf_info(const struct type_ref *r, struct type_info *out)
{
	Dwarf_Die die = die_of(r), to;

	out->kind = kind_of(&die);
	out->name = die_name(&die);
	die_number(&die, DW_AT_byte_size, &out->size);
	if (die_ref(&die, DW_AT_type, &to))
		out->target = ref_of(r->types, &to);
	switch (out->kind) {
	case TYPE_INT:
		base_info(&die, out);
		break;
	case TYPE_ARRAY:
		array_info(r, &die, out);
		break;
	case TYPE_POINTER:
		if (!out->size)
			out->size = types_ptr_size(r->types);
		break;
	case TYPE_STRUCT:
	case TYPE_UNION:
		out->declared = is_declaration(&die);
		break;
	case TYPE_ENUM:
		out->is_signed = true;
		break;
	default:
		break;
	}
	return true;
}

/* Bits of a member: DWARF 4's data_bit_offset, or the older way from the unit's top. */
static void place_bits(Dwarf_Die *die, const struct type_ref *type, struct type_member *out)
{
	struct type_ref t = *type;
	struct type_info info;
	struct member m = { 0 };
	uint64_t bits, bit, unit = 0, from_top;

	if (!die_number(die, DW_AT_bit_size, &bits))
		return;
	if (!die_number(die, DW_AT_byte_size, &unit) && type_peel(&t, &info))
		unit = info.size;
	if (die_number(die, DW_AT_data_bit_offset, &bit)) {
		bit += 8 * out->offset;
	} else {
		bit = 8 * out->offset;
		if (die_number(die, DW_AT_bit_offset, &from_top))
			bit += 8 * unit - from_top - bits;
	}
	if (!types_bit_field(bit, bits, unit, &m))
		return;
	out->offset = m.offset;
	out->unit = (uint8_t)m.size;
	out->bit_offset = m.bit_offset;
	out->bit_size = m.bit_size;
}

/* The next child with TAG after STEP. */
static bool next_child(const struct type_ref *r, struct type_step *step, int tag, Dwarf_Die *die)
{
	Dwarf_Die parent = die_of(r);

	if (!step->addr) {
		if (step->next || dwarf_child(&parent, die))
			return false;
	} else {
		*die = (Dwarf_Die){ .addr = step->addr, .cu = step->cu };
		if (!die_step(die))
			return false;
	}
	while (dwarf_tag(die) != tag)
		if (!die_step(die))
			return false;
	step->addr = die->addr;
	step->cu = die->cu;
	step->next++;
	return true;
}

bool type_dwarf_next_member(const struct type_ref *r, struct type_step *step,
			    struct type_member *out)
{
	Dwarf_Die die, type;
	uint64_t offset = 0;

	if (!next_child(r, step, DW_TAG_member, &die))
		return false;
	out->name = die_name(&die);
	if (die_ref(&die, DW_AT_type, &type))
		out->type = ref_of(r->types, &type);
	else
		out->type = (struct type_ref){ .types = r->types };
	die_number(&die, DW_AT_data_member_location, &offset);
	out->offset = offset;
	place_bits(&die, &out->type, out);
	return true;
}

bool type_dwarf_next_enumerator(const struct type_ref *r, struct type_step *step, const char **name,
				int64_t *value)
{
	Dwarf_Die die;
	Dwarf_Attribute attr;
	Dwarf_Sword s = 0;
	uint64_t u = 0;

	if (!next_child(r, step, DW_TAG_enumerator, &die))
		return false;
	*name = die_name(&die);
	if (!dwarf_attr(&die, DW_AT_const_value, &attr))
		return true;
	/* gcc has negative values in signed forms: data1 0xff is 255 */
	if (dwarf_whatform(&attr) == DW_FORM_sdata ||
	    dwarf_whatform(&attr) == DW_FORM_implicit_const)
		dwarf_formsdata(&attr, &s);
	else if (die_number(&die, DW_AT_const_value, &u))
		s = (Dwarf_Sword)u;
	*value = s;
	return true;
}
