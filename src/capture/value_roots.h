/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What other programs read when they open a dump: without these pages crash and drgn refuse
 * all of it. Found by rules that hold for any kernel, not by what one version of them asks for.
 */
#ifndef KD_CAPTURE_VALUE_ROOTS_H
#define KD_CAPTURE_VALUE_ROOTS_H

#include "core/base.h"

struct kernel;

/*
 * Read a byte of each page of: the kernel's page tables, of all levels; the table of memory
 * sections and the nodes' data; the table of PIDs and what it holds.
 */
void value_roots_tables(const struct kernel *k);

/*
 * The same where the kernel's own data points to: the page of each pointer,
 * and all entries of lists that begin there or in an object pointed to.
 */
void value_roots_follow(const struct kernel *k);

#endif
