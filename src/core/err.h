/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors: a status the program acts on, and the sentence the user reads.
 *
 * Functions that can fail return 0 or a negative enum kd_status and take a
 * struct kd_err as last parameter (NULL = the caller does not want the text).
 * The place that finds the fault writes the sentence with kd_fail(); each layer
 * above may put what it was doing in front with kd_context(), so that the text
 * reads from the outside in: "vmcore: page 0x3b400: excluded by the filter".
 */
#ifndef KD_CORE_ERR_H
#define KD_CORE_ERR_H

#include "core/base.h"

enum kd_status {
	KD_OK = 0,
	KD_NODATA = -1,	      /* page left out on purpose by a filter */
	KD_LOST = -2,	      /* page is missing: incomplete or truncated dump */
	KD_CORRUPT = -3,      /* what is there makes no sense */
	KD_ABSENT = -4,	      /* no such physical memory in this machine */
	KD_UNMAPPED = -5,     /* page tables do not map this virtual address */
	KD_NOTFOUND = -6,     /* no such symbol, task, type, file */
	KD_MISMATCH = -7,     /* things that do not belong together */
	KD_UNSUPPORTED = -8,  /* understood, but this program can not do it */
	KD_NOMEM = -9,
	KD_IO = -10,
	KD_CANCELLED = -11,   /* the user said stop */
	KD_TIMEOUT = -12,
	KD_USAGE = -13,	      /* the user's words make no sense */
	KD_GDB = -14,	      /* gdb is missing, died or refused */
	KD_NOSPACE = -15,     /* the disk is full */
};

struct kd_err {
	int status;
	char text[1024]; /* always terminated; cut at the end when too long */
};

#define KD_ERR_INIT ((struct kd_err){ .status = KD_OK })

/* Set the sentence; returns status, so that `return kd_fail(...)` works. */
int kd_fail(struct kd_err *err, int status, const char *fmt, ...) KD_PRINTF(3, 4);

/* Put "context: " in front of the sentence; returns status. */
int kd_context(struct kd_err *err, int status, const char *fmt, ...) KD_PRINTF(3, 4);

/* KD_NOMEM with its sentence. */
int kd_nomem(struct kd_err *err);

/* A word for a status: "excluded", "lost", "corrupt", ...; never NULL. */
const char *kd_status_name(int status);

#endif
