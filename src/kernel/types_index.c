// SPDX-License-Identifier: GPL-3.0-or-later
/* DWARF by name: see types_index.h. */
#include "kernel/types_index.h"

#include <dwarf.h>
#include <string.h>

#include "kernel/names.h"
#include "kernel/types_priv.h"
#include "kernel/types_units.h"

/* What is kept of a DIE: libdw can look up the rest again. */
struct indexed {
	void *addr;
	struct Dwarf_CU *cu;
	unsigned kind; /* types_index_bit() */
	uint64_t at;   /* of a variable of one file alone: where it lies; else 0 */
};

#define VARIABLE (1u << 5)

struct types_index {
	Dwarf *dw;
	Dwarf_CU *unit; /* the last one that was read */
	bool complete;
	struct names names; /* to indices of list */
	struct indexed *list;
	size_t n, cap;
};

struct types_index *types_index_new(Dwarf *dw)
{
	struct types_index *x = calloc(1, sizeof(*x));

	if (x)
		x->dw = dw;
	return x;
}

void types_index_free(struct types_index *x)
{
	if (!x)
		return;
	names_fini(&x->names);
	free(x->list);
	free(x);
}

unsigned types_index_bit(int tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
		return 1u << 0;
	case DW_TAG_union_type:
		return 1u << 1;
	case DW_TAG_enumeration_type:
		return 1u << 2;
	case DW_TAG_typedef:
		return 1u << 3;
	case DW_TAG_base_type:
		return 1u << 4;
	case DW_TAG_variable:
		return VARIABLE;
	default:
		return 0;
	}
}

static bool has_flag(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute attr;
	bool flag;

	return dwarf_attr(die, attribute, &attr) && !dwarf_formflag(&attr, &flag) && flag;
}

/* DW_OP_addr and nothing else; 0: it lies nowhere, or is found in another way. */
static uint64_t place_of(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Block block;
	uint64_t at = 0;

	if (!dwarf_attr(die, DW_AT_location, &attr) || dwarf_formblock(&attr, &block) ||
	    block.length < 5 || block.length > 9 || block.data[0] != DW_OP_addr)
		return 0;
	memcpy(&at, block.data + 1, block.length - 1); /* little endian, both of them */
	return at;
}

/* Is there one that will do for the same question already? */
static bool is_known(const struct types_index *x, const char *name, const struct indexed *d)
{
	uint32_t at = types_hash(name);
	uint64_t i;

	while (names_next(&x->names, name, &at, &i))
		if (x->list[i].kind == d->kind && x->list[i].at == d->at)
			return true;
	return false;
}

static bool add(struct types_index *x, const char *name, const struct indexed *d)
{
	if (is_known(x, name, d))
		return true;
	if (x->n == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 1024;
		struct indexed *p = cap <= NAMES_MAX ? realloc(x->list, cap * sizeof(*p)) : NULL;

		if (!p)
			return false;
		x->list = p;
		x->cap = cap;
	}
	if (!names_add(&x->names, name, x->n))
		return false;
	x->list[x->n++] = *d;
	return true;
}

static bool take_die(struct types_index *x, Dwarf_Die *die)
{
	struct indexed d = { die->addr, die->cu, types_index_bit(dwarf_tag(die)), 0 };
	const char *name = d.kind ? die_name(die) : NULL;

	if (!name)
		return true;
	if (d.kind == VARIABLE) {
		bool shared = has_flag(die, DW_AT_external) || has_flag(die, DW_AT_declaration);

		d.at = shared ? 0 : place_of(die);
		if (!shared && !d.at)
			return true;
	} else if (has_flag(die, DW_AT_declaration)) {
		return true;
	}
	return add(x, name, &d);
}

/* Read one more unit; false: there is no more, or no more room. */
static bool read_unit(struct types_index *x)
{
	Dwarf_Die unit, die;

	if (x->complete || dwarf_get_units(x->dw, x->unit, &x->unit, NULL, NULL, &unit, NULL)) {
		x->complete = true;
		return false;
	}
	if (dwarf_child(&unit, &die))
		return true;
	do {
		if (!take_die(x, &die)) {
			x->complete = true;
			return false;
		}
	} while (die_step(&die));
	return true;
}

static bool find(const struct types_index *x, const char *name, unsigned kind, uint64_t static_at,
		 Dwarf_Die *out)
{
	uint32_t at = types_hash(name);
	uint64_t i;

	while (names_next(&x->names, name, &at, &i)) {
		const struct indexed *d = &x->list[i];

		if (!(d->kind & kind) || d->at != static_at)
			continue;
		*out = (Dwarf_Die){ .addr = d->addr, .cu = d->cu };
		return true;
	}
	return false;
}

/* Structs ahead of typedefs: of both, `struct NAME` is what is asked for. */
bool types_index_type(struct types_index *x, const char *name, unsigned mask, Dwarf_Die *out)
{
	unsigned alias = types_index_bit(DW_TAG_typedef);

	do {
		if (find(x, name, mask & ~alias, 0, out) || find(x, name, mask & alias, 0, out))
			return true;
	} while (read_unit(x));
	return false;
}

bool types_index_variable(struct types_index *x, const char *name, uint64_t static_at,
			  Dwarf_Die *out)
{
	do {
		if (find(x, name, VARIABLE, static_at, out))
			return true;
	} while (read_unit(x));
	return false;
}
