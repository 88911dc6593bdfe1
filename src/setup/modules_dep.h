/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The modules of one kernel, as depmod(8) wrote them down: modules.dep, modules.softdep,
 * modules.alias and modules.builtin; and what modprobe.d(5) says of their options. A "-" in a
 * module's name is a "_" here, as it is to modprobe.
 */
#ifndef KD_SETUP_MODULES_DEP_H
#define KD_SETUP_MODULES_DEP_H

#include "core/err.h"

#define MODULE_NAME 64 /* bytes; the kernel's MODULE_NAME_LEN is 56 on 64-bit machines, 60 else */

struct module_entry {
	char name[MODULE_NAME];
	const char *file;  /* below the folder; NULL: it is part of the kernel */
	const char *needs; /* the rest of its line of modules.dep: files, the last loads first */
	bool seen;	   /* by module_set_add(): one set for an index */
};

struct module_index {
	char *folder;			       /* owned */
	char *dep, *softdep, *alias, *builtin; /* owned: entries point into dep */
	char *options;			       /* owned: lines of modprobe.d */
	struct module_entry *at;	       /* owned; by name */
	size_t n;
};

/* In the order in which they are to be loaded. Entries are the index's. */
struct module_set {
	const struct module_entry **at; /* owned */
	size_t n, cap;
};

/*
 * FOLDER: lib/modules/RELEASE. ROOT: that of machine.h, for modprobe.d. KD_NOTFOUND: it has no
 * modules.dep; KD_IO; KD_NOMEM. module_index_fini() in any case.
 */
int module_index_open(const char *root, const char *folder, struct module_index *out,
		      struct kd_err *err);
void module_index_fini(struct module_index *idx);

/* By name; NULL: there is no such module. */
struct module_entry *module_find(const struct module_index *idx, const char *name);

/*
 * Add what WORD, a name or an alias ("fs-xfs", "pci:v00001AF4d..."), stands for, with all that it
 * needs, before it, and soft dependencies. *found: how many modules WORD stands for, built in or
 * not. KD_CORRUPT: modules.dep has gaps, or a chain without end; KD_NOMEM.
 */
int module_set_add(struct module_set *s, struct module_index *idx, const char *word, size_t *found,
		   struct kd_err *err);
void module_set_fini(struct module_set *s);

/* Its options of modprobe.d, joined by blanks: the caller's, NULL if there are none. KD_NOMEM. */
int module_options(const struct module_index *idx, const char *name, char **out,
		   struct kd_err *err);

/*
 * "kernel/fs/nls/nls-x.ko.xz", LEN bytes: "nls_x". false: that is no module's name.
 */
bool module_name(const char *file, size_t len, char out[MODULE_NAME]);

/* Does the alias TEXT fit PATTERN ("*", "?", "[a-f]")? A "-" is a "_" outside of brackets. */
bool module_alias_fits(const char *pattern, const char *text);

#endif
