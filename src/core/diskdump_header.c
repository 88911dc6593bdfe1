// SPDX-License-Identifier: GPL-3.0-or-later
/* Headers of kdump-compressed files: see diskdump_header.h. */
#include "core/diskdump_header.h"

#include <elf.h>
#include <endian.h>
#include <inttypes.h>
#include <string.h>

/* disk_dump_header */
#define VERSION_OFF 8
#define UTSNAME_OFF 12
#define UTSNAME_LEN 65
/* From status on all are 32-bit words, in this order. */
enum { STATUS, BLOCK_SIZE, SUB_HDR_SIZE, BITMAP_BLOCKS, MAX_MAPNR, NR_WORDS };

#define VERSION_MAX 6
#define BLOCK_SIZE_MIN 1024u
#define BLOCK_SIZE_MAX (1u << 20)
/* A physical address has at most 52 bits; 48 of them and 4 KB pages are 256 TB. */
#define MAPNR_MAX (UINT64_C(1) << 36)

/*
 * What differs in disk_dump_header is the struct timeval before the status: with a 64-bit time_t,
 * with a 32-bit one, and with a 64-bit one where long long is aligned to 4 bytes only.
 */
static const struct header_layout {
	unsigned status_off, bits;
} header_layouts[] = {
	{ 424, 64 },
	{ 412, 32 },
	{ 420, 32 },
};

/* kdump_sub_header, field by field: since which version it has it, and where. */
enum {
	PHYS_BASE,
	DUMP_LEVEL,
	SPLIT,
	START_PFN,
	END_PFN,
	VMCOREINFO_OFF,
	VMCOREINFO_SIZE,
	NOTE_OFF,
	NOTE_SIZE,
	START_PFN_64,
	END_PFN_64,
	MAX_MAPNR_64,
	NR_FIELDS,
};

static const uint8_t field_since[NR_FIELDS] = { 1, 1, 2, 2, 2, 3, 3, 4, 4, 6, 6, 6 };

static const struct sub_layout {
	const char *name;
	unsigned bits;
	uint8_t off[NR_FIELDS], size[NR_FIELDS];
} sub_layouts[] = {
	{ .name = "64-bit",
	  .bits = 64,
	  .off = { 0, 8, 12, 16, 24, 32, 40, 48, 56, 80, 88, 96 },
	  .size = { 8, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8 } },
	{ .name = "32-bit",
	  .bits = 32,
	  .off = { 0, 4, 8, 12, 16, 20, 28, 32, 40, 56, 64, 72 },
	  .size = { 4, 4, 4, 4, 4, 8, 4, 8, 4, 8, 8, 8 } },
	{ .name = "32-bit padded",
	  .bits = 32,
	  .off = { 0, 4, 8, 12, 16, 24, 32, 40, 48, 72, 80, 88 },
	  .size = { 4, 4, 4, 4, 4, 8, 4, 8, 4, 8, 8, 8 } },
};
#define SUB_HEADER_LEN 104 /* the longest */

static uint32_t le32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint64_t le64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* The first header ------------------------------------------------------------ */

#define HEADER_LEN (424 + 4 * NR_WORDS)

static bool header_plausible(const uint32_t *w)
{
	uint64_t bitmap_bits;

	if (w[BLOCK_SIZE] < BLOCK_SIZE_MIN || w[BLOCK_SIZE] > BLOCK_SIZE_MAX ||
	    w[BLOCK_SIZE] & (w[BLOCK_SIZE] - 1))
		return false;
	/* 2^52 at most: no overflow */
	bitmap_bits = (uint64_t)w[BITMAP_BLOCKS] * w[BLOCK_SIZE] / 2 * 8;
	return w[SUB_HDR_SIZE] && w[SUB_HDR_SIZE] < 1u << 20 && w[BITMAP_BLOCKS] && w[MAX_MAPNR] &&
	       w[MAX_MAPNR] <= bitmap_bits;
}

