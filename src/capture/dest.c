// SPDX-License-Identifier: GPL-3.0-or-later
/* Where an output goes: see dest.h. */
#include "capture/dest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "capture/dest_priv.h"

#define FOLDERS_MAX 1000
#define HEAD_LEN 65536 /* of a device: where file systems and others have their mark */

static int open_stream(struct dest *d, struct kd_err *err)
{
	if (isatty(STDOUT_FILENO))
		return kd_fail(err, KD_USAGE, "a dump is nothing for a terminal: send standard output "
					      "to a file or a pipe");
	d->kind = DEST_STREAM;
	d->stream = true;
	d->fd = STDOUT_FILENO;
	return 0;
}

/* Block devices ---------------------------------------------------------------------------- */

/* Nothing, or a dump that may go. */
static bool is_free_device(int fd)
{
	_cleanup_(freep) uint8_t *head = calloc(1, HEAD_LEN);
	ssize_t n = head ? pread(fd, head, HEAD_LEN, 0) : -1;

	if (n < 16)
		return false;
	return !memcmp(head, "KDUMP   ", 8) || !memcmp(head, "makedumpfile\0", 13) ||
	       (!head[0] && !memcmp(head, head + 1, (size_t)n - 1));
}

static int open_device(const char *where, bool force, struct dest *d, struct kd_err *err)
{
	/* Exclusive: refused by the kernel while it is mounted, or a part of something. */
	int fd = open(where, O_RDWR | O_EXCL | O_CLOEXEC);

	if (fd < 0 && errno == EBUSY)
		return kd_fail(err, KD_USAGE, "%s is in use (mounted, swap or part of another "
					      "device)", where);
	if (fd < 0)
		return kd_fail(err, KD_IO, "%s: cannot open: %s", where, strerror(errno));
	if (!force && !is_free_device(fd)) {
		close(fd);
		return kd_fail(err, KD_USAGE, "%s holds something that is no dump; --force "
					      "overwrites it", where);
	}
	d->kind = DEST_DEVICE;
	d->fd = fd;
	d->path = strdup(where);
	return d->path ? 0 : kd_nomem(err);
}

/* Files --------------------------------------------------------------------------------------- */

static int open_file(const char *where, bool force, struct dest *d, struct kd_err *err)
{
	struct stat st;

	if (!lstat(where, &st) && !force)
		return kd_fail(err, KD_USAGE, "%s is there already; --force replaces it", where);
	d->path = strdup(where);
	if (!d->path || asprintf(&d->incomplete, "%s-incomplete", where) < 0) {
		d->incomplete = NULL;
		return kd_nomem(err);
	}
	/* One that an earlier run left is of no more use. */
	unlink(d->incomplete);
	d->fd = open(d->incomplete, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (d->fd < 0) {
		kd_fail(err, KD_IO, "%s: cannot create: %s", d->incomplete, strerror(errno));
		free(d->incomplete);
		d->incomplete = NULL;
		return KD_IO;
	}
	return 0;
}

int dest_open(const char *where, bool force, struct dest *d, struct kd_err *err)
{
	struct stat st = { 0 };
	int ret;

	*d = (struct dest){ .fd = -1 };
	if (!strcmp(where, "-"))
		return open_stream(d, err);
	if (!stat(where, &st) && S_ISDIR(st.st_mode))
		return kd_fail(err, KD_USAGE, "%s is a folder: name a file in it", where);
	ret = S_ISBLK(st.st_mode) ? open_device(where, force, d, err)
				  : open_file(where, force, d, err);
	if (ret)
		dest_close(d, false);
	return ret;
}

int dest_folder(const char *folder, const char *name, char **out, struct kd_err *err)
{
	size_t len = strlen(folder);
	const char *slash = len && folder[len - 1] == '/' ? "" : "/";

	for (unsigned i = 1; i < FOLDERS_MAX; i++) {
		char number[12] = "";
		char *path;

		if (i > 1)
			snprintf(number, sizeof(number), ".%u", i);
		if (asprintf(&path, "%s%s%s%s", folder, slash, name, number) < 0)
			return kd_nomem(err);
		if (!mkdir(path, 0700)) {
			*out = path;
			return 0;
		}
		if (errno != EEXIST) {
			kd_fail(err, KD_IO, "%s: cannot create: %s", path, strerror(errno));
			free(path);
			return KD_IO;
		}
		free(path);
	}
	return kd_fail(err, KD_IO, "%s%s%s: there are too many of that name", folder, slash, name);
}

uint64_t dest_space(const struct dest *d)
{
	struct statvfs v;
	uint64_t size;

	if (d->kind == DEST_DEVICE)
		return ioctl(d->fd, BLKGETSIZE64, &size) ? UINT64_MAX : size;
	if (d->kind != DEST_FILE || fstatvfs(d->fd, &v))
		return UINT64_MAX;
	return (uint64_t)v.f_bavail * v.f_frsize;
}

int dest_rewind(struct dest *d, struct kd_err *err)
{
	if (d->stream)
		return kd_fail(err, KD_UNSUPPORTED, "a stream cannot begin again");
	if (d->kind == DEST_FILE && ftruncate(d->fd, 0))
		return kd_fail(err, KD_IO, "%s: cannot empty it: %s", d->incomplete,
			       strerror(errno));
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
	if (d->kind == DEST_SSH)
		return dest_commit_remote(d, err);
	if (d->kind == DEST_STREAM)
		return 0;
	if (fsync(d->fd))
		return kd_fail(err, KD_IO, "%s: cannot put it on the disk: %s",
			       d->incomplete ? d->incomplete : d->path, strerror(errno));
	if (!d->incomplete)
		return 0;
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
	if (d->kind == DEST_SSH)
		dest_close_remote(d);
	if (d->fd >= 0 && !d->stream) {
		if (d->incomplete && keep)
			fsync(d->fd);
		close(d->fd);
	}
	if (d->incomplete && !keep && d->kind == DEST_FILE)
		unlink(d->incomplete);
	free(d->path);
	free(d->incomplete);
	free(d->program);
	free(d->host);
	*d = (struct dest){ .fd = -1 };
}

int dest_put(const char *path, bool force, const char *text, size_t len, struct kd_err *err)
{
	struct dest d;
	int ret = dest_open(path, force, &d, err);

	while (!ret && len) {
		ssize_t n = write(d.fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret = errno == ENOSPC || errno == EDQUOT ? KD_NOSPACE : KD_IO;
			kd_fail(err, ret, "%s: cannot write: %s", path, strerror(n ? errno : EIO));
			break;
		}
		text += n;
		len -= (size_t)n;
	}
	if (!ret)
		ret = dest_commit(&d, err);
	dest_close(&d, false);
	return ret;
}
