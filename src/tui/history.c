// SPDX-License-Identifier: GPL-3.0-or-later
/* Back and forward: see history.h. */
#include "tui/history.h"

#include <string.h>

struct history {
	struct view **views;
	size_t n, now; /* now: index, when n > 0 */
	size_t max_views, max_bytes;
	void (*drop)(void *data, struct view *v);
	void *data;
};

int history_new(size_t max_views, size_t max_bytes, struct history **out, struct kd_err *err)
{
	struct history *h = calloc(1, sizeof(*h));

	*out = h;
	if (!h)
		return kd_nomem(err);
	h->max_views = max_views ? max_views : 1;
	h->max_bytes = max_bytes;
	h->views = calloc(h->max_views, sizeof(struct view *));
	if (!h->views) {
		free(h);
		*out = NULL;
		return kd_nomem(err);
	}
	return 0;
}

void history_on_drop(struct history *h, void (*drop)(void *data, struct view *v), void *data)
{
	h->drop = drop;
	h->data = data;
}

static void drop_view(const struct history *h, struct view *v)
{
	if (h->drop)
		h->drop(h->data, v);
	view_free(v);
}

void history_free(struct history *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		drop_view(h, h->views[i]);
	free(h->views);
	free(h);
}

void history_push(struct history *h, struct view *v)
{
	while (h->n > h->now + 1)
		drop_view(h, h->views[--h->n]);
	if (h->n == h->max_views) {
		drop_view(h, h->views[0]);
		memmove(h->views, h->views + 1, --h->n * sizeof(struct view *));
	}
	h->views[h->n] = v;
	h->now = h->n++;
	history_trim(h);
}

struct view *history_now(const struct history *h)
{
	return h->n ? h->views[h->now] : NULL;
}

size_t history_behind(const struct history *h)
{
	return h->now;
}

size_t history_ahead(const struct history *h)
{
	return h->n ? h->n - 1 - h->now : 0;
}

struct view *history_back(struct history *h)
{
	return history_behind(h) ? h->views[--h->now] : NULL;
}

struct view *history_forward(struct history *h)
{
	return history_ahead(h) ? h->views[++h->now] : NULL;
}

struct view *history_at(const struct history *h, size_t i)
{
	return i < h->n ? h->views[i] : NULL;
}

/* The view with a document that is the most steps away; NULL: none but that looked at. */
static struct view *farthest(const struct history *h)
{
	struct view *found = NULL;
	size_t most = 0;

	for (size_t i = 0; i < h->n; i++) {
		size_t steps = i > h->now ? i - h->now : h->now - i;

		if (steps > most && view_doc(h->views[i])) {
			most = steps;
			found = h->views[i];
		}
	}
	return found;
}

void history_trim(struct history *h)
{
	size_t bytes = 0;
	struct view *v;

	for (size_t i = 0; i < h->n; i++)
		bytes += view_bytes(h->views[i]);
	while (bytes > h->max_bytes && (v = farthest(h))) {
		bytes -= view_bytes(v);
		view_forget(v);
		bytes += view_bytes(v);
	}
}
