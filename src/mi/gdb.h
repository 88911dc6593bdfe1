/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gdb engine: typed questions to a stock gdb that sees the crashed kernel
 * through kdview's own server. One thread only.
 */
#ifndef KD_MI_GDB_H
#define KD_MI_GDB_H

#include "kernel/kernel.h"
#include "kernel/stack.h"

struct gdb;

struct gdb_options {
	const char *program;  /* NULL: "gdb" */
	unsigned timeout_ms;  /* for one answer; 0: none */
	const char *cache_dir; /* for the symbol index; NULL: the user's cache folder */
	/* See struct mi_options. */
	bool (*tick)(void *data, const char *what, unsigned elapsed_ms);
	void *data;
	FILE *trace; /* MI and RSP traffic; NULL: none */
};

/*
 * Start the server and gdb, load the companion, vmlinux and module symbols.
 * K is borrowed. Errors: KD_GDB, KD_TIMEOUT, KD_CANCELLED, KD_IO.
 */
int gdb_open(const struct kernel *k, const struct gdb_options *opt, struct gdb **out,
	     struct kd_err *err);
void gdb_close(struct gdb *g);

enum gdb_stack_flags {
	GDB_ARGS = 1,	/* arguments with their values */
	GDB_LOCALS = 2, /* locals too */
};

/* The stack of a task. What could be had is in *out even on failure. */
int gdb_stack(struct gdb *g, const struct task *t, unsigned flags, struct stack *out,
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
 * An ordinary gdb on the terminal with everything set up: returns gdb's exit
 * code, or a negative status. ARGS go to gdb as they are, NULL-terminated.
 */
int gdb_interactive(const struct kernel *k, const struct gdb_options *opt,
		    const char *const *args, struct kd_err *err);

#endif
