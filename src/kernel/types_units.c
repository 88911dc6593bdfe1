// SPDX-License-Identifier: GPL-3.0-or-later
/* DWARF units and their names: see types_units.h. */
#include "kernel/types_units.h"

#include <dwarf.h>
#include <gelf.h>
#include <string.h>

#include "kernel/names.h"
#include "kernel/types_priv.h"

#define IMPORTS_MAX (1u << 14) /* units that a compile unit is made of */
#define ANCHORS_MAX 256

/* A DIE without what libdw can look up again. */
struct die_at {
	void *addr;
	struct Dwarf_CU *cu;
};

struct dies {
	struct die_at *list;
	size_t n, cap;
};

struct unit {
	struct unit *next;
	void *addr;	    /* of the compile unit's DIE */
	struct names types; /* to indices of dies */
	struct dies dies;
	struct dies enums;	  /* enumeration types, named or not */
	struct names enumerators; /* to values; filled when first asked for */
	bool has_enumerators;
};

struct units {
	Elf *elf;
	Dwarf *dw;
	struct names functions; /* of the ELF symbol table, to addresses */
	bool has_functions;
	struct unit_range {
		Dwarf_Addr start, end;
		struct die_at die;
	} * ranges;
	size_t nranges;
	bool has_ranges;
	struct unit *list;
	struct {
		char *function;
		struct unit *unit;
	} anchors[ANCHORS_MAX];
	size_t nanchors;
};

static bool dies_add(struct dies *d, const Dwarf_Die *die, size_t max)
{
	if (d->n == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : 64;
		struct die_at *p = d->n < max ? realloc(d->list, cap * sizeof(*p)) : NULL;

		if (!p)
			return false;
		d->list = p;
		d->cap = cap;
	}
	d->list[d->n++] = (struct die_at){.addr = die->addr, .cu = die->cu};
	return true;
}

static Dwarf_Die die_of(const struct die_at *at)
{
	return (Dwarf_Die){.addr = at->addr, .cu = at->cu};
}

const char *die_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr(die, DW_AT_name, &attr));
}

bool die_number(Dwarf_Die *die, unsigned int attribute, uint64_t *value)
{
	Dwarf_Attribute attr;
	Dwarf_Word w;

	if (!dwarf_attr(die, attribute, &attr) || dwarf_formudata(&attr, &w))
		return false;
	*value = w;
	return true;
}

bool die_ref(Dwarf_Die *die, unsigned int attribute, Dwarf_Die *to)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, attribute, &attr) && dwarf_formref_die(&attr, to);
}

bool die_step(Dwarf_Die *die)
{
	Dwarf_Die next;

	if (dwarf_siblingof(die, &next) || (const char *)next.addr <= (const char *)die->addr)
		return false;
	*die = next;
	return true;
}

static bool is_declaration(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	bool flag;

	return dwarf_attr(die, DW_AT_declaration, &attr) && !dwarf_formflag(&attr, &flag) && flag;
}

struct units *units_new(Elf *elf, Dwarf *dw)
{
	struct units *us = calloc(1, sizeof(*us));

	if (us) {
		us->elf = elf;
		us->dw = dw;
	}
	return us;
}

static void unit_free(struct unit *u)
{
	names_fini(&u->types);
	names_fini(&u->enumerators);
	free(u->dies.list);
	free(u->enums.list);
	free(u);
}

void units_free(struct units *us)
{
	if (!us)
		return;
	while (us->list) {
		struct unit *u = us->list;

		us->list = u->next;
		unit_free(u);
	}
	for (size_t i = 0; i < us->nanchors; i++)
		free(us->anchors[i].function);
	names_fini(&us->functions);
	free(us->ranges);
	free(us);
}

static void read_functions(struct units *us)
{
	Elf_Scn *scn = NULL;

	us->has_functions = true;
	while ((scn = elf_nextscn(us->elf, scn))) {
		GElf_Shdr sh;
		Elf_Data *data;
		GElf_Sym sym;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_SYMTAB)
			continue;
		data = elf_getdata(scn, NULL);
		for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
			const char *name;

			if (GELF_ST_TYPE(sym.st_info) != STT_FUNC || !sym.st_shndx)
				continue;
			name = elf_strptr(us->elf, sh.sh_link, sym.st_name);
			if (name && *name && !names_add(&us->functions, name, sym.st_value))
				return;
		}
	}
}

/* Address ranges of all compile units, once: clang writes no .debug_aranges. */
static void read_ranges(struct units *us)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;
	size_t cap = 0;

	us->has_ranges = true;
	while (!dwarf_get_units(us->dw, cu, &cu, NULL, NULL, &die, NULL)) {
		Dwarf_Addr base, start, end;
		ptrdiff_t at = 0;

		if (dwarf_tag(&die) != DW_TAG_compile_unit)
			continue;
		while ((at = dwarf_ranges(&die, at, &base, &start, &end)) > 0) {
			if (us->nranges == cap) {
				struct unit_range *p = NULL;

				cap = cap ? 2 * cap : 1024;
				if (cap <= NAMES_MAX)
					p = realloc(us->ranges, cap * sizeof(*p));
				if (!p)
					return;
				us->ranges = p;
			}
			us->ranges[us->nranges++] =
				(struct unit_range){start, end, {die.addr, die.cu}};
		}
	}
}

