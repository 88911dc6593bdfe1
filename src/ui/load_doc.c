// SPDX-License-Identifier: GPL-3.0-or-later
/* What was loaded, or would be, as a document: read back out of the segments themselves. */
#include "ui/load_doc.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "ui/format.h"

/* The zero page (Documentation/arch/x86/zero-page.rst). */
#define E820_COUNT 0x1e8
#define E820_TABLE 0x2d0
#define E820_MAX 128
#define SETUP_DATA 0x250
#define SETUP_DATA_E820 1
#define SETUP_DATA_MOST 16 /* in a chain */

struct e820_entry {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((packed));

struct setup_data {
	uint64_t next; /* its address; 0: none */
	uint32_t type, len;
};

static const struct doc_column segment_columns[] = {
	{ .key = "segment", .title = "SEGMENT" },
	{ .key = "start", .title = "FROM", .flags = DOC_RIGHT },
	{ .key = "end", .title = "TO", .flags = DOC_RIGHT },
	{ .key = "memory", .title = "MEMORY", .flags = DOC_RIGHT },
	{ .key = "bytes", .title = "BYTES", .flags = DOC_RIGHT },
};

static const struct doc_column header_columns[] = {
	{ .key = "type", .title = "CORE HEADER" },
	{ .key = "offset", .title = "HELD AT", .flags = DOC_RIGHT },
	{ .key = "paddr", .title = "PHYSICAL", .flags = DOC_RIGHT },
	{ .key = "vaddr", .title = "VIRTUAL", .flags = DOC_RIGHT },
	{ .key = "size", .title = "SIZE", .flags = DOC_RIGHT },
};

static const struct doc_column map_columns[] = {
	{ .key = "start", .title = "E820 FROM", .flags = DOC_RIGHT },
	{ .key = "end", .title = "TO", .flags = DOC_RIGHT },
	{ .key = "type", .title = "TYPE" },
};

static const struct load_segment *find(const struct segment_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->at[i].name, name) && l->at[i].buf)
			return &l->at[i];
	return NULL;
}

static void put_segments(const struct segment_list *l, struct doc *d)
{
	doc_table(d, "segments", DOC_ALIGNED, segment_columns, KD_ARRAY_SIZE(segment_columns));
	for (size_t i = 0; i < l->n; i++) {
		const struct load_segment *s = &l->at[i];

		doc_put(d, doc_str(s->name));
		doc_put(d, doc_hex(s->mem));
		doc_put(d, doc_hex(s->mem + s->memsz - 1));
		doc_put(d, doc_uint(s->memsz));
		doc_put(d, doc_uint(s->len));
	}
}

static void put_header(const Elf64_Phdr *p, struct doc *d)
{
	doc_put(d, doc_str(p->p_type == PT_NOTE ? "note" : "load"));
	doc_put(d, doc_hex(p->p_offset));
	doc_put(d, doc_hex(p->p_paddr));
	doc_put(d, p->p_type == PT_NOTE || p->p_vaddr == UINT64_MAX ? doc_none("-")
								    : doc_hex(p->p_vaddr));
	doc_put(d, doc_hex(p->p_filesz));
}

static void put_headers64(const struct load_segment *s, struct doc *d)
{
	Elf64_Ehdr h;
	Elf64_Phdr p;

	memcpy(&h, s->buf, sizeof(h));
	for (size_t i = 0;
	     i < h.e_phnum && range_contains(s->len, h.e_phoff + i * sizeof(p), sizeof(p)); i++) {
		memcpy(&p, s->buf + h.e_phoff + i * sizeof(p), sizeof(p));
		put_header(&p, d);
	}
}

static void put_headers32(const struct load_segment *s, struct doc *d)
{
	Elf32_Ehdr h;
	Elf32_Phdr p;

	memcpy(&h, s->buf, sizeof(h));
	for (size_t i = 0;
	     i < h.e_phnum && range_contains(s->len, h.e_phoff + i * sizeof(p), sizeof(p)); i++) {
		memcpy(&p, s->buf + h.e_phoff + i * sizeof(p), sizeof(p));
		put_header(&(Elf64_Phdr){ .p_type = p.p_type,
					  .p_offset = p.p_offset,
					  .p_paddr = p.p_paddr,
					  .p_filesz = p.p_filesz,
					  .p_vaddr = p.p_vaddr == UINT32_MAX ? UINT64_MAX
									     : p.p_vaddr },
			   d);
	}
}

