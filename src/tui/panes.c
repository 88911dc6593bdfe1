// SPDX-License-Identifier: GPL-3.0-or-later
/* The screen divided and drawn: one or two panes and the last row. See tui_priv.h. */
#include <string.h>

#include "tui/command_line.h"
#include "tui/glyph.h"
#include "tui/tui_priv.h"

#define SIDE_BY_SIDE 160 /* columns */
#define TWO_ROWS 10	 /* the least for two panes */
#define TWO_COLUMNS 40
#define MIN_ROWS 4
#define MIN_COLUMNS 20
#define GUTTER 1	 /* columns left of a view: marks */
#define BUSY_MS 300	 /* what takes less is not worth a word */

/* Division ---------------------------------------------------------------------- */

static void place(struct pane *p, unsigned y, unsigned x, unsigned rows, unsigned columns)
{
	p->y = y;
	p->x = x;
	p->rows = rows;
	p->columns = columns;
}

/* How many rows the upper of two panes gets. */
static unsigned upper_rows(const struct tui *t, unsigned rows)
{
	const struct view *v = history_now(t->panes[0].views);
	unsigned least = rows * 2 / 5, most = rows * 3 / 5;
	size_t wanted = v ? view_count(v) + 1 : 0;

	/* A short stack leaves its room to the frame below it. */
	if (!t->detail)
		return rows / 2;
	return wanted < least ? least : wanted > most ? most : (unsigned)wanted;
}

static void divide(struct tui *t, unsigned rows, unsigned columns)
{
	bool two = t->npanes == 2 && !t->maximised && rows + 1 >= TWO_ROWS &&
		   columns >= TWO_COLUMNS;

	for (size_t i = 0; i < PANES; i++)
		t->panes[i].rows = 0;
	if (!two) {
		place(&t->panes[t->focus], 0, 0, rows, columns);
	} else if (columns >= SIDE_BY_SIDE) {
		unsigned left = (columns - 1) / 2;

		place(&t->panes[0], 0, 0, rows, left);
		place(&t->panes[1], 0, left + 1, rows, columns - left - 1);
		screen_bar(t->screen, 0, left, rows);
	} else {
		unsigned upper = upper_rows(t, rows);

		place(&t->panes[0], 0, 0, upper, columns);
		place(&t->panes[1], upper, 0, rows - upper, columns);
	}
}

/* A pane ------------------------------------------------------------------------ */

struct painter {
	struct tui *t;
	const struct pane *pane;
	unsigned row_flags;
};

static unsigned row_looks(const struct painter *p, unsigned flags)
{
	unsigned looks = flags & VIEW_ROW_HEADER ? LOOK_HEADER : 0;

	/* Of two panes, the one with the keys has the bar; the mark is in both. */
	if ((flags & VIEW_ROW_CURSOR) && p->pane == tui_pane(p->t))
		looks |= LOOK_CURSOR;
	return looks;
}

static void paint_row(void *data, unsigned y, unsigned flags)
{
	struct painter *p = data;
	const char *mark = " ";
	unsigned looks = row_looks(p, flags);

	p->row_flags = flags;
	if (looks & LOOK_CURSOR)
		screen_blank(p->t->screen, p->pane->y + y, p->pane->x, p->pane->columns, looks);
	if ((flags & VIEW_ROW_CURSOR) && !(flags & VIEW_ROW_CONTINUED))
		mark = ">";
	else if ((flags & VIEW_ROW_FINDING) && !(flags & VIEW_ROW_CONTINUED))
		mark = "!";
	screen_put(p->t->screen, p->pane->y + y, p->pane->x,
		   *mark == '!' ? DOC_BAD : DOC_STRONG, looks, mark, 1);
}

static void paint_piece(void *data, unsigned y, unsigned x, enum doc_style style, unsigned flags,
			const char *bytes, size_t n, unsigned columns)
{
	struct painter *p = data;
	unsigned looks = row_looks(p, p->row_flags);

	(void)columns;
	looks |= flags & VIEW_LINK ? LOOK_LINK : 0;
	looks |= flags & VIEW_CHOSEN ? LOOK_CHOSEN : 0;
	looks |= flags & VIEW_MATCH ? LOOK_MATCH : 0;
	screen_put(p->t->screen, p->pane->y + y, p->pane->x + GUTTER + x, style, looks, bytes, n);
}

/* Text from column *X on, at most up to END; *X goes behind it. */
static void put_text(struct tui *t, unsigned y, unsigned *x, unsigned end, enum doc_style style,
		     unsigned looks, const char *text)
{
	size_t used = 0, n = *x < end ? glyph_fit(text, strlen(text), end - *x, &used) : 0;

	screen_put(t->screen, y, *x, style, looks, text, n);
	*x += (unsigned)used;
}

