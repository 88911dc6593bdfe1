// SPDX-License-Identifier: GPL-3.0-or-later
/* DWARF: see dwarf.h. */
#include "kernel/dwarf.h"

#include <dwarf.h>
#include <string.h>

#define ABBREVS_MAX 65536u /* in a unit; compilers number them from 1 on */
#define VARIES UINT32_MAX

struct dwarf_abbrev {
	uint32_t attrs; /* offset of the list in .debug_abbrev; 0: there is no such code */
	uint32_t size;	/* of a DIE's attributes, bytes; VARIES */
	uint32_t sibling; /* where DW_AT_sibling is among them; VARIES: has none, or there */
	uint16_t tag;
	uint8_t sibling_form;
	bool has_children;
	bool has_code; /* DW_AT_low_pc or DW_AT_ranges */
};

/* Bounded reading -------------------------------------------------------------------- */

struct reader {
	const uint8_t *data;
	uint64_t at, stop;
	bool bad;
};

static struct reader reader_at(const struct dwarf_section *s, uint64_t at)
{
	return (struct reader){ .data = s->data, .at = at, .stop = s->size, .bad = at > s->size };
}

static inline uint64_t get_uint(struct reader *r, size_t size)
{
	uint64_t v = 0;

	if (r->bad || r->stop - r->at < size) {
		r->bad = true;
		return 0;
	}
	memcpy(&v, r->data + r->at, size); /* little endian like every host this runs on */
	r->at += size;
	return v;
}

static uint64_t get_long_leb(struct reader *r, bool is_signed)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = (uint8_t)get_uint(r, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	if (is_signed && shift < 64 && (b & 0x40))
		v |= ~UINT64_C(0) << shift;
	return v;
}

static inline uint64_t get_leb(struct reader *r, bool is_signed)
{
	/* Nearly all are one byte long. */
	if (!r->bad && r->at < r->stop && r->data[r->at] < 0x40)
		return r->data[r->at++];
	return get_long_leb(r, is_signed);
}

static inline uint64_t get_uleb(struct reader *r)
{
	return get_leb(r, false);
}

static void skip(struct reader *r, uint64_t len)
{
	if (r->bad || r->stop - r->at < len)
		r->bad = true;
	else
		r->at += len;
}

static const char *text_at(const struct dwarf_section *s, uint64_t offset)
{
	if (!s->data || offset >= s->size || !memchr(s->data + offset, '\0', s->size - offset))
		return NULL;
	return (const char *)s->data + offset;
}

/* Word INDEX of a table of SIZE-byte words that begins at BASE. */
static bool table_word(const struct dwarf_section *s, uint64_t base, uint64_t index, size_t size,
		       uint64_t *value)
{
	struct reader r;
	uint64_t at;

	if (kd_mul_overflow(index, size, &at) || kd_add_overflow(at, base, &at))
		return false;
	r = reader_at(s, at);
	*value = get_uint(&r, size);
	return !r.bad;
}

/* Forms ------------------------------------------------------------------------------- */

enum kind {
	KIND_OTHER, /* a block, or of another file */
	KIND_NUMBER,
	KIND_ADDRESS,
	KIND_ADDRESS_INDEX,
	KIND_TEXT,
	KIND_LINE_TEXT,
	KIND_TEXT_INDEX,
	KIND_INLINE_TEXT,
	KIND_REFERENCE, /* from the start of .debug_info */
	KIND_LIST_INDEX,
};

struct value {
	enum kind kind;
	uint64_t number;
};

/* Forms of one size: their bytes; 0: it varies, or is not known. A flag takes none. */
static bool fixed_size(const struct dwarf_unit *u, uint64_t form, uint32_t *size)
{
	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		*size = 0;
		return true;
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		*size = 1;
		return true;
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		*size = 2;
		return true;
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		*size = 3;
		return true;
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
	case DW_FORM_ref_sup4:
		*size = 4;
		return true;
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		*size = 8;
		return true;
	case DW_FORM_data16:
		*size = 16;
		return true;
	case DW_FORM_addr:
		*size = u->addr_size;
		return true;
	case DW_FORM_ref_addr:
		*size = u->version == 2 ? u->addr_size : u->offset_size;
		return true;
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_sec_offset:
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		*size = u->offset_size;
		return true;
	default:
		return false;
	}
}

