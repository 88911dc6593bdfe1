/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small kdump-compressed files written from a readable description, and any file put into the
 * flattened envelope. Lines (numbers in C notation):
 *	version N			default 6
 *	layout 64|32|32p		the producer's structs; default 64
 *	machine NAME			default x86_64
 *	status N			default 0
 *	level N				dump level
 *	pages N				how many there may be; default 64
 *	split START END			this file has those pages' descriptors and data
 *	ram START END			pages [START, END) are RAM
 *	page PFN BYTE [COMPRESSOR]	a page of BYTE, BYTE + 1, ...: raw (default), zlib, lzo,
 *					snappy, zstd; RAM as well
 *	desc PFN OFFSET SIZE FLAGS	what its descriptor says instead; -1: leave as it is
 *	vmcoreinfo KEY=VALUE		as in mkdump.h
 *	note NAME TYPE BYTES...
 *	poke OFFSET SIZE VALUE		a number somewhere in the file, at the end
 *	cut LEN
 */
#ifndef KD_TESTS_MKDISKDUMP_H
#define KD_TESTS_MKDISKDUMP_H

#include <endian.h>
#include <lzo/lzo1x.h>
#include <snappy-c.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "mkdump.h"

#define MKDISK_BLOCK 4096
#define MKDISK_PAGES 128
#define MKDISK_POKES 8

struct mkdisk_page {
	uint64_t pfn;
	uint8_t byte;
	char compressor[16];
	int64_t lie[3]; /* offset, size, flags; -1: the truth */
};

struct mkdisk {
	struct mkdump notes; /* for its notes and VMCOREINFO alone */
	unsigned version;
	char layout[8], machine[32];
	uint64_t status, level, pages, start, end;
	int split;
	struct {
		uint64_t start, end;
	} ram[MKDISK_PAGES];
	size_t nram;
	struct mkdisk_page page[MKDISK_PAGES];
	size_t npages;
	struct {
		uint64_t off, size, value;
	} poke[MKDISK_POKES];
	size_t npokes;
	long cut;
};

/* What page PFN of a "page PFN BYTE" line holds; compressible, and no two lines are equal. */
static inline void mkdisk_fill(uint8_t *p, uint8_t byte)
{
	for (size_t i = 0; i < MKDISK_BLOCK; i++)
		p[i] = (uint8_t)(byte + i / 64);
}

static inline struct mkdisk_page *mkdisk_page(struct mkdisk *m, uint64_t pfn)
{
	struct mkdisk_page *p = m->page;

	while (p < m->page + m->npages && p->pfn != pfn)
		p++;
	if (p == m->page + m->npages) {
		m->npages++;
		*p = (struct mkdisk_page){ .pfn = pfn, .compressor = "raw", .lie = { -1, -1, -1 } };
	}
	return p;
}

