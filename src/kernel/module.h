/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loadable modules, as the crashed kernel's `modules` list has them (struct
 * module, include/linux/module.h).
 */
#ifndef KD_KERNEL_MODULE_H
#define KD_KERNEL_MODULE_H

#include "core/err.h"

struct kernel;

#define MODULE_AREAS 8 /* enum mod_mem_type has 7 */
#define MODULE_NAME 64 /* MODULE_NAME_LEN is 64 less a word, with its NUL */

struct module_section {
	char name[64]; /* checked: letters, digits, "._-+$" only */
	vaddr_t addr;  /* in the running kernel */
};

struct module_area {
	vaddr_t start;
	uint64_t size; /* bytes */
};

struct module {
	char name[MODULE_NAME];			/* checked: letters, digits, '_' and '-' only;
						   "unnamed-ADDRESS" where it makes no sense */
	vaddr_t addr;				/* of its struct module */
	vaddr_t base;				/* of its core text */
	uint64_t size;				/* bytes of all its core memory */
	uint64_t text_size;			/* bytes of core text */
	struct module_area areas[MODULE_AREAS]; /* all its memory, init's while it is there */
	size_t nareas;
	const char *state;		 /* "live", "coming", "going", "unformed", "?" */
	uint64_t taints;		 /* as struct module has it; 0 also when not known */
	struct module_section *sections; /* sysfs's attributes; may be empty */
	size_t nsections;
	vaddr_t orc_ip, orc;
	uint64_t num_orcs;
	char *debug_path; /* owned: .ko (or .ko.debug) with symbols; NULL: not found */
};

struct modules {
	struct module *list;
	size_t n;
	bool partial; /* these may not be all */
	char *damage; /* owned: how the list is broken; NULL: it is sound */
};

/*
 * Read the list and, unless the dump lacks them, each module's own symbols (into
 * K's symbols; symbols_finish() them afterwards). DEBUG_DIRS are roots like
 * /usr/lib/debug to search for debug files ahead of that one, NULL-terminated,
 * may be NULL. Where the list is broken it is followed from its end too, and sysfs's
 * objects are asked. Damage is reported in m->damage with what could be read; only
 * KD_NOMEM fails.
 */
int modules_read(struct kernel *k, struct modules *m, const char *const *debug_dirs,
		 struct kd_err *err);
void modules_fini(struct modules *m);

/*
 * Find the sections of modules that have a debug file, but no list of sections in
 * the dump, by their symbols; K's symbols are finished. KD_NOMEM only.
 */
int modules_derive_sections(struct kernel *k, struct modules *m, struct kd_err *err);

/* The module whose memory holds ADDR, or NULL. */
const struct module *modules_by_addr(const struct modules *m, vaddr_t addr);

/* Do both addresses lie in one and the same of M's areas of memory? */
bool module_shares_area(const struct module *m, vaddr_t a, vaddr_t b);

#endif
