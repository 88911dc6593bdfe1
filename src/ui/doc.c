// SPDX-License-Identifier: GPL-3.0-or-later
/* Documents: see doc.h. */
#include "ui/doc.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "core/arch.h"

static void node_free(struct doc_node *n);

static void cell_fini(struct doc_cell *c)
{
	free(c->text);
	free(c->link);
}

static void node_fini(struct doc_node *n)
{
	while (n->first) {
		struct doc_node *child = n->first;

		n->first = child->next;
		node_free(child);
	}
	n->last = NULL;
	for (size_t i = 0; i < n->nfields; i++)
		cell_fini(&n->fields[i].cell);
	for (size_t i = 0; i < n->ncells; i++)
		cell_fini(&n->cells[i]);
	free(n->fields);
	free(n->cells);
	free(n->title);
	free(n->link);
	cell_fini(&n->text);
	if (n->stack) {
		stack_fini(&n->stack->stack);
		free(n->stack->error);
		free(n->stack);
	}
}

/* Sections nest as deep as commands write them, never as the dump says. */
static void node_free(struct doc_node *n)
{
	node_fini(n);
	free(n);
}

void doc_init(struct doc *d, const struct doc_sink *sink)
{
	*d = (struct doc){ .root = { .kind = DOC_SECTION } };
	d->open = &d->root;
	if (sink)
		d->sink = *sink;
}

void doc_fini(struct doc *d)
{
	node_fini(&d->root);
}

void doc_move(struct doc *to, struct doc *from)
{
	*to = *from;
	to->open = &to->root;
	for (struct doc_node *n = to->root.first; n; n = n->next)
		n->parent = &to->root;
	doc_init(from, NULL);
}

int doc_status(const struct doc *d)
{
	return d->status;
}

int doc_flush(struct doc *d)
{
	struct doc_node *n;

	if (!d->sink.node)
		return d->status;
	while ((n = d->root.first)) {
		/* An open section is not complete. */
		if (n == d->root.last && d->open != &d->root)
			break;
		if (!d->status)
			d->status = d->sink.node(d->sink.data, n);
		d->root.first = n->next;
		if (!d->root.first)
			d->root.last = NULL;
		node_free(n);
	}
	return d->status;
}

/* Append a node to the open section; NULL: nothing is appended any more. */
static struct doc_node *node_add(struct doc *d, enum doc_kind kind, const char *key)
{
	struct doc_node *n;

	if (d->status)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n) {
		d->status = KD_NOMEM;
		return NULL;
	}
	n->kind = kind;
	n->key = key;
	n->parent = d->open;
	if (d->open->last)
		d->open->last->next = n;
	else
		d->open->first = n;
	d->open->last = n;
	return n;
}

/* Take a cell's text over; false: it could not be made. */
static bool cell_take(struct doc *d, struct doc_cell *c)
{
	if (c->failed && !d->status)
		d->status = KD_NOMEM;
	if (!d->status)
		return true;
	cell_fini(c);
	return false;
}

struct doc_cell doc_none(const char *why)
{
	struct doc_cell c = why ? doc_str(why) : (struct doc_cell){ .type = DOC_NONE };

	c.type = DOC_NONE;
	c.style = DOC_DIM;
	return c;
}

static struct doc_cell cell_copy(enum doc_type type, const void *p, size_t len)
{
	struct doc_cell c = { .type = type, .len = len };

	c.text = malloc(len + 1);
	if (!c.text) {
		c.failed = true;
		c.len = 0;
		return c;
	}
	if (len)
		memcpy(c.text, p, len);
	c.text[len] = '\0';
	return c;
}

struct doc_cell doc_strn(const char *s, size_t len)
{
	return cell_copy(DOC_STRING, s, len);
}

struct doc_cell doc_str(const char *s)
{
	return cell_copy(DOC_STRING, s, strlen(s));
}

struct doc_cell doc_fmt(const char *fmt, ...)
{
	struct doc_cell c = { .type = DOC_STRING };
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&c.text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		c.text = NULL;
		c.failed = true;
	} else {
		c.len = (size_t)n;
	}
	return c;
}

struct doc_cell doc_uint(uint64_t v)
{
	return (struct doc_cell){ .type = DOC_UINT, .num = v };
}

struct doc_cell doc_int(int64_t v)
{
	return (struct doc_cell){ .type = DOC_INT, .num = (uint64_t)v };
}

struct doc_cell doc_hex(uint64_t v)
{
	return (struct doc_cell){ .type = DOC_HEX, .num = v };
}

struct doc_cell doc_addr(const struct arch *arch, vaddr_t v)
{
	return (struct doc_cell){ .type = DOC_ADDR,
				  .num = v,
				  .digits = (uint8_t)(2 * arch->ptr_size) };
}

struct doc_cell doc_bool(bool v)
{
	return (struct doc_cell){ .type = DOC_BOOL, .num = v };
}

struct doc_cell doc_bytes(const void *p, size_t len)
{
	return cell_copy(DOC_BYTES, p, len);
}

struct doc_cell doc_nsec(uint64_t ns)
{
	return (struct doc_cell){ .type = DOC_NSEC, .num = ns };
}

struct doc_cell doc_styled(struct doc_cell c, enum doc_style style)
{
	c.style = style;
	return c;
}

struct doc_cell doc_here(struct doc_cell c)
{
	c.here = true;
	return c;
}

