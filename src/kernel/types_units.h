/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DWARF compile units by a function they define, and the names of the types in
 * them. A kernel has thousands of units; only those asked for are read, each
 * once. Units that dwz made and a compile unit imports belong to it.
 * Not locked: the caller is one thread at a time.
 */
#ifndef KD_KERNEL_TYPES_UNITS_H
#define KD_KERNEL_TYPES_UNITS_H

#include <elfutils/libdw.h>

#include "core/err.h"

struct units;
struct unit;

/* Both of one file; borrowed, must outlive. NULL: out of memory. */
struct units *units_new(Elf *elf, Dwarf *dw);
void units_free(struct units *us);

/* The compile unit that defines FUNCTION; NULL: no such function or unit. */
struct unit *units_by_function(struct units *us, const char *function);

/*
 * The next struct, union, enum or typedef called NAME that is no mere
 * declaration; *AT starts as types_hash(NAME) and steps.
 */
bool unit_next_type(const struct unit *u, const char *name, uint32_t *at, Dwarf_Die *die);

/* The value of an enumerator, of any enum of the unit. */
bool unit_enumerator(struct unit *u, const char *name, int64_t *value);

/* Attributes of a DIE; false or NULL: it has none such. */
const char *die_name(Dwarf_Die *die);
bool die_number(Dwarf_Die *die, unsigned int attribute, uint64_t *value);
bool die_ref(Dwarf_Die *die, unsigned int attribute, Dwarf_Die *to);

/* Step to the next sibling; false: none, or one that does not lie ahead (a loop). */
bool die_step(Dwarf_Die *die);

#endif
