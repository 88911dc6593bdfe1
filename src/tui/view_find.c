// SPDX-License-Identifier: GPL-3.0-or-later
/* Views: search, filter, and what is under the cursor. */
#include <string.h>

#include "tui/glyph.h"
#include "tui/view_priv.h"
#include "ui/args.h"

static int set_pattern(struct pattern **p, const char *text, struct kd_err *err)
{
	struct pattern *fresh;
	int ret = pattern_new(text, &fresh, err);

	if (ret)
		return ret;
	pattern_free(*p);
	*p = fresh;
	return 0;
}

/* The pattern in a shown line: go there. */
static bool find_in(struct view *v, size_t i)
{
	struct sheet_line l = view_shown(v, i);
	size_t start, len;

	if (!pattern_match(v->search, l.text, l.len, 0, &start, &len))
		return false;
	v->cursor = i;
	view_settle(v);
	view_show_columns(v, glyph_columns(l.text, start), glyph_columns(l.text + start, len));
	return true;
}

int view_find(struct view *v, const char *pattern, int direction, enum view_found *out,
	      struct kd_err *err)
{
	size_t count = view_count(v), i = v->cursor;
	int ret = pattern && *pattern ? set_pattern(&v->search, pattern, err) : 0;

	*out = VIEW_NOT_FOUND;
	if (ret)
		return ret;
	if (!v->search)
		return kd_fail(err, KD_NOTFOUND, "nothing was searched for yet");
	for (size_t n = 0; n < count; n++) {
		bool over = direction > 0 ? i + 1 == count : i == 0;

		i = direction > 0 ? (over ? 0 : i + 1) : (over ? count - 1 : i - 1);
		if (over)
			*out = VIEW_WRAPPED;
		if (find_in(v, i)) {
			if (*out != VIEW_WRAPPED)
				*out = VIEW_FOUND;
			return 0;
		}
	}
	*out = VIEW_NOT_FOUND;
	return 0;
}

const char *view_search(const struct view *v)
{
	return v->search ? pattern_text(v->search) : NULL;
}

int view_refilter(struct view *v)
{
	size_t count = v->sheet ? sheet_count(v->sheet) : 0, start, len;

	free(v->shown);
	v->shown = NULL;
	v->nshown = 0;
	if (!v->filter)
		return 0;
	v->shown = malloc((count + 1) * sizeof(*v->shown));
	if (!v->shown) {
		pattern_free(v->filter);
		v->filter = NULL;
		return KD_NOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		struct sheet_line l = sheet_at(v->sheet, i);

		if (pattern_match(v->filter, l.text, l.len, 0, &start, &len))
			v->shown[v->nshown++] = i;
	}
	return 0;
}

int view_filter(struct view *v, const char *pattern, struct kd_err *err)
{
	size_t line = view_count(v) ? view_line_of(v, v->cursor) : 0, row = view_row(v);
	int ret = 0;

	if (pattern && *pattern) {
		ret = set_pattern(&v->filter, pattern, err);
		if (ret)
			return ret;
	} else {
		pattern_free(v->filter);
		v->filter = NULL;
	}
	if (view_refilter(v))
		ret = kd_nomem(err);
	v->top = v->sub = 0;
	if (!v->sheet)
		return ret;
	v->cursor = view_shown_from(v, line);
	view_settle(v);
	view_put_row(v, row);
	return ret;
}

const char *view_filtered(const struct view *v)
{
	return v->filter ? pattern_text(v->filter) : NULL;
}

/* The chosen link and its line. */
static bool chosen_link(const struct view *v, struct sheet_line *l, struct sheet_link *link)
{
	struct sheet_link links[LINKS_MAX];
	size_t n = view_links(v, v->cursor, links);

	if (v->chosen >= n)
		return false;
	*l = view_shown(v, v->cursor);
	*link = links[v->chosen];
	return true;
}

char *view_target(const struct view *v)
{
	struct sheet_line l;
	struct sheet_link link;

	return chosen_link(v, &l, &link) ? sheet_link_command(&l, &link) : NULL;
}

char *view_line_text(const struct view *v)
{
	struct sheet_line l;

	if (v->cursor >= view_count(v))
		return NULL;
	l = view_shown(v, v->cursor);
	return strndup(l.text, l.len);
}

char *view_link_text(const struct view *v)
{
	struct sheet_line l;
	struct sheet_link link;

	return chosen_link(v, &l, &link) ? strndup(l.text + link.start, link.len) : NULL;
}

/* The first word of a command line that is an address. */
static bool command_address(const char *command, uint64_t *addr)
{
	_cleanup_(freep) char *words = strdup(command);
	char *rest = NULL;

	for (char *w = words ? strtok_r(words, " ", &rest) : NULL; w;
	     w = strtok_r(NULL, " ", &rest)) {
		if (!strncmp(w, "0x", 2) && parse_hex(w, addr))
			return true;
	}
	return false;
}

bool view_address(const struct view *v, uint64_t *addr)
{
	struct sheet_link links[LINKS_MAX];
	size_t n = view_links(v, v->cursor, links);
	struct sheet_line l;

	if (!n)
		return false;
	l = view_shown(v, v->cursor);
	/* The chosen one first, then the others in order. */
	for (size_t i = 0; i <= n; i++) {
		size_t at = i ? i - 1 : v->chosen;
		_cleanup_(freep) char *c = at < n ? sheet_link_command(&l, &links[at]) : NULL;

		if (c && command_address(c, addr))
			return true;
	}
	return false;
}
