// SPDX-License-Identifier: GPL-3.0-or-later
/* Messages: see messages.h. */
#include "tui/messages.h"

#include <stdarg.h>
#include <string.h>

#include "ui/escape.h"

void messages_add(struct messages *m, enum doc_style style, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	size_t at = (m->first + m->n) % MESSAGES_MAX;
	char *clean;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return;
	}
	clean = escape_text(text, (size_t)n, false, NULL);
	if (!clean)
		return;
	if (m->n == MESSAGES_MAX) {
		free(m->text[at]);
		m->first = (m->first + 1) % MESSAGES_MAX;
		m->n--;
	}
	m->text[at] = clean;
	m->style[at] = style;
	m->n++;
	m->unseen++;
}

const char *messages_newest(const struct messages *m, enum doc_style *style, size_t *unseen)
{
	size_t at = (m->first + m->n - 1) % MESSAGES_MAX;

	*unseen = m->unseen;
	if (!m->unseen || !m->n)
		return NULL;
	*style = m->style[at];
	return m->text[at];
}

void messages_seen(struct messages *m)
{
	m->unseen = 0;
}

void messages_doc(const struct messages *m, struct doc *d)
{
	static const struct doc_column columns[] = { { .key = "message" } };

	if (!m->n) {
		doc_note(d, DOC_HINT, "no messages");
		return;
	}
	doc_table(d, "messages", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < m->n; i++) {
		size_t at = (m->first + i) % MESSAGES_MAX;
		struct doc_cell c = doc_styled(doc_str(m->text[at]), m->style[at]);

		doc_put(d, i + 1 == m->n ? doc_here(c) : c);
	}
}

void messages_fini(struct messages *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->text[(m->first + i) % MESSAGES_MAX]);
	*m = (struct messages){ 0 };
}
