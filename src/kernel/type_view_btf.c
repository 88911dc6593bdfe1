// SPDX-License-Identifier: GPL-3.0-or-later
/* Walking through BTF: see type_view.h. libbpf has checked that records lie in the section. */
#include <bpf/btf.h>
#include <string.h>

#include "kernel/type_view_priv.h"
#include "kernel/types_priv.h"

static const struct btf_type *type_at(const struct btf *b, uint32_t id)
{
	return b ? btf__type_by_id(b, id) : NULL;
}

static const char *name_at(const struct btf *b, uint32_t off)
{
	const char *s = off ? btf__name_by_offset(b, off) : NULL;

	return s && *s ? s : NULL;
}

static bool wanted(const struct btf_type *t, enum type_want want)
{
	switch (want) {
	case WANT_STRUCT:
		return btf_is_struct(t);
	case WANT_UNION:
		return btf_is_union(t);
	case WANT_ENUM:
		return btf_is_any_enum(t);
	case WANT_BASE:
		return btf_is_int(t);
	default:
		return btf_is_composite(t) || btf_is_any_enum(t) || btf_is_typedef(t);
	}
}

const char *type_next_name(const struct types *t, uint32_t *step)
{
	const struct btf *b = types_raw_btf(t);
	uint32_t id = b && *step < types_btf_first(b) ? types_btf_first(b) : *step;

	for (; b && id < btf__type_cnt(b); id++) {
		const struct btf_type *bt = btf__type_by_id(b, id);
		const char *s = name_at(b, bt->name_off);

		if (!s || !wanted(bt, WANT_ANY))
			continue;
		*step = id + 1;
		return s;
	}
	return NULL;
}

bool type_btf_variable(const struct types *t, const char *name, struct type_ref *out)
{
	const struct btf *b = types_raw_btf(t);
	uint32_t n = b ? btf__type_cnt(b) : 0;

	for (uint32_t id = b ? types_btf_first(b) : 0; id < n; id++) {
		const struct btf_type *bt = btf__type_by_id(b, id);
		const char *s = btf_is_var(bt) ? name_at(b, bt->name_off) : NULL;

		if (!s || strcmp(s, name))
			continue;
		*out = (struct type_ref){ .types = t, .id = bt->type };
		return true;
	}
	return false;
}

/* Structs ahead of typedefs: of both, `struct NAME` is what is asked for. */
size_t type_btf_find(const struct types *t, const char *name, enum type_want want,
		     struct type_ref *out, size_t max)
{
	const struct btf *b = types_raw_btf(t);
	uint32_t n = b ? btf__type_cnt(b) : 0;
	size_t found = 0;
	bool typedefs = false;

	for (uint32_t id = b ? types_btf_first(b) : 0; id < n; id++) {
		const struct btf_type *bt = btf__type_by_id(b, id);
		const char *s = name_at(b, bt->name_off);

		if (!s || strcmp(s, name) || !wanted(bt, want))
			continue;
		if (btf_is_typedef(bt)) {
			if (found)
				continue;
			typedefs = true;
		} else if (typedefs) {
			typedefs = false;
			found = 0;
		}
		out[found++] = (struct type_ref){ .types = t, .id = id };
		if (found == max && !typedefs)
			break;
	}
	return found;
}

static void int_info(const struct btf_type *t, const char *name, struct type_info *out)
{
	uint8_t enc = btf_int_encoding(t);

	out->kind = enc & BTF_INT_BOOL ? TYPE_BOOL : TYPE_INT;
	out->is_signed = enc & BTF_INT_SIGNED;
	/* pahole does not set BTF_INT_CHAR; signed and unsigned char are numbers: u8 */
	if (t->size == 1 && out->kind == TYPE_INT && name && !strcmp(name, "char"))
		out->kind = TYPE_CHAR;
}

