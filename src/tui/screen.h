/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal: curses and nothing else. It has the terminal alone: what the rest of
 * the program prints on stdout and stderr meanwhile comes out of a pipe, as messages.
 *
 * One screen at a time, one thread. However the program ends, by a signal or a fault,
 * the terminal is given back as it was.
 */
#ifndef KD_TUI_SCREEN_H
#define KD_TUI_SCREEN_H

#include "ui/doc.h"
#include "ui/keys.h"

struct screen;

/* Beside a style; with colours and without, each can be told from the others. */
enum screen_look {
	LOOK_CURSOR = 1, /* the line of the cursor */
	LOOK_LINK = 2,
	LOOK_CHOSEN = 4,
	LOOK_MATCH = 8,
	LOOK_TITLE = 16,   /* of the pane that has the keys */
	LOOK_RULE = 32,	   /* of another pane */
	LOOK_HEADER = 64,
	LOOK_HINT = 128,
};

/* Take the terminal, which terminal_check() has found fit. KD_UNSUPPORTED, KD_IO, KD_NOMEM. */
int screen_open(bool no_color, struct screen **out, struct kd_err *err);
/* Give it back; NULL is fine. */
void screen_close(struct screen *s);

void screen_size(const struct screen *s, unsigned *rows, unsigned *columns);

/* What to poll for: keys, signals and a new size, messages. */
int screen_key_fd(const struct screen *s);
int screen_event_fd(const struct screen *s);
int screen_message_fd(const struct screen *s);

/* Take what the event was: the new size, a stop or its end; what is shown is then to be drawn. */
void screen_events(struct screen *s);
/* A line that was printed, without "kdview: "; owned by the caller; NULL: none is complete. */
char *screen_message(struct screen *s);

/* The next key (enum key_code, or a character); 0: none. */
int screen_key(struct screen *s);
/* The next byte as the terminal sends it, for an editor of lines; -1: none. */
int screen_byte(struct screen *s);
/* From now on bytes are wanted, or keys again. */
void screen_want_bytes(struct screen *s, bool bytes);

/* Draw: N bytes of UTF-8 at row Y and column X, which fit. What was there before is blank. */
void screen_begin(struct screen *s);
void screen_blank(struct screen *s, unsigned y, unsigned x, unsigned columns, unsigned looks);
void screen_put(struct screen *s, unsigned y, unsigned x, enum doc_style style, unsigned looks,
		const char *bytes, size_t n);
/* A line between panes that lie side by side. */
void screen_bar(struct screen *s, unsigned y, unsigned x, unsigned rows);
/* Show what was drawn, with the cursor there, or without one. */
void screen_end(struct screen *s, bool cursor, unsigned y, unsigned x);
/* The terminal may show anything now: draw all of it. */
void screen_repaint(struct screen *s);

/* Stop, as ^Z does elsewhere; returns when continued. */
void screen_suspend(struct screen *s);

/*
 * Run a shell command on the terminal, with INPUT (LEN bytes; NULL: the terminal's),
 * and wait for Enter afterwards. KD_IO.
 */
int screen_shell(struct screen *s, const char *command, const char *input, size_t len,
		 struct kd_err *err);

/* Put a text into the terminal's clipboard (OSC 52); false: it has none that we know of. */
bool screen_copy(struct screen *s, const char *text);

#endif
