/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an output goes. A file is written beside its place, as NAME-incomplete, for its
 * owner alone (0600), and gets its name only when all of it is on the disk; so does a file
 * on another host, through the ssh program. A block device is written in place.
 */
#ifndef KD_CAPTURE_DEST_H
#define KD_CAPTURE_DEST_H

#include <sys/types.h>

#include "core/err.h"

enum dest_kind {
	DEST_FILE,
	DEST_DEVICE, /* a block device */
	DEST_STREAM, /* standard output */
	DEST_SSH,
};

struct dest {
	enum dest_kind kind;
	int fd;
	bool stream;	  /* not to be written at any place: the flattened format it must be */
	char *path;	  /* owned: the name at the end; NULL: standard output */
	char *incomplete; /* owned: the name until then; NULL: it has none, or is committed */
	/* DEST_SSH: */
	char *program, *host; /* owned */
	pid_t child;	      /* 0: none runs */
};

/*
 * "-": standard output, refused if that is a terminal; a block device, refused if something
 * of the system uses it; else a file. KD_USAGE: it is there, or the device holds what is no
 * dump, and FORCE was not said; KD_IO.
 */
int dest_open(const char *where, bool force, struct dest *out, struct kd_err *err);

/* Does WHERE name a file on another host, "ssh:[USER@]HOST:PATH"? */
bool dest_is_remote(const char *where);

/*
 * A file there, through PROGRAM (split at blanks; NULL: "ssh"), which must ask no questions.
 * The folder is made. KD_USAGE: no host or path; KD_IO.
 */
int dest_open_remote(const char *program, const char *where, struct dest *out, struct kd_err *err);

/* Write all of TEXT there: as dest_open_remote(), and KD_IO when the other end fails. */
int dest_put_remote(const char *program, const char *where, const char *text, size_t len,
		    struct kd_err *err);

/*
 * A folder of its own for a dump, "FOLDER/NAME" (0700): with a number behind it if that is
 * there already. *path is the caller's. KD_IO, KD_NOMEM.
 */
int dest_folder(const char *folder, const char *name, char **path, struct kd_err *err);

/* Bytes that can still be written to a file; UINT64_MAX: not known. */
uint64_t dest_space(const struct dest *d);

/* Begin again with nothing. KD_UNSUPPORTED: it is a stream; KD_IO. */
int dest_rewind(struct dest *d, struct kd_err *err);

/* All is written: put it on the disk, then give it its name. KD_IO. */
int dest_commit(struct dest *d, struct kd_err *err);

/*
 * Close. What was not committed is put on the disk and stays under its incomplete name when
 * KEEP, else it is removed.
 */
void dest_close(struct dest *d, bool keep);

/* A small file beside a dump, whole or not at all (0600): as dest_open() to dest_commit(). */
int dest_put(const char *path, bool force, const char *text, size_t len, struct kd_err *err);

#endif
