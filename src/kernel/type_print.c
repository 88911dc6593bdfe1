// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines of types and memory: see type_print.h. */
#include "kernel/type_print.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/window.h"

#define DEPTH_MAX 16
#define STRING_MAX 64 /* bytes of a string that a pointer leads to */
#define NAME_PATH 512
#define VALUE_MAX 512

/* Where a line stands. */
struct place {
	unsigned depth;
	const char *path;
	vaddr_t addr;	 /* of the thing; 0 for definitions */
	uint64_t offset; /* from the outermost */
	bool values;
};

static int show(struct type_print *p, const struct type_ref *r, const char *name,
		const struct type_member *bits, const struct place *at);

static int emit(struct type_print *p, const struct type_line *l)
{
	if (p->lines++ >= p->max_lines) {
		p->cut = true;
		return 0;
	}
	return p->line(p->data, l);
}

static void append(char *buf, size_t size, const char *s)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s", s);
}

/* Bytes as a C string, up to NUL; what does not print as \xNN. */
static void quote(const uint8_t *p, size_t n, bool more, char *buf, size_t size)
{
	append(buf, size, "\"");
	for (size_t i = 0; i < n && p[i]; i++) {
		char c[8];

		if (p[i] == '"' || p[i] == '\\')
			snprintf(c, sizeof(c), "\\%c", p[i]);
		else if (p[i] < 0x7f && isprint(p[i]))
			snprintf(c, sizeof(c), "%c", p[i]);
		else if (p[i] == '\n')
			snprintf(c, sizeof(c), "\\n");
		else
			snprintf(c, sizeof(c), "\\x%02x", p[i]);
		append(buf, size, c);
	}
	append(buf, size, more ? "\"..." : "\"");
}

/* Does a pointer lead to a string worth showing? */
static void put_string_at(const struct kernel *k, vaddr_t at, char *buf, size_t size)
{
	uint8_t text[STRING_MAX];
	size_t got = 0, n;

	space_read(&k->space, at, text, sizeof(text), &got, NULL);
	n = strnlen((const char *)text, got);
	for (size_t i = 0; i < n; i++)
		if (text[i] > 0x7e || (text[i] < 0x20 && !strchr("\t\n\r", text[i])))
			return;
	if (!n)
		return;
	append(buf, size, " ");
	quote(text, n, n == sizeof(text), buf, size);
}

static void put_pointer(const struct kernel *k, const struct type_info *info, uint64_t v, char *buf,
			size_t size)
{
	struct type_ref target = info->target;
	struct type_info to;
	const struct task *t;
	char name[256];

	if (!v) {
		append(buf, size, "NULL");
		return;
	}
	snprintf(name, sizeof(name), "0x%" PRIx64, v);
	append(buf, size, name);
	if (symbols_by_addr(k->symbols, v)) {
		append(buf, size, " <");
		append(buf, size, symbols_format(k->symbols, v, name, sizeof(name)));
		append(buf, size, ">");
	} else {
		t = tasks_by_addr(&k->tasks, v);
		if (t) {
			snprintf(name, sizeof(name), " <task %" PRIu32 " %.16s>", t->pid, t->comm);
			append(buf, size, name);
		}
	}
	if (type_peel(&target, &to) && to.kind == TYPE_CHAR)
		put_string_at(k, v, buf, size);
}

static void put_enum(const struct type_ref *r, uint64_t v, uint64_t bits, char *buf, size_t size)
{
	struct type_step step = { 0 };
	const char *name;
	int64_t value;
	uint64_t mask = bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
	char number[32];

	while (type_next_enumerator(r, &step, &name, &value)) {
		if (((uint64_t)value & mask) != (v & mask) || !name)
			continue;
		append(buf, size, name);
		append(buf, size, " ");
		break;
	}
	snprintf(number, sizeof(number), *buf ? "(%" PRIu64 ")" : "%" PRIu64, v);
	append(buf, size, number);
}

