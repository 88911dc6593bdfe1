// SPDX-License-Identifier: GPL-3.0-or-later
/* The prompt on a terminal: readline, its history and completion. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include <readline/readline.h>

#include "kernel/info.h"
#include "kernel/log.h"
#include "ui/escape.h"
#include "ui/line_edit.h"
#include "ui/output.h"
#include "ui/prompt.h"
#include "ui/signals.h"

/* Reading ----------------------------------------------------------------------- */

/*
 * A key, or an end that a signal makes: ^C gives up the line, the other signals
 * the prompt. readline has its own handlers set while it reads; it passes the
 * signal on to ours when asked to look.
 */
static int get_key(FILE *in)
{
	struct pollfd p = { .fd = fileno(in), .events = POLLIN };

	while (poll(&p, 1, -1) < 0 && errno == EINTR) {
		rl_check_signals();
		if (signals_pending() == SIGINT) {
			signals_clear();
			rl_replace_line("", 0);
			return '\n';
		}
		if (signals_pending())
			return EOF;
	}
	return rl_getc(in);
}

/* The first line of a text of the dump, if there is one. */
static void print_line(const char *text)
{
	_cleanup_(freep) char *line = NULL;

	if (text)
		line = escape_text(text, strcspn(text, "\n"), false, NULL);
	if (line)
		printf("%s\n", line);
}

/* What a person sees first. */
static void greet(struct prompt *p)
{
	const struct kernel *k = p->s->k;
	_cleanup_(freep) char *comm = NULL;
	struct log l = { 0 };
	struct info i;
	bool no_log = log_read(k, &l, NULL) != 0;

	info_read(k, no_log ? NULL : &l, &i);
	printf("kdview " KD_VERSION ": %s %s, %u CPU%s, %zu tasks\n",
	       k->release ? k->release : "a kernel of unknown release", k->arch->name,
	       i.cpus_online, i.cpus_online == 1 ? "" : "s", k->tasks.n);
	print_line(info_is_recent(&i) ? i.oops : NULL);
	print_line(i.panic);
	if (!k->crashed)
		printf("It had not crashed when the dump was taken.\n");
	if (k->panic_task)
		comm = escape_text(k->panic_task->comm, strlen(k->panic_task->comm), false, NULL);
	if (comm)
		printf("in PID %" PRIu32 " \"%s\" on CPU %" PRId32 "\n", k->panic_task->pid, comm,
		       k->panic_task->cpu);
	printf("\"bt\" shows the stack, \"log\" the kernel log, \"help\" what else there is.\n");
	info_fini(&i);
	log_fini(&l);
}

static void set_up(struct prompt *p, const char *history)
{
	line_edit_begin(p->s->k, NULL, history);
	rl_getc_function = get_key;
	rl_instream = stdin;
	/* Answers may go to a file while the person types. */
	rl_outstream = isatty(STDOUT_FILENO) ? stdout : stderr;
}

void prompt_terminal(struct prompt *p)
{
	_cleanup_(freep) char *history = line_edit_history();
	int error;

	greet(p);
	set_up(p, history);
	while (!p->quit && !p->pipe_closed) {
		char *line = readline("kdview> ");

		if (!line) {
			/* ^D leaves the cursor behind the prompt. */
			fputc('\n', rl_outstream);
			break;
		}
		line_edit_remember(line);
		prompt_run(p, line);
		free(line);
		if (signals_pending() == SIGINT)
			signals_clear();
		else if (signals_pending())
			break;
	}
	error = line_edit_end(history);
	if (error)
		complain("%s: cannot write: %s", history, strerror(error));
}
