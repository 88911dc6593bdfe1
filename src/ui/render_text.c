// SPDX-License-Identifier: GPL-3.0-or-later
/* Documents as text: see render_text.h. */
#include "ui/render_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "ui/escape.h"
#include "ui/render_priv.h"

static int render_node(struct text_render *r, const struct doc_node *n);

static const char *const style_on[] = {
	[DOC_PLAIN] = "",	  [DOC_DIM] = "\033[2m",   [DOC_STRONG] = "\033[1m",
	[DOC_BAD] = "\033[1;31m", [DOC_WARN] = "\033[33m", [DOC_NAME] = "\033[36m",
	[DOC_PLACE] = "\033[32m",
};

static void write_stream(const struct text_render *r, enum doc_style style, const char *bytes,
			 size_t n)
{
	bool colored = r->color && style != DOC_PLAIN;

	if (colored)
		fputs(style_on[style], r->out);
	fwrite(bytes, 1, n, r->out);
	if (colored)
		fputs("\033[0m", r->out);
}

void text_write(struct text_render *r, enum doc_style style, const char *link, const char *bytes,
		size_t n)
{
	if (!n || r->status)
		return;
	if (r->sink)
		r->status = r->sink->put(r->sink->data, style, link, bytes, n);
	else
		write_stream(r, style, bytes, n);
}

void text_put(struct text_render *r, enum doc_style style, const char *s)
{
	text_write(r, style, NULL, s, strlen(s));
}

void text_link(struct text_render *r, enum doc_style style, const char *link, const char *s)
{
	text_write(r, style, link, s, strlen(s));
}

size_t text_printf(struct text_render *r, enum doc_style style, const char *link, const char *fmt,
		   ...)
{
	char small[256], *text = small;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(small)) {
		va_start(ap, fmt);
		n = vasprintf(&text, fmt, ap);
		va_end(ap);
	}
	if (n < 0) {
		r->status = KD_NOMEM;
		return 0;
	}
	text_write(r, style, link, text, (size_t)n);
	if (text != small)
		free(text);
	return (size_t)n;
}

void text_pad(struct text_render *r, size_t n)
{
	static const char blanks[] = "                                ";

	while (n) {
		size_t some = kd_min(n, sizeof(blanks) - 1);

		text_write(r, DOC_PLAIN, NULL, blanks, some);
		n -= some;
	}
}

void text_end_line(struct text_render *r)
{
	text_write(r, DOC_PLAIN, NULL, "\n", 1);
}

void text_mark(struct text_render *r, unsigned marks)
{
	if (r->sink && marks && !r->status)
		r->sink->mark(r->sink->data, marks);
}

/* A cell's text, with what the cell says of itself. */
static void put_cell(struct text_render *r, const struct doc_cell *c, const char *s)
{
	if (c->here)
		text_mark(r, TEXT_HERE);
	text_link(r, c->style, c->link, s);
}

static char *bytes_text(const struct doc_cell *c)
{
	char *out = malloc(2 * c->len + 1);

	if (!out)
		return NULL;
	for (size_t i = 0; i < c->len; i++)
		snprintf(out + 2 * i, 3, "%02x", (uint8_t)c->text[i]);
	out[2 * c->len] = '\0';
	return out;
}

char *render_cell(const struct doc_cell *c, bool keep_lf, size_t *width)
{
	char *out = NULL;
	int n = 0;

	switch (c->type) {
	case DOC_NONE:
	case DOC_STRING:
		return escape_text(c->text ? c->text : "", c->text ? c->len : 0, keep_lf, width);
	case DOC_UINT:
		n = asprintf(&out, "%" PRIu64, c->num);
		break;
	case DOC_INT:
		n = asprintf(&out, "%" PRId64, (int64_t)c->num);
		break;
	case DOC_HEX:
		n = asprintf(&out, "0x%" PRIx64, c->num);
		break;
	case DOC_ADDR:
		n = asprintf(&out, "0x%0*" PRIx64, c->digits, c->num);
		break;
	case DOC_BOOL:
		n = asprintf(&out, "%s", c->num ? "yes" : "no");
		break;
	case DOC_NSEC:
		n = asprintf(&out, "%" PRIu64 ".%06" PRIu64, c->num / 1000000000,
			     c->num % 1000000000 / 1000);
		break;
	case DOC_BYTES:
		out = bytes_text(c);
		n = out ? (int)strlen(out) : -1;
		break;
	}
	if (n < 0)
		return NULL;
	if (width)
		*width = (size_t)n;
	return out;
}

/* A blank line between blocks. */
static void begin_block(struct text_render *r)
{
	if (r->blank)
		text_end_line(r);
	r->blank = false;
	r->begun = true;
}

