/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of expr share: types and values of C, and what is done with them. */
#ifndef KD_KERNEL_EXPR_PRIV_H
#define KD_KERNEL_EXPR_PRIV_H

#include "kernel/expr.h"

/* Peeled: what a value is. POINTER also for stars; VOID: an object of no known type. */
struct expr_kind {
	enum type_kind kind;
	uint64_t size; /* bytes */
	bool is_signed;
	struct type_info info; /* of the peeled type, where stars is 0 */
	struct type_ref type;
};

void expr_kind(const struct kernel *k, const struct expr_value *v, struct expr_kind *out);

/* A plain number, as C's int (SIZE 4) or long (8). */
struct expr_value expr_int(uint64_t v, unsigned size, bool is_signed);

/*
 * As a value that is not in memory: read, arrays as pointers. QUIET: it is not needed, so
 * memory is left alone. KD_UNSUPPORTED: a struct.
 */
int expr_load(const struct expr_scope *s, const struct expr_value *v, bool quiet,
	      struct expr_value *out, struct kd_err *err);

/* What V, a pointer, points to. */
int expr_deref(const struct expr_scope *s, const struct expr_value *v, bool quiet,
	       struct expr_value *out, struct kd_err *err);
int expr_address(const struct kernel *k, const struct expr_value *v, struct expr_value *out,
		 struct kd_err *err);
/* "NAME", of a struct or of what a pointer leads to. */
int expr_member(const struct expr_scope *s, const struct expr_value *v, const char *name,
		bool quiet, struct expr_value *out, struct kd_err *err);
/* V as the type of LIKE, whose own value does not count. */
int expr_cast(const struct expr_scope *s, const struct expr_value *v, const struct expr_value *like,
	      bool quiet, struct expr_value *out, struct kd_err *err);
int expr_sizeof(const struct kernel *k, const struct expr_value *v, struct expr_value *out,
		struct kd_err *err);

/* OP is the sign itself: "+", "<<", "==". Both are loaded. */
int expr_binary(const struct expr_scope *s, const char *op, const struct expr_value *a,
		const struct expr_value *b, struct expr_value *out, struct kd_err *err);
int expr_unary(const struct expr_scope *s, char op, const struct expr_value *a,
	       struct expr_value *out, struct kd_err *err);

/*
 * A type's name at *TEXT, which moves behind it: "struct foo *", "unsigned long", "pid_t".
 * 1: it is none.
 */
int expr_parse_type(const struct expr_scope *s, const char **text, struct expr_value *like,
		    struct kd_err *err);

/* A name of letters, digits and '_' at P, into NAME; its length, 0: none, or too long. */
size_t expr_word(const char *p, char *name, size_t size);

#endif
