// SPDX-License-Identifier: GPL-3.0-or-later
/* Types: see types.h. Here is the choice between the sources and what they share. */
#include "kernel/types.h"

#include <bpf/btf.h>
#include <string.h>

#include "kernel/debug_file.h"
#include "kernel/inflate.h"
#include "kernel/types_priv.h"
#include "kernel/vmlinux.h"

struct types {
	struct types_btf *btf;	   /* NULL: none */
	struct types_dwarf *dwarf; /* NULL: none */
	struct inflated *plain;	   /* what DWARF lies in, where the file has it compressed */
};

bool types_path_next(const char **path, char sep, char name[TYPES_NAME])
{
	const char *end;
	size_t n;

	if (!*path)
		return false;
	end = strchr(*path, sep);
	n = end ? (size_t)(end - *path) : strlen(*path);
	if (!n || n >= TYPES_NAME) {
		*path = NULL;
		return false;
	}
	memcpy(name, *path, n);
	name[n] = '\0';
	*path = end ? end + 1 : NULL;
	return true;
}

uint32_t types_hash(const char *name)
{
	uint32_t h = UINT32_C(2166136261);

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * UINT32_C(16777619);
	return h;
}

bool types_bit_field(uint64_t bit, uint64_t bits, uint64_t unit, struct member *out)
{
	uint64_t start = 0;

	if (!bits || bits > 64 || bit > UINT64_MAX / 2)
		return false;
	/* A compiler never lets a field cross its unit, but a packed struct may. */
	if (unit == 1 || unit == 2 || unit == 4 || unit == 8) {
		start = bit / (8 * unit) * unit;
		if (bit - 8 * start + bits > 8 * unit)
			unit = 0;
	} else {
		unit = 0;
	}
	if (!unit) {
		start = bit / 8;
		for (unit = 1; bit % 8 + bits > 8 * unit;)
			unit *= 2;
		if (unit > 8)
			return false;
	}
	out->offset = start;
	out->size = unit;
	out->bit_offset = (uint8_t)(bit - 8 * start);
	out->bit_size = (uint8_t)bits;
	return true;
}

static unsigned ptr_size_of(const struct vmlinux *v)
{
	return v->elf_class == ELFCLASS32 ? 4 : 8;
}

static int open_btf_section(const struct vmlinux *v, struct types_btf **out, struct kd_err *err)
{
	struct vmlinux_section s;
	char where[320];

	if (!vmlinux_section(v, ".BTF", &s) || !s.data)
		return kd_fail(err, KD_NOTFOUND, "%s has no usable .BTF section", v->path);
	snprintf(where, sizeof(where), "%.300s: its .BTF section", v->path);
	return types_btf_open(s.data, s.size, ptr_size_of(v), NULL, where, out, err);
}

static int open_dwarf(const struct vmlinux *v, struct types *t, struct kd_err *err)
{
	int rc = sections_inflate(v->elf, ".debug_", &t->plain, err);

	if (!rc)
		rc = types_dwarf_open(v->elf, ptr_size_of(v), &t->dwarf, err);
	return rc ? kd_context(err, rc, "%s", v->path) : 0;
}

int types_open(const struct vmlinux *v, struct types **out, struct kd_err *err)
{
	struct types *t;
	uint64_t size;
	int rc = KD_NOTFOUND;

	*out = NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return kd_nomem(err);
	if (v->has_btf)
		rc = open_btf_section(v, &t->btf, err);
	/*
	 * BTF is made from the DWARF of all compile units: what it does not have is not
	 * there, and DWARF would only take longer to say so. Unless it was made from a
	 * part of them.
	 */
	if (!rc && types_btf_size(t->btf, "task_struct", &size) == TYPES_FOUND)
		goto out;
	if (rc != KD_NOMEM && v->has_dwarf) {
		/* BTF that can not be used is no reason to stop while there is DWARF. */
		rc = open_dwarf(v, t, t->btf ? NULL : err);
		if (rc != KD_NOMEM && t->btf)
			rc = 0;
	}
out:
	if (!rc) {
		*out = t;
		return 0;
	}
	if (!v->has_btf && !v->has_dwarf)
		kd_fail(err, rc, "%s has neither BTF nor DWARF", v->path);
	types_close(t);
	return rc;
}

int types_open_dwarf(const struct vmlinux *v, struct types **out, struct kd_err *err)
{
	struct types *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (!t)
		return kd_nomem(err);
	rc = v->has_dwarf ? open_dwarf(v, t, err)
			  : kd_fail(err, KD_NOTFOUND, "%s has no DWARF", v->path);
	if (rc)
		types_close(t);
	else
		*out = t;
	return rc;
}

