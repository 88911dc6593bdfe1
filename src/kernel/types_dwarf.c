// SPDX-License-Identifier: GPL-3.0-or-later
/* Types out of DWARF (DWARF 5 section 5), by libdw. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <pthread.h>
#include <string.h>

#include "kernel/types_priv.h"
#include "kernel/types_index.h"
#include "kernel/types_units.h"

#define DEFAULT_ANCHOR "schedule"

struct types_dwarf {
	Dwarf *dw;
	struct units *units;
	struct types_index *index;
	uint64_t ptr_size;    /* bytes */
	pthread_mutex_t lock; /* of dw and units: libdw reads units as it needs them */
};

int types_dwarf_open(Elf *elf, unsigned ptr_size, struct types_dwarf **out, struct kd_err *err)
{
	struct types_dwarf *d;

	*out = NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return kd_nomem(err);
	d->dw = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	if (!d->dw) {
		free(d);
		return kd_fail(err, KD_CORRUPT, "its DWARF makes no sense: %s", dwarf_errmsg(-1));
	}
	d->ptr_size = ptr_size;
	d->units = units_new(elf, d->dw);
	d->index = types_index_new(d->dw);
	if (!d->units || !d->index) {
		units_free(d->units);
		types_index_free(d->index);
		dwarf_end(d->dw);
		free(d);
		return kd_nomem(err);
	}
	pthread_mutex_init(&d->lock, NULL);
	*out = d;
	return 0;
}

void types_dwarf_close(struct types_dwarf *d)
{
	if (!d)
		return;
	pthread_mutex_destroy(&d->lock);
	units_free(d->units);
	types_index_free(d->index);
	dwarf_end(d->dw);
	free(d);
}

/* Through typedefs and qualifiers. */
static bool peel(Dwarf_Die *die)
{
	for (int depth = 0; depth < TYPES_DEPTH; depth++) {
		Dwarf_Die to;

		switch (dwarf_tag(die)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			if (!die_ref(die, DW_AT_type, &to))
				return false;
			*die = to;
			break;
		default:
			return true;
		}
	}
	return false;
}

static bool is_composite(Dwarf_Die *die)
{
	return dwarf_tag(die) == DW_TAG_structure_type || dwarf_tag(die) == DW_TAG_union_type;
}

/* Elements of an array: of its first dimension, and all. A flexible one has 0. */
static void array_count(Dwarf_Die *array, uint64_t *first, uint64_t *all)
{
	Dwarf_Die die;
	int dims = 0;

	*first = *all = 0;
	if (dwarf_child(array, &die))
		return;
	do {
		uint64_t n;

		if (dwarf_tag(&die) != DW_TAG_subrange_type)
			continue;
		if (!die_number(&die, DW_AT_count, &n))
			n = die_number(&die, DW_AT_upper_bound, &n) ? n + 1 : 0;
		if (!dims++)
			*first = *all = n;
		else if (kd_mul_overflow(*all, n, all))
			*all = 0;
	} while (dims < TYPES_DEPTH && die_step(&die));
}

/* The size of a type in bytes, arrays as a whole; false: it has none. */
static bool type_size(const struct types_dwarf *d, const Dwarf_Die *type, uint64_t *size)
{
	Dwarf_Die die = *type, element;
	uint64_t n = 1, first, all, bytes;

	for (int depth = 0; depth < TYPES_DEPTH && peel(&die); depth++) {
		switch (dwarf_tag(&die)) {
		case DW_TAG_array_type:
			array_count(&die, &first, &all);
			if (kd_mul_overflow(n, all, &n) || !die_ref(&die, DW_AT_type, &element))
				return false;
			die = element;
			break;
		case DW_TAG_pointer_type:
			return !kd_mul_overflow(n, d->ptr_size, size);
		default:
			return die_number(&die, DW_AT_byte_size, &bytes) &&
			       !kd_mul_overflow(n, bytes, size);
		}
	}
	return false;
}

