/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Symbols: name to addresses and address to name + offset, for the kernel image
 * and its modules, in one sorted table. Addresses are those of the running
 * (crashed) kernel, KASLR included, except per-CPU symbols of kernels whose
 * per-CPU section starts at 0. Built once, then immutable.
 */
#ifndef KD_KERNEL_SYMBOLS_H
#define KD_KERNEL_SYMBOLS_H

#include "core/err.h"

struct symbols;
struct vmlinux;

/* Where a vmlinux has a symbol linked, before KASLR; false: no such one. */
bool symbols_linked(const struct vmlinux *v, const char *name, vaddr_t *addr);

/*
 * Does NAME name a place? Local labels, mapping symbols and the marks of exported
 * symbols do not, and no source puts them into the table.
 */
bool symbols_is_name(const char *name);

struct symbol {
	vaddr_t addr;
	uint64_t size;	    /* bytes; where the table says none, up to the next symbol */
	const char *name;   /* borrowed */
	const char *module; /* borrowed; NULL: the kernel image */
	char type;	    /* as nm: 't', 'T', 'd', 'b', 'r', 'a'(bsolute or per-CPU), ... */
};

int symbols_new(struct symbols **out, struct kd_err *err);
void symbols_free(struct symbols *s);

/*
 * Take the ELF symbol table of a vmlinux, moved by BIAS (KASLR offset; wraps).
 * Symbols of the per-CPU section and absolute ones are not moved when
 * PERCPU_FIXED. KD_NOTFOUND: stripped.
 */
int symbols_add_vmlinux(struct symbols *s, const struct vmlinux *v, uint64_t bias,
			bool percpu_fixed, struct kd_err *err);

/* Add one symbol; strings are copied. SIZE 0: not known. */
int symbols_add(struct symbols *s, const char *name, const char *module, vaddr_t addr,
		uint64_t size, char type, struct kd_err *err);

/*
 * Sort and index. Look-ups see what was there at the last call; it may be called
 * again after more was added (addresses of struct symbol then change).
 */
int symbols_finish(struct symbols *s, struct kd_err *err);

/*
 * What the kernel has from the symbol FROM up to the symbol TO is of KIND ('d' or 'r'),
 * even if its letters say code: a linker takes a section for code as soon as one of its
 * pieces is. Without these symbols nothing changes. After symbols_finish().
 */
void symbols_mark(struct symbols *s, const char *from, const char *to, char kind);

/* First symbol of that name (global before local), or NULL. */
const struct symbol *symbols_by_name(const struct symbols *s, const char *name);

/* The same among the symbols of one module alone. */
const struct symbol *symbols_by_name_in(const struct symbols *s, const char *name,
					const char *module);

/*
 * The symbol whose bytes hold ADDR (text and data alike, never per-CPU or
 * absolute ones), preferring the one a person would name: global before local,
 * sized before unsized. NULL: none.
 */
const struct symbol *symbols_by_addr(const struct symbols *s, vaddr_t addr);

/* The i-th symbol in order of address; NULL past the end. */
const struct symbol *symbols_at(const struct symbols *s, size_t i);
size_t symbols_count(const struct symbols *s);

/* Index of the first name, in alphabetical order, that starts with PREFIX (for completion). */
const char *symbols_complete(const struct symbols *s, const char *prefix, size_t n);

/*
 * "name+0xoff/0xsize [module]" of ADDR into BUF, or plain hex when unknown.
 * Returns BUF.
 */
const char *symbols_format(const struct symbols *s, vaddr_t addr, char *buf, size_t size);

#endif
