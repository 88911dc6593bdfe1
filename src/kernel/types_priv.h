/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two sources of types behind types.h. Both read input that nobody vouches
 * for: every walk is bounded by TYPES_DEPTH and TYPES_WORK.
 */
#ifndef KD_KERNEL_TYPES_PRIV_H
#define KD_KERNEL_TYPES_PRIV_H

#include <elfutils/libdw.h>

#include "kernel/types.h"

struct btf;

#define TYPES_DEPTH 32	     /* typedefs in a row, anonymous structs within each other */
#define TYPES_WORK (1 << 16) /* members looked at to answer one question */
#define TYPES_NAME 128	     /* longest component of a path, with its NUL */

enum types_answer {
	TYPES_FOUND,
	TYPES_NO_TYPE,	 /* this source has no such type: another may */
	TYPES_NO_MEMBER, /* the type is there, without such a member */
};

struct types_btf;
struct types_dwarf;

/*
 * SIZE bytes, copied; WHERE they come from is for the sentence. BASE (must outlive; NULL:
 * none) is what they build on. Immutable after opening.
 */
int types_btf_open(const void *bytes, size_t size, unsigned ptr_size, const struct types_btf *base,
		   const char *where, struct types_btf **out, struct kd_err *err);
/* The same of BYTES that are RELEASEd when they are needed no more, whatever comes of it. */
int types_btf_take(const void *bytes, size_t size, types_release *release, unsigned ptr_size,
		   const char *where, struct types_btf **out, struct kd_err *err);
void types_btf_close(struct types_btf *b);
enum types_answer types_btf_member(const struct types_btf *b, const char *struct_name,
				   const char *path, struct member *out);
enum types_answer types_btf_size(const struct types_btf *b, const char *struct_name,
				 uint64_t *size);
enum types_answer types_btf_enumerator(const struct types_btf *b, const char *name, int64_t *value);

/*
 * The DWARF of ELF (borrowed, must outlive), whose compressed debug sections are plain.
 * Keeps what it found of a compile unit; locks itself. ANCHOR may be `a|b`.
 */
int types_dwarf_open(Elf *elf, unsigned ptr_size, struct types_dwarf **out, struct kd_err *err);
void types_dwarf_close(struct types_dwarf *d);
enum types_answer types_dwarf_member(struct types_dwarf *d, const char *anchor,
				     const char *struct_name, const char *path, struct member *out);
enum types_answer types_dwarf_size(struct types_dwarf *d, const char *anchor,
				   const char *struct_name, uint64_t *size);
enum types_answer types_dwarf_enumerator(struct types_dwarf *d, const char *anchor,
					 const char *name, int64_t *value);

/* As types_index_type() and types_index_variable(), under the lock. */
bool types_dwarf_type(struct types_dwarf *d, const char *name, unsigned mask, Dwarf_Die *out);
bool types_dwarf_variable(struct types_dwarf *d, const char *name, uint64_t static_at,
			  Dwarf_Die *out);

/*
 * Cut the next component off a path at SEP into NAME. false: the path is at its
 * end, or the component is empty or too long (then *path is NULL).
 */
bool types_path_next(const char **path, char sep, char name[TYPES_NAME]);

/*
 * Place a bit field of BITS bits, BIT bits into its struct, in units of its
 * declared type of UNIT bytes where it fits into one, else in bytes. Fills
 * offset, size, bit_offset, bit_size; false: not a bit field that can be read.
 */
bool types_bit_field(uint64_t bit, uint64_t bits, uint64_t unit, struct member *out);

/*
 * The sources themselves, for type_view; NULL: there is none. DWARF is not locked:
 * one thread at a time.
 */
const struct btf *types_raw_btf(const struct types *t);
Dwarf *types_raw_dwarf(const struct types *t);
struct types_dwarf *types_get_dwarf(const struct types *t);
unsigned types_ptr_size(const struct types *t);
const struct btf *types_btf_raw(const struct types_btf *b);
/* The number of the first type that is not its base's, and bytes of its strings. */
uint32_t types_btf_first(const struct btf *b);
uint32_t types_btf_strings(const struct types_btf *b);
Dwarf *types_dwarf_raw(const struct types_dwarf *d, unsigned *ptr_size);

/* A hash of names for the indices of both sources (FNV-1a). */
uint32_t types_hash(const char *name);

#endif
