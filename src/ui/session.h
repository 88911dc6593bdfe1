/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session: one opened kernel, the options given, and gdb, which is started at
 * the first question only it can answer and again after it died. One thread only.
 */
#ifndef KD_UI_SESSION_H
#define KD_UI_SESSION_H

#include "kernel/kernel.h"
#include "kernel/stack.h"

struct gdb;

#define SESSION_GDB_TIMEOUT 120 /* seconds, where nobody can press ^C */

struct session_options {
	const char *dump_path;
	const char *const *more_dumps; /* further parts of a split dump; NULL-terminated, may be NULL */
	bool raw;		       /* see struct kernel_options */
	uint64_t elfcorehdr;
	const char *vmlinux_path;      /* NULL: search */
	const char *const *debug_dirs; /* NULL-terminated; NULL: none */
	bool force;
	const char *gdb;	 /* program; NULL: "gdb" */
	const char *trace_path;	 /* for MI and RSP traffic; NULL: none */
	unsigned gdb_timeout_ms; /* for one answer; 0: none */
};

struct session {
	struct session_options opt;
	struct kernel *k;
	const struct task *task; /* the current one: the panic task at first; NULL: none */
	struct gdb *gdb;	 /* NULL: not running; use the functions below */
	FILE *trace;
	bool show_progress; /* stderr is a terminal */
	bool progress_shown;
	int progress_width;   /* columns */
	bool warned;	      /* gdb's shortcomings were told */
	bool counting;	      /* the line shown is session_count()'s */
	unsigned progress_ms; /* when it was last written */
};

/* Open the dump. Strings of OPT are borrowed. Errors: kernel_open()'s; KD_IO: trace file. */
int session_open(const struct session_options *opt, struct session **out, struct kd_err *err);
void session_close(struct session *s);
void session_closep(struct session **s);

/* Questions to gdb; contracts as in mi/gdb.h, gdb is started first where needed. */
int session_stack(struct session *s, const struct task *t, unsigned flags, struct stack *out,
		  struct kd_err *err);
int session_evaluate(struct session *s, const struct task *t, const char *expr, char **text,
		     struct kd_err *err);
int session_gdb_command(struct session *s, const struct task *t, const char *line, char **text,
			struct kd_err *err);
/* gdb's own prompt on the terminal; its exit code, or a negative status. */
int session_gdb_interactive(struct session *s, const char *const *args, struct kd_err *err);

/* A line on the terminal about what is going on, at most twice a second; it is wiped later. */
void session_progress(struct session *s, unsigned ms, const char *fmt, ...) KD_PRINTF(3, 4);
/* "WHAT: DONE of TOTAL" where answers do not go to the terminal themselves. */
void session_count(struct session *s, unsigned ms, const char *what, size_t done, size_t total);
void session_progress_end(struct session *s);

/* Did the user ask to stop? KD_CANCELLED, or 0. */
int session_cancelled(struct kd_err *err);

#endif
