/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types to walk through: one view of BTF and DWARF, for who prints a struct whatever it
 * is. layout.def is for members known beforehand. A struct type_ref is a value; it
 * lives as long as its struct types. BTF is immutable; DWARF is read as it is needed,
 * so that only one thread at a time may walk.
 */
#ifndef KD_KERNEL_TYPE_VIEW_H
#define KD_KERNEL_TYPE_VIEW_H

#include "core/err.h"

struct types;

enum type_kind {
	TYPE_VOID,
	TYPE_INT,
	TYPE_BOOL,
	TYPE_CHAR,
	TYPE_FLOAT,
	TYPE_ENUM,
	TYPE_POINTER,
	TYPE_ARRAY,
	TYPE_STRUCT,
	TYPE_UNION,
	TYPE_FUNCTION,
	TYPE_TYPEDEF,
	TYPE_CONST,
	TYPE_VOLATILE,
	TYPE_OTHER, /* what has no name in C */
};

struct type_ref {
	const struct types *types;
	uint32_t id;	 /* of BTF; 0: void */
	void *addr, *cu; /* of a DIE; NULL: BTF */
};

struct type_info {
	enum type_kind kind;
	const char *name; /* borrowed; NULL: none */
	uint64_t size;	  /* bytes; of the whole array; 0: none, or not known */
	uint64_t count;	  /* TYPE_ARRAY: elements */
	bool is_signed;	  /* TYPE_INT, TYPE_CHAR, TYPE_ENUM */
	bool declared;	  /* struct or union whose members are not known here */
	struct type_ref target; /* pointer, array, typedef, const, volatile; function: result */
};

struct type_member {
	const char *name;    /* borrowed; NULL: anonymous */
	struct type_ref type;
	uint64_t offset;     /* bytes from the start of the struct it stands in */
	uint8_t bit_offset;  /* of a bit field, from offset */
	uint8_t bit_size;    /* 0: no bit field */
	uint8_t unit;	     /* bytes to read for a bit field */
};

/* Steps through members or enumerators; zeroed to begin with. */
struct type_step {
	uint32_t next;
	void *addr, *cu;
};

/*
 * A type by name: struct, union, enum or typedef, "struct " or the like in front or
 * not; one with members is preferred to a mere declaration. KD_NOTFOUND: the sentence
 * says whose types were searched.
 */
int type_find(const struct types *t, const char *name, struct type_ref *out, struct kd_err *err);

/*
 * The name of the next struct, union, enum or typedef, for completion; *step is 0 to begin
 * with. Borrowed; NULL: no more, or they are not listed anywhere (DWARF).
 */
const char *type_next_name(const struct types *t, uint32_t *step);

/* What kind of type; false: broken. */
bool type_info(const struct type_ref *r, struct type_info *out);

/* Through typedefs and qualifiers: the type meant and what it is; false: broken. */
bool type_peel(struct type_ref *r, struct type_info *out);

/* The next member, in order; false: no more. */
bool type_next_member(const struct type_ref *r, struct type_step *step, struct type_member *out);

/* The next enumerator; false: no more. */
bool type_next_enumerator(const struct type_ref *r, struct type_step *step, const char **name,
			  int64_t *value);

/*
 * A member by dotted path, through anonymous structs; "name[3]" takes an element.
 * out->offset counts from the start of R. KD_NOTFOUND names what is not there.
 */
int type_member_path(const struct type_ref *r, const char *path, struct type_member *out,
		     struct kd_err *err);

/* "char comm[16]", "struct list_head *", as C declares it; NAME may be "". Returns BUF. */
const char *type_declare(const struct type_ref *r, const char *name, char *buf, size_t size);

#endif
