// SPDX-License-Identifier: GPL-3.0-or-later
/* Commands of a line: see line_command.h. */
#include "ui/line_command.h"

#include <string.h>

#include "ui/cli.h"

bool line_command_raw(const char *name)
{
	const struct command *c = command_find(name, CMD_PROMPT);

	return c && (c->flags & CMD_RAW);
}

/* The words after the command's name, by its options; an expression as it was typed. */
static int parse_args(const char *text, struct line_command *l, struct kd_err *err)
{
	const struct command *c = l->command;
	const char *const *words = (const char *const *)l->words.word + 1;
	size_t n = l->words.n - 1;
	bool raw = c->flags & CMD_RAW;
	int ret = args_parse(words, n, c->options, prompt_options, raw ? ARGS_RAW : 0, &l->args,
			     err);

	if (ret || !raw || !l->args.nwords)
		return ret;
	free(l->args.raw);
	l->args.raw = strdup(text + l->words.start[1 + n - l->args.nwords]);
	return l->args.raw ? 0 : kd_nomem(err);
}

int line_command_parse(const char *text, struct line_command *out, struct kd_err *err)
{
	_cleanup_(freep) char *name = strndup(text, strcspn(text, " \t"));
	int ret;

	*out = (struct line_command){ 0 };
	if (!name)
		return kd_nomem(err);
	out->command = command_find(name, CMD_PROMPT);
	if (!out->command)
		return command_unknown(name, CMD_PROMPT, err);
	ret = line_words(text, out->command->flags & CMD_RAW, &out->words, err);
	return ret ? ret : parse_args(text, out, err);
}

void line_command_fini(struct line_command *l)
{
	args_fini(&l->args);
	line_words_fini(&l->words);
}
