/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types by name in all that a kernel is made of: its image and its modules. Two places
 * may call different types the same; which one is taken is told.
 */
#ifndef KD_KERNEL_TYPE_SEARCH_H
#define KD_KERNEL_TYPE_SEARCH_H

#include "kernel/type_view.h"

struct kernel;
struct module;

struct type_found {
	struct type_ref type;
	const struct module *module; /* whose; NULL: the kernel's own */
	char others[512];	     /* a sentence about different types of that name; "": none */
};

/*
 * NAME is what type_find() takes, with "MODULE:" or "kernel:" in front of the name, to
 * look there alone, and "#N" behind it for the N-th of several: "struct nvme:queue",
 * "node#2". Without them the kernel's own goes ahead of a module's, unless NEAR (0: no
 * address) lies in a module that has a type of that name; what is only declared comes
 * last. KD_NOTFOUND: the sentence says where it was looked for.
 */
int type_search(const struct kernel *k, const char *name, vaddr_t near, struct type_found *out,
		struct kd_err *err);

/*
 * Of a struct or union that is only declared where R comes from, the definition, if there
 * is one in another place. R is peeled, as type_peel() leaves it. false: there is none.
 */
bool type_complete(const struct kernel *k, struct type_ref *r, struct type_info *info);

/* Are these the same: kind, size, members and their types by name? */
bool type_same(const struct type_ref *a, const struct type_ref *b);

#endif
