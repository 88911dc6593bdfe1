/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command of a line: found in the table, its words taken apart by its options. */
#ifndef KD_UI_LINE_COMMAND_H
#define KD_UI_LINE_COMMAND_H

#include "ui/command.h"
#include "ui/prompt_line.h"

struct line_command {
	const struct command *command; /* NULL: no such command */
	struct args args;	       /* borrows from words */
	struct line_words words;
};

/*
 * TEXT is a struct line_part's. KD_USAGE: no such command (with the nearest names),
 * an option it does not have. line_command_fini() in any case.
 */
int line_command_parse(const char *text, struct line_command *out, struct kd_err *err);
void line_command_fini(struct line_command *l);

/* Does the command of this name take its words as one expression? For line_split(). */
bool line_command_raw(const char *name);

#endif
