/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sheet: a document laid out for a width, as lines of styled spans. Pure: no
 * terminal. It keeps nothing of the document it was made of, and never changes.
 */
#ifndef KD_TUI_SHEET_H
#define KD_TUI_SHEET_H

#include "ui/doc.h"
#include "ui/render_text.h"

#define SHEET_LINE_MAX (1u << 20) /* bytes; longer lines are broken */
#define SHEET_NONE SIZE_MAX

struct span {
	uint32_t start, len; /* bytes of the line's text */
	uint8_t style;	     /* enum doc_style */
	const char *link;    /* as in struct text_sink */
};

/* A line; all pointers are borrowed from the sheet. */
struct sheet_line {
	const char *text; /* printable UTF-8; a NUL follows, though not at once */
	uint32_t len, columns;
	unsigned marks;		  /* enum text_mark */
	const struct span *spans; /* in order; they cover the text */
	size_t nspans;
};

struct sheet;

/*
 * WIDTH: where the frames of stacks are broken; 0: they are not. Nothing is cut.
 * KD_NOMEM.
 */
int sheet_make(const struct doc *d, unsigned width, struct sheet **out, struct kd_err *err);
void sheet_free(struct sheet *s);

size_t sheet_count(const struct sheet *s);
struct sheet_line sheet_at(const struct sheet *s, size_t i);
/* The line with the titles of the table that line I is a row of; SHEET_NONE: none. */
size_t sheet_header(const struct sheet *s, size_t i);
/* The first line marked as where to look first, else the first line with a link, else 0. */
size_t sheet_here(const struct sheet *s);
/* Bytes of memory it takes. */
size_t sheet_bytes(const struct sheet *s);

/* A place in a line that leads somewhere. */
struct sheet_link {
	uint32_t start, len;
	const char *command; /* borrowed; NULL: to be made of the text by sheet_link_command() */
};

/*
 * The links of a line in order, at most MAX; returns how many there are. Those of the
 * document (a command that several spans carry is one link), and in what has none
 * every "symbol+0xN/0xM" and every address: DIGITS, the digits of the target's
 * pointers (8 or 16), or as many as make more than 32 bits after a "0x".
 */
size_t sheet_links(const struct sheet_line *l, unsigned digits, struct sheet_link *out, size_t max);

/* The command line of a link; owned; NULL: out of memory. */
char *sheet_link_command(const struct sheet_line *l, const struct sheet_link *link);

#endif
