// SPDX-License-Identifier: GPL-3.0-or-later
/* The layout of this kernel's structs: see layout.h and layout.def. */
#include "kernel/layout.h"

#include <inttypes.h>

#include "core/space.h"
#include "kernel/window.h"
#include "core/vmcoreinfo.h"
#include "kernel/types_priv.h"

/* What layout_resolve() works with; conflict names the first contradiction. */
struct resolver {
	const struct types *types;
	const struct vmcoreinfo *vi;
	char conflict[TYPES_NAME];
	uint64_t theirs, ours;
};

static void note_conflict(struct resolver *r, const char *name, uint64_t theirs, uint64_t ours)
{
	if (r->conflict[0])
		return;
	snprintf(r->conflict, sizeof(r->conflict), "%s", name);
	r->theirs = theirs;
	r->ours = ours;
}

static bool member_from_types(const struct types *t, const char *anchor, const char *types,
			      const char *paths, struct member *out)
{
	char type[TYPES_NAME], path[TYPES_NAME];

	while (types_path_next(&types, '|', type))
		for (const char *p = paths; types_path_next(&p, '|', path);)
			if (types_member(t, anchor, type, path, out))
				return true;
	return false;
}

/* KIND(NAME)= of VMCOREINFO, by the first of NAMES that is there. */
static bool number(const struct vmcoreinfo *vi, const char *kind, const char *names,
		   uint64_t *value)
{
	char name[TYPES_NAME];

	while (vi && types_path_next(&names, '|', name))
		if (vmcoreinfo_number(vi, kind, name, value))
			return true;
	return false;
}

static void resolve_member(struct resolver *r, const char *anchor, const char *types,
			   const char *paths, const char *names, struct member *out)
{
	uint64_t offset;

	*out = (struct member){.count = 1};
	if (r->types)
		member_from_types(r->types, anchor, types, paths, out);
	if (!number(r->vi, "OFFSET", names, &offset))
		return;
	if (out->found && out->offset != offset)
		note_conflict(r, names, offset, out->offset);
	out->offset = offset;
	out->found = true;
}

static void resolve_size(struct resolver *r, const char *anchor, const char *types,
			 const char *names, uint64_t *out)
{
	char type[TYPES_NAME];
	uint64_t size;

	*out = 0;
	while (r->types && !*out && types_path_next(&types, '|', type))
		if (!types_size(r->types, anchor, type, out))
			*out = 0;
	if (!number(r->vi, "SIZE", names, &size))
		return;
	if (*out && *out != size)
		note_conflict(r, names, size, *out);
	*out = size;
}

static void resolve_value(struct resolver *r, const char *anchor, const char *enumerator,
			  const char *names, struct layout_value *out)
{
	uint64_t value;

	*out = (struct layout_value){0};
	if (r->types)
		out->found = types_enumerator(r->types, anchor, enumerator, &out->value);
	if (number(r->vi, "NUMBER", names, &value))
		*out = (struct layout_value){.value = (int64_t)value, .found = true};
}

int layout_resolve(const struct types *t, const struct vmcoreinfo *vi, struct layout *out,
		   struct kd_err *err)
{
	struct resolver r = {.types = t, .vi = vi};

#define MEMBER(id, anchor, type, path, vmcoreinfo)                                                 \
	resolve_member(&r, anchor, type, path, vmcoreinfo, &out->id);
#define SIZE(id, anchor, type, vmcoreinfo) resolve_size(&r, anchor, type, vmcoreinfo, &out->id);
#define VALUE(id, anchor, name, vmcoreinfo) resolve_value(&r, anchor, name, vmcoreinfo, &out->id);
#include "kernel/layout.def"
#undef MEMBER
#undef SIZE
#undef VALUE
	if (r.conflict[0])
		return kd_fail(err, KD_CORRUPT,
			       "VMCOREINFO says %" PRIu64 " for %s, the debug information %" PRIu64,
			       r.theirs, r.conflict, r.ours);
	return 0;
}

size_t layout_count(const struct layout *l, size_t *found)
{
	size_t n = 0, have = 0;

#define MEMBER(id, anchor, type, path, vmcoreinfo) n++, have += l->id.found;
#define SIZE(id, anchor, type, vmcoreinfo) n++, have += l->id != 0;
#define VALUE(id, anchor, name, vmcoreinfo) n++, have += l->id.found;
#include "kernel/layout.def"
#undef MEMBER
#undef SIZE
#undef VALUE
	if (found)
		*found = have;
	return n;
}

static int check(const struct member *m, uint64_t size, struct kd_err *err)
{
	if (!m->found)
		return kd_fail(err, KD_NOTFOUND, "this kernel has no such member");
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return kd_fail(err, KD_UNSUPPORTED, "a member of %" PRIu64 " bytes is no number",
			       size);
	return 0;
}

static uint64_t cut(const struct member *m, uint64_t value)
{
	if (!m->bit_size)
		return value;
	value >>= m->bit_offset & 63;
	return m->bit_size < 64 ? value & ((UINT64_C(1) << m->bit_size) - 1) : value;
}

static int read_at(const struct space *s, vaddr_t base, const struct member *m, uint64_t size,
		   uint64_t *value, struct kd_err *err)
{
	int rc = check(m, size, err);

	if (!rc)
		rc = space_read_uint(s, base + m->offset, (size_t)size, value, err);
	if (!rc)
		*value = cut(m, *value);
	return rc;
}

static int window_at(struct windows *w, vaddr_t base, const struct member *m, uint64_t size,
		     uint64_t *value, struct kd_err *err)
{
	int rc = check(m, size, err);

	if (rc)
		return rc;
	if (windows_read_uint(w, base + m->offset, (size_t)size, value))
		return read_at(w->space, base, m, size, value, err);
	*value = cut(m, *value);
	return 0;
}

static uint64_t ptr_size(const struct space *s, const struct member *m)
{
	return m->size ? m->size : s->arch->ptr_size;
}

int member_read(const struct space *s, vaddr_t base, const struct member *m, uint64_t *value,
		struct kd_err *err)
{
	return read_at(s, base, m, m->size, value, err);
}

int member_read_ptr(const struct space *s, vaddr_t base, const struct member *m, uint64_t *value,
		    struct kd_err *err)
{
	return read_at(s, base, m, ptr_size(s, m), value, err);
}

int member_window(struct windows *w, vaddr_t base, const struct member *m, uint64_t *value,
		  struct kd_err *err)
{
	return window_at(w, base, m, m->size, value, err);
}

int member_window_ptr(struct windows *w, vaddr_t base, const struct member *m, uint64_t *value,
		      struct kd_err *err)
{
	return window_at(w, base, m, ptr_size(w->space, m), value, err);
}
