/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A gdb process spoken to over MI: pipes, tokens, time-outs, interruption.
 * Knows no kernel and none of gdb's commands. One thread only.
 *
 * Only the result record with its own token completes a request; a prompt never
 * does. EOF fails what is pending with KD_GDB and how gdb ended.
 */
#ifndef KD_MI_MI_H
#define KD_MI_MI_H

#include <sys/types.h>

#include "mi/record.h"

struct mi;

struct mi_options {
	const char *gdb;	 /* program, NULL: "gdb" from PATH */
	const char *const *args; /* after the fixed ones, NULL-terminated; may be NULL */
	unsigned timeout_ms;	 /* for one request; 0: none (interactive) */
	/*
	 * Called about every 100 ms while a request is awaited, with what mi_call() was told
	 * it is doing and the milliseconds since it began; false cancels it. May be NULL.
	 */
	bool (*tick)(void *data, const char *what, unsigned elapsed_ms);
	void *data;
	FILE *trace;		 /* every line both ways, with a time; NULL: none */
};

/*
 * Start gdb (own process group, LC_ALL=C, stderr caught, stdin EOF ends it) and
 * wait until it answers. KD_GDB: not found (says where it looked and the package),
 * ended at once (with what it said), KD_TIMEOUT.
 */
int mi_open(const struct mi_options *opt, struct mi **out, struct kd_err *err);
/* Close stdin, wait shortly, then kill; NULL is fine. */
void mi_close(struct mi *mi);

/*
 * Send one MI command and wait for its result, pumping the rest. WHAT goes to
 * tick and into error texts ("reading frames of pid 100"). *out (may be NULL) is
 * owned by the caller. ^error is KD_NOTFOUND with gdb's message. KD_CANCELLED
 * after tick said false or mi_cancel() (gdb was interrupted, and answered);
 * KD_TIMEOUT (gdb was interrupted); KD_GDB when gdb is gone, or does not
 * answer its interruption either (it is killed then).
 */
int mi_call(struct mi *mi, const char *what, struct mi_record **out, struct kd_err *err,
	    const char *fmt, ...) KD_PRINTF(5, 6);

/*
 * The same for a CLI command; its console output is collected. *text is owned by
 * the caller, at most MAX bytes (more is cut, with a last line that says so).
 */
int mi_console(struct mi *mi, const char *what, const char *command, size_t max, char **text,
	       struct kd_err *err);

/* Cancel the request in flight; safe from a signal handler. */
void mi_cancel(struct mi *mi);

/* Is gdb still there? */
bool mi_alive(const struct mi *mi);

/* gdb's version, "13.1"; borrowed. */
const char *mi_version(const struct mi *mi);

pid_t mi_pid(const struct mi *mi);

#endif
