// SPDX-License-Identifier: GPL-3.0-or-later
/* The gdb engine: start, evaluate, free commands; see gdb.h. Stacks: gdb_stack.c. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "mi/gdb_priv.h"

extern char **environ;

/* What one answer may be long; a user's expression can ask for anything. */
#define CONSOLE_MAX (16u << 20)

/* One CLI command whose output nobody wants; its error text is gdb's. */
static int run(struct gdb *g, const char *what, const char *command, struct kd_err *err)
{
	_cleanup_(freep) char *quoted = mi_quote(command);

	if (!quoted)
		return kd_nomem(err);
	return mi_call(g->mi, what, NULL, err, "-interpreter-exec console %s", quoted);
}

/*
 * Where the kernel was built is no news, so file names are shown without it. It
 * is what stands before "init/main.c", the file of start_kernel().
 */
static void learn_source_root(struct gdb *g)
{
	_cleanup_(freep) char *text = NULL;
	char *start, *end;

	if (mi_console(g->mi, "reading symbols", "info line start_kernel", 4096, &text, NULL))
		return;
	start = strchr(text, '"');
	end = start ? strstr(start, "init/main.c\"") : NULL;
	if (end && end > start + 1)
		g->source_root = strndup(start + 1, (size_t)(end - start - 1));
}

static int set_up(struct gdb *g, struct kd_err *err)
{
	static const char *const settings[] = {
		"set print max-depth 4",
		/* an argument's value, or else the one it had at entry: not both */
		"set print entry-values if-needed",
		"set print symbol on",
		/* names of the symbol table as they are: "f.cold" is no name of Ada's */
		"set print demangle off",
		"set print pretty on",
	};
	const char *command;
	char connect[160];
	int status = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(settings) && !status; i++)
		status = run(g, "settings", settings[i], err);
	for (size_t i = 0; !status && (command = gdb_kit_command(g->kit, i)); i++)
		status = run(g, "reading symbols", command, err);
	if (status)
		return status;
	learn_source_root(g);
	snprintf(connect, sizeof(connect), "-target-select remote %s", gdb_kit_socket(g->kit));
	return mi_call(g->mi, "connecting", NULL, err, "%s", connect);
}

static int start(struct gdb *g, const struct gdb_options *opt, struct kd_err *err)
{
	_cleanup_(freep) char *dir = gdb_index_dir();
	_cleanup_(freep) char *set_dir = NULL;
	const char *args[] = { "-iex", NULL, "-iex", "set index-cache enabled on", NULL };
	struct mi_options mi = {
		.gdb = opt->program,
		.timeout_ms = opt->timeout_ms,
		.tick = opt->tick,
		.data = opt->data,
		.wake_fd = opt->wake_fd,
		.hurry = opt->hurry,
		.trace = opt->trace,
	};
	int status;

	if (dir && asprintf(&set_dir, "set index-cache directory %s", dir) > 0) {
		if (g->k->vmlinux)
			gdb_index_make(g->k->vmlinux, dir, opt);
		args[1] = set_dir;
		mi.args = args;
	}
	status = gdb_kit_new(g->k, NULL, opt->trace, &g->kit, err);
	if (!status)
		status = rsp_kernel_new(g->k, &g->threads, err);
	if (!status)
		status = mi_open(&mi, &g->mi, err);
	return status ? status : set_up(g, err);
}

int gdb_open(const struct kernel *k, const struct gdb_options *opt, struct gdb **out,
	     struct kd_err *err)
{
	struct gdb *g = calloc(1, sizeof(*g));
	int status;

	if (!g)
		return kd_nomem(err);
	g->k = k;
	status = start(g, opt, err);
	if (status) {
		gdb_close(g);
		return status;
	}
	*out = g;
	return 0;
}

void gdb_close(struct gdb *g)
{
	if (!g)
		return;
	mi_close(g->mi);
	gdb_kit_free(g->kit);
	rsp_target_free(g->threads);
	free(g->source_root);
	free(g);
}

bool gdb_alive(const struct gdb *g)
{
	return mi_alive(g->mi);
}

const char *gdb_warning(const struct gdb *g)
{
	return gdb_kit_warning(g->kit);
}

