/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt: lines to commands to answers. Where the lines come from (a terminal
 * with readline, a pipe, an option) is prompt_input's.
 */
#ifndef KD_UI_PROMPT_H
#define KD_UI_PROMPT_H

#include "ui/session.h"

struct prompt {
	struct session *s;
	bool json, no_color;
	bool quit;	    /* the user has said so */
	bool failed;	    /* a command has failed */
	bool pipe_closed;   /* nobody reads stdout any more */
	unsigned long line; /* number of the line, for errors; 0: a person typed it */
};

/* Run a line; errors are told on stderr and noted in P. */
void prompt_run(struct prompt *p, const char *line);

/* Lines from a terminal, with history and completion, until ^D or quit. */
void prompt_terminal(struct prompt *p);
/* Lines from a stream until its end or quit. */
void prompt_stream(struct prompt *p, FILE *f);

#endif
