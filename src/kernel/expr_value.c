// SPDX-License-Identifier: GPL-3.0-or-later
/* Values of expressions and what C does with them: see expr_priv.h. */
#include <inttypes.h>
#include <string.h>

#include "kernel/expr_priv.h"
#include "kernel/kernel.h"
#include "kernel/type_search.h"

void expr_kind(const struct kernel *k, const struct expr_value *v, struct expr_kind *out)
{
	*out = (struct expr_kind){ .kind = v->in_memory ? TYPE_VOID : TYPE_INT,
				   .size = v->size,
				   .is_signed = v->is_signed };
	if (!v->typed)
		return;
	if (v->stars) {
		out->kind = TYPE_POINTER;
		out->size = k->arch->ptr_size;
		out->is_signed = false;
		return;
	}
	out->type = v->type;
	if (!type_peel(&out->type, &out->info)) {
		out->kind = TYPE_OTHER;
		return;
	}
	type_complete(k, &out->type, &out->info);
	out->kind = out->info.kind;
	out->size = out->info.size;
	out->is_signed = out->info.is_signed;
}

struct expr_value expr_int(uint64_t v, unsigned size, bool is_signed)
{
	struct expr_value out = { .size = (uint8_t)size, .is_signed = is_signed };

	if (size == 4)
		v = is_signed ? (uint64_t)(int64_t)(int32_t)v : (uint32_t)v;
	out.number = v;
	return out;
}

static uint64_t extend(uint64_t v, unsigned bits, bool is_signed)
{
	if (bits >= 64)
		return v;
	v &= (UINT64_C(1) << bits) - 1;
	return is_signed && v >> (bits - 1) ? v | ~((UINT64_C(1) << bits) - 1) : v;
}

/* The pointer that an array is in an expression. */
static struct expr_value decay(const struct expr_value *v, const struct expr_kind *kind)
{
	return (struct expr_value){
		.typed = true,
		.type = kind->info.target,
		.stars = 1,
		.number = v->addr,
	};
}

int expr_load(const struct expr_scope *s, const struct expr_value *v, bool quiet,
	      struct expr_value *out, struct kd_err *err)
{
	unsigned ptr = s->k->arch->ptr_size;
	struct expr_kind kind;
	size_t bytes;
	int ret;

	*out = *v;
	if (!v->in_memory)
		return 0;
	expr_kind(s->k, v, &kind);
	if (kind.kind == TYPE_ARRAY) {
		*out = decay(v, &kind);
		out->size = (uint8_t)ptr;
		return 0;
	}
	if (kind.kind == TYPE_FUNCTION || (kind.kind == TYPE_VOID && v->is_code)) {
		*out = expr_int(v->addr, ptr, false);
		out->is_code = true;
		return 0;
	}
	if (kind.kind == TYPE_VOID)
		return kd_fail(err, KD_UNSUPPORTED, "what lies there has no known type: cast it");
	bytes = v->bit_size ? v->unit : kind.size;
	if (kind.kind == TYPE_STRUCT || kind.kind == TYPE_UNION ||
	    (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8))
		return kd_fail(err, KD_UNSUPPORTED, "a struct or union is no number");
	out->in_memory = false;
	out->size = (uint8_t)kind.size;
	out->is_signed = kind.is_signed;
	out->number = 0;
	out->bit_size = 0;
	if (quiet)
		return 0;
	ret = space_read_uint(&s->k->space, v->addr, bytes, &out->number, err);
	if (ret)
		return kd_context(err, ret, "0x%" PRIx64, v->addr);
	if (v->bit_size)
		out->number = out->number >> (v->bit_offset & 63);
	out->number = extend(out->number, v->bit_size ? v->bit_size : 8 * (unsigned)bytes,
			     kind.is_signed);
	return 0;
}

int expr_deref(const struct expr_scope *s, const struct expr_value *v, bool quiet,
	       struct expr_value *out, struct kd_err *err)
{
	struct expr_value p;
	struct expr_kind kind;
	int ret = expr_load(s, v, quiet, &p, err);

	if (ret)
		return ret;
	expr_kind(s->k, &p, &kind);
	if (kind.kind != TYPE_POINTER)
		return kd_fail(err, KD_UNSUPPORTED, "what is to be followed is no pointer");
	*out = (struct expr_value){
		.typed = true,
		.type = p.stars ? p.type : kind.info.target,
		.stars = p.stars ? p.stars - 1 : 0,
		.in_memory = true,
		.addr = p.number,
	};
	expr_kind(s->k, out, &kind);
	if (kind.kind == TYPE_VOID)
		return kd_fail(err, KD_USAGE, "a pointer to void leads to nothing that has a type");
	return 0;
}

int expr_address(const struct kernel *k, const struct expr_value *v, struct expr_value *out,
		 struct kd_err *err)
{
	if (!v->in_memory || v->bit_size)
		return kd_fail(err, KD_USAGE, "what has no address of its own: %s",
			       v->bit_size ? "a bit field" : "a number");
	*out = (struct expr_value){
		.typed = v->typed,
		.type = v->type,
		.stars = v->stars + 1,
		.number = v->addr,
		.size = k->arch->ptr_size,
		.is_code = v->is_code,
	};
	return 0;
}

