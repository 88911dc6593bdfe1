/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that read DWARF share: see dwarf.h. */
#ifndef KD_KERNEL_DWARF_PRIV_H
#define KD_KERNEL_DWARF_PRIV_H

#include <string.h>

#include "kernel/dwarf.h"

#define DW_VARIES UINT32_MAX

struct dwarf_abbrev {
	uint32_t attrs;	  /* offset of the list in .debug_abbrev; 0: there is no such code */
	uint32_t size;	  /* of a DIE's attributes, bytes; DW_VARIES */
	uint32_t sibling; /* where DW_AT_sibling is among them; DW_VARIES: has none, or there */
	uint16_t tag;
	uint8_t sibling_form;
	bool has_children;
	bool has_code; /* DW_AT_low_pc or DW_AT_ranges */
};

/* Bounded reading -------------------------------------------------------------------- */

struct dw_reader {
	const uint8_t *data;
	uint64_t at, stop;
	bool bad;
};

static inline struct dw_reader dw_reader_at(const struct dwarf_section *s, uint64_t at)
{
	return (struct dw_reader){
		.data = s->data, .at = at, .stop = s->size, .bad = at > s->size
	};
}

/* Little endian, SIZE up to 8 bytes. */
static inline uint64_t dw_uint(struct dw_reader *r, size_t size)
{
	uint64_t v = 0;

	if (r->bad || r->stop - r->at < size) {
		r->bad = true;
		return 0;
	}
	/* the sizes that there are, lest a function is called for a byte */
	switch (size) {
	case 1:
		v = r->data[r->at];
		break;
	case 4:
		memcpy(&v, r->data + r->at, 4);
		break;
	case 8:
		memcpy(&v, r->data + r->at, 8);
		break;
	default:
		memcpy(&v, r->data + r->at, size);
	}
	r->at += size;
	return v; /* every host this runs on is little endian */
}

/* Any LEB128 number; the frequent ones are read in place. */
uint64_t dw_long_leb(struct dw_reader *r, bool is_signed);

static inline uint64_t dw_leb(struct dw_reader *r, bool is_signed)
{
	/* Nearly all are one byte long. */
	if (!r->bad && r->at < r->stop && r->data[r->at] < 0x40)
		return r->data[r->at++];
	return dw_long_leb(r, is_signed);
}

static inline uint64_t dw_uleb(struct dw_reader *r)
{
	return dw_leb(r, false);
}

static inline void dw_skip(struct dw_reader *r, uint64_t len)
{
	if (r->bad || r->stop - r->at < len)
		r->bad = true;
	else
		r->at += len;
}

/* Word INDEX of a table of SIZE-byte words that begins at BASE. */
bool dw_table_word(const struct dwarf_section *s, uint64_t base, uint64_t index, size_t size,
		   uint64_t *value);

/* The attributes of a DIE of U, from AT on. */
static inline struct dw_reader dw_unit_reader(const struct dwarf_unit *u, uint64_t at)
{
	return (struct dw_reader){ .data = u->data->info.data,
				   .at = at,
				   .stop = u->end,
				   .bad = at < u->die || at > u->end };
}

/* Forms ------------------------------------------------------------------------------ */

enum dw_kind {
	DW_KIND_OTHER, /* a block, or of another file */
	DW_KIND_NUMBER,
	DW_KIND_ADDRESS,
	DW_KIND_ADDRESS_INDEX,
	DW_KIND_TEXT,
	DW_KIND_LINE_TEXT,
	DW_KIND_TEXT_INDEX,
	DW_KIND_INLINE_TEXT,
	DW_KIND_REFERENCE, /* from the start of .debug_info */
	DW_KIND_LIST_INDEX,
};

struct dw_value {
	enum dw_kind kind;
	uint64_t number;
};

/* Bytes of a form that always takes the same; false: it varies, or is not known. */
bool dw_form_size(const struct dwarf_unit *u, uint64_t form, uint32_t *size);

/* The next value, of FORM; IMPLICIT is what the abbreviation says. false: it makes no sense. */
bool dw_value_get(struct dw_reader *r, const struct dwarf_unit *u, uint64_t form, uint64_t implicit,
		  struct dw_value *v);

/*
 * The next attribute of a list in .debug_abbrev: name, form, and the value if that is in the
 * list. false: the list's end.
 */
bool dw_next_attr(struct dw_reader *r, uint64_t *name, uint64_t *form, uint64_t *implicit);

/* A value as an address, by the unit's table of them if need be. false: it is none. */
bool dw_address(const struct dwarf_unit *u, const struct dw_value *v, uint64_t *address);

#endif
