// SPDX-License-Identifier: GPL-3.0-or-later
/* Walking through types, whatever their source: see type_view.h. */
#include "kernel/type_view.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/type_view_priv.h"
#include "kernel/types.h"
#include "kernel/types_priv.h"

const char *type_bare_name(const char *name, enum type_want *want)
{
	static const char *const words[] = { "struct", "union", "enum" };

	*want = WANT_ANY;
	for (size_t i = 0; i < KD_ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		if (strncmp(name, words[i], n) || name[n] != ' ')
			continue;
		*want = (enum type_want)(WANT_STRUCT + i);
		return name + n + strspn(name + n, " ");
	}
	return name;
}

size_t type_find_all(const struct types *t, const char *bare, enum type_want want,
		     struct type_ref *out, size_t max)
{
	size_t n = type_btf_find(t, bare, want, out, max);

	return n ? n : type_dwarf_find(t, bare, want, out, max);
}

int type_find(const struct types *t, const char *name, struct type_ref *out, struct kd_err *err)
{
	enum type_want want;
	const char *bare = type_bare_name(name, &want);

	if (!t)
		return kd_fail(err, KD_NOTFOUND, "no types: this dump and its vmlinux have none");
	if (type_find_all(t, bare, want, out, 1))
		return 0;
	return kd_fail(err, KD_NOTFOUND, "no type \"%s\" in the kernel's %s", name,
		       types_source(t));
}

bool type_info(const struct type_ref *r, struct type_info *out)
{
	*out = (struct type_info){ .kind = TYPE_VOID, .target = { .types = r->types } };
	if (r->addr)
		return type_dwarf_info(r, out);
	return r->id ? type_btf_info(r, out) : true;
}

bool type_peel(struct type_ref *r, struct type_info *out)
{
	for (int depth = 0; depth < TYPES_DEPTH; depth++) {
		if (!type_info(r, out))
			return false;
		if (out->kind != TYPE_TYPEDEF && out->kind != TYPE_CONST &&
		    out->kind != TYPE_VOLATILE)
			return true;
		*r = out->target;
	}
	return false;
}

bool type_next_member(const struct type_ref *r, struct type_step *step, struct type_member *out)
{
	*out = (struct type_member){ .name = NULL };
	return r->addr ? type_dwarf_next_member(r, step, out) : type_btf_next_member(r, step, out);
}

bool type_next_enumerator(const struct type_ref *r, struct type_step *step, const char **name,
			  int64_t *value)
{
	return r->addr ? type_dwarf_next_enumerator(r, step, name, value)
		       : type_btf_next_enumerator(r, step, name, value);
}

/* Paths ----------------------------------------------------------------------- */

/* *WORK bounds what is looked at in all: a damaged struct may hold itself, many times over. */
static bool find_member(const struct type_ref *r, const char *name, struct type_member *out,
			int depth, int *work)
{
	struct type_step step = { 0 };
	struct type_member m;
	struct type_info info;

	while (depth < TYPES_DEPTH && --*work > 0 && type_next_member(r, &step, &m)) {
		struct type_ref inner = m.type;

		if (m.name) {
			if (strcmp(m.name, name))
				continue;
			*out = m;
			return true;
		}
		if (!type_peel(&inner, &info) ||
		    (info.kind != TYPE_STRUCT && info.kind != TYPE_UNION) ||
		    !find_member(&inner, name, out, depth + 1, work))
			continue;
		out->offset += m.offset;
		return true;
	}
	return false;
}

/* Cut "[3][4]" off a component; *index counts elements, NULL-terminated name stays. */
static const char *cut_index(char *name)
{
	char *bracket = strchr(name, '[');

	if (!bracket)
		return NULL;
	*bracket = '\0';
	return bracket + 1;
}

