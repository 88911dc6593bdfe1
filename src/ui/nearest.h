/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": the three known words nearest to a mistyped one. */
#ifndef KD_UI_NEAREST_H
#define KD_UI_NEAREST_H

#include "core/base.h"

#define NEAREST_MAX 3

struct nearest {
	const char *word;		/* borrowed */
	unsigned limit;			/* changes that are still near */
	const char *found[NEAREST_MAX]; /* borrowed from who offered them; nearest first */
	unsigned distance[NEAREST_MAX];
	size_t n;
};

void nearest_init(struct nearest *n, const char *word);
/* Offer a word; it must outlive N. Words offered twice count once. */
void nearest_offer(struct nearest *n, const char *word);
/* "A, B or C", each with PREFIX, into BUF; returns BUF. */
const char *nearest_format(const struct nearest *n, const char *prefix, char *buf, size_t size);

#endif
