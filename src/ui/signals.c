// SPDX-License-Identifier: GPL-3.0-or-later
/* Signals: see signals.h. */
#include "ui/signals.h"

#include <signal.h>

static volatile sig_atomic_t pending;

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };

static void on_signal(int signo)
{
	if (pending) {
		/* Unheeded: whatever runs can not be cancelled. */
		signal(signo, SIG_DFL);
		raise(signo);
		return;
	}
	pending = signo;
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
	return pending;
}

void signals_clear(void)
{
	pending = 0;
}

void signals_wait(void)
{
	sigset_t block, old;

	sigemptyset(&block);
	for (size_t i = 0; i < KD_ARRAY_SIZE(caught); i++)
		sigaddset(&block, caught[i]);
	/* Blocked while looking, so that none comes between the look and the wait. */
	sigprocmask(SIG_BLOCK, &block, &old);
	while (!pending)
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
