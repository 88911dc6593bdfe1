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
#include <inttypes.h>
#include <string.h>

#include "core/decompress.h"
#include "core/diskdump_priv.h"
#include "core/formats.h"
#include "core/notes.h"
#include "core/page_cache.h"

/* 16 MB with pages of 4 KB: page tables and the stacks of hundreds of tasks. */
#define CACHE_PAGES 4096

static int diskdump_probe(const uint8_t *head, size_t len)
{
	size_t n = sizeof(DISKDUMP_SIGNATURE) - 1;

	return len >= n && !memcmp(head, DISKDUMP_SIGNATURE, n);
}

/* Opening: parts -------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct diskdump_part *x = a, *y = b;

	/* makedumpfile makes parts without pages: these come before what begins at the same place */
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* Do two files describe the same crash of the same machine? */
/* N bytes at AT of A and at OFF of B; what cannot be read tells nothing. */
static bool same_bytes(const struct source *a, uint64_t at, const struct source *b, uint64_t off,
		       uint64_t n)
{
	uint8_t p[256], q[256];

	while (n) {
		size_t len = (size_t)kd_min(n, sizeof(p));

		if (source_read(a, at, p, len) < len || source_read(b, off, q, len) < len)
			return true;
		if (memcmp(p, q, len))
			return false;
		n -= len;
		at += len;
		off += len;
	}
	return true;
}

static bool same_dump(const struct source *a, const struct diskdump_header *x,
		      const struct source *b, const struct diskdump_header *y)
{
	if (x->version != y->version || x->block_size != y->block_size || x->bits != y->bits ||
	    x->max_mapnr != y->max_mapnr || x->desc_off != y->desc_off ||
	    memcmp(x->utsname, y->utsname, sizeof(x->utsname)) ||
	    x->vmcoreinfo.size != y->vmcoreinfo.size)
		return false;
	/* The kernel writes the time of the crash into VMCOREINFO. */
	return same_bytes(a, x->vmcoreinfo.off, b, y->vmcoreinfo.off, x->vmcoreinfo.size);
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
	dd->parts[dd->nparts++] =
		(struct diskdump_part){ .src = src,
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
	.slow = true,
};