static enum kind kind_of(uint64_t form)
{
	switch (form) {
	case DW_FORM_addr:
		return KIND_ADDRESS;
	case DW_FORM_addrx:
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
	case DW_FORM_GNU_addr_index:
		return KIND_ADDRESS_INDEX;
	case DW_FORM_strp:
		return KIND_TEXT;
	case DW_FORM_line_strp:
		return KIND_LINE_TEXT;
	case DW_FORM_strx:
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
	case DW_FORM_GNU_str_index:
		return KIND_TEXT_INDEX;
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
	case DW_FORM_ref_addr:
		return KIND_REFERENCE;
	case DW_FORM_rnglistx:
		return KIND_LIST_INDEX;
	case DW_FORM_data16:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return KIND_OTHER;
	default:
		return KIND_NUMBER;
	}
}

/* Forms whose size is in the data; false: not known. */
static bool get_varying(struct reader *r, uint64_t form, struct value *v)
{
	switch (form) {
	case DW_FORM_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_rnglistx:
	case DW_FORM_loclistx:
	case DW_FORM_ref_udata:
	case DW_FORM_GNU_addr_index:
	case DW_FORM_GNU_str_index:
		v->number = get_uleb(r);
		return true;
	case DW_FORM_sdata:
		v->number = get_leb(r, true);
		return true;
	case DW_FORM_string: {
		const uint8_t *nul = r->bad ? NULL : memchr(r->data + r->at, '\0', r->stop - r->at);

		v->kind = KIND_INLINE_TEXT;
		v->number = r->at;
		r->bad |= !nul;
		if (nul)
			r->at = (uint64_t)(nul - r->data) + 1;
		return true;
	}
	case DW_FORM_block1:
		skip(r, get_uint(r, 1));
		break;
	case DW_FORM_block2:
		skip(r, get_uint(r, 2));
		break;
	case DW_FORM_block4:
		skip(r, get_uint(r, 4));
		break;
	case DW_FORM_block:
	case DW_FORM_exprloc:
		skip(r, get_uleb(r));
		break;
	default:
		return false;
	}
	v->kind = KIND_OTHER;
	return true;
}

static bool get_value(struct reader *r, const struct dwarf_unit *u, uint64_t form,
		      uint64_t implicit, struct value *v)
{
	uint32_t size;

	/* Once: a chain of these would be no form that a compiler writes. */
	if (form == DW_FORM_indirect)
		form = get_uleb(r);
	*v = (struct value){ .kind = kind_of(form) };
	if (!fixed_size(u, form, &size)) {
		if (!get_varying(r, form, v))
			return false;
	} else if (form == DW_FORM_implicit_const) {
		v->number = implicit;
	} else if (form == DW_FORM_flag_present) {
		v->number = 1;
	} else if (size > sizeof(v->number)) {
		skip(r, size);
	} else {
		v->number = get_uint(r, size);
	}
	if (v->kind == KIND_REFERENCE && form != DW_FORM_ref_addr)
		v->number += u->offset;
	return !r->bad;
}

/* Abbreviations ------------------------------------------------------------------------ */

/* The next attribute of a list: name, form, and the value if that is in the list. */
static bool next_attr(struct reader *r, uint64_t *name, uint64_t *form, uint64_t *implicit)
{
	*name = get_uleb(r);
	*form = get_uleb(r);
	*implicit = *form == DW_FORM_implicit_const ? get_leb(r, true) : 0;
	return !r->bad && (*name || *form);
}

