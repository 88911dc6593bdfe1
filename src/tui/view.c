// SPDX-License-Identifier: GPL-3.0-or-later
/* Views: see view.h. Here: what they hold, and where the cursor is when that changes. */
#include "tui/view.h"

#include <errno.h>
#include <string.h>

#include "tui/view_priv.h"

int view_new(const char *command, unsigned digits, struct view **out, struct kd_err *err)
{
	struct view *v = calloc(1, sizeof(*v));

	*out = v;
	if (!v)
		return kd_nomem(err);
	v->command = strdup(command);
	if (!v->command) {
		free(v);
		*out = NULL;
		return kd_nomem(err);
	}
	v->digits = digits;
	v->width = 80;
	v->height = 24;
	v->chosen = v->want = NONE;
	return 0;
}

static void place_fini(struct place *p)
{
	free(p->link);
	free(p->text);
	free(p->chosen);
	*p = (struct place){ 0 };
}

static void drop_doc(struct view *v)
{
	if (!v->sheet)
		return;
	sheet_free(v->sheet);
	v->sheet = NULL;
	doc_fini(&v->doc);
	free(v->shown);
	v->shown = NULL;
	v->nshown = 0;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	drop_doc(v);
	place_fini(&v->place);
	pattern_free(v->search);
	pattern_free(v->filter);
	free(v->command);
	free(v);
}

enum view_answer view_answer(const struct view *v)
{
	return v->answer;
}

const char *view_command(const struct view *v)
{
	return v->command;
}

uint64_t *view_jobs(struct view *v)
{
	return v->jobs;
}

const struct doc *view_doc(const struct view *v)
{
	return v->sheet ? &v->doc : NULL;
}

/* The document is taken to be as large as what is made of it. */
size_t view_bytes(const struct view *v)
{
	return sizeof(*v) + (v->sheet ? 2 * sheet_bytes(v->sheet) : 0) +
	       v->nshown * sizeof(*v->shown);
}

/* The first link of the document's in a line; NULL: none. */
static const char *line_link(const struct sheet_line *l)
{
	for (size_t i = 0; i < l->nspans; i++) {
		if (l->spans[i].link && *l->spans[i].link)
			return l->spans[i].link;
	}
	return NULL;
}

static bool has_link(const struct sheet_line *l, const char *link)
{
	const char *own = line_link(l);

	return own && link && !strcmp(own, link);
}

void view_keep_place(struct view *v)
{
	struct place p = { .known = true };
	struct sheet_line l;
	const char *link;

	/* Nothing was shown yet: what was kept before stands. */
	if (!v->sheet || !view_count(v))
		return;
	p.line = view_line_of(v, v->cursor);
	p.row = view_row(v);
	l = sheet_at(v->sheet, p.line);
	link = line_link(&l);
	/* Without memory the number alone is kept. */
	p.text = strndup(l.text, l.len);
	p.link = link ? strdup(link) : NULL;
	p.chosen = view_target(v);
	for (size_t i = p.line; p.link && i--; p.ordinal++) {
		l = sheet_at(v->sheet, i);
		if (!has_link(&l, p.link))
			break;
	}
	place_fini(&v->place);
	v->place = p;
}

/* How much a line is like the one the cursor was on; 0: not at all. */
static unsigned likeness(const struct place *p, const struct sheet_line *l, size_t ordinal)
{
	bool same_text =
		p->text && l->len && l->len == strlen(p->text) && !memcmp(l->text, p->text, l->len);

	if (!p->link || !has_link(l, p->link))
		return same_text;
	if (same_text)
		return 4;
	return ordinal == p->ordinal ? 3 : 2;
}