static int render_fields(struct text_render *r, const struct doc_node *n)
{
	size_t widest = 0;

	for (size_t i = 0; i < n->nfields; i++) {
		if (n->fields[i].label && strlen(n->fields[i].label) > widest)
			widest = strlen(n->fields[i].label);
	}
	if (!widest)
		return 0;
	begin_block(r);
	for (size_t i = 0; i < n->nfields; i++) {
		const struct doc_field *f = &n->fields[i];
		_cleanup_(freep) char *s = NULL;

		if (!f->label)
			continue;
		s = render_cell(&f->cell, false, NULL);
		if (!s)
			return KD_NOMEM;
		text_put(r, DOC_DIM, f->label);
		text_pad(r, widest - strlen(f->label) + 2);
		put_cell(r, &f->cell, *s || f->cell.type != DOC_NONE ? s : "not known");
		text_end_line(r);
	}
	r->blank = true;
	return 0;
}

/* Write at most COLUMNS of a cell's text; what is cut ends in '~'. */
static void put_cut(struct text_render *r, const struct doc_cell *c, char *s, size_t width,
		    size_t columns)
{
	size_t len = strlen(s), at = 0;

	if (width > columns && columns > 1) {
		for (size_t i = 0; i + 1 < columns && at < len; i++) {
			uint32_t code;
			size_t step = utf8_decode(s + at, len - at, &code);

			at += step ? step : 1;
		}
		s[at] = '~';
		s[at + 1] = '\0';
	}
	put_cell(r, c, s);
}

struct table_view {
	char **text;	/* escaped cells, as in the node; NULL: not shown */
	size_t *width;	/* of each cell */
	size_t *column; /* width of each column */
	size_t last;	/* the last column that is shown */
};

static void table_view_fini(struct table_view *v, const struct doc_node *n)
{
	for (size_t i = 0; v->text && i < n->ncells; i++)
		free(v->text[i]);
	free(v->text);
	free(v->width);
	free(v->column);
}

static int table_view_init(struct table_view *v, const struct doc_node *n, bool keep_lf)
{
	v->text = calloc(n->ncells + 1, sizeof(*v->text));
	v->width = calloc(n->ncells + 1, sizeof(*v->width));
	v->column = calloc(n->ncolumns + 1, sizeof(*v->column));
	if (!v->text || !v->width || !v->column)
		return KD_NOMEM;
	for (size_t i = 0; i < n->ncolumns; i++) {
		if (n->columns[i].flags & DOC_ONLY_JSON)
			continue;
		v->column[i] = n->columns[i].title ? strlen(n->columns[i].title) : 0;
		v->last = i;
	}
	for (size_t i = 0; i < n->ncells; i++) {
		size_t c = i % n->ncolumns;

		if (n->columns[c].flags & DOC_ONLY_JSON)
			continue;
		v->text[i] = render_cell(&n->cells[i], keep_lf && c == v->last, &v->width[i]);
		if (!v->text[i])
			return KD_NOMEM;
		if (n->cells[i].type == DOC_NONE && !v->width[i]) {
			v->text[i][0] = '-';
			v->text[i][1] = '\0';
			v->width[i] = 1;
		}
		if (v->width[i] > v->column[c])
			v->column[c] = v->width[i];
	}
	return 0;
}

/* The last column of a row that shows anything: nothing is padded behind it. */
static size_t last_shown(const struct doc_node *n, const struct table_view *v, size_t row)
{
	size_t c = v->last;

	while (c && !v->width[row * n->ncolumns + c])
		c--;
	return c;
}

/* One row of an aligned table, or its titles. */
static void aligned_row(struct text_render *r, const struct doc_node *n, const struct table_view *v,
			size_t row, bool titles)
{
	size_t used = 0, last = titles ? v->last : last_shown(n, v, row);

	text_mark(r, titles ? TEXT_HEADER : TEXT_ROW);
	for (size_t c = 0; c <= last; c++) {
		size_t i = row * n->ncolumns + c;
		const struct doc_column *col = &n->columns[c];
		const char *title = col->title ? col->title : "";
		size_t width = titles ? strlen(title) : v->width[i];
		size_t space = v->column[c] - width;

		if (col->flags & DOC_ONLY_JSON)
			continue;
		if (col->flags & DOC_RIGHT)
			text_pad(r, space);
		if (titles)
			text_put(r, DOC_STRONG, title);
		else if (c == v->last && !r->whole && r->width > used + 8 &&
			 n->cells[i].type == DOC_STRING)
			put_cut(r, &n->cells[i], v->text[i], width, r->width - used);
		else
			put_cell(r, &n->cells[i], v->text[i]);
		if (c == last)
			break;
		if (!(col->flags & DOC_RIGHT))
			text_pad(r, space);
		/* A column without a title is a narrow mark. */
		text_pad(r, *title ? 2 : 1);
		used += v->column[c] + (*title ? 2 : 1);
	}
	text_end_line(r);
}