/* What of a DIE can be known without looking at it. */
static void measure(const struct dwarf_unit *u, struct reader *r, struct dwarf_abbrev *a)
{
	uint64_t name, form, implicit, size = 0;
	bool varies = false;
	uint32_t n;

	a->sibling = VARIES;
	while (next_attr(r, &name, &form, &implicit)) {
		a->has_code |= name == DW_AT_low_pc || name == DW_AT_ranges;
		if (name == DW_AT_sibling && !varies && size < VARIES && form <= UINT8_MAX) {
			a->sibling = (uint32_t)size;
			a->sibling_form = (uint8_t)form;
		}
		if (fixed_size(u, form, &n))
			size += n;
		else
			varies = true;
	}
	a->size = varies || size >= VARIES ? VARIES : (uint32_t)size;
}

static bool grow(struct dwarf_unit *u, size_t n)
{
	size_t room = u->nabbrevs ? u->nabbrevs : 128;
	struct dwarf_abbrev *list;

	while (room < n)
		room *= 2;
	if (room > ABBREVS_MAX)
		return false;
	list = realloc(u->abbrevs, room * sizeof(*list));
	if (!list)
		return false;
	memset(list + u->nabbrevs, 0, (room - u->nabbrevs) * sizeof(*list));
	u->abbrevs = list;
	u->nabbrevs = room;
	return true;
}

static int read_abbrevs(struct dwarf_unit *u, uint64_t offset, struct kd_err *err)
{
	struct reader r = reader_at(&u->data->abbrev, offset);
	uint64_t code;

	while ((code = get_uleb(&r))) {
		struct dwarf_abbrev a = { .tag = (uint16_t)get_uleb(&r) };

		a.has_children = get_uint(&r, 1) != 0;
		if (r.at > UINT32_MAX || code > ABBREVS_MAX || r.bad)
			break;
		a.attrs = (uint32_t)r.at;
		measure(u, &r, &a);
		if (code > u->nabbrevs && !grow(u, (size_t)code))
			return kd_nomem(err);
		u->abbrevs[code - 1] = a;
	}
	return r.bad || code ? kd_fail(err, KD_CORRUPT, "DWARF abbreviations make no sense") : 0;
}

/* Units --------------------------------------------------------------------------------- */

/* Length and sizes; the reader goes on behind them, up to the unit's end. */
static bool read_length(struct reader *r, unsigned *offset_size)
{
	uint64_t len = get_uint(r, 4);

	*offset_size = 4;
	if (len == UINT32_MAX) {
		len = get_uint(r, 8);
		*offset_size = 8;
	}
	if (r->bad || len > r->stop - r->at)
		return false;
	r->stop = r->at + len;
	return true;
}

bool dw_next_unit(const struct dwarf_data *d, uint64_t offset, uint64_t *next)
{
	struct reader r = reader_at(&d->info, offset);
	unsigned size;

	if (!read_length(&r, &size))
		return false;
	*next = r.stop;
	return r.stop < d->info.size;
}

static bool read_header(struct dwarf_unit *u, uint64_t *abbrevs, unsigned *type)
{
	struct reader r = reader_at(&u->data->info, u->offset);

	if (!read_length(&r, &u->offset_size))
		return false;
	u->end = r.stop;
	u->version = (unsigned)get_uint(&r, 2);
	*type = DW_UT_compile;
	if (u->version == 5) {
		*type = (unsigned)get_uint(&r, 1);
		u->addr_size = (unsigned)get_uint(&r, 1);
		*abbrevs = get_uint(&r, u->offset_size);
	} else {
		*abbrevs = get_uint(&r, u->offset_size);
		u->addr_size = (unsigned)get_uint(&r, 1);
	}
	if (*type == DW_UT_skeleton || *type == DW_UT_split_compile)
		skip(&r, 8);
	u->die = r.at;
	return !r.bad && u->version >= 2 && u->version <= 5 &&
	       (u->addr_size == 4 || u->addr_size == 8);
}

