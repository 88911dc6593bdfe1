/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of the prompt as a document: for faces that keep answers instead of printing them. */
#ifndef KD_UI_LINE_DOC_H
#define KD_UI_LINE_DOC_H

#include "ui/doc.h"

struct session;

/*
 * Run a line (see prompt_line.h) and append what it answers to D. "COMMAND | SHELL COMMAND"
 * and "!SHELL COMMAND" give what the shell command prints; it has no terminal. "> FILE"
 * writes the file and says so. Of several commands every one is run; one that fails leaves
 * a note in D. Errors: the first command's that failed, KD_USAGE for a line that is none;
 * D keeps what was done.
 */
int line_doc(struct session *s, const char *line, struct doc *d, struct kd_err *err);

#endif
