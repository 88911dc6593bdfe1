/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A crash on purpose, and whether its dump arrived. The kernel's log gets an ID, which the dump
 * has then; the ID and where dumps go are kept in var/lib/kdview/test below the root (machine.h).
 */
#ifndef KD_SETUP_CRASH_TEST_H
#define KD_SETUP_CRASH_TEST_H

#include "core/err.h"

#define CRASH_TEST_ID 48
#define CRASH_TEST_PATH 1024

struct crash_test {
	char id[CRASH_TEST_ID]; /* "kdview-test-" and 16 hexadecimal digits */
	uint64_t when;		/* seconds since 1970 */
	char boot[64];		/* boot_id of the system that was to crash; "": not known */
	char *conf;		/* owned: kdview.conf of what was loaded then; "": not known */
};

/*
 * What is loaded, for crash_test_begin(): run/kdview/kdview.conf, which a boot empties. TEXT NULL:
 * it is not known. KD_IO, KD_NOMEM.
 */
int crash_test_loaded(const char *root, const char *text, struct kd_err *err);

/*
 * Would the kernel take the ID into its log? CMDLINE is the running kernel's. KD_UNSUPPORTED, with
 * the setting that is in the way.
 */
int crash_test_allowed(const char *root, const char *cmdline, struct kd_err *err);

/* Make an ID and keep it. KD_IO, KD_NOMEM. crash_test_fini() in any case. */
int crash_test_begin(const char *root, struct crash_test *out, struct kd_err *err);

/*
 * Write the ID into the log, put all files on their disks, and crash. Comes back only if that
 * failed, KD_IO or KD_UNSUPPORTED; the test is then forgotten.
 */
int crash_test_run(const char *root, const struct crash_test *t, struct kd_err *err);

/* The last one. KD_NOTFOUND: there was none; KD_CORRUPT, KD_IO, KD_NOMEM. */
int crash_test_read(const char *root, struct crash_test *out, struct kd_err *err);
void crash_test_fini(struct crash_test *t);

/* Does the system that was to crash still run? */
bool crash_test_same_boot(const char *root, const struct crash_test *t);

struct crash_test_result {
	bool arrived;
	char where[CRASH_TEST_PATH]; /* the dump, or the log if that is all there was to be */
	bool whole;	 /* all that was to be saved was */
	bool only_log;	 /* that was what was to be saved */
	uint64_t saved;	 /* when, seconds since 1970; 0: not known */
	char looked[512]; /* where it is not, and why one could not look there; for people */
};

/*
 * Look for its dump in all its targets. Those that are not mounted are, for this process alone and
 * for reading, where that is allowed. KD_NOMEM.
 */
int crash_test_find(const char *root, const struct crash_test *t, struct crash_test_result *out,
		    struct kd_err *err);

/* A part of that: in FOLDER, which has dated folders with dumps. */
void crash_test_search(const char *folder, const char *id, struct crash_test_result *out);

#endif
