// SPDX-License-Identifier: GPL-3.0-or-later
/* Views: cursor and scrolling. A line takes one row of the screen, or several when wrapped. */
#include <inttypes.h>
#include <string.h>

#include "tui/glyph.h"
#include "tui/view_priv.h"

/* Bytes of one wrapped row at AT: at least one character, whatever its width. */
static size_t row_bytes(const struct view *v, const struct sheet_line *l, size_t at)
{
	size_t used, n = glyph_fit(l->text + at, l->len - at, v->width, &used);
	unsigned columns;

	return n ? n : glyph_next(l->text + at, l->len - at, &columns);
}

size_t view_row_start(const struct view *v, const struct sheet_line *l, size_t sub)
{
	size_t at = 0;

	if (l->columns == l->len) {
		if (kd_mul_overflow(sub, (size_t)v->width, &at))
			at = l->len;
		return kd_min(at, l->len);
	}
	while (sub-- && at < l->len)
		at += row_bytes(v, l, at);
	return at;
}

size_t view_rows_of(const struct view *v, size_t i)
{
	struct sheet_line l;
	size_t rows = 0;

	if (!v->wrap)
		return 1;
	l = view_shown(v, i);
	if (!l.len)
		return 1;
	if (l.columns == l.len)
		return (l.len + v->width - 1) / v->width;
	for (size_t at = 0; at < l.len; rows++)
		at += row_bytes(v, &l, at);
	return rows;
}

size_t view_sticky(const struct view *v, size_t top)
{
	/* A screen of two rows has no room for titles. */
	if (v->height < 3 || top >= view_count(v))
		return NONE;
	return sheet_header(v->sheet, view_line_of(v, top));
}

/* Rows for lines on a screen that begins with TOP. */
static size_t body(const struct view *v, size_t top)
{
	return v->height - (view_sticky(v, top) != NONE);
}

/* The first line of a screen whose last one is LAST, as full as may be. */
static size_t top_for(const struct view *v, size_t last)
{
	size_t top = last, rows = view_rows_of(v, last);

	while (top) {
		rows += view_rows_of(v, top - 1);
		if (rows > body(v, top - 1))
			break;
		top--;
	}
	return top;
}

/* Does the cursor's line end below the screen? */
static bool is_below(const struct view *v)
{
	size_t rows = 0, max = body(v, v->top);

	for (size_t i = v->top; i <= v->cursor; i++) {
		rows += view_rows_of(v, i) - (i == v->top ? v->sub : 0);
		if (rows > max)
			return i > v->top || v->cursor > v->top;
	}
	return false;
}

/* Nothing empty below the last line while there are lines above the screen. */
static void fill(struct view *v)
{
	size_t top = top_for(v, view_count(v) - 1);

	if (v->top > top) {
		v->top = top;
		v->sub = 0;
	}
	if (v->sub >= view_rows_of(v, v->top))
		v->sub = 0;
}

static void scroll_to_cursor(struct view *v)
{
	if (v->cursor < v->top || (v->cursor == v->top && v->sub)) {
		/* A line higher than the screen is scrolled through row by row. */
		if (v->cursor < v->top || view_rows_of(v, v->top) <= body(v, v->top))
			v->sub = 0;
		v->top = v->cursor;
	} else if (is_below(v)) {
		v->top = top_for(v, v->cursor);
		v->sub = 0;
	}
	fill(v);
}

size_t view_row(const struct view *v)
{
	size_t row = 0;

	if (!view_count(v))
		return 0;
	row = view_sticky(v, v->top) != NONE;
	for (size_t i = v->top; i < v->cursor && row < v->height; i++)
		row += view_rows_of(v, i) - (i == v->top ? v->sub : 0);
	return row;
}

void view_put_row(struct view *v, size_t row)
{
	size_t top = v->cursor, rows = 0;

	if (!view_count(v))
		return;
	row = kd_min(row, v->height - 1);
	while (top && rows + view_rows_of(v, top - 1) + (view_sticky(v, top - 1) != NONE) <= row)
		rows += view_rows_of(v, --top);
	v->top = top;
	v->sub = 0;
	scroll_to_cursor(v);
}

