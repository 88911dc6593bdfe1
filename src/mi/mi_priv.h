/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of struct mi: mi.c asks and waits, pump.c moves the bytes. */
#ifndef KD_MI_MI_PRIV_H
#define KD_MI_MI_PRIV_H

#include "mi/linebuf.h"
#include "mi/mi.h"
#include "mi/output.h"
#include "mi/process.h"

enum mi_call_state {
	CALL_PENDING,
	CALL_ANSWERED,
	CALL_LOST,     /* a later request was answered */
	CALL_GARBLED,  /* its result is no MI */
	CALL_OVERLONG, /* its result is over the line limit */
	CALL_NOMEM,
};

/* The request in flight. */
struct mi_call {
	uint64_t token;
	const char *what;
	uint64_t began; /* mi_now() */
	enum mi_call_state state;
	struct mi_record *answer;
	struct mi_output *output; /* NULL: printed text is not wanted */
};

struct mi {
	struct mi_process process;
	bool alive;	/* false: fate says why */
	bool starting;	/* not answered yet: not to be interrupted but killed */
	bool broken;	/* nothing can be written any more */
	char fate[768]; /* "gdb was killed by signal 11 while ..." */
	char version[32];
	struct mi_linebuf lines, stderr_lines;
	char *queue; /* bytes for gdb */
	size_t queue_len, queue_done;
	struct mi_call *call; /* NULL: none */
	uint64_t next_token;
	char words[512]; /* the last that gdb said outside of records */
	size_t words_len;
	atomic_bool cancelled;
	int wake; /* eventfd that ends a poll() */
	uint64_t opened, next_tick;
	unsigned timeout_ms, grace_ms;
	bool (*tick)(void *data, const char *what, unsigned elapsed_ms);
	void *data;
	int wake_fd; /* the caller's */
	const atomic_bool *hurry;
	FILE *trace;
};

/* Queue "TOKEN COMMAND\n" for gdb and write what fits. KD_NOMEM. */
int mi_send(struct mi *mi, uint64_t token, const char *command, struct kd_err *err);

/*
 * Wait at most MS milliseconds for something to happen and let it: bytes to and from
 * gdb, results into mi->call, its end into mi->fate. True: something was read.
 */
bool mi_pump(struct mi *mi, int ms);

/* gdb is to go: kill it and let FATE be the reason. */
void mi_give_up(struct mi *mi, const char *fate);

void mi_trace(struct mi *mi, char direction, const char *text, size_t len);

#endif
