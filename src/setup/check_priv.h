/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of check share. */
#ifndef KD_SETUP_CHECK_PRIV_H
#define KD_SETUP_CHECK_PRIV_H

#include "load/machine.h"
#include "load/record.h"
#include "setup/check.h"
#include "setup/kconfig.h"

/* A check in work. */
struct checking {
	const struct check_request *q;
	struct check_list *list;
	struct machine machine;
	bool has_machine;     /* the machine's facts are there */
	struct record record; /* of what is loaded; empty: nothing, or not by kdview */
	struct kconfig first, second;
	bool has_first, has_second; /* configurations; where both are one kernel's, both */
	uint64_t estimate;	    /* bytes to reserve; 0: not known */
	uint64_t least;		    /* below that it cannot work */
	char *image;		    /* owned: path of the second kernel's image; NULL: none found */
	char *why;		    /* owned: why the second has no configuration; NULL: it has */
	int status;		    /* first failure: KD_NOMEM */
};

/* An item as it is told; strings are copied, NULL is "". */
struct check_say {
	enum check_state state;
	enum check_step step;
	unsigned parts;
	const char *name, *found, *set, *why;
};

/* Append, unless no part of it was asked for. */
void check_put(struct checking *c, const struct check_say *say);

/* A word "NAME" or "NAME=VALUE" of a command line, the last one; NULL: there is none. */
const char *check_word(const char *cmdline, const char *name, size_t *value_len);
static inline bool check_has_word(const char *cmdline, const char *name)
{
	size_t len;

	return check_word(cmdline, name, &len) != NULL;
}

/* The parts, in the order of work. */
void check_config(struct checking *c);	/* configurations */
void check_boot(struct checking *c);	/* command line, reservation */
void check_image(struct checking *c);	/* the second kernel's file: signature, placement */
void check_loading(struct checking *c); /* lockdown, what is loaded, second command line */
void check_target(struct checking *c);	/* where dumps go */
void check_panic(struct checking *c);	/* what makes a hang a panic, and a panic a dump */

#endif
