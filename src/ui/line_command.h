/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command of a line: found in the table, its words taken apart by its options. */
#ifndef KD_UI_LINE_COMMAND_H
#define KD_UI_LINE_COMMAND_H

#include "ui/command.h"
#include "ui/prompt_line.h"

struct kernel;

struct line_command {
	const struct command *command; /* NULL: no such command */
	char *text;		       /* owned: what the line means, if it is a short form */
	struct args args;	       /* borrows from words */
	struct line_words words;
};

/*
 * TEXT is a struct line_part's. Where its first word is no command, it may be short for
 * one: "TYPE ..." and "*TYPE ..." for struct, "p/x ...", "px ...", "*VARIABLE ..." and
 * "VARIABLE ..." for eval; K (NULL: none) knows types and variables. KD_USAGE: no such
 * command (with the nearest names), an option it does not have. line_command_fini() in
 * any case.
 */
int line_command_parse(const struct kernel *k, const char *text, struct line_command *out,
		       struct kd_err *err);
void line_command_fini(struct line_command *l);

/* Does the command of this name take its words as one expression? For line_split(). */
bool line_command_raw(const char *name);

#endif
