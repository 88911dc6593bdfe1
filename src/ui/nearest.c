// SPDX-License-Identifier: GPL-3.0-or-later
/* Nearest words: see nearest.h. */
#include "ui/nearest.h"

#include <string.h>

#define WORD_MAX_LEN 64

/* Changed, missing, added letters and swapped neighbours; more than LIMIT: LIMIT + 1. */
static unsigned distance(const char *a, const char *b, unsigned limit)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[3][WORD_MAX_LEN + 1];
	unsigned *before = row[0], *last = row[1], *now = row[2];

	if (la > WORD_MAX_LEN || lb > WORD_MAX_LEN || (la > lb ? la - lb : lb - la) > limit)
		return limit + 1;
	for (unsigned j = 0; j <= lb; j++)
		last[j] = before[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned *t, best;

		best = now[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			unsigned d = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (now[j - 1] + 1 < d)
				d = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			now[j] = d;
			if (d < best)
				best = d;
		}
		if (best > limit)
			return limit + 1;
		t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[lb];
}

void nearest_init(struct nearest *n, const char *word)
{
	size_t len = strlen(word);

	*n = (struct nearest){ .word = word, .limit = len < 4 ? 1 : len < 6 ? 2 : 3 };
}

void nearest_offer(struct nearest *n, const char *word)
{
	unsigned d = distance(n->word, word, n->limit);
	size_t at = n->n, len = strlen(n->word);

	/* A word that only goes on is as near as two typing faults. */
	if (d > 2 && len >= 3 && !strncmp(n->word, word, len))
		d = 2;
	/* Nothing in common is no likeness. */
	if (d > n->limit || d >= len)
		return;
	for (size_t i = 0; i < n->n; i++) {
		if (!strcmp(n->found[i], word))
			return;
	}
	/* Of those equally near, the shorter. */
	while (at && (n->distance[at - 1] > d ||
		      (n->distance[at - 1] == d && strlen(n->found[at - 1]) > strlen(word))))
		at--;
	if (at == NEAREST_MAX)
		return;
	if (n->n < NEAREST_MAX)
		n->n++;
	for (size_t i = n->n - 1; i > at; i--) {
		n->found[i] = n->found[i - 1];
		n->distance[i] = n->distance[i - 1];
	}
	n->found[at] = word;
	n->distance[at] = d;
}

const char *nearest_format(const struct nearest *n, const char *prefix, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n->n && used < size; i++) {
		const char *sep = !i ? "" : i + 1 == n->n ? " or " : ", ";
		int len = snprintf(buf + used, size - used, "%s%s%s", sep, prefix, n->found[i]);

		if (len < 0)
			break;
		used += (size_t)len;
	}
	return buf;
}
