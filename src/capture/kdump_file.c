// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing kdump-compressed files: see kdump_file.h. */
#include "capture/kdump_file.h"

#include <elf.h>
#include <string.h>

#include "capture/note_area.h"
#include "core/decompress.h"
#include "core/diskdump_header.h"

#define VERSION 6
#define DESC_LEN 24
#define DESCS_MAX 1024 /* written at once */

/* Places in the two headers, as the producer's C structs have them. */
struct layout {
	uint16_t utsname, timestamp, status, block_size, sub_hdr, bitmap_blocks, max_mapnr;
	uint16_t nr_cpus, header_len;
	uint16_t phys_base, dump_level, split, start_pfn, end_pfn, vmcoreinfo, vmcoreinfo_size;
	uint16_t note, note_size, start_pfn_64, end_pfn_64, max_mapnr_64, sub_len;
	uint8_t word;
};

static const struct layout layout64 = {
	.utsname = 12, .timestamp = 408, .status = 424, .block_size = 428, .sub_hdr = 432,
	.bitmap_blocks = 436, .max_mapnr = 440, .nr_cpus = 460, .header_len = 464,
	.phys_base = 0, .dump_level = 8, .split = 12, .start_pfn = 16, .end_pfn = 24,
	.vmcoreinfo = 32, .vmcoreinfo_size = 40, .note = 48, .note_size = 56,
	.start_pfn_64 = 80, .end_pfn_64 = 88, .max_mapnr_64 = 96, .sub_len = 104, .word = 8,
};

/* As gcc lays them out for i386. */
static const struct layout layout32 = {
	.utsname = 12, .timestamp = 404, .status = 412, .block_size = 416, .sub_hdr = 420,
	.bitmap_blocks = 424, .max_mapnr = 428, .nr_cpus = 448, .header_len = 452,
	.phys_base = 0, .dump_level = 4, .split = 8, .start_pfn = 12, .end_pfn = 16,
	.vmcoreinfo = 20, .vmcoreinfo_size = 28, .note = 32, .note_size = 40,
	.start_pfn_64 = 56, .end_pfn_64 = 64, .max_mapnr_64 = 72, .sub_len = 80, .word = 4,
};

static void put32(uint8_t *p, uint64_t v)
{
	uint32_t u = (uint32_t)v;

	memcpy(p, &u, 4);
}

static void put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, 8);
}

static void put_word(uint8_t *p, unsigned word, uint64_t v)
{
	if (word == 8)
		put64(p, v);
	else
		put32(p, v > UINT32_MAX ? UINT32_MAX : v);
}

/* Headers ------------------------------------------------------------------------------ */

/*
 * struct new_utsname out of the dump: readers tell the machine by it, and what else cannot
 * be read stays empty.
 */
static void put_utsname(uint8_t *p, const struct kdump_facts *facts)
{
	static const char *const machines[] = { "i686", "x86_64" };
	const struct vmcoreinfo *vi = facts->dump->vmcoreinfo;
	const char *release = vi ? vmcoreinfo_get(vi, "OSRELEASE") : NULL;
	uint64_t symbol, offset = 0;

	if (vi && facts->space && vmcoreinfo_number(vi, "SYMBOL", "init_uts_ns", &symbol) &&
	    vmcoreinfo_number(vi, "OFFSET", "uts_namespace.name", &offset))
		space_read(facts->space, symbol + offset, p, 6 * 65, NULL, NULL);
	for (unsigned i = 0; i < 6; i++)
		p[i * 65 + 64] = '\0';
	if (release)
		snprintf((char *)p + 2 * 65, 65, "%s", release);
	snprintf((char *)p, 65, "Linux");
	snprintf((char *)p + 4 * 65, 65, "%s", machines[facts->dump->machine == EM_X86_64]);
}

static void put_headers(struct kdump_file *f, const struct layout *l,
			const struct kdump_facts *facts, const struct note_area *n)
{
	uint8_t *h = f->head, *sub = f->head + f->page_size;
	uint64_t max32 = kd_min(facts->max_pfn, UINT32_MAX);
	uint64_t note_off = f->page_size + l->sub_len;

	memcpy(h, DISKDUMP_SIGNATURE, 8);
	put32(h + 8, VERSION);
	put_utsname(h + l->utsname, facts);
	/*
	 * A stream is incomplete without its end mark; and crash takes the first header it finds in
	 * it, not the last.
	 */
	put32(h + l->status, facts->status | (f->sink->flat ? 0 : DISKDUMP_INCOMPLETE));
	put32(h + l->block_size, f->page_size);
	put32(h + l->sub_hdr, (f->bitmap_off / f->page_size) - 1);
	put32(h + l->bitmap_blocks, 2 * f->bitmap_len / f->page_size);
	put32(h + l->max_mapnr, max32);
	put32(h + l->nr_cpus, n->cpus ? n->cpus : 1);
	put_word(sub + l->phys_base, l->word, facts->space ? facts->space->phys_base : 0);
	put32(sub + l->dump_level, facts->level);
	put32(sub + l->split, facts->split);
	put_word(sub + l->start_pfn, l->word, facts->split_start);
	put_word(sub + l->end_pfn, l->word, facts->split_end);
	if (n->info_len) {
		put64(sub + l->vmcoreinfo, note_off + n->info_off);
		put_word(sub + l->vmcoreinfo_size, l->word, n->info_len);
	}
	put64(sub + l->note, note_off);
	put_word(sub + l->note_size, l->word, n->len);
	put64(sub + l->start_pfn_64, facts->split_start);
	put64(sub + l->end_pfn_64, facts->split_end);
	put64(sub + l->max_mapnr_64, facts->max_pfn);
	if (n->len)
		memcpy(sub + l->sub_len, n->data, n->len);
}

