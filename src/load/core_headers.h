/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Core headers: the ELF file without contents that a crashed kernel leaves to the second one,
 * at elfcorehdr=, and that /proc/vmcore is made of (Documentation/admin-guide/kdump/kdump.rst).
 * One PT_NOTE for each CPU's crash notes, one for VMCOREINFO, a PT_LOAD for the kernel's image
 * (x86_64) and one for each range of RAM but the crash memory.
 */
#ifndef KD_LOAD_CORE_HEADERS_H
#define KD_LOAD_CORE_HEADERS_H

#include "load/load.h"

#define CORE_HEADERS_ALIGN 1024

/* ELF32 or ELF64 for what was asked for; never LOAD_ELF_AUTO. KD_USAGE: it cannot be that. */
int core_headers_class(const struct machine *m, enum load_elf asked, enum load_elf *out,
		       struct kd_err *err);

/*
 * The headers. BACKUP: where the purgatory copies LOW (machine_low_ram()); both 0-length when
 * nothing is. The length depends on M, CLASS and on whether there is a backup alone, so it may be
 * asked for first with any address. *buf is the caller's. KD_UNSUPPORTED: no crash notes, no
 * VMCOREINFO and the like, with what is missing; KD_NOMEM.
 */
int core_headers_make(const struct machine *m, enum load_elf class, struct range low,
		      paddr_t backup, uint8_t **buf, size_t *len, struct kd_err *err);

#endif
