/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A view: the document of one command on a screen, with cursor, scrolling, search,
 * filter, wrapping and a chosen link. Pure: it paints through a callback and knows
 * no terminal, no kernel and no clock. One thread only.
 *
 * A document that comes later for the same command takes the place of the one before
 * without moving the cursor. What a redraw costs depends on the size of the screen,
 * not on that of the document.
 */
#ifndef KD_TUI_VIEW_H
#define KD_TUI_VIEW_H

#include "tui/sheet.h"

struct view;

/* COMMAND: the line it is made by (copied). DIGITS: of the target's pointers, 8 or 16. */
int view_new(const char *command, unsigned digits, struct view **out, struct kd_err *err);
void view_free(struct view *v);

/* ---- what it shows ---- */

enum view_answer {
	VIEW_NOTHING, /* no answer yet, or forgotten: to be asked for */
	VIEW_NATIVE,
	VIEW_GDB,
};

/*
 * A document for the command; D is taken over whatever happens. The cursor stays on
 * the line with the same link, else with the same text, else with the same number;
 * and at the same height of the screen. The first document puts it where the
 * document wants it. WHY (may be NULL): the command failed; it becomes a finding at
 * the end of the document. KD_NOMEM: the old document is still there.
 */
int view_replace(struct view *v, struct doc *d, enum view_answer from, const struct kd_err *why,
		 struct kd_err *err);
/* Let go of the document; the next one puts the cursor where it was. */
void view_forget(struct view *v);

enum view_answer view_answer(const struct view *v);
const char *view_command(const struct view *v);
/* The caller's: jobs under way for this view, by lane; 0: none. */
uint64_t *view_jobs(struct view *v);
/* Memory it takes, bytes. */
size_t view_bytes(const struct view *v);
/* The document, for JSON; NULL: none. */
const struct doc *view_doc(const struct view *v);
/* The whole document, filter or not, as text in lines of any length. KD_IO (errno), KD_NOMEM. */
int view_write(const struct view *v, FILE *out, struct kd_err *err);

/* ---- layout ---- */

/* Size in columns and rows, without title and marks; both at least 1. KD_NOMEM: as before. */
int view_resize(struct view *v, unsigned width, unsigned height, struct kd_err *err);
bool view_wrap(const struct view *v);
void view_set_wrap(struct view *v, bool wrap);
/* Show what lies COLUMNS to the right (negative: left); view_left() is how far it is. */
void view_shift(struct view *v, int columns);
size_t view_left(const struct view *v);

/* ---- moving; false: it could not ---- */

bool view_move(struct view *v, long lines);
/* By HALVES of the screen's height. */
bool view_page(struct view *v, int halves);
bool view_home(struct view *v);
bool view_end(struct view *v);
/* To a line, 0-based, of those shown. */
bool view_goto(struct view *v, size_t line);
/* What is at row Y and column X of the screen: the cursor goes there, and chooses the link. */
bool view_click(struct view *v, unsigned y, unsigned x);
/* The next link (direction 1) or the one before (-1), on this line or another. */
bool view_link_step(struct view *v, int direction);
/* The next line (or the one before) with a finding or a warning. */
bool view_finding_step(struct view *v, int direction);

/* Lines shown (those the filter lets through), the cursor's among them, percent seen. */
size_t view_count(const struct view *v);
size_t view_cursor(const struct view *v);
unsigned view_percent(const struct view *v);
/* Lines of the document. */
size_t view_total(const struct view *v);

/* ---- search and filter ---- */

enum view_found { VIEW_FOUND, VIEW_WRAPPED /* past the end, or the begin */, VIEW_NOT_FOUND };

/*
 * Go to the next line that has PATTERN (NULL: the last one) in DIRECTION, 1 or -1.
 * KD_NOTFOUND: no PATTERN and none before. KD_NOMEM.
 */
int view_find(struct view *v, const char *pattern, int direction, enum view_found *out,
	      struct kd_err *err);
const char *view_search(const struct view *v); /* NULL: none */

/* Show only lines that have PATTERN; NULL or "": all. Titles of tables stay in sight. KD_NOMEM. */
int view_filter(struct view *v, const char *pattern, struct kd_err *err);
const char *view_filtered(const struct view *v); /* NULL: not */

/* ---- what is under the cursor ---- */

/* The command line of the chosen link; owned; NULL: there is none (or no memory). */
char *view_target(const struct view *v);
/* The address of the chosen link, or else the first one in the cursor's line. */
bool view_address(const struct view *v, uint64_t *addr);
/* The text of the cursor's line, of the chosen link (NULL: none); owned. */
char *view_line_text(const struct view *v);
char *view_link_text(const struct view *v);

/* ---- painting ---- */

enum view_row_flags {
	VIEW_ROW_CURSOR = 1,
	VIEW_ROW_HEADER = 2,	/* titles of a table, wherever they belong */
	VIEW_ROW_EMPTY = 4,	/* past the end */
	VIEW_ROW_CONTINUED = 8, /* goes on with the line above (wrapped) */
	VIEW_ROW_FINDING = 16,
};

enum view_piece_flags {
	VIEW_LINK = 1,	 /* leads somewhere */
	VIEW_CHOSEN = 2, /* the chosen link of the cursor's line */
	VIEW_MATCH = 4,	 /* of the search */
	VIEW_CUT = 8,	 /* "~": there is more to the right */
};

struct view_painter {
	void *data;
	/* Row Y comes; first call for each row of the screen, in order. */
	void (*row)(void *data, unsigned y, unsigned flags);
	/* N bytes, COLUMNS wide, at column X of row Y. What no piece covers is blank. */
	void (*piece)(void *data, unsigned y, unsigned x, enum doc_style style, unsigned flags,
		      const char *bytes, size_t n, unsigned columns);
};

void view_paint(const struct view *v, const struct view_painter *p);

#endif
