// SPDX-License-Identifier: GPL-3.0-or-later
/* Steps of process 1: see step.h. */
#include "second/step.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>

#define LINE 900	 /* bytes; the kernel takes 1024 of a record */
#define WATCHDOG_AFTER 30 /* s: without being fed for so long it bites */
#define ALARM_AFTER 60	 /* s after the deadline */
#define KILL_WAIT 5000	 /* ms: a killed step has to end, or is left behind */

static uint64_t now_ms(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void steps_reboot(void)
{
	int fd;

	reboot(RB_AUTOBOOT);
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	(void)!write(fd, "b", 1);
	/* Without process 1 the kernel panics, and "panic=" restarts it. */
	_exit(1);
}

static void on_alarm(int signo)
{
	static const char text[] = "kdview: process 1 is stuck, rebooting\n";

	(void)signo;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	steps_reboot();
}

void steps_init(struct steps *s, unsigned limit)
{
	struct sigaction sa = { .sa_handler = on_alarm };

	*s = (struct steps){
		.deadline = now_ms() + UINT64_C(1000) * limit,
		.kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK),
		.watchdog = -1,
	};
	sigemptyset(&sa.sa_mask);
	sigaction(SIGALRM, &sa, NULL);
	alarm(limit + ALARM_AFTER);
}

void steps_extend(struct steps *s, unsigned seconds)
{
	s->deadline = now_ms() + UINT64_C(1000) * seconds;
	alarm(seconds + ALARM_AFTER);
}

void steps_forever(struct steps *s)
{
	s->deadline = UINT64_MAX;
	alarm(0);
}

void steps_watchdog(struct steps *s)
{
	int seconds = WATCHDOG_AFTER;

	s->watchdog = open("/dev/watchdog", O_WRONLY | O_CLOEXEC);
	if (s->watchdog < 0)
		return;
	ioctl(s->watchdog, WDIOC_SETTIMEOUT, &seconds);
	steps_say(s, "/dev/watchdog is armed");
}

void steps_say(const struct steps *s, const char *fmt, ...)
{
	char line[LINE];
	int at = snprintf(line, sizeof(line), "<7>kdview: ");
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + at, sizeof(line) - (size_t)at, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", line + 3);
	/* As a message for debugging: the console has the line already. */
	if (s->kmsg >= 0)
		(void)!write(s->kmsg, line, strlen(line));
}

/* Output -------------------------------------------------------------------------------------- */

struct reader {
	int fd;
	bool plain;
	char line[LINE];
	size_t n;
};

static void end_line(const struct steps *s, struct reader *r)
{
	r->line[r->n] = '\0';
	if (r->n)
		steps_say(s, "%s", !strncmp(r->line, "kdview: ", 8) ? r->line + 8 : r->line);
	r->n = 0;
}

/* false: nothing more comes. */
static bool read_output(const struct steps *s, struct reader *r)
{
	char buf[4096];
	ssize_t n = read(r->fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (r->plain)
		(void)!write(STDERR_FILENO, buf, (size_t)n);
	for (ssize_t i = 0; i < n && !r->plain; i++) {
		if (buf[i] == '\n' || r->n == LINE - 100)
			end_line(s, r);
		if (buf[i] != '\n')
			r->line[r->n++] = buf[i];
	}
	return n > 0;
}

/* Steps --------------------------------------------------------------------------------------- */

__attribute__((noreturn)) static void child(int out, int (*fn)(void *data), void *data)
{
	int ret;

	signal(SIGALRM, SIG_DFL);
	/* Not the watchdog: it would look alive. All that is ours closes on exec only. */
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	setvbuf(stdout, NULL, _IOLBF, 0);
	ret = fn(data);
	fflush(stdout);
	_exit(ret);
}

/* Feed the watchdog, and wait a little for output. */
static void breathe(const struct steps *s, struct reader *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };

	if (s->watchdog >= 0 && now_ms() < s->deadline)
		ioctl(s->watchdog, WDIOC_KEEPALIVE, 0);
	if (r->fd < 0) {
		poll(NULL, 0, 50);
	} else if (poll(&p, 1, 200) > 0 && !read_output(s, r)) {
		close(r->fd);
		r->fd = -1;
	}
}

/* Has PID ended? Orphans come to process 1, too. */
static bool has_ended(pid_t pid, int *status)
{
	pid_t got;
	int st;

	while ((got = waitpid(-1, &st, WNOHANG)) > 0) {
		if (got == pid) {
			*status = st;
			return true;
		}
	}
	return false;
}

/* false: it did not end in time, even killed. *killed: it was. */
static bool wait_for(struct steps *s, pid_t pid, uint64_t until, struct reader *r, int *status,
		     bool *killed)
{
	while (!has_ended(pid, status)) {
		breathe(s, r);
		if (now_ms() < until)
			continue;
		if (*killed)
			return false;
		kill(pid, SIGKILL);
		*killed = true;
		until = now_ms() + KILL_WAIT;
	}
	return true;
}

/* What it still had to say; a grandchild may hold the pipe open. */
static void drain(const struct steps *s, struct reader *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };

	for (int i = 0; i < 1000 && r->fd >= 0 && poll(&p, 1, 0) > 0; i++)
		if (!read_output(s, r))
			break;
	end_line(s, r);
}

int steps_run(struct steps *s, const char *what, unsigned seconds, bool plain, int (*fn)(void *data),
	      void *data)
{
	uint64_t until = kd_min(s->deadline, now_ms() + UINT64_C(1000) * seconds);
	struct reader r = { .fd = -1, .plain = plain };
	int fds[2], status = 0;
	bool killed = false, ended;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK)) {
		steps_say(s, "%s: no pipe: %s", what, strerror(errno));
		return STEP_CRASHED;
	}
	/* Only our end must not block. */
	fcntl(fds[1], F_SETFL, 0);
	pid = fork();
	if (!pid)
		child(fds[1], fn, data);
	close(fds[1]);
	r.fd = fds[0];
	if (pid < 0) {
		close(r.fd);
		steps_say(s, "%s: no process: %s", what, strerror(errno));
		return STEP_CRASHED;
	}
	ended = wait_for(s, pid, until, &r, &status, &killed);
	drain(s, &r);
	if (r.fd >= 0)
		close(r.fd);
	if (killed) {
		steps_say(s, "%s: not done in time%s", what, ended ? "" : ", and cannot be ended");
		return STEP_TIMEOUT;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	steps_say(s, "%s: ended by signal %d (%s)", what, WTERMSIG(status),
		  strsignal(WTERMSIG(status)));
	return STEP_CRASHED;
}
