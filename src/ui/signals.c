// SPDX-License-Identifier: GPL-3.0-or-later
/* Signals: see signals.h. */
#include "ui/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>

/* Lock-free, so a handler may use them. */
static atomic_int pending;
static atomic_int watch_fd = -1;
static void (*_Atomic last_rites)(void);

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

static void die(int signo)
{
	void (*fn)(void) = atomic_load(&last_rites);

	if (fn)
		fn();
	signal(signo, SIG_DFL);
	raise(signo);
}

static void on_signal(int signo)
{
	const uint64_t one = 1;
	int error = errno, fd = atomic_load(&watch_fd), was = 0;
	bool noted = atomic_compare_exchange_strong(&pending, &was, signo);

	/* The end of the program is more than the end of what it does. */
	if (!noted && was == SIGINT && signo != SIGINT)
		noted = atomic_compare_exchange_strong(&pending, &was, signo);
	/* A terminal that goes is told of by the kernel and by the shell: no impatience. */
	if (!noted && signo == SIGHUP && was != SIGINT)
		noted = true;
	/* Unheeded: whatever runs can not be cancelled. */
	if (!noted)
		die(signo);
	else if (fd >= 0)
		(void)!write(fd, &one, sizeof(one));
	errno = error;
}

void signals_watch(int fd, void (*fn)(void))
{
	struct sigaction sa = { .sa_handler = fn ? die : SIG_DFL, .sa_flags = SA_RESETHAND };

	atomic_store(&last_rites, fn);
	atomic_store(&watch_fd, fd);
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < KD_ARRAY_SIZE(faults); i++)
		sigaction(faults[i], &sa, NULL);
}

void signals_install(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	/* No SA_RESTART: a prompt that waits for a line must come back. */
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < KD_ARRAY_SIZE(caught); i++) {
		struct sigaction old;

		/* What nohup or a shell's background job ignores stays ignored. */
		if (!sigaction(caught[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(caught[i], &sa, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

int signals_pending(void)
{
	return atomic_load(&pending);
}

void signals_clear(void)
{
	atomic_store(&pending, 0);
}

void signals_ask(int signo)
{
	int none = 0;

	atomic_compare_exchange_strong(&pending, &none, signo);
}

void signals_forget(int signo)
{
	atomic_compare_exchange_strong(&pending, &signo, 0);
}

void signals_wait(void)
{
	sigset_t block, old;

	sigemptyset(&block);
	for (size_t i = 0; i < KD_ARRAY_SIZE(caught); i++)
		sigaddset(&block, caught[i]);
	/* Blocked while looking, so that none comes between the look and the wait. */
	sigprocmask(SIG_BLOCK, &block, &old);
	while (!atomic_load(&pending))
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void signals_die(int signo)
{
	signal(signo, SIG_DFL);
	raise(signo);
}

void signals_reset_child(void)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(caught); i++)
		signal(caught[i], SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}
