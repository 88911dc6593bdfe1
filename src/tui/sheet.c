// SPDX-License-Identifier: GPL-3.0-or-later
/* Documents laid out: see sheet.h. */
#include "tui/sheet.h"

#include <string.h>

#include "tui/glyph.h"

#define CHUNK 65536

/* Links have addresses that stay: they lie in chunks. */
struct chunk {
	struct chunk *next;
	size_t used, size;
	char bytes[];
};

struct row {
	size_t text;   /* offset */
	size_t span;   /* the first */
	size_t header; /* SHEET_NONE: none */
	uint32_t len, columns;
	uint32_t nspans;
	uint32_t marks;
};

struct sheet {
	char *text;
	size_t len, text_cap;
	struct span *spans;
	size_t nspans, span_cap;
	struct row *rows;
	size_t nrows, row_cap;
	struct chunk *links;
	size_t link_bytes;
	/* While it is made: */
	bool open;	  /* the last row may grow */
	unsigned marks;	  /* of the row to come */
	size_t header;	  /* of rows to come */
	const char *link; /* the last one */
};

/* Room for MORE elements of SIZE bytes behind N. */
static int grow(void **array, size_t n, size_t more, size_t *cap, size_t size)
{
	size_t want, bytes;
	void *p;

	if (kd_add_overflow(n, more, &want))
		return KD_NOMEM;
	if (want <= *cap)
		return 0;
	if (want < *cap * 2)
		want = *cap * 2;
	if (want < 64)
		want = 64;
	if (kd_mul_overflow(want, size, &bytes))
		return KD_NOMEM;
	p = realloc(*array, bytes);
	if (!p)
		return KD_NOMEM;
	*array = p;
	*cap = want;
	return 0;
}

static const char *keep_link(struct sheet *s, const char *link)
{
	size_t n = strlen(link) + 1;
	struct chunk *c = s->links;

	if (s->link && !strcmp(s->link, link))
		return s->link;
	if (!c || c->size - c->used < n) {
		size_t size = n > CHUNK ? n : CHUNK;

		c = malloc(sizeof(*c) + size);
		if (!c)
			return NULL;
		*c = (struct chunk){ .next = s->links, .size = size };
		s->links = c;
		s->link_bytes += sizeof(*c) + size;
	}
	s->link = memcpy(c->bytes + c->used, link, n);
	c->used += n;
	return s->link;
}

static int open_row(struct sheet *s)
{
	void *array = s->rows;
	int ret = grow(&array, s->nrows, 1, &s->row_cap, sizeof(*s->rows));
	bool in_table = s->marks & (TEXT_HEADER | TEXT_ROW);

	s->rows = array;
	if (ret)
		return ret;
	if (s->marks & TEXT_HEADER)
		s->header = s->nrows;
	else if (!in_table)
		s->header = SHEET_NONE;
	s->rows[s->nrows++] = (struct row){ .text = s->len,
					    .span = s->nspans,
					    .header = s->marks & TEXT_ROW ? s->header : SHEET_NONE,
					    .marks = s->marks };
	s->marks = 0;
	s->open = true;
	return 0;
}

