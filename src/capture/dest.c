// SPDX-License-Identifier: GPL-3.0-or-later
/* Where an output goes: see dest.h. */
#include "capture/dest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int open_stream(struct dest *d, struct kd_err *err)
{
	if (isatty(STDOUT_FILENO))
		return kd_fail(err, KD_USAGE, "a dump is nothing for a terminal: send standard output "
					      "to a file or a pipe");
	d->stream = true;
	d->fd = STDOUT_FILENO;
	return 0;
}

int dest_open(const char *where, bool force, struct dest *d, struct kd_err *err)
{
	struct stat st;

	*d = (struct dest){ .fd = -1 };
	if (!strcmp(where, "-"))
		return open_stream(d, err);
	if (!stat(where, &st) && S_ISDIR(st.st_mode))
		return kd_fail(err, KD_USAGE, "%s is a folder: name a file in it", where);
	if (!lstat(where, &st) && !force)
		return kd_fail(err, KD_USAGE, "%s is there already; --force replaces it", where);
	d->path = strdup(where);
	if (!d->path || asprintf(&d->incomplete, "%s-incomplete", where) < 0) {
		d->incomplete = NULL;
		dest_close(d, false);
		return kd_nomem(err);
	}
	/* One that an earlier run left is of no more use. */
	unlink(d->incomplete);
	d->fd = open(d->incomplete, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (d->fd < 0) {
		int error = errno;
		char *name = d->incomplete;

		d->incomplete = NULL;
		kd_fail(err, KD_IO, "%s: cannot create: %s", name, strerror(error));
		free(name);
		dest_close(d, false);
		return KD_IO;
	}
	return 0;
}

/* The folder's entry is on the disk only after this. */
static int sync_folder(const char *path)
{
	_cleanup_(freep) char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	_cleanup_(closep) int fd = -1;

	if (!folder)
		return -1;
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fsync(fd);
}

int dest_commit(struct dest *d, struct kd_err *err)
{
	if (d->stream)
		return 0;
	if (fsync(d->fd))
		return kd_fail(err, KD_IO, "%s: cannot put it on the disk: %s", d->incomplete,
			       strerror(errno));
	if (rename(d->incomplete, d->path))
		return kd_fail(err, KD_IO, "%s: cannot rename it to %s: %s", d->incomplete, d->path,
			       strerror(errno));
	free(d->incomplete);
	d->incomplete = NULL;
	/* Some file systems cannot; the data is there all the same. */
	if (sync_folder(d->path) && errno != EINVAL)
		return kd_fail(err, KD_IO, "%s: cannot put its name on the disk: %s", d->path,
			       strerror(errno));
	return 0;
}

void dest_close(struct dest *d, bool keep)
{
	if (d->fd >= 0 && !d->stream)
		close(d->fd);
	if (d->incomplete && !keep)
		unlink(d->incomplete);
	free(d->path);
	free(d->incomplete);
	*d = (struct dest){ .fd = -1 };
}