/* ---- the chosen link ---- */

size_t view_links(const struct view *v, size_t i, struct sheet_link *out)
{
	struct sheet_line l;
	size_t n;

	if (i >= view_count(v))
		return 0;
	l = view_shown(v, i);
	n = sheet_links(&l, v->digits, out, LINKS_MAX);
	return n < LINKS_MAX ? n : LINKS_MAX;
}

static size_t link_column(const struct sheet_line *l, const struct sheet_link *link)
{
	return glyph_columns(l->text, link->start);
}

/* The link nearest to the column chosen by hand; else the document's first, else the first. */
static size_t choose(const struct view *v)
{
	struct sheet_link links[LINKS_MAX];
	size_t n = view_links(v, v->cursor, links), best = NONE, least = NONE;
	struct sheet_line l;

	if (!n)
		return NONE;
	l = view_shown(v, v->cursor);
	for (size_t i = 0; i < n && v->want != NONE; i++) {
		size_t column = link_column(&l, &links[i]);
		size_t off = column > v->want ? column - v->want : v->want - column;

		if (off < least) {
			least = off;
			best = i;
		}
	}
	for (size_t i = 0; i < n && best == NONE; i++) {
		if (links[i].command)
			best = i;
	}
	return best == NONE ? 0 : best;
}

void view_settle(struct view *v)
{
	if (!view_count(v)) {
		v->cursor = v->top = v->sub = 0;
		v->chosen = NONE;
		return;
	}
	v->cursor = kd_min(v->cursor, view_count(v) - 1);
	v->chosen = choose(v);
	scroll_to_cursor(v);
}

void view_show_columns(struct view *v, size_t column, size_t columns)
{
	if (v->wrap || v->width < 2)
		return;
	/* The last column may be the mark of a cut line. */
	if (column + columns > v->left + v->width - 1)
		v->left = column + columns - (v->width - 1);
	if (column < v->left)
		v->left = column;
}

void view_shift(struct view *v, int columns)
{
	size_t by = columns < 0 ? (size_t) - (long)columns : (size_t)columns;
	size_t widest = 0, end = v->top + v->height;

	if (v->wrap)
		return;
	if (columns < 0) {
		v->left = v->left > by ? v->left - by : 0;
		return;
	}
	for (size_t i = v->top; i < end && i < view_count(v); i++) {
		struct sheet_line l = view_shown(v, i);

		if (l.columns > widest)
			widest = l.columns;
	}
	/* Not past what there is to see. */
	if (widest > v->left + v->width)
		v->left += kd_min(by, widest - v->left - v->width);
}

/* ---- moving ---- */

/* Through a line that is higher than the screen. */
static bool move_inside(struct view *v, long rows)
{
	size_t height, max;

	if (!v->wrap || v->top != v->cursor || !view_count(v))
		return false;
	height = view_rows_of(v, v->cursor);
	max = body(v, v->top);
	if (height <= max)
		return false;
	if (rows > 0 && v->sub + max < height) {
		v->sub += kd_min((size_t)rows, height - max - v->sub);
		return true;
	}
	if (rows < 0 && v->sub) {
		v->sub -= kd_min((size_t)-rows, v->sub);
		return true;
	}
	return false;
}

bool view_move(struct view *v, long lines)
{
	size_t old = v->cursor, count = view_count(v);

	if (!count)
		return false;
	if (move_inside(v, lines))
		return true;
	if (lines < 0)
		v->cursor -= kd_min(v->cursor, (size_t)-lines);
	else
		v->cursor += kd_min(count - 1 - v->cursor, (size_t)lines);
	view_settle(v);
	return v->cursor != old;
}

