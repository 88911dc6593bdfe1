// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Types out of BTF (Documentation/bpf/btf.rst), parsed by libbpf. libbpf checks
 * that every record lies within the section; type numbers are checked here.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/btf_in_place.h"
#include "kernel/types_priv.h"

struct types_btf {
	struct btf *btf;
	uint32_t *slots; /* name hash to type number, open addressing; 0: free */
	uint32_t mask;	 /* number of slots - 1, at least a half are free */
	uint32_t *enums; /* numbers of all enum types */
	size_t nenums;
	uint32_t strings; /* bytes of them */
	const void *bytes; /* what btf is made of, where that is ours to release */
	size_t size;
	types_release *release;
};

static bool is_indexed(const struct btf_type *t)
{
	return btf_is_composite(t) || btf_is_typedef(t);
}

uint32_t types_btf_first(const struct btf *b)
{
	const struct btf *base = btf__base_btf(b);

	return base ? btf__type_cnt(base) : 1;
}

static int index_types(struct types_btf *b)
{
	uint32_t n = btf__type_cnt(b->btf), first = types_btf_first(b->btf);
	uint32_t named = 0, nenums = 0, size = 16;

	for (uint32_t id = first; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);

		named += is_indexed(t) && t->name_off;
		nenums += btf_is_any_enum(t);
	}
	while (size < 2 * (uint64_t)named)
		size *= 2;
	b->slots = calloc(size, sizeof(*b->slots));
	b->enums = calloc(nenums ? nenums : 1, sizeof(*b->enums));
	if (!b->slots || !b->enums)
		return KD_NOMEM;
	b->mask = size - 1;
	for (uint32_t id = first; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);
		const char *name = btf__name_by_offset(b->btf, t->name_off);
		uint32_t slot;

		if (btf_is_any_enum(t))
			b->enums[b->nenums++] = id;
		if (!is_indexed(t) || !t->name_off || !name)
			continue;
		for (slot = types_hash(name) & b->mask; b->slots[slot];)
			slot = (slot + 1) & b->mask;
		b->slots[slot] = id;
	}
	return 0;
}

/* libbpf 1.1 declares btf__new_split(), but does not export it: a file it is then. */
static struct btf *new_split(const void *bytes, size_t size, struct btf *base)
{
	_cleanup_(closep) int fd = memfd_create("btf", MFD_CLOEXEC);
	char path[32];

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return btf__parse_raw_split(path, base);
}

/* BYTES are those of B->btf; a failure closes B. */
static int open_index(struct types_btf *b, const void *bytes, unsigned ptr_size, const char *where,
		      struct types_btf **out, struct kd_err *err)
{
	if (!b->btf) {
		types_btf_close(b);
		return kd_fail(err, KD_CORRUPT, "%s makes no sense to libbpf", where);
	}
	/* libbpf has checked that there is a header */
	memcpy(&b->strings, (const uint8_t *)bytes + offsetof(struct btf_header, str_len), 4);
	btf__set_pointer_size(b->btf, ptr_size);
	if (index_types(b)) {
		types_btf_close(b);
		return kd_nomem(err);
	}
	*out = b;
	return 0;
}

static int new_types(size_t size, const char *where, struct types_btf **out, struct kd_err *err)
{
	*out = NULL;
	if (size > UINT32_MAX)
		return kd_fail(err, KD_CORRUPT, "%s: %zu bytes of BTF can not be", where, size);
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return kd_nomem(err);
	/* libbpf writes its complaints to stderr; ours is the sentence of open_index(). */
	libbpf_set_print(NULL);
	return 0;
}

int types_btf_open(const void *bytes, size_t size, unsigned ptr_size, const struct types_btf *base,
		   const char *where, struct types_btf **out, struct kd_err *err)
{
	struct types_btf *b;
	int rc = new_types(size, where, &b, err);

	*out = NULL;
	if (rc)
		return rc;
	b->btf = base ? new_split(bytes, size, base->btf) : btf__new(bytes, (uint32_t)size);
	return open_index(b, bytes, ptr_size, where, out, err);
}

