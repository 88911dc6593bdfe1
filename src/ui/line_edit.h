/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the prompt and the TUI's command line share of readline: the history file and
 * completion. readline has one state for the whole program, so one of them uses it at
 * a time, in one thread.
 */
#ifndef KD_UI_LINE_EDIT_H
#define KD_UI_LINE_EDIT_H

#include "kernel/kernel.h"

/* The history file, made if it is not there; owned by the caller; NULL: there can be none. */
char *line_edit_history(void);

/*
 * Set readline up. K (may be NULL: no names of it) is borrowed until line_edit_end(), so
 * are WORDS (NULL-terminated, may be NULL): offered where a command is. HISTORY may be NULL.
 */
void line_edit_begin(const struct kernel *k, const char *const *words, const char *history);
/* Write the history (0600) and forget all; 0, or an errno of writing. */
int line_edit_end(const char *history);

/* Add a line to the history, unless it is empty, begins with a blank or is the last one. */
void line_edit_remember(const char *line);

#endif