bool view_page(struct view *v, int halves)
{
	long rows = (long)v->height * halves / 2;
	size_t row = view_row(v);

	rows = rows ? rows : halves < 0 ? -1 : 1;
	if (move_inside(v, rows))
		return true;
	if (!view_move(v, rows))
		return false;
	view_put_row(v, row);
	return true;
}

bool view_home(struct view *v)
{
	v->sub = 0;
	return view_goto(v, 0);
}

bool view_end(struct view *v)
{
	size_t count = view_count(v);

	return count && view_goto(v, count - 1);
}

bool view_goto(struct view *v, size_t line)
{
	size_t old = v->cursor;

	v->cursor = line;
	view_settle(v);
	return v->cursor != old;
}

/* The shown line, and the row of it, at row Y of the screen. */
static bool line_at_row(const struct view *v, size_t y, size_t *line, size_t *sub)
{
	size_t sticky = view_sticky(v, v->top) != NONE;

	if (y < sticky)
		return false;
	y -= sticky;
	*sub = v->sub;
	for (*line = v->top; *line < view_count(v); (*line)++, *sub = 0) {
		size_t rows = view_rows_of(v, *line) - *sub;

		if (y < rows) {
			*sub += y;
			return true;
		}
		y -= rows;
	}
	return false;
}

bool view_click(struct view *v, unsigned y, unsigned x)
{
	struct sheet_link links[LINKS_MAX];
	struct sheet_line l;
	size_t line, sub, at, used, n;

	if (y >= v->height || !line_at_row(v, y, &line, &sub))
		return false;
	v->cursor = line;
	view_settle(v);
	l = view_shown(v, line);
	at = v->wrap ? view_row_start(v, &l, sub) : 0;
	at += glyph_fit(l.text + at, l.len - at, v->wrap ? x : v->left + x, &used);
	n = view_links(v, line, links);
	for (size_t i = 0; i < n; i++) {
		if (at >= links[i].start && at - links[i].start < links[i].len) {
			v->chosen = i;
			v->want = link_column(&l, &links[i]);
		}
	}
	return true;
}

bool view_link_step(struct view *v, int direction)
{
	struct sheet_link links[LINKS_MAX];
	size_t i = v->cursor, n = view_links(v, i, links), at = v->chosen;
	struct sheet_line l;

	if (at != NONE && direction > 0 && at + 1 < n) {
		at++;
	} else if (at != NONE && direction < 0 && at) {
		at--;
	} else {
		do {
			if (direction > 0 ? i + 1 >= view_count(v) : !i)
				return false;
			i += direction > 0 ? 1 : -1;
			n = view_links(v, i, links);
		} while (!n);
		at = direction > 0 ? 0 : n - 1;
	}
	l = view_shown(v, i);
	v->cursor = i;
	v->want = link_column(&l, &links[at]);
	view_settle(v);
	v->chosen = at;
	view_show_columns(v, v->want, glyph_columns(l.text + links[at].start, links[at].len));
	return true;
}

static bool is_finding(const struct sheet_line *l)
{
	if (l->marks & TEXT_FINDING)
		return true;
	for (size_t i = 0; i < l->nspans; i++) {
		if (l->spans[i].style == DOC_BAD || l->spans[i].style == DOC_WARN)
			return true;
	}
	return false;
}

bool view_finding_step(struct view *v, int direction)
{
	size_t i = v->cursor;

	while (direction > 0 ? i + 1 < view_count(v) : i > 0) {
		struct sheet_line l;

		i += direction > 0 ? 1 : -1;
		l = view_shown(v, i);
		if (is_finding(&l))
			return view_goto(v, i);
	}
	return false;
}

unsigned view_percent(const struct view *v)
{
	size_t count = view_count(v), rows = 0, i, max;

	if (!count)
		return 100;
	max = body(v, v->top);
	for (i = v->top; i < count; i++) {
		rows += view_rows_of(v, i) - (i == v->top ? v->sub : 0);
		if (rows > max)
			break;
	}
	return (unsigned)(i * 100 / count);
}