/* Where the tables begin that the unit's other attributes lead into. */
static void read_bases(struct dwarf_unit *u)
{
	struct dwarf_die root;
	uint64_t v;

	/* behind the tables' headers, should the unit not say */
	u->addr_base = u->str_offsets_base = u->offset_size == 8 ? 16 : 8;
	u->rnglists_base = u->offset_size == 8 ? 20 : 12;
	u->line_table = UINT64_MAX;
	if (!dw_die_at(u, u->die, &root))
		return;
	if (dw_number(&root, DW_AT_addr_base, &v) || dw_number(&root, DW_AT_GNU_addr_base, &v))
		u->addr_base = v;
	if (dw_number(&root, DW_AT_str_offsets_base, &v))
		u->str_offsets_base = v;
	if (dw_number(&root, DW_AT_rnglists_base, &v))
		u->rnglists_base = v;
	if (dw_number(&root, DW_AT_stmt_list, &v))
		u->line_table = v;
	if (dw_number(&root, DW_AT_low_pc, &v))
		u->low_pc = v;
}

int dw_unit_open(struct dwarf_unit *u, const struct dwarf_data *d, uint64_t offset,
		    struct kd_err *err)
{
	uint64_t abbrevs;
	unsigned type;
	int rc;

	*u = (struct dwarf_unit){ .data = d, .offset = offset };
	if (!read_header(u, &abbrevs, &type))
		return kd_fail(err, KD_CORRUPT, "a DWARF unit makes no sense");
	if (type == DW_UT_type || type == DW_UT_split_type)
		return kd_fail(err, KD_NOTFOUND, "a DWARF unit of types");
	rc = read_abbrevs(u, abbrevs, err);
	if (rc)
		dw_unit_fini(u);
	else
		read_bases(u);
	return rc;
}

void dw_unit_fini(struct dwarf_unit *u)
{
	free(u->abbrevs);
	u->abbrevs = NULL;
	u->nabbrevs = 0;
}

/* DIEs ---------------------------------------------------------------------------------- */

unsigned dw_tag(const struct dwarf_die *d)
{
	return d->abbrev->tag;
}

static struct reader unit_reader(const struct dwarf_unit *u, uint64_t at)
{
	return (struct reader){ .data = u->data->info.data,
				.at = at,
				.stop = u->end,
				.bad = at < u->die || at > u->end };
}

bool dw_die_at(const struct dwarf_unit *u, uint64_t offset, struct dwarf_die *out)
{
	struct reader r = unit_reader(u, offset);
	uint64_t code = get_uleb(&r);

	if (r.bad || !code || code > u->nabbrevs || !u->abbrevs[code - 1].attrs)
		return false;
	*out = (struct dwarf_die){ .unit = u,
				   .abbrev = &u->abbrevs[code - 1],
				   .offset = offset,
				   .attrs = r.at };
	return true;
}

/* Where a DIE's attributes end: its children, or what follows it. */
static bool attrs_end(const struct dwarf_die *d, uint64_t *end)
{
	struct reader list, r = unit_reader(d->unit, d->attrs);
	uint64_t name, form, implicit;
	struct value v;

	if (d->abbrev->size != VARIES) {
		skip(&r, d->abbrev->size);
		*end = r.at;
		return !r.bad;
	}
	list = reader_at(&d->unit->data->abbrev, d->abbrev->attrs);
	while (next_attr(&list, &name, &form, &implicit))
		if (!get_value(&r, d->unit, form, implicit, &v))
			return false;
	*end = r.at;
	return !list.bad;
}

bool dw_child(const struct dwarf_die *parent, struct dwarf_die *out)
{
	uint64_t at;

	return parent->abbrev->has_children && attrs_end(parent, &at) &&
	       dw_die_at(parent->unit, at, out);
}

/* By DW_AT_sibling, where it is at hand and leads forward. */
static bool jump(const struct dwarf_die *d, uint64_t *to)
{
	struct reader r;
	struct value v;

	if (d->abbrev->sibling == VARIES)
		return false;
	r = unit_reader(d->unit, d->attrs);
	skip(&r, d->abbrev->sibling);
	if (d->abbrev->sibling_form == DW_FORM_ref4) {
		*to = d->unit->offset + get_uint(&r, 4);
		return !r.bad && *to > d->attrs;
	}
	if (!get_value(&r, d->unit, d->abbrev->sibling_form, 0, &v) || v.kind != KIND_REFERENCE ||
	    v.number <= d->attrs)
		return false;
	*to = v.number;
	return true;
}

