// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "mi/rsp.h"

struct rsp_server {
	struct rsp_target *target; /* owned */
	struct rsp_docs docs;	   /* of the thread */
	FILE *trace;
	char *folder; /* owned: made by us; NULL: the caller named a path */
	char *path;   /* owned; NULL: there is no socket yet */
	int listener; /* -1: none */
	int stop;     /* eventfd: readable once the thread is to end */
	pthread_t thread;
};

/* One connection: where its bytes come from and go to, and what else to look at. */
struct connection {
	struct rsp_session *session;
	int in, out;
	int stop;     /* -1: none */
	int listener; /* others who want in are sent away; -1: none */
	struct rsp_buf answer;
};

/* Room for one answer with its escapes, twice: no packet sent needs more. */
#define ANSWER_MAX ((size_t)4 * RSP_PACKET_SIZE)

static void refuse_caller(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		close(fd);
}

/* Wait until FD is ready; 1, 0: told to stop, or KD_IO. */
static int wait_ready(const struct connection *c, int fd, short events, struct kd_err *err)
{
	for (;;) {
		struct pollfd p[] = {
			{ .fd = fd, .events = events },
			{ .fd = c->stop, .events = POLLIN },
			{ .fd = c->listener, .events = POLLIN },
		};

		if (poll(p, KD_ARRAY_SIZE(p), -1) < 0) {
			if (errno == EINTR)
				continue;
			return kd_fail(err, KD_IO, "gdb connection: %s", strerror(errno));
		}
		if (p[1].revents)
			return 0;
		/* First, so that who comes right after a client that left is let in. */
		if (p[0].revents)
			return 1;
		if (p[2].revents)
			refuse_caller(c->listener);
	}
}

/* 1: all is sent; 0: told to stop, or the client is gone. */
static int send_answer(struct connection *c, struct kd_err *err)
{
	size_t sent = 0;

	while (sent < c->answer.len) {
		ssize_t n = write(c->out, c->answer.data + sent, c->answer.len - sent);

		if (n >= 0) {
			sent += (size_t)n;
		} else if (errno == EAGAIN) {
			int ret = wait_ready(c, c->out, POLLOUT, err);

			if (ret <= 0)
				return ret;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return 0;
		} else if (errno != EINTR) {
			return kd_fail(err, KD_IO, "gdb connection: write: %s", strerror(errno));
		}
	}
	return 1;
}

/* Answer LEN bytes; 1: go on, 0: the connection is over. */
static int take_input(struct connection *c, const char *data, size_t len, struct kd_err *err)
{
	while (len) {
		size_t used;
		int ret;

		rsp_buf_reset(&c->answer);
		used = rsp_session_input(c->session, data, len, &c->answer);
		if (c->answer.failed)
			return kd_nomem(err);
		ret = send_answer(c, err);
		if (ret <= 0)
			return ret;
		if (rsp_session_over(c->session))
			return 0;
		data += used;
		len -= used;
	}
	return 1;
}

static int serve_loop(struct connection *c, struct kd_err *err)
{
	char data[8192];

	for (;;) {
		int ret = wait_ready(c, c->in, POLLIN, err);
		ssize_t n;

		if (ret <= 0)
			return ret;
		n = read(c->in, data, sizeof(data));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return 0;
		if (n < 0)
			return kd_fail(err, KD_IO, "gdb connection: read: %s", strerror(errno));
		ret = take_input(c, data, (size_t)n, err);
		if (ret <= 0)
			return ret;
	}
}

/*
 * A client that goes away while it is answered costs EPIPE, not the process:
 * SIGPIPE is held back in this thread alone and taken away again.
 */
static int serve_without_sigpipe(struct connection *c, struct kd_err *err)
{
	const struct timespec at_once = { 0 };
	sigset_t pipe_set, before, pending;
	bool was_pending;
	int ret;

	sigemptyset(&pipe_set);
	sigaddset(&pipe_set, SIGPIPE);
	sigemptyset(&pending);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE) == 1;
	pthread_sigmask(SIG_BLOCK, &pipe_set, &before);
	ret = serve_loop(c, err);
	if (!was_pending)
		while (sigtimedwait(&pipe_set, NULL, &at_once) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

static int serve(struct connection *c, const struct rsp_target *target, struct rsp_docs *docs,
		 FILE *trace, struct kd_err *err)
{
	int ret = rsp_session_new(target, docs, trace, &c->session, err);

	if (ret)
		return ret;
	c->answer = RSP_BUF_INIT(ANSWER_MAX);
	ret = serve_without_sigpipe(c, err);
	rsp_buf_fini(&c->answer);
	rsp_session_free(c->session);
	return ret < 0 ? ret : 0;
}

int rsp_serve_target(const struct rsp_target *target, int in, int out, FILE *trace,
		     struct kd_err *err)
{
	struct connection c = { .in = in, .out = out, .stop = -1, .listener = -1 };
	struct rsp_docs docs;
	int ret;

	rsp_docs_init(&docs);
	ret = serve(&c, target, &docs, trace, err);
	rsp_docs_fini(&docs);
	return ret;
}

int rsp_serve(const struct kernel *k, int in, int out, FILE *trace, struct kd_err *err)
{
	_cleanup_(rsp_target_freep) struct rsp_target *target = NULL;
	int ret = rsp_kernel_new(k, &target, err);

	return ret ? ret : rsp_serve_target(target, in, out, trace, err);
}

/* The socket's mode keeps others out already, but not where a file system ignores it. */
static bool caller_is_welcome(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || len != sizeof(peer))
		return false;
	return peer.uid == 0 || peer.uid == geteuid();
}