static bool take_element(struct type_member *m, const char *index)
{
	while (index) {
		struct type_ref array = m->type;
		struct type_info a, e;
		uint64_t n, off;
		char *end;

		n = strtoull(index, &end, 0);
		if (end == index || *end != ']' || !type_peel(&array, &a) || a.kind != TYPE_ARRAY)
			return false;
		m->type = a.target;
		array = a.target;
		/* a flexible array has no end to check against */
		if (!type_peel(&array, &e) || (a.count && n >= a.count) ||
		    kd_mul_overflow(n, e.size, &off) || kd_add_overflow(m->offset, off, &m->offset))
			return false;
		if (end[1] && end[1] != '[')
			return false;
		index = end[1] ? end + 2 : NULL;
	}
	return true;
}

int type_member_path(const struct type_ref *r, const char *path, struct type_member *out,
		     struct kd_err *err)
{
	struct type_ref at = *r;
	struct type_info info;
	uint64_t base = 0;
	int work = TYPES_WORK;
	char name[TYPES_NAME];

	while (types_path_next(&path, '.', name)) {
		const char *index = cut_index(name);

		if (!type_peel(&at, &info) || (info.kind != TYPE_STRUCT && info.kind != TYPE_UNION))
			return kd_fail(err, KD_NOTFOUND, "what \"%s\" should be in is no struct",
				       name);
		if (!find_member(&at, name, out, 0, &work))
			return kd_fail(err, KD_NOTFOUND, "%s %s has no member \"%s\"%s",
				       info.kind == TYPE_UNION ? "union" : "struct",
				       info.name ? info.name : "without a name", name,
				       info.declared ? " (it is only declared here)" : "");
		if (!take_element(out, index))
			return kd_fail(err, KD_NOTFOUND, "\"%s\" has no such element", name);
		out->offset += base;
		base = out->offset;
		at = out->type;
		if (!path)
			return 0;
	}
	return kd_fail(err, KD_USAGE, "no name of a member");
}

/* Declarations ---------------------------------------------------------------- */

static void wrap(char *buf, size_t size, const char *before, const char *after)
{
	size_t len = strlen(buf), b = strlen(before), a = strlen(after);

	if (len + a + b + 1 > size)
		return;
	memmove(buf + b, buf, len + 1);
	memcpy(buf, before, b);
	memcpy(buf + b + len, after, a + 1);
}

static const char *keyword(enum type_kind kind)
{
	return kind == TYPE_STRUCT  ? "struct "
	       : kind == TYPE_UNION ? "union "
	       : kind == TYPE_ENUM  ? "enum "
				    : "";
}

static void put_base(const struct type_info *i, const char *qualifiers, char *buf, size_t size)
{
	char base[256];

	snprintf(base, sizeof(base), "%s%s%s%s", qualifiers, keyword(i->kind),
		 i->kind == TYPE_VOID ? "void"
		 : i->name	      ? i->name
		 : *keyword(i->kind)  ? "{...}"
				      : "?",
		 *buf ? " " : "");
	wrap(buf, size, base, "");
}

/* From the inside of a declaration to its base, as C reads. */
const char *type_declare(const struct type_ref *r, const char *name, char *buf, size_t size)
{
	struct type_ref at = *r;
	struct type_info i;
	const char *qualifiers = "";
	char count[32];

	snprintf(buf, size, "%s", name);
	for (int depth = 0; depth < TYPES_DEPTH && type_info(&at, &i); depth++) {
		switch (i.kind) {
		case TYPE_POINTER:
			wrap(buf, size, *qualifiers ? (*buf ? "*const " : "*const") : "*", "");
			qualifiers = "";
			break;
		case TYPE_ARRAY:
			if (*buf == '*')
				wrap(buf, size, "(", ")");
			snprintf(count, sizeof(count), "[%" PRIu64 "]", i.count);
			wrap(buf, size, "", i.count ? count : "[]");
			break;
		case TYPE_FUNCTION:
			if (*buf == '*')
				wrap(buf, size, "(", ")");
			wrap(buf, size, "", "()");
			break;
		case TYPE_CONST:
			qualifiers = "const ";
			break;
		case TYPE_VOLATILE:
			break;
		default:
			put_base(&i, qualifiers, buf, size);
			return buf;
		}
		at = i.target;
	}
	wrap(buf, size, "? ", "");
	return buf;
}
