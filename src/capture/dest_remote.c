// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A file on another host, through the ssh program: one connection takes the stream into
 * NAME-incomplete and puts it on the disk; a second one, after the end of the stream was
 * written and the first has ended well, gives it its name. So a stream that is cut off
 * never gets it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "capture/dest_priv.h"

#define PREFIX "ssh:"
#define WORDS_MAX 32

bool dest_is_remote(const char *where)
{
	return !strncmp(where, PREFIX, sizeof(PREFIX) - 1);
}

/* TEXT as one word of the other host's shell; owned by the caller; NULL: no memory. */
static char *quote(const char *text)
{
	char *out = malloc(4 * strlen(text) + 3), *p = out;

	if (!out)
		return NULL;
	*p++ = '\'';
	for (; *text; text++) {
		if (*text == '\'') {
			memcpy(p, "'\\''", 4);
			p += 4;
		} else {
			*p++ = *text;
		}
	}
	*p++ = '\'';
	*p = '\0';
	return out;
}

/* Host and path of "ssh:[USER@]HOST:PATH"; brackets keep an IPv6 address together. */
static int take_apart(const char *where, struct dest *d, struct kd_err *err)
{
	const char *host = where + sizeof(PREFIX) - 1, *end, *path;
	const char *open = strchr(host, '['), *colon;

	colon = strchr(open && strchr(open, ']') ? strchr(open, ']') : host, ':');
	/* A host that begins so would be an option. */
	if (!colon || colon == host || !colon[1] || *host == '-')
		return kd_fail(err, KD_USAGE, "%s: it is ssh:[USER@]HOST:PATH", where);
	path = colon + 1;
	end = colon;
	d->path = strdup(path);
	d->host = calloc(1, (size_t)(end - host) + 1);
	if (!d->path || !d->host || asprintf(&d->incomplete, "%s-incomplete", path) < 0)
		return kd_nomem(err);
	for (char *to = d->host; host < end; host++)
		if (*host != '[' && *host != ']')
			*to++ = *host;
	return 0;
}

/* OpenSSH, and nothing else that does the same with other options? */
static bool is_openssh(const char *program)
{
	const char *slash = strrchr(program, '/');

	return !strcmp(slash ? slash + 1 : program, "ssh");
}

static _Noreturn void run_child(const struct dest *d, char *command, int in)
{
	char *words[WORDS_MAX + 8];
	char *save = NULL, batch[] = "-oBatchMode=yes", end[] = "--";
	/* A host that is gone without a word is found out; of options said twice ssh takes the first. */
	char connect[] = "-oConnectTimeout=60", alive[] = "-oServerAliveInterval=20";
	size_t n = 0;

	for (char *w = strtok_r(d->program, " ", &save); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	words[n++] = batch;
	if (is_openssh(words[0])) {
		words[n++] = connect;
		words[n++] = alive;
	}
	words[n++] = end;
	words[n++] = d->host;
	words[n++] = command;
	words[n] = NULL;
	signal(SIGPIPE, SIG_DFL);
	/* ^C is for this program to handle: it decides what becomes of the stream. */
	setpgid(0, 0);
	if (dup2(in, STDIN_FILENO) >= 0)
		execvp(words[0], words);
	_exit(127);
}

/* Start it, with the other end of *fd as its input. COMMAND is for the other host's shell. */
static int start(struct dest *d, char *command, int *fd, struct kd_err *err)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return kd_fail(err, KD_IO, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		run_child(d, command, ends[0]);
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return kd_fail(err, KD_IO, "cannot start %s: %s", d->program, strerror(errno));
	}
	d->child = pid;
	*fd = ends[1];
	return 0;
}

/* Its input has ended: wait for it. */
static int finish(struct dest *d, struct kd_err *err)
{
	int status;

	while (waitpid(d->child, &status, 0) < 0)
		if (errno != EINTR)
			return kd_fail(err, KD_IO, "%s: %s", d->program, strerror(errno));
	d->child = 0;
	if (WIFSIGNALED(status))
		return kd_fail(err, KD_IO, "%s was ended by signal %d", d->program,
			       WTERMSIG(status));
	if (WEXITSTATUS(status) == 127)
		return kd_fail(err, KD_IO, "%s cannot be started", d->program);
	if (WEXITSTATUS(status))
		return kd_fail(err, KD_IO, "%s:%s: the other end failed (exit status %d)", d->host,
			       d->path, WEXITSTATUS(status));
	return 0;
}

/* COMMAND has one %s for each of PATH and INCOMPLETE, quoted, in this order. */
static int open_with(struct dest *d, bool name, int *fd, struct kd_err *err)
{
	_cleanup_(freep) char *path = quote(d->path), *incomplete = quote(d->incomplete);
	_cleanup_(freep) char *command = NULL;
	int n;

	if (!path || !incomplete)
		return kd_nomem(err);
	if (name)
		n = asprintf(&command, "mv -f -- %s %s && sync", incomplete, path);
	else
		n = asprintf(&command,
			     "umask 077 && mkdir -p -- \"$(dirname -- %s)\" && cat >%s && sync",
			     path, incomplete);
	if (n < 0) {
		command = NULL;
		return kd_nomem(err);
	}
	return start(d, command, fd, err);
}

int dest_open_remote(const char *program, const char *where, struct dest *d, struct kd_err *err)
{
	int ret;

	*d = (struct dest){ .kind = DEST_SSH, .fd = -1, .stream = true };
	ret = take_apart(where, d, err);
	if (!ret) {
		d->program = strdup(program ? program : "ssh");
		ret = d->program ? open_with(d, false, &d->fd, err) : kd_nomem(err);
	}
	if (ret)
		dest_close(d, false);
	return ret;
}

int dest_commit_remote(struct dest *d, struct kd_err *err)
{
	int fd = d->fd, ret;

	d->fd = -1;
	close(fd);
	ret = finish(d, err);
	if (!ret)
		ret = open_with(d, true, &fd, err);
	if (ret)
		return ret;
	close(fd);
	ret = finish(d, err);
	if (ret)
		return ret;
	free(d->incomplete);
	d->incomplete = NULL;
	return 0;
}

void dest_close_remote(struct dest *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	/* What it got so far is kept there: it may be all there will ever be. */
	if (d->child > 0)
		finish(d, NULL);
}

int dest_put_remote(const char *program, const char *where, const char *text, size_t len,
		    struct kd_err *err)
{
	struct dest d;
	int ret = dest_open_remote(program, where, &d, err);

	while (!ret && len) {
		ssize_t n = write(d.fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret = kd_fail(err, KD_IO, "%s: cannot send: %s", where,
				      strerror(n ? errno : EIO));
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
