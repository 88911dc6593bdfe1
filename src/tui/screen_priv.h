/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the screen share. */
#ifndef KD_TUI_SCREEN_PRIV_H
#define KD_TUI_SCREEN_PRIV_H

#include <termios.h>

#include <curses.h>

#include "tui/screen.h"

struct screen {
	SCREEN *curses;
	FILE *out, *in; /* the terminal; curses' */
	int tty, tty_in; /* their descriptors */
	int old_err;	 /* stderr as it was */
	int events;	 /* eventfd */
	int messages, message_in; /* pipe */
	char partial[4096];	  /* printed, not taken yet */
	size_t partial_len;
	struct termios before;
	bool mono; /* no colour is wanted */
	bool ascii; /* the terminal takes no UTF-8 */
	int colors; /* 0: monochrome */
};

/* Find out what colours there are, and set them up. */
void screen_colors(struct screen *s);
/* Take the size the terminal has now. */
void screen_fit(struct screen *s);

#endif
