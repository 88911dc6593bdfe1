// SPDX-License-Identifier: GPL-3.0-or-later
/* Sessions: see session.h. */
#include "ui/session.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "kernel/expr.h"
#include "kernel/unwind.h"
#include "kernel/variables.h"
#include "mi/gdb.h"
#include "ui/output.h"
#include "ui/parts.h"
#include "ui/signals.h"
#include "ui/user.h"

#define PROGRESS_FIRST 400 /* ms before anything is said */
#define PROGRESS_STEP 500

void session_progress(struct session *s, unsigned ms, const char *fmt, ...)
{
	const struct session_face *face = s->opt.face;
	char line[80];
	va_list ap;

	if (!s->show_progress)
		return;
	if (ms < PROGRESS_FIRST ||
	    (s->progress_shown && ms >= s->progress_ms && ms < s->progress_ms + PROGRESS_STEP))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (face) {
		face->progress(face->data, line);
		return;
	}
	/* Padded rather than erased by an escape sequence: any terminal can do that. */
	fprintf(stderr, "\r%-*.*s", s->progress_width, s->progress_width, line);
	s->progress_shown = true;
	s->progress_ms = ms;
}

void session_count(struct session *s, unsigned ms, const char *what, size_t done, size_t total)
{
	/* On the terminal the answers themselves show how far it is. */
	if (!s->opt.face && isatty(STDOUT_FILENO))
		return;
	session_progress(s, ms, "%s: %zu of %zu, ^C cancels", what, done, total);
	s->counting = s->progress_shown;
}

void session_progress_end(struct session *s)
{
	if (s->progress_shown)
		fprintf(stderr, "\r%*s\r", s->progress_width, "");
	s->progress_shown = s->counting = false;
	s->progress_ms = 0;
}

static bool on_tick(void *data, const char *what, unsigned elapsed_ms)
{
	struct session *s = data;
	const struct session_face *face = s->opt.face;

	if (face)
		return face->tick(face->data, what, elapsed_ms) && !signals_pending();
	session_progress(s, elapsed_ms, "gdb: %.45s %u.%u s, ^C cancels", what, elapsed_ms / 1000,
			 elapsed_ms % 1000 / 100);
	return !signals_pending();
}

int session_cancelled(struct kd_err *err)
{
	return signals_pending() ? kd_fail(err, KD_CANCELLED, "cancelled") : 0;
}

/* Where the dump alone is not enough. That it was not found is told by info, with all paths. */
static void warn_of_lack(const struct session *s)
{
	char package[256];

	if (!s->k->lack)
		return;
	vmlinux_package(s->k->release, package, sizeof(package));
	complain("%s: no vmlinux was found, and the dump alone does not tell all (%s). Name one, or "
		 "install it: %s", s->opt.dump_path, s->k->lack, package);
}

/* NULL: no memory. */
static struct session *session_new(const struct session_options *opt)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->opt = *opt;
	s->show_progress = opt->face || isatty(STDERR_FILENO);
	/* A line that fills the last column would wrap. */
	s->progress_width = (int)kd_min(terminal_width(STDERR_FILENO), 79) - 1;
	return s;
}

static int open_trace(struct session *s, struct kd_err *err)
{
	if (!s->opt.trace_path)
		return 0;
	return output_create(s->opt.trace_path, s, false, &s->trace, err);
}

int session_second(const struct session *first, const struct session_options *opt,
		   struct session **out, struct kd_err *err)
{
	struct session *s = session_new(opt);
	int ret;

	if (!s)
		return kd_nomem(err);
	s->k = first->k;
	s->user = first->user;
	s->borrowed = true;
	s->task = first->task;
	ret = open_trace(s, err);
	if (ret)
		session_close(s);
	else
		*out = s;
	return ret;
}

static bool on_step(void *data, const char *what)
{
	const struct session *s = data;

	return !s->opt.face || s->opt.face->step(s->opt.face->data, what);
}

/* All of memory may have to be looked through. */
static int on_search(void *data, uint64_t done, uint64_t total, struct kd_err *err)
{
	struct session *s = data;
	char what[64];

	snprintf(what, sizeof(what), "looking for VMCOREINFO in memory: %u %%",
		 total ? (unsigned)(done / ((total + 99) / 100)) : 0);
	if (s->opt.face)
		return on_step(s, what) ? 0 : kd_fail(err, KD_CANCELLED, "cancelled");
	session_progress(s, (unsigned)(clock_ms() - s->begun), "%s, ^C cancels", what);
	return session_cancelled(err);
}

