// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The order of symbols: by address, and of those at one address the one to be shown last. A
 * kernel has 150,000; comparing them one with another takes longer than all else of opening it.
 */
#include <string.h>

#include "kernel/symbols_priv.h"

static int by_addr(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	size_t n, m;

	if (x->sym.addr != y->sym.addr)
		return x->sym.addr < y->sym.addr ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	/* longer names tell more than is meant, or are of a part */
	n = strlen(x->sym.name);
	m = strlen(y->sym.name);
	if (n != m)
		return n > m ? -1 : 1;
	return strcmp(x->sym.name, y->sym.name);
}

/* Kallsyms and the tables of modules come almost in order, that of a vmlinux does not. */
static bool is_almost_sorted(const struct entry *list, size_t n)
{
	size_t back = 0;

	for (size_t i = 1; i < n; i++)
		back += list[i].sym.addr < list[i - 1].sym.addr;
	return back <= n / 64;
}

/* false: one step back was too long for this, and the list is left half sorted. */
static bool sort_by_insertion(struct entry *list, size_t n)
{
	size_t moves = 4 * n;

	for (size_t i = 1; i < n; i++) {
		struct entry e = list[i];
		size_t at = i;

		while (at && moves && by_addr(&e, &list[at - 1]) < 0) {
			list[at] = list[at - 1];
			at--;
			moves--;
		}
		list[at] = e;
		if (!moves)
			return false;
	}
	return true;
}

struct key {
	uint64_t addr;
	uint32_t index; /* of its entry */
};

#define DIGITS 8 /* bytes of an address */

/*
 * Sort KEYS by address, a byte at a time from the lowest on; SPARE has room for as many. Returns
 * whichever of the two holds the result.
 */
static struct key *sort_keys(struct key *keys, struct key *spare, size_t n)
{
	uint32_t counts[DIGITS][256] = { 0 };

	for (size_t i = 0; i < n; i++)
		for (unsigned d = 0; d < DIGITS; d++)
			counts[d][keys[i].addr >> 8 * d & 255]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		uint32_t *place = counts[d], before = 0;
		struct key *from = keys;

		/* all have the same digit */
		if (place[from[0].addr >> 8 * d & 255] == n)
			continue;
		for (unsigned v = 0; v < 256; v++) {
			uint32_t here = place[v];

			place[v] = before;
			before += here;
		}
		for (size_t i = 0; i < n; i++)
			spare[place[from[i].addr >> 8 * d & 255]++] = from[i];
		keys = spare;
		spare = from;
	}
	return keys;
}

/* Bring LIST into the order of KEYS, which is forgotten on the way. */
static void rearrange(struct entry *list, struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct entry first = list[i];
		size_t to = i, from = keys[i].index;

		for (; from != i; to = from, from = keys[to].index) {
			list[to] = list[from];
			keys[to].index = (uint32_t)to;
		}
		list[to] = first;
		keys[to].index = (uint32_t)to;
	}
}

/* Those at one address stand together: order each such group. */
static void sort_groups(struct entry *list, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && list[end].sym.addr == list[i].sym.addr;)
			end++;
		if (end - i > 1)
			qsort(list + i, end - i, sizeof(*list), by_addr);
	}
}

static int sort_by_digits(struct entry *list, size_t n, struct kd_err *err)
{
	_cleanup_(freep) struct key *keys = reallocarray(NULL, n, 2 * sizeof(*keys));

	if (!keys)
		return kd_nomem(err);
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct key){ .addr = list[i].sym.addr, .index = (uint32_t)i };
	rearrange(list, sort_keys(keys, keys + n, n), n);
	sort_groups(list, n);
	return 0;
}

int symbols_sort(struct entry *list, size_t old, size_t all, struct kd_err *err)
{
	struct entry *new = list + old;
	size_t n = all - old;
	_cleanup_(freep) struct entry *added = NULL;

	if (!n)
		return 0;
	if (!is_almost_sorted(new, n) || !sort_by_insertion(new, n)) {
		int status = sort_by_digits(new, n, err);

		if (status)
			return status;
	}
	if (!old || by_addr(&list[old - 1], new) <= 0)
		return 0;
	/* merge from the end, where there is room */
	added = malloc(n * sizeof(*added));
	if (!added)
		return kd_nomem(err);
	memcpy(added, new, n * sizeof(*added));
	for (size_t a = old, b = n; b;) {
		bool first = a && by_addr(&list[a - 1], &added[b - 1]) > 0;

		list[a + b - 1] = first ? list[a - 1] : added[b - 1];
		a -= first;
		b -= !first;
	}
	return 0;
}