int types_btf_take(const void *bytes, size_t size, types_release *release, unsigned ptr_size,
		   const char *where, struct types_btf **out, struct kd_err *err)
{
	struct types_btf *b;
	bool kept = false;
	int rc = new_types(size, where, &b, err);

	*out = NULL;
	if (!rc) {
		b->btf = btf_in_place(bytes, (uint32_t)size, &kept);
		if (kept) {
			b->bytes = bytes;
			b->size = size;
			b->release = release;
		}
		rc = open_index(b, bytes, ptr_size, where, out, err);
	}
	if (!kept)
		release(bytes, size);
	return rc;
}

void types_btf_close(struct types_btf *b)
{
	if (!b)
		return;
	btf__free(b->btf);
	if (b->release)
		b->release(b->bytes, b->size);
	free(b->slots);
	free(b->enums);
	free(b);
}

/* The next type called NAME; *SLOT starts as types_hash() and steps. 0: no more. */
static uint32_t next_named(const struct types_btf *b, const char *name, uint32_t *slot)
{
	for (;; ++*slot) {
		uint32_t id = b->slots[*slot & b->mask];
		const char *s;

		if (!id)
			return 0;
		s = btf__name_by_offset(b->btf, btf__type_by_id(b->btf, id)->name_off);
		if (s && !strcmp(s, name)) {
			++*slot;
			return id;
		}
	}
}

/* Through typedefs and qualifiers; NULL: broken. */
static const struct btf_type *peel(const struct types_btf *b, uint32_t id)
{
	for (int depth = 0; depth < TYPES_DEPTH; depth++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);

		if (!t || !(btf_is_mod(t) || btf_is_typedef(t)))
			return t;
		id = t->type;
	}
	return NULL;
}

/* The size of T in bytes, arrays as a whole; false: it has none. */
static bool type_size(const struct types_btf *b, const struct btf_type *t, uint64_t *size)
{
	uint64_t n = 1;

	for (int depth = 0; t && depth < TYPES_DEPTH; depth++) {
		if (btf_is_array(t)) {
			if (kd_mul_overflow(n, btf_array(t)->nelems, &n))
				return false;
			t = peel(b, btf_array(t)->type);
			continue;
		}
		if (btf_is_ptr(t))
			return !kd_mul_overflow(n, btf__pointer_size(b->btf), size);
		if (btf_is_int(t) || btf_is_any_enum(t) || btf_is_composite(t) || btf_is_float(t))
			return !kd_mul_overflow(n, (uint64_t)t->size, size);
		return false;
	}
	return false;
}

/* A member of T by name, through anonymous ones; *BIT is counted on from its value. */
static const struct btf_member *find_member(const struct types_btf *b, const struct btf_type *t,
					    const char *name, const struct btf_type **owner,
					    uint64_t *bit, int depth, int *work)
{
	const struct btf_member *m = btf_members(t);

	if (depth > TYPES_DEPTH)
		return NULL;
	for (uint32_t i = 0; i < btf_vlen(t) && --*work > 0; i++) {
		const char *s = btf__name_by_offset(b->btf, m[i].name_off);
		const struct btf_type *inner;
		const struct btf_member *found;
		uint64_t at = *bit + btf_member_bit_offset(t, i);

		if (!s)
			continue;
		if (*s) {
			if (strcmp(s, name))
				continue;
			*owner = t;
			return &m[i];
		}
		inner = peel(b, m[i].type);
		if (!inner || !btf_is_composite(inner))
			continue;
		found = find_member(b, inner, name, owner, &at, depth + 1, work);
		if (found) {
			*bit = at;
			return found;
		}
	}
	return NULL;
}

