// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * MI records: a recursive descent over a copy of the line. Strings are unescaped
 * in place, which never makes them longer, so a record is two or three allocations.
 */
#include "mi/record.h"

#include <string.h>

enum {
	DEPTH_MAX = 64,	      /* gdb itself stays below ten */
	VALUES_MAX = 4 << 20, /* 200 MB of nodes; "{},{}," would make 1 GB of a 64 MB line */
	CHUNK_MIN = 16,
	CHUNK_MAX = 4096,
};

struct chunk {
	struct chunk *next;
	size_t used, size;
	struct mi_value values[];
};

/* What mi_record_free() has to find again stands behind the public part. */
struct parsed {
	struct mi_record record;
	char *line;
	struct chunk *chunks;
	size_t values;
};

struct parser {
	struct parsed *out;
	char *p, *end; /* *end is 0 */
	bool nomem;
};

static bool parse_value(struct parser *ps, struct mi_value *v, unsigned depth);

static int peek(const struct parser *ps)
{
	return ps->p < ps->end ? (unsigned char)*ps->p : -1;
}

static bool accept(struct parser *ps, char c)
{
	if (peek(ps) != (unsigned char)c)
		return false;
	ps->p++;
	return true;
}

static void skip_blanks(struct parser *ps)
{
	while (peek(ps) == ' ' || peek(ps) == '\t')
		ps->p++;
}

static bool is_name_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static struct mi_value *new_value(struct parser *ps)
{
	struct parsed *out = ps->out;
	struct chunk *c = out->chunks;

	if (out->values >= VALUES_MAX)
		return NULL;
	if (!c || c->used == c->size) {
		size_t size = c ? kd_min(c->size * 4, CHUNK_MAX) : CHUNK_MIN;

		c = calloc(1, sizeof(*c) + size * sizeof(c->values[0]));
		if (!c) {
			ps->nomem = true;
			return NULL;
		}
		c->size = size;
		c->next = out->chunks;
		out->chunks = c;
	}
	out->values++;
	return &c->values[c->used++];
}

/* At most three octal digits, as gdb writes every byte that is not plain ASCII. */
static char parse_octal(struct parser *ps)
{
	unsigned byte = 0;

	for (int i = 0; i < 3 && peek(ps) >= '0' && peek(ps) <= '7'; i++)
		byte = byte * 8 + (unsigned)(*ps->p++ - '0');
	return (char)(byte & 0xff);
}

static char parse_escape(struct parser *ps)
{
	if (peek(ps) >= '0' && peek(ps) <= '7')
		return parse_octal(ps);
	switch (*ps->p++) {
	case 'a':
		return '\a';
	case 'b':
		return '\b';
	case 'e':
		return '\033';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'v':
		return '\v';
	}
	return ps->p[-1]; /* \" and \\ , and whatever else stands for itself */
}

static bool parse_string(struct parser *ps, const char **text, size_t *len)
{
	char *start, *to;

	if (!accept(ps, '"'))
		return false;
	start = to = ps->p;
	while (ps->p < ps->end) {
		char c = *ps->p++;

		if (c == '"') {
			*to = 0;
			*text = start;
			*len = (size_t)(to - start);
			return true;
		}
		if (c == '\\') {
			if (ps->p == ps->end)
				return false;
			c = parse_escape(ps);
		}
		*to++ = c;
	}
	return false;
}

/* [NAME=]VALUE: breakpoints of the older dialects are tuples without a name. */
static bool parse_member(struct parser *ps, struct mi_value ***tail, unsigned depth)
{
	struct mi_value *v;
	char *name = ps->p;

	while (is_name_char(peek(ps)))
		ps->p++;
	v = new_value(ps);
	if (!v)
		return false;
	if (ps->p != name) {
		char *end = ps->p;

		if (!accept(ps, '='))
			return false;
		*end = 0;
		v->name = name;
	}
	**tail = v;
	*tail = &v->next;
	return parse_value(ps, v, depth);
}

static bool parse_members(struct parser *ps, struct mi_value *parent, char close, unsigned depth)
{
	struct mi_value **tail = &parent->first;

	if (accept(ps, close))
		return true;
	do {
		if (!parse_member(ps, &tail, depth))
			return false;
	} while (accept(ps, ','));
	return accept(ps, close);
}

