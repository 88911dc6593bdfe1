/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of module reading share: see module.c. */
#ifndef KD_KERNEL_MODULE_PRIV_H
#define KD_KERNEL_MODULE_PRIV_H

#include "kernel/module.h"
#include "kernel/vmlinux.h"
#include "kernel/window.h"

/* Where module debug files are looked for, and what lies there. */
struct module_search;

struct module_walk {
	struct kernel *k;
	struct windows *w;
	struct modules *out;
	size_t cap;
	struct module_search *search;
};

/* Read the struct module at ADDR, whatever it holds, and append it. KD_NOMEM only. */
int module_read(struct module_walk *walk, vaddr_t addr, struct kd_err *err);

/* How many things speak against a struct module at ADDR; WHY gets the first. */
unsigned module_oddities(struct module_walk *walk, vaddr_t addr, char *why, size_t size);

/* Append all modules, from the list at HEAD and wherever else they are found. KD_NOMEM only. */
int module_walk_all(struct module_walk *walk, vaddr_t head, struct kd_err *err);

/* Read M's sections as sysfs has them. Damage goes to *damage; KD_NOMEM only. */
int module_read_sections(const struct kernel *k, struct windows *w, struct module *m, char **damage,
			 struct kd_err *err);

/* Add M's own symbols to K's. Damage goes to *damage; KD_NOMEM only. */
int module_read_symbols(const struct kernel *k, struct windows *w, const struct module *m,
			char **damage, struct kd_err *err);

/* The build ID of M as it was loaded; len 0: the dump does not say. */
void module_build_id(const struct kernel *k, struct windows *w, const struct module *m,
		     struct build_id *id);

/* Does [addr, addr + 1) lie in the memory of M? */
bool module_holds(const struct module *m, vaddr_t addr);

/* DEBUG_DIRS as in modules_read(). The folders are read when first needed. */
int module_search_new(const struct kernel *k, const char *const *debug_dirs,
		      struct module_search **out, struct kd_err *err);
void module_search_free(struct module_search *s);
void module_search_freep(struct module_search **s);

/*
 * The best file for module NAME: of the build ID WANTED (len 0: of that name and
 * release), with debug information rather than a symbol table only. Owned by the
 * caller; NULL: there is none.
 */
char *module_search_find(struct module_search *s, const char *name, const struct build_id *wanted);

#endif
