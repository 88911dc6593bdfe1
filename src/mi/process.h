/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gdb process behind struct mi: three pipes and a process id. It leads a
 * session of its own, so that neither ^C nor ^Z on our terminal reaches it, and
 * what it starts can not stop on reading that terminal. One thread only.
 */
#ifndef KD_MI_PROCESS_H
#define KD_MI_PROCESS_H

#include <sys/types.h>

#include "core/err.h"

struct mi_process {
	pid_t pid;	  /* and its process group; 0: none */
	int in, out, err; /* our ends, non-blocking; -1: closed */
	bool ended;	  /* and has been waited for */
	bool status_known;
	int status; /* of waitpid() */
};

#define MI_PROCESS_INIT ((struct mi_process){ .in = -1, .out = -1, .err = -1 })

/*
 * Start ARGV[0], looked for in PATH, in an English locale and without a terminal.
 * KD_GDB: not found (says where it looked), KD_IO, KD_NOMEM.
 */
int mi_process_start(struct mi_process *p, const char *const *argv, struct kd_err *err);

/* Close its stdin, give it MS milliseconds to end, kill it; close everything. */
void mi_process_stop(struct mi_process *p, unsigned ms);

/* Has it ended by now? Never blocks. */
bool mi_process_ended(struct mi_process *p);
/* Wait at most MS milliseconds for that, reading its output away. */
bool mi_process_wait(struct mi_process *p, unsigned ms);

/* To it and the commands it runs; nothing once it has ended. */
void mi_process_signal(const struct mi_process *p, int sig);

/* Write without SIGPIPE: as write(), EPIPE included. */
ssize_t mi_process_write(const struct mi_process *p, const void *bytes, size_t len);

/* "was killed by signal 11 (SIGSEGV)", "exited with status 1". */
void mi_process_fate(const struct mi_process *p, char *text, size_t size);

/* Milliseconds of the monotonic clock. */
uint64_t mi_now(void);

#endif