static bool same_link(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The open row's last span takes N bytes more, or a new one begins. */
static int extend_spans(struct sheet *s, struct row *r, enum doc_style style, const char *link,
			size_t n)
{
	void *array = s->spans;
	struct span *next;

	if (grow(&array, s->nspans, 1, &s->span_cap, sizeof(*s->spans)))
		return KD_NOMEM;
	s->spans = array;
	next = s->spans + s->nspans;
	if (r->nspans && next[-1].style == style && same_link(next[-1].link, link)) {
		next[-1].len += (uint32_t)n;
		return 0;
	}
	if (link) {
		link = keep_link(s, link);
		if (!link)
			return KD_NOMEM;
	}
	*next = (struct span){
		.start = r->len, .len = (uint32_t)n, .style = (uint8_t)style, .link = link
	};
	s->nspans++;
	r->nspans++;
	return 0;
}

/* Append N bytes without a line feed to the open row. */
static int add_text(struct sheet *s, enum doc_style style, const char *link, const char *bytes,
		    size_t n)
{
	struct row *r = &s->rows[s->nrows - 1];
	void *array = s->text;

	if (grow(&array, s->len, n + 1, &s->text_cap, 1))
		return KD_NOMEM;
	s->text = array;
	if (extend_spans(s, r, style, link, n))
		return KD_NOMEM;
	memcpy(s->text + s->len, bytes, n);
	s->len += n;
	s->text[s->len] = '\0';
	r->len += (uint32_t)n;
	return 0;
}

static void close_row(struct sheet *s)
{
	struct row *r = &s->rows[s->nrows - 1];

	r->columns = (uint32_t)glyph_columns(s->text + r->text, r->len);
	s->open = false;
}

/* What fits into the open row, without cutting a character. */
static size_t room(const struct sheet *s, const char *bytes, size_t n)
{
	size_t left = SHEET_LINE_MAX - s->rows[s->nrows - 1].len;

	if (n <= left)
		return n;
	while (left && ((uint8_t)bytes[left] & 0xc0) == 0x80)
		left--;
	return left;
}

static int put(void *data, enum doc_style style, const char *link, const char *bytes, size_t n)
{
	struct sheet *s = data;
	int ret = 0;

	while (n && !ret) {
		const char *lf = memchr(bytes, '\n', n);
		size_t len = lf ? (size_t)(lf - bytes) : n, some;

		if (!s->open) {
			ret = open_row(s);
			if (ret)
				break;
		}
		some = room(s, bytes, len);
		if (some)
			ret = add_text(s, style, link, bytes, some);
		if (some < len || lf)
			close_row(s);
		some += some == len && lf;
		bytes += some;
		n -= some;
	}
	return ret;
}

static void mark(void *data, unsigned marks)
{
	struct sheet *s = data;

	if (s->open)
		s->rows[s->nrows - 1].marks |= marks;
	else
		s->marks |= marks;
}

int sheet_make(const struct doc *d, unsigned width, struct sheet **out, struct kd_err *err)
{
	struct sheet *s = calloc(1, sizeof(*s));
	struct text_sink sink = { .data = s, .put = put, .mark = mark };
	struct text_render r = { .sink = &sink, .width = width, .whole = true };
	int ret = s ? 0 : KD_NOMEM;

	*out = NULL;
	if (s)
		s->header = SHEET_NONE;
	for (const struct doc_node *n = d->root.first; n && !ret; n = n->next)
		ret = render_text_node(&r, n);
	if (ret) {
		sheet_free(s);
		return kd_nomem(err);
	}
	if (s->open)
		close_row(s);
	*out = s;
	return 0;
}

void sheet_free(struct sheet *s)
{
	if (!s)
		return;
	while (s->links) {
		struct chunk *c = s->links;

		s->links = c->next;
		free(c);
	}
	free(s->text);
	free(s->spans);
	free(s->rows);
	free(s);
}

size_t sheet_count(const struct sheet *s)
{
	return s->nrows;
}

struct sheet_line sheet_at(const struct sheet *s, size_t i)
{
	const struct row *r = &s->rows[i];

	return (struct sheet_line){
		.text = r->len ? s->text + r->text : "",
		.len = r->len,
		.columns = r->columns,
		.marks = r->marks,
		.spans = r->nspans ? s->spans + r->span : NULL,
		.nspans = r->nspans,
	};
}

size_t sheet_header(const struct sheet *s, size_t i)
{
	return s->rows[i].header;
}

size_t sheet_here(const struct sheet *s)
{
	size_t linked = SHEET_NONE;

	for (size_t i = 0; i < s->nrows; i++) {
		const struct row *r = &s->rows[i];

		if (r->marks & TEXT_HERE)
			return i;
		for (size_t j = 0; linked == SHEET_NONE && j < r->nspans; j++) {
			const char *link = s->spans[r->span + j].link;

			if (link && *link)
				linked = i;
		}
	}
	return linked == SHEET_NONE ? 0 : linked;
}

size_t sheet_bytes(const struct sheet *s)
{
	return sizeof(*s) + s->text_cap + s->span_cap * sizeof(*s->spans) +
	       s->row_cap * sizeof(*s->rows) + s->link_bytes;
}
