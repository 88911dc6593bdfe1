// SPDX-License-Identifier: GPL-3.0-or-later
/* Modules without debug information: see module_file.h. */
#include <elf.h>
#include <string.h>

#include "setup/module_file.h"

/* Where fields are in the headers of either class (elf.h). */
struct layout {
	size_t header, shoff,
		shentsize; /* in the ELF header; e_shnum, e_shstrndx follow shentsize */
	size_t section, type, offset, size, align, word;
};

static const struct layout narrow = { 52, 32, 46, 40, 4, 16, 20, 32, 4 };
static const struct layout wide = { 64, 40, 58, 64, 4, 24, 32, 48, 8 };

static uint64_t get(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	while (len--)
		v = v << 8 | p[len];
	return v;
}

static void put(uint8_t *p, size_t len, uint64_t v)
{
	for (; len--; v >>= 8)
		*p++ = (uint8_t)v;
}

struct elf {
	const struct layout *l;
	uint8_t *b;
	size_t len;
	uint8_t *sections; /* in b */
	size_t n;
	const char *names; /* in b */
	uint64_t names_len;
};

static uint64_t field(const struct elf *e, size_t i, size_t at, size_t len)
{
	return get(e->sections + i * e->l->section + at, len);
}

static bool has_bytes(const struct elf *e, size_t i)
{
	uint64_t type = field(e, i, e->l->type, 4);

	return type != SHT_NULL && type != SHT_NOBITS;
}

/* Its own bytes, which all must lie in the file. */
static bool take_section(const struct elf *e, size_t i, uint64_t *off, uint64_t *size)
{
	*off = field(e, i, e->l->offset, e->l->word);
	*size = has_bytes(e, i) ? field(e, i, e->l->size, e->l->word) : 0;
	return range_contains(e->len, *off, *size) || !*size;
}

static bool take_elf(uint8_t *b, size_t len, struct elf *e)
{
	uint64_t off, str;

	*e = (struct elf){ .l = b[EI_CLASS] == ELFCLASS64 ? &wide : &narrow, .b = b, .len = len };
	if (len < wide.header || b[EI_DATA] != ELFDATA2LSB)
		return false;
	off = get(b + e->l->shoff, e->l->word);
	e->n = get(b + e->l->shentsize + 2, 2);
	str = get(b + e->l->shentsize + 4, 2);
	if (get(b + e->l->shentsize, 2) != e->l->section || !e->n || str >= e->n ||
	    !range_contains(len, off, e->n * e->l->section))
		return false;
	e->sections = b + off;
	if (!take_section(e, str, &off, &e->names_len) || !e->names_len ||
	    b[off + e->names_len - 1])
		return false;
	e->names = (const char *)b + off;
	return true;
}

static bool is_debug(const struct elf *e, size_t i)
{
	uint64_t at = field(e, i, 0, 4);
	const char *name = at < e->names_len ? e->names + at : "";

	if (!strncmp(name, ".rela.", 6))
		name += 5;
	else if (!strncmp(name, ".rel.", 5))
		name += 4;
	return !strncmp(name, ".debug_", 7);
}

/* Copy section I behind *AT, and say where it is now. */
static void move(const struct elf *e, size_t i, uint8_t *headers, uint8_t *out, size_t *at)
{
	uint8_t *h = headers + i * e->l->section;
	uint64_t off, size, align = field(e, i, e->l->align, e->l->word);

	take_section(e, i, &off, &size);
	if (is_debug(e, i)) {
		/* Its number stays, since symbols and relocations go by it. */
		put(h + e->l->type, 4, SHT_NULL);
		put(h + e->l->size, e->l->word, 0);
		size = 0;
	}
	if (align > 1 && align <= 4096)
		*at += (align - *at % align) % align;
	put(h + e->l->offset, e->l->word, *at);
	if (size)
		memcpy(out + *at, e->b + off, size);
	*at += size;
}

/* Space for all: sections may overlap, so their sum counts. 0: not to be had. */
static size_t needed(const struct elf *e)
{
	size_t sum = e->l->header + e->n * (e->l->section + 4096) + 16;

	for (size_t i = 0; i < e->n; i++) {
		uint64_t off, size;

		if (!take_section(e, i, &off, &size) ||
		    (!is_debug(e, i) && kd_add_overflow(sum, size, &sum)))
			return 0;
	}
	return sum <= 2 * e->len + e->n * 8192 ? sum : 0;
}

static bool is_signed(const struct module_file *m)
{
	static const char mark[] = "~Module signature appended~\n"; /* module_signature.h */
	size_t n = sizeof(mark) - 1;

	return m->len > n && !memcmp(m->bytes + m->len - n, mark, n);
}

void module_file_strip(struct module_file *m)
{
	uint8_t *out, *headers;
	struct elf e;
	size_t at, sum, dropped = 0;

	if (strcmp(m->suffix, "ko") != 0 || is_signed(m) || !take_elf(m->bytes, m->len, &e))
		return;
	for (size_t i = 0; i < e.n; i++)
		dropped += is_debug(&e, i);
	sum = dropped ? needed(&e) : 0;
	out = sum ? calloc(1, sum) : NULL;
	if (!out)
		return;
	at = e.l->header;
	memcpy(out, e.b, at);
	headers = malloc(e.n * e.l->section);
	if (!headers) {
		free(out);
		return;
	}
	memcpy(headers, e.sections, e.n * e.l->section);
	for (size_t i = 1; i < e.n; i++)
		move(&e, i, headers, out, &at);
	at += (8 - at % 8) % 8;
	memcpy(out + at, headers, e.n * e.l->section);
	put(out + e.l->shoff, e.l->word, at);
	free(headers);
	free(m->bytes);
	m->bytes = out;
	m->len = at + e.n * e.l->section;
}
