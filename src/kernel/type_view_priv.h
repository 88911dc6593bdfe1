/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two sources behind type_view.h; contracts as there. */
#ifndef KD_KERNEL_TYPE_VIEW_PRIV_H
#define KD_KERNEL_TYPE_VIEW_PRIV_H

#include "kernel/type_view.h"

/* What of struct, union, enum and typedef a name may be; or a number's type. */
enum type_want { WANT_ANY, WANT_STRUCT, WANT_UNION, WANT_ENUM, WANT_BASE };

/* Take "struct " and the like off a name. */
const char *type_bare_name(const char *name, enum type_want *want);

/*
 * All types of that name, at most MAX, into OUT: structs, unions and enums, or, where
 * there are none, the first typedef. Returns how many.
 */
size_t type_find_all(const struct types *t, const char *bare, enum type_want want,
		     struct type_ref *out, size_t max);

/*
 * The type of a variable. BTF has those of each CPU only; of DWARF as
 * types_index_variable(). false: not known.
 */
bool type_btf_variable(const struct types *t, const char *name, struct type_ref *out);
bool type_dwarf_variable(const struct types *t, const char *name, uint64_t static_at,
			 struct type_ref *out);

size_t type_btf_find(const struct types *t, const char *name, enum type_want want,
		     struct type_ref *out, size_t max);
bool type_btf_info(const struct type_ref *r, struct type_info *out);
bool type_btf_next_member(const struct type_ref *r, struct type_step *step,
			  struct type_member *out);
bool type_btf_next_enumerator(const struct type_ref *r, struct type_step *step, const char **name,
			      int64_t *value);

size_t type_dwarf_find(const struct types *t, const char *name, enum type_want want,
		       struct type_ref *out, size_t max);
bool type_dwarf_info(const struct type_ref *r, struct type_info *out);
bool type_dwarf_next_member(const struct type_ref *r, struct type_step *step,
			    struct type_member *out);
bool type_dwarf_next_enumerator(const struct type_ref *r, struct type_step *step,
				const char **name, int64_t *value);

#endif
