// SPDX-License-Identifier: GPL-3.0-or-later
/* Types and memory by them, as rows: see parts.h. */
#include <inttypes.h>
#include <string.h>

#include "kernel/type_print.h"
#include "ui/parts.h"
#include "ui/type_link.h"

static const struct doc_column columns[] = {
	{ .key = "text", .flags = DOC_ONLY_TEXT },
	{ .key = "value_text", .before = " = ", .flags = DOC_ONLY_TEXT },
	{ .key = "path", .flags = DOC_ONLY_JSON },
	{ .key = "type", .flags = DOC_ONLY_JSON },
	{ .key = "offset", .flags = DOC_ONLY_JSON },
	{ .key = "size", .flags = DOC_ONLY_JSON },
	{ .key = "bit_offset", .flags = DOC_ONLY_JSON },
	{ .key = "bit_size", .flags = DOC_ONLY_JSON },
	{ .key = "value", .flags = DOC_ONLY_JSON },
	{ .key = "missing", .flags = DOC_ONLY_JSON },
};

struct rows {
	struct doc *d;
	bool declare;	/* what C declares rather than the name alone */
	bool addresses; /* rather than offsets */
	int digits;	/* of them */
	struct type_link link;
};

/* "  24    struct list_head *next  (8)" or, of contents, "  24    next". */
static struct doc_cell line_text(const struct rows *r, const struct type_line *l)
{
	char bits[32] = "", size[40] = "";
	const char *name = r->declare ? l->declared : l->name ? l->name : l->declared;

	/* an enumerator has no place */
	if (r->declare && l->value)
		return doc_fmt("  %s", name);
	if (l->bit_size)
		snprintf(bits, sizeof(bits), " : %u", l->bit_size);
	if (r->declare && l->size && !l->members && !l->bit_size)
		snprintf(size, sizeof(size), "  (%" PRIu64 ")", l->size);
	if (r->addresses)
		return doc_fmt("%0*" PRIx64 "  %*s%s%s", r->digits, l->addr, (int)(2 * l->depth),
			       "", name, bits);
	return doc_fmt("%6" PRIu64 "  %*s%s%s%s", l->offset, (int)(2 * l->depth), "", name, bits,
		       size);
}

static int put_line(void *data, const struct type_line *l)
{
	const struct rows *r = data;
	struct doc *d = r->d;
	bool missing = l->status != 0;
	enum doc_style style = missing ? DOC_WARN : DOC_STRONG;

	doc_put(d, type_link_name(&r->link, line_text(r, l), l));
	doc_put(d, !l->value ? doc_none(NULL)
			     : type_link_value(&r->link, doc_styled(doc_str(l->value), style), l));
	doc_put(d, doc_str(l->path));
	doc_put(d, doc_str(l->declared));
	doc_put(d, doc_uint(l->offset));
	doc_put(d, l->size ? doc_uint(l->size) : doc_none(NULL));
	doc_put(d, l->bit_size ? doc_uint(l->bit_offset) : doc_none(NULL));
	doc_put(d, l->bit_size ? doc_uint(l->bit_size) : doc_none(NULL));
	doc_put(d, l->value && !missing ? doc_str(l->value) : doc_none(NULL));
	doc_put(d, missing ? doc_str(kd_status_name(l->status)) : doc_none(NULL));
	return session_cancelled(NULL);
}

static void finish(struct doc *d, const struct type_print *p)
{
	if (p->cut)
		doc_note(d, DOC_HINT, "only the first %u lines: name a member, or take --limit",
			 p->max_lines);
}

static struct type_print printer(const struct part_type *t, struct rows *r)
{
	return (struct type_print){
		.k = t->k,
		.max_depth = t->depth,
		.max_elements = t->elements,
		.max_lines = t->lines,
		.radix = t->radix,
		.line = put_line,
		.data = r,
	};
}

void part_type_definition(struct doc *d, const struct part_type *t, const struct type_ref *r)
{
	struct rows rows = { .d = d, .declare = true, .link = { .k = t->k } };
	struct type_print p = printer(t, &rows);

	doc_table(d, "members", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	type_print_definition(&p, r);
	finish(d, &p);
}

void part_type_members(struct doc *d, const struct part_type *t, const struct part_member *list,
		       size_t n)
{
	struct rows rows = { .d = d, .declare = true, .link = { .k = t->k } };

	doc_table(d, "members", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < n; i++) {
		const struct type_member *m = &list[i].m;
		struct type_ref type = m->type;
		struct type_info info;
		char declared[512];
		struct type_line l = {
			.path = list[i].path,
			.name = list[i].path,
			.declared = declared,
			.offset = m->offset,
			.bit_offset = m->bit_offset,
			.bit_size = m->bit_size,
		};

		type_declare(&m->type, list[i].path, declared, sizeof(declared));
		if (type_peel(&type, &info)) {
			l.size = info.size;
			l.info = &info;
		}
		put_line(&rows, &l);
	}
}

void part_type_value(struct doc *d, const struct part_type *t, const struct type_ref *r,
		     const struct part_member *list, size_t n, vaddr_t addr)
{
	struct rows rows = {
		.d = d,
		.addresses = t->addresses,
		.digits = 2 * t->k->arch->ptr_size,
		.link = { .k = t->k, .base = addr },
	};
	struct type_print p = printer(t, &rows);
	struct type_ref outer = *r;
	struct type_info info;

	doc_table(d, "members", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	if (type_peel(&outer, &info) && (info.kind == TYPE_STRUCT || info.kind == TYPE_UNION))
		rows.link.outer = info.name;
	for (size_t i = 0; i < n; i++)
		type_print_member(&p, &list[i].m, list[i].path, addr);
	if (!n)
		type_print_value(&p, r, "", addr);
	finish(d, &p);
}
