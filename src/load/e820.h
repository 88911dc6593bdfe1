/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The map of memory that the second kernel is told: what it may use, which is crash memory and
 * the low RAM that is backed up, and what it must know of (ACPI tables, reserved ranges).
 */
#ifndef KD_LOAD_E820_H
#define KD_LOAD_E820_H

#include "load/machine.h"

struct e820_plan {
	struct range low;     /* saved by the purgatory; empty: none */
	struct range keep[4]; /* in crash memory, not to be used: backup, core headers */
	size_t nkeep;
};

/* Types as in struct boot_e820_entry. */
uint32_t e820_type(enum range_kind kind);

/* *out: ascending, nothing overlaps, the caller's (range_list_fini()). KD_NOMEM. */
int e820_make(const struct machine *m, const struct e820_plan *plan, struct range_list *out,
	      struct kd_err *err);

/* The same as words for the command line, "memmap=exactmap memmap=640K@0K ...". KD_NOMEM. */
int e820_words(const struct range_list *map, char **words, struct kd_err *err);

#endif
