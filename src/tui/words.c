// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines typed on the last row, and what their first words mean: see tui_priv.h. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "tui/command_line.h"
#include "tui/tui_priv.h"
#include "ui/args.h"
#include "ui/output.h"

const char *const words_ours[] = { "messages", "q", "w", NULL };

/* Files ------------------------------------------------------------------------- */

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && !strcmp(s + n - m, end);
}

static int save_to(const struct view *v, const char *path, FILE *f, struct kd_err *err)
{
	if (ends_in(path, ".json"))
		return own_json(v, f, err);
	return view_write(v, f, err);
}

/* ":w FILE", ":w! FILE" */
static void save(struct tui *t, const char *path, bool overwrite)
{
	const struct view *v = tui_view(t);
	struct kd_err err = KD_ERR_INIT;
	FILE *f = NULL;
	long size = 0;
	int ret;

	if (!*path) {
		tui_complain(t, "w wants a name: :w FILE");
		return;
	}
	if (!v || !view_doc(v)) {
		tui_complain(t, "there is nothing to save yet");
		return;
	}
	if (!overwrite && !access(path, F_OK)) {
		tui_complain(t, "%s exists: :w! %s overwrites it", path, path);
		return;
	}
	ret = output_create(path, NULL, false, &f, &err);
	if (!ret) {
		ret = save_to(v, path, f, &err);
		size = ftell(f);
		if (fclose(f) && !ret)
			ret = kd_fail(&err, KD_IO, "%s: cannot write: %s", path, strerror(errno));
	}
	if (ret)
		tui_complain(t, "%s", err.text);
	else
		tui_say(t, "%s: %ld bytes", path, size);
}

/* ":!COMMAND", and with a view as its input ":|COMMAND" */
static void shell(struct tui *t, const char *command, bool piped)
{
	const struct view *v = tui_view(t);
	struct kd_err err = KD_ERR_INIT;
	char *text = NULL;
	size_t size = 0;
	int ret = 0;

	command += strspn(command, " \t");
	if (piped && (!v || !view_doc(v) || !*command)) {
		tui_complain(t, *command ? "there is nothing to pipe yet" : "| wants a command");
		return;
	}
	if (piped) {
		FILE *f = open_memstream(&text, &size);

		if (!f)
			return;
		ret = view_write(v, f, &err);
		if (fclose(f) && !ret)
			ret = kd_nomem(&err);
	}
	if (!ret)
		ret = screen_shell(t->screen, *command ? command : "exec ${SHELL:-/bin/sh}", text,
				   size, &err);
	if (ret)
		tui_complain(t, "%s", err.text);
	free(text);
}

/* Commands ---------------------------------------------------------------------- */

/* Is WORD the first of LINE? The rest behind it; NULL: no. */
static const char *after_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) != 0 || (line[n] && !isspace((unsigned char)line[n])))
		return NULL;
	return line + n + strspn(line + n, " \t");
}

static bool is_quit(const char *line)
{
	static const char *const words[] = { "q", "q!", "qa", "quit", "exit" };

	for (size_t i = 0; i < KD_ARRAY_SIZE(words); i++)
		if (!strcmp(line, words[i]))
			return true;
	return false;
}

static bool is_ours(struct tui *t, const char *line)
{
	struct view *v = tui_view(t);
	const char *rest;
	uint64_t n;

	if (is_quit(line))
		t->quit = true;
	else if ((rest = after_word(line, "w")) || (rest = after_word(line, "w!")))
		save(t, rest, line[1] == '!');
	else if (*line == '!' || *line == '|')
		shell(t, line + 1, *line == '|');
	else if (parse_number(line, &n) && isdigit((unsigned char)*line) && !strchr(line, 'x'))
		v ? view_goto(v, n ? n - 1 : 0) : false;
	else if (!strcmp(line, "messages"))
		open_line(t, ":messages");
	else if (!strcmp(line, "help"))
		open_line(t, ":help");
	else if (!strcmp(line, "gdb"))
		open_line(t, ":gdb");
	else
		return false;
	return true;
}

