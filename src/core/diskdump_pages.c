// SPDX-License-Identifier: GPL-3.0-or-later
/* Pages of kdump-compressed files: their descriptors and data; see diskdump.c. */
#include <endian.h>
#include <inttypes.h>
#include <string.h>

#include "core/decompress.h"
#include "core/diskdump_priv.h"
#include "core/page_cache.h"

/* Who reads as many at once keeps them, or has seen enough of them. */
#define PASSING_MIN 8
/* Bytes of the pages of nearly all machines. */
#define PAGE_USUAL 4096

static struct diskdump_part *find_part(const struct diskdump *dd, pfn_t pfn)
{
	for (size_t i = 0; i < dd->nparts; i++)
		if (pfn >= dd->parts[i].start && pfn < dd->parts[i].end)
			return &dd->parts[i];
	return NULL;
}

void diskdump_load_desc(const uint8_t *p, struct diskdump_desc *out)
{
	uint64_t off;
	uint32_t words[2];

	memcpy(&off, p, sizeof(off));
	memcpy(words, p + 8, sizeof(words));
	*out = (struct diskdump_desc){ le64toh(off), le32toh(words[0]), le32toh(words[1]) };
}

/* A page that is not among those of the dump: of which kind? */
static int not_stored(const struct diskdump *dd, pfn_t pfn, struct kd_err *err)
{
	bool held;

	if (bitmap_test(&dd->ram, pfn, &held))
		return kd_fail(err, KD_NODATA,
			       "page %#" PRIx64
			       " was excluded from the dump by a filter (level %u)",
			       pfn, dd->h.dump_level);
	if (pfn < dd->h.max_mapnr && !held)
		return kd_fail(err, KD_LOST,
			       "page %#" PRIx64 " is lost: the dump's list of pages is cut off",
			       pfn);
	return kd_fail(err, KD_ABSENT,
		       "page %#" PRIx64 " is no memory of this machine (not in the dump's list)",
		       pfn);
}

int diskdump_find_desc(const struct diskdump *dd, pfn_t pfn, struct diskdump_part **part,
		       uint64_t *index, struct kd_err *err)
{
	uint64_t before, skipped = 0;
	bool set, ignored;
	int status;

	if (pfn >= dd->h.max_mapnr)
		return not_stored(dd, pfn, err);
	status = rank_find(dd->rank, pfn, &set, &before, err);
	if (status)
		return kd_context(err, status, "page %#" PRIx64, pfn);
	if (!set)
		return not_stored(dd, pfn, err);
	*part = find_part(dd, pfn);
	if (!*part)
		return kd_fail(err, KD_LOST,
			       "page %#" PRIx64 " is lost: it is in a part of this split dump that "
			       "was not given",
			       pfn);
	if ((*part)->start)
		status = rank_find(dd->rank, (*part)->start, &ignored, &skipped, err);
	*index = before - skipped;
	return status;
}

int diskdump_read_desc(const struct diskdump *dd, pfn_t pfn, const struct diskdump_part *part,
		       uint64_t index, struct diskdump_desc *desc, struct kd_err *err)
{
	uint8_t buf[DISKDUMP_DESC_LEN];

	/* no overflow: both are far below 2^62, by what the header may say */
	if (source_read(part->src, dd->h.desc_off + index * DISKDUMP_DESC_LEN, buf,
			DISKDUMP_DESC_LEN) < DISKDUMP_DESC_LEN)
		return kd_fail(err, KD_LOST,
			       "page %#" PRIx64 " is lost: the file %s ends before its descriptor",
			       pfn, part->src->path);
	diskdump_load_desc(buf, desc);
	if (!desc->off)
		return kd_fail(err, KD_LOST,
			       "page %#" PRIx64 " is lost: its producer could not "
			       "write it (the dump is incomplete)",
			       pfn);
	if (!desc->size || desc->size > dd->h.block_size)
		return kd_fail(err, KD_CORRUPT,
			       "page %#" PRIx64 " is corrupt: its descriptor says %u "
			       "bytes, of at most %u",
			       pfn, desc->size, dd->h.block_size);
	if (source_held(part->src, desc->off, desc->size) < desc->size)
		return kd_fail(err, KD_LOST, "page %#" PRIx64 " is lost: the file %s is truncated",
			       pfn, part->src->path);
	return 0;
}

int diskdump_load_page(const struct diskdump *dd, pfn_t pfn, const struct diskdump_part *part,
		       const struct diskdump_desc *desc, uint8_t *out, struct kd_err *err)
{
	/* once it is decompressed it is not needed again: no use to map it */
	uint8_t near[PAGE_USUAL];
	_cleanup_(freep) void *far = desc->size > sizeof(near) ? malloc(desc->size) : NULL;
	void *in = desc->size > sizeof(near) ? far : near;
	int status;

	if (!in)
		return kd_nomem(err);
	source_read(part->src, desc->off, in, desc->size);
	status = decompress_page(dd->decompressor, desc->flags, in, desc->size, out,
				 dd->h.block_size, err);
	if (!status)
		return 0;
	return kd_context(err, status, "page %#" PRIx64 " is %s", pfn,
			  status == KD_CORRUPT ? "corrupt" : "unreadable");
}

/* Of one page: LEN bytes at OFF of it are wanted in BUF. */
struct wish {
	pfn_t pfn;
	size_t off, len;
	uint8_t *buf;
	bool passing; /* the whole page, among many: not worth a place in the cache */
};

/* A page that the cache does not have. *page: what the cache is to have of it; NULL: nothing. */
static int fetch(const struct diskdump *dd, const struct wish *w, uint8_t **page,
		 struct kd_err *err)
{
	struct diskdump_part *part = NULL;
	struct diskdump_desc desc = { 0 };
	uint64_t index = 0;
	int status = diskdump_find_desc(dd, w->pfn, &part, &index, err);

	if (status || !part)
		return status;
	status = diskdump_read_desc(dd, w->pfn, part, index, &desc, err);
	if (status)
		return status;
	/* what lies plainly in the file is there already; diskdump_read_desc() saw that it is whole
	 */
	if (desc.flags == PAGE_RAW && desc.size == dd->h.block_size) {
		source_read(part->src, desc.off + w->off, w->buf, w->len);
		return 0;
	}
	if (w->passing)
		return diskdump_load_page(dd, w->pfn, part, &desc, w->buf, err);
	*page = malloc(dd->h.block_size);
	if (!*page)
		return kd_nomem(err);
	status = diskdump_load_page(dd, w->pfn, part, &desc, *page, err);
	if (status) {
		free(*page);
		*page = NULL;
		return status;
	}
	memcpy(w->buf, *page + w->off, w->len);
	return 0;
}

int diskdump_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		  struct kd_err *err)
{
	const struct diskdump *dd = d->priv;
	struct wish w = { .pfn = pa >> dd->shift, .off = pa & (dd->h.block_size - 1), .buf = buf };
	uint8_t *page = NULL;
	int status = 0;

	*done = 0;
	w.len = kd_min(len, dd->h.block_size - w.off);
	w.passing = !w.off && len >= PASSING_MIN * (size_t)dd->h.block_size;
	if (!page_cache_read(dd->cache, w.pfn, w.off, buf, w.len)) {
		status = fetch(dd, &w, &page, err);
		page_cache_give(dd->cache, w.pfn, page);
	}
	if (!status)
		*done = w.len;
	return status;
}
