// SPDX-License-Identifier: GPL-3.0-or-later
/* gdb's console: see console.h. */
#include "tui/console.h"

#include <string.h>

#include "ui/render_text.h"

static void drop_first(struct console *c)
{
	struct console_entry *e = c->list;

	c->bytes -= strlen(e->question) + (e->answer ? strlen(e->answer) : 0);
	free(e->question);
	free(e->answer);
	c->n--;
	memmove(c->list, c->list + 1, c->n * sizeof(*c->list));
}

static void trim(struct console *c)
{
	while (c->n > CONSOLE_ENTRIES || (c->n > 1 && c->bytes > CONSOLE_BYTES))
		drop_first(c);
}

int console_ask(struct console *c, uint64_t id, const char *question)
{
	struct console_entry *list = realloc(c->list, (c->n + 1) * sizeof(*list));
	char *copy = strdup(question);

	if (list)
		c->list = list;
	if (!list || !copy) {
		free(copy);
		return KD_NOMEM;
	}
	c->list[c->n++] = (struct console_entry){ .id = id, .question = copy };
	c->bytes += strlen(copy);
	trim(c);
	return 0;
}

static struct console_entry *find(const struct console *c, uint64_t id)
{
	for (size_t i = 0; id && i < c->n; i++)
		if (c->list[i].id == id)
			return &c->list[i];
	return NULL;
}

bool console_has(const struct console *c, uint64_t id)
{
	return find(c, id) != NULL;
}

void console_answer(struct console *c, uint64_t id, const struct doc *d, const struct kd_err *err)
{
	struct console_entry *e = find(c, id);
	char *text = NULL;
	size_t size = 0;
	struct text_render r = { .out = NULL };

	if (!e)
		return; /* nobody asked */
	r.out = open_memstream(&text, &size);
	if (!r.out)
		return;
	for (const struct doc_node *n = d->root.first; n; n = n->next)
		if (render_text_node(&r, n))
			break;
	if (err->status)
		fprintf(r.out, "%s\n", err->text);
	if (fclose(r.out))
		return;
	while (size && text[size - 1] == '\n')
		text[--size] = '\0';
	e->id = 0;
	e->answer = text;
	e->failed = err->status != 0;
	c->bytes += size;
	trim(c);
}

void console_doc(const struct console *c, struct doc *d)
{
	static const struct doc_column columns[] = { { .key = "line" } };

	if (!c->n)
		doc_note(d, DOC_HINT, "commands for gdb, which sees the crashed kernel; Esc leaves "
				      "the line, Enter comes back to it");
	doc_table(d, "console", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < c->n; i++) {
		const struct console_entry *e = &c->list[i];
		struct doc_cell q = doc_styled(doc_fmt("(gdb) %s", e->question), DOC_STRONG);

		doc_put(d, q);
		if (e->answer && *e->answer)
			doc_put(d, doc_styled(doc_str(e->answer), e->failed ? DOC_BAD : DOC_PLAIN));
	}
}

void console_fini(struct console *c)
{
	while (c->n)
		drop_first(c);
	free(c->list);
	*c = (struct console){ 0 };
}