static inline void mkdisk_line(struct mkdisk *m, const char *line)
{
	size_t len = strcspn(line, " ");
	const char *rest = line + len + (line[len] == ' ');
	unsigned long long v[4] = { 0 };
	size_t n = mkdump_numbers(rest, v, 4);
	struct mkdisk_page *p;

	if (!strncmp(line, "version", len) && n == 1) {
		m->version = (unsigned)v[0];
	} else if (!strncmp(line, "layout", len)) {
		snprintf(m->layout, sizeof(m->layout), "%s", rest);
	} else if (!strncmp(line, "machine", len)) {
		snprintf(m->machine, sizeof(m->machine), "%s", rest);
	} else if (!strncmp(line, "status", len) && n == 1) {
		m->status = v[0];
	} else if (!strncmp(line, "level", len) && n == 1) {
		m->level = v[0];
	} else if (!strncmp(line, "pages", len) && n == 1) {
		m->pages = v[0];
	} else if (!strncmp(line, "split", len) && n == 2) {
		m->split = 1;
		m->start = v[0];
		m->end = v[1];
	} else if (!strncmp(line, "ram", len) && n == 2) {
		m->ram[m->nram].start = v[0];
		m->ram[m->nram++].end = v[1];
	} else if (!strncmp(line, "page", len) && n == 2) {
		p = mkdisk_page(m, v[0]);
		p->byte = (uint8_t)v[1];
		sscanf(rest, "%*s %*s %15s", p->compressor);
	} else if (!strncmp(line, "desc", len) && n == 4) {
		p = mkdisk_page(m, v[0]);
		for (int i = 0; i < 3; i++)
			p->lie[i] = (int64_t)v[i + 1];
	} else if (!strncmp(line, "vmcoreinfo", len) || !strncmp(line, "note", len)) {
		mkdump_line(&m->notes, line);
	} else if (!strncmp(line, "poke", len) && n == 3) {
		m->poke[m->npokes].off = v[0];
		m->poke[m->npokes].size = v[1];
		m->poke[m->npokes++].value = v[2];
	} else if (!strncmp(line, "cut", len) && n == 1) {
		m->cut = (long)v[0];
	} else if (*line) {
		fprintf(stderr, "mkdiskdump: what is '%s'?\n", line);
		abort();
	}
}

/* Compress; 0: it does not get smaller, the page is stored raw. */
static inline size_t mkdisk_compress(const char *how, const uint8_t *in, uint8_t *out, size_t room,
				     uint32_t *flags)
{
	static _Alignas(16) uint8_t work[LZO1X_1_MEM_COMPRESS];
	uLongf z = room;
	lzo_uint lzo;
	size_t n = room;

	*flags = 0;
	if (!strcmp(how, "zlib")) {
		*flags = 0x1;
		return compress2(out, &z, in, MKDISK_BLOCK, Z_BEST_SPEED) == Z_OK ? z : 0;
	}
	if (!strcmp(how, "lzo")) {
		*flags = 0x2;
		return lzo1x_1_compress(in, MKDISK_BLOCK, out, &lzo, work) == LZO_E_OK ? lzo : 0;
	}
	if (!strcmp(how, "snappy")) {
		*flags = 0x4;
		return snappy_compress((const char *)in, MKDISK_BLOCK, (char *)out, &n) == SNAPPY_OK
			       ? n
			       : 0;
	}
	if (!strcmp(how, "zstd")) {
		*flags = 0x20;
		return ZSTD_compress(out, room, in, MKDISK_BLOCK, 1);
	}
	memcpy(out, in, MKDISK_BLOCK);
	return MKDISK_BLOCK;
}

static inline void mkdisk_put(int fd, uint64_t off, const void *p, size_t len)
{
	if (len && pwrite(fd, p, len, (off_t)off) != (ssize_t)len)
		abort();
}

static inline void mkdisk_num(int fd, uint64_t off, size_t size, uint64_t value)
{
	mkdisk_put(fd, off, &value, size);
}

/* The first header: what is behind the struct timeval moves with the layout. */
static inline void mkdisk_header(const struct mkdisk *m, int fd, uint64_t sub_blocks,
				 uint64_t bitmap_blocks)
{
	uint64_t off = m->layout[0] == '6' ? 424 : 412;
	uint64_t words[] = { m->status, MKDISK_BLOCK, sub_blocks, bitmap_blocks,
			     m->pages > UINT32_MAX ? UINT32_MAX : m->pages };

	mkdisk_put(fd, 0, "KDUMP   ", 8);
	mkdisk_num(fd, 8, 4, m->version);
	mkdisk_put(fd, 12 + 4 * 65, m->machine, strlen(m->machine) + 1);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		mkdisk_num(fd, off + 4 * i, 4, words[i]);
	mkdisk_num(fd, off + 36, 4, 1); /* nr_cpus */
}

