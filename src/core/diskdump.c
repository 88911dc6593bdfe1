// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kdump-compressed files, whole or split into parts: makedumpfile's diskdump_mod.h; QEMU writes
 * them too. Behind the headers (diskdump_header.h) come two bitmaps of all pages, the first of
 * those that are RAM, the second of those that are in the dump; then a descriptor for each of the
 * latter, in order; then their data, anywhere.
 *
 * Each part of a split dump has both bitmaps whole, and descriptors of its own pages only.
 */
#include <elf.h>
#include <endian.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "core/bitmap.h"
#include "core/decompress.h"
#include "core/diskdump_header.h"
#include "core/formats.h"
#include "core/notes.h"
#include "core/page_cache.h"

/* 16 MB with pages of 4 KB: page tables and the stacks of hundreds of tasks. */
#define CACHE_PAGES 4096

/* struct page_desc, the same for all producers: offset, size, flags, page_flags */
#define DESC_LEN 24

struct desc {
	uint64_t off;
	uint32_t size, flags;
};

/* A file, with the pages [start, end). */
struct part {
	struct source *src;
	pfn_t start, end;
	_Atomic uint64_t zeros; /* where the data that all pages of zeros share is; 0: not seen */
};

struct diskdump {
	struct diskdump_header h; /* the first file's; the others say the same */
	unsigned shift;		  /* of a page */
	struct part *parts;	  /* sorted, disjoint */
	size_t nparts;
	struct bitmap ram;    /* the first bitmap */
	struct bitmap stored; /* the second */
	struct rank *rank;    /* of the second */
	struct decompressor *decompressor;
	struct page_cache *cache;
};

static int diskdump_probe(const uint8_t *head, size_t len)
{
	size_t n = sizeof(DISKDUMP_SIGNATURE) - 1;

	return len >= n && !memcmp(head, DISKDUMP_SIGNATURE, n);
}

/* Opening: parts -------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Do two files describe the same crash of the same machine? */
static bool same_dump(const struct source *a, const struct diskdump_header *x,
		      const struct source *b, const struct diskdump_header *y)
{
	const void *p, *q;

	if (x->version != y->version || x->block_size != y->block_size || x->bits != y->bits ||
	    x->max_mapnr != y->max_mapnr || x->desc_off != y->desc_off ||
	    memcmp(x->utsname, y->utsname, sizeof(x->utsname)) ||
	    x->vmcoreinfo.size != y->vmcoreinfo.size)
		return false;
	/* The kernel writes the time of the crash into VMCOREINFO. */
	p = source_peek(a, x->vmcoreinfo.off, x->vmcoreinfo.size);
	q = source_peek(b, y->vmcoreinfo.off, y->vmcoreinfo.size);
	return !p || !q || !memcmp(p, q, x->vmcoreinfo.size);
}

static int add_part(struct dump *d, struct source *src, struct kd_err *err)
{
	struct diskdump *dd = d->priv;
	struct diskdump_header h;
	int status = diskdump_header_read(src, &h, err);

	if (status)
		return status;
	if (d->nfiles > 1 && !h.split)
		return kd_fail(err, KD_MISMATCH, "a whole dump, not a part of a split one");
	if (!dd->nparts)
		dd->h = h;
	else if (!same_dump(d->files[0], &dd->h, src, &h))
		return kd_fail(err, KD_MISMATCH, "not a part of the same dump as %s", d->path);
	d->incomplete |= (h.status & DISKDUMP_INCOMPLETE) != 0;
	dd->parts[dd->nparts++] = (struct part){ .src = src,
						 .start = h.split ? h.start_pfn : 0,
						 .end = h.split ? h.end_pfn : h.max_mapnr };
	return 0;
}

/* Name the pages whose files were not given. */
static void note_gap(struct dump *d, pfn_t start, pfn_t end)
{
	if (start < end)
		dump_remark(d,
			    "the part of this split dump with pages 0x%" PRIx64 " to 0x%" PRIx64
			    " was not given",
			    start, end - 1);
}