static void put_int(const struct type_info *i, uint64_t v, uint64_t bits, unsigned radix, char *buf,
		    size_t size)
{
	char text[64];
	int64_t sv = (int64_t)v;

	if (bits && bits < 64)
		sv = (int64_t)(v << (64 - bits)) >> (64 - bits);
	if (bits && bits < 64)
		v &= (UINT64_C(1) << bits) - 1;
	if (radix == 16)
		snprintf(text, sizeof(text), "0x%" PRIx64, v);
	else if (i->is_signed)
		snprintf(text, sizeof(text), "%" PRId64, sv);
	else if (radix == 10)
		snprintf(text, sizeof(text), "%" PRIu64, v);
	else if (v >> 32)
		snprintf(text, sizeof(text), "0x%" PRIx64, v);
	else if (v > 0xffff)
		snprintf(text, sizeof(text), "%" PRIu64 " (0x%" PRIx64 ")", v, v);
	else
		snprintf(text, sizeof(text), "%" PRIu64, v);
	append(buf, size, text);
	if (i->kind == TYPE_CHAR && v >= 0x20 && v < 0x7f) {
		snprintf(text, sizeof(text), " '%c'", (int)v);
		append(buf, size, text);
	}
}

/* A number of BITS bits, of type R and what that is. */
static void put_number(const struct type_print *p, const struct type_ref *r,
		       const struct type_info *i, uint64_t v, uint64_t bits, char *buf, size_t size)
{
	if (i->kind == TYPE_POINTER)
		put_pointer(p->k, i, v, buf, size);
	else if (i->kind == TYPE_ENUM)
		put_enum(r, v, bits, buf, size);
	else if (i->kind == TYPE_BOOL && v < 2 && p->radix != 16)
		append(buf, size, v ? "true" : "false");
	else
		put_int(i, v, bits, p->radix, buf, size);
}

const char *type_print_number(const struct type_print *p, const struct type_ref *r, uint64_t v,
			      char *buf, size_t size)
{
	struct type_ref type = *r;
	struct type_info i;

	buf[0] = '\0';
	if (type_peel(&type, &i) && i.size && i.size <= 8)
		put_number(p, &type, &i, v, 8 * i.size, buf, size);
	return buf;
}

static int put_scalar(struct type_print *p, const struct type_ref *r, const struct type_info *i,
		      const struct type_member *bits, struct type_line *l, char *buf, size_t size)
{
	size_t bytes = bits && bits->bit_size ? bits->unit : (size_t)kd_min(i->size, 9);
	uint64_t v, width = 8 * bytes;
	int status;

	if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) {
		append(buf, size, i->size ? "(a number of an odd size)" : "(nothing)");
		return 0;
	}
	status = space_read_uint(&p->k->space, l->addr, bytes, &v, NULL);
	if (status)
		return status;
	if (bits && bits->bit_size) {
		width = bits->bit_size;
		v >>= bits->bit_offset & 63;
		v &= width < 64 ? (UINT64_C(1) << width) - 1 : UINT64_MAX;
	}
	l->has_number = true;
	l->number = v;
	put_number(p, r, i, v, width, buf, size);
	return 0;
}

/* A line with a value, or with the words for its absence. */
static int leaf(struct type_print *p, const struct type_ref *r, const struct type_info *i,
		const struct type_member *bits, struct type_line *l, const struct place *at)
{
	char value[VALUE_MAX] = "";

	if (at->values) {
		l->status = put_scalar(p, r, i, bits, l, value, sizeof(value));
		if (l->status)
			snprintf(value, sizeof(value), "-- %s", kd_status_name(l->status));
		l->value = value;
	}
	return emit(p, l);
}

/* Structs ----------------------------------------------------------------------- */

static void join(const struct place *at, const char *name, bool element, char *buf)
{
	snprintf(buf, NAME_PATH, "%s%s%s", at->path, *at->path && name && !element ? "." : "",
		 name ? name : "");
}