/* The sub header, up to what its version has. */
static inline void mkdisk_sub(const struct mkdisk *m, int fd, uint64_t notes, uint64_t info)
{
	static const uint8_t at[3][12] = {
		{ 0, 8, 12, 16, 24, 32, 40, 48, 56, 80, 88, 96 },
		{ 0, 4, 8, 12, 16, 20, 28, 32, 40, 56, 64, 72 },
		{ 0, 4, 8, 12, 16, 24, 32, 40, 48, 72, 80, 88 },
	};
	static const uint8_t narrow[12] = { 4, 4, 4, 4, 4, 8, 4, 8, 4, 8, 8, 8 };
	static const uint8_t wide[12] = { 8, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8 };
	static const uint8_t since[12] = { 1, 1, 2, 2, 2, 3, 3, 4, 4, 6, 6, 6 };
	int l = m->layout[0] == '6' ? 0 : m->layout[2] == 'p' ? 2 : 1;
	uint64_t v[12] = { 0x1000000,
			   m->level,
			   (uint64_t)m->split,
			   m->start,
			   m->end,
			   info,
			   strlen(m->notes.info),
			   notes,
			   m->notes.notes_len,
			   m->start,
			   m->end,
			   m->pages };

	for (int i = 0; i < 12; i++)
		if (m->version >= since[i])
			mkdisk_num(fd, MKDISK_BLOCK + at[l][i], l ? narrow[i] : wide[i], v[i]);
}

static inline void mkdisk_bit(int fd, uint64_t bitmap, uint64_t pfn)
{
	uint8_t byte = 0;

	if (pread(fd, &byte, 1, (off_t)(bitmap + pfn / 8)) < 0)
		abort();
	byte |= (uint8_t)(1 << pfn % 8);
	mkdisk_put(fd, bitmap + pfn / 8, &byte, 1);
}

