/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's own table of symbols, expanded out of its memory (scripts/kallsyms.c
 * makes it, kernel/kallsyms.c reads it). VMCOREINFO tells where its parts are since
 * v6.0 (5fd8fea935a1); see kallsyms_search.h for those before.
 *
 * Names are compressed: a byte stands for a token, a length stands before each name.
 * Lengths had one byte; since v6.1 (73bbb94466fd) bit 7 says that there are seven more
 * bits in the next one. Addresses have been, in this order: pointers; 32-bit offsets
 * from a base; the same, except that what is not negative is an absolute per-CPU
 * offset; since v7.0 (a081b5789255) offsets from where they lie themselves, or plain
 * 32-bit addresses. Which of them it is, is found from what the tables say.
 */
#ifndef KD_KERNEL_KALLSYMS_H
#define KD_KERNEL_KALLSYMS_H

#include "core/err.h"

#define KALLSYMS_MAX (1u << 22)	 /* symbols; a kernel with everything built in has a tenth */
#define KALLSYMS_MARK_EVERY 256u /* the markers have the place of each such name */

struct vmcoreinfo;

/* Where the parts are in the kernel's memory, and how it is read. */
struct kallsyms_source {
	void *data;
	/* As space_read(). */
	int (*read)(void *data, vaddr_t at, void *buf, size_t len, size_t *done,
		    struct kd_err *err);
	unsigned ptr_size; /* bytes */
	vaddr_t num_syms, names, token_table, token_index;
	vaddr_t offsets, addresses; /* one of the two; 0: there is none such */
	vaddr_t relative_base;	    /* 0: none */
	vaddr_t stext;		    /* where _stext is: addresses are right if it comes out there */
};

struct kallsym {
	const char *name; /* printable ASCII; valid during the call */
	vaddr_t addr;
	char type; /* as nm(1) has it, a letter or '?'; 'A': an offset into per-CPU memory */
};

/* What is wrong with tables that can be used all the same. */
struct kallsyms_damage {
	size_t names, addresses; /* symbols that were left out for theirs */
	uint32_t said, there;	 /* how many there should be, by their own count, and how many are */
};

/* Fill the addresses. KD_NOTFOUND: VMCOREINFO (may be NULL) does not have them. */
int kallsyms_locate(const struct vmcoreinfo *vi, struct kallsyms_source *out, struct kd_err *err);

/*
 * Do the tables hold together, in every part? KD_CORRUPT; how memory is missing;
 * KD_NOMEM.
 */
int kallsyms_check(const struct kallsyms_source *src, struct kd_err *err);

/*
 * Call EACH for every symbol, in the table's order, until it fails. Names that make no
 * sense, of a table that holds together otherwise, and addresses out of order are left out
 * and counted in *DAMAGE.
 * KD_CORRUPT: the tables make no sense (mostly nothing was called then); else how their
 * memory is missing, EACH's status, KD_NOMEM.
 */
int kallsyms_walk(const struct kallsyms_source *src,
		  int (*each)(void *data, const struct kallsym *sym, struct kd_err *err),
		  void *data, struct kallsyms_damage *damage, struct kd_err *err);

#endif
