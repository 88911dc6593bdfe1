/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an output goes. A file is written beside its place, as NAME-incomplete, for its
 * owner alone (0600), and gets its name only when all of it is on the disk.
 */
#ifndef KD_CAPTURE_DEST_H
#define KD_CAPTURE_DEST_H

#include "core/err.h"

struct dest {
	int fd;
	bool stream;	  /* not to be written at any place: a pipe, standard output */
	char *path;	  /* owned: the name at the end; NULL: a stream */
	char *incomplete; /* owned: the name until then */
};

/*
 * "-": standard output, refused if that is a terminal; else a file. KD_USAGE: it is there
 * and FORCE was not said; KD_IO.
 */
int dest_open(const char *where, bool force, struct dest *out, struct kd_err *err);

/* All is written: put it on the disk, then give it its name. KD_IO. */
int dest_commit(struct dest *d, struct kd_err *err);

/*
 * Close. What was not committed stays under its incomplete name when KEEP, else it is
 * removed.
 */
void dest_close(struct dest *d, bool keep);

#endif