int expr_member(const struct expr_scope *s, const struct expr_value *v, const char *name,
		bool quiet, struct expr_value *out, struct kd_err *err)
{
	struct expr_value at = *v;
	struct expr_kind kind;
	struct type_member m;
	int ret;

	expr_kind(s->k, &at, &kind);
	if (kind.kind == TYPE_POINTER) {
		ret = expr_deref(s, v, quiet, &at, err);
		if (ret)
			return ret;
		expr_kind(s->k, &at, &kind);
	}
	if (!at.in_memory || (kind.kind != TYPE_STRUCT && kind.kind != TYPE_UNION))
		return kd_fail(err, at.typed ? KD_USAGE : KD_UNSUPPORTED,
			       "what should have a member \"%s\" is no struct", name);
	ret = type_member_path(&kind.type, name, &m, err);
	if (ret)
		return KD_USAGE;
	*out = (struct expr_value){
		.typed = true,
		.type = m.type,
		.in_memory = true,
		.addr = at.addr + m.offset,
		.bit_offset = m.bit_offset,
		.bit_size = m.bit_size,
		.unit = m.unit,
	};
	if (s->k->arch->ptr_size == 4)
		out->addr &= UINT32_MAX;
	return 0;
}

int expr_cast(const struct expr_scope *s, const struct expr_value *v, const struct expr_value *like,
	      bool quiet, struct expr_value *out, struct kd_err *err)
{
	struct expr_kind to;
	int ret;

	expr_kind(s->k, like, &to);
	/* what lies in memory without a type: this is its type */
	if (v->in_memory && !v->typed && !v->is_code) {
		*out = *like;
		out->in_memory = true;
		out->addr = v->addr;
		return 0;
	}
	if (to.kind == TYPE_STRUCT || to.kind == TYPE_UNION || to.kind == TYPE_ARRAY ||
	    to.kind == TYPE_FUNCTION || to.kind == TYPE_VOID || to.kind == TYPE_FLOAT)
		return kd_fail(err, KD_UNSUPPORTED, "nothing can be cast to that type");
	ret = expr_load(s, v, quiet, out, err);
	if (ret)
		return ret;
	out->typed = like->typed;
	out->type = like->type;
	out->stars = like->stars;
	out->is_code = false;
	out->size = (uint8_t)to.size;
	out->is_signed = to.is_signed;
	out->number = to.kind == TYPE_BOOL
			      ? out->number != 0
			      : extend(out->number, 8 * (unsigned)to.size, to.is_signed);
	return 0;
}

int expr_sizeof(const struct kernel *k, const struct expr_value *v, struct expr_value *out,
		struct kd_err *err)
{
	struct expr_kind kind;

	expr_kind(k, v, &kind);
	if (!kind.size || kind.kind == TYPE_VOID)
		return kd_fail(err, KD_UNSUPPORTED, "the size of that is not known");
	*out = expr_int(kind.size, k->arch->ptr_size, false);
	return 0;
}

/* Arithmetic ---------------------------------------------------------------------- */

/* Bytes of what a pointer points to; gdb and C's compilers count void as one. */
static uint64_t step_of(const struct expr_scope *s, const struct expr_value *v)
{
	struct expr_value at = { .typed = true, .type = v->type, .in_memory = true };
	struct expr_kind kind;

	if (v->stars)
		at.stars = v->stars - 1;
	expr_kind(s->k, v, &kind);
	if (!v->stars)
		at.type = kind.info.target;
	expr_kind(s->k, &at, &kind);
	return kind.kind == TYPE_VOID || !kind.size ? 1 : kind.size;
}

static bool is_pointer(const struct expr_scope *s, const struct expr_value *v)
{
	struct expr_kind kind;

	expr_kind(s->k, v, &kind);
	return kind.kind == TYPE_POINTER;
}

static int add_to_pointer(const struct expr_scope *s, const struct expr_value *p, uint64_t n,
			  struct expr_value *out)
{
	*out = *p;
	out->number = p->number + n * step_of(s, p);
	if (s->k->arch->ptr_size == 4)
		out->number &= UINT32_MAX;
	return 0;
}

static bool is_one_of(const char *op, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(op, *list))
			return true;
	return false;
}

static bool is_comparison(const char *op)
{
	static const char *const list[] = { "==", "!=", "<", ">", "<=", ">=", NULL };

	return is_one_of(op, list);
}

static struct expr_value compare(const char *op, uint64_t a, uint64_t b, bool is_signed)
{
	bool less = is_signed ? (int64_t)a < (int64_t)b : a < b, same = a == b;
	bool yes = !strcmp(op, "==")   ? same
		   : !strcmp(op, "!=") ? !same
		   : !strcmp(op, "<")  ? less
		   : !strcmp(op, ">")  ? !less && !same
		   : !strcmp(op, "<=") ? less || same
				       : !less;