static void serve_caller(struct rsp_server *s)
{
	_cleanup_(closep) int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct connection c = { .in = fd, .out = fd, .stop = s->stop, .listener = s->listener };
	struct kd_err err = KD_ERR_INIT;

	if (fd < 0) {
		/* Out of descriptors, say: the caller is still there, so take a breath. */
		poll(&(struct pollfd){ .fd = s->stop, .events = POLLIN }, 1, 100);
		return;
	}
	if (!caller_is_welcome(fd))
		return;
	if (serve(&c, s->target, &s->docs, s->trace, &err) && s->trace)
		fprintf(s->trace, "rsp: %s\n", err.text);
}

static void *server_thread(void *data)
{
	struct rsp_server *s = data;

	/* While gdb starts and reads its symbols, which takes longer. */
	rsp_docs_fill(&s->docs, s->target);
	for (;;) {
		struct pollfd p[] = {
			{ .fd = s->stop, .events = POLLIN },
			{ .fd = s->listener, .events = POLLIN },
		};

		if (poll(p, KD_ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			break;
		if (p[1].revents)
			serve_caller(s);
	}
	return NULL;
}

/* A folder that only this user can look into. */
static int make_folder(struct rsp_server *s, struct kd_err *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *roots[] = { runtime && runtime[0] == '/' ? runtime : NULL, "/tmp" };

	for (size_t i = 0; i < KD_ARRAY_SIZE(roots); i++) {
		if (!roots[i])
			continue;
		if (asprintf(&s->folder, "%s/kdview-XXXXXX", roots[i]) < 0) {
			s->folder = NULL;
			return kd_nomem(err);
		}
		if (mkdtemp(s->folder))
			return 0;
		free(s->folder);
		s->folder = NULL;
	}
	return kd_fail(err, KD_IO, "no folder for a socket in /tmp: %s", strerror(errno));
}

/* The socket's address, owned by the caller; NULL: out of memory. */
static char *choose_path(const struct rsp_server *s, const char *path)
{
	char *wanted;

	if (path)
		return strdup(path);
	return asprintf(&wanted, "%s/gdb", s->folder) < 0 ? NULL : wanted;
}

static int make_listener(struct rsp_server *s, const char *path, struct kd_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return kd_fail(err, KD_IO, "%s: longer than the %zu bytes a socket's path may have",
			       path, sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path));
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0)
		return kd_fail(err, KD_IO, "socket: %s", strerror(errno));
	/* Linux makes the file with the mode the socket has, so it is never open to others. */
	if (fchmod(s->listener, 0600) || bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)))
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	s->path = strdup(path);
	if (!s->path) {
		unlink(path);
		return kd_nomem(err);
	}
	if (listen(s->listener, 4))
		return kd_fail(err, KD_IO, "%s: listen: %s", path, strerror(errno));
	return 0;
}

/* Signals are the business of the program's other threads. */
static int start_thread(struct rsp_server *s, struct kd_err *err)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&s->thread, NULL, server_thread, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret)
		return kd_fail(err, KD_IO, "thread: %s", strerror(ret));
	return 0;
}

static void server_free(struct rsp_server *s)
{
	if (s->listener >= 0)
		close(s->listener);
	if (s->stop >= 0)
		close(s->stop);
	if (s->path)
		unlink(s->path);
	if (s->folder)
		rmdir(s->folder);
	rsp_docs_fini(&s->docs);
	rsp_target_free(s->target);
	free(s->path);
	free(s->folder);
	free(s);
}

int rsp_server_start_target(struct rsp_target *target, const char *path, FILE *trace,
			    struct rsp_server **out, struct kd_err *err)
{
	_cleanup_(freep) char *wanted = NULL;
	struct rsp_server *s = calloc(1, sizeof(*s));
	int ret;

	*out = NULL;
	if (!s) {
		rsp_target_free(target);
		return kd_nomem(err);
	}
	*s = (struct rsp_server){ .target = target, .trace = trace, .listener = -1 };
	rsp_docs_init(&s->docs);
	s->stop = eventfd(0, EFD_CLOEXEC);
	ret = s->stop < 0 ? kd_fail(err, KD_IO, "eventfd: %s", strerror(errno)) : 0;
	if (!ret && !path)
		ret = make_folder(s, err);
	if (!ret) {
		wanted = choose_path(s, path);
		ret = wanted ? make_listener(s, wanted, err) : kd_nomem(err);
	}
	if (!ret)
		ret = start_thread(s, err);
	if (ret) {
		server_free(s);
		return ret;
	}
	*out = s;
	return 0;
}

int rsp_server_start(const struct kernel *k, const char *path, FILE *trace, struct rsp_server **out,
		     struct kd_err *err)
{
	struct rsp_target *target;
	int ret = rsp_kernel_new(k, &target, err);

	*out = NULL;
	return ret ? ret : rsp_server_start_target(target, path, trace, out, err);
}

const char *rsp_server_path(const struct rsp_server *s)
{
	return s->path;
}

void rsp_server_stop(struct rsp_server *s)
{
	const uint64_t one = 1;

	if (!s)
		return;
	while (write(s->stop, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_join(s->thread, NULL);
	server_free(s);
}