static int settle_parts(struct dump *d, struct kd_err *err)
{
	struct diskdump *dd = d->priv;
	pfn_t at = 0;

	qsort(dd->parts, dd->nparts, sizeof(*dd->parts), by_start);
	for (size_t i = 0; i < dd->nparts; i++) {
		if (dd->parts[i].start < at)
			return kd_fail(err, KD_MISMATCH, "%s: has the same pages as %s",
				       dd->parts[i].src->path, dd->parts[i - 1].src->path);
		note_gap(d, at, dd->parts[i].start);
		at = dd->parts[i].end;
	}
	note_gap(d, at, dd->h.max_mapnr);
	return 0;
}

static int open_parts(struct dump *d, struct kd_err *err)
{
	struct diskdump *dd = d->priv;

	dd->parts = calloc(d->nfiles, sizeof(*dd->parts));
	if (!dd->parts)
		return kd_nomem(err);
	for (size_t i = 0; i < d->nfiles; i++) {
		int status = add_part(d, d->files[i], err);

		if (status)
			return d->nfiles > 1 ? kd_context(err, status, "%s", d->files[i]->path)
					     : status;
	}
	return settle_parts(d, err);
}

/* Opening: the rest ----------------------------------------------------------- */

static int open_bitmaps(struct dump *d, struct kd_err *err)
{
	struct diskdump *dd = d->priv;
	const struct diskdump_header *h = &dd->h;
	uint64_t len = (h->max_mapnr + 7) / 8, held;

	dd->ram = (struct bitmap){ d->files[0], h->bitmap_off, h->max_mapnr };
	dd->stored = (struct bitmap){ d->files[0], h->bitmap_off + h->bitmap_len, h->max_mapnr };
	held = source_held(d->files[0], dd->stored.off, len);
	if (!held)
		return kd_fail(err, KD_CORRUPT,
			       "truncated: the file ends at %" PRIu64
			       " bytes, inside its list of pages",
			       d->files[0]->size);
	if (held < len)
		dump_remark(d, "truncated inside its list of pages");
	return rank_new(&dd->stored, &dd->rank, err);
}

static int open_notes(struct dump *d, struct kd_err *err)
{
	const struct diskdump_header *h = &((struct diskdump *)d->priv)->h;
	struct source *s = d->files[0];
	const void *p;
	int status = 0;

	if (h->vmcoreinfo.size) {
		p = source_borrow(s, h->vmcoreinfo.off, h->vmcoreinfo.size);
		if (p)
			status = vmcoreinfo_parse(p, h->vmcoreinfo.size, &d->vmcoreinfo, err);
	}
	if (!status && h->notes.size) {
		p = source_borrow(s, h->notes.off, h->notes.size);
		if (p)
			status = notes_add(d, p, h->notes.size, err);
	}
	return status ? status : dump_take_vmcoreinfo(d, err);
}

/*
 * The first header's word for the machine is QEMU's for itself: x86_64 also when the guest's kernel
 * is an i386 one. What VMCOREINFO says is the kernel's own, and its addresses fit 32 bits or not.
 */
static uint16_t find_machine(const struct dump *d)
{
	const struct diskdump *dd = d->priv;
	uint16_t machine = diskdump_header_machine(&dd->h);
	uint64_t text;

	if (machine == EM_X86_64 && d->vmcoreinfo &&
	    vmcoreinfo_number(d->vmcoreinfo, "SYMBOL", "_stext", &text) && text <= UINT32_MAX)
		return EM_386;
	return machine;
}

static void describe(struct dump *d)
{
	const struct diskdump *dd = d->priv;
	const char *compressor = page_compression_name(
		dd->h.status & (PAGE_ZLIB | PAGE_LZO | PAGE_SNAPPY | PAGE_ZSTD));
	size_t n;

	snprintf(d->format, sizeof(d->format), "kdump-compressed v%u (%s), %s", dd->h.version,
		 dd->h.layout, compressor ? compressor : "several compressors");
	n = strlen(d->format);
	if (d->nfiles > 1)
		snprintf(d->format + n, sizeof(d->format) - n, ", in %zu parts", d->nfiles);
	d->machine = find_machine(d);
	d->dump_level = dd->h.dump_level < 64 ? (int)dd->h.dump_level : -1;
	d->has_phys_base = true;
	d->phys_base = dd->h.phys_base;
	if (dd->h.status & DISKDUMP_EXCLUDED_VMEMMAP)
		dump_remark(d, "struct pages of excluded memory were left out as well");
}