static bool unit_by_address(struct units *us, Dwarf_Addr addr, Dwarf_Die *die)
{
	if (dwarf_addrdie(us->dw, addr, die))
		return true;
	if (!us->has_ranges)
		read_ranges(us);
	for (size_t i = 0; i < us->nranges; i++) {
		if (addr < us->ranges[i].start || addr >= us->ranges[i].end)
			continue;
		*die = die_of(&us->ranges[i].die);
		return true;
	}
	return false;
}

/* Take notice of a DIE at the top level of a unit; IMPORTS gets further units. */
static bool read_die(struct unit *u, struct dies *imports, Dwarf_Die *die)
{
	Dwarf_Die unit;
	const char *name;

	switch (dwarf_tag(die)) {
	case DW_TAG_imported_unit:
		if (!die_ref(die, DW_AT_import, &unit))
			return true;
		for (size_t i = 0; i < imports->n; i++)
			if (imports->list[i].addr == unit.addr)
				return true;
		return dies_add(imports, &unit, IMPORTS_MAX);
	case DW_TAG_enumeration_type:
		if (!dies_add(&u->enums, die, NAMES_MAX))
			return false;
		break;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_typedef:
		break;
	default:
		return true;
	}
	name = die_name(die);
	if (!name || is_declaration(die))
		return true;
	return names_add(&u->types, name, u->dies.n) && dies_add(&u->dies, die, NAMES_MAX);
}

/* What was read before a bound is hit still serves. */
static void read_unit(struct unit *u, const Dwarf_Die *unit)
{
	struct dies imports = {0};
	uint32_t dies = 0;

	if (!dies_add(&imports, unit, IMPORTS_MAX))
		return;
	for (size_t i = 0; i < imports.n; i++) {
		Dwarf_Die die, top = die_of(&imports.list[i]);

		if (dwarf_child(&top, &die))
			continue;
		do {
			if (++dies > NAMES_MAX || !read_die(u, &imports, &die))
				goto out;
		} while (die_step(&die));
	}
out:
	free(imports.list);
}

static struct unit *unit_get(struct units *us, const Dwarf_Die *die)
{
	struct unit *u;

	for (u = us->list; u; u = u->next)
		if (u->addr == die->addr)
			return u;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->addr = die->addr;
	read_unit(u, die);
	u->next = us->list;
	us->list = u;
	return u;
}

struct unit *units_by_function(struct units *us, const char *function)
{
	struct unit *u = NULL;
	uint32_t at = types_hash(function);
	uint64_t addr;
	Dwarf_Die die;

	for (size_t i = 0; i < us->nanchors; i++)
		if (!strcmp(us->anchors[i].function, function))
			return us->anchors[i].unit;
	if (!us->has_functions)
		read_functions(us);
	while (!u && names_next(&us->functions, function, &at, &addr))
		if (unit_by_address(us, addr, &die))
			u = unit_get(us, &die);
	if (us->nanchors < ANCHORS_MAX) {
		char *name = strdup(function);

		if (name) {
			us->anchors[us->nanchors].function = name;
			us->anchors[us->nanchors++].unit = u;
		}
	}
	return u;
}

bool unit_next_type(const struct unit *u, const char *name, uint32_t *at, Dwarf_Die *die)
{
	uint64_t i;

	if (!names_next(&u->types, name, at, &i) || i >= u->dies.n)
		return false;
	*die = die_of(&u->dies.list[i]);
	return true;
}

static bool enumerator_value(Dwarf_Die *die, uint64_t *value)
{
	Dwarf_Attribute attr;
	Dwarf_Sword w;

	if (!dwarf_attr(die, DW_AT_const_value, &attr))
		return false;
	switch (dwarf_whatform(&attr)) {
	case DW_FORM_sdata:
	case DW_FORM_implicit_const:
		if (dwarf_formsdata(&attr, &w))
			return false;
		*value = (uint64_t)w;
		return true;
	default:
		/* gcc has negative values in the forms above: data1 0xff is 255. */
		return die_number(die, DW_AT_const_value, value);
	}
}

static void read_enumerators(struct unit *u)
{
	u->has_enumerators = true;
	for (size_t i = 0; i < u->enums.n; i++) {
		Dwarf_Die die, type = die_of(&u->enums.list[i]);

		if (dwarf_child(&type, &die))
			continue;
		do {
			const char *name = die_name(&die);
			uint64_t value;

			if (name && enumerator_value(&die, &value) &&
			    !names_add(&u->enumerators, name, value))
				return;
		} while (die_step(&die));
	}
}

bool unit_enumerator(struct unit *u, const char *name, int64_t *value)
{
	uint32_t at = types_hash(name);
	uint64_t v;

	if (!u->has_enumerators)
		read_enumerators(u);
	if (!names_next(&u->enumerators, name, &at, &v))
		return false;
	*value = (int64_t)v;
	return true;
}
