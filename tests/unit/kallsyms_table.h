/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kallsyms as scripts/kallsyms.c of any time would have written them, in a made-up memory. */
#ifndef KD_TESTS_KALLSYMS_TABLE_H
#define KD_TESTS_KALLSYMS_TABLE_H

#include <stdlib.h>
#include <string.h>

#include "kernel/kallsyms.h"

enum table_addresses { BY_POINTER, BY_BASE, BY_BASE_OR_PERCPU, BY_PLACE, BY_VALUE };

struct table_options {
	unsigned ptr_size;
	enum table_addresses addresses;
	bool big;	/* lengths of 128 and more take two bytes */
	bool late;	/* addresses stand behind the tokens (v6.4), not in front */
	unsigned align; /* of each part */
	bool wide;	/* markers are pointers (before v4.20) */
	bool seqs;	/* three bytes a symbol stand behind the markers (v6.2) */
};

struct table_symbol {
	const char *name;
	char type;
	vaddr_t addr;
};

#define TABLE_ROOM (1u << 20)
#define TABLE_AT(o) ((o)->ptr_size == 8 ? UINT64_C(0xffffffff82000000) : UINT64_C(0xc1800000))
#define TABLE_STEXT(o) (TABLE_AT(o) - 0x1000000)

struct table {
	uint8_t bytes[TABLE_ROOM];
	vaddr_t at;
	size_t len;
	vaddr_t hole; /* this address and all behind it can not be read; 0: none */
	struct kallsyms_source src;
};

/* Codes 0x80 and up stand for these, the others for themselves. */
static const char *const table_tokens[] = { "sys_", "__x64_", "Tdo_", "_read", "ock" };

static inline int table_read(void *data, vaddr_t at, void *buf, size_t len, size_t *done,
			     struct kd_err *err)
{
	const struct table *t = data;
	vaddr_t end = t->hole ? t->hole : t->at + t->len;
	size_t have = at >= t->at && at < end ? (size_t)kd_min(end - at, len) : 0;

	if (have)
		memcpy(buf, t->bytes + (at - t->at), have);
	if (done)
		*done = have;
	return have == len ? 0
			   : kd_fail(err, KD_LOST, "%#llx is lost", (unsigned long long)at + have);
}

static inline vaddr_t table_part(struct table *t, unsigned align)
{
	t->len = (t->len + align - 1) / align * align;
	return t->at + t->len;
}

static inline void table_put(struct table *t, uint64_t v, size_t size)
{
	memcpy(t->bytes + t->len, &v, size);
	t->len += size;
}

static inline size_t table_compress(const struct table_symbol *s, uint8_t *out)
{
	char text[4096];
	size_t n = 0;

	snprintf(text, sizeof(text), "%c%s", s->type, s->name);
	for (const char *p = text; *p;) {
		size_t k = 0;

		while (k < KD_ARRAY_SIZE(table_tokens) &&
		       strncmp(p, table_tokens[k], strlen(table_tokens[k])))
			k++;
		out[n++] = k < KD_ARRAY_SIZE(table_tokens) ? (uint8_t)(0x80 + k) : (uint8_t)*p;
		p += k < KD_ARRAY_SIZE(table_tokens) ? strlen(table_tokens[k]) : 1;
	}
	return n;
}

static inline void table_names(struct table *t, const struct table_options *o,
			       const struct table_symbol *s, size_t n)
{
	uint32_t *marks = calloc(n / 256 + 1, sizeof(*marks));

	t->src.num_syms = table_part(t, o->align);
	table_put(t, n, 4);
	t->src.names = table_part(t, o->align);
	for (size_t i = 0; i < n; i++) {
		uint8_t code[4096];
		size_t len = table_compress(&s[i], code);

		if (i % 256 == 0)
			marks[i / 256] = (uint32_t)(t->at + t->len - t->src.names);
		table_put(t, o->big && len > 127 ? (len & 127) | 128 : len, 1);
		if (o->big && len > 127)
			table_put(t, len >> 7, 1);
		memcpy(t->bytes + t->len, code, len);
		t->len += len;
	}
	table_part(t, o->align);
	for (size_t i = 0; i < (n + 255) / 256; i++)
		table_put(t, marks[i], o->wide ? o->ptr_size : 4);
	free(marks);
	if (!o->seqs)
		return;
	table_part(t, o->align);
	for (size_t i = 0; i < n; i++)
		table_put(t, (i * 7919) % n, 3);
}

static inline void table_put_tokens(struct table *t, const struct table_options *o)
{
	uint16_t index[256];

	t->src.token_table = table_part(t, o->align);
	for (unsigned i = 0; i < 256; i++) {
		const char *text = i >= 0x80 && i - 0x80 < KD_ARRAY_SIZE(table_tokens)
					   ? table_tokens[i - 0x80]
				   : i > 32 && i < 127 ? (char[]){ (char)i, 0 }
						       : "";

		index[i] = (uint16_t)(t->at + t->len - t->src.token_table);
		memcpy(t->bytes + t->len, text, strlen(text) + 1);
		t->len += strlen(text) + 1;
	}
	t->src.token_index = table_part(t, o->align);
	for (unsigned i = 0; i < 256; i++)
		table_put(t, index[i], 2);
}

static inline void table_addresses(struct table *t, const struct table_options *o,
				   const struct table_symbol *s, size_t n)
{
	vaddr_t base = TABLE_STEXT(o) - 0x40, start = table_part(t, o->align);

	*(o->addresses == BY_POINTER ? &t->src.addresses : &t->src.offsets) = start;
	for (size_t i = 0; i < n; i++) {
		switch (o->addresses) {
		case BY_POINTER:
			table_put(t, s[i].addr, o->ptr_size);
			break;
		case BY_BASE:
			table_put(t, s[i].addr - base, 4);
			break;
		case BY_BASE_OR_PERCPU:
			table_put(t, s[i].type == 'A' ? s[i].addr : base - s[i].addr - 1, 4);
			break;
		case BY_PLACE:
			table_put(t, s[i].addr - (start + 4 * i), 4);
			break;
		case BY_VALUE:
			table_put(t, s[i].addr, 4);
			break;
		}
	}
	if (o->addresses != BY_BASE && o->addresses != BY_BASE_OR_PERCPU)
		return;
	t->src.relative_base = table_part(t, o->align);
	table_put(t, base, o->ptr_size);
}

/* Something else in front of the tables, or behind them, that is no table. */
static inline void table_noise(struct table *t, size_t len)
{
	uint32_t seed = 1;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		/* many zeros, as in data: numbers that grow from 0 are not rare */
		table_put(t, seed >> 30 ? 0 : seed >> 16, 1);
	}
}

/* Owned by the caller; T's src reads from it. */
static inline struct table *table_make_in(const struct table_options *o,
					  const struct table_symbol *s, size_t n, size_t noise)
{
	struct table *t = calloc(1, sizeof(*t));

	t->at = TABLE_AT(o);
	t->src = (struct kallsyms_source){
		.data = t, .read = table_read, .ptr_size = o->ptr_size, .stext = TABLE_STEXT(o)
	};
	table_noise(t, noise);
	if (!o->late)
		table_addresses(t, o, s, n);
	table_names(t, o, s, n);
	table_put_tokens(t, o);
	if (o->late)
		table_addresses(t, o, s, n);
	table_noise(t, noise);
	return t;
}

static inline struct table *table_make(const struct table_options *o, const struct table_symbol *s,
				       size_t n)
{
	return table_make_in(o, s, n, 0);
}

#endif
