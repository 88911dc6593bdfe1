/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the steps of process 1 do, each in a child of its own: answers are exit codes, what
 * there is to say goes to stderr. A struct save is shared with these children.
 */
#ifndef KD_SECOND_SAVE_H
#define KD_SECOND_SAVE_H

#include "setup/conf.h"

#define SAVE_MOUNT "/target"

struct save {
	const struct conf *conf;
	const struct conf_target *target;
	size_t module;	 /* which one to load */
	char where[512]; /* for capture: a folder, or the device; "" : not found yet */
	char dump[1024]; /* what was written; "": nothing */
};

/* All take a struct save. 0: done. */
int save_load_module(void *data);
int save_mount(void *data);   /* the target, once it is there; fills where */
int save_capture(void *data); /* to where; as kdview capture answers; fills dump */
int save_verify(void *data);  /* dump, as kdview verify answers */
int save_own_log(void *data); /* of the second kernel, beside dump */
int save_hook(void *data);
int save_unmount(void *data);
int save_print_log(void *data); /* of the crashed kernel, to stdout */
int save_shell(void *data);

#endif
