/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was loaded last: the kernel says that something is, never what. Kept in run/kdview/loaded
 * below the root, which a boot empties, as lines of "key value".
 */
#ifndef KD_LOAD_RECORD_H
#define KD_LOAD_RECORD_H

#include "load/load.h"

struct record {
	char *kernel, *initrd, *cmdline, *how; /* owned; NULL: not told */
	uint64_t when;			       /* seconds since 1970 */
	uint64_t ram, cpus; /* bytes, number: what the core headers tell; 0: not told */
};

/* It is no error when it cannot be kept: KD_IO. */
int record_write(const struct load_request *q, const struct machine *m, const struct load_report *r,
		 struct kd_err *err);
void record_remove(const struct machine *m);

/* Has the machine other memory or CPUs now, and the kernel did not correct the core headers? */
bool record_is_stale(const struct record *r, const struct machine *m);

/* KD_NOTFOUND: there is none. record_fini() in any case. */
int record_read(const struct machine *m, struct record *out, struct kd_err *err);
void record_fini(struct record *r);

#endif
