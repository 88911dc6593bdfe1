// SPDX-License-Identifier: GPL-3.0-or-later
/* Small files: see read_file.h. */
#include "load/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FIRST 4096 /* files of proc and sys tell no size */

/* At most MOST bytes, and one more where WHOLE, so that a larger file is seen to be one. */
static int read_all(int fd, size_t most, bool whole, char **bytes, size_t *len)
{
	size_t cap = 0, n = 0;

	for (;;) {
		ssize_t got;

		if (n + 1 >= cap) {
			size_t more = cap ? cap * 2 : FIRST;
			char *p = realloc(*bytes, more);

			if (!p)
				return ENOMEM;
			*bytes = p;
			cap = more;
		}
		got = read(fd, *bytes + n, kd_min(cap - n - 1, most + whole - n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		n += (size_t)got;
		if (n > most)
			return EFBIG;
		if (!got || (n == most && !whole))
			break;
	}
	(*bytes)[n] = '\0';
	*len = n;
	return 0;
}

static int read_part(const char *folder, const char *name, size_t most, bool whole, char **bytes,
		     size_t *len, struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;
	size_t n = 0;
	int code;

	*bytes = NULL;
	if (asprintf(&path, "%s%s%s", folder, *folder && *name != '/' ? "/" : "", name) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	code = fd < 0 ? errno : read_all(fd, most, whole, bytes, &n);
	if (len)
		*len = n;
	if (!code)
		return 0;
	free(*bytes);
	*bytes = NULL;
	if (code == ENOMEM)
		return kd_nomem(err);
	return kd_fail(err,
		       code == ENOENT || code == ENOTDIR ? KD_NOTFOUND
		       : code == EFBIG			 ? KD_UNSUPPORTED
							 : KD_IO,
		       "%s: %s", path, strerror(code));
}

int read_file(const char *folder, const char *name, size_t most, char **bytes, size_t *len,
	      struct kd_err *err)
{
	return read_part(folder, name, most, true, bytes, len, err);
}

int read_head(const char *folder, const char *name, size_t most, char **bytes, size_t *len,
	      struct kd_err *err)
{
	return read_part(folder, name, most, false, bytes, len, err);
}