static void put_headers(const struct segment_list *l, struct doc *d)
{
	const struct load_segment *s = find(l, "core headers");
	bool elf64;

	if (!s || s->len < sizeof(Elf64_Ehdr))
		return;
	elf64 = s->buf[EI_CLASS] == ELFCLASS64;
	doc_fields(d, NULL);
	doc_field(d, "elf", "core headers", doc_str(elf64 ? "ELF64" : "ELF32"));
	doc_table(d, "headers", DOC_ALIGNED, header_columns, KD_ARRAY_SIZE(header_columns));
	if (elf64)
		put_headers64(s, d);
	else
		put_headers32(s, d);
}

static const char *type_name(uint32_t type)
{
	static const char *const names[] = { [1] = "RAM",
					     [2] = "reserved",
					     [3] = "ACPI tables",
					     [4] = "ACPI non-volatile",
					     [5] = "unusable",
					     [7] = "persistent",
					     [12] = "persistent (legacy)" };

	return type < KD_ARRAY_SIZE(names) && names[type] ? names[type] : "?";
}

static void put_entries(const uint8_t *p, size_t n, struct doc *d)
{
	struct e820_entry e;

	for (size_t i = 0; i < n; i++) {
		memcpy(&e, p + i * sizeof(e), sizeof(e));
		doc_put(d, doc_hex(e.addr));
		doc_put(d, doc_hex(e.addr + e.size - 1));
		doc_put(d, doc_str(type_name(e.type)));
	}
}

/* Entries for which the zero page has no room are in a struct setup_data. */
static void put_more_entries(const struct load_segment *s, struct doc *d)
{
	struct setup_data data = { 0 };
	uint64_t at;

	memcpy(&data.next, s->buf + SETUP_DATA, sizeof(data.next));
	for (size_t i = 0; i < SETUP_DATA_MOST && data.next; i++) {
		at = data.next - s->mem;
		if (data.next < s->mem || !range_contains(s->len, at, sizeof(data)))
			return;
		memcpy(&data, s->buf + at, sizeof(data));
		at += sizeof(data);
		if (data.type == SETUP_DATA_E820 && range_contains(s->len, at, data.len))
			put_entries(s->buf + at, data.len / sizeof(struct e820_entry), d);
	}
}

static void put_map(const struct segment_list *l, struct doc *d)
{
	const struct load_segment *s = find(l, "boot params");

	if (!s || s->len < E820_TABLE + E820_MAX * sizeof(struct e820_entry))
		return;
	doc_table(d, "e820", DOC_ALIGNED, map_columns, KD_ARRAY_SIZE(map_columns));
	put_entries(s->buf + E820_TABLE, kd_min(s->buf[E820_COUNT], E820_MAX), d);
	put_more_entries(s, d);
}

/* Who loads none mostly forgot it: what a distribution's kernel needs for a disk is in there. */
static void put_no_initrd(const struct load_report *r, struct doc *d)
{
	if (!r->initrd_len)
		doc_note(d, DOC_FINDING,
			 "it has no initramfs: the second kernel saves nothing by itself "
			 "(--build-initrd makes one, --initrd takes one)");
}

void load_doc(const struct load_request *q, const struct machine *m, const struct load_report *r,
	      bool all, struct doc *d)
{
	char size[32];

	doc_fields(d, NULL);
	doc_field(d, "loaded", "loaded", doc_bool(!q->dry_run));
	doc_field(d, "how", "by", doc_str(r->how == LOAD_FILE ? "kexec_file_load" : "kexec_load"));
	doc_field(d, "kernel", "kernel", doc_str(q->kernel));
	if (r->initrd_len)
		doc_field(d, "initrd", "initramfs",
			  doc_fmt("%s (%s)", q->initrd ? q->initrd : "built",
				  format_size(r->initrd_len, size, sizeof(size))));
	doc_field(d, "cmdline", "command line", doc_str(r->cmdline));
	if (r->region.end)
		doc_field(d, "region", "crash memory",
			  doc_fmt("%#" PRIx64 "-%#" PRIx64 " (%s)", r->region.start,
				  r->region.end - 1,
				  format_size(range_len(&r->region), size, sizeof(size))));
	if (*r->why_segments && all)
		doc_field(d, "why", "why kexec_load", doc_str(r->why_segments));
	if (all && r->how == LOAD_SEGMENTS) {
		put_segments(&r->segments, d);
		put_headers(&r->segments, d);
		put_map(&r->segments, d);
	} else if (all) {
		doc_note(d, DOC_HINT, "segments are the kernel's own: -c shows ours");
	}
	put_no_initrd(r, d);
	if (m->loaded && !q->dry_run)
		doc_note(d, DOC_FINDING, "it took the place of the one that was loaded before");
	if (q->dry_run)
		doc_note(d, DOC_HINT, "nothing was loaded: this was --dry-run");
}
