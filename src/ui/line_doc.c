// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines to documents: see line_doc.h. */
#include "ui/line_doc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "ui/commands.h"
#include "ui/line_command.h"
#include "ui/render_text.h"
#include "ui/run.h"
#include "ui/session.h"
#include "ui/signals.h"
#include "ui/user.h"

#define SHELL_OUTPUT_MAX (64u << 20)
#define LOOK_MS 50 /* how often to see whether the user has had enough */

/* Start `sh -c COMMAND` with its input and output, in a process group of its own. */
static pid_t start_shell(const char *command, int in, int out)
{
	pid_t pid = fork();

	/* Both of us: whoever is first, the group is there before it is to be ended. */
	if (pid >= 0)
		setpgid(pid, pid);
	if (pid)
		return pid;
	signals_reset_child();
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(out, STDERR_FILENO) < 0)
		_exit(127);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* What comes out of FD, until its end, into F. */
static int collect(int fd, FILE *f, struct kd_err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[16384];
	size_t total = 0;
	ssize_t n;

	for (;;) {
		int ret = session_cancelled(err);

		if (ret)
			return ret;
		if (poll(&p, 1, LOOK_MS) <= 0)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kd_fail(err, KD_IO, "cannot read what it prints: %s", strerror(errno));
		if (!n)
			return 0;
		total += (size_t)n;
		if (total > SHELL_OUTPUT_MAX)
			return kd_fail(err, KD_UNSUPPORTED, "it prints more than %u MiB",
				       SHELL_OUTPUT_MAX >> 20);
		fwrite(buf, 1, (size_t)n, f);
	}
}

