/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a view share. A "shown" line is one the filter lets through. */
#ifndef KD_TUI_VIEW_PRIV_H
#define KD_TUI_VIEW_PRIV_H

#include "tui/pattern.h"
#include "tui/view.h"

#define NONE SIZE_MAX
#define LINKS_MAX 64 /* of a line that can be chosen */

/* Where the cursor was in a document that is no more. */
struct place {
	bool known;
	char *link;	  /* the first of the document's in its line; NULL: none */
	size_t ordinal;	  /* of the line among neighbours with that link */
	char *text;	  /* of the line */
	char *chosen;	  /* command of the chosen link; NULL: none */
	size_t line, row; /* number in the document, height on the screen */
};

struct view {
	char *command;
	unsigned digits;
	enum view_answer answer;
	uint64_t jobs[2];
	struct doc doc; /* while there is a sheet */
	struct sheet *sheet;
	unsigned width, height;
	bool wrap;
	size_t top, sub; /* the first line on the screen, and how many of its rows are above it */
	size_t cursor;	 /* both among the lines shown */
	size_t left;	 /* columns */
	size_t chosen;	 /* among the links of the cursor's line; NONE */
	size_t want;	 /* the column of the link chosen by hand; NONE: none was */
	struct pattern *search, *filter;
	size_t *shown; /* with a filter: numbers of lines */
	size_t nshown;
	struct place place;
};

/* The line of the document that is shown as the i-th. */
size_t view_line_of(const struct view *v, size_t i);
/* The first line shown from LINE of the document on, or the last one. */
size_t view_shown_from(const struct view *v, size_t line);
struct sheet_line view_shown(const struct view *v, size_t i);

/* Rows a shown line takes. */
size_t view_rows_of(const struct view *v, size_t i);
/* Where row SUB of a wrapped line begins, in bytes; its length if there is no such row. */
size_t view_row_start(const struct view *v, const struct sheet_line *l, size_t sub);
/* The titles to be repeated above a screen that begins with shown line TOP; NONE: none. */
size_t view_sticky(const struct view *v, size_t top);

/* Links of a shown line, at most LINKS_MAX. */
size_t view_links(const struct view *v, size_t i, struct sheet_link *out);

/* After the cursor moved: choose a link, scroll. */
void view_settle(struct view *v);
/* Bring the cursor to a row of the screen, as far as lines reach. */
void view_put_row(struct view *v, size_t row);
/* The row of the screen the cursor is in. */
size_t view_row(const struct view *v);
/* Scroll sideways until COLUMNS at COLUMN of the line are seen. */
void view_show_columns(struct view *v, size_t column, size_t columns);

void view_keep_place(struct view *v);
void view_restore_place(struct view *v);

/* What the filter lets through, anew. */
int view_refilter(struct view *v);

#endif
