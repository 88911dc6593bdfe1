/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the TUI share. tui.c has the loop and takes answers, act.c does
 * what a key says, words.c what a typed line says, open.c brings views into panes,
 * panes.c divides the screen and draws.
 */
#ifndef KD_TUI_TUI_PRIV_H
#define KD_TUI_TUI_PRIV_H

#include "tui/console.h"
#include "tui/engine.h"
#include "tui/history.h"
#include "tui/messages.h"
#include "tui/screen.h"
#include "ui/cli.h"

#define PANES 2

struct pane {
	struct history *views;
	struct view *next;	     /* a detail that takes the place of the view when it is there */
	size_t wanted_line;	     /* where the cursor of the view asked for goes; SIZE_MAX: nowhere */
	unsigned y, x, rows, columns; /* on the screen, the title at the bottom included; 0: not shown */
};

/* What the last row is for. */
enum mode {
	MODE_KEYS,
	MODE_COMMAND,
	MODE_CONSOLE, /* a line for gdb */
	MODE_SEARCH,
	MODE_SEARCH_BACK,
	MODE_FILTER,
	MODE_QUIT, /* y or n */
};

struct tui {
	const struct cli *cli;
	struct screen *screen;
	struct engine *engine;
	const struct kernel *k; /* NULL: not open yet */

	struct pane panes[PANES];
	size_t npanes, focus;
	bool maximised;
	bool detail;	      /* the second pane shows the frame under the first one's cursor */
	size_t detail_part;   /* which part of it */
	bool detail_wanted;   /* a stack opens with it */

	enum mode mode;
	char *filter_before; /* of the view, while another one is typed; owned */
	char *last_line;     /* for "."; owned */
	char *recent[10];    /* the line each digit's view was made by last; owned */
	uint64_t address;    /* the last one looked at; 0: none */

	struct messages messages;
	struct console console;
	uint64_t begun, asked; /* the opening, and the last question; ms */
	struct doc_step {
		char what[48];
		unsigned ms; /* since begun */
	} steps[16];
	size_t nsteps;

	const struct view *json_of; /* while its document as JSON is made */
	bool quit;
	int signo; /* that ended it; 0: none */
};

/* tui.c */
void tui_say(struct tui *t, const char *fmt, ...) KD_PRINTF(2, 3);
void tui_complain(struct tui *t, const char *fmt, ...) KD_PRINTF(2, 3);
struct pane *tui_pane(struct tui *t);  /* the one that has the keys */
struct view *tui_view(struct tui *t);  /* what it shows; NULL: nothing yet */

/* open.c */
/* Show what a line answers in the pane that has the keys. Lines of ours begin with ":". */
void open_line(struct tui *t, const char *line);
/* The view of a digit. */
void open_digit(struct tui *t, int digit);
/* Ask for a view's document (again). */
void open_request(struct tui *t, struct view *v);
void open_back(struct tui *t);
void open_forward(struct tui *t);
/* What was asked for has come; A is used up. */
void open_answer(struct tui *t, struct answer *a);
/* After the cursor or the views have moved: the detail follows. */
void open_follow(struct tui *t);
/* Show a part of the frame under the cursor below it. */
void open_detail(struct tui *t, size_t part);
void open_detail_close(struct tui *t);
size_t open_detail_parts(void);
/* One pane more, or less. */
void open_split(struct tui *t);
/* Make the pane's views anew, or the second pane go. */
int open_pane_new(struct tui *t, struct pane *p, struct kd_err *err);
void open_pane_free(struct tui *t, struct pane *p);
bool view_is_stack(const struct view *v);

/* own.c: documents that are made here */
/* The document of a line that begins with ":". */
void own_doc(struct tui *t, const char *line, struct doc *d);
/* The document of a view that has one, as JSON. KD_IO, KD_NOMEM. */
int own_json(const struct view *v, FILE *out, struct kd_err *err);

/* act.c */
void act_key(struct tui *t, int key);

/* words.c */
/* Open the last row for typing. */
void words_open(struct tui *t, enum mode mode, const char *text);
/* Bytes typed there. */
void words_feed(struct tui *t);
/* Words of ours that begin a line, for completion; NULL-terminated. */
extern const char *const words_ours[];
/* Write the view to a file: ":w". */
void words_run(struct tui *t, const char *line);

/* panes.c */
void panes_draw(struct tui *t);

#endif
