// SPDX-License-Identifier: GPL-3.0-or-later
/* The manual page, made of the table of commands. */
#include <ctype.h>
#include <string.h>

#include "ui/command.h"
#include "ui/keys.h"

/* Text for troff: backslashes, leading dots and quotes, dashes that are to be copied. */
static void roff(const char *s, FILE *out)
{
	bool line_start = true;

	for (; *s; s++) {
		if (line_start && (*s == '.' || *s == '\''))
			fputs("\\&", out);
		line_start = *s == '\n';
		if (*s == '\\')
			fputs("\\e", out);
		else if (*s == '-')
			fputs("\\-", out);
		else
			fputc(*s, out);
	}
}

/* Paragraphs; indented lines stay as they are. */
static void roff_text(const char *s, FILE *out)
{
	bool literal = false;

	while (*s) {
		size_t len = strcspn(s, "\n");
		_cleanup_(freep) char *line = strndup(s, len);

		if (!line)
			return;
		if ((line[0] == ' ') != literal) {
			literal = !literal;
			fputs(literal ? ".nf\n" : ".fi\n", out);
		}
		if (len)
			roff(line, out);
		else
			fputs(literal ? "" : ".PP", out);
		fputc('\n', out);
		s += len + (s[len] == '\n');
	}
	if (literal)
		fputs(".fi\n", out);
}

static void man_options(const struct opt_def *o, FILE *out)
{
	for (; o && o->name; o++) {
		if (!o->help)
			continue;
		fputs(".TP\n", out);
		if (o->letter)
			fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
		fputs("\\fB\\-\\-", out);
		roff(o->name, out);
		fputs("\\fR", out);
		if (o->value)
			fprintf(out, " \\fI%s\\fR", o->value);
		fputc('\n', out);
		roff(o->help, out);
		fputc('\n', out);
	}
}

static void man_command(const struct command *c, FILE *out)
{
	fputs(".SS ", out);
	roff(c->name, out);
	if (*c->synopsis) {
		fputs(" ", out);
		roff(c->synopsis, out);
	}
	fputs("\n", out);
	if (!(c->flags & CMD_SHELL))
		fputs("(at the prompt only)\n", out);
	else if (!(c->flags & CMD_PROMPT))
		fputs("(on the command line only)\n", out);
	if (c->aliases) {
		fputs("Also: ", out);
		roff(c->aliases, out);
		fputs(".\n", out);
	}
	fputs(".br\n", out);
	/* The summary is a sentence without its capital. */
	fputc(toupper((uint8_t)c->summary[0]), out);
	roff(c->summary + 1, out);
	fputs(c->summary[strlen(c->summary) - 1] == '?' ? "\n.PP\n" : ".\n.PP\n", out);
	roff_text(c->help, out);
	man_options(c->options, out);
	if (!c->examples)
		return;
	fputs(".PP\nExamples:\n", out);
	for (const struct command_example *e = c->examples; e->line; e++) {
		fputs(".TP\n\\fB", out);
		roff(e->line, out);
		fputs("\\fR\n", out);
		roff(e->what, out);
		fputc('\n', out);
	}
}

static const char head[] =
	".TH KDVIEW 1 \"\" \"kdview " KD_VERSION "\" \"User Commands\"\n"
	".SH NAME\nkdview \\- what happened in a crashed Linux kernel, from its dump\n"
	".SH SYNOPSIS\n"
	".B kdview\n.I VMCORE\n.RI [ VMLINUX ]\n.br\n"
	".B kdview\n.I COMMAND VMCORE\n.RI [ VMLINUX ]\n.RI [ ARGUMENT ]...\n"
	".SH DESCRIPTION\n"
	"kdview opens the dump of a crashed Linux kernel (i386 or x86_64) and shows its\n"
	"tasks, stacks, registers, memory and log. Stacks, arguments and expressions come\n"
	"from a stock\n.BR gdb (1),\n"
	"which sees the crashed kernel through kdview: its virtual memory, and every task\n"
	"as a thread.\n.PP\n"
	"Without a command kdview shows the crash in panes: see KEYS. \\fB\\-\\-prompt\\fR\n"
	"opens a prompt with the same commands instead, as happens where the terminal cannot\n"
	"place its cursor; \\fB\\-b\\fR prints the verdict as text and ends, as happens where\n"
	"there is no terminal.\n"
	"Files and options may stand in any order; which file is the dump and which the\n"
	"vmlinux is seen from what they hold. Without a vmlinux the one that fits is\n"
	"searched by its build ID and release: beside the dump, in the current folder, in those "
	"given by\n"
	"\\fB\\-\\-debug\\-dir\\fR, in /usr/lib/debug, /boot and /lib/modules. One whose\n"
	"build ID differs is refused, unless \\fB\\-\\-force\\fR is given.\n.PP\n"
	"Where none is named and none is found, the dump answers alone: names come from the\n"
	"kernel's own table of symbols (kallsyms, found through VMCOREINFO, or before\n"
	"Linux 6.0 by its shape), types from its BTF. Source lines, arguments and local variables need a vmlinux.\n"
	"What else a dump does not tell without one, kdview says.\n";

static const char tail[] =
	".SH THE PROMPT\n"
	"\\fICOMMAND\\fR | \\fISHELL COMMAND\\fR pipes an answer into a shell command,\n"
	"\\fICOMMAND\\fR > \\fIFILE\\fR writes it to a file (>> appends), ; separates\n"
	"commands, !\\fISHELL COMMAND\\fR runs a shell command, # begins a comment.\n"
	"These signs count where a blank stands before them, outside of quotes, brackets\n"
	"and parentheses, so that expressions may hold them.\n"
	"Tab completes commands, options, symbols and names of tasks; ^C cancels, ^D quits.\n"
	"When standard input is no terminal, commands are read from it line by line, and\n"
	"the exit status is 1 if one of them failed.\n"
	".SH EXIT STATUS\n"
	".TP\n0\nAll right.\n.TP\n1\nA command failed, or what it shows is not whole: data are missing or damaged.\n"
	".TP\n2\nWrong usage.\n.TP\n3\nThe dump can not be used.\n"
	".SH ENVIRONMENT\n"
	".TP\nNO_COLOR\nWhen set and not empty, no colour is used.\n"
	".TP\nXDG_STATE_HOME\nFolder of kdview/history; ~/.local/state by default.\n"
	".SH SEE ALSO\n.BR gdb (1),\n.BR crash (8)\n";

static void man_keys(FILE *out)
{
	const struct key_group *g;

	fputs(".SH KEYS\nIn the panes; what one shows is what a command answers, and what is\n"
	      "typed after : is such a command.\n",
	      out);
	for (size_t i = 0; (g = keys_group(i)); i++) {
		fprintf(out, ".SS %s\n", g->title);
		for (const struct key *k = g->keys; k->code; k++) {
			fputs(".TP\n\\fB", out);
			roff(k->shown, out);
			fputs("\\fR\n", out);
			roff(k->help, out);
			fputc('\n', out);
		}
	}
}

void command_man(const struct opt_def *common, FILE *out)
{
	const struct command *c;

	fputs(head, out);
	fputs(".SH OPTIONS\nOf every command that opens a dump:\n", out);
	man_options(common, out);
	fputs(".SH COMMANDS\n", out);
	for (size_t i = 0; (c = command_at(i)); i++)
		man_command(c, out);
	man_keys(out);
	fputs(tail, out);
}