/* Where a member starts, in bytes from its struct. */
static bool member_offset(Dwarf_Die *member, uint64_t *offset)
{
	Dwarf_Attribute attr;
	Dwarf_Word w;
	Dwarf_Op *op;
	size_t n;

	*offset = 0;
	if (!dwarf_attr(member, DW_AT_data_member_location, &attr))
		return true; /* of a union, or a bit field */
	if (!dwarf_formudata(&attr, &w)) {
		*offset = w;
		return true;
	}
	/* DWARF 2 has an expression there, to add to the struct's address. */
	if (dwarf_getlocation(&attr, &op, &n) || n != 1 || op[0].atom != DW_OP_plus_uconst)
		return false;
	*offset = op[0].number;
	return true;
}

/*
 * A member by name, through anonymous ones; to *BASE is added where the
 * anonymous struct around it starts.
 */
static bool find_member(Dwarf_Die *type, const char *name, Dwarf_Die *found, uint64_t *base,
			int depth, int *work)
{
	Dwarf_Die die, inner;

	if (depth > TYPES_DEPTH || dwarf_child(type, &die))
		return false;
	do {
		const char *s;
		uint64_t offset;

		if (--*work < 0)
			return false;
		if (dwarf_tag(&die) != DW_TAG_member)
			continue;
		s = die_name(&die);
		if (s && !strcmp(s, name)) {
			*found = die;
			return true;
		}
		if (s || !die_ref(&die, DW_AT_type, &inner) || !peel(&inner) ||
		    !is_composite(&inner) || !member_offset(&die, &offset))
			continue;
		offset += *base;
		if (find_member(&inner, name, found, &offset, depth + 1, work)) {
			*base = offset;
			return true;
		}
	} while (die_step(&die));
	return false;
}

/* Is the member a bit field? Its first bit from the start of its struct, and its width. */
static bool member_bits(const struct types_dwarf *d, Dwarf_Die *member, uint64_t offset,
			uint64_t *bit, uint64_t *bits, uint64_t *unit)
{
	Dwarf_Die type;
	uint64_t from_msb;

	if (!die_number(member, DW_AT_bit_size, bits))
		return false;
	if (!die_number(member, DW_AT_byte_size, unit) &&
	    !(die_ref(member, DW_AT_type, &type) && type_size(d, &type, unit)))
		*unit = 0;
	if (die_number(member, DW_AT_data_bit_offset, bit)) {
		*bit += 8 * offset;
		return true;
	}
	/* Before DWARF 4: counted from the most significant bit of the unit. */
	*bit = 8 * offset;
	if (die_number(member, DW_AT_bit_offset, &from_msb))
		*bit += 8 * *unit - from_msb - *bits;
	return true;
}

static bool fill_member(const struct types_dwarf *d, Dwarf_Die *member, uint64_t base,
			struct member *out)
{
	uint64_t offset, bit, bits, unit, all;
	Dwarf_Die type, array;

	if (!member_offset(member, &offset) || !die_ref(member, DW_AT_type, &type))
		return false;
	out->count = 1;
	array = type;
	if (peel(&array) && dwarf_tag(&array) == DW_TAG_array_type)
		array_count(&array, &out->count, &all);
	if (member_bits(d, member, offset, &bit, &bits, &unit)) {
		if (!types_bit_field(bit, bits, unit, out))
			return false;
	} else {
		out->offset = offset;
		if (!type_size(d, &type, &out->size))
			return false;
	}
	return !kd_add_overflow(out->offset, base, &out->offset);
}

static bool resolve(const struct types_dwarf *d, const Dwarf_Die *struct_die, const char *path,
		    struct member *out)
{
	Dwarf_Die type = *struct_die, member, to;
	uint64_t base = 0, offset;
	int work = TYPES_WORK;
	char name[TYPES_NAME];