static int show_members(struct type_print *p, const struct type_ref *r, const struct place *at)
{
	struct type_step step = { 0 };
	struct type_member m;
	int ret = 0;

	while (!ret && !p->cut && type_next_member(r, &step, &m)) {
		char path[NAME_PATH];
		struct place to = *at;

		join(at, m.name, false, path);
		to.path = path;
		to.addr = at->addr + m.offset;
		to.offset = at->offset + m.offset;
		ret = show(p, &m.type, m.name, &m, &to);
	}
	return ret;
}

/* Arrays ------------------------------------------------------------------------ */

static bool is_string(const struct type_info *array)
{
	struct type_ref e = array->target;
	struct type_info i;

	return type_peel(&e, &i) && i.kind == TYPE_CHAR;
}

static int show_string(struct type_print *p, const struct type_info *i, struct type_line *l,
		       const struct place *at)
{
	char value[VALUE_MAX] = "";
	uint8_t text[VALUE_MAX / 4];
	size_t want = (size_t)kd_min(i->count, sizeof(text)), got;

	l->status = space_read(&p->k->space, at->addr, text, want, &got, NULL);
	if (l->status && !got)
		snprintf(value, sizeof(value), "-- %s", kd_status_name(l->status));
	else
		quote(text, got, want < i->count && strnlen((char *)text, got) == got, value,
		      sizeof(value));
	l->value = value;
	return emit(p, l);
}

/* Elements from N on that are the same as N's. */
static uint64_t same_run(struct type_print *p, vaddr_t addr, uint64_t size, uint64_t n,
			 uint64_t count)
{
	uint8_t first[256], other[256];
	uint64_t i = n + 1;

	if (!size || size > sizeof(first) ||
	    space_read(&p->k->space, addr + n * size, first, (size_t)size, NULL, NULL))
		return 1;
	for (; i < count && i - n < 1 << 16; i++)
		if (space_read(&p->k->space, addr + i * size, other, (size_t)size, NULL, NULL) ||
		    memcmp(first, other, (size_t)size))
			break;
	return i - n;
}

static int more_elements(struct type_print *p, const struct place *at, uint64_t left)
{
	char value[64];
	struct type_line l = { .depth = at->depth,
			       .name = "...",
			       .path = at->path,
			       .declared = "",
			       .offset = at->offset,
			       .value = value };

	snprintf(value, sizeof(value), "%" PRIu64 " more", left);
	return emit(p, &l);
}

static int show_elements(struct type_print *p, const struct type_info *array,
			 const struct place *at)
{
	struct type_ref element = array->target, peeled = element;
	struct type_info e;
	uint64_t shown = 0, run;
	int ret = 0;

	if (!type_peel(&peeled, &e))
		return 0;
	for (uint64_t n = 0; n < array->count && !ret && !p->cut; n += run) {
		char name[64], path[NAME_PATH];
		struct place to = *at;

		if (shown++ >= p->max_elements)
			return more_elements(p, at, array->count - n);
		run = same_run(p, at->addr, e.size, n, array->count);
		if (run > 1)
			snprintf(name, sizeof(name), "[%" PRIu64 " ... %" PRIu64 "]", n,
				 n + run - 1);
		else
			snprintf(name, sizeof(name), "[%" PRIu64 "]", n);
		join(at, name, true, path);
		to.path = path;
		to.addr = at->addr + n * e.size;
		to.offset = at->offset + n * e.size;
		ret = show(p, &element, name, NULL, &to);
	}
	return ret;
}

/* Any type ------------------------------------------------------------------------ */

static int open_up(struct type_print *p, const struct type_ref *r, const struct type_info *i,
		   struct type_line *l, const struct place *at)
{
	struct place in = *at;
	int ret;

