// SPDX-License-Identifier: GPL-3.0-or-later
/* Ranges of physical memory, and lists of them. */
#include "load/range.h"

#define MAX_RANGES 65536 /* more than any machine's iomem has lines */

int range_list_add(struct range_list *l, paddr_t start, paddr_t end, enum range_kind kind,
		   struct kd_err *err)
{
	if (start >= end)
		return 0;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;
		struct range *at = cap <= MAX_RANGES ? realloc(l->at, cap * sizeof(*at)) : NULL;

		if (!at)
			return kd_nomem(err);
		l->at = at;
		l->cap = cap;
	}
	l->at[l->n++] = (struct range){ .start = start, .end = end, .kind = kind };
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start != y->start ? (x->start > y->start) - (x->start < y->start)
				    : (x->end > y->end) - (x->end < y->end);
}

void range_list_tidy(struct range_list *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->at, l->n, sizeof(*l->at), by_start);
	for (size_t i = 0; i < l->n; i++) {
		struct range *last = n ? &l->at[n - 1] : NULL;

		if (last && last->kind == l->at[i].kind && l->at[i].start <= last->end)
			last->end = l->at[i].end > last->end ? l->at[i].end : last->end;
		else
			l->at[n++] = l->at[i];
	}
	l->n = n;
}

int range_list_cut(struct range_list *l, paddr_t start, paddr_t end, struct kd_err *err)
{
	size_t n = l->n;

	if (start >= end)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct range r = l->at[i];
		int ret;

		if (r.end <= start || r.start >= end)
			continue;
		l->at[i].end = r.start < start ? start : r.start;
		ret = range_list_add(l, end, r.end, r.kind, err);
		if (ret)
			return ret;
	}
	/* What is left of a range that was cut to nothing. */
	n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].start < l->at[i].end)
			l->at[n++] = l->at[i];
	l->n = n;
	range_list_tidy(l);
	return 0;
}

void range_list_fini(struct range_list *l)
{
	free(l->at);
	*l = (struct range_list){ 0 };
}
