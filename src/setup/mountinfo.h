/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is mounted where: proc/self/mountinfo (proc(5)). */
#ifndef KD_SETUP_MOUNTINFO_H
#define KD_SETUP_MOUNTINFO_H

#include "core/err.h"

struct mounts {
	char *text; /* owned */
	char *next; /* in it */
};

/* Texts lie in those of struct mounts. */
struct mount {
	char *root; /* of the file system, which folder is seen */
	char *point, *type, *source;
	unsigned major, minor; /* major 0: no device, or one that does not help (btrfs) */
};

/* Of the system below ROOT (machine.h). KD_NOTFOUND, KD_IO, KD_NOMEM. */
int mounts_open(const char *root, struct mounts *out, struct kd_err *err);
void mounts_close(struct mounts *m);

/* The next one; false: no more. */
bool mounts_next(struct mounts *m, struct mount *out);

/*
 * The mount that has the absolute PATH: of those with the longest path the last, which is what
 * is seen there. Its texts lie in LIST. KD_NOTFOUND, and as mounts_open(); mounts_close(LIST) in
 * any case.
 */
int mounts_find(const char *root, const char *path, struct mounts *list, struct mount *out,
		struct kd_err *err);

/* PATH behind the mount at POINT, "" or with a slash; NULL: it is not in it. */
const char *mount_inside(const char *path, const char *point);

#endif
