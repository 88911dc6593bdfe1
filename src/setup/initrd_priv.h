/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What initrd.c and its parts share. */
#ifndef KD_SETUP_INITRD_PRIV_H
#define KD_SETUP_INITRD_PRIV_H

#include "setup/conf.h"
#include "setup/cpio.h"
#include "setup/initrd.h"
#include "setup/kconfig.h"
#include "setup/modules_dep.h"
#include "setup/target.h"

#define INITRD_PARAMETERS 64 /* modules that the request has parameters for */

struct initrd_build {
	const struct initrd_request *q;
	const char *root;
	struct initrd *out;
	bool other_release; /* than that of the running kernel */
	char *folder;	    /* owned: of the modules */
	struct kconfig config; /* the second kernel's; text NULL: not found */
	struct target targets[CONF_TARGETS];
	size_t ntargets;
	struct module_index index;
	struct module_set modules;
	uint16_t machine; /* of the modules, EM_*; 0: not seen */
	struct cpio cpio;
	char *conf; /* owned */
};

/* Add a line of text to out->notes. */
void initrd_note(struct initrd_build *b, const char *fmt, ...) KD_PRINTF(2, 3);

/* Which modules there have to be: fills modules. Errors as initrd_build(). */
int initrd_choose_modules(struct initrd_build *b, struct kd_err *err);

/* Add files and lines of kdview.conf: */
int initrd_add_modules(struct initrd_build *b, struct kd_err *err);
int initrd_add_programs(struct initrd_build *b, struct kd_err *err);
int initrd_say(struct initrd_build *b, struct kd_err *err, const char *fmt, ...) KD_PRINTF(3, 4);

#endif
