/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of kallsyms share: kallsyms.c, kallsyms_mend.c. */
#ifndef KD_KERNEL_KALLSYMS_PRIV_H
#define KD_KERNEL_KALLSYMS_PRIV_H

#include "kernel/kallsyms.h"

#define KALLSYMS_NAMES_MAX (64u << 20) /* bytes, compressed */
#define KALLSYMS_TOKENS 256

/* The ways to write an address, see kallsyms.h. */
enum kallsyms_encoding {
	ENCODING_POINTER,
	ENCODING_BASE,	 /* offset from the base */
	ENCODING_PERCPU, /* the same, but absolute where not negative */
	ENCODING_PLACE,	 /* offset from where it lies */
	ENCODING_VALUE,	 /* a 32-bit kernel's address itself */
	ENCODINGS,
};

struct kallsyms_token {
	const char *text;
	size_t len; /* 0: stands for nothing that can be in a name */
};

struct kallsyms_tables {
	const struct kallsyms_source *src;
	bool strict; /* nothing may be damaged */
	uint32_t said, n;
	char *token_bytes;
	struct kallsyms_token tokens[KALLSYMS_TOKENS];
	uint8_t *names;
	size_t have, room; /* bytes of names */
	bool big;	   /* bit 7 of a length says that it has two bytes */
	bool proven;	   /* the markers say that each name is where it is */
	uint32_t *marks;   /* where each KALLSYMS_MARK_EVERY-th name is */
	uint8_t *broken;   /* of each mark: its names are not to be found; NULL: all are */
	uint8_t *wrong;	   /* of each address: it is out of order; NULL: none is */
	uint8_t *values;   /* offsets or pointers, as they lie in memory */
	uint64_t base;
	enum kallsyms_encoding encoding;
};

/* The name at *AT: where its first byte is and how many there are; *AT moves behind it. */
int kallsyms_next_name(struct kallsyms_tables *t, size_t *at, size_t *start, size_t *len,
		       struct kd_err *err);

/*
 * Find the names by the markers alone, which tell where each 256th of them is: names
 * between two that do not fit are broken, and t->n is set right. KD_CORRUPT: there are no
 * such markers, or hardly a name is left; KD_NOMEM.
 */
int kallsyms_mend_names(struct kallsyms_tables *t, struct kd_err *err);

/* Find addresses that are out of order. KD_CORRUPT: most are; KD_NOMEM. */
int kallsyms_mend_addresses(struct kallsyms_tables *t, struct kd_err *err);

/* Address number I, as it is written. */
vaddr_t kallsyms_address(const struct kallsyms_tables *t, enum kallsyms_encoding e, uint32_t i);

#endif
