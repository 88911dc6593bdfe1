// SPDX-License-Identifier: GPL-3.0-or-later
/* help, version, quit: commands about the program itself. */
#include <string.h>

#include "ui/cli.h"
#include "ui/commands.h"

static int write_help(const struct args *a, bool shell, FILE *f, struct kd_err *err)
{
	const struct opt_def *common = shell ? cli_options : prompt_options;
	unsigned flags = shell ? CMD_SHELL : CMD_PROMPT;

	if (args_has(a, "man")) {
		command_man(cli_options, f);
		return 0;
	}
	if (!a->nwords)
		command_help_all(shell, common, f);
	for (size_t i = 0; i < a->nwords; i++) {
		const struct command *c = command_find(a->words[i], flags);

		if (!c)
			return command_unknown(a->words[i], flags, err);
		command_help(c, shell, c->flags & CMD_NO_DUMP ? NULL : common, f);
	}
	return 0;
}

/* S is NULL on the command line. */
static int run_help(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	int ret;

	if (!f)
		return kd_nomem(err);
	ret = write_help(a, !s, f, err);
	if (fclose(f))
		ret = kd_nomem(err);
	else if (size)
		doc_text(d, "text", doc_strn(text, size));
	free(text);
	return ret;
}

static int run_version(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	(void)s;
	(void)a;
	(void)err;
	doc_text(d, "version", doc_str("kdview " KD_VERSION));
	return 0;
}

static const struct opt_def help_options[] = {
	{ 0, "man", NULL, "the manual page, in troff" },
	{ 0, NULL, NULL, NULL },
};

const struct command cmd_help = {
	.name = "help",
	.aliases = "?",
	.group = "the prompt",
	.synopsis = "[COMMAND]...",
	.summary = "help on a command, or what commands there are",
	.help = "Without an argument, a line for every command.",
	.options = help_options,
	.max = 64,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_COMMANDS | CMD_NO_DUMP,
	.run = run_help,
};

const struct command cmd_version = {
	.name = "version",
	.group = "the prompt",
	.synopsis = "",
	.summary = "the version of kdview",
	.help = "The program's name and version.",
	.flags = CMD_SHELL | CMD_PROMPT | CMD_NO_DUMP,
	.run = run_version,
};

/* The prompt itself ends at this word. */
const struct command cmd_quit = {
	.name = "quit",
	.aliases = "q exit",
	.group = "the prompt",
	.synopsis = "",
	.summary = "leave the prompt",
	.help = "As does ^D.",
	.flags = CMD_PROMPT | CMD_NO_DUMP,
};
