// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Ascending runs: see ascending.h. Of all runs of a length the one that ends lowest can
 * be continued best, so it is enough to know that one for each length.
 */
#include "core/ascending.h"

#include <string.h>

#define NONE SIZE_MAX

struct runs {
	bool (*value)(const void *data, size_t i, uint64_t *v);
	const void *data;
	size_t *tails;	/* owned; where the best run of k + 1 numbers ends */
	size_t *before; /* owned; the number ahead of i in its run */
	size_t n;	/* the longest */
};

/* How many tails are not above V. */
static size_t place(const struct runs *r, uint64_t v)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		uint64_t tail = 0;

		if (r->value(r->data, r->tails[mid], &tail) && tail <= v)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void add(struct runs *r, size_t i)
{
	uint64_t v;
	size_t k;

	if (!r->value(r->data, i, &v))
		return;
	k = place(r, v);
	r->before[i] = k ? r->tails[k - 1] : NONE;
	r->tails[k] = i;
	if (k == r->n)
		r->n++;
}

int ascending_run(size_t n, bool (*value)(const void *data, size_t i, uint64_t *v),
		  const void *data, uint8_t *keep, size_t *kept)
{
	struct runs r = { .value = value, .data = data };
	int status = 0;

	memset(keep, 0, n);
	*kept = 0;
	r.tails = calloc(n ? n : 1, sizeof(*r.tails));
	r.before = calloc(n ? n : 1, sizeof(*r.before));
	if (!r.tails || !r.before) {
		status = KD_NOMEM;
	} else {
		for (size_t i = 0; i < n; i++)
			add(&r, i);
		for (size_t i = r.n ? r.tails[r.n - 1] : NONE; i != NONE; i = r.before[i])
			keep[i] = 1;
		*kept = r.n;
	}
	free(r.tails);
	free(r.before);
	return status;
}
