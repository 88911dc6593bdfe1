/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types and variables at the top level of all units of a file's DWARF, by name. Units are
 * read in their order as far as a name asked for needs it, each once. Not locked.
 */
#ifndef KD_KERNEL_TYPES_INDEX_H
#define KD_KERNEL_TYPES_INDEX_H

#include <elfutils/libdw.h>

#include "core/err.h"

struct types_index;

/* DW is borrowed, must outlive. NULL: out of memory. */
struct types_index *types_index_new(Dwarf *dw);
void types_index_free(struct types_index *x);

/*
 * The first DIE called NAME with one of the tags of MASK (types_index_bit()) that is no
 * mere declaration. false: there is none.
 */
bool types_index_type(struct types_index *x, const char *name, unsigned mask, Dwarf_Die *out);
unsigned types_index_bit(int tag);

/*
 * A variable: STATIC_AT 0: any that other files see, or a declaration of it; else the one
 * of a single file that lies at that address of the file.
 */
bool types_index_variable(struct types_index *x, const char *name, uint64_t static_at,
			  Dwarf_Die *out);

#endif