static void array_info(const struct type_ref *r, const struct btf_type *t, struct type_info *out)
{
	struct type_ref element = { .types = r->types, .id = btf_array(t)->type };
	struct type_info e;

	out->kind = TYPE_ARRAY;
	out->count = btf_array(t)->nelems;
	out->target = element;
	/* an array of arrays is as deep as the file says: one level at a time, bounded */
	for (int depth = 0; depth < TYPES_DEPTH; depth++) {
		const struct btf_type *et = type_at(types_raw_btf(r->types), element.id);

		if (!et)
			return;
		if (!btf_is_array(et) && !btf_is_mod(et) && !btf_is_typedef(et))
			break;
		if (btf_is_array(et)) {
			int64_t size = btf__resolve_size(types_raw_btf(r->types), element.id);

			if (size > 0 && kd_mul_overflow(out->count, (uint64_t)size, &out->size))
				out->size = 0;
			return;
		}
		element.id = et->type;
	}
	if (!type_info(&element, &e) || kd_mul_overflow(out->count, e.size, &out->size))
		out->size = 0;
}

bool type_btf_info(const struct type_ref *r, struct type_info *out)
{
	const struct btf *b = types_raw_btf(r->types);
	const struct btf_type *t = type_at(b, r->id);

	if (!t)
		return false;
	out->name = name_at(b, t->name_off);
	out->target.id = t->type;
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		int_info(t, out->name, out);
		out->size = t->size;
		break;
	case BTF_KIND_PTR:
		out->kind = TYPE_POINTER;
		out->size = btf__pointer_size(b);
		break;
	case BTF_KIND_ARRAY:
		array_info(r, t, out);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		out->kind = btf_is_struct(t) ? TYPE_STRUCT : TYPE_UNION;
		out->size = t->size;
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		out->kind = TYPE_ENUM;
		out->size = t->size;
		out->is_signed = true;
		break;
	case BTF_KIND_FWD:
		out->kind = btf_kflag(t) ? TYPE_UNION : TYPE_STRUCT;
		out->declared = true;
		break;
	case BTF_KIND_TYPEDEF:
		out->kind = TYPE_TYPEDEF;
		break;
	case BTF_KIND_CONST:
		out->kind = TYPE_CONST;
		break;
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		out->kind = TYPE_VOLATILE;
		break;
	case BTF_KIND_FUNC_PROTO:
		out->kind = TYPE_FUNCTION;
		break;
	case BTF_KIND_FLOAT:
		out->kind = TYPE_FLOAT;
		out->size = t->size;
		break;
	default:
		out->kind = TYPE_OTHER;
	}
	return true;
}

static void place_bits(const struct btf_type *t, uint64_t bit, uint64_t bits,
		       struct type_member *out)
{
	struct member m = { 0 };
	uint64_t unit = t && (btf_is_int(t) || btf_is_any_enum(t)) ? t->size : 0;

	out->offset = bit / 8;
	if (!bits || !types_bit_field(bit, bits, unit, &m))
		return;
	out->offset = m.offset;
	out->unit = (uint8_t)m.size;
	out->bit_offset = m.bit_offset;
	out->bit_size = m.bit_size;
}

bool type_btf_next_member(const struct type_ref *r, struct type_step *step, struct type_member *out)
{
	const struct btf *b = types_raw_btf(r->types);
	const struct btf_type *t = type_at(b, r->id), *peeled;
	const struct btf_member *m;
	struct type_info info;
	struct type_ref type;

	if (!t || !btf_is_composite(t) || step->next >= btf_vlen(t))
		return false;
	m = &btf_members(t)[step->next];
	out->name = name_at(b, m->name_off);
	out->type = (struct type_ref){ .types = r->types, .id = m->type };
	type = out->type;
	peeled = type_peel(&type, &info) ? type_at(b, type.id) : NULL;
	place_bits(peeled, btf_member_bit_offset(t, step->next),
		   btf_member_bitfield_size(t, step->next), out);
	step->next++;
	return true;
}

bool type_btf_next_enumerator(const struct type_ref *r, struct type_step *step, const char **name,
			      int64_t *value)
{
	const struct btf *b = types_raw_btf(r->types);
	const struct btf_type *t = type_at(b, r->id);

	if (!t || !btf_is_any_enum(t) || step->next >= btf_vlen(t))
		return false;
	if (btf_is_enum64(t)) {
		*name = name_at(b, btf_enum64(t)[step->next].name_off);
		*value = (int64_t)btf_enum64_value(&btf_enum64(t)[step->next]);
	} else {
		*name = name_at(b, btf_enum(t)[step->next].name_off);
		*value = btf_enum(t)[step->next].val;
	}
	step->next++;
	return true;
}