int types_open_btf(const void *bytes, size_t size, unsigned ptr_size, const char *where,
		   struct types **out, struct kd_err *err)
{
	struct types *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (!t)
		return kd_nomem(err);
	rc = types_btf_open(bytes, size, ptr_size, NULL, where, &t->btf, err);
	if (rc)
		types_close(t);
	else
		*out = t;
	return rc;
}

int types_take_btf(const void *bytes, size_t size, types_release *release, unsigned ptr_size,
		   const char *where, struct types **out, struct kd_err *err)
{
	struct types *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (!t) {
		release(bytes, size);
		return kd_nomem(err);
	}
	rc = types_btf_take(bytes, size, release, ptr_size, where, &t->btf, err);
	if (rc)
		types_close(t);
	else
		*out = t;
	return rc;
}

int types_open_split(const void *bytes, size_t size, const struct types *base, uint32_t start_id,
		     uint32_t start_str, const char *where, struct types **out, struct kd_err *err)
{
	const struct btf *own = types_raw_btf(base);
	uint32_t n = own ? btf__type_cnt(own) : 0;
	struct types *t;
	int rc;

	*out = NULL;
	if (!own || (start_id && n != start_id) ||
	    (start_str && types_btf_strings(base->btf) != start_str))
		return kd_fail(err, KD_MISMATCH, "%s builds on the BTF of another kernel", where);
	t = calloc(1, sizeof(*t));
	if (!t)
		return kd_nomem(err);
	rc = types_btf_open(bytes, size, types_ptr_size(base), base->btf, where, &t->btf, err);
	if (rc)
		types_close(t);
	else
		*out = t;
	return rc;
}

int types_open_file(struct debug_file *f, unsigned ptr_size, struct types **out, struct kd_err *err)
{
	struct types *t = calloc(1, sizeof(*t));
	Elf *elf;
	int rc;

	*out = NULL;
	if (!t)
		return kd_nomem(err);
	rc = debug_file_elf(f, &elf, err);
	if (!rc)
		rc = types_dwarf_open(elf, ptr_size, &t->dwarf, err);
	if (rc)
		types_close(t);
	else
		*out = t;
	return rc;
}

void types_close(struct types *t)
{
	if (!t)
		return;
	types_btf_close(t->btf);
	types_dwarf_close(t->dwarf);
	inflated_free(t->plain);
	free(t);
}

const char *types_source(const struct types *t)
{
	return t->btf ? "BTF" : "DWARF";
}

/* A struct that BTF knows it knows whole: DWARF is asked only for one it does not know. */
bool types_member(const struct types *t, const char *anchor, const char *struct_name,
		  const char *path, struct member *out)
{
	enum types_answer a = TYPES_NO_TYPE;

	*out = (struct member){.count = 1};
	if (t && t->btf)
		a = types_btf_member(t->btf, struct_name, path, out);
	if (a == TYPES_NO_TYPE && t && t->dwarf)
		a = types_dwarf_member(t->dwarf, anchor, struct_name, path, out);
	out->found = a == TYPES_FOUND;
	if (!out->found)
		*out = (struct member){.count = 1};
	return out->found;
}

bool types_size(const struct types *t, const char *anchor, const char *struct_name, uint64_t *size)
{
	enum types_answer a = TYPES_NO_TYPE;

	if (t && t->btf)
		a = types_btf_size(t->btf, struct_name, size);
	if (a == TYPES_NO_TYPE && t && t->dwarf)
		a = types_dwarf_size(t->dwarf, anchor, struct_name, size);
	return a == TYPES_FOUND;
}

bool types_enumerator(const struct types *t, const char *anchor, const char *name, int64_t *value)
{
	enum types_answer a = TYPES_NO_TYPE;

	if (t && t->btf)
		a = types_btf_enumerator(t->btf, name, value);
	if (a == TYPES_NO_TYPE && t && t->dwarf)
		a = types_dwarf_enumerator(t->dwarf, anchor, name, value);
	return a == TYPES_FOUND;
}

const struct btf *types_raw_btf(const struct types *t)
{
	return t->btf ? types_btf_raw(t->btf) : NULL;
}

struct types_dwarf *types_get_dwarf(const struct types *t)
{
	return t->dwarf;
}

Dwarf *types_raw_dwarf(const struct types *t)
{
	unsigned ptr_size;

	return t->dwarf ? types_dwarf_raw(t->dwarf, &ptr_size) : NULL;
}

unsigned types_ptr_size(const struct types *t)
{
	unsigned ptr_size = 8;

	if (t->btf)
		ptr_size = (unsigned)btf__pointer_size(types_btf_raw(t->btf));
	else if (t->dwarf)
		types_dwarf_raw(t->dwarf, &ptr_size);
	return ptr_size;
}