	l->members = true;
	ret = emit(p, l);
	in.depth++;
	if (ret)
		return ret;
	return i->kind == TYPE_ARRAY ? show_elements(p, i, &in) : show_members(p, r, &in);
}

/* Are the members of such a type shown? */
static bool opens(const struct type_print *p, const struct type_info *i, const char *name,
		  const struct place *at)
{
	if (i->kind == TYPE_ARRAY)
		return at->values && i->count && i->size && at->depth < p->max_depth + 1;
	if (i->kind != TYPE_STRUCT && i->kind != TYPE_UNION)
		return false;
	/* what has no name is opened all the same: its members are the outer's */
	return at->depth < p->max_depth || (!name && at->depth < DEPTH_MAX);
}

static int show(struct type_print *p, const struct type_ref *r, const char *name,
		const struct type_member *bits, const struct place *at)
{
	struct type_ref type = *r;
	struct type_info i;
	char declared[512];
	struct type_line l = {
		.depth = at->depth,
		.name = name,
		.path = at->path,
		.offset = at->offset,
		.declared = declared,
	};

	type_declare(r, name && *name != '[' ? name : "", declared, sizeof(declared));
	if (!type_peel(&type, &i)) {
		l.value = "(a broken type)";
		return emit(p, &l);
	}
	l.size = i.size;
	l.info = &i;
	l.addr = at->addr;
	if (bits) {
		l.bit_offset = bits->bit_offset;
		l.bit_size = bits->bit_size;
	}
	if (i.kind == TYPE_ARRAY && at->values && is_string(&i) && i.count)
		return show_string(p, &i, &l, at);
	if (at->depth < DEPTH_MAX && opens(p, &i, name, at))
		return open_up(p, &type, &i, &l, at);
	if (i.kind == TYPE_STRUCT || i.kind == TYPE_UNION || i.kind == TYPE_ARRAY) {
		l.value = at->values ? (i.kind == TYPE_ARRAY ? "[...]" : "{...}") : NULL;
		l.closed = true;
		return emit(p, &l);
	}
	return leaf(p, &type, &i, bits, &l, at);
}

static int show_enumerators(struct type_print *p, const struct type_ref *r)
{
	struct type_step step = { 0 };
	const char *name;
	int64_t value;
	int ret = 0;

	while (!ret && !p->cut && type_next_enumerator(r, &step, &name, &value)) {
		char number[32];
		struct type_line l = { .name = name,
				       .path = name ? name : "",
				       .declared = name ? name : "",
				       .value = number };

		snprintf(number, sizeof(number), "%" PRId64, value);
		ret = emit(p, &l);
	}
	return ret;
}

int type_print_definition(struct type_print *p, const struct type_ref *r)
{
	struct place at = { .path = "" };
	struct type_ref type = *r;
	struct type_info i;

	if (!type_peel(&type, &i))
		return KD_CORRUPT;
	if (i.kind == TYPE_ENUM)
		return show_enumerators(p, &type);
	if (i.kind == TYPE_STRUCT || i.kind == TYPE_UNION)
		return show_members(p, &type, &at);
	return show(p, r, "", NULL, &at);
}

int type_print_value(struct type_print *p, const struct type_ref *r, const char *name, vaddr_t addr)
{
	struct place at = { .path = name, .addr = addr, .values = true };
	struct type_ref type = *r;
	struct type_info i;

	if (!type_peel(&type, &i))
		return KD_CORRUPT;
	/* a struct's own members are at depth 0 */
	if (i.kind == TYPE_STRUCT || i.kind == TYPE_UNION)
		return show_members(p, &type, &at);
	return show(p, r, name, NULL, &at);
}

int type_print_member(struct type_print *p, const struct type_member *m, const char *name,
		      vaddr_t addr)
{
	struct place at = {
		.path = name,
		.addr = addr + m->offset,
		.offset = m->offset,
		.values = true,
	};

	return show(p, &m->type, name, m, &at);
}
