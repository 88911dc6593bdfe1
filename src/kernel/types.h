/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types of the crashed kernel: where a member lies in its struct. Sources in
 * this order: BTF of the vmlinux (libbpf), DWARF of the vmlinux (libdw; one
 * compile unit at a time, found through a function defined in it); without a
 * vmlinux the BTF that the kernel kept in its memory.
 * Answers are not cached here: kernel/layout asks once, at open.
 */
#ifndef KD_KERNEL_TYPES_H
#define KD_KERNEL_TYPES_H

#include "core/err.h"

struct debug_file;
struct types;
struct vmlinux;

struct member {
	uint64_t offset;   /* bytes from the start of the outermost struct */
	uint64_t size;	   /* bytes; of the whole array for arrays */
	uint64_t count;	   /* elements; 1 when it is no array */
	uint8_t bit_offset; /* of a bit field, from offset; little endian */
	uint8_t bit_size;   /* 0: no bit field */
	bool found;
};

/*
 * Open the types of a vmlinux (borrowed, must outlive). KD_NOTFOUND: it has
 * neither BTF nor DWARF.
 */
int types_open(const struct vmlinux *v, struct types **out, struct kd_err *err);

/* The DWARF of a vmlinux alone, even where there is BTF: variables are in no BTF. */
int types_open_dwarf(const struct vmlinux *v, struct types **out, struct kd_err *err);

/*
 * Open types from SIZE bytes of BTF (copied) of a kernel with pointers of PTR_SIZE
 * bytes; WHERE they come from is for the sentence. KD_CORRUPT: they make no sense.
 */
int types_open_btf(const void *bytes, size_t size, unsigned ptr_size, const char *where,
		   struct types **out, struct kd_err *err);

/* The same of BYTES that are RELEASEd when they are needed no more, whatever comes of it. */
typedef void types_release(const void *bytes, size_t size);
int types_take_btf(const void *bytes, size_t size, types_release *release, unsigned ptr_size,
		   const char *where, struct types **out, struct kd_err *err);

/*
 * The same of BTF that builds on BASE (its BTF; borrowed, must outlive): what a module
 * defines. Look-ups answer for the module's own types alone. KD_MISMATCH: it builds on
 * another. START_ID and START_STR are where it says that its numbers begin; 0: it does
 * not say.
 */
int types_open_split(const void *bytes, size_t size, const struct types *base, uint32_t start_id,
		     uint32_t start_str, const char *where, struct types **out, struct kd_err *err);

/*
 * Open the types that a module's file defines, by its DWARF (F borrowed, must outlive).
 * KD_NOTFOUND: it has none.
 */
int types_open_file(struct debug_file *f, unsigned ptr_size, struct types **out,
		    struct kd_err *err);
void types_close(struct types *t);

/* The functions below take NULL for types that are not known: then nothing is found. */

/* "BTF" or "DWARF": where answers come from; not of NULL. */
const char *types_source(const struct types *t);

/*
 * A member by dotted path ("se.exec_start"), through anonymous structs and
 * unions. STRUCT_NAME may also be a typedef. ANCHOR names a function whose
 * compile unit sees the whole type (used by DWARF only; NULL: kernel/sched/core's
 * "schedule"). false: no such type or member.
 */
bool types_member(const struct types *t, const char *anchor, const char *struct_name,
		  const char *path, struct member *out);

/* Size of a struct, union or typedef in bytes; false: no such type. */
bool types_size(const struct types *t, const char *anchor, const char *struct_name,
		uint64_t *size);

/* Value of an enumerator ("MODULE_STATE_UNFORMED"); false: no such one. */
bool types_enumerator(const struct types *t, const char *anchor, const char *name,
		      int64_t *value);

#endif
