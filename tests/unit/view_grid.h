/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A screen in memory: what a view paints, as lines of text and of signs for its flags. */
#ifndef KD_TESTS_VIEW_GRID_H
#define KD_TESTS_VIEW_GRID_H

#include <string.h>

#include "tui/view.h"
#include "ui/escape.h"

#define GRID_ROWS 40
#define GRID_COLUMNS 200

struct grid {
	unsigned width, height;
	char text[GRID_ROWS][4 * GRID_COLUMNS + 1]; /* UTF-8 without wide characters */
	size_t len[GRID_ROWS];
	unsigned column[GRID_ROWS];
	char sign[GRID_ROWS][GRID_COLUMNS + 1]; /* a column each: '.', 'l'ink, 'C'hosen, 'm'atch */
	unsigned flags[GRID_ROWS];
	unsigned rows, pieces;
};

static void grid_row(void *data, unsigned y, unsigned flags)
{
	struct grid *g = data;

	assert_int_equal(y, g->rows);
	assert_true(y < g->height);
	g->rows++;
	g->flags[y] = flags;
	g->len[y] = 0;
	g->column[y] = 0;
	g->text[y][0] = '\0';
	memset(g->sign[y], '.', GRID_COLUMNS);
	g->sign[y][GRID_COLUMNS] = '\0';
}

static void grid_piece(void *data, unsigned y, unsigned x, enum doc_style style, unsigned flags,
		       const char *bytes, size_t n, unsigned columns)
{
	struct grid *g = data;

	(void)style;
	assert_int_equal(y, g->rows - 1);
	/* in order, inside of the screen, and printable */
	assert_true(x >= g->column[y]);
	assert_true(x + columns <= g->width);
	for (size_t i = 0, len; i < n; i += len) {
		uint32_t code = 0;

		len = utf8_decode(bytes + i, n - i, &code);
		assert_true(len && code >= 0x20 && (code < 0x7f || code >= 0xa0));
	}
	g->pieces++;
	while (g->column[y] < x) {
		g->text[y][g->len[y]++] = ' ';
		g->column[y]++;
	}
	assert_true(g->len[y] + n < sizeof(g->text[y]));
	memcpy(g->text[y] + g->len[y], bytes, n);
	g->len[y] += n;
	g->text[y][g->len[y]] = '\0';
	for (unsigned i = 0; i < columns; i++) {
		g->sign[y][x + i] = flags & VIEW_CHOSEN	 ? 'C'
				    : flags & VIEW_MATCH ? 'm'
				    : flags & VIEW_LINK	 ? 'l'
							 : '.';
	}
	g->column[y] += columns;
}

/* Paint a view of this size; every row has to come once. */
static void grid_paint(struct grid *g, const struct view *v, unsigned width, unsigned height)
{
	struct view_painter p = { .data = g, .row = grid_row, .piece = grid_piece };

	assert_true(height <= GRID_ROWS && width <= GRID_COLUMNS);
	g->width = width;
	g->height = height;
	g->rows = g->pieces = 0;
	view_paint(v, &p);
	assert_int_equal(g->rows, height);
}

/* The first row of the cursor's line; -1: it is not on the screen. */
static int grid_cursor(const struct grid *g)
{
	int found = -1;

	for (unsigned y = 0; y < g->rows; y++) {
		if (!(g->flags[y] & VIEW_ROW_CURSOR))
			continue;
		if (found < 0)
			found = (int)y;
		else
			assert_true(g->flags[y] & VIEW_ROW_CONTINUED);
	}
	return found;
}

#endif
