/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types of variables: by the DWARF of vmlinux and of modules' files, which is opened when
 * first asked for; BTF has per-CPU variables only. One thread.
 */
#ifndef KD_KERNEL_VARIABLES_H
#define KD_KERNEL_VARIABLES_H

#include "kernel/type_view.h"

struct kernel;
struct symbol;
struct variables;

/* K is borrowed. KD_NOMEM only. */
int variables_open(const struct kernel *k, struct variables **out, struct kd_err *err);
void variables_close(struct variables *v);

/*
 * The type of what lies at SYM; *out lives as long as V and K. KD_NOTFOUND: it is not
 * known; the sentence says that it has to be cast.
 */
int variables_type(struct variables *v, const struct symbol *sym, struct type_ref *out,
		   struct kd_err *err);

#endif
