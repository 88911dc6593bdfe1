/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that read kdump-compressed dumps share: see diskdump.c. */
#ifndef KD_CORE_DISKDUMP_PRIV_H
#define KD_CORE_DISKDUMP_PRIV_H

#include "core/bitmap.h"
#include "core/diskdump_header.h"
#include "core/dump.h"

/* struct page_desc, the same for all producers: offset, size, flags, page_flags */
#define DISKDUMP_DESC_LEN 24

struct diskdump_desc {
	uint64_t off;
	uint32_t size, flags;
};

/* A file, with the pages [start, end). */
struct diskdump_part {
	struct source *src;
	pfn_t start, end;
	_Atomic uint64_t zeros; /* where the data that all pages of zeros share is; 0: not seen */
};

struct diskdump {
	struct diskdump_header h;    /* the first file's; the others say the same */
	unsigned shift;		     /* of a page */
	struct diskdump_part *parts; /* sorted, disjoint */
	size_t nparts;
	struct bitmap ram;    /* the first bitmap */
	struct bitmap stored; /* the second */
	struct rank *rank;    /* of the second */
	struct decompressor *decompressor;
	struct page_cache *cache;
};

/* A descriptor of DISKDUMP_DESC_LEN bytes. */
void diskdump_load_desc(const uint8_t *p, struct diskdump_desc *out);

/* Where the descriptor of a page is. A page's status, or that of the directory. */
int diskdump_find_desc(const struct diskdump *dd, pfn_t pfn, struct diskdump_part **part,
		       uint64_t *index, struct kd_err *err);

/* Read a descriptor and see whether its data may be there. */
int diskdump_read_desc(const struct diskdump *dd, pfn_t pfn, const struct diskdump_part *part,
		       uint64_t index, struct diskdump_desc *desc, struct kd_err *err);

/* Decompress a whole page into OUT. */
int diskdump_load_page(const struct diskdump *dd, pfn_t pfn, const struct diskdump_part *part,
		       const struct diskdump_desc *desc, uint8_t *out, struct kd_err *err);

/* Hooks of struct dump_ops. */
int diskdump_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		  struct kd_err *err);
bool diskdump_next_range(const struct dump *d, paddr_t from, struct dump_range *out);
bool diskdump_next_data(const struct dump *d, paddr_t from, struct dump_range *out);
bool diskdump_next_held(const struct dump *d, paddr_t from, struct dump_range *out);
void diskdump_count(const struct dump *d, struct dump_totals *t);

#endif
