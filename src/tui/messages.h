/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was said to the user: the last line of the screen has the newest, a view all of them. */
#ifndef KD_TUI_MESSAGES_H
#define KD_TUI_MESSAGES_H

#include "ui/doc.h"

#define MESSAGES_MAX 1000 /* older ones are forgotten */

struct messages {
	char *text[MESSAGES_MAX];
	enum doc_style style[MESSAGES_MAX];
	size_t first, n;
	size_t unseen; /* since messages_seen() */
};

/* Append a copy, made printable. */
void messages_add(struct messages *m, enum doc_style style, const char *fmt, ...) KD_PRINTF(3, 4);
/* The newest that was not seen yet, and how many there are; NULL: none. */
const char *messages_newest(const struct messages *m, enum doc_style *style, size_t *unseen);
void messages_seen(struct messages *m);
/* All of them, the newest last. */
void messages_doc(const struct messages *m, struct doc *d);
void messages_fini(struct messages *m);

#endif
