/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two headers of a kdump-compressed file (makedumpfile's diskdump_mod.h), which are the
 * producer's C structs: how they are laid out depends on the word size and the alignment of the
 * machine that wrote them, and is found out by what makes sense.
 */
#ifndef KD_CORE_DISKDUMP_HEADER_H
#define KD_CORE_DISKDUMP_HEADER_H

#include "core/source.h"

#define DISKDUMP_SIGNATURE "KDUMP   "

/* disk_dump_header.status, besides the compressor (decompress.h) */
#define DISKDUMP_INCOMPLETE 0x8
#define DISKDUMP_EXCLUDED_VMEMMAP 0x10

struct diskdump_area {
	uint64_t off, size; /* in the file, bytes; size 0: there is none */
};

struct diskdump_header {
	unsigned version;    /* 1 to 6 */
	unsigned bits;	     /* of the producer's words: 32 or 64 */
	const char *layout;  /* for people */
	char utsname[6][66]; /* sysname, nodename, release, version, machine, domainname */
	uint32_t status;
	uint32_t block_size; /* of a page too, bytes; a power of two */
	uint64_t max_mapnr;  /* pages are below; as many as the bitmaps have room for, at most */
	uint64_t phys_base;
	uint32_t dump_level; /* what the filter left out */
	bool split;	     /* only pages [start_pfn, end_pfn) are in this file */
	uint64_t start_pfn, end_pfn;
	struct diskdump_area vmcoreinfo, notes;
	uint64_t bitmap_off, bitmap_len; /* of the first bitmap; the second follows */
	uint64_t desc_off;
};

/* KD_CORRUPT (the sentence says what makes no sense), KD_UNSUPPORTED (big endian, version). */
int diskdump_header_read(const struct source *s, struct diskdump_header *h, struct kd_err *err);

/* The ELF machine that the headers name; 0: not known. */
uint16_t diskdump_header_machine(const struct diskdump_header *h);

#endif
