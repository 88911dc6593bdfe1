/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Would a crash now give a dump? Everything that the set-up of a crash kernel needs, of the kernel
 * that runs ("first") and the one that saves ("second"): configurations, command lines, the
 * reservation, what decides whether a hang panics, the place for dumps. Each with what was found
 * and the setting that mends it, in the order to mend things.
 *
 * Reads files below the request's root only (machine.h), and those the request names.
 */
#ifndef KD_SETUP_CHECK_H
#define KD_SETUP_CHECK_H

#include "core/err.h"

enum check_state {
	CHECK_MISSING, /* without it there is no dump */
	CHECK_ADVICE,  /* there is one, but ... */
	CHECK_UNKNOWN, /* it could not be seen */
	CHECK_OK,
};

/* What it takes to mend it: the order of work. */
enum check_step {
	CHECK_STEP_KERNEL, /* another kernel, or its configuration */
	CHECK_STEP_BOOT,   /* the boot loader's settings and a reboot */
	CHECK_STEP_LOAD,   /* how the second kernel is loaded */
	CHECK_STEP_PLACE,  /* where dumps go */
	CHECK_STEP_SYSCTL, /* settings of the running kernel */
};

enum check_part { CHECK_FIRST = 1, CHECK_SECOND = 2 };

/* Strings are owned, never NULL; "" where there is nothing to say. */
struct check_item {
	enum check_state state;
	enum check_step step;
	unsigned parts; /* CHECK_FIRST, CHECK_SECOND or both */
	char *name;	/* "CONFIG_PROC_VMCORE", "kernel.panic_on_oops" */
	char *found;	/* "not set", "0", "256 MiB at 0x2b000000" */
	char *set;	/* the exact setting or command, where there is something to do */
	char *why;	/* a sentence */
};

/* A kernel that was checked. */
struct check_kernel {
	char release[128]; /* "": not known */
	char config[512];  /* where its configuration is from; "": there is none */
	char arch[16];	   /* "x86_64", "i386"; "": not known */
};

struct check_list {
	struct check_item *at; /* owned; by state, then step */
	size_t n, cap;
	struct check_kernel first, second;
	bool same;		    /* the second kernel is the first one */
	bool loaded;		    /* a crash kernel is */
	size_t count[CHECK_OK + 1]; /* by state */
};

/* Strings are borrowed. */
struct check_request {
	const char *root;   /* "" or NULL: the real one */
	unsigned parts;	    /* what is to be checked */
	const char *config; /* of the second kernel if one is named, else of both; NULL: search */
	const char *kernel; /* the second kernel's image; NULL: the running kernel again */
	const char *initrd; /* that goes with it; NULL: not known */
	const char *append; /* the second kernel's command line; NULL: not known yet */
	const char *target; /* folder for dumps; NULL: CHECK_TARGET */
};

#define CHECK_TARGET "/var/crash"

/*
 * Check. What cannot be seen is an item that says so; errors are only files that were named and
 * cannot be used (kconfig_read()), a root that has neither machine nor configuration, and no memory. check_list_fini() in any case.
 */
int check_run(const struct check_request *q, struct check_list *out, struct kd_err *err);
void check_list_fini(struct check_list *l);

const char *check_state_name(enum check_state s); /* "missing", "advice", "unknown", "ok" */
const char *check_step_name(enum check_step s);	  /* "kernel", "boot", "load", ... */

#endif
