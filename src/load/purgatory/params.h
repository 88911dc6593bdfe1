/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the loader tells the purgatory. The same bytes for i386 and x86_64, and for the program of
 * either that fills them in.
 */
#ifndef KD_LOAD_PURGATORY_PARAMS_H
#define KD_LOAD_PURGATORY_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#define PURGATORY_REGIONS 16 /* no more segments are there */
#define PURGATORY_NAME 16
#define PURGATORY_MAGIC 0x6770646bu /* "kdpg" */

enum purgatory_entry {
	PURGATORY_ENTER_32, /* protected mode, paging off (boot.rst, "32-bit boot protocol") */
	PURGATORY_ENTER_64, /* long mode, memory mapped one to one ("64-bit boot protocol") */
};

enum purgatory_on_error { PURGATORY_REBOOT, PURGATORY_CONTINUE, PURGATORY_HALT };

struct purgatory_region {
	uint64_t addr, len; /* bytes */
	uint8_t digest[32]; /* SHA-256 */
	char name[PURGATORY_NAME];
};

struct purgatory_params {
	uint64_t entry; /* of the second kernel */
	uint64_t boot_params;
	uint64_t backup_from, backup_to, backup_len; /* len 0: nothing is copied */
	uint32_t enter;		/* enum purgatory_entry */
	uint32_t on_error;	/* enum purgatory_on_error */
	uint32_t serial;	/* port of an 8250 or later; 0: silent */
	uint32_t serial_divisor; /* of 115200 baud; 0: the speed stays as it is */
	uint32_t nregions, unused;
	struct purgatory_region regions[PURGATORY_REGIONS];
};

_Static_assert(sizeof(struct purgatory_region) == 64, "one layout for both architectures");
_Static_assert(sizeof(struct purgatory_params) == 64 + PURGATORY_REGIONS * 64,
	       "one layout for both architectures");

/* The first bytes of a purgatory's image; offsets in it. */
struct purgatory_head {
	uint32_t magic;
	uint32_t entry;
	uint32_t params;
	uint32_t memsz; /* bytes in memory, stack included: more than the image has */
};

#endif
