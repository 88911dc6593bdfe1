// SPDX-License-Identifier: GPL-3.0-or-later
/* Views: painting. Only the lines on the screen are looked at. */
#include <string.h>

#include "tui/glyph.h"
#include "tui/view_priv.h"

#define MATCHES_MAX 64
/* A match that begins so far left of the screen may still reach into it. */
#define MATCH_BEFORE 256

struct range {
	size_t start, end;
};

/* A line being painted, with the places in it that pieces begin and end at. */
struct painting {
	const struct view *v;
	const struct view_painter *p;
	struct sheet_line l;
	struct sheet_link links[LINKS_MAX];
	size_t nlinks, chosen; /* NONE: not the cursor's line */
	struct range match[MATCHES_MAX];
	size_t nmatch;
	size_t span; /* of what was painted last */
	unsigned y;
};

static void find_matches(struct painting *g, size_t from)
{
	size_t start, len;

	g->nmatch = 0;
	from = from > MATCH_BEFORE ? from - MATCH_BEFORE : 0;
	while (g->v->search && g->nmatch < MATCHES_MAX && from < g->l.len &&
	       pattern_match(g->v->search, g->l.text, g->l.len, from, &start, &len)) {
		g->match[g->nmatch++] = (struct range){ start, start + len };
		from = start + len;
	}
}

/* Is AT in the range? *end comes to where that changes next. */
static bool inside(size_t start, size_t stop, size_t at, size_t *end)
{
	if (at < start) {
		*end = kd_min(*end, start);
		return false;
	}
	if (at >= stop)
		return false;
	*end = kd_min(*end, stop);
	return true;
}

/* The flags of the byte AT; *end comes to where they change. */
static unsigned flags_at(const struct painting *g, const struct span *s, size_t at, size_t *end)
{
	const struct sheet_link *chosen = g->chosen < g->nlinks ? &g->links[g->chosen] : NULL;
	unsigned flags = 0;

	if (s->link && *s->link) {
		flags |= VIEW_LINK;
		if (chosen && chosen->command && !strcmp(chosen->command, s->link))
			flags |= VIEW_CHOSEN;
	}
	for (size_t i = 0; i < g->nlinks; i++) {
		const struct sheet_link *k = &g->links[i];

		if (!k->command && inside(k->start, k->start + k->len, at, end))
			flags |= VIEW_LINK | (k == chosen ? VIEW_CHOSEN : 0);
	}
	for (size_t i = 0; i < g->nmatch; i++) {
		if (inside(g->match[i].start, g->match[i].end, at, end))
			flags |= VIEW_MATCH;
	}
	return flags;
}

/* Paint bytes FROM to TO at column X; returns the column behind them. */
static unsigned paint_bytes(struct painting *g, size_t from, size_t to, unsigned x)
{
	while (from < to && g->span < g->l.nspans) {
		const struct span *s = &g->l.spans[g->span];
		size_t end = kd_min(to, (size_t)s->start + s->len);
		unsigned flags, columns;

		if (from >= (size_t)s->start + s->len) {
			g->span++;
			continue;
		}
		flags = flags_at(g, s, from, &end);
		columns = (unsigned)glyph_columns(g->l.text + from, end - from);
		g->p->piece(g->p->data, g->y, x, (enum doc_style)s->style, flags, g->l.text + from,
			    end - from, columns);
		x += columns;
		from = end;
	}
	return x;
}

static unsigned style_at(const struct painting *g, size_t at)
{
	for (size_t i = g->span; i < g->l.nspans; i++) {
		if (at < (size_t)g->l.spans[i].start + g->l.spans[i].len)
			return g->l.spans[i].style;
	}
	return DOC_PLAIN;
}

/* A line from column LEFT on; what does not fit is marked. */
static void paint_cut(struct painting *g, size_t left)
{
	const struct sheet_line *l = &g->l;
	unsigned width = g->v->width;
	size_t used = 0, from = 0, to, fits;
	unsigned x = 0;
	bool cut;

	if (left >= l->columns && left)
		return;
	from = glyph_fit(l->text, l->len, left, &used);
	/* Half of a wide character sticks out on the left. */
	if (used < left && from < l->len) {
		unsigned columns;

		from += glyph_next(l->text + from, l->len - from, &columns);
		x = (unsigned)(used + columns - left);
	}
	cut = l->columns - left > width;
	find_matches(g, from);
	to = from +
	     glyph_fit(l->text + from, l->len - from, width - cut - kd_min(x, width - cut), &fits);
	paint_bytes(g, from, to, x);
	if (cut)
		g->p->piece(g->p->data, g->y, width - 1, (enum doc_style)style_at(g, to), VIEW_CUT,
			    "~", 1, 1);
}

/* Row SUB of a wrapped line. */
static void paint_wrapped(struct painting *g, size_t sub)
{
	size_t from = view_row_start(g->v, &g->l, sub), to, used;

	to = from + glyph_fit(g->l.text + from, g->l.len - from, g->v->width, &used);
	find_matches(g, from);
	g->span = 0;
	paint_bytes(g, from, to, 0);
}

static unsigned line_flags(const struct sheet_line *l)
{
	return (l->marks & TEXT_HEADER ? VIEW_ROW_HEADER : 0) |
	       (l->marks & TEXT_FINDING ? VIEW_ROW_FINDING : 0);
}

static void paint_sticky(const struct view *v, const struct view_painter *p, size_t header)
{
	struct painting g = { .v = v, .p = p, .chosen = NONE };

	g.l = sheet_at(v->sheet, header);
	p->row(p->data, 0, VIEW_ROW_HEADER);
	paint_cut(&g, v->left);
}

/* The rows of a shown line from Y on; returns the row behind them. */
static unsigned paint_line(const struct view *v, const struct view_painter *p, size_t i, size_t sub,
			   unsigned y)
{
	struct painting g = { .v = v, .p = p, .chosen = NONE };
	size_t rows = view_rows_of(v, i);
	unsigned flags;

	g.l = view_shown(v, i);
	g.nlinks = view_links(v, i, g.links);
	flags = line_flags(&g.l);
	if (i == v->cursor) {
		g.chosen = v->chosen;
		flags |= VIEW_ROW_CURSOR;
	}
	for (; sub < rows && y < v->height; sub++, y++) {
		g.y = y;
		p->row(p->data, y, flags | (sub ? VIEW_ROW_CONTINUED : 0));
		if (v->wrap)
			paint_wrapped(&g, sub);
		else
			paint_cut(&g, v->left);
	}
	return y;
}

void view_paint(const struct view *v, const struct view_painter *p)
{
	size_t count = view_count(v), sticky = view_sticky(v, v->top);
	unsigned y = 0;

	if (sticky != NONE) {
		paint_sticky(v, p, sticky);
		y++;
	}
	for (size_t i = v->top; i < count && y < v->height; i++)
		y = paint_line(v, p, i, i == v->top ? v->sub : 0, y);
	for (; y < v->height; y++)
		p->row(p->data, y, VIEW_ROW_EMPTY);
}
