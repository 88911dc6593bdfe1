/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gdb engine: typed questions to a stock gdb that sees the crashed kernel
 * through kdview's own server. One thread only.
 */
#ifndef KD_MI_GDB_H
#define KD_MI_GDB_H

#include <stdatomic.h>

#include "kernel/kernel.h"
#include "kernel/stack.h"

struct gdb;

struct gdb_options {
	const char *program;   /* NULL: "gdb" */
	unsigned timeout_ms;   /* for one answer; 0: none */
	/* See struct mi_options. */
	bool (*tick)(void *data, const char *what, unsigned elapsed_ms);
	void *data;
	int wake_fd;
	const atomic_bool *hurry;
	FILE *trace; /* MI and RSP traffic; NULL: none */
};

/*
 * Start the server and gdb, load the companion, vmlinux and module symbols; make
 * gdb's index of this vmlinux first if the user's cache folder has none yet.
 * K is borrowed. Errors: KD_GDB, KD_TIMEOUT, KD_CANCELLED, KD_IO.
 */
int gdb_open(const struct kernel *k, const struct gdb_options *opt, struct gdb **out,
	     struct kd_err *err);
void gdb_close(struct gdb *g);

/* Is gdb still there? After KD_GDB it is not: close and open again. */
bool gdb_alive(const struct gdb *g);

/* What could not be set up, as a sentence (no companion: stacks end early); NULL: nothing. */
const char *gdb_warning(const struct gdb *g);

/* Cancel the question in flight; safe from a signal handler. */
void gdb_cancel(struct gdb *g);

enum gdb_stack_flags {
	GDB_ARGS = 1,	/* arguments with their values */
	GDB_LOCALS = 2, /* locals too */
};

/* Frames beyond this are no kernel stack any more, but an unwinder gone astray. */
#define GDB_STACK_LIMIT 200

/*
 * Why a stack ends that goes on at lower addresses, on another stack: gdb takes that for
 * damage.
 */
#define GDB_STOP_DOWNWARD "gdb follows no stack to another one at lower addresses"

/* The stack of a task. What could be had is in *out even on failure. */
int gdb_stack(struct gdb *g, const struct task *t, unsigned flags, struct stack *out,
	      struct kd_err *err);

/*
 * The registers of a frame as gdb restores them; LEVEL is a struct frame's gdb_level. Those it
 * cannot are not known. Errors as gdb_stack().
 */
int gdb_frame_regs(struct gdb *g, const struct task *t, unsigned level, struct regs *out,
		   struct kd_err *err);

/*
 * Evaluate a C expression in the innermost frame of T (NULL: the panic task).
 * *text is owned by the caller. KD_NOTFOUND with gdb's words when it makes no
 * sense.
 */
int gdb_evaluate(struct gdb *g, const struct task *t, const char *expr, char **text,
		 struct kd_err *err);

/* Run a gdb command line and return what it prints; owned by the caller. */
int gdb_command(struct gdb *g, const struct task *t, const char *line, char **text,
		struct kd_err *err);

/*
 * What any gdb needs to see the kernel, in a private folder: the companion, the
 * server's socket, and a script of the commands that set it up (all but the
 * connection itself), for `gdb -x`.
 */
struct gdb_kit;

int gdb_kit_new(const struct kernel *k, const char *socket_path, FILE *trace,
		struct gdb_kit **out, struct kd_err *err);
/* Stops the server and removes the folder; NULL is fine. */
void gdb_kit_free(struct gdb_kit *kit);
void gdb_kit_freep(struct gdb_kit **kit);
const char *gdb_kit_script(const struct gdb_kit *kit);
const char *gdb_kit_socket(const struct gdb_kit *kit);
/* See gdb_warning(). */
const char *gdb_kit_warning(const struct gdb_kit *kit);
/* The I-th setup command ("add-symbol-file ..."), borrowed; NULL past the end. */
const char *gdb_kit_command(const struct gdb_kit *kit, size_t i);

/*
 * An ordinary gdb on the terminal with everything set up: returns gdb's exit
 * code, or a negative status. ARGS go to gdb as they are, NULL-terminated.
 */
int gdb_interactive(const struct kernel *k, const struct gdb_options *opt,
		    const char *const *args, struct kd_err *err);

#endif
