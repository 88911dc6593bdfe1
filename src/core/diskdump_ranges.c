// SPDX-License-Identifier: GPL-3.0-or-later
/* Which memory a kdump-compressed file holds, and how much of it: see diskdump.c. */
#include <stdatomic.h>
#include <string.h>

#include "core/diskdump_priv.h"

bool diskdump_next_range(const struct dump *d, paddr_t from, struct dump_range *out)
{
	const struct diskdump *dd = d->priv;
	pfn_t start = bitmap_next(&dd->ram, from >> dd->shift, true);

	if (start >= dd->h.max_mapnr)
		return false;
	out->start = start << dd->shift;
	if (out->start < from)
		out->start = from;
	out->end = bitmap_next(&dd->ram, start, false) << dd->shift;
	return true;
}

static bool is_zero(const uint8_t *p, size_t len)
{
	return len && !*p && !memcmp(p, p + 1, len - 1);
}

/*
 * Is a stored page one of zeros? Producers write such a page once, and let the descriptors of all
 * others point there: two pages with the same data are looked at, one by one they are not.
 */
static bool is_zero_page(const struct diskdump *dd, pfn_t pfn, struct diskdump_desc *last)
{
	_cleanup_(freep) uint8_t *page = NULL;
	struct diskdump_part *part = NULL;
	struct diskdump_desc desc = { 0 };
	uint64_t index = 0, off;
	bool shared;

	if (diskdump_find_desc(dd, pfn, &part, &index, NULL) || !part ||
	    diskdump_read_desc(dd, pfn, part, index, &desc, NULL))
		return false;
	off = atomic_load_explicit(&part->zeros, memory_order_relaxed);
	shared = desc.off == last->off && desc.size == last->size;
	*last = desc;
	if (off)
		return off == desc.off;
	if (!shared)
		return false;
	page = malloc(dd->h.block_size);
	if (!page || diskdump_load_page(dd, pfn, part, &desc, page, NULL) ||
	    !is_zero(page, dd->h.block_size))
		return false;
	atomic_store_explicit(&part->zeros, desc.off, memory_order_relaxed);
	return true;
}

/*
 * Pages of one run, and those of zeros passed over: whoever looks through memory wants to come up
 * for air. A page of zeros more does no harm.
 */
#define DATA_RUN 4096
#define ZEROS_RUN 262144

bool diskdump_next_held(const struct dump *d, paddr_t from, struct dump_range *out)
{
	const struct diskdump *dd = d->priv;
	pfn_t start = bitmap_next(&dd->stored, from >> dd->shift, true);

	if (start >= dd->h.max_mapnr)
		return false;
	out->start = start << dd->shift;
	if (out->start < from)
		out->start = from;
	out->end = kd_min(bitmap_next(&dd->stored, start, false), dd->h.max_mapnr) << dd->shift;
	return true;
}

bool diskdump_next_data(const struct dump *d, paddr_t from, struct dump_range *out)
{
	const struct diskdump *dd = d->priv;
	struct diskdump_desc last = { 0 };
	pfn_t pfn = bitmap_next(&dd->stored, from >> dd->shift, true), start, end;

	for (size_t n = 0; n < ZEROS_RUN && is_zero_page(dd, pfn, &last); n++)
		pfn = bitmap_next(&dd->stored, pfn + 1, true);
	if (pfn >= dd->h.max_mapnr)
		return false;
	start = pfn;
	end = bitmap_next(&dd->stored, start, false);
	if (end - start > DATA_RUN)
		end = start + DATA_RUN;
	while (++pfn < end && !is_zero_page(dd, pfn, &last))
		;
	out->start = start << dd->shift;
	if (out->start < from)
		out->start = from;
	out->end = pfn << dd->shift;
	return true;
}

/* Descriptors that are looked at together. */
#define DESCS 512

/* How many of the N at P lead to no data. */
static size_t lost_among(const struct diskdump_part *part, const uint8_t *p, size_t n)
{
	size_t lost = 0;

	for (size_t i = 0; i < n; i++) {
		struct diskdump_desc desc;

		diskdump_load_desc(p + i * DISKDUMP_DESC_LEN, &desc);
		lost += !desc.off || source_held(part->src, desc.off, desc.size) < desc.size;
	}
	return lost;
}

/* Of N descriptors at OFF, how many lie in a hole of the file: pages that were never written. */
static uint64_t descs_in_hole(const struct diskdump_part *part, uint64_t off, uint64_t n)
{
	uint64_t at, len;

	return source_next_data(part->src, off, &at, &len)
		       ? kd_min((at - off) / DISKDUMP_DESC_LEN, n)
		       : n;
}

/* How many of a part's N pages have no data in it. */
static uint64_t count_lost(const struct diskdump *dd, const struct diskdump_part *part, uint64_t n)
{
	uint8_t buf[DISKDUMP_DESC_LEN * DESCS];
	uint64_t off = dd->h.desc_off, lost = 0;

	while (n) {
		size_t want = (size_t)kd_min(n, DESCS);
		size_t got = source_read(part->src, off, buf, want * DISKDUMP_DESC_LEN) /
			     DISKDUMP_DESC_LEN;
		uint64_t here = want - got + lost_among(part, buf, got);

		lost += here;
		n -= want;
		off += want * DISKDUMP_DESC_LEN;
		if (here < want)
			continue;
		/* where one is missing many may be: what the file does not hold is not read */
		here = descs_in_hole(part, off, n);
		lost += here;
		n -= here;
		off += here * DISKDUMP_DESC_LEN;
	}
	return lost;
}

void diskdump_count(const struct dump *d, struct dump_totals *t)
{
	const struct diskdump *dd = d->priv;
	uint64_t ram = bitmap_count(&dd->ram), all = 0, first = 0, last = 0, lost = 0, given = 0;
	bool set;

	/* without the whole list of pages, what can be counted is what can be reached */
	if (rank_find(dd->rank, dd->h.max_mapnr, &set, &all, NULL))
		all = bitmap_count(&dd->stored);
	for (size_t i = 0; i < dd->nparts; i++) {
		const struct diskdump_part *part = &dd->parts[i];

		if (rank_find(dd->rank, part->start, &set, &first, NULL) ||
		    rank_find(dd->rank, part->end, &set, &last, NULL))
			continue;
		lost += count_lost(dd, part, last - first);
		given += last - first;
	}
	t->ram = ram << dd->shift;
	t->excluded = ram > all ? (ram - all) << dd->shift : 0;
	t->lost = (lost + (all - given)) << dd->shift;
}
