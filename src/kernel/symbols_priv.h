/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the symbol table share: see symbols.c. */
#ifndef KD_KERNEL_SYMBOLS_PRIV_H
#define KD_KERNEL_SYMBOLS_PRIV_H

#include "kernel/symbols.h"

struct entry {
	struct symbol sym;
	uint32_t hash; /* of the name */
	bool global;
	bool located; /* lies at its address: not per-CPU, not absolute */
	uint8_t rank; /* of several at one address the highest is shown */
};

/*
 * Add one symbol whose strings outlive the table. SIZE 0: the table it comes from
 * says none. KD_CORRUPT: there are too many; KD_NOMEM.
 */
int symbols_push(struct symbols *s, const struct symbol *sym, bool global, bool located,
		 struct kd_err *err);

/*
 * Put the entries from OLD on, of ALL, in order of address, and among those before, which are. Of
 * several at one place the highest rank comes last. KD_NOMEM: their order is any.
 */
int symbols_sort(struct entry *list, size_t old, size_t all, struct kd_err *err);

#endif