static inline int mkdisk_by_pfn(const void *a, const void *b)
{
	const struct mkdisk_page *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

/* Bitmaps, descriptors and data. */
static inline void mkdisk_pages(struct mkdisk *m, int fd, uint64_t bitmap, uint64_t bitmap_len)
{
	uint64_t desc = bitmap + 2 * bitmap_len, data = desc + 24 * m->npages;
	uint8_t page[MKDISK_BLOCK], packed[2 * MKDISK_BLOCK];

	for (size_t i = 0; i < m->nram; i++)
		for (uint64_t pfn = m->ram[i].start; pfn < m->ram[i].end; pfn++)
			mkdisk_bit(fd, bitmap, pfn);
	qsort(m->page, m->npages, sizeof(m->page[0]), mkdisk_by_pfn);
	for (size_t i = 0; i < m->npages; i++) {
		const struct mkdisk_page *p = &m->page[i];
		uint32_t flags;
		size_t n;

		mkdisk_bit(fd, bitmap, p->pfn);
		mkdisk_bit(fd, bitmap + bitmap_len, p->pfn);
		if (m->split && (p->pfn < m->start || p->pfn >= m->end))
			continue;
		mkdisk_fill(page, p->byte);
		n = mkdisk_compress(p->compressor, page, packed, sizeof(packed), &flags);
		mkdisk_num(fd, desc, 8, p->lie[0] >= 0 ? (uint64_t)p->lie[0] : data);
		mkdisk_num(fd, desc + 8, 4, p->lie[1] >= 0 ? (uint64_t)p->lie[1] : n);
		mkdisk_num(fd, desc + 12, 4, p->lie[2] >= 0 ? (uint64_t)p->lie[2] : flags);
		mkdisk_num(fd, desc + 16, 8, 0);
		mkdisk_put(fd, data, packed, n);
		desc += 24;
		data += n;
	}
}

/* Write the file that TEXT describes; its name is the caller's to free. */
static inline char *mkdiskdump(const char *text)
{
	struct mkdisk *m = calloc(1, sizeof(*m));
	char *path = strdup("/tmp/kdview-mkdisk-XXXXXX"), *copy = strdup(text), *save = NULL;
	int fd = mkstemp(path);
	uint64_t notes = MKDISK_BLOCK + 104, info, sub_blocks, bitmap_len;

	m->version = 6;
	m->pages = 64;
	strcpy(m->layout, "64");
	strcpy(m->machine, "x86_64");
	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		mkdisk_line(m, l + strspn(l, " \t"));
	if (*m->notes.info)
		mkdump_note(&m->notes, "VMCOREINFO", 0, m->notes.info, strlen(m->notes.info));
	/* VMCOREINFO's text is the last thing in the notes, but for the padding */
	info = notes + m->notes.notes_len - (strlen(m->notes.info) + 3) / 4 * 4;
	sub_blocks = (104 + m->notes.notes_len + MKDISK_BLOCK - 1) / MKDISK_BLOCK;
	bitmap_len = (m->pages / 8 + MKDISK_BLOCK) / MKDISK_BLOCK * MKDISK_BLOCK;
	mkdisk_header(m, fd, sub_blocks, 2 * bitmap_len / MKDISK_BLOCK);
	mkdisk_sub(m, fd, notes, info);
	mkdisk_put(fd, notes, m->notes.notes, m->notes.notes_len);
	mkdisk_pages(m, fd, (1 + sub_blocks) * MKDISK_BLOCK, bitmap_len);
	for (size_t i = 0; i < m->npokes; i++)
		mkdisk_num(fd, m->poke[i].off, m->poke[i].size, m->poke[i].value);
	if (m->cut && ftruncate(fd, m->cut))
		abort();
	close(fd);
	free(copy);
	free(m);
	return path;
}

/* The flattened envelope ------------------------------------------------------ */

enum {
	MKFLAT_BACKWARDS = 1, /* the last record first */
	MKFLAT_TWICE = 2, /* each record comes first with wrong bytes, then with the right ones */
	MKFLAT_NO_END = 4,
	MKFLAT_SPARSE = 8, /* records of zeros are left out */
};

static inline void mkflat_record(FILE *f, uint64_t off, uint64_t len, const uint8_t *p)
{
	uint64_t head[2] = { htobe64(off), htobe64(len) };

	fwrite(head, sizeof(head), 1, f);
	if (p)
		fwrite(p, len, 1, f);
}

/* Put the file at PATH into the envelope, in records of RECORD bytes. */
static inline void mkflat(const char *path, size_t record, int how)
{
	static const uint8_t zeros[65536], wrong[65536] = { 0x66 };
	uint64_t head[2] = { htobe64(1), htobe64(1) };
	int fd = open(path, O_RDONLY);
	struct stat st;
	uint8_t *p;
	size_t n;
	FILE *f;

	if (fd < 0 || fstat(fd, &st))
		abort();
	p = malloc((size_t)st.st_size);
	if (read(fd, p, (size_t)st.st_size) != st.st_size)
		abort();
	close(fd);
	n = ((size_t)st.st_size + record - 1) / record;
	f = fopen(path, "w");
	fwrite("makedumpfile\0\0\0", 16, 1, f);
	fwrite(head, sizeof(head), 1, f);
	fwrite(zeros, 4096 - 32, 1, f);
	for (int pass = how & MKFLAT_TWICE ? 0 : 1; pass < 2; pass++)
		for (size_t i = 0; i < n; i++) {
			size_t off = (how & MKFLAT_BACKWARDS ? n - 1 - i : i) * record;
			size_t len = (size_t)st.st_size - off < record ? (size_t)st.st_size - off
								       : record;

			if (how & MKFLAT_SPARSE && !memcmp(p + off, zeros, len) && i < n - 1)
				continue;
			mkflat_record(f, off, len, pass ? p + off : wrong);
		}
	if (!(how & MKFLAT_NO_END))
		mkflat_record(f, UINT64_MAX, UINT64_MAX, NULL);
	fclose(f);
	free(p);
}

#endif
