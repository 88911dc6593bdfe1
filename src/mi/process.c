// SPDX-License-Identifier: GPL-3.0-or-later
/* Starting, signalling and burying gdb: see process.h. */
#include "mi/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

uint64_t mi_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
	closep(fd);
	*fd = -1;
}

/* Clear of 0-2, which our caller may have closed and gdb's ends become. */
static int move_up(int *fd, struct kd_err *err)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, 3);

	if (high < 0)
		return kd_fail(err, KD_IO, "pipe to gdb: %s", strerror(errno));
	close(*fd);
	*fd = high;
	return 0;
}

/* OURS is the end that does not block: an end each has its own O_NONBLOCK. */
static int make_pipe(int fds[2], int ours, struct kd_err *err)
{
	int r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return kd_fail(err, KD_IO, "pipe to gdb: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		r = move_up(&fds[i], err);
		if (r < 0)
			return r;
	}
	if (fcntl(fds[ours], F_SETFL, O_NONBLOCK) < 0)
		return kd_fail(err, KD_IO, "pipe to gdb: %s", strerror(errno));
	return 0;
}

/* Ours but for what would change gdb's words, wrap its lines or ask the network. */
static const char **make_environment(void)
{
	static const char *const changed[] = { "LC_ALL=",  "TERM=",  "LANGUAGE=",
					       "COLUMNS=", "LINES=", "DEBUGINFOD_URLS=" };
	const char **env;
	size_t n = 0, to = 0;

	while (environ && environ[n])
		n++;
	env = calloc(n + 3, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		bool drop = false;

		for (size_t k = 0; k < KD_ARRAY_SIZE(changed); k++)
			drop |= !strncmp(environ[i], changed[k], strlen(changed[k]));
		if (!drop)
			env[to++] = environ[i];
	}
	env[to++] = "LC_ALL=C";
	env[to++] = "TERM=dumb";
	return env;
}

static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attr, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(attr, &all);
	if (!r)
		r = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
							   POSIX_SPAWN_SETSIGDEF);
	return r;
}

static int spawn(pid_t *pid, const char *const *argv, const int fds[3], const char **env)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int r;

	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return r;
	r = posix_spawnattr_init(&attr);
	if (r)
		goto actions;
	for (int i = 0; i < 3 && !r; i++)
		r = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	if (!r)
		r = set_attributes(&attr);
	if (!r) {
		/* The type is of before const; nothing is written through it. */
		union {
			const char *const *from;
			char *const *to;
		} args = { argv }, envs = { env };

		r = posix_spawnp(pid, argv[0], &actions, &attr, args.to, envs.to);
	}
	posix_spawnattr_destroy(&attr);
actions:
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static int spawn_failed(const char *program, int error, struct kd_err *err)
{
	const char *path = getenv("PATH");

	if (error != ENOENT || strchr(program, '/'))
		return kd_fail(err, KD_GDB, "can not start %s: %s", program, strerror(error));
	return kd_fail(err, KD_GDB,
		       "%s was not found in PATH (%.400s): install the package \"gdb\"", program,
		       path ? path : "unset");
}

int mi_process_start(struct mi_process *p, const char *const *argv, struct kd_err *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, errs[2] = { -1, -1 };
	_cleanup_(freep) const char **env = make_environment();
	int r;

	*p = MI_PROCESS_INIT;
	if (!env)
		return kd_nomem(err);
	r = make_pipe(in, 1, err);
	if (!r)
		r = make_pipe(out, 0, err);
	if (!r)
		r = make_pipe(errs, 0, err);
	if (!r) {
		const int theirs[3] = { in[0], out[1], errs[1] };
		int error = spawn(&p->pid, argv, theirs, env);

		if (error)
			r = spawn_failed(argv[0], error, err);
	}
	/* gdb's ends must go, or its end would not be seen as end of file. */
	closep(&in[0]);
	closep(&out[1]);
	closep(&errs[1]);
	if (r < 0) {
		p->pid = 0;
		closep(&in[1]);
		closep(&out[0]);
		closep(&errs[0]);
		return r;
	}
	p->in = in[1];
	p->out = out[0];
	p->err = errs[0];
	return 0;
}

bool mi_process_ended(struct mi_process *p)
{
	pid_t r;

	if (p->ended || !p->pid)
		return true;
	do
		r = waitpid(p->pid, &p->status, WNOHANG);
	while (r < 0 && errno == EINTR);
	if (!r)
		return false;
	/* ECHILD: somebody else waits for all children, or SIGCHLD is ignored. */
	p->status_known = r > 0;
	p->ended = true;
	return true;
}

static void read_away(int *fd)
{
	char bytes[4096];
	ssize_t n;

	if (*fd < 0)
		return;
	for (int i = 0; i < 64; i++) {
		n = read(*fd, bytes, sizeof(bytes));
		if (n <= 0) {
			if (!n)
				close_fd(fd);
			return;
		}
	}
}

bool mi_process_wait(struct mi_process *p, unsigned ms)
{
	uint64_t start = mi_now();

	while (!mi_process_ended(p)) {
		struct pollfd fds[2] = { { .fd = p->out, .events = POLLIN },
					 { .fd = p->err, .events = POLLIN } };

		if (mi_now() - start >= ms)
			return false;
		/* A full pipe would keep it from ending; there is no fd for the end itself. */
		poll(fds, 2, 10);
		read_away(&p->out);
		read_away(&p->err);
	}
	return true;
}

void mi_process_stop(struct mi_process *p, unsigned ms)
{
	close_fd(&p->in);
	if (!mi_process_wait(p, ms)) {
		mi_process_signal(p, SIGKILL);
		mi_process_wait(p, 10000);
	}
	close_fd(&p->out);
	close_fd(&p->err);
}

void mi_process_signal(const struct mi_process *p, int sig)
{
	if (p->pid > 0 && !p->ended)
		kill(-p->pid, sig);
}

ssize_t mi_process_write(const struct mi_process *p, const void *bytes, size_t len)
{
	static const struct timespec now;
	sigset_t pipe_only, old, pending;
	bool was_pending;
	ssize_t n;
	int error;

	/* The signal comes to the writing thread: take it out before it is let in again. */
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE) == 1;
	pthread_sigmask(SIG_BLOCK, &pipe_only, &old);
	n = write(p->in, bytes, len);
	error = errno;
	if (n < 0 && error == EPIPE && !was_pending)
		while (sigtimedwait(&pipe_only, NULL, &now) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	return n;
}

static const char *signal_name(int sig)
{
	switch (sig) {
	case SIGSEGV:
		return " (SIGSEGV)";
	case SIGABRT:
		return " (SIGABRT, an internal error of gdb)";
	case SIGBUS:
		return " (SIGBUS)";
	case SIGINT:
		return " (SIGINT)";
	case SIGTERM:
		return " (SIGTERM)";
	case SIGKILL:
		return " (SIGKILL, which the kernel also sends when memory runs out)";
	}
	return "";
}

void mi_process_fate(const struct mi_process *p, char *text, size_t size)
{
	int sig = WTERMSIG(p->status);

	if (!p->ended)
		snprintf(text, size, "closed its pipes");
	else if (!p->status_known)
		snprintf(text, size, "ended");
	else if (WIFSIGNALED(p->status))
		snprintf(text, size, "was killed by signal %d%s", sig, signal_name(sig));
	else
		snprintf(text, size, "exited with status %d", WEXITSTATUS(p->status));
}
