/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A gdb process spoken to over MI: pipes, tokens, time-outs, interruption.
 * Knows no kernel and hardly any of gdb's commands. One thread only.
 *
 * Only the result record with its own token completes a request; a prompt never
 * does. A result with a later token fails it. EOF fails what is pending with
 * KD_GDB and how gdb ended. Output that no request waits for belongs to nobody.
 *
 * An interruption is SIGINT, repeated until the request's result arrives, and a
 * sentinel request behind it that takes what the last SIGINT may have left over
 * (gdb does not heed SIGINT while it reads symbols: "Quit" then comes afterwards).
 */
#ifndef KD_MI_MI_H
#define KD_MI_MI_H

#include <stdatomic.h>
#include <sys/types.h>

#include "mi/record.h"

struct mi;

struct mi_options {
	const char *gdb;	 /* program, NULL: "gdb" from PATH */
	const char *const *args; /* after the fixed ones, NULL-terminated; may be NULL */
	unsigned timeout_ms;	 /* for one request; 0: none (interactive) */
	unsigned grace_ms;	 /* for an interruption to be answered; 0: 5 seconds */
	size_t line_max;	 /* bytes of a line; 0: 64 MiB */
	/*
	 * Called about every 100 ms while a request is awaited, with what mi_call() was told
	 * it is doing and the milliseconds since it began; false cancels it. Many short
	 * requests in a row call it as often, then before one of them is sent. It must not
	 * use the struct mi but for mi_cancel(). May be NULL.
	 */
	bool (*tick)(void *data, const char *what, unsigned elapsed_ms);
	void *data;
	int wake_fd; /* readable: tick is called at once, and has to read it; 0: none */
	/* Set by any thread: what is cancelled costs gdb its life, not us the waiting; NULL: never. */
	const atomic_bool *hurry;
	/*
	 * Every line both ways; NULL: none. "SECONDS C TEXT" with C: > to gdb, < from gdb,
	 * ! from its stderr, # a remark (signals sent, its end). tests/mi/ replays such files.
	 */
	FILE *trace;
};

/*
 * Start gdb (session of its own, LC_ALL=C, no init files, stderr caught, stdin EOF
 * ends it) and wait until it answers, one minute if there is no time-out. OPT and
 * its strings are needed only during the call. KD_GDB: not found (says where it
 * looked and the package), ended at once (with what it said); KD_TIMEOUT, KD_CANCELLED.
 */
int mi_open(const struct mi_options *opt, struct mi **out, struct kd_err *err);
/* Close stdin, wait shortly, then kill; NULL is fine. */
void mi_close(struct mi *mi);

/*
 * Send one MI command ("-...", one line) and wait for its result, pumping the rest.
 * WHAT goes to tick and into error texts ("reading frames of pid 100"). *out (may
 * be NULL) is owned by the caller, NULL on failure.
 *
 * KD_NOTFOUND: ^error, with gdb's message. KD_UNSUPPORTED: this gdb does not know
 * the command, or its answer is over the line limit. KD_CORRUPT: the answer is no
 * MI or got lost; gdb can be asked further. KD_USAGE: not one MI command.
 * KD_CANCELLED: after tick said false or mi_cancel(), whatever was answered (gdb was
 * interrupted, and answered), or somebody else interrupted gdb. KD_TIMEOUT: gdb was
 * interrupted and gave up; a complete answer that came all the same is success.
 * KD_GDB: gdb is gone, or did not answer its interruption either (it is killed then).
 */
int mi_call(struct mi *mi, const char *what, struct mi_record **out, struct kd_err *err,
	    const char *fmt, ...) KD_PRINTF(5, 6);

/*
 * The same for a CLI command; what it prints is collected, warnings and the output of
 * shell commands included. *text is owned by the caller, at most MAX bytes (more is
 * cut, with a last line that says so); it is set on failure too, to what was printed
 * before, without the error message itself (NULL: nothing). NUL bytes become "\000".
 */
int mi_console(struct mi *mi, const char *what, const char *command, size_t max, char **text,
	       struct kd_err *err);

/* Cancel the request in flight, if any; safe from a signal handler and another thread. */
void mi_cancel(struct mi *mi);

/* Is gdb still there? */
bool mi_alive(const struct mi *mi);

/* gdb's version, "13.1"; borrowed. */
const char *mi_version(const struct mi *mi);

pid_t mi_pid(const struct mi *mi);

#endif