void gdb_cancel(struct gdb *g)
{
	mi_cancel(g->mi);
}

unsigned gdb_thread(const struct gdb *g, const struct task *t)
{
	size_t i;

	return t && rsp_target_find(g->threads, t->thread_id, &i) ? (unsigned)i + 1 : 0;
}

/* The thread a question is asked in: T's, else the panic task's, which is the first. */
static unsigned thread_or_first(const struct gdb *g, const struct task *t)
{
	unsigned thread = gdb_thread(g, t);

	return thread ? thread : 1;
}

int gdb_evaluate(struct gdb *g, const struct task *t, const char *expr, char **text,
		 struct kd_err *err)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	_cleanup_(freep) char *quoted = mi_quote(expr);
	const char *value;
	int status;

	if (!quoted)
		return kd_nomem(err);
	status = mi_call(g->mi, "evaluating", &r, err,
			 "-data-evaluate-expression --thread %u --frame 0 %s", thread_or_first(g, t),
			 quoted);
	if (status)
		return status;
	value = mi_text(&r->results, "value");
	if (!value)
		return kd_fail(err, KD_NOTFOUND, "gdb answered without a value");
	*text = strdup(value);
	if (!*text)
		return kd_nomem(err);
	gdb_tidy_value(g->k, *text);
	return 0;
}

int gdb_command(struct gdb *g, const struct task *t, const char *line, char **text,
		struct kd_err *err)
{
	int status = mi_call(g->mi, "selecting a thread", NULL, err, "-thread-select %u",
			     thread_or_first(g, t));

	return status ? status : mi_console(g->mi, "running the command", line, CONSOLE_MAX, text, err);
}

/* gdb on the user's terminal ---------------------------------------------------- */

static int exec_gdb(const char **argv, struct kd_err *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old_int, old_quit;
	posix_spawnattr_t attr;
	sigset_t defaults;
	pid_t pid;
	int rc, status;

	/* ^C is gdb's: it shares our terminal and our process group */
	sigaction(SIGINT, &ignore, &old_int);
	sigaction(SIGQUIT, &ignore, &old_quit);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGQUIT);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(&pid, argv[0], NULL, &attr, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	if (!rc)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGQUIT, &old_quit, NULL);
	if (rc)
		return kd_fail(err, KD_GDB, "can not start %s: %s (Debian: apt install gdb)", argv[0],
			       strerror(rc));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int gdb_interactive(const struct kernel *k, const struct gdb_options *opt,
		    const char *const *args, struct kd_err *err)
{
	_cleanup_(gdb_kit_freep) struct gdb_kit *kit = NULL;
	_cleanup_(freep) char *dir = gdb_index_dir(), *set_dir = NULL, *warn = NULL;
	_cleanup_(freep) const char **argv = NULL;
	size_t n = 0, nargs = 0;
	char connect[160];
	int status;

	while (args && args[nargs])
		nargs++;
	argv = calloc(nargs + 24, sizeof(*argv));
	if (!argv)
		return kd_nomem(err);
	argv[n++] = opt->program ? opt->program : "gdb";
	argv[n++] = "-nx";
	argv[n++] = "-q";
	argv[n++] = "-iex";
	argv[n++] = "set auto-load off";
	if (dir && asprintf(&set_dir, "set index-cache directory %s", dir) > 0) {
		if (k->vmlinux)
			gdb_index_make(k->vmlinux, dir, opt);
		argv[n++] = "-iex";
		argv[n++] = set_dir;
		argv[n++] = "-iex";
		argv[n++] = "set index-cache enabled on";
	}
	status = gdb_kit_new(k, NULL, opt->trace, &kit, err);
	if (status)
		return status;
	if (gdb_kit_warning(kit) && asprintf(&warn, "echo warning: %s\\n", gdb_kit_warning(kit)) > 0) {
		argv[n++] = "-ex";
		argv[n++] = warn;
	}
	snprintf(connect, sizeof(connect), "target remote %s", gdb_kit_socket(kit));
	argv[n++] = "-x";
	argv[n++] = gdb_kit_script(kit);
	argv[n++] = "-ex";
	argv[n++] = connect;
	for (size_t i = 0; i < nargs; i++)
		argv[n++] = args[i];
	return exec_gdb(argv, err);
}
