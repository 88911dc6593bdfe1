/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands: the one table that the command line, the prompt, help, completion and
 * the manual page are made of.
 *
 * A command is a function from (session, arguments) to a document; it prints
 * nothing. To add one: a file cmd_NOUN.c with its struct command, a line in the
 * table of command.c.
 */
#ifndef KD_UI_COMMAND_H
#define KD_UI_COMMAND_H

#include "ui/args.h"
#include "ui/doc.h"

struct session;

enum command_flags {
	CMD_SHELL = 1,	   /* a subcommand of the command line */
	CMD_PROMPT = 2,	   /* a word at the prompt */
	CMD_RAW = 4,	   /* its words are one text, taken as it stands */
	CMD_SYMBOLS = 8,   /* completion offers symbols */
	CMD_TASKS = 16,	   /* completion offers names of tasks */
	CMD_COMMANDS = 32, /* completion offers commands */
	CMD_NO_DUMP = 64,  /* needs no dump */
	CMD_FILES = 256,   /* completion offers files */
	CMD_TYPES = 512,   /* completion offers types, then members, then symbols */
	CMD_OWN_FILES = 2048, /* it opens its files itself: they are words to the command line */
	CMD_MODULES = 1024, /* completion offers modules */
	CMD_REST = 128,	   /* words after "--" are another program's */
};

struct command_example {
	const char *line; /* as at the prompt; at the shell the files come after the first word */
	const char *what;
};

struct command {
	const char *name;
	const char *aliases;			/* separated by blanks; NULL: none */
	const char *group;			/* heading in help */
	const char *synopsis;			/* arguments, "" for none */
	const char *summary;			/* one line */
	const char *help;			/* paragraphs, lines of at most 76 columns */
	const struct opt_def *options;		/* ends with name NULL; NULL: none */
	const struct command_example *examples; /* ends with line NULL; NULL: none */
	unsigned min, max;			/* number of arguments */
	unsigned flags;
	/* D keeps what was done even on failure. NULL: a face of its own (main.c). */
	int (*run)(struct session *s, const struct args *a, struct doc *d, struct kd_err *err);
};

/* The i-th command in the order of help; NULL past the end. */
const struct command *command_at(size_t i);

/* By name or alias among those with one of FLAGS; NULL: none. */
const struct command *command_find(const char *name, unsigned flags);

/* KD_USAGE with the nearest names. */
int command_unknown(const char *name, unsigned flags, struct kd_err *err);

/*
 * Help, as text to OUT: of one command, of all. SHELL: as for the command line,
 * with its files and COMMON options (ends with name NULL).
 */
void command_help(const struct command *c, bool shell, const struct opt_def *common, FILE *out);
void command_help_all(bool shell, const struct opt_def *common, FILE *out);
/* "TITLE:" and the options, unless there are none. */
void command_options(const struct opt_def *o, const char *title, FILE *out);
/* "usage: ..." in one line. */
void command_usage(const struct command *c, bool shell, FILE *out);
/* The manual page, in man(7). */
void command_man(const struct opt_def *common, FILE *out);

#endif
