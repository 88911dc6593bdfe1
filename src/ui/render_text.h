/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document as plain text. Control bytes of the dump are escaped; colour only
 * when asked for; lines are fitted to a width only when there is one (a
 * terminal), and an address is never shortened.
 */
#ifndef KD_UI_RENDER_TEXT_H
#define KD_UI_RENDER_TEXT_H

#include "ui/doc.h"

struct text_render {
	FILE *out;	/* borrowed */
	bool color;	/* ANSI sequences */
	unsigned width; /* columns of the terminal; 0: no terminal, nothing is cut */
	bool begun;	/* something was written */
	bool blank;	/* a blank line belongs before the next block */
};

/*
 * Write one node: struct doc_sink's function, DATA is a struct text_render.
 * KD_NOMEM; KD_IO when the stream has failed (errno tells).
 */
int render_text_node(void *data, const struct doc_node *n);

/* The text of a cell, unescaped for numbers, escaped for strings; owned; NULL: no memory. */
char *render_cell(const struct doc_cell *c, bool keep_lf, size_t *width);

#endif
