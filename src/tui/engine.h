/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread that opens the dump and runs commands, so that the one at the
 * terminal never waits.
 *
 * Commands come as lines of the prompt and go as documents. There are two lanes,
 * each with a session of its own over the one kernel: the native lane never starts
 * gdb; an answer says whether gdb would add to it, and the same line may then be
 * given to the gdb lane. While that one waits for gdb, native lines are run: the
 * caches of kernel/ belong to one thread, so there is one thread.
 *
 * Every function may be called from the face's thread, and by it alone.
 */
#ifndef KD_TUI_ENGINE_H
#define KD_TUI_ENGINE_H

#include "ui/doc.h"
#include "ui/session.h"

struct engine;

enum lane { LANE_NATIVE, LANE_GDB, LANES };

/* What came of a line; answer_fini() it. */
struct answer {
	uint64_t id;
	enum lane lane;
	struct doc doc; /* what there is of it, on failure too */
	int status;	/* 0, or as ERR */
	struct kd_err err;
	unsigned ms;   /* it took */
	bool gdb_adds; /* the gdb lane would know more */
};

void answer_fini(struct answer *a);

/*
 * Begin to open a dump. OPT's strings are borrowed until engine_close(); its face and
 * later are the engine's own to set. The first answer, id 0, tells what came of it:
 * after a failure there will be no other. KD_NOMEM, KD_IO.
 */
int engine_open(const struct session_options *opt, struct engine **out, struct kd_err *err);

/*
 * Cancel what runs and end the thread, gdb and its folder. A dump that can not be
 * opened nor left (a dead network file system) is left alone with its memory.
 */
void engine_close(struct engine *e);

/* The kernel, once it is open; NULL before. Immutable: any thread may read it. */
const struct kernel *engine_kernel(const struct engine *e);

/* Has it turned out that there will be none? engine_take() then says why. */
bool engine_failed(const struct engine *e);

/* A gdb that was given up, having failed too often, may be tried again. */
void engine_retry(struct engine *e);

/* Have a line run; its id, from 1 on; 0: no memory. */
uint64_t engine_submit(struct engine *e, enum lane lane, const char *line);

/* Readable when engine_take() has something, or when what goes on has changed. */
int engine_fd(const struct engine *e);

/* The next answer; false: none is there. Answers of forgotten lines are none. */
bool engine_take(struct engine *e, struct answer *out);

/*
 * What a lane is doing, in words ("gdb: reading symbols", "searching: 3 of 12"), and for
 * how long; false: nothing. Before the dump is open, the native lane opens it.
 */
bool engine_progress(const struct engine *e, enum lane lane, char *what, size_t size,
		     unsigned *elapsed_ms);

/* Cancel what a lane runs, if anything; its answer is KD_CANCELLED, sooner or later. */
void engine_cancel(struct engine *e, enum lane lane);

/* The answer is not wanted any more: a line that has not begun never will. */
void engine_forget(struct engine *e, uint64_t id);

#endif