void words_run(struct tui *t, const char *line)
{
	size_t n;
	_cleanup_(freep) char *copy = NULL;

	/* A colon in front is ours to put there. */
	line += strspn(line, ": \t");
	for (n = strlen(line); n && isspace((unsigned char)line[n - 1]); n--)
		;
	copy = strndup(line, n);
	if (!copy || !*copy)
		return;
	/* LINE may be the last one. */
	free(t->last_line);
	t->last_line = strdup(copy);
	if (!is_ours(t, copy) && t->k)
		open_line(t, copy);
}

/* A line for gdb; another one may follow at once. */
static void ask_gdb(struct tui *t, const char *text)
{
	_cleanup_(freep) char *line = NULL;
	struct view *v = tui_view(t);
	uint64_t id;

	if (!*text || asprintf(&line, "gdb %s", text) < 0)
		return;
	id = engine_submit(t->engine, LANE_GDB, line);
	if (!id || console_ask(&t->console, id, text))
		tui_complain(t, "out of memory");
	if (v) {
		open_request(t, v);
		view_end(v);
	}
}

/* Typing ------------------------------------------------------------------------ */

static void search(struct tui *t, const char *pattern, int direction)
{
	struct view *v = tui_view(t);
	struct kd_err err = KD_ERR_INIT;
	enum view_found found;

	if (!v)
		return;
	if (!*pattern && !view_search(v)) {
		open_line(t, ":help");
		return;
	}
	if (view_find(v, *pattern ? pattern : NULL, direction, &found, &err))
		tui_complain(t, "%s", err.text);
	else if (found == VIEW_NOT_FOUND)
		tui_complain(t, "no line matches \"%s\"", view_search(v));
	else if (found == VIEW_WRAPPED)
		tui_say(t, "from the %s on", direction > 0 ? "first line" : "last line");
}

static void filter(struct tui *t, const char *pattern)
{
	struct view *v = tui_view(t);
	struct kd_err err = KD_ERR_INIT;

	if (v && view_filter(v, pattern, &err))
		tui_complain(t, "%s", err.text);
}

void words_open(struct tui *t, enum mode mode, const char *text)
{
	static const char *const prompts[] = {
		[MODE_COMMAND] = ":",
		[MODE_CONSOLE] = "(gdb) ",
		[MODE_SEARCH] = "/",
		[MODE_SEARCH_BACK] = "search backward (h = help): ",
		[MODE_FILTER] = "lines with: ",
	};
	enum line_kind kind = LINE_PATTERN;
	const struct view *v = tui_view(t);

	if (mode == MODE_COMMAND)
		kind = LINE_COMMAND;
	if (mode == MODE_CONSOLE)
		kind = LINE_CONSOLE;
	free(t->filter_before);
	t->filter_before = NULL;
	if (mode == MODE_FILTER && v && view_filtered(v))
		t->filter_before = strdup(view_filtered(v));
	t->mode = mode;
	screen_want_bytes(t->screen, true);
	command_line_open(kind, prompts[mode], text);
}

static void done(struct tui *t, enum mode mode, const char *text)
{
	switch (mode) {
	case MODE_COMMAND:
		words_run(t, text);
		break;
	case MODE_CONSOLE:
		if (is_quit(text))
			break;
		ask_gdb(t, text);
		words_open(t, MODE_CONSOLE, "");
		break;
	case MODE_SEARCH:
		search(t, text, 1);
		break;
	case MODE_SEARCH_BACK:
		if (!strcmp(text, "h"))
			open_line(t, ":help");
		else
			search(t, text, -1);
		break;
	case MODE_FILTER:
		filter(t, text);
		break;
	case MODE_KEYS:
	case MODE_QUIT:
		break;
	}
}

void words_feed(struct tui *t)
{
	_cleanup_(freep) char *text = NULL;
	enum mode mode = t->mode;
	enum line_state state;
	char bytes[256];
	size_t n = 0;
	int c;

	while (n < sizeof(bytes) && (c = screen_byte(t->screen)) >= 0)
		bytes[n++] = (char)c;
	if (!n)
		return;
	messages_seen(&t->messages);
	state = command_line_feed(bytes, n);
	if (state == LINE_EDITING) {
		/* A filter shows at once what it does. */
		if (mode == MODE_FILTER)
			filter(t, command_line_text());
		return;
	}
	t->mode = MODE_KEYS;
	screen_want_bytes(t->screen, false);
	text = strdup(command_line_text());
	if (state == LINE_DONE && text)
		done(t, mode, text);
	else if (mode == MODE_FILTER)
		filter(t, t->filter_before);
}