bool link_is_plain(const char *line)
{
	static const char signs[] = " ._:,+-*=@%/()[]&";

	for (; *line; line++) {
		if (!isalnum((uint8_t)*line) && !strchr(signs, *line))
			return false;
	}
	return true;
}

struct doc_cell doc_linked(struct doc_cell c, const char *fmt, ...)
{
	va_list ap;

	free(c.link);
	va_start(ap, fmt);
	if (vasprintf(&c.link, fmt, ap) < 0) {
		c.link = NULL;
		c.failed = true;
	}
	va_end(ap);
	if (c.link && !link_is_plain(c.link)) {
		free(c.link);
		c.link = NULL;
	}
	return c;
}

static void section_add(struct doc *d, const char *key, const char *title, bool repeats)
{
	struct doc_node *n = node_add(d, DOC_SECTION, key);

	if (!n)
		return;
	n->repeats = repeats;
	if (title) {
		n->title = strdup(title);
		if (!n->title)
			d->status = KD_NOMEM;
	}
	d->open = n;
}

void doc_section(struct doc *d, const char *key, const char *title)
{
	section_add(d, key, title, false);
}

void doc_section_of(struct doc *d, const char *key, const char *title)
{
	section_add(d, key, title, true);
}

void doc_section_link(struct doc *d, const char *fmt, ...)
{
	char *link = NULL;
	va_list ap;

	if (d->status || d->open == &d->root)
		return;
	va_start(ap, fmt);
	if (vasprintf(&link, fmt, ap) < 0) {
		link = NULL;
		d->status = KD_NOMEM;
	}
	va_end(ap);
	free(d->open->link);
	d->open->link = link && link_is_plain(link) ? link : NULL;
	if (!d->open->link)
		free(link);
}

void doc_section_end(struct doc *d)
{
	if (d->open->parent)
		d->open = d->open->parent;
}

void doc_fields(struct doc *d, const char *key)
{
	node_add(d, DOC_FIELDS, key);
}

/* Room for one more element of SIZE bytes in an array of N. */
static bool grow(struct doc *d, void **array, size_t n, size_t *cap, size_t size)
{
	size_t new_cap, bytes;
	void *p;

	if (n < *cap)
		return true;
	new_cap = *cap ? *cap * 2 : 16;
	p = kd_mul_overflow(new_cap, size, &bytes) ? NULL : realloc(*array, bytes);
	if (!p) {
		d->status = KD_NOMEM;
		return false;
	}
	*array = p;
	*cap = new_cap;
	return true;
}

void doc_field(struct doc *d, const char *key, const char *label, struct doc_cell c)
{
	struct doc_node *n = d->open->last;
	void *array;

	if (!cell_take(d, &c))
		return;
	if (!n || n->kind != DOC_FIELDS) {
		cell_fini(&c);
		return;
	}
	array = n->fields;
	if (!grow(d, &array, n->nfields, &n->cap, sizeof(*n->fields))) {
		cell_fini(&c);
		return;
	}
	n->fields = array;
	n->fields[n->nfields++] = (struct doc_field){ .key = key, .label = label, .cell = c };
}

void doc_table(struct doc *d, const char *key, enum doc_table_kind kind,
	       const struct doc_column *columns, size_t ncolumns)
{
	struct doc_node *n = node_add(d, DOC_TABLE, key);

	if (!n)
		return;
	n->table = kind;
	n->columns = columns;
	n->ncolumns = ncolumns;
}

void doc_put(struct doc *d, struct doc_cell c)
{
	struct doc_node *n = d->open->last;
	void *array;

	if (!cell_take(d, &c))
		return;
	if (!n || n->kind != DOC_TABLE) {
		cell_fini(&c);
		return;
	}
	array = n->cells;
	if (!grow(d, &array, n->ncells, &n->cap, sizeof(*n->cells))) {
		cell_fini(&c);
		return;
	}
	n->cells = array;
	n->cells[n->ncells++] = c;
}

void doc_text(struct doc *d, const char *key, struct doc_cell c)
{
	struct doc_node *n;

	if (!cell_take(d, &c))
		return;
	n = node_add(d, DOC_TEXT, key);
	if (n)
		n->text = c;
	else
		cell_fini(&c);
}

void doc_note(struct doc *d, enum doc_severity severity, const char *fmt, ...)
{
	struct doc_cell c = { .type = DOC_STRING };
	struct doc_node *n;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&c.text, fmt, ap);
	va_end(ap);
	if (len < 0) {
		c.text = NULL;
		c.failed = true;
	} else {
		c.len = (size_t)len;
	}
	if (!cell_take(d, &c))
		return;
	n = node_add(d, DOC_NOTE, "notes");
	if (!n) {
		cell_fini(&c);
		return;
	}
	n->repeats = true;
	n->severity = severity;
	n->text = c;
}

void doc_stack_add(struct doc *d, const char *key, bool repeats, struct doc_stack *s)
{
	struct doc_node *n = node_add(d, DOC_STACK, key);

	if (n) {
		n->repeats = repeats;
		n->stack = malloc(sizeof(*n->stack));
		if (n->stack) {
			*n->stack = *s;
			*s = (struct doc_stack){ 0 };
			return;
		}
		d->status = KD_NOMEM;
	}
	stack_fini(&s->stack);
	free(s->error);
	*s = (struct doc_stack){ 0 };
}