static void put_lines_cell(struct text_render *r, const struct doc_node *n,
			   const struct table_view *v, size_t row, size_t c, const char *s,
			   size_t width)
{
	const struct doc_column *col = &n->columns[c];
	size_t space = col->min_width > width ? col->min_width - width : 0;

	if (!width && !space)
		return;
	if (col->before)
		text_put(r, DOC_PLAIN, col->before);
	if (col->flags & DOC_RIGHT)
		text_pad(r, space);
	put_cell(r, &n->cells[row * n->ncolumns + c], s);
	if (!(col->flags & DOC_RIGHT) && c != v->last)
		text_pad(r, space);
	if (col->after)
		text_put(r, DOC_PLAIN, col->after);
}

/* One row of DOC_LINES: the last cell may hold line feeds. */
static void lines_row(struct text_render *r, const struct doc_node *n, const struct table_view *v,
		      size_t row)
{
	char *rest = v->text[row * n->ncolumns + v->last];

	while (rest) {
		char *lf = strchr(rest, '\n');
		size_t width;

		if (lf)
			*lf = '\0';
		for (size_t c = 0; c < v->last; c++) {
			size_t i = row * n->ncolumns + c;

			if (v->text[i] && n->cells[i].type != DOC_NONE)
				put_lines_cell(r, n, v, row, c, v->text[i], v->width[i]);
		}
		width = strlen(rest);
		if (n->cells[row * n->ncolumns + v->last].type != DOC_NONE || width > 1)
			put_lines_cell(r, n, v, row, v->last, rest, width);
		text_end_line(r);
		rest = lf ? lf + 1 : NULL;
	}
}

static int render_table(struct text_render *r, const struct doc_node *n)
{
	struct table_view v = { 0 };
	size_t rows = n->ncolumns ? n->ncells / n->ncolumns : 0;
	bool lines = n->table == DOC_LINES;
	int ret = rows ? table_view_init(&v, n, lines) : 0;

	if (!ret && rows) {
		begin_block(r);
		if (!lines)
			aligned_row(r, n, &v, 0, true);
		for (size_t i = 0; i < rows; i++) {
			if (lines)
				lines_row(r, n, &v, i);
			else
				aligned_row(r, n, &v, i, false);
		}
		r->blank = true;
	}
	table_view_fini(&v, n);
	return ret;
}

static int render_words(struct text_render *r, const struct doc_node *n)
{
	_cleanup_(freep) char *s = render_cell(&n->text, true, NULL);
	size_t len;

	if (!s)
		return KD_NOMEM;
	begin_block(r);
	len = strlen(s);
	put_cell(r, &n->text, s);
	if (len && s[len - 1] != '\n')
		text_end_line(r);
	r->blank = true;
	return 0;
}

static int render_note(struct text_render *r, const struct doc_node *n)
{
	_cleanup_(freep) char *s = render_cell(&n->text, false, NULL);

	if (!s)
		return KD_NOMEM;
	r->begun = true;
	if (n->severity == DOC_FINDING) {
		text_mark(r, TEXT_FINDING);
		text_put(r, DOC_WARN, "! ");
	}
	text_put(r, n->severity == DOC_FINDING ? DOC_WARN : DOC_DIM, s);
	text_end_line(r);
	r->blank = true;
	return 0;
}

/* Names of tasks may be in it. */
static int render_title(struct text_render *r, const char *title, const char *link)
{
	_cleanup_(freep) char *e = escape_text(title, strlen(title), false, NULL);

	if (!e)
		return KD_NOMEM;
	if (r->begun)
		text_end_line(r);
	text_mark(r, TEXT_TITLE);
	text_printf(r, DOC_STRONG, link, "== %s ==", e);
	text_end_line(r);
	r->begun = true;
	r->blank = false;
	return 0;
}

static int render_section(struct text_render *r, const struct doc_node *n)
{
	int ret = n->title ? render_title(r, n->title, n->link) : 0;

	for (const struct doc_node *c = n->first; c && !ret; c = c->next)
		ret = render_node(r, c);
	return ret;
}

static int render_node(struct text_render *r, const struct doc_node *n)
{
	switch (n->kind) {
	case DOC_SECTION:
		return render_section(r, n);
	case DOC_FIELDS:
		return render_fields(r, n);
	case DOC_TABLE:
		return render_table(r, n);
	case DOC_TEXT:
		return render_words(r, n);
	case DOC_STACK:
		begin_block(r);
		r->blank = true;
		return render_stack(r, n->stack);
	case DOC_NOTE:
		return render_note(r, n);
	}
	return 0;
}

int render_text_node(void *data, const struct doc_node *n)
{
	struct text_render *r = data;
	int ret = render_node(r, n);

	if (!ret)
		ret = r->status;
	if (!ret && !r->sink && ferror(r->out))
		ret = KD_IO;
	return ret;
}
