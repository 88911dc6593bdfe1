// SPDX-License-Identifier: GPL-3.0-or-later
/* Help on one command, which needs no table of them: see command.h. */
#include <string.h>

#include "ui/command.h"

static void print_option(const struct opt_def *o, FILE *out)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", o->letter ? '-' : ' ',
		 o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	/* A long one gets a line of its own. */
	if (strlen(left) > 24)
		fprintf(out, "  %s\n  %-24s  %s\n", left, "", o->help);
	else
		fprintf(out, "  %-24s  %s\n", left, o->help);
}

void command_options(const struct opt_def *o, const char *title, FILE *out)
{
	if (!o || !o->name)
		return;
	fprintf(out, "\n%s:\n", title);
	for (; o->name; o++)
		if (o->help)
			print_option(o, out);
}

void command_usage(const struct command *c, bool shell, FILE *out)
{
	fprintf(out, "usage: %s%s%s%s%s%s\n", shell ? "kdview " : "", c->name,
		shell && !(c->flags & CMD_NO_DUMP) ? " VMCORE [VMLINUX]" : "",
		c->options ? " [OPTION]..." : "", *c->synopsis ? " " : "", c->synopsis);
}

/* An example as it is typed: at the shell the files come after the command. */
static void print_example(const struct command *c, const struct command_example *e, bool shell,
			  char *buf, size_t size)
{
	size_t word = strcspn(e->line, " ");

	if (!shell || (c->flags & CMD_NO_DUMP))
		snprintf(buf, size, "%s%s", shell ? "kdview " : "", e->line);
	else
		snprintf(buf, size, "kdview %.*s vmcore%s", (int)word, e->line, e->line + word);
}

void command_help(const struct command *c, bool shell, const struct opt_def *common, FILE *out)
{
	char buf[160];

	fprintf(out, "%s: %s\n", c->name, c->summary);
	command_usage(c, shell, out);
	if (c->aliases)
		fprintf(out, "also: %s\n", c->aliases);
	fprintf(out, "\n%s\n", c->help);
	command_options(c->options, "options", out);
	command_options(common,
		      shell && !(c->flags & CMD_NO_DUMP) ? "options of every command" : "also",
		      out);
	if (!c->examples)
		return;
	fprintf(out, "\nexamples:\n");
	for (const struct command_example *e = c->examples; e->line; e++) {
		print_example(c, e, shell, buf, sizeof(buf));
		fprintf(out, "  %-40s  %s\n", buf, e->what);
	}
}