static int diskdump_open(struct dump *d, struct kd_err *err)
{
	struct diskdump *dd = calloc(1, sizeof(*dd));
	int status;

	if (!dd)
		return kd_nomem(err);
	d->priv = dd;
	status = open_parts(d, err);
	if (status)
		return status;
	dd->shift = (unsigned)__builtin_ctz(dd->h.block_size);
	status = open_bitmaps(d, err);
	if (!status)
		status = page_cache_new(dd->h.block_size, CACHE_PAGES, &dd->cache, err);
	if (!status)
		status = decompressor_new(&dd->decompressor, err);
	if (!status)
		status = open_notes(d, err);
	if (status)
		return status;
	describe(d);
	return 0;
}

static void diskdump_close(struct dump *d)
{
	struct diskdump *dd = d->priv;

	if (!dd)
		return;
	page_cache_free(dd->cache);
	decompressor_free(dd->decompressor);
	rank_free(dd->rank);
	free(dd->parts);
	free(dd);
}

/* Pages ----------------------------------------------------------------------- */

static struct part *find_part(const struct diskdump *dd, pfn_t pfn)
{
	for (size_t i = 0; i < dd->nparts; i++)
		if (pfn >= dd->parts[i].start && pfn < dd->parts[i].end)
			return &dd->parts[i];
	return NULL;
}