/* "[stack] bt 0x..." */
static void format_name(const struct view *v, char *buf, size_t size)
{
	const char *command = view_command(v);
	char word[32];
	const struct key_view *kv;

	snprintf(word, sizeof(word), "%.*s", (int)kd_min(strcspn(command, " "), 31), command);
	kv = keys_view_of(word);
	if (*command == ':')
		snprintf(buf, size, "[%s]", command + 1);
	else if (!kv)
		snprintf(buf, size, "[%s]%s", word, command + strlen(word));
	else if (!strcmp(command, kv->line))
		snprintf(buf, size, "[%s]", kv->name);
	else
		snprintf(buf, size, "[%s] %s", kv->name, command);
}

/* "line 3 of 21, 3 of 58 match "x"" */
static void format_place(const struct view *v, char *buf, size_t size)
{
	const char *filter = view_filtered(v);
	size_t n = view_count(v);

	if (view_answer(v) == VIEW_NOTHING)
		snprintf(buf, size, " - no answer yet");
	else if (filter)
		snprintf(buf, size, " - %zu of %zu lines match \"%s\"", n, view_total(v), filter);
	else
		snprintf(buf, size, " - line %zu of %zu%s", n ? view_cursor(v) + 1 : 0, n,
			 view_wrap(v) ? ", wrapped" : "");
}

static void draw_title(struct tui *t, const struct pane *p, const struct view *v)
{
	bool focus = p == tui_pane(t);
	unsigned looks = focus ? LOOK_TITLE : LOOK_RULE, y = p->y + p->rows - 1, x = p->x;
	unsigned end = p->x + p->columns;
	char name[512] = "[kdview]", where[128] = "", percent[16] = "";

	screen_blank(t->screen, y, p->x, p->columns, looks);
	looks = focus ? LOOK_TITLE : 0;
	if (v) {
		format_name(v, name, sizeof(name));
		format_place(v, where, sizeof(where));
		snprintf(percent, sizeof(percent), " %u%%", view_percent(v));
	}
	if (p->columns > 24) {
		unsigned at = end - (unsigned)strlen(percent);

		put_text(t, y, &at, end, DOC_PLAIN, looks, percent);
		end -= (unsigned)strlen(percent);
	}
	/* The place is short and says more than the end of a long command. */
	if (x + strlen(name) + strlen(where) > end && strlen(where) + 20 < end - x)
		put_text(t, y, &x, end - (unsigned)strlen(where), DOC_PLAIN, looks, name);
	else
		put_text(t, y, &x, end, DOC_PLAIN, looks, name);
	put_text(t, y, &x, end, DOC_PLAIN, looks, where);
}

static void draw_pane(struct tui *t, const struct pane *p)
{
	struct painter painter = { .t = t, .pane = p };
	const struct view_painter vp = { .data = &painter, .row = paint_row, .piece = paint_piece };
	struct view *v = history_now(p->views);
	struct kd_err err = KD_ERR_INIT;

	if (v) {
		unsigned columns = p->columns > GUTTER ? p->columns - GUTTER : 1;

		if (view_resize(v, columns, p->rows > 1 ? p->rows - 1 : 1, &err))
			tui_complain(t, "%s", err.text);
		view_paint(v, &vp);
	}
	draw_title(t, p, v);
}

/* The last row ------------------------------------------------------------------ */

/* "gdb: reading symbols 2.4 s, ^C cancels"; false: nothing goes on that is worth a word. */
static bool format_progress(const struct tui *t, char *buf, size_t size)
{
	/* What one waits for in front of the screen comes first. */
	static const enum lane order[] = { LANE_NATIVE, LANE_GDB };

	for (size_t i = 0; i < KD_ARRAY_SIZE(order); i++) {
		unsigned ms = 0;
		char what[96];

		if (!engine_progress(t->engine, order[i], what, sizeof(what), &ms) || ms < BUSY_MS)
			continue;
		snprintf(buf, size, " %s %u.%u s, ^C cancels", what, ms / 1000, ms / 100 % 10);
		return true;
	}
	return false;
}

static void draw_hints(struct tui *t, unsigned y, unsigned end)
{
	const struct view *v = tui_view(t);
	bool stack = v && view_is_stack(v);
	const struct key_group *g;
	unsigned x = 0;

	for (int pass = 0; pass < 2; pass++) {
		/* In a stack its own keys come first. */
		for (size_t i = 0; (g = keys_group(i)); i++) {
			for (const struct key *k = g->keys; k->code; k++) {
				bool own = k->where == KEYS_STACK;
				unsigned width;
				char text[48];

				if (!k->hint || own != (pass == 0) || (own && !stack))
					continue;
				width = (unsigned)snprintf(text, sizeof(text), "%.*s %s  ",
							   (int)strcspn(k->shown, " "), k->shown,
							   k->hint);
				if (x + width > end)
					return;
				put_text(t, y, &x, end, DOC_PLAIN, LOOK_HINT, text);
			}
		}
	}
}

