/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Building a .debug_frame section (DWARF 5 section 6.4): what an architecture
 * knows of its entry code and stack switches, in the form gdb unwinds by.
 */
#ifndef KD_CORE_CFI_H
#define KD_CORE_CFI_H

#include "core/err.h"

struct cfi;

/* What the code of a kernel looks like to an architecture that describes it. */
struct code_view {
	void *data;
	/* Address (as in the running kernel) and size of a symbol; false: no such one. */
	bool (*symbol)(void *data, const char *name, vaddr_t *addr, uint64_t *size);
	/* Offset and size in bytes of a member, by presence; false: no such one. */
	bool (*member)(void *data, const char *type, const char *member, uint64_t *offset,
		       uint64_t *size);
	/* Read code or tables: the dump's memory, or vmlinux' own bytes where that has a hole. */
	int (*read)(void *data, vaddr_t va, void *buf, size_t len, struct kd_err *err);
	/*
	 * Loaded modules: the i-th one's ORC tables as they are in memory (x86 struct
	 * mod_arch_specific); false past the end, num is 0 for a module without.
	 */
	bool (*module_orc)(void *data, size_t i, vaddr_t *orc_ip, vaddr_t *orc, uint64_t *num,
			   vaddr_t *text, uint64_t *text_size);
};

#endif
