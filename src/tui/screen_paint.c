// SPDX-License-Identifier: GPL-3.0-or-later
/* Drawing on the terminal, in colours or without: see screen.h. */
#include <langinfo.h>
#include <string.h>

#include "tui/glyph.h"
#include "tui/screen_priv.h"

enum pair { PAIR_NONE, PAIR_BAD, PAIR_WARN, PAIR_NAME, PAIR_PLACE, PAIR_MATCH, PAIR_HINT };

/* Each style in colour, and its twin without: they differ from each other in both. */
static const struct {
	short pair;
	attr_t color, mono;
} styles[] = {
	[DOC_PLAIN] = { PAIR_NONE, A_NORMAL, A_NORMAL },
	[DOC_DIM] = { PAIR_NONE, A_DIM, A_DIM },
	[DOC_STRONG] = { PAIR_NONE, A_BOLD, A_BOLD },
	[DOC_BAD] = { PAIR_BAD, A_BOLD, A_BOLD | A_UNDERLINE },
	[DOC_WARN] = { PAIR_WARN, A_NORMAL, A_UNDERLINE },
	[DOC_NAME] = { PAIR_NAME, A_NORMAL, A_BOLD },
	[DOC_PLACE] = { PAIR_PLACE, A_NORMAL, A_DIM },
};

void screen_colors(struct screen *s)
{
	static const short fore[] = {
		[PAIR_BAD] = COLOR_RED,	    [PAIR_WARN] = COLOR_YELLOW,
		[PAIR_NAME] = COLOR_CYAN,   [PAIR_PLACE] = COLOR_GREEN,
		[PAIR_MATCH] = COLOR_BLACK, [PAIR_HINT] = COLOR_CYAN,
	};
	short back = COLOR_BLACK;

	s->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (s->mono || !has_colors() || start_color() == ERR || COLORS < 8)
		return;
	s->colors = COLORS;
	if (use_default_colors() == OK)
		back = -1;
	for (short i = 1; i < (short)KD_ARRAY_SIZE(fore); i++)
		init_pair(i, fore[i], i == PAIR_MATCH ? COLOR_YELLOW : back);
}

static attr_t attributes(const struct screen *s, enum doc_style style, unsigned looks, short *pair)
{
	bool known = (size_t)style < KD_ARRAY_SIZE(styles);
	attr_t a = !known ? A_NORMAL : s->colors ? styles[style].color : styles[style].mono;

	*pair = known && s->colors ? styles[style].pair : PAIR_NONE;
	if (looks & LOOK_HEADER)
		a |= A_BOLD;
	/* The bar of the cursor: one look for the line, its chosen place stands out of it. */
	if (looks & LOOK_CURSOR) {
		a |= A_REVERSE;
		if (!(looks & LOOK_CHOSEN))
			a &= ~(attr_t)A_DIM;
	}
	if (looks & LOOK_CHOSEN)
		a |= A_BOLD | A_UNDERLINE;
	if (looks & LOOK_MATCH) {
		a = (a & ~(attr_t)A_REVERSE) | (s->colors ? A_BOLD : A_STANDOUT | A_UNDERLINE);
		*pair = s->colors ? PAIR_MATCH : PAIR_NONE;
	}
	if (looks & LOOK_TITLE)
		a |= A_REVERSE | A_BOLD;
	if (looks & LOOK_HINT)
		*pair = s->colors ? PAIR_HINT : PAIR_NONE;
	return a;
}

void screen_begin(struct screen *s)
{
	(void)s;
	/* Not clear(): a slow line would get all of it anew. */
	erase();
}

void screen_blank(struct screen *s, unsigned y, unsigned x, unsigned columns, unsigned looks)
{
	short pair;
	attr_t a = attributes(s, DOC_PLAIN, looks, &pair);

	attr_set(a, pair, NULL);
	mvhline((int)y, (int)x, (looks & LOOK_RULE) ? '-' : ' ', (int)columns);
	attr_set(A_NORMAL, PAIR_NONE, NULL);
}

/* Each character that is not ASCII as one sign. */
static void put_ascii(const char *bytes, size_t n)
{
	while (n) {
		unsigned columns;
		size_t step = glyph_next(bytes, n, &columns);

		if (!step)
			return;
		if ((unsigned char)*bytes < 0x80)
			addch((chtype)(unsigned char)*bytes);
		else if (columns)
			addch('?');
		bytes += step;
		n -= step;
	}
}

void screen_put(struct screen *s, unsigned y, unsigned x, enum doc_style style, unsigned looks,
		const char *bytes, size_t n)
{
	short pair;
	attr_t a = attributes(s, style, looks, &pair);

	if (move((int)y, (int)x) == ERR)
		return;
	attr_set(a, pair, NULL);
	if (s->ascii)
		put_ascii(bytes, n);
	else
		addnstr(bytes, (int)n);
	attr_set(A_NORMAL, PAIR_NONE, NULL);
}

void screen_bar(struct screen *s, unsigned y, unsigned x, unsigned rows)
{
	(void)s;
	mvvline((int)y, (int)x, '|', (int)rows);
}

void screen_end(struct screen *s, bool cursor, unsigned y, unsigned x)
{
	(void)s;
	curs_set(cursor);
	/* Where no cursor can be hidden, it at least stands where the eye is. */
	move((int)y, (int)x);
	refresh();
}