/* Size, count and bits of the member a path ended at. */
static bool fill_member(const struct types_btf *b, const struct btf_type *owner,
			const struct btf_member *m, uint64_t base, struct member *out)
{
	uint32_t i = (uint32_t)(m - btf_members(owner));
	uint64_t bit = btf_member_bit_offset(owner, i);
	uint64_t bits = btf_member_bitfield_size(owner, i);
	const struct btf_type *t = peel(b, m->type);

	if (!t)
		return false;
	/* Without the kind flag, a bit field's width is in a type of its own. */
	if (!bits && btf_is_int(t) &&
	    (btf_int_bits(t) != 8 * t->size || btf_int_offset(t) || bit % 8)) {
		bits = btf_int_bits(t);
		bit += btf_int_offset(t);
	}
	out->count = btf_is_array(t) ? btf_array(t)->nelems : 1;
	if (bits) {
		if (!types_bit_field(bit, bits, btf_is_int(t) || btf_is_any_enum(t) ? t->size : 0,
				     out))
			return false;
	} else {
		out->offset = bit / 8;
		if (!type_size(b, t, &out->size))
			return false;
	}
	return !kd_add_overflow(out->offset, base, &out->offset);
}

static bool resolve(const struct types_btf *b, const struct btf_type *t, const char *path,
		    struct member *out)
{
	int work = TYPES_WORK;
	uint64_t base = 0;
	char name[TYPES_NAME];

	while (types_path_next(&path, '.', name)) {
		const struct btf_type *owner;
		const struct btf_member *m;
		uint64_t bit = 0;

		for (int depth = 0; t && btf_is_array(t) && depth < TYPES_DEPTH; depth++)
			t = peel(b, btf_array(t)->type);
		if (!t || !btf_is_composite(t))
			return false;
		m = find_member(b, t, name, &owner, &bit, 0, &work);
		if (!m)
			return false;
		/* BIT is where the anonymous struct around the member starts: whole bytes. */
		base += bit / 8;
		if (!path)
			return fill_member(b, owner, m, base, out);
		base += btf_member_bit_offset(owner, (uint32_t)(m - btf_members(owner))) / 8;
		t = peel(b, m->type);
	}
	return false;
}

enum types_answer types_btf_member(const struct types_btf *b, const char *struct_name,
				   const char *path, struct member *out)
{
	enum types_answer a = TYPES_NO_TYPE;
	uint32_t slot = types_hash(struct_name), id;

	/* Two files of a kernel may call different structs the same. */
	while ((id = next_named(b, struct_name, &slot))) {
		const struct btf_type *t = peel(b, id);

		if (!t || !btf_is_composite(t))
			continue;
		if (resolve(b, t, path, out))
			return TYPES_FOUND;
		a = TYPES_NO_MEMBER;
	}
	return a;
}

enum types_answer types_btf_size(const struct types_btf *b, const char *struct_name, uint64_t *size)
{
	uint32_t slot = types_hash(struct_name), id;

	while ((id = next_named(b, struct_name, &slot))) {
		const struct btf_type *t = peel(b, id);

		if (t && type_size(b, t, size))
			return TYPES_FOUND;
	}
	return TYPES_NO_TYPE;
}

static bool enum_value(const struct types_btf *b, const struct btf_type *t, const char *name,
		       int64_t *value)
{
	bool wide = btf_is_enum64(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		uint32_t off = wide ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off;
		const char *s = btf__name_by_offset(b->btf, off);

		if (!s || strcmp(s, name))
			continue;
		if (wide)
			*value = (int64_t)btf_enum64_value(&btf_enum64(t)[i]);
		else
			*value = btf_enum(t)[i].val;
		return true;
	}
	return false;
}

enum types_answer types_btf_enumerator(const struct types_btf *b, const char *name, int64_t *value)
{
	for (size_t i = 0; i < b->nenums; i++)
		if (enum_value(b, btf__type_by_id(b->btf, b->enums[i]), name, value))
			return TYPES_FOUND;
	return TYPES_NO_TYPE;
}

uint32_t types_btf_strings(const struct types_btf *b)
{
	return b->strings;
}

const struct btf *types_btf_raw(const struct types_btf *b)
{
	return b->btf;
}