static size_t distance(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/* The line most like the old one, the nearest of those; else the same number. */
static size_t find_place(const struct view *v)
{
	const struct place *p = &v->place;
	size_t count = sheet_count(v->sheet), best = NONE, ordinal = 0;
	unsigned most = 0;

	for (size_t i = 0; i < count; i++) {
		struct sheet_line l = sheet_at(v->sheet, i);
		unsigned like = likeness(p, &l, ordinal);

		ordinal = has_link(&l, p->link) ? ordinal + 1 : 0;
		if (like > most ||
		    (like && like == most && distance(i, p->line) < distance(best, p->line))) {
			most = like;
			best = i;
		}
	}
	if (best != NONE)
		return best;
	return p->line < count ? p->line : count - 1;
}

/* Choose the link of the cursor's line that has COMMAND. */
static void choose_command(struct view *v, const char *command)
{
	struct sheet_link links[LINKS_MAX];
	struct sheet_line l = view_shown(v, v->cursor);
	size_t n = view_links(v, v->cursor, links);

	for (size_t i = 0; command && i < n; i++) {
		_cleanup_(freep) char *c = sheet_link_command(&l, &links[i]);

		if (c && !strcmp(c, command)) {
			v->chosen = i;
			return;
		}
	}
}

void view_restore_place(struct view *v)
{
	if (!view_count(v)) {
		v->top = v->sub = v->cursor = 0;
		v->chosen = NONE;
		return;
	}
	if (!v->place.known) {
		v->cursor = view_shown_from(v, sheet_here(v->sheet));
		v->top = v->sub = 0;
		view_settle(v);
		/* Far down it is seen with what comes before and after. */
		if (v->top)
			view_put_row(v, v->height / 3);
		return;
	}
	v->cursor = view_shown_from(v, find_place(v));
	v->top = v->cursor;
	v->sub = 0;
	view_settle(v);
	choose_command(v, v->place.chosen);
	view_put_row(v, v->place.row);
	place_fini(&v->place);
}

int view_replace(struct view *v, struct doc *d, enum view_answer from, const struct kd_err *why,
		 struct kd_err *err)
{
	struct sheet *sheet = NULL;
	struct doc doc;
	int ret;

	doc_move(&doc, d);
	if (why && why->status)
		doc_note(&doc, DOC_FINDING, "%s", why->text);
	ret = doc_status(&doc) ? kd_nomem(err) : sheet_make(&doc, v->width, &sheet, err);
	if (ret) {
		doc_fini(&doc);
		return ret;
	}
	view_keep_place(v);
	drop_doc(v);
	doc_move(&v->doc, &doc);
	v->sheet = sheet;
	v->answer = from;
	/* Without memory for a filter all is shown. */
	view_refilter(v);
	view_restore_place(v);
	return 0;
}

void view_forget(struct view *v)
{
	view_keep_place(v);
	drop_doc(v);
	v->answer = VIEW_NOTHING;
	v->top = v->sub = v->cursor = 0;
	v->chosen = NONE;
}

int view_write(const struct view *v, FILE *out, struct kd_err *err)
{
	struct text_render r = { .out = out };
	int ret = 0;

	if (!v->sheet)
		return 0;
	for (const struct doc_node *n = v->doc.root.first; n && !ret; n = n->next)
		ret = render_text_node(&r, n);
	if (ret == KD_NOMEM)
		return kd_nomem(err);
	if (ret || fflush(out))
		return kd_fail(err, KD_IO, "cannot write: %s", strerror(errno));
	return 0;
}

/* ---- layout ---- */

/* Only the frames of stacks are laid out by the width. */
static bool has_stack(const struct doc_node *n)
{
	if (n->kind == DOC_STACK)
		return true;
	for (const struct doc_node *c = n->first; c; c = c->next) {
		if (has_stack(c))
			return true;
	}
	return false;
}

int view_resize(struct view *v, unsigned width, unsigned height, struct kd_err *err)
{
	struct sheet *sheet = NULL;
	int ret;

	width = width ? width : 1;
	height = height ? height : 1;
	if (width == v->width && height == v->height)
		return 0;
	if (v->sheet && width != v->width && has_stack(&v->doc.root)) {
		ret = sheet_make(&v->doc, width, &sheet, err);
		if (ret)
			return ret;
	}
	view_keep_place(v);
	v->width = width;
	v->height = height;
	if (sheet) {
		sheet_free(v->sheet);
		v->sheet = sheet;
		view_refilter(v);
	}
	if (v->sheet)
		view_restore_place(v);
	return 0;
}

bool view_wrap(const struct view *v)
{
	return v->wrap;
}

void view_set_wrap(struct view *v, bool wrap)
{
	size_t row = view_row(v);

	v->wrap = wrap;
	v->left = 0;
	v->sub = 0;
	view_put_row(v, row);
}

size_t view_left(const struct view *v)
{
	return v->left;
}

size_t view_count(const struct view *v)
{
	if (!v->sheet)
		return 0;
	return v->filter ? v->nshown : sheet_count(v->sheet);
}

size_t view_total(const struct view *v)
{
	return v->sheet ? sheet_count(v->sheet) : 0;
}

size_t view_cursor(const struct view *v)
{
	return v->cursor;
}

size_t view_line_of(const struct view *v, size_t i)
{
	return v->filter ? v->shown[i] : i;
}

size_t view_shown_from(const struct view *v, size_t line)
{
	size_t lo = 0, hi = view_count(v);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (view_line_of(v, mid) < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < view_count(v) ? lo : lo ? lo - 1 : 0;
}

struct sheet_line view_shown(const struct view *v, size_t i)
{
	return sheet_at(v->sheet, view_line_of(v, i));
}