static const struct header_layout *find_layout(const uint8_t *p, uint32_t *w)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(header_layouts); i++) {
		for (unsigned k = 0; k < NR_WORDS; k++)
			w[k] = le32(p + header_layouts[i].status_off + 4 * k);
		if (header_plausible(w))
			return &header_layouts[i];
	}
	return NULL;
}

static int read_first(const struct source *s, struct diskdump_header *h, uint32_t *w,
		      struct kd_err *err)
{
	const struct header_layout *layout;
	uint8_t p[HEADER_LEN];

	if (source_read(s, 0, p, sizeof(p)) < sizeof(p))
		return kd_fail(err, KD_CORRUPT, "cut off inside the header");
	h->version = le32(p + VERSION_OFF);
	if (h->version >= 0x01000000)
		return kd_fail(err, KD_UNSUPPORTED, "a big-endian dump");
	if (!h->version || h->version > VERSION_MAX)
		return kd_fail(err, KD_UNSUPPORTED, "kdump-compressed version %u is not known here",
			       h->version);
	for (size_t i = 0; i < KD_ARRAY_SIZE(h->utsname); i++)
		memcpy(h->utsname[i], p + UTSNAME_OFF + i * UTSNAME_LEN, UTSNAME_LEN);
	layout = find_layout(p, w);
	if (!layout)
		return kd_fail(err, KD_CORRUPT,
			       "block size and bitmap length make no sense, as any producer's");
	h->bits = layout->bits;
	h->status = w[STATUS];
	h->block_size = w[BLOCK_SIZE];
	h->max_mapnr = w[MAX_MAPNR];
	h->bitmap_off = (1 + (uint64_t)w[SUB_HDR_SIZE]) * h->block_size;
	h->bitmap_len = (uint64_t)w[BITMAP_BLOCKS] * h->block_size / 2;
	h->desc_off = h->bitmap_off + 2 * h->bitmap_len;
	return 0;
}

/* The sub header -------------------------------------------------------------- */

static uint64_t field(const struct sub_layout *l, const uint8_t *p, unsigned version, unsigned i)
{
	if (version < field_since[i])
		return 0;
	return l->size[i] == 8 ? le64(p + l->off[i]) : le32(p + l->off[i]);
}

static struct diskdump_area area(const struct sub_layout *l, const uint8_t *p, unsigned version,
				 unsigned i)
{
	return (struct diskdump_area){ field(l, p, version, i), field(l, p, version, i + 1) };
}

/* Notes and VMCOREINFO lie behind the sub header, ahead of the bitmaps. */
static bool area_plausible(const struct diskdump_header *h, struct diskdump_area a)
{
	if (!a.size)
		return true;
	return a.off >= h->block_size && a.off <= h->bitmap_off && a.size <= h->bitmap_off - a.off;
}

static void take_sub(struct diskdump_header *h, const struct sub_layout *l, const uint8_t *p)
{
	unsigned v = h->version;

	h->layout = l->name;
	h->bits = l->bits;
	h->phys_base = field(l, p, v, PHYS_BASE);
	h->dump_level = (uint32_t)field(l, p, v, DUMP_LEVEL);
	h->split = field(l, p, v, SPLIT);
	h->start_pfn = field(l, p, v, v >= 6 ? START_PFN_64 : START_PFN);
	h->end_pfn = field(l, p, v, v >= 6 ? END_PFN_64 : END_PFN);
	h->vmcoreinfo = area(l, p, v, VMCOREINFO_OFF);
	h->notes = area(l, p, v, NOTE_OFF);
}

