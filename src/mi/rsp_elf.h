/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What gdb looks at in an ELF file to move it: the first segment of vmlinux, and
 * the allocated sections of a module, in the order in which BFD counts them.
 */
#ifndef KD_MI_RSP_ELF_H
#define KD_MI_RSP_ELF_H

#include "core/err.h"

struct rsp_elf_section {
	const char *name; /* borrowed; valid during the call */
	vaddr_t addr;	  /* as linked: 0 in most modules */
	uint64_t size;	  /* bytes */
};

/*
 * Address, as linked, of the first PT_LOAD segment of the ELF file FD: the one
 * that TextSeg= of gdb's qOffsets is about. KD_NOTFOUND: it has none.
 */
int rsp_elf_first_load(int fd, vaddr_t *vaddr, struct kd_err *err);

/*
 * Call EACH for every SHF_ALLOC section of the file PATH, in order; what it
 * returns, unless 0, ends the walk and is returned. KD_IO, KD_CORRUPT, KD_NOMEM.
 */
int rsp_elf_sections(const char *path,
		     int (*each)(void *data, const struct rsp_elf_section *section), void *data,
		     struct kd_err *err);

/*
 * Set the addresses of all sections of the ELF file FD, open for writing, to 0.
 * KD_CORRUPT, KD_IO.
 */
int rsp_elf_clear_addresses(int fd, struct kd_err *err);

#endif