static bool parse_value(struct parser *ps, struct mi_value *v, unsigned depth)
{
	if (peek(ps) == '"') {
		v->kind = MI_CONST;
		return parse_string(ps, &v->text, &v->len);
	}
	if (depth >= DEPTH_MAX)
		return false;
	if (accept(ps, '{')) {
		v->kind = MI_TUPLE;
		return parse_members(ps, v, '}', depth + 1);
	}
	if (accept(ps, '[')) {
		v->kind = MI_LIST;
		return parse_members(ps, v, ']', depth + 1);
	}
	return false;
}

static bool at_end(struct parser *ps)
{
	skip_blanks(ps);
	return ps->p == ps->end;
}

/* class[,member]... */
static bool parse_body(struct parser *ps)
{
	struct mi_record *r = &ps->out->record;
	struct mi_value **tail = &r->results.first;
	char *class_ = ps->p, *class_end;

	while (is_name_char(peek(ps)))
		ps->p++;
	class_end = ps->p;
	if (class_end == class_)
		return false;
	while (accept(ps, ','))
		if (!parse_member(ps, &tail, 0))
			return false;
	if (!at_end(ps))
		return false;
	*class_end = 0;
	r->class_ = class_;
	return true;
}

static bool parse_token(struct parser *ps)
{
	struct mi_record *r = &ps->out->record;

	while (peek(ps) >= '0' && peek(ps) <= '9') {
		if (kd_mul_overflow(r->token, UINT64_C(10), &r->token) ||
		    kd_add_overflow(r->token, (uint64_t)(*ps->p - '0'), &r->token))
			return false;
		r->has_token = true;
		ps->p++;
	}
	return true;
}

static bool parse_prompt(struct parser *ps)
{
	static const char prompt[] = "(gdb)";

	if ((size_t)(ps->end - ps->p) < sizeof(prompt) - 1 ||
	    memcmp(ps->p, prompt, sizeof(prompt) - 1) != 0)
		return false;
	ps->p += sizeof(prompt) - 1;
	return at_end(ps);
}

static bool parse_line(struct parser *ps)
{
	struct mi_record *r = &ps->out->record;

	r->results.kind = MI_TUPLE;
	if (peek(ps) == '(') {
		r->kind = MI_PROMPT;
		return parse_prompt(ps);
	}
	if (!parse_token(ps))
		return false;
	switch (peek(ps)) {
	case '^':
		r->kind = MI_RESULT;
		break;
	case '*':
		r->kind = MI_EXEC;
		break;
	case '+':
		r->kind = MI_STATUS;
		break;
	case '=':
		r->kind = MI_NOTIFY;
		break;
	case '~':
		r->kind = MI_CONSOLE;
		break;
	case '@':
		r->kind = MI_TARGET;
		break;
	case '&':
		r->kind = MI_LOG;
		break;
	default:
		return false;
	}
	ps->p++;
	if (r->kind < MI_CONSOLE)
		return parse_body(ps);
	return parse_string(ps, &r->text, &r->len) && at_end(ps);
}

static void free_values(struct parsed *out)
{
	struct chunk *next;

	for (struct chunk *c = out->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	out->chunks = NULL;
	out->values = 0;
}

static void make_raw(struct parsed *out, const char *line, size_t len)
{
	free_values(out);
	if (len)
		memcpy(out->line, line, len); /* the attempt has changed it */
	out->line[len] = 0;
	out->record = (struct mi_record){
		.kind = MI_RAW,
		.results.kind = MI_TUPLE,
		.text = out->line,
		.len = len,
	};
}

int mi_record_parse(const char *line, size_t len, struct mi_record **out, struct kd_err *err)
{
	struct parser ps = { .out = calloc(1, sizeof(struct parsed)) };

	if (!ps.out)
		return kd_nomem(err);
	while (len && line[len - 1] == '\r')
		len--;
	ps.out->line = malloc(len + 1);
	if (!ps.out->line) {
		free(ps.out);
		return kd_nomem(err);
	}
	if (len)
		memcpy(ps.out->line, line, len);
	ps.out->line[len] = 0;
	ps.p = ps.out->line;
	ps.end = ps.p + len;
	if (!parse_line(&ps)) {
		if (ps.nomem) {
			mi_record_free(&ps.out->record);
			return kd_nomem(err);
		}
		make_raw(ps.out, line, len);
	}
	*out = &ps.out->record;
	return 0;
}

void mi_record_free(struct mi_record *r)
{
	/* The record is the first member of what was allocated. */
	struct parsed *out = (struct parsed *)r;

	if (!out)
		return;
	free_values(out);
	free(out->line);
	free(out);
}

void mi_record_freep(struct mi_record **r)
{
	mi_record_free(*r);
}
