// SPDX-License-Identifier: GPL-3.0-or-later
/* Output: see output.h. */
#include "ui/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "ui/session.h"

unsigned terminal_width(int fd)
{
	struct winsize ws;

	if (!ioctl(fd, TIOCGWINSZ, &ws) && ws.ws_col)
		return ws.ws_col;
	return 80;
}

void output_init(struct output *o, FILE *f, bool json, bool no_color)
{
	const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");
	int fd = fileno(f);

	*o = (struct output){ .out = f, .json = json };
	if (fd < 0 || !isatty(fd))
		return;
	o->width = terminal_width(fd);
	o->color = !no_color && !(plain && *plain) && term && *term && strcmp(term, "dumb");
}

/* Is the open file one of those the session reads from? */
static bool is_input(int fd, const struct session *s)
{
	const char *paths[] = { s->opt.dump_path,
				s->k && s->k->vmlinux ? s->k->vmlinux->path : NULL };
	struct stat out, in;

	if (fstat(fd, &out))
		return false;
	for (size_t i = 0; i < KD_ARRAY_SIZE(paths); i++) {
		if (paths[i] && !stat(paths[i], &in) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return true;
	}
	return false;
}

/* Make the open file ready to be written. */
static int prepare(int fd, const char *path, const struct session *s, bool append,
		   struct kd_err *err)
{
	if (s && is_input(fd, s))
		return kd_fail(err, KD_USAGE, "%s: it is being read: not overwritten", path);
	/* Pipes and devices have no size to set. */
	if (!append && ftruncate(fd, 0) && errno != EINVAL)
		return kd_fail(err, KD_IO, "%s: cannot overwrite: %s", path, strerror(errno));
	return 0;
}

int output_create(const char *path, const struct session *s, bool append, FILE **out,
		  struct kd_err *err)
{
	int fd, ret;

	/* A typing fault must not cost a dump. */
	if (dump_probe_path(path) || vmlinux_probe_path(path))
		return kd_fail(err, KD_USAGE, "%s: this is a dump or a vmlinux: not overwritten",
			       path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (append ? O_APPEND : 0), 0600);
	if (fd < 0)
		return kd_fail(err, KD_IO, "%s: cannot create: %s", path, strerror(errno));
	ret = prepare(fd, path, s, append, err);
	*out = ret ? NULL : fdopen(fd, append ? "a" : "w");
	if (*out)
		return 0;
	close(fd);
	return ret ? ret : kd_nomem(err);
}

int output_memory_file(const char *text, size_t len)
{
	int fd = memfd_create("kdview", MFD_CLOEXEC);

	while (fd >= 0 && len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR) {
			close(fd);
			return -1;
		}
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}
