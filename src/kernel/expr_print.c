// SPDX-License-Identifier: GPL-3.0-or-later
/* Values of expressions as text: see expr.h. */
#include <inttypes.h>
#include <string.h>

#include "kernel/expr_priv.h"
#include "kernel/kernel.h"
#include "kernel/type_print.h"

#define DEPTH 8	     /* structs within each other */
#define ELEMENTS 200 /* of an array, as gdb has it */
#define LINES 20000

/* Lines of type_print put into braces. */
struct writer {
	FILE *out;
	unsigned base;	/* 1: all lines are members of one struct, which is in braces too */
	unsigned depth; /* braces that are open */
	bool first;	/* in the innermost of them nothing was written yet */
	int status;	/* how the first missing byte is missing */
};

static void new_line(struct writer *w, unsigned depth)
{
	fprintf(w->out, "\n%*s", (int)(2 * depth), "");
}

static void close_to(struct writer *w, unsigned depth)
{
	while (w->depth > depth) {
		w->depth--;
		new_line(w, w->depth);
		fputc('}', w->out);
		w->first = false;
	}
}

static void open_brace(struct writer *w)
{
	fputc('{', w->out);
	w->depth++;
	w->first = true;
}

static int write_line(void *data, const struct type_line *l)
{
	struct writer *w = data;
	unsigned depth = l->depth + w->base;

	close_to(w, depth);
	if (l->status && !w->status)
		w->status = l->status;
	if (depth) {
		if (!w->first)
			fputc(',', w->out);
		new_line(w, depth);
		w->first = false;
		if (l->name)
			fprintf(w->out, "%s = ", l->name);
	}
	if (l->members)
		open_brace(w);
	else
		fputs(l->value ? l->value : "{...}", w->out);
	return 0;
}

static struct type_print printer(const struct expr_scope *s, unsigned radix, struct writer *w)
{
	return (struct type_print){
		.k = s->k,
		.max_depth = DEPTH,
		.max_elements = ELEMENTS,
		.max_lines = LINES,
		.radix = radix,
		.line = write_line,
		.data = w,
	};
}

/*
 * What has members or elements; false: it is a number, or nothing of a known type, or an
 * array declared without a length, of which the address is shown.
 */
static bool has_parts(const struct expr_kind *kind)
{
	return kind->kind == TYPE_STRUCT || kind->kind == TYPE_UNION ||
	       (kind->kind == TYPE_ARRAY && kind->info.count);
}

static int write_parts(const struct expr_scope *s, const struct expr_value *v,
		       const struct expr_kind *kind, unsigned radix, FILE *out, struct kd_err *err)
{
	struct writer w = { .out = out, .base = kind->kind != TYPE_ARRAY };
	struct type_print p = printer(s, radix, &w);
	uint8_t byte;
	int ret = space_read(&s->k->space, v->addr, &byte, 1, NULL, err);

	if (ret)
		return kd_context(err, ret, "0x%" PRIx64, v->addr);
	if (w.base)
		open_brace(&w);
	ret = type_print_value(&p, &kind->type, "", v->addr);
	close_to(&w, 0);
	if (p.cut)
		fputs("\n...", out);
	return ret ? kd_fail(err, ret, "that type is broken in the debug information") : 0;
}

static void write_integer(const struct expr_value *v, unsigned radix, FILE *out)
{
	uint64_t mask = v->size && v->size < 8 ? (UINT64_C(1) << 8 * v->size) - 1 : UINT64_MAX;

	if (radix == 16)
		fprintf(out, "0x%" PRIx64, v->number & mask);
	else if (v->is_signed)
		fprintf(out, "%" PRId64, (int64_t)v->number);
	else
		fprintf(out, "%" PRIu64, v->number);
}

static void write_pointer(const struct expr_scope *s, const struct expr_value *v, FILE *out)
{
	struct expr_value at = *v;
	struct expr_kind kind;
	char name[256];
	char text[64];

	fprintf(out, "0x%" PRIx64, v->number);
	if (symbols_by_addr(s->k->symbols, v->number))
		fprintf(out, " <%s>", symbols_format(s->k->symbols, v->number, name, sizeof(name)));
	/* a string, as gdb shows what a char pointer leads to */
	at.stars--;
	at.in_memory = true;
	expr_kind(s->k, &at, &kind);
	if (kind.kind == TYPE_CHAR &&
	    !space_read_str(&s->k->space, v->number, text, sizeof(text), NULL))
		fprintf(out, " \"%s\"", text);
}

static int write_value(const struct expr_scope *s, const struct expr_value *v, unsigned radix,
		       FILE *out, struct kd_err *err)
{
	struct writer w = { .out = out };
	struct type_print p = printer(s, radix, &w);
	struct expr_value loaded;
	struct expr_kind kind;
	char text[512];
	int ret;

	expr_kind(s->k, v, &kind);
	if (v->in_memory && has_parts(&kind))
		return write_parts(s, v, &kind, radix, out, err);
	ret = expr_load(s, v, false, &loaded, err);
	if (ret)
		return ret;
	if (loaded.typed && loaded.stars)
		write_pointer(s, &loaded, out);
	else if (loaded.is_code || (!loaded.typed && loaded.stars))
		fprintf(out, "0x%" PRIx64 " <%s>", loaded.number,
			symbols_format(s->k->symbols, loaded.number, text, sizeof(text)));
	else if (!loaded.typed)
		write_integer(&loaded, radix, out);
	else
		fputs(type_print_number(&p, &loaded.type, loaded.number, text, sizeof(text)), out);
	return 0;
}

int expr_format(const struct expr_scope *s, const struct expr_value *v, unsigned radix, char **text,
		struct kd_err *err)
{
	size_t size;
	FILE *out;
	int ret;

	*text = NULL;
	out = open_memstream(text, &size);
	if (!out)
		return kd_nomem(err);
	ret = write_value(s, v, radix, out, err);
	if (fclose(out) && !ret)
		ret = kd_nomem(err);
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}
