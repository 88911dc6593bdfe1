/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line that is typed on the last row: readline, fed with bytes and drawn by
 * somebody else. Commands have the prompt's history and completion, patterns a
 * history of their own. readline has one state, so there is one such line.
 */
#ifndef KD_TUI_COMMAND_LINE_H
#define KD_TUI_COMMAND_LINE_H

#include "kernel/kernel.h"

enum line_kind { LINE_COMMAND, LINE_PATTERN, LINE_CONSOLE };
enum line_state { LINE_EDITING, LINE_DONE, LINE_LEFT };

/* Start; K and WORDS are as in line_edit_begin(). KD_IO, KD_NOMEM. */
int command_line_begin(const struct kernel *k, const char *const *words, struct kd_err *err);
/* Write the history; 0, or an errno. */
int command_line_end(void);

/* Begin a line with TEXT in it. */
void command_line_open(enum line_kind kind, const char *prompt, const char *text);

/*
 * Take bytes as the terminal sent them. LINE_DONE: command_line_text() is the line.
 * LINE_LEFT: by Escape, ^C, or when nothing was left to be deleted.
 */
enum line_state command_line_feed(const char *bytes, size_t n);

/* The line as it stands; borrowed until the next call. */
const char *command_line_text(void);

/*
 * How it looks in COLUMNS columns: prompt and as much of the line as has the cursor in
 * it; owned; *cursor: its column.
 */
char *command_line_shown(unsigned columns, unsigned *cursor);

/* What the last key, a Tab, could have meant; NULL past the end. Borrowed. */
const char *command_line_match(size_t i);

/* Have ^Y insert TEXT. */
void command_line_yank(const char *text);

#endif