	while (types_path_next(&path, '.', name)) {
		int depth = 0;

		while (peel(&type) && dwarf_tag(&type) == DW_TAG_array_type) {
			if (++depth > TYPES_DEPTH || !die_ref(&type, DW_AT_type, &to))
				return false;
			type = to;
		}
		if (!is_composite(&type) || !find_member(&type, name, &member, &base, 0, &work))
			return false;
		if (!path)
			return fill_member(d, &member, base, out);
		if (!member_offset(&member, &offset) || !die_ref(&member, DW_AT_type, &type))
			return false;
		base += offset;
	}
	return false;
}

static enum types_answer unit_member(const struct types_dwarf *d, const struct unit *u,
				     const char *struct_name, const char *path, struct member *out)
{
	enum types_answer a = TYPES_NO_TYPE;
	uint32_t at = types_hash(struct_name);
	Dwarf_Die die;

	while (unit_next_type(u, struct_name, &at, &die)) {
		if (!peel(&die) || !is_composite(&die))
			continue;
		if (resolve(d, &die, path, out))
			return TYPES_FOUND;
		a = TYPES_NO_MEMBER;
	}
	return a;
}

static bool unit_size(const struct types_dwarf *d, const struct unit *u, const char *struct_name,
		      uint64_t *size)
{
	uint32_t at = types_hash(struct_name);
	Dwarf_Die die;

	while (unit_next_type(u, struct_name, &at, &die))
		if (type_size(d, &die, size))
			return true;
	return false;
}

enum types_answer types_dwarf_member(struct types_dwarf *d, const char *anchor,
				     const char *struct_name, const char *path, struct member *out)
{
	enum types_answer a = TYPES_NO_TYPE;
	char function[TYPES_NAME];

	anchor = anchor ? anchor : DEFAULT_ANCHOR;
	pthread_mutex_lock(&d->lock);
	while (a == TYPES_NO_TYPE && types_path_next(&anchor, '|', function)) {
		const struct unit *u = units_by_function(d->units, function);

		if (u)
			a = unit_member(d, u, struct_name, path, out);
	}
	pthread_mutex_unlock(&d->lock);
	return a;
}

enum types_answer types_dwarf_size(struct types_dwarf *d, const char *anchor,
				   const char *struct_name, uint64_t *size)
{
	char function[TYPES_NAME];
	bool found = false;

	anchor = anchor ? anchor : DEFAULT_ANCHOR;
	pthread_mutex_lock(&d->lock);
	while (!found && types_path_next(&anchor, '|', function)) {
		const struct unit *u = units_by_function(d->units, function);

		found = u && unit_size(d, u, struct_name, size);
	}
	pthread_mutex_unlock(&d->lock);
	return found ? TYPES_FOUND : TYPES_NO_TYPE;
}

enum types_answer types_dwarf_enumerator(struct types_dwarf *d, const char *anchor,
					 const char *name, int64_t *value)
{
	char function[TYPES_NAME];
	bool found = false;

	anchor = anchor ? anchor : DEFAULT_ANCHOR;
	pthread_mutex_lock(&d->lock);
	while (!found && types_path_next(&anchor, '|', function)) {
		struct unit *u = units_by_function(d->units, function);

		found = u && unit_enumerator(u, name, value);
	}
	pthread_mutex_unlock(&d->lock);
	return found ? TYPES_FOUND : TYPES_NO_TYPE;
}

Dwarf *types_dwarf_raw(const struct types_dwarf *d, unsigned *ptr_size)
{
	*ptr_size = (unsigned)d->ptr_size;
	return d->dw;
}

bool types_dwarf_type(struct types_dwarf *d, const char *name, unsigned mask, Dwarf_Die *out)
{
	bool found;

	pthread_mutex_lock(&d->lock);
	found = types_index_type(d->index, name, mask, out);
	pthread_mutex_unlock(&d->lock);
	return found;
}

bool types_dwarf_variable(struct types_dwarf *d, const char *name, uint64_t static_at,
			  Dwarf_Die *out)
{
	bool found;

	pthread_mutex_lock(&d->lock);
	found = types_index_variable(d->index, name, static_at, out);
	pthread_mutex_unlock(&d->lock);
	return found;
}
