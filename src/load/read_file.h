/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files in memory. */
#ifndef KD_LOAD_READ_FILE_H
#define KD_LOAD_READ_FILE_H

#include "core/err.h"

/*
 * The file NAME in FOLDER ("": NAME as it is), at most MOST bytes: *bytes is the caller's, and
 * has a zero behind its end; LEN may be NULL. KD_NOTFOUND: there is none; KD_IO; KD_UNSUPPORTED:
 * it is larger; KD_NOMEM.
 */
int read_file(const char *folder, const char *name, size_t most, char **bytes, size_t *len,
	      struct kd_err *err);

/* The same of no more than its first MOST bytes: of any size, then. */
int read_head(const char *folder, const char *name, size_t most, char **bytes, size_t *len,
	      struct kd_err *err);

#endif
