/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * C expressions over the memory of the crashed kernel, without gdb: variables, members
 * (through pointers too), elements, dereferences, addresses, casts, sizeof, arithmetic,
 * comparisons, logic, ?:. What it has no answer to is told from what is wrong: there gdb
 * may know more.
 */
#ifndef KD_KERNEL_EXPR_H
#define KD_KERNEL_EXPR_H

#include "kernel/type_view.h"

struct cpu;
struct kernel;
struct variables;

struct expr_scope {
	const struct kernel *k;
	struct variables *variables;
	const struct cpu *cpu; /* whose per-CPU variables are meant; NULL: "NAME:N" says */
};

/* A value, or where one lies. */
struct expr_value {
	bool typed; /* else a number of SIZE bytes, or an object of no known type */
	struct type_ref type;
	unsigned stars; /* so many pointers to TYPE */
	bool in_memory;
	vaddr_t addr;
	uint8_t bit_offset, bit_size, unit; /* a bit field in memory; bit_size 0: none */
	uint64_t number;		    /* not in memory; sign-extended where it is signed */
	uint8_t size;
	bool is_signed;
	bool is_code; /* a function, or a place in one */
};

/*
 * KD_UNSUPPORTED, KD_NOTFOUND (no such name, or its type is not known): gdb may do
 * better. Else the text makes no sense (KD_USAGE), or how memory is missing.
 */
int expr_evaluate(const struct expr_scope *s, const char *text, struct expr_value *out,
		  struct kd_err *err);

/* A value as a number, read from memory where it lies there; an array is its address. */
int expr_number(const struct expr_scope *s, const struct expr_value *v, uint64_t *number,
		struct kd_err *err);

/*
 * As text, owned by the caller: numbers in RADIX (10, 16), structs and arrays with their
 * members and elements.
 */
int expr_format(const struct expr_scope *s, const struct expr_value *v, unsigned radix, char **text,
		struct kd_err *err);

#endif
