// SPDX-License-Identifier: GPL-3.0-or-later
/* Kernel objects of single commands: see objects.h. */
#include "kernel/objects.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/types_priv.h"

/* Is one of the alternatives in TYPES asked for? */
static bool is_wanted(const char *const *only, const char *types)
{
	char type[TYPES_NAME];

	if (!only)
		return true;
	while (types_path_next(&types, '|', type))
		for (size_t i = 0; only[i]; i++)
			if (!strcmp(only[i], type))
				return true;
	return false;
}

static void resolve_member(const struct types *t, const char *anchor, const char *types,
			   const char *paths, struct member *out)
{
	char type[TYPES_NAME], path[TYPES_NAME];

	while (types_path_next(&types, '|', type))
		for (const char *p = paths; types_path_next(&p, '|', path);)
			if (types_member(t, anchor, type, path, out))
				return;
}

static void resolve_size(const struct types *t, const char *anchor, const char *type, uint64_t *out)
{
	if (!types_size(t, anchor, type, out))
		*out = 0;
}

void objects_resolve(const struct kernel *k, const char *const *only, struct objects *out)
{
	const struct types *t = k->types;

	*out = (struct objects){ .size_page = 0 };
	if (!t)
		return;
#define MEMBER(id, anchor, type, path, vmcoreinfo)                                                 \
	if (is_wanted(only, type))                                                                 \
		resolve_member(t, anchor, type, path, &out->id);
#define SIZE(id, anchor, type, vmcoreinfo)                                                         \
	if (is_wanted(only, type))                                                                 \
		resolve_size(t, anchor, type, &out->id);
#define VALUE(id, anchor, name, vmcoreinfo)                                                        \
	if (is_wanted(only, name))                                                                 \
		out->id.found = types_enumerator(t, anchor, name, &out->id.value);
#include "kernel/objects.def"
#undef MEMBER
#undef SIZE
#undef VALUE
}

const char *objects_name(const struct objects *o, const struct member *m, char *buf, size_t size)
{
	snprintf(buf, size, "?");
#define MEMBER(id, anchor, type, path, vmcoreinfo)                                                 \
	if (m == &o->id)                                                                           \
		snprintf(buf, size, "%s.%s", type, path);
#define SIZE(id, anchor, type, vmcoreinfo)
#define VALUE(id, anchor, name, vmcoreinfo)
#include "kernel/objects.def"
#undef MEMBER
#undef SIZE
#undef VALUE
	return buf;
}

int object_read(const struct kernel *k, const struct objects *o, vaddr_t base,
		const struct member *m, uint64_t *value, struct kd_err *err)
{
	char name[128];
	int status = member_read_ptr(&k->space, base, m, value, err);

	if (status)
		kd_context(err, status, "%s at 0x%" PRIx64, objects_name(o, m, name, sizeof(name)),
			   base);
	return status;
}

int objects_need(const struct objects *o, const struct member *const *members, const char *what,
		 struct kd_err *err)
{
	char name[128];

	for (; *members; members++)
		if (!(*members)->found)
			return kd_fail(err, KD_NOTFOUND,
				       "%s can not be shown: the debug information has no %s", what,
				       objects_name(o, *members, name, sizeof(name)));
	return 0;
}

/* Brent: a mark that moves up at powers of two is met again by whoever runs in a ring. */
int object_list(const struct kernel *k, vaddr_t head, int (*step)(void *data, vaddr_t entry),
		void *data, struct kd_err *err)
{
	vaddr_t at, mark = head;
	uint64_t n = 0, power = 1;
	int status = space_read_ptr(&k->space, head, &at, err);

	while (!status && at != head) {
		if (!at)
			return kd_fail(err, KD_CORRUPT,
				       "the list at 0x%" PRIx64 " ends in NULL after %" PRIu64
				       " entries",
				       head, n);
		if (at == mark || n >= OBJECTS_MAX)
			return kd_fail(err, KD_CORRUPT,
				       "the list at 0x%" PRIx64 " loops or does not end (%" PRIu64
				       " entries)",
				       head, n);
		if (++n == power) {
			mark = at;
			power *= 2;
		}
		status = step(data, at);
		if (!status)
			status = space_read_ptr(&k->space, at, &at, err);
	}
	return status;
}
