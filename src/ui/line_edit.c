// SPDX-License-Identifier: GPL-3.0-or-later
/* History and completion of lines typed: see line_edit.h. */
#include "ui/line_edit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <readline/readline.h>
#include <readline/history.h>

#include "kernel/module_types.h"
#include "kernel/type_search.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/files.h"

#define HISTORY_MAX 1000
#define COMPLETIONS_MAX 2000

/* readline calls back without a context of ours. */
static const struct kernel *completion_kernel;
static const char *const *completion_words;

/* History ----------------------------------------------------------------------- */

char *line_edit_history(void)
{
	char *path = user_file(USER_STATE, NULL, "history");
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0) {
		free(path);
		return NULL;
	}
	close(fd);
	return path;
}

void line_edit_remember(const char *line)
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
	static size_t at, word;
	const struct command *c;

	if (!state)
		at = word = 0;
	while (completion_words && completion_words[word]) {
		const char *w = completion_words[word++];

		if (!strncmp(w, text, strlen(text)))
			return strdup(w);
	}
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

/* "task_struct.pi" to members. */
static char *member_generator(const char *text, int state)
{
	static struct type_step step;
	static struct type_ref type;
	static bool is_type;
	const char *dot = strrchr(text, '.');
	struct type_found found;
	struct type_member m;
	struct type_info info;
	char name[256];

	if (!state) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - text), text);
		step = (struct type_step){ 0 };
		is_type = !type_search(completion_kernel, name, 0, &found, NULL);
		if (is_type) {
			type = found.type;
			is_type = type_peel(&type, &info);
		}
	}
	while (is_type && type_next_member(&type, &step, &m)) {
		char *word;

		if (!m.name || strncmp(m.name, dot + 1, strlen(dot + 1)))
			continue;
		if (asprintf(&word, "%.*s.%s", (int)(dot - text), text, m.name) < 0)
			return NULL;
		return word;
	}
	return NULL;
}

/* The I-th place that types are in: the kernel's own, then its modules'. NULL: it has none. */
static const struct types *types_at(size_t i)
{
	const struct types *t = NULL;

	if (!i)
		return completion_kernel->types;
	return module_types(completion_kernel, &completion_kernel->modules.list[i - 1], &t, NULL)
		       ? NULL
		       : t;
}

/* "task_st" to types. */
static char *type_generator(const char *text, int state)
{
	static uint32_t at, found;
	static size_t place;

	if (strchr(text, '.'))
		return member_generator(text, state);
	if (!state)
		place = at = found = 0;
	for (; place <= completion_kernel->modules.n; place++, at = 0) {
		const struct types *t = types_at(place);
		const char *name;

		while (found < COMPLETIONS_MAX && t && (name = type_next_name(t, &at))) {
			if (strncmp(name, text, strlen(text)))
				continue;
			found++;
			return strdup(name);
		}
	}
	return NULL;
}

static char *module_generator(const char *text, int state)
{
	static size_t at;
	const struct modules *all = &completion_kernel->modules;

	if (!state)
		at = 0;
	while (at < all->n) {
		const char *name = all->list[at++].name;

		if (!strncmp(name, text, strlen(text)))
			return strdup(name);
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

/* Is what begins at START the command's first argument that is no option? */
static bool is_first_word(const char *line, int start)
{
	int at = (int)strcspn(line, " \t");

	while (at < start) {
		at += (int)strspn(line + at, " \t");
		if (at < start && line[at] != '-')
			return false;
		at += (int)strcspn(line + at, " \t");
	}
	return true;
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
	if (c->flags & CMD_FILES) {
		rl_attempted_completion_over = 0;
		return NULL;
	}
	if (c->flags & CMD_COMMANDS)
		return rl_completion_matches(text, command_generator);
	if (c->flags & CMD_MODULES)
		return rl_completion_matches(text, module_generator);
	if (c->flags & CMD_TYPES && is_first_word(between, start - (int)begin)) {
		rl_completion_suppress_append = 1;
		return rl_completion_matches(text, type_generator);
	}
	if (c->flags & CMD_SYMBOLS) {
		/* ".pid", "+0x10" may follow. */
		rl_completion_suppress_append = 1;
		return rl_completion_matches(text, symbol_generator);
	}
	if (c->flags & CMD_TASKS)
		return rl_completion_matches(text, task_generator);
	return NULL;
}

/* Both -------------------------------------------------------------------------- */

void line_edit_begin(const struct kernel *k, const char *const *words, const char *history)
{
	completion_kernel = k;
	completion_words = words;
	rl_readline_name = "kdview";
	rl_attempted_completion_function = complete;
	using_history();
	stifle_history(HISTORY_MAX);
	if (history)
		read_history(history);
}

int line_edit_end(const char *history)
{
	int error = history ? write_history(history) : 0;

	if (history)
		chmod(history, 0600);
	clear_history();
	completion_kernel = NULL;
	completion_words = NULL;
	return error;
}