/* Behind a DIE and all below it. */
static bool subtree_end(const struct dwarf_die *top, uint64_t *end)
{
	struct dwarf_die d = *top;
	uint64_t depth = 0, at = 0;

	for (;;) {
		if (!d.abbrev->has_children || !jump(&d, &at)) {
			if (!attrs_end(&d, &at))
				return false;
			depth += d.abbrev->has_children;
		}
		/* ends of lists of children: a code of 0 each */
		while (depth && at < top->unit->end && !top->unit->data->info.data[at]) {
			at++;
			depth--;
		}
		if (!depth) {
			*end = at;
			return true;
		}
		if (!dw_die_at(top->unit, at, &d))
			return false;
	}
}

bool dw_sibling(const struct dwarf_die *d, struct dwarf_die *out)
{
	uint64_t at;

	return subtree_end(d, &at) && dw_die_at(d->unit, at, out);
}

/* Attributes ---------------------------------------------------------------------------- */

static bool find_value(const struct dwarf_die *d, unsigned attribute, struct value *v)
{
	struct reader list = reader_at(&d->unit->data->abbrev, d->abbrev->attrs);
	struct reader r = unit_reader(d->unit, d->attrs);
	uint64_t name, form, implicit;

	while (next_attr(&list, &name, &form, &implicit)) {
		if (!get_value(&r, d->unit, form, implicit, v))
			return false;
		if (name == attribute)
			return true;
	}
	return false;
}

static bool resolve_address(const struct dwarf_unit *u, const struct value *v, uint64_t *address)
{
	*address = v->number;
	return v->kind == KIND_ADDRESS ||
	       (v->kind == KIND_ADDRESS_INDEX &&
		table_word(&u->data->addr, u->addr_base, v->number, u->addr_size, address));
}

bool dw_number(const struct dwarf_die *d, unsigned attribute, uint64_t *value)
{
	struct value v;

	if (!find_value(d, attribute, &v))
		return false;
	*value = v.number;
	return v.kind == KIND_NUMBER || resolve_address(d->unit, &v, value);
}

const char *dw_text(const struct dwarf_die *d, unsigned attribute)
{
	const struct dwarf_data *data = d->unit->data;
	struct value v;
	uint64_t offset;

	if (!find_value(d, attribute, &v))
		return NULL;
	switch (v.kind) {
	case KIND_INLINE_TEXT:
		return (const char *)data->info.data + v.number;
	case KIND_TEXT:
		return text_at(&data->str, v.number);
	case KIND_LINE_TEXT:
		return text_at(&data->line_str, v.number);
	case KIND_TEXT_INDEX:
		if (!table_word(&data->str_offsets, d->unit->str_offsets_base, v.number,
				d->unit->offset_size, &offset))
			return NULL;
		return text_at(&data->str, offset);
	default:
		return NULL;
	}
}

bool dw_reference(const struct dwarf_die *d, unsigned attribute, uint64_t *offset)
{
	struct value v;

	if (!find_value(d, attribute, &v) || v.kind != KIND_REFERENCE)
		return false;
	*offset = v.number;
	return true;
}

/* Ranges (DWARF 5 section 2.17, before version 5 DWARF 4 section 2.17.3) ---------------- */

static void start_list(struct dwarf_ranges *r, const struct value *v)
{
	const struct dwarf_unit *u = r->unit;

	r->base = u->low_pc;
	r->at = v->number;
	if (u->version < 5) {
		r->kind = DWARF_RANGES_OLD;
		r->stop = u->data->ranges.size;
		return;
	}
	r->kind = DWARF_RANGES_LIST;
	r->stop = u->data->rnglists.size;
	if (v->kind != KIND_LIST_INDEX)
		return;
	if (!table_word(&u->data->rnglists, u->rnglists_base, v->number, u->offset_size, &r->at))
		r->kind = DWARF_RANGES_NONE;
	r->at += u->rnglists_base;
}

