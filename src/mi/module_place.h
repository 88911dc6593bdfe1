/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where gdb is to believe that the sections of a module's file are. */
#ifndef KD_MI_MODULE_PLACE_H
#define KD_MI_MODULE_PLACE_H

#include "core/arch.h"
#include "kernel/module.h"
#include "mi/rsp_elf.h"

struct module_place {
	const struct module *module; /* borrowed */
	vaddr_t nowhere; /* for the next section that is not in memory */
	bool placed;	 /* one section is in memory, at least */
	bool linked;	 /* one section has an address in the file, at least */
};

/* NUMBER tells modules apart: those of one gdb must have different ones. */
void module_place_init(struct module_place *p, const struct arch *arch, const struct module *m,
		       size_t number);

/*
 * The address of the next section of its file; what is not in memory (any more) gets one where the
 * machine has none, of its own. To be asked for each of them, as rsp_elf_sections() tells them.
 */
vaddr_t module_place_next(struct module_place *p, const struct rsp_elf_section *section);

#endif
