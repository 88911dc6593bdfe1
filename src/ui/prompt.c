// SPDX-License-Identifier: GPL-3.0-or-later
/* Running lines of the prompt: see prompt.h. */
#include "ui/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/line_command.h"
#include "ui/run.h"
#include "ui/signals.h"
#include "ui/user.h"

static void fail(struct prompt *p, const char *what, const struct kd_err *err)
{
	p->failed = true;
	if (p->s->user->log)
		fprintf(p->s->user->log, "! %s%s%s\n", what ? what : "", what ? ": " : "", err->text);
	if (p->line)
		complain("line %lu: %s%s%s", p->line, what ? what : "", what ? ": " : "",
			 err->text);
	else
		complain("%s%s%s", what ? what : "", what ? ": " : "", err->text);
}

/* Start `sh -c COMMAND` with INPUT (-1: ours) as its stdin; its pid, or -1. */
static pid_t start_shell(const char *command, int input)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	signals_reset_child();
	if (input >= 0 && dup2(input, STDIN_FILENO) < 0)
		_exit(127);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void wait_shell(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* "!COMMAND": what it does, and how it ends, is the user's own business. */
static void run_shell(struct prompt *p, const char *command)
{
	struct kd_err err = KD_ERR_INIT;
	pid_t pid;

	fflush(stdout);
	pid = start_shell(*command ? command : "exec ${SHELL:-/bin/sh}", -1);
	if (pid < 0) {
		kd_fail(&err, KD_IO, "cannot start a shell: %s", strerror(errno));
		fail(p, NULL, &err);
		return;
	}
	wait_shell(pid);
}

/* A pipe into a shell command. *f is its writing end. */
static int open_pipe(const char *command, FILE **f, pid_t *pid, struct kd_err *err)
{
	int fds[2], saved;

	fflush(stdout);
	if (pipe2(fds, O_CLOEXEC))
		return kd_fail(err, KD_IO, "cannot make a pipe: %s", strerror(errno));
	*pid = start_shell(command, fds[0]);
	saved = errno;
	close(fds[0]);
	*f = *pid < 0 ? NULL : fdopen(fds[1], "w");
	if (*f)
		return 0;
	close(fds[1]);
	if (*pid >= 0)
		wait_shell(*pid);
	return kd_fail(err, KD_IO, "cannot start a shell: %s", strerror(saved));
}

/* Run the command into an open stream. */
static void run_into(struct prompt *p, const struct command *c, const struct args *a, FILE *f)
{
	struct kd_err err = KD_ERR_INIT;
	struct output o;
	int ret;

	output_init(&o, f, p->json || args_has(a, "json"), p->no_color);
	ret = command_run(p->s, c, a, &o, &err);
	if (ret == KD_IO && o.error == EPIPE) {
		/* A pager that was left is no failure; a closed stdout ends it all. */
		p->pipe_closed |= f == stdout;
		clearerr(f);
		return;
	}
	if (ret)
		fail(p, c->name, &err);
	clearerr(f);
}

static void run_piped(struct prompt *p, const struct command *c, const struct args *a,
		      const char *shell)
{
	struct kd_err err = KD_ERR_INIT;
	FILE *f = NULL;
	pid_t pid = -1;

	if (open_pipe(shell, &f, &pid, &err)) {
		fail(p, c->name, &err);
		return;
	}
	run_into(p, c, a, f);
	fclose(f);
	wait_shell(pid);
}

static void run_to_file(struct prompt *p, const struct command *c, const struct args *a,
			const char *path, bool append)
{
	struct kd_err err = KD_ERR_INIT;
	FILE *f;

	if (output_create(path, p->s, append, &f, &err)) {
		fail(p, c->name, &err);
		return;
	}
	run_into(p, c, a, f);
	if (fclose(f)) {
		kd_fail(&err, KD_IO, "%s: cannot write: %s", path, strerror(errno));
		fail(p, c->name, &err);
	}
}

/* Help by option needs no arguments to be right. */
static void show_help(struct prompt *p, const struct command *c)
{
	const char *words[] = { c->name };
	struct args a = { .words = words, .nwords = 1 };

	run_into(p, &cmd_help, &a, stdout);
}

static void run_command(struct prompt *p, const struct line_part *part, const struct command *c,
			const struct args *a)
{
	const char *output = args_value(a, "output");

	if (c == &cmd_quit)
		p->quit = true;
	else if (args_has(a, "help"))
		show_help(p, c);
	else if (part->pipe)
		run_piped(p, c, a, part->pipe);
	else if (part->file || output)
		run_to_file(p, c, a, part->file ? part->file : output, part->append);
	else
		run_into(p, c, a, stdout);
}

static void run_part(struct prompt *p, const struct line_part *part)
{
	struct kd_err err = KD_ERR_INIT;
	struct line_command l;

	if (line_command_parse(p->s->k, part->text, &l, &err))
		fail(p, l.command ? l.command->name : NULL, &err);
	else
		run_command(p, part, l.command, &l.args);
	line_command_fini(&l);
}

void prompt_run(struct prompt *p, const char *text)
{
	_cleanup_(freep) char *line = user_expand(p->s->user, text);
	struct kd_err err = KD_ERR_INIT;
	struct line l = { 0 };

	user_log_line(p->s->user, text);
	if (!line)
		kd_nomem(&err);
	else
		line_split(line, line_command_raw, &l, &err);
	if (err.status)
		fail(p, NULL, &err);
	for (size_t i = 0; i < l.n && !err.status && !p->quit && !p->pipe_closed; i++) {
		if (signals_pending())
			break;
		if (l.parts[i].shell)
			run_shell(p, l.parts[i].shell);
		else
			run_part(p, &l.parts[i]);
	}
	line_fini(&l);
}

void prompt_stream(struct prompt *p, FILE *f)
{
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while (!p->quit && !p->pipe_closed && !signals_pending() &&
	       (n = getline(&line, &size, f)) >= 0) {
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		p->line++;
		prompt_run(p, line);
	}
}

/* Lines given with --command; false: there are none. */
static bool run_given(struct prompt *p, const struct args *a)
{
	const char *line;
	size_t i;

	for (i = 0; (line = args_value_at(a, "command", i)); i++) {
		if (!p->quit && !p->pipe_closed && !signals_pending())
			prompt_run(p, line);
	}
	return i > 0;
}

static void run_first(struct prompt *p)
{
	if (!p->quit && !p->pipe_closed && !signals_pending())
		prompt_run(p, "verdict");
}

int prompt_main(const struct cli *c)
{
	struct kd_err err = KD_ERR_INIT;
	_cleanup_(session_closep) struct session *s = NULL;
	bool given = args_has(&c->args, "command"), batch = args_has(&c->args, "batch") && !given;
	bool person = !given && !batch && isatty(STDIN_FILENO) &&
		      (isatty(STDOUT_FILENO) || c->named || args_has(&c->args, "prompt"));
	struct prompt p = {
		.json = args_has(&c->args, "json"),
		.no_color = args_has(&c->args, "no-color"),
	};
	int ret = 0;

	if (args_has(&c->args, "output"))
		ret = kd_fail(&err, KD_USAGE,
			      "--output is for one command; at the prompt: COMMAND > FILE");
	if (!ret)
		ret = cli_session(c, person, &s, &err);
	if (ret) {
		cli_complain(NULL, ret, &err);
		return ret == KD_USAGE ? CLI_USAGE : CLI_DUMP;
	}
	p.s = s;
	if (person)
		user_read_rc(s);
	if (person)
		prompt_terminal(&p);
	else if (!run_given(&p, &c->args) && !batch && !isatty(STDIN_FILENO))
		prompt_stream(&p, stdin);
	/* Nobody has asked for anything: what most want to know first. */
	if (batch || (!person && !given && !p.line && !c->named))
		run_first(&p);
	session_close(s);
	s = NULL;
	if (p.pipe_closed)
		signals_die(SIGPIPE);
	if (signals_pending())
		signals_die(signals_pending());
	/* A person has seen what failed; a script has the status. */
	return p.failed && !person ? CLI_FAILED : CLI_OK;
}

static const struct opt_def options[] = {
	{ 'c', "command", "LINE", "run this line instead (may be repeated)" },
	{ 'b', "batch", NULL, "print the verdict as text, and end" },
	{ 0, "prompt", NULL, "lines, not panes, on a terminal" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "prompt", "a prompt" },
	{ "prompt -c 'bt; regs'", "some commands, one after the other" },
	{ NULL, NULL },
};

const struct command cmd_prompt = {
	.name = "prompt",
	.group = "the prompt",
	.synopsis = "",
	.summary = "a prompt for these commands",
	.help = "Commands with completion and history. When standard input is no terminal,\n"
		"commands are read from it line by line; the exit status is 1 if one failed.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL,
};