void dw_ranges_start(struct dwarf_ranges *r, const struct dwarf_die *d)
{
	struct reader list = reader_at(&d->unit->data->abbrev, d->abbrev->attrs);
	struct reader attrs = unit_reader(d->unit, d->attrs);
	uint64_t name, form, implicit;
	bool has_low = false, has_high = false;
	struct value v, high = { 0 };

	*r = (struct dwarf_ranges){ .unit = d->unit, .kind = DWARF_RANGES_NONE };
	if (!d->abbrev->has_code)
		return;
	while (next_attr(&list, &name, &form, &implicit)) {
		if (!get_value(&attrs, d->unit, form, implicit, &v))
			return;
		if (name == DW_AT_ranges) {
			start_list(r, &v);
			return;
		}
		if (name == DW_AT_low_pc)
			has_low = resolve_address(d->unit, &v, &r->low);
		if (name == DW_AT_high_pc) {
			has_high = true;
			high = v;
		}
	}
	if (!has_low || !has_high)
		return;
	/* An address, or the length. */
	if (high.kind == KIND_NUMBER)
		r->high = r->low + high.number;
	else if (!resolve_address(d->unit, &high, &r->high))
		return;
	r->kind = DWARF_RANGES_ONE;
}

static bool next_old(struct dwarf_ranges *r, uint64_t *low, uint64_t *high)
{
	unsigned size = r->unit->addr_size;
	uint64_t largest = size == 4 ? UINT32_MAX : UINT64_MAX;

	for (;;) {
		struct reader in = reader_at(&r->unit->data->ranges, r->at);
		uint64_t a = get_uint(&in, size), b = get_uint(&in, size);

		r->at = in.at;
		if (in.bad || (!a && !b))
			return false;
		if (a != largest) {
			*low = r->base + a;
			*high = r->base + b;
			return true;
		}
		r->base = b;
	}
}

static uint64_t get_indexed(struct dwarf_ranges *r, struct reader *in)
{
	uint64_t address = 0, index = get_uleb(in);

	if (!table_word(&r->unit->data->addr, r->unit->addr_base, index, r->unit->addr_size,
			&address))
		in->bad = true;
	return address;
}

/* One entry; false: it is the last one. *found: it is a range. */
static bool list_entry(struct dwarf_ranges *r, struct reader *in, uint64_t *low, uint64_t *high,
		       bool *found)
{
	unsigned size = r->unit->addr_size;

	*found = true;
	switch (get_uint(in, 1)) {
	case DW_RLE_base_addressx:
		r->base = get_indexed(r, in);
		*found = false;
		return true;
	case DW_RLE_base_address:
		r->base = get_uint(in, size);
		*found = false;
		return true;
	case DW_RLE_startx_endx:
		*low = get_indexed(r, in);
		*high = get_indexed(r, in);
		return true;
	case DW_RLE_startx_length:
		*low = get_indexed(r, in);
		*high = *low + get_uleb(in);
		return true;
	case DW_RLE_offset_pair:
		*low = r->base + get_uleb(in);
		*high = r->base + get_uleb(in);
		return true;
	case DW_RLE_start_end:
		*low = get_uint(in, size);
		*high = get_uint(in, size);
		return true;
	case DW_RLE_start_length:
		*low = get_uint(in, size);
		*high = *low + get_uleb(in);
		return true;
	default:
		return false; /* the end, or not known */
	}
}

static bool next_entry(struct dwarf_ranges *r, uint64_t *low, uint64_t *high)
{
	struct reader in = reader_at(&r->unit->data->rnglists, r->at);
	bool found = false;

	while (!found)
		if (!list_entry(r, &in, low, high, &found) || in.bad)
			return false;
	r->at = in.at;
	return true;
}

bool dw_ranges_next(struct dwarf_ranges *r, uint64_t *low, uint64_t *high)
{
	switch (r->kind) {
	case DWARF_RANGES_ONE:
		*low = r->low;
		*high = r->high;
		r->kind = DWARF_RANGES_NONE;
		return true;
	case DWARF_RANGES_OLD:
		return next_old(r, low, high);
	case DWARF_RANGES_LIST:
		return next_entry(r, low, high);
	default:
		return false;
	}
}
