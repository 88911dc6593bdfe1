// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ORC tables that are damaged: addresses ascend, so what does not fit into the longest run
 * that does is wrong. The code it would have described is said to be unknown, from the
 * entry before it to the one behind.
 */
#include <string.h>

#include "x86_64/orc.h"
#include "x86_64/orc_priv.h"

/* No code lies in the table itself, where words that were wiped out lead. */
static bool is_sound(const struct orc_table *t, size_t i)
{
	return orc_ip(t, i) - t->ip_base >= 4 * (uint64_t)t->n;
}

/* Nearly all tables are, of 400,000 entries: what orc_ip() and is_sound() say, in one go. */
static bool in_order(const struct orc_table *t)
{
	uint64_t size = 4 * (uint64_t)t->n;
	vaddr_t before = 0;

	for (size_t i = 0; i < t->n; i++) {
		uint64_t off = 4 * i + (uint64_t)(int64_t)t->ips[i];
		vaddr_t ip = t->ip_base + off;

		if (off < size || ip < before)
			return false;
		before = ip;
	}
	return true;
}

/* The runs that end lowest: tails[k] is where the best of k + 1 entries ends. */
struct runs {
	size_t *tails, *before; /* owned; before[i]: the entry ahead of i in its run */
	size_t n;
};

#define NONE SIZE_MAX

static size_t place(const struct orc_table *t, const struct runs *r, vaddr_t ip)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (orc_ip(t, r->tails[mid]) <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool find_runs(const struct orc_table *t, struct runs *r)
{
	*r = (struct runs){ .tails = calloc(t->n, sizeof(*r->tails)),
			    .before = calloc(t->n, sizeof(*r->before)) };
	for (size_t i = 0; r->tails && r->before && i < t->n; i++) {
		size_t k;

		if (!is_sound(t, i))
			continue;
		k = place(t, r, orc_ip(t, i));
		r->before[i] = k ? r->tails[k - 1] : NONE;
		r->tails[k] = i;
		if (k == r->n)
			r->n++;
	}
	return r->tails && r->before;
}

/* An entry that belongs to no run describes nothing, at the address of the one before. */
static void forget(struct orc_table *t, size_t i, vaddr_t ip)
{
	int64_t off = (int64_t)(ip - t->ip_base) - 4 * (int64_t)i;

	/* where that can not be written from here, what can lies between its neighbours */
	t->ips[i] = off < INT32_MIN ? INT32_MIN : off > INT32_MAX ? INT32_MAX : (int32_t)off;
	memset(t->entries + i * ORC_ENTRY_SIZE, 0, ORC_ENTRY_SIZE);
}

int orc_table_mend(struct orc_table *t, struct kd_err *err)
{
	struct runs r;
	size_t good, last;
	int rc = 0;

	if (in_order(t))
		return 0;
	if (!find_runs(t, &r)) {
		rc = kd_nomem(err);
	} else if (r.n <= t->n / 2) {
		rc = kd_fail(err, KD_CORRUPT,
			     "ORC tables: %zu of %zu addresses are out of order", t->n - r.n, t->n);
	} else {
		t->damaged = t->n - r.n;
		last = good = r.tails[r.n - 1];
		for (size_t i = t->n; i--;) {
			if (i == good) {
				last = i;
				good = r.before[i];
			} else {
				/* ahead of the first there is only that */
				forget(t, i, orc_ip(t, good == NONE ? last : good));
			}
		}
	}
	free(r.tails);
	free(r.before);
	return rc;
}
