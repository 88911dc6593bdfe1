// SPDX-License-Identifier: GPL-3.0-or-later
/* The prompt on a terminal: readline, its history and completion. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <readline/readline.h>
#include <readline/history.h>

#include "kernel/info.h"
#include "kernel/log.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/escape.h"
#include "ui/output.h"
#include "ui/prompt.h"
#include "ui/signals.h"

#define HISTORY_MAX 1000
#define COMPLETIONS_MAX 2000

/* readline calls back without a context of ours. */
static const struct kernel *completion_kernel;

/* History ----------------------------------------------------------------------- */

/* Make the folders of a path, for their owner only. */
static void make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

/* The history file, made if it is not there; owned by the caller; NULL: there can be none. */
static char *history_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = -1, fd;

	if (state && *state == '/')
		n = asprintf(&path, "%s/kdview/history", state);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/.local/state/kdview/history", home);
	if (n < 0)
		return NULL;
	make_parents(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		free(path);
		return NULL;
	}
	close(fd);
	return path;
}

static void remember(const char *line)
{
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

	if (!*line || *line == ' ' || (last && !strcmp(last->line, line)))
		return;
	add_history(line);
}

/* Completion -------------------------------------------------------------------- */

/* The command whose words are being typed, and where its part of the line begins. */
static const struct command *typed_command(size_t *start)
{
	const char *line = rl_line_buffer;
	size_t begin = 0, len;
	char name[64];

	for (size_t i = 0; line[i] && (int)i < rl_point; i++) {
		if (line[i] == ';')
			begin = i + 1;
	}
	begin += strspn(line + begin, " \t");
	len = strcspn(line + begin, " \t;|>");
	*start = begin;
	if (len >= sizeof(name))
		return NULL;
	memcpy(name, line + begin, len);
	name[len] = '\0';
	return command_find(name, CMD_PROMPT);
}

static char *command_generator(const char *text, int state)
{
	static size_t at;
	const struct command *c;

	if (!state)
		at = 0;
	while ((c = command_at(at))) {
		at++;
		if ((c->flags & CMD_PROMPT) && !strncmp(c->name, text, strlen(text)))
			return strdup(c->name);
	}
	return NULL;
}

static char *symbol_generator(const char *text, int state)
{
	static size_t at;
	static char last[256];
	const char *name;

	if (!state) {
		at = 0;
		last[0] = '\0';
	}
	/* Local symbols of one name are many; offer it once. */
	while (at < COMPLETIONS_MAX &&
	       (name = symbols_complete(completion_kernel->symbols, text, at))) {
		at++;
		if (!strcmp(name, last))
			continue;
		snprintf(last, sizeof(last), "%s", name);
		return strdup(name);
	}
	return NULL;
}

static char *task_generator(const char *text, int state)
{
	static size_t at;
	const struct tasks *all = &completion_kernel->tasks;

	if (!state)
		at = 0;
	while (at < all->n) {
		const struct task *t = &all->list[at++];

		if (!strncmp(t->comm, text, strlen(text)))
			return strndup(t->comm, sizeof(t->comm));
	}
	return NULL;
}

static char *option_generator(const char *text, int state)
{
	static const struct opt_def *at;
	static bool common;
	size_t start;

	if (!state) {
		const struct command *c = typed_command(&start);

		at = c ? c->options : NULL;
		common = false;
	}
	for (;;) {
		for (; at && at->name; at++) {
			char *word;

			if (asprintf(&word, "--%s", at->name) < 0)
				return NULL;
			if (!strncmp(word, text, strlen(text))) {
				at++;
				return word;
			}
			free(word);
		}
		if (common)
			return NULL;
		common = true;
		at = prompt_options;
	}
}

static char **complete(const char *text, int start, int end)
{
	size_t begin;
	const struct command *c = typed_command(&begin);
	const char *between = rl_line_buffer + begin;

	(void)end;
	rl_attempted_completion_over = 1;
	if ((size_t)start <= begin)
		return rl_completion_matches(text, command_generator);
	/* Files after the signs that take them. */
	for (const char *p = between; p < rl_line_buffer + start; p++) {
		if (*p == '>' || *p == '|' || *p == '!') {
			rl_attempted_completion_over = 0;
			return NULL;
		}
	}
	if (!c)
		return NULL;
	if (text[0] == '-')
		return rl_completion_matches(text, option_generator);
	if (c->flags & CMD_COMMANDS)
		return rl_completion_matches(text, command_generator);
	if (c->flags & CMD_SYMBOLS) {
		/* ".pid", "+0x10" may follow. */
		rl_completion_suppress_append = 1;
		return rl_completion_matches(text, symbol_generator);
	}
	if (c->flags & CMD_TASKS)
		return rl_completion_matches(text, task_generator);
	return NULL;
}

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
	completion_kernel = p->s->k;
	rl_readline_name = "kdview";
	rl_attempted_completion_function = complete;
	rl_getc_function = get_key;
	rl_instream = stdin;
	/* Answers may go to a file while the person types. */
	rl_outstream = isatty(STDOUT_FILENO) ? stdout : stderr;
	using_history();
	stifle_history(HISTORY_MAX);
	if (history)
		read_history(history);
}

void prompt_terminal(struct prompt *p)
{
	_cleanup_(freep) char *history = history_path();

	greet(p);
	set_up(p, history);
	while (!p->quit && !p->pipe_closed) {
		char *line = readline("kdview> ");

		if (!line) {
			/* ^D leaves the cursor behind the prompt. */
			fputc('\n', rl_outstream);
			break;
		}
		remember(line);
		prompt_run(p, line);
		free(line);
		if (signals_pending() == SIGINT)
			signals_clear();
		else if (signals_pending())
			break;
	}
	if (history && write_history(history))
		complain("%s: cannot write: %s", history, strerror(errno));
	if (history)
		chmod(history, 0600);
	clear_history();
	completion_kernel = NULL;
}
