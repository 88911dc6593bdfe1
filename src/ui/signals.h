/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals that ask the program to stop what it does: SIGINT, SIGTERM, SIGHUP.
 * The first one is noted, for those who wait to look at; a second one that finds
 * the first still unheeded ends the program as usual.
 */
#ifndef KD_UI_SIGNALS_H
#define KD_UI_SIGNALS_H

#include "core/base.h"

/* Catch them; ignore SIGPIPE, so that a closed pipe is a write error. */
void signals_install(void);
/* The signal that came, or 0. */
int signals_pending(void);
/* Forget it. */
void signals_clear(void);
/* Note a signal as if it had come, unless one is noted; forget one if it is this. Any thread. */
void signals_ask(int signo);
void signals_forget(int signo);
/*
 * From now on (FD < 0: no more) an eventfd is written to when a signal comes, and FN is
 * called before a second one, or a fault of the program itself, ends it: to give the
 * terminal back. Async-signal-safe things only.
 */
void signals_watch(int fd, void (*fn)(void));
/* Wait for one. */
void signals_wait(void);
/* End by this signal as if it had never been caught; returns only if that fails. */
void signals_die(int signo);
/* For a child: everything as at program start. Async-signal-safe. */
void signals_reset_child(void);

#endif
