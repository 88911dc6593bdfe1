/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding the parts of kallsyms by their shape, in the memory of a kernel whose
 * VMCOREINFO does not say where they are (before v6.0). scripts/kallsyms.c writes them
 * in one piece: [addresses], number of symbols, names, markers, token table, token
 * index, [addresses]. An index whose 256 entries all point behind a NUL of one table of
 * strings is what hardly anything else looks like; each part in front of it then has to
 * fit the one behind, and in the end _stext has to come out where VMCOREINFO says.
 */
#ifndef KD_KERNEL_KALLSYMS_SEARCH_H
#define KD_KERNEL_KALLSYMS_SEARCH_H

#include "kernel/kallsyms.h"

/*
 * Fill the addresses of *SRC, which has the rest, stext too. START to END is the kernel's
 * image; the search goes from NEAR, which should be an address behind its read-only
 * data, down to START, and then from NEAR up to END. Memory that is missing or not
 * mapped is skipped. KD_NOTFOUND: no such tables; KD_NOMEM.
 */
int kallsyms_search(struct kallsyms_source *src, vaddr_t start, vaddr_t near, vaddr_t end,
		    struct kd_err *err);

#endif