static void load_desc(const uint8_t *p, struct desc *out)
{
	uint64_t off;
	uint32_t words[2];

	memcpy(&off, p, sizeof(off));
	memcpy(words, p + 8, sizeof(words));
	*out = (struct desc){ le64toh(off), le32toh(words[0]), le32toh(words[1]) };
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

/* Where the descriptor of a page is. A page's status, or that of the directory. */
static int find_desc(const struct diskdump *dd, pfn_t pfn, struct part **part, uint64_t *index,
		     struct kd_err *err)
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

/* Read a descriptor and see whether its data may be there. */
static int read_desc(const struct diskdump *dd, pfn_t pfn, const struct part *part, uint64_t index,
		     struct desc *desc, struct kd_err *err)
{
	uint8_t buf[DESC_LEN];

	/* no overflow: both are far below 2^62, by what the header may say */
	if (source_read(part->src, dd->h.desc_off + index * DESC_LEN, buf, DESC_LEN) < DESC_LEN)
		return kd_fail(err, KD_LOST,
			       "page %#" PRIx64 " is lost: the file %s ends before its descriptor",
			       pfn, part->src->path);
	load_desc(buf, desc);
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

/* Decompress a whole page into OUT. */
static int load_page(const struct diskdump *dd, pfn_t pfn, const struct part *part,
		     const struct desc *desc, uint8_t *out, struct kd_err *err)
{
	/* once it is decompressed it is not needed again: no use to map it */
	_cleanup_(freep) void *in = malloc(desc->size);
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

/*
 * A page that the cache does not have: LEN bytes at OFF of it into BUF, and if it was compressed
 * all of it in *page, owned by the caller.
 */
static int fetch(const struct diskdump *dd, pfn_t pfn, size_t off, void *buf, size_t *len,
		 uint8_t **page, struct kd_err *err)
{
	struct part *part = NULL;
	struct desc desc = { 0 };
	uint64_t index = 0;
	int status = find_desc(dd, pfn, &part, &index, err);

	if (status || !part)
		return status;
	status = read_desc(dd, pfn, part, index, &desc, err);
	if (status)
		return status;
	/* what lies plainly in the file is not worth a place in the cache */
	if (desc.flags == PAGE_RAW && desc.size == dd->h.block_size) {
		*len = source_read(part->src, desc.off + off, buf, *len);
		return 0;
	}
	*page = malloc(dd->h.block_size);
	if (!*page)
		return kd_nomem(err);
	status = load_page(dd, pfn, part, &desc, *page, err);
	if (status) {
		free(*page);
		*page = NULL;
		return status;
	}
	memcpy(buf, *page + off, *len);
	return 0;
}

static int diskdump_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
			 struct kd_err *err)
{
	const struct diskdump *dd = d->priv;
	pfn_t pfn = pa >> dd->shift;
	size_t off = pa & (dd->h.block_size - 1);
	uint8_t *page = NULL;
	int status = 0;

	*done = 0;
	len = kd_min(len, dd->h.block_size - off);
	if (!page_cache_read(dd->cache, pfn, off, buf, len)) {
		status = fetch(dd, pfn, off, buf, &len, &page, err);
		page_cache_give(dd->cache, pfn, page);
	}
	if (!status)
		*done = len;
	return status;
}

/* Ranges and totals ----------------------------------------------------------- */

static bool diskdump_next_range(const struct dump *d, paddr_t from, struct dump_range *out)
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
static bool is_zero_page(const struct diskdump *dd, pfn_t pfn, struct desc *last)
{
	_cleanup_(freep) uint8_t *page = NULL;
	struct part *part = NULL;
	struct desc desc = { 0 };
	uint64_t index = 0, off;
	bool shared;

	if (find_desc(dd, pfn, &part, &index, NULL) || !part ||
	    read_desc(dd, pfn, part, index, &desc, NULL))
		return false;
	off = atomic_load_explicit(&part->zeros, memory_order_relaxed);
	shared = desc.off == last->off && desc.size == last->size;
	*last = desc;
	if (off)
		return off == desc.off;
	if (!shared)
		return false;
	page = malloc(dd->h.block_size);
	if (!page || load_page(dd, pfn, part, &desc, page, NULL) ||
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

static bool diskdump_next_held(const struct dump *d, paddr_t from, struct dump_range *out)
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

static bool diskdump_next_data(const struct dump *d, paddr_t from, struct dump_range *out)
{
	const struct diskdump *dd = d->priv;
	struct desc last = { 0 };
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
static size_t lost_among(const struct part *part, const uint8_t *p, size_t n)
{
	size_t lost = 0;

	for (size_t i = 0; i < n; i++) {
		struct desc desc;

		load_desc(p + i * DESC_LEN, &desc);
		lost += !desc.off || source_held(part->src, desc.off, desc.size) < desc.size;
	}
	return lost;
}

/* Of N descriptors at OFF, how many lie in a hole of the file: pages that were never written. */
static uint64_t descs_in_hole(const struct part *part, uint64_t off, uint64_t n)
{
	uint64_t at, len;

	return source_next_data(part->src, off, &at, &len) ? kd_min((at - off) / DESC_LEN, n) : n;
}

/* How many of a part's N pages have no data in it. */
static uint64_t count_lost(const struct diskdump *dd, const struct part *part, uint64_t n)
{
	uint8_t buf[DESC_LEN * DESCS];
	uint64_t off = dd->h.desc_off, lost = 0;

	while (n) {
		size_t want = (size_t)kd_min(n, DESCS);
		size_t got = source_read(part->src, off, buf, want * DESC_LEN) / DESC_LEN;
		uint64_t here = want - got + lost_among(part, buf, got);

		lost += here;
		n -= want;
		off += want * DESC_LEN;
		if (here < want)
			continue;
		/* where one is missing many may be: what the file does not hold is not read */
		here = descs_in_hole(part, off, n);
		lost += here;
		n -= here;
		off += here * DESC_LEN;
	}
	return lost;
}

static void diskdump_count(const struct dump *d, struct dump_totals *t)
{
	const struct diskdump *dd = d->priv;
	uint64_t ram = bitmap_count(&dd->ram), all = 0, first = 0, last = 0, lost = 0, given = 0;
	bool set;

	/* without the whole list of pages, what can be counted is what can be reached */
	if (rank_find(dd->rank, dd->h.max_mapnr, &set, &all, NULL))
		all = bitmap_count(&dd->stored);
	for (size_t i = 0; i < dd->nparts; i++) {
		const struct part *part = &dd->parts[i];

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

const struct dump_ops dump_diskdump_ops = {
	.name = "kdump-compressed dump",
	.probe = diskdump_probe,
	.open = diskdump_open,
	.read = diskdump_read,
	.next_range = diskdump_next_range,
	.next_data = diskdump_next_data,
	.next_held = diskdump_next_held,
	.count = diskdump_count,
	.close = diskdump_close,
	.sets = true,
};
