/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two sources behind type_view.h; contracts as there. */
#ifndef KD_KERNEL_TYPE_VIEW_PRIV_H
#define KD_KERNEL_TYPE_VIEW_PRIV_H

#include "kernel/type_view.h"

/* What of struct, union, enum and typedef a name may be. */
enum type_want { WANT_ANY, WANT_STRUCT, WANT_UNION, WANT_ENUM };

bool type_btf_find(const struct types *t, const char *name, enum type_want want,
		   struct type_ref *out);
bool type_btf_info(const struct type_ref *r, struct type_info *out);
bool type_btf_next_member(const struct type_ref *r, struct type_step *step,
			  struct type_member *out);
bool type_btf_next_enumerator(const struct type_ref *r, struct type_step *step, const char **name,
			      int64_t *value);

bool type_dwarf_find(const struct types *t, const char *name, enum type_want want,
		     struct type_ref *out);
bool type_dwarf_info(const struct type_ref *r, struct type_info *out);
bool type_dwarf_next_member(const struct type_ref *r, struct type_step *step,
			    struct type_member *out);
bool type_dwarf_next_enumerator(const struct type_ref *r, struct type_step *step,
				const char **name, int64_t *value);

#endif
