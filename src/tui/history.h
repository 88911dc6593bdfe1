/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a pane has been: views, back and forward, as in a browser. Bounded: beyond a
 * number the oldest views are freed; beyond an amount of memory the documents of
 * views that are not looked at are forgotten (view_forget()), the farthest first, and
 * are to be asked for again when one comes back to them.
 */
#ifndef KD_TUI_HISTORY_H
#define KD_TUI_HISTORY_H

#include "tui/view.h"

struct history;

#define HISTORY_VIEWS 100
#define HISTORY_BYTES (64u << 20)

/* KD_NOMEM. */
int history_new(size_t max_views, size_t max_bytes, struct history **out, struct kd_err *err);
/* Frees the views too. */
void history_free(struct history *h);

/* Go to a new view, which is taken over: what lay ahead is freed. */
void history_push(struct history *h, struct view *v);
/* DROP is called for each view before it is freed: jobs for it have nobody to answer to. */
void history_on_drop(struct history *h, void (*drop)(void *data, struct view *v), void *data);

/* The view looked at; NULL: none yet. Borrowed. */
struct view *history_now(const struct history *h);
/* One step; NULL: there is none, and nothing happened. */
struct view *history_back(struct history *h);
struct view *history_forward(struct history *h);
/* How many steps there are. */
size_t history_behind(const struct history *h);
size_t history_ahead(const struct history *h);

/* All views, the oldest first; NULL past the end. */
struct view *history_at(const struct history *h, size_t i);

/* Views have grown: keep to the bounds. */
void history_trim(struct history *h);

#endif