static bool sub_plausible(const struct diskdump_header *h, const struct sub_layout *l,
			  const uint8_t *p, bool strict)
{
	struct diskdump_area info = area(l, p, h->version, VMCOREINFO_OFF);
	struct diskdump_area notes = area(l, p, h->version, NOTE_OFF);
	unsigned v = h->version;

	/* Where there is none, producers known leave its offset 0. */
	if (strict && ((!info.size && info.off) || (!notes.size && notes.off)))
		return false;
	return field(l, p, v, DUMP_LEVEL) < 64 && field(l, p, v, SPLIT) <= 1 &&
	       field(l, p, v, START_PFN) <= field(l, p, v, END_PFN) && area_plausible(h, info) &&
	       area_plausible(h, notes) &&
	       (v < 6 || kd_min(field(l, p, v, MAX_MAPNR_64), UINT32_MAX) == h->max_mapnr);
}

/* The layouts that the first header's word size speaks for are tried first. */
static const struct sub_layout *find_sub(const struct diskdump_header *h, const uint8_t *p,
					 bool strict)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < KD_ARRAY_SIZE(sub_layouts); i++)
			if ((sub_layouts[i].bits == h->bits) == !pass &&
			    sub_plausible(h, &sub_layouts[i], p, strict))
				return &sub_layouts[i];
	return NULL;
}

/*
 * When no layout makes sense the usual one is taken, without what lies where it can not be: pages
 * can be read all the same.
 */
static void read_sub(const struct source *s, struct diskdump_header *h)
{
	uint8_t p[SUB_HEADER_LEN] = { 0 };
	const struct sub_layout *best;

	source_read(s, h->block_size, p, sizeof(p));
	best = find_sub(h, p, true);
	if (!best)
		best = find_sub(h, p, false);
	if (best && h->version >= 6)
		h->max_mapnr = field(best, p, 6, MAX_MAPNR_64);
	take_sub(h, best ? best : &sub_layouts[h->bits == 32], p);
	if (!area_plausible(h, h->vmcoreinfo))
		h->vmcoreinfo.size = 0;
	if (!area_plausible(h, h->notes))
		h->notes.size = 0;
}

int diskdump_header_read(const struct source *s, struct diskdump_header *h, struct kd_err *err)
{
	uint32_t words[NR_WORDS];
	int status;

	memset(h, 0, sizeof(*h));
	status = read_first(s, h, words, err);
	if (status)
		return status;
	read_sub(s, h);
	if (h->max_mapnr > MAPNR_MAX || h->max_mapnr > h->bitmap_len * 8)
		return kd_fail(err, KD_CORRUPT,
			       "%" PRIu64 " pages make no sense: its bitmaps have %" PRIu64
			       " bytes each",
			       h->max_mapnr, h->bitmap_len);
	if (h->split && (h->start_pfn > h->end_pfn || h->end_pfn > h->max_mapnr))
		return kd_fail(err, KD_CORRUPT,
			       "part of a split dump with pages 0x%" PRIx64 " to 0x%" PRIx64
			       " of 0x%" PRIx64,
			       h->start_pfn, h->end_pfn, h->max_mapnr);
	return 0;
}

uint16_t diskdump_header_machine(const struct diskdump_header *h)
{
	/* utsname.machine as kernels of these machines have it; a prefix where there are many */
	static const struct {
		const char *name;
		uint16_t machine;
	} machines[] = {
		{ "x86_64", EM_X86_64 },
		{ "i386", EM_386 },
		{ "i486", EM_386 },
		{ "i586", EM_386 },
		{ "i686", EM_386 },
		{ "aarch64", EM_AARCH64 },
		{ "arm", EM_ARM },
		{ "ppc64", EM_PPC64 },
		{ "ppc", EM_PPC },
		{ "s390", EM_S390 },
		{ "riscv", EM_RISCV },
		{ "mips", EM_MIPS },
		{ "loongarch", EM_LOONGARCH },
	};
	const char *name = h->utsname[4];

	for (size_t i = 0; i < KD_ARRAY_SIZE(machines); i++) {
		if (strncmp(name, machines[i].name, strlen(machines[i].name)))
			continue;
		/* QEMU's word for itself, not for its guest */
		if (machines[i].machine == EM_X86_64 && h->bits == 32)
			return EM_386;
		return machines[i].machine;
	}
	return 0;
}