static void end_shell(pid_t pid, bool early)
{
	if (early)
		kill(-pid, SIGTERM);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Run a shell command over INPUT (NULL: nothing) and append what it prints. */
static int shell_text(const char *command, const char *input, size_t len, struct doc *d,
		      struct kd_err *err)
{
	_cleanup_(closep) int in = input ? output_memory_file(input, len) :
					   open("/dev/null", O_RDONLY | O_CLOEXEC);
	_cleanup_(closep) int from = -1;
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	FILE *f;
	int fds[2], ret;
	pid_t pid;

	if (in < 0)
		return kd_fail(err, KD_IO, "cannot give it its input: %s", strerror(errno));
	if (pipe2(fds, O_CLOEXEC))
		return kd_fail(err, KD_IO, "cannot make a pipe: %s", strerror(errno));
	from = fds[0];
	f = open_memstream(&text, &size);
	pid = f ? start_shell(command, in, fds[1]) : -1;
	close(fds[1]);
	if (pid < 0) {
		if (f)
			fclose(f);
		return kd_fail(err, KD_IO, "cannot start a shell: %s", strerror(errno));
	}
	ret = collect(from, f, err);
	end_shell(pid, ret != 0);
	if (fclose(f))
		return kd_nomem(err);
	while (size && text[size - 1] == '\n')
		size--;
	doc_text(d, "output", doc_strn(text, size));
	return ret;
}

/* The command's answer as bytes, as another program gets it; *text is owned. */
static int run_to_memory(struct session *s, const struct line_command *l, char **text, size_t *size,
			 struct kd_err *err)
{
	FILE *f = open_memstream(text, size);
	struct output o = { .out = f, .json = args_has(&l->args, "json") };
	int ret;

	if (!f)
		return kd_nomem(err);
	ret = command_run(s, l->command, &l->args, &o, err);
	return fclose(f) ? kd_nomem(err) : ret;
}

static int run_piped(struct session *s, const struct line_command *l, const char *shell,
		     struct doc *d, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	struct kd_err late = KD_ERR_INIT;
	size_t size = 0;
	int ret = run_to_memory(s, l, &text, &size, err), status;

	/* What there is of an answer goes through all the same. */
	if (ret && !size)
		return ret;
	status = shell_text(shell, text, size, d, &late);
	if (status && !ret && err)
		*err = late;
	return ret ? ret : status;
}

static int run_to_file(struct session *s, const struct line_command *l, const char *path,
		       bool append, struct doc *d, struct kd_err *err)
{
	struct output o = { .json = args_has(&l->args, "json") };
	long size;
	int ret = output_create(path, s, append, &o.out, err);

	if (ret)
		return ret;
	ret = command_run(s, l->command, &l->args, &o, err);
	size = ftell(o.out);
	if (fclose(o.out) && !ret)
		ret = kd_fail(err, KD_IO, "%s: cannot write: %s", path, strerror(errno));
	if (!ret)
		doc_text(d, "written", doc_fmt("%s: %ld bytes", path, size));
	return ret;
}

static int run_as_json(struct session *s, const struct line_command *l, struct doc *d,
		       struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	int ret = run_to_memory(s, l, &text, &size, err);

	if (text)
		doc_text(d, "json", doc_strn(text, size));
	return ret;
}

static int run_help(struct session *s, const struct command *c, struct doc *d, struct kd_err *err)
{
	const char *words[] = { c->name };
	const struct args a = { .words = words, .nwords = 1 };

	return cmd_help.run(s, &a, d, err);
}

static int run_command(struct session *s, const struct line_part *part,
		       const struct line_command *l, struct doc *d, struct kd_err *err)
{
	const char *path = part->file ? part->file : args_value(&l->args, "output");
	int ret;

	if (l->command == &cmd_quit)
		return kd_fail(err, KD_USAGE, "it stands alone");
	if (args_has(&l->args, "help"))
		return run_help(s, l->command, d, err);
	if (part->pipe)
		return run_piped(s, l, part->pipe, d, err);
	if (path)
		return run_to_file(s, l, path, part->append, d, err);
	if (args_has(&l->args, "json"))
		return run_as_json(s, l, d, err);
	ret = command_check_args(l->command, &l->args, err);
	return ret ? ret : l->command->run(s, &l->args, d, err);
}

static int run_part(struct session *s, const struct line_part *part, struct doc *d,
		    struct kd_err *err)
{
	struct line_command l;
	int ret;

	if (part->shell)
		return shell_text(part->shell, NULL, 0, d, err);
	ret = line_command_parse(s->k, part->text, &l, err);
	if (!ret)
		ret = run_command(s, part, &l, d, err);
	if (ret && l.command)
		kd_context(err, ret, "%s", l.command->name);
	line_command_fini(&l);
	return ret;
}

/*
 * Into the log of the session, once: not for lines within others, nor for those that a
 * second session asks again.
 */
static void log_answer(const struct session *s, const char *text, const struct doc *d, int status,
		       const struct kd_err *why)
{
	struct text_render r = { .out = s->user->log };

	if (!r.out || s->borrowed || s->user->depth)
		return;
	user_log_line(s->user, text);
	for (const struct doc_node *n = d->root.first; n; n = n->next)
		render_text_node(&r, n);
	if (status && why)
		fprintf(r.out, "! %s\n", why->text);
	fflush(r.out);
}

int line_doc(struct session *s, const char *text, struct doc *d, struct kd_err *err)
{
	_cleanup_(freep) char *line = user_expand(s->user, text);
	struct line l = { 0 };
	int ret = line ? line_split(line, line_command_raw, &l, err) : kd_nomem(err), first = ret;

	for (size_t i = 0; i < l.n && !ret; i++) {
		struct kd_err why = KD_ERR_INIT;
		int status = run_part(s, &l.parts[i], d, &why);

		/* A section that a command left open is closed with it. */
		while (d->open->parent)
			doc_section_end(d);
		if (status && l.n > 1)
			doc_note(d, DOC_FINDING, "%s", why.text);
		if (status && !first) {
			first = status;
			if (err)
				*err = why;
		}
		if (status == KD_CANCELLED)
			break;
	}
	line_fini(&l);
	if (!first && doc_status(d))
		return kd_nomem(err);
	log_answer(s, text, d, first, err);
	return first;
}