static void draw_message(struct tui *t, unsigned y, unsigned end)
{
	enum doc_style style = DOC_PLAIN;
	size_t unseen = 0;
	const char *text = messages_newest(&t->messages, &style, &unseen);
	char more[48] = "";
	unsigned x = 0, room = end;

	if (unseen > 1)
		snprintf(more, sizeof(more), " (M: %zu more)", unseen - 1);
	room -= strlen(more) < end ? (unsigned)strlen(more) : 0;
	if (glyph_columns(text, strlen(text)) > room && room > 12) {
		/* All of it is a key away. */
		snprintf(more, sizeof(more), "~ (M: all)");
		room = end - (unsigned)strlen(more);
	}
	put_text(t, y, &x, room, style, 0, text);
	put_text(t, y, &x, end, DOC_DIM, 0, more);
}

/* What the Tab key could have meant, in the rows above the line. */
static void draw_matches(struct tui *t, unsigned y, unsigned columns)
{
	size_t n = 0, widest = 0, per_row, rows;

	for (const char *m; (m = command_line_match(n)); n++) {
		size_t w = glyph_columns(m, strlen(m));

		widest = w > widest ? w : widest;
	}
	if (!n)
		return;
	widest = widest + 2 < columns ? widest + 2 : columns;
	per_row = columns / widest ? columns / widest : 1;
	rows = (n + per_row - 1) / per_row;
	if (rows > y / 2)
		rows = y / 2;
	for (size_t r = 0; r < rows; r++) {
		unsigned row = y - (unsigned)(rows - r);

		screen_blank(t->screen, row, 0, columns, LOOK_CURSOR);
		for (size_t c = 0; c < per_row && r * per_row + c < n; c++) {
			unsigned x = (unsigned)(c * widest);

			put_text(t, row, &x, columns, DOC_PLAIN, LOOK_CURSOR,
				 command_line_match(r * per_row + c));
		}
	}
}

static bool is_typing(const struct tui *t)
{
	return t->mode != MODE_KEYS && t->mode != MODE_QUIT;
}

/* Returns the column of the cursor, if one is to be seen. */
static unsigned draw_last_row(struct tui *t, unsigned y, unsigned columns)
{
	/* Writing the last column of the last row would scroll some terminals. */
	unsigned end = columns - 1, x = 0, cursor = 0;
	size_t unseen;
	enum doc_style style;
	char progress[160];

	if (is_typing(t)) {
		_cleanup_(freep) char *text = command_line_shown(end, &cursor);

		draw_matches(t, y, columns);
		if (text)
			put_text(t, y, &x, end, DOC_PLAIN, 0, text);
		return cursor;
	}
	if (t->mode == MODE_QUIT) {
		put_text(t, y, &x, end, DOC_STRONG, 0, "Quit? (y/n) ");
		return x;
	}
	if (format_progress(t, progress, sizeof(progress))) {
		unsigned width = (unsigned)strlen(progress);

		x = width < end ? end - width : 0;
		end = x;
		put_text(t, y, &x, columns - 1, DOC_STRONG, 0, progress);
	}
	if (messages_newest(&t->messages, &style, &unseen))
		draw_message(t, y, end);
	else
		draw_hints(t, y, end);
	return 0;
}

/* The cursor of a terminal that cannot hide it, and of those who follow it by ear. */
static void cursor_of(const struct tui *t, unsigned *y, unsigned *x)
{
	const struct pane *p = &t->panes[t->focus];

	*y = p->y;
	*x = p->x;
}

void panes_draw(struct tui *t)
{
	unsigned rows, columns, y = 0, x = 0;
	bool typing = is_typing(t) || t->mode == MODE_QUIT;

	screen_size(t->screen, &rows, &columns);
	screen_begin(t->screen);
	if (rows < MIN_ROWS || columns < MIN_COLUMNS) {
		put_text(t, 0, &x, columns, DOC_PLAIN, 0, "window too small");
		screen_end(t->screen, false, 0, 0);
		return;
	}
	divide(t, rows - 1, columns);
	for (size_t i = 0; i < t->npanes; i++)
		if (t->panes[i].rows)
			draw_pane(t, &t->panes[i]);
	cursor_of(t, &y, &x);
	if (typing)
		y = rows - 1;
	x = draw_last_row(t, rows - 1, columns);
	screen_end(t->screen, typing, y, typing ? x : 0);
}
