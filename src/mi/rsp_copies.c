// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_copies.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "mi/rsp_elf.h"

struct rsp_copies {
	pthread_mutex_t lock; /* of all below */
	char *folder;	      /* owned; NULL: not yet */
	char **paths;	      /* owned, in the folder */
	size_t n;
};

int rsp_copies_new(struct rsp_copies **out, struct kd_err *err)
{
	struct rsp_copies *c = calloc(1, sizeof(*c));

	*out = c;
	if (!c)
		return kd_nomem(err);
	pthread_mutex_init(&c->lock, NULL);
	return 0;
}

void rsp_copies_free(struct rsp_copies *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		unlink(c->paths[i]);
		free(c->paths[i]);
	}
	free(c->paths);
	if (c->folder)
		rmdir(c->folder);
	free(c->folder);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* On a disk rather than in memory: debug information may be large. */
static int make_folder(struct rsp_copies *c, struct kd_err *err)
{
	static const char *const names[] = { "/var/tmp/kdview-XXXXXX", "/tmp/kdview-XXXXXX" };

	for (size_t i = 0; i < KD_ARRAY_SIZE(names) && !c->folder; i++) {
		c->folder = strdup(names[i]);
		if (!c->folder)
			return kd_nomem(err);
		if (!mkdtemp(c->folder)) {
			free(c->folder);
			c->folder = NULL;
		}
	}
	return c->folder ? 0 : kd_fail(err, KD_IO, "no folder in /tmp: %s", strerror(errno));
}

/* LEN bytes from one file to another; shares them where the file system can. */
static int copy_bytes(int in, int out, off_t len, struct kd_err *err)
{
	bool share = true;

	while (len > 0) {
		size_t chunk = (size_t)kd_min((uint64_t)len, 1 << 30);
		ssize_t n = share ? copy_file_range(in, NULL, out, NULL, chunk, 0)
				  : sendfile(out, in, NULL, chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 && share) {
			share = false;
			continue;
		}
		if (n <= 0)
			return kd_fail(err, KD_IO, "copy: %s",
				       n ? strerror(errno) : "the file became shorter");
		len -= n;
	}
	return 0;
}

static int copy_file(const char *from, const char *to, struct kd_err *err)
{
	_cleanup_(closep) int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_(closep) int out = -1;
	struct stat st;
	int ret;

	if (in < 0 || fstat(in, &st))
		return kd_fail(err, KD_IO, "%s: %s", from, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return kd_fail(err, KD_IO, "%s: no regular file", from);
	out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return kd_fail(err, KD_IO, "%s: %s", to, strerror(errno));
	ret = copy_bytes(in, out, st.st_size, err);
	if (!ret)
		ret = rsp_elf_clear_addresses(out, err);
	if (ret)
		unlink(to);
	return ret ? kd_context(err, ret, "%s", to) : 0;
}

static int add_locked(struct rsp_copies *c, const char *path, char **copy, struct kd_err *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_(freep) char *kept = NULL;
	char **more;
	int ret = c->folder ? 0 : make_folder(c, err);

	if (ret)
		return ret;
	more = reallocarray(c->paths, c->n + 1, sizeof(*more));
	if (!more)
		return kd_nomem(err);
	c->paths = more;
	if (asprintf(&kept, "%s/%s", c->folder, slash ? slash + 1 : path) < 0) {
		kept = NULL;
		return kd_nomem(err);
	}
	*copy = strdup(kept);
	if (!*copy)
		return kd_nomem(err);
	ret = copy_file(path, kept, err);
	if (ret) {
		free(*copy);
		*copy = NULL;
		return ret;
	}
	c->paths[c->n++] = kept;
	kept = NULL;
	return 0;
}

int rsp_copies_add(struct rsp_copies *c, const char *path, char **copy, struct kd_err *err)
{
	int ret;

	*copy = NULL;
	pthread_mutex_lock(&c->lock);
	ret = add_locked(c, path, copy, err);
	pthread_mutex_unlock(&c->lock);
	return ret;
}
