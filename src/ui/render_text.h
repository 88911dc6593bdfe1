/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document as plain text. Control bytes of the dump are escaped; colour only
 * when asked for; lines are fitted to a width only when there is one (a
 * terminal), and an address is never shortened.
 */
#ifndef KD_UI_RENDER_TEXT_H
#define KD_UI_RENDER_TEXT_H

#include "ui/doc.h"

/* What a line is, besides its text. */
enum text_mark {
	TEXT_HERE = 1,	 /* where to look first */
	TEXT_TITLE = 2,	 /* of a section */
	TEXT_HEADER = 4, /* the titles of a table */
	TEXT_ROW = 8,	 /* of the table whose titles came last */
	TEXT_FINDING = 16,
};

/* Where text goes that does not go to a stream. */
struct text_sink {
	void *data;
	/*
	 * Take N printable bytes of valid UTF-8; among them only "\n" is a control
	 * byte, and ends a line. LINK (borrowed) is the command line that tells more,
	 * "" if nothing does whatever the bytes look like, NULL if nothing is known.
	 * 0, or a negative status: it is not called again.
	 */
	int (*put)(void *data, enum doc_style style, const char *link, const char *bytes, size_t n);
	/* Add enum text_mark to the line that is being written. */
	void (*mark)(void *data, unsigned marks);
};

struct text_render {
	FILE *out;		      /* borrowed; without a sink */
	bool color;		      /* ANSI sequences */
	bool whole;		      /* lines are not cut, though frames are fitted */
	unsigned width;		      /* columns of the terminal; 0: no terminal, nothing is cut */
	const struct text_sink *sink; /* borrowed; NULL: OUT */
	int status;		      /* the sink's failure */
	bool begun;		      /* something was written */
	bool blank;		      /* a blank line belongs before the next block */
};

/*
 * Write one node: struct doc_sink's function, DATA is a struct text_render.
 * KD_NOMEM; KD_IO when the stream has failed (errno tells); what the sink failed with.
 */
int render_text_node(void *data, const struct doc_node *n);

/* The text of a cell, unescaped for numbers, escaped for strings; owned; NULL: no memory. */
char *render_cell(const struct doc_cell *c, bool keep_lf, size_t *width);

#endif