int session_open(const struct session_options *opt, struct session **out, struct kd_err *err)
{
	struct kernel_options ko = {
		.dump_path = opt->dump_path,
		.more_dumps = opt->more_dumps,
		.raw = opt->raw,
		.elfcorehdr = opt->elfcorehdr,
		.vmlinux_path = opt->vmlinux_path,
		.debug_dirs = opt->debug_dirs,
		.force = opt->force,
		.has_vmcoreinfo = opt->has_vmcoreinfo,
		.vmcoreinfo = opt->vmcoreinfo,
		.step = on_step,
		.tick = on_search,
	};
	struct session *s = session_new(opt);
	int ret;

	if (!s)
		return kd_nomem(err);
	ko.data = s;
	s->begun = clock_ms();
	ret = kernel_open(&ko, &s->k, err);
	session_progress_end(s);
	if (!ret)
		ret = open_trace(s, err);
	if (!ret)
		ret = user_new(opt->dump_path, &s->user, err);
	if (!ret && opt->log_path)
		ret = output_create(opt->log_path, s, true, &s->user->log, err);
	if (ret) {
		session_close(s);
		return ret;
	}
	warn_of_lack(s);
	s->task = s->k->panic_task;
	*out = s;
	return 0;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	gdb_close(s->gdb);
	unwinder_close(s->unwinder);
	variables_close(s->variables);
	if (!s->borrowed) {
		kernel_close(s->k);
		user_free(s->user);
	}
	fclosep(&s->trace);
	free(s);
}

void session_closep(struct session **s)
{
	session_close(*s);
}

static struct gdb_options gdb_options(struct session *s)
{
	return (struct gdb_options){
		.program = s->opt.gdb,
		.timeout_ms = s->opt.gdb_timeout_ms,
		.tick = on_tick,
		.data = s,
		.wake_fd = s->opt.face ? s->opt.face->wake_fd : 0,
		.hurry = s->opt.face ? s->opt.face->hurry : NULL,
		.trace = s->trace,
	};
}

static int start_gdb(struct session *s, struct kd_err *err)
{
	struct gdb_options opt = gdb_options(s);
	const char *warning;
	int ret = session_cancelled(err);

	if (ret || s->gdb)
		return ret;
	if (s->opt.engine == ENGINE_NATIVE && s->opt.later) {
		s->gdb_adds = true;
		return kd_fail(err, KD_GDB, "gdb answers this");
	}
	if (s->opt.engine == ENGINE_NATIVE)
		return kd_fail(err, KD_USAGE, "only gdb can answer this, and --engine=native was given");
	ret = gdb_open(s->k, &opt, &s->gdb, err);
	if (ret)
		return ret;
	warning = gdb_warning(s->gdb);
	if (warning && !s->warned) {
		session_progress_end(s);
		complain("%s", warning);
		s->warned = true;
	}
	return 0;
}

/* After every question: a gdb that is gone is started again at the next one. */
static int gdb_answered(struct session *s, int ret)
{
	if (!s->counting)
		session_progress_end(s);
	if (ret == KD_GDB) {
		gdb_close(s->gdb);
		s->gdb = NULL;
	}
	if (s->trace)
		fflush(s->trace);
	return ret;
}

int session_gdb_stack(struct session *s, const struct task *t, unsigned flags, struct stack *out,
		      struct kd_err *err)
{
	int ret = start_gdb(s, err);

	if (!ret)
		ret = gdb_stack(s->gdb, t, flags, out, err);
	return gdb_answered(s, ret);
}

int session_frame_regs(struct session *s, const struct task *t, unsigned level, struct regs *out,
		       struct kd_err *err)
{
	int ret = start_gdb(s, err);

	if (!ret)
		ret = gdb_frame_regs(s->gdb, t, level, out, err);
	return gdb_answered(s, ret);
}

int session_scope(struct session *s, const struct cpu *cpu, struct expr_scope *out,
		  struct kd_err *err)
{
	int ret = s->variables ? 0 : variables_open(s->k, &s->variables, err);

	*out = (struct expr_scope){ .k = s->k, .variables = s->variables, .cpu = cpu };
	return ret;
}

int session_evaluate(struct session *s, const struct task *t, const char *expr, char **text,
		     struct kd_err *err)
{
	int ret = start_gdb(s, err);

	if (!ret)
		ret = gdb_evaluate(s->gdb, t, expr, text, err);
	return gdb_answered(s, ret);
}

int session_gdb_command(struct session *s, const struct task *t, const char *line, char **text,
			struct kd_err *err)
{
	int ret = start_gdb(s, err);

	if (!ret)
		ret = gdb_command(s->gdb, t, line, text, err);
	return gdb_answered(s, ret);
}

int session_gdb_interactive(struct session *s, const char *const *args, struct kd_err *err)
{
	struct gdb_options opt = gdb_options(s);

	return gdb_interactive(s->k, &opt, args, err);
}
