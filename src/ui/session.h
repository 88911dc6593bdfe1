/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session: one opened kernel, the options given, and two engines: gdb, which is
 * started at the first question only it can answer and again after it died, and the
 * unwinder of our own. One thread only.
 */
#ifndef KD_UI_SESSION_H
#define KD_UI_SESSION_H

#include <stdatomic.h>

#include "kernel/kernel.h"
#include "kernel/stack.h"

struct gdb;
struct expr_scope;
struct unwinder;
struct variables;
struct user;

enum session_engine {
	ENGINE_AUTO,   /* gdb where it has something to add and is there, else native */
	ENGINE_NATIVE, /* gdb is never started */
	ENGINE_GDB,
};

/* A face that is told what goes on instead of finding it on stderr. In the session's thread. */
struct session_face {
	void *data;
	/* Opening the dump begins WHAT; false stops it. */
	bool (*step)(void *data, const char *what);
	/* gdb is awaited: see struct mi_options. False cancels. */
	bool (*tick)(void *data, const char *what, unsigned elapsed_ms);
	/* A command says how far it is. */
	void (*progress)(void *data, const char *text);
	int wake_fd;		  /* see struct mi_options */
	const atomic_bool *hurry; /* see struct mi_options */
};

/* What is ENGINE_NATIVE to do where gdb would know more? */
enum session_later {
	LATER_NEVER,  /* the user wants no gdb: what only it can answer fails */
	LATER_ADDS,   /* a second session asks it: leave out what it adds, and note that */
	LATER_FRAMES, /* the same, and gdb's frames are wanted where ours would do */
};

#define SESSION_GDB_TIMEOUT 120 /* seconds, where nobody can press ^C */

struct session_options {
	const char *dump_path;
	const char *const *more_dumps; /* further parts of a split dump; NULL-terminated, may be NULL */
	bool raw;		       /* see struct kernel_options */
	uint64_t elfcorehdr;
	bool has_vmcoreinfo;	       /* the same */
	uint64_t vmcoreinfo;
	const char *vmlinux_path;      /* NULL: search */
	const char *const *debug_dirs; /* NULL-terminated; NULL: none */
	const char *const *source_dirs; /* NULL-terminated; NULL: the current one */
	bool force;
	enum session_engine engine;
	enum session_later later;
	const char *gdb;	 /* program; NULL: "gdb" */
	const char *trace_path;	 /* for MI and RSP traffic; NULL: none */
	const char *log_path;	 /* for lines and their answers; NULL: none */
	unsigned gdb_timeout_ms; /* for one answer; 0: none */
	const struct session_face *face; /* borrowed while the session lives; NULL: stderr */
};

struct session {
	struct session_options opt;
	struct kernel *k;
	struct user *user;	 /* what the user brought along */
	bool borrowed;		 /* K and USER are another session's */
	const struct task *task; /* the current one: the panic task at first; NULL: none */
	struct gdb *gdb;	 /* NULL: not running; use the functions below */
	struct unwinder *unwinder; /* NULL: not opened yet */
	struct variables *variables; /* the same; see session_scope() */
	unsigned gdb_failures;	   /* times running; ENGINE_AUTO goes on without it */
	struct kd_err gdb_why;	   /* the first one, which was told */
	bool gdb_adds;		   /* noted by LATER_...; whoever looks at it clears it */
	FILE *trace;
	bool show_progress; /* stderr is a terminal */
	bool progress_shown;
	int progress_width;   /* columns */
	bool warned;	      /* gdb's shortcomings were told */
	bool unwinder_warned; /* and those of the native engine */
	bool counting;	      /* the line shown is session_count()'s */
	unsigned progress_ms; /* when it was last written */
	uint64_t begun;	      /* opening it, by clock_ms() */
};

/* Open the dump. Strings of OPT are borrowed. Errors: kernel_open()'s; KD_IO: trace file. */
int session_open(const struct session_options *opt, struct session **out, struct kd_err *err);
/* A second one over the kernel of FIRST, which has to outlive it; options of opening are not used. */
int session_second(const struct session *first, const struct session_options *opt,
		   struct session **out, struct kd_err *err);
void session_close(struct session *s);
void session_closep(struct session **s);

/*
 * A stack by the engine chosen; FLAGS are gdb_stack_flags, which the native engine has
 * no answer to. Contracts as in mi/gdb.h and kernel/unwind.h. When ENGINE_AUTO has to
 * do without gdb that is told once, and a failure only where GDB_LOCALS was asked for;
 * the frames are in *out all the same.
 */
int session_stack(struct session *s, const struct task *t, unsigned flags, struct stack *out,
		  struct kd_err *err);

/* Forget that gdb failed: ENGINE_AUTO gives it another chance. */
void session_retry(struct session *s);

/* Will a question with these flags be answered natively, and in full (or gdb adds to it later)? */
bool session_is_native(struct session *s, unsigned flags);

/*
 * The native engine, opened at the first call; *out is borrowed. What stacks will lack is told,
 * once; not to whom wants no lines of them.
 */
int session_unwinder(struct session *s, struct unwinder **out, struct kd_err *err);
int session_unwinder_quiet(struct session *s, struct unwinder **out, struct kd_err *err);

/*
 * What native expressions are about (kernel/expr.h); CPU may be NULL. *out is borrowed.
 * KD_NOMEM only.
 */
int session_scope(struct session *s, const struct cpu *cpu, struct expr_scope *out,
		  struct kd_err *err);

/* Questions to gdb; contracts as in mi/gdb.h, gdb is started first where needed. */
int session_gdb_stack(struct session *s, const struct task *t, unsigned flags, struct stack *out,
		      struct kd_err *err);
int session_frame_regs(struct session *s, const struct task *t, unsigned level, struct regs *out,
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
