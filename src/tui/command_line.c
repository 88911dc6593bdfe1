// SPDX-License-Identifier: GPL-3.0-or-later
/* The typed line: see command_line.h. */
#include "tui/command_line.h"

#include <errno.h>
#include <string.h>

#include <readline/readline.h>
#include <readline/history.h>

#include "tui/glyph.h"
#include "ui/escape.h"
#include "ui/line_edit.h"

#define MATCHES_MAX 200

/* readline calls back without a context of ours, and is a terminal's worth of state itself. */
static struct {
	char *history; /* file; NULL: none */
	FILE *nowhere, *nothing;
	HISTORY_STATE *commands, *patterns; /* that of the kind not in use */
	enum line_kind kind;
	enum line_state state;
	char *text; /* of a line that is done */
	const char *bytes;
	size_t nbytes;
	char *matches[MATCHES_MAX];
	size_t nmatches;
	rl_completion_func_t *complete;
} line;

static int next_byte(FILE *in)
{
	(void)in;
	if (!line.nbytes)
		return EOF;
	line.nbytes--;
	return (unsigned char)*line.bytes++;
}

static int has_byte(void)
{
	return line.nbytes > 0;
}

static void nothing_to_do(void)
{
}

static void nothing_to_prepare(int meta)
{
	(void)meta;
}

static void forget_matches(void)
{
	while (line.nmatches)
		free(line.matches[--line.nmatches]);
}

/* The first of MATCHES is what they have in common. */
static void keep_matches(char **matches, int n, int longest)
{
	(void)longest;
	forget_matches();
	for (int i = 1; i <= n && line.nmatches < MATCHES_MAX; i++) {
		char *m = escape_text(matches[i], strlen(matches[i]), false, NULL);

		if (m)
			line.matches[line.nmatches++] = m;
	}
}

static char **complete(const char *text, int start, int end)
{
	rl_attempted_completion_over = 1;
	return line.kind == LINE_PATTERN ? NULL : line.complete(text, start, end);
}

static void on_line(char *text)
{
	free(line.text);
	line.text = text;
	line.state = text ? LINE_DONE : LINE_LEFT;
	if (text)
		line_edit_remember(text);
	/* From within: or readline would begin another one at once. */
	rl_callback_handler_remove();
}

int command_line_begin(const struct kernel *k, const char *const *words, struct kd_err *err)
{
	line.nowhere = fopen("/dev/null", "we");
	line.nothing = fopen("/dev/null", "re");
	if (!line.nowhere || !line.nothing)
		return kd_fail(err, KD_IO, "/dev/null: %s", strerror(errno));
	line.history = line_edit_history();
	line_edit_begin(k, words, line.history);
	line.complete = rl_attempted_completion_function;
	line.patterns = calloc(1, sizeof(*line.patterns));
	if (!line.patterns)
		return kd_nomem(err);
	rl_attempted_completion_function = complete;
	rl_instream = line.nothing;
	rl_outstream = line.nowhere;
	rl_getc_function = next_byte;
	rl_input_available_hook = has_byte;
	rl_redisplay_function = nothing_to_do;
	rl_prep_term_function = nothing_to_prepare;
	rl_deprep_term_function = nothing_to_do;
	rl_completion_display_matches_hook = keep_matches;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_initialize();
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("show-all-if-ambiguous", "on");
	return 0;
}

/* Make the history of a kind the one that readline sees. */
static void choose_history(enum line_kind kind)
{
	bool patterns = kind == LINE_PATTERN;

	if (patterns && line.patterns) {
		line.commands = history_get_history_state();
		history_set_history_state(line.patterns);
		free(line.patterns);
		line.patterns = NULL;
	} else if (!patterns && line.commands) {
		line.patterns = history_get_history_state();
		history_set_history_state(line.commands);
		free(line.commands);
		line.commands = NULL;
	}
}

int command_line_end(void)
{
	int error = 0;

	choose_history(LINE_PATTERN);
	clear_history();
	choose_history(LINE_COMMAND);
	error = line_edit_end(line.history);
	forget_matches();
	/* readline has let go of the list that is not in use. */
	if (line.patterns)
		free(line.patterns->entries);
	free(line.patterns);
	free(line.text);
	free(line.history);
	if (line.nowhere)
		fclose(line.nowhere);
	if (line.nothing)
		fclose(line.nothing);
	rl_instream = rl_outstream = NULL;
	memset(&line, 0, sizeof(line));
	return error;
}

void command_line_open(enum line_kind kind, const char *prompt, const char *text)
{
	line.kind = kind;
	line.state = LINE_EDITING;
	choose_history(kind);
	using_history();
	forget_matches();
	rl_callback_handler_install(prompt, on_line);
	rl_insert_text(text);
}

static enum line_state leave(void)
{
	rl_callback_handler_remove();
	line.state = LINE_LEFT;
	return line.state;
}

/* Does this byte leave the line? */
static bool leaves(char c)
{
	if (c == 3)
		return true;
	/* Nothing to be deleted any more, as in less and vi; but a console stays. */
	if ((c == 0x7f || c == 8) && !rl_end && line.kind != LINE_CONSOLE)
		return !RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH);
	return false;
}

enum line_state command_line_feed(const char *bytes, size_t n)
{
	/* Alone it is the key; what arrow keys send comes in one piece. In vi's mode it is vi's. */
	if (n == 1 && bytes[0] == 0x1b && rl_editing_mode)
		return leave();
	line.bytes = bytes;
	line.nbytes = n;
	while (line.nbytes && line.state == LINE_EDITING) {
		forget_matches();
		if (leaves(*line.bytes))
			return leave();
		rl_callback_read_char();
	}
	return line.state;
}

const char *command_line_text(void)
{
	return line.state == LINE_DONE ? line.text : rl_line_buffer;
}

char *command_line_shown(unsigned columns, unsigned *cursor)
{
	const char *prompt = rl_display_prompt ? rl_display_prompt : "";
	const char *text = rl_line_buffer ? rl_line_buffer : "";
	size_t left = glyph_columns(prompt, strlen(prompt)), used;
	size_t point = (size_t)rl_point, from = 0, len;
	char *out;

	/* Drop characters at the left until the cursor is in sight. */
	while (from < point && left + glyph_columns(text + from, point - from) + 1 > columns) {
		unsigned width;

		from += glyph_next(text + from, point - from, &width);
	}
	*cursor = (unsigned)(left + glyph_columns(text + from, point - from));
	len = strlen(text + from);
	if (left < columns)
		len = glyph_fit(text + from, len, columns - left, &used);
	if (asprintf(&out, "%s%.*s", prompt, (int)len, text + from) < 0)
		return NULL;
	return out;
}

const char *command_line_match(size_t i)
{
	return i < line.nmatches ? line.matches[i] : NULL;
}

void command_line_yank(const char *text)
{
	rl_replace_line(text, 0);
	rl_kill_text(0, rl_end);
	rl_replace_line("", 1);
}