	return expr_int(yes, 4, true);
}

static int divide(const char *op, uint64_t a, uint64_t b, bool is_signed, uint64_t *out,
		  struct kd_err *err)
{
	bool remainder = *op == '%';

	if (!b)
		return kd_fail(err, KD_USAGE, "a division by zero");
	if (is_signed && (int64_t)b == -1)
		*out = remainder ? 0 : -a; /* the one that overflows, too */
	else if (is_signed)
		*out = (uint64_t)(remainder ? (int64_t)a % (int64_t)b : (int64_t)a / (int64_t)b);
	else
		*out = remainder ? a % b : a / b;
	return 0;
}

static int compute(const char *op, uint64_t a, uint64_t b, unsigned size, bool is_signed,
		   struct expr_value *out, struct kd_err *err)
{
	uint64_t v = 0;
	int ret = 0;

	switch (*op) {
	case '+':
		v = a + b;
		break;
	case '-':
		v = a - b;
		break;
	case '*':
		v = a * b;
		break;
	case '/':
	case '%':
		ret = divide(op, a, b, is_signed, &v, err);
		break;
	case '&':
		v = a & b;
		break;
	case '|':
		v = a | b;
		break;
	default: /* '^' */
		v = a ^ b;
	}
	*out = expr_int(v, size, is_signed);
	return ret;
}

static int shift(const char *op, const struct expr_value *a, uint64_t by, unsigned size,
		 struct expr_value *out, struct kd_err *err)
{
	uint64_t v;

	if (by >= 8 * size)
		return kd_fail(err, KD_USAGE, "a shift by %" PRId64 " bits", (int64_t)by);
	if (*op == '<')
		v = a->number << by;
	else
		v = a->is_signed ? (uint64_t)((int64_t)a->number >> by) : a->number >> by;
	*out = expr_int(v, size, a->is_signed);
	return 0;
}

/* Both of one size, as C has it: at least int, and unsigned where one of that size is. */
static void widen(const struct expr_value *a, const struct expr_value *b, unsigned *size,
		  bool *is_signed)
{
	unsigned as = a->size < 4 ? 4 : a->size, bs = b->size < 4 ? 4 : b->size;
	bool a_signed = a->size < 4 || a->is_signed, b_signed = b->size < 4 || b->is_signed;

	*size = as > bs ? as : bs;
	*is_signed = (as < *size || a_signed) && (bs < *size || b_signed);
}

static int with_pointers(const struct expr_scope *s, const char *op, const struct expr_value *a,
			 const struct expr_value *b, struct expr_value *out, struct kd_err *err)
{
	bool pa = is_pointer(s, a), pb = is_pointer(s, b);

	if (is_comparison(op)) {
		*out = compare(op, a->number, b->number, false);
		return 0;
	}
	if (*op == '+' && pa != pb)
		return pa ? add_to_pointer(s, a, b->number, out)
			  : add_to_pointer(s, b, a->number, out);
	if (*op == '-' && pa && !pb)
		return add_to_pointer(s, a, -b->number, out);
	if (*op == '-' && pa && pb) {
		*out = expr_int(
			(uint64_t)((int64_t)(a->number - b->number) / (int64_t)step_of(s, a)),
			s->k->arch->ptr_size, true);
		return 0;
	}
	return kd_fail(err, KD_USAGE, "pointers know no \"%s\"", op);
}

int expr_binary(const struct expr_scope *s, const char *op, const struct expr_value *a,
		const struct expr_value *b, struct expr_value *out, struct kd_err *err)
{
	bool is_signed;
	unsigned size;

	/* of a shift the left side alone decides */
	if (!strcmp(op, "<<") || !strcmp(op, ">>")) {
		struct expr_value left = *a;

		left.is_signed = a->size < 4 || a->is_signed;
		return shift(op, &left, b->number, a->size < 4 ? 4 : a->size, out, err);
	}
	if (is_pointer(s, a) || is_pointer(s, b))
		return with_pointers(s, op, a, b, out, err);
	widen(a, b, &size, &is_signed);
	if (is_comparison(op)) {
		*out = compare(op, expr_int(a->number, size, is_signed).number,
			       expr_int(b->number, size, is_signed).number, is_signed);
		return 0;
	}
	return compute(op, expr_int(a->number, size, is_signed).number,
		       expr_int(b->number, size, is_signed).number, size, is_signed, out, err);
}

int expr_unary(const struct expr_scope *s, char op, const struct expr_value *a,
	       struct expr_value *out, struct kd_err *err)
{
	unsigned size = a->size < 4 ? 4 : a->size;
	bool is_signed = a->size < 4 || a->is_signed;

	if (op == '!') {
		*out = expr_int(!a->number, 4, true);
		return 0;
	}
	if (is_pointer(s, a))
		return kd_fail(err, KD_USAGE, "pointers know no \"%c\"", op);
	*out = expr_int(op == '-'   ? -a->number
			: op == '~' ? ~a->number
				    : a->number,
			size, is_signed);
	return 0;
}
