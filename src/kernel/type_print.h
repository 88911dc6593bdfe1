/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types and what lies in memory by them, as lines for people and programs: the members
 * of a struct with offsets and sizes, and, given an address, their contents.
 * Everything is bounded: depth, elements of an array, lines.
 */
#ifndef KD_KERNEL_TYPE_PRINT_H
#define KD_KERNEL_TYPE_PRINT_H

#include "kernel/type_view.h"

struct kernel;

struct type_line {
	unsigned depth;	      /* of nesting, 0: the type's own members */
	const char *name;     /* "comm", "[3]"; NULL: anonymous struct */
	const char *path;     /* from the outermost: "se.load.weight", "cpus[3].x" */
	const char *declared; /* "char comm[16]" */
	uint64_t offset;      /* bytes from the start of the outermost type */
	uint64_t size;	      /* bytes; 0: not known */
	uint8_t bit_offset, bit_size;
	const char *value;    /* NULL: a definition, or members follow */
	bool members;	      /* they follow, one deeper */
	bool closed;	      /* there are some, but they do not follow */
	const struct type_info *info; /* of the type, peeled; NULL: of none */
	vaddr_t addr;	      /* where the thing lies; 0 in definitions */
	bool has_number;      /* it is one, and was read */
	uint64_t number;
	int status;	      /* how memory was missing; 0: it was not */
};

struct type_print {
	const struct kernel *k;
	unsigned max_depth;    /* of nested structs shown by members; 0: none */
	unsigned max_elements; /* of an array */
	unsigned max_lines;
	unsigned radix; /* of integers: 10, 16; 0: as suits their size */
	/* A line (valid during the call); nonzero stops, and is returned. */
	int (*line)(void *data, const struct type_line *l);
	void *data;

	/* Private. */
	unsigned lines;
	bool cut; /* set: there was more than max_lines */
};

/* Members of a struct or union, elements of an array, enumerators. Anything else: one line. */
int type_print_definition(struct type_print *p, const struct type_ref *r);

/* What lies at ADDR by that type. Memory that is missing is said in its line. */
int type_print_value(struct type_print *p, const struct type_ref *r, const char *name,
		     vaddr_t addr);

/* The same of a member found by type_member_path(), in a struct that lies at ADDR. */
int type_print_member(struct type_print *p, const struct type_member *m, const char *name,
		      vaddr_t addr);

/*
 * A number of a scalar type as it would be shown (P's radix and kernel count), into BUF;
 * "": the type has no numbers. Returns BUF.
 */
const char *type_print_number(const struct type_print *p, const struct type_ref *r, uint64_t v,
			      char *buf, size_t size);

#endif
