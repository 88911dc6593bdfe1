// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The few functions of libbpf that kernel/ reads types with. libbpf itself is one piece that
 * loads programs into kernels: a tenth of what kdview-capture may weigh. The format is that of
 * Documentation/bpf/btf.rst; the bytes come from a dump, and all of them are looked at once.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#include "core/base.h"
#include "kernel/btf_in_place.h"

struct btf {
	const uint8_t *bytes;
	uint8_t *copy;	 /* owned: bytes; NULL: they are borrowed */
	uint32_t *types; /* owned: places of types in it; [0] is void's, and means nothing */
	uint32_t ntypes; /* void among them */
	const char *strings;
	uint32_t nstrings; /* bytes */
	size_t ptr_size;
};

/* What follows the struct btf_type of a type, in bytes; false: no kind that is known. */
static bool tail_size(const struct btf_type *t, uint64_t *size)
{
	uint64_t n = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_FWD:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		*size = 0;
		return true;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		*size = 4;
		return true;
	case BTF_KIND_ARRAY:
		*size = sizeof(struct btf_array);
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		*size = n * sizeof(struct btf_member);
		return true;
	case BTF_KIND_ENUM:
		*size = n * sizeof(struct btf_enum);
		return true;
	case BTF_KIND_ENUM64:
		*size = n * sizeof(struct btf_enum64);
		return true;
	case BTF_KIND_FUNC_PROTO:
		*size = n * sizeof(struct btf_param);
		return true;
	case BTF_KIND_DATASEC:
		*size = n * sizeof(struct btf_var_secinfo);
		return true;
	default:
		return false;
	}
}

/* Note where the types are, from byte AT to END; OUT may be NULL. Returns how many; 0: broken. */
static uint32_t walk(const uint8_t *bytes, uint64_t at, uint64_t end, uint32_t *out)
{
	uint32_t n = 1;

	while (at < end) {
		const struct btf_type *t = (const void *)(bytes + at);
		uint64_t tail;

		if (end - at < sizeof(*t) || !tail_size(t, &tail) || end - at - sizeof(*t) < tail)
			return 0;
		if (out)
			out[n] = (uint32_t)at;
		n++;
		at += sizeof(*t) + tail;
	}
	return n;
}

static bool take(struct btf *b, uint32_t size)
{
	struct btf_header h;
	uint64_t types, strings;

	if (size < sizeof(h))
		return false;
	memcpy(&h, b->bytes, sizeof(h));
	types = (uint64_t)h.hdr_len + h.type_off;
	strings = (uint64_t)h.hdr_len + h.str_off;
	if (h.magic != BTF_MAGIC || h.hdr_len < sizeof(h) || types % 4 || !h.str_len ||
	    !range_contains(size, types, h.type_len) || !range_contains(size, strings, h.str_len) ||
	    b->bytes[strings] || b->bytes[strings + h.str_len - 1])
		return false;
	b->strings = (const char *)b->bytes + strings;
	b->nstrings = h.str_len;
	b->ntypes = walk(b->bytes, types, types + h.type_len, NULL);
	b->types = b->ntypes ? calloc(b->ntypes, sizeof(*b->types)) : NULL;
	if (!b->types)
		return false;
	walk(b->bytes, types, types + h.type_len, b->types);
	return true;
}

struct btf *btf_in_place(const void *bytes, uint32_t size, bool *kept)
{
	struct btf *b = calloc(1, sizeof(*b));

	*kept = true;
	if (!b)
		return NULL;
	b->ptr_size = sizeof(void *);
	b->bytes = bytes;
	if (take(b, size))
		return b;
	btf__free(b);
	return NULL;
}

struct btf *btf__new(const void *data, __u32 size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct btf *b;
	bool kept;

	if (!copy)
		return NULL;
	memcpy(copy, data, size);
	b = btf_in_place(copy, size, &kept);
	if (b)
		b->copy = copy;
	else
		free(copy);
	return b;
}

/* Types of modules: nothing that is captured depends on them. */
struct btf *btf__parse_raw_split(const char *path, struct btf *base_btf)
{
	(void)path;
	(void)base_btf;
	return NULL;
}

void btf__free(struct btf *btf)
{
	if (!btf)
		return;
	free(btf->types);
	free(btf->copy);
	free(btf);
}

const struct btf *btf__base_btf(const struct btf *btf)
{
	(void)btf;
	return NULL;
}

__u32 btf__type_cnt(const struct btf *btf)
{
	return btf->ntypes;
}

const struct btf_type *btf__type_by_id(const struct btf *btf, __u32 id)
{
	static const struct btf_type nothing;

	if (!id)
		return &nothing;
	return id < btf->ntypes ? (const void *)(btf->bytes + btf->types[id]) : NULL;
}

const char *btf__name_by_offset(const struct btf *btf, __u32 offset)
{
	return offset < btf->nstrings ? btf->strings + offset : NULL;
}

size_t btf__pointer_size(const struct btf *btf)
{
	return btf->ptr_size;
}

int btf__set_pointer_size(struct btf *btf, size_t ptr_sz)
{
	btf->ptr_size = ptr_sz;
	return 0;
}

libbpf_print_fn_t libbpf_set_print(libbpf_print_fn_t fn)
{
	(void)fn;
	return NULL;
}