static uint64_t round_up(uint64_t v, uint64_t unit)
{
	return (v + unit - 1) / unit * unit;
}

int kdump_file_begin(struct kdump_file *f, struct sink *s, const struct kdump_facts *facts,
		     struct kd_err *err)
{
	const struct layout *l = facts->dump->machine == EM_386 ? &layout32 : &layout64;
	struct note_area n;
	int ret = note_area_of_dump(&n, facts->dump, err);

	*f = (struct kdump_file){ .sink = s };
	if (ret) {
		note_area_fini(&n);
		return ret;
	}
	f->page_size = facts->space ? UINT64_C(1) << facts->space->arch->page_shift : 4096;
	f->bitmap_off = f->page_size + round_up(l->sub_len + n.len, f->page_size);
	f->bitmap_len = round_up((facts->max_pfn + 7) / 8, f->page_size);
	f->desc_off = f->bitmap_off + 2 * f->bitmap_len;
	f->data_off = f->desc_off;
	f->head_len = f->bitmap_off;
	f->status_off = l->status;
	f->head = calloc(1, f->head_len);
	if (f->head) {
		put_headers(f, l, facts, &n);
		ret = sink_write(s, 0, f->head, f->head_len, err);
	} else {
		ret = kd_nomem(err);
	}
	note_area_fini(&n);
	return ret;
}

void kdump_file_fini(struct kdump_file *f)
{
	free(f->head);
	f->head = NULL;
}

void kdump_file_count(struct kdump_file *f, uint64_t npages)
{
	f->data_off = f->desc_off + npages * DESC_LEN;
}

int kdump_file_bitmaps(struct kdump_file *f, uint64_t off, const void *ram, const void *held,
		       size_t len, struct kd_err *err)
{
	int ret = sink_write(f->sink, f->bitmap_off + off, ram, len, err);

	return ret ? ret : sink_write(f->sink, f->bitmap_off + f->bitmap_len + off, held, len, err);
}

/* Pages ------------------------------------------------------------------------------------ */

static int put_zero_page(struct kdump_file *f, struct kd_err *err)
{
	_cleanup_(freep) void *zeros = calloc(1, f->page_size);
	int ret;

	if (!zeros)
		return kd_nomem(err);
	ret = sink_write(f->sink, f->data_off, zeros, f->page_size, err);
	if (ret)
		return ret;
	f->zero_off = f->data_off;
	f->data_off += f->page_size;
	return 0;
}

/* Descriptors of N pages that follow each other; *at is where their data begins, then ends. */
static int put_descs(struct kdump_file *f, const struct kdump_page *pages, size_t n, uint64_t *at,
		     struct kd_err *err)
{
	uint8_t descs[DESCS_MAX * DESC_LEN] = { 0 };

	for (size_t i = 0; i < n; i++) {
		uint8_t *d = descs + i * DESC_LEN;

		if (pages[i].lost)
			continue;
		put64(d, pages[i].len ? *at : f->zero_off);
		put32(d + 8, pages[i].len ? pages[i].len : f->page_size);
		put32(d + 12, pages[i].len ? pages[i].flags : PAGE_RAW);
		*at += pages[i].len;
	}
	return sink_write(f->sink, f->desc_off + pages[0].index * DESC_LEN, descs, n * DESC_LEN,
			  err);
}

int kdump_file_pages(struct kdump_file *f, const struct kdump_page *pages, size_t n,
		     const void *data, size_t len, struct kd_err *err)
{
	uint64_t at;
	size_t start = 0;
	int ret = 0;

	for (size_t i = 0; i < n && !f->zero_off && !ret; i++)
		if (!pages[i].lost && !pages[i].len)
			ret = put_zero_page(f, err);
	if (!ret)
		ret = sink_write(f->sink, f->data_off, data, len, err);
	if (ret)
		return ret;
	at = f->data_off;
	f->data_off += len;
	for (size_t i = 1; i <= n && !ret; i++) {
		if (i < n && pages[i].index == pages[i - 1].index + 1 && i - start < DESCS_MAX)
			continue;
		ret = put_descs(f, pages + start, i - start, &at, err);
		start = i;
	}
	return ret;
}

int kdump_file_finish(struct kdump_file *f, struct kd_err *err)
{
	uint32_t status;

	if (f->sink->flat)
		return 0;
	memcpy(&status, f->head + f->status_off, 4);
	put32(f->head + f->status_off, status & ~(uint32_t)DISKDUMP_INCOMPLETE);
	/* The limit is for pages; this replaces what is there. */
	f->sink->limit = 0;
	return sink_write(f->sink, 0, f->head, f->page_size, err);
}
