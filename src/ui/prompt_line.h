/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line typed at the prompt, taken apart: commands separated by ";", each with
 * its pipe or file. Pure: no I/O.
 *
 * Signs in quotes count for nothing. An expression (CMD_RAW) may hold such signs
 * itself: there they count only outside of parentheses and brackets and after a
 * blank, "||", ">=" and the like never do, and "> 3" is a comparison.
 */
#ifndef KD_UI_PROMPT_LINE_H
#define KD_UI_PROMPT_LINE_H

#include "core/err.h"

struct line_part {
	char *text;  /* the command and its words */
	char *shell; /* "!COMMAND": all of the part; text is NULL */
	char *pipe;  /* after "|": the rest of the line; NULL: none */
	char *file;  /* after ">" or ">>"; NULL: none */
	bool append; /* ">>" */
};

struct line {
	struct line_part *parts;
	size_t n;
};

/*
 * Split a line. RAW tells whether the command of a name takes its words as one
 * expression. A line of blanks or a comment ("# ...") has no parts. KD_USAGE: a quote that
 * is not closed, no file after ">", no command before "|".
 */
int line_split(const char *text, bool (*raw)(const char *name), struct line *out,
	       struct kd_err *err);
void line_fini(struct line *l);

/*
 * The words of a command: split at blanks; '...', "..." and \c as in the shell.
 * START is where each begins in TEXT.
 */
struct line_words {
	char **word;
	size_t *start;
	size_t n;
};

/* KD_USAGE: a quote that is not closed, unless LENIENT. line_words_fini() in any case. */
int line_words(const char *text, bool lenient, struct line_words *out, struct kd_err *err);
void line_words_fini(struct line_words *w);

#endif
