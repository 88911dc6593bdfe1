// SPDX-License-Identifier: GPL-3.0-or-later
/* DWARF: units, abbreviations and DIEs; see dwarf.h. */
#include "kernel/dwarf.h"

#include <dwarf.h>

#include "kernel/dwarf_priv.h"

#define ABBREVS_MAX 65536u /* in a unit; compilers number them from 1 on */

/* Abbreviations ------------------------------------------------------------------------ */

/* What of a DIE can be known without looking at it. */
static void measure(const struct dwarf_unit *u, struct dw_reader *r, struct dwarf_abbrev *a)
{
	uint64_t name, form, implicit, size = 0;
	bool varies = false;
	uint32_t n;

	a->sibling = DW_VARIES;
	while (dw_next_attr(r, &name, &form, &implicit)) {
		a->has_code |= name == DW_AT_low_pc || name == DW_AT_ranges;
		if (name == DW_AT_sibling && !varies && size < DW_VARIES && form <= UINT8_MAX) {
			a->sibling = (uint32_t)size;
			a->sibling_form = (uint8_t)form;
		}
		if (dw_form_size(u, form, &n))
			size += n;
		else
			varies = true;
	}
	a->size = varies || size >= DW_VARIES ? DW_VARIES : (uint32_t)size;
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
	struct dw_reader r = dw_reader_at(&u->data->abbrev, offset);
	uint64_t code;

	while ((code = dw_uleb(&r))) {
		struct dwarf_abbrev a = { .tag = (uint16_t)dw_uleb(&r) };

		a.has_children = dw_uint(&r, 1) != 0;
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
static bool read_length(struct dw_reader *r, unsigned *offset_size)
{
	uint64_t len = dw_uint(r, 4);

	*offset_size = 4;
	if (len == UINT32_MAX) {
		len = dw_uint(r, 8);
		*offset_size = 8;
	}
	if (r->bad || len > r->stop - r->at)
		return false;
	r->stop = r->at + len;
	return true;
}

bool dw_next_unit(const struct dwarf_data *d, uint64_t offset, uint64_t *next)
{
	struct dw_reader r = dw_reader_at(&d->info, offset);
	unsigned size;

	if (!read_length(&r, &size))
		return false;
	*next = r.stop;
	return r.stop < d->info.size;
}

static bool read_header(struct dwarf_unit *u, uint64_t *abbrevs, unsigned *type)
{
	struct dw_reader r = dw_reader_at(&u->data->info, u->offset);

	if (!read_length(&r, &u->offset_size))
		return false;
	u->end = r.stop;
	u->version = (unsigned)dw_uint(&r, 2);
	*type = DW_UT_compile;
	if (u->version == 5) {
		*type = (unsigned)dw_uint(&r, 1);
		u->addr_size = (unsigned)dw_uint(&r, 1);
		*abbrevs = dw_uint(&r, u->offset_size);
	} else {
		*abbrevs = dw_uint(&r, u->offset_size);
		u->addr_size = (unsigned)dw_uint(&r, 1);
	}
	if (*type == DW_UT_skeleton || *type == DW_UT_split_compile)
		dw_skip(&r, 8);
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

bool dw_die_at(const struct dwarf_unit *u, uint64_t offset, struct dwarf_die *out)
{
	struct dw_reader r = dw_unit_reader(u, offset);
	uint64_t code = dw_uleb(&r);

	if (r.bad || !code || code > u->nabbrevs || !u->abbrevs[code - 1].attrs)
		return false;
	*out = (struct dwarf_die){
		.unit = u, .abbrev = &u->abbrevs[code - 1], .offset = offset, .attrs = r.at
	};
	return true;
}

/* Where a DIE's attributes end: its children, or what follows it. */
static bool attrs_end(const struct dwarf_die *d, uint64_t *end)
{
	struct dw_reader list, r = dw_unit_reader(d->unit, d->attrs);
	uint64_t name, form, implicit;
	struct dw_value v;

	if (d->abbrev->size != DW_VARIES) {
		dw_skip(&r, d->abbrev->size);
		*end = r.at;
		return !r.bad;
	}
	list = dw_reader_at(&d->unit->data->abbrev, d->abbrev->attrs);
	while (dw_next_attr(&list, &name, &form, &implicit))
		if (!dw_value_get(&r, d->unit, form, implicit, &v))
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
	struct dw_reader r;
	struct dw_value v;

	if (d->abbrev->sibling == DW_VARIES)
		return false;
	r = dw_unit_reader(d->unit, d->attrs);
	dw_skip(&r, d->abbrev->sibling);
	if (d->abbrev->sibling_form == DW_FORM_ref4) {
		*to = d->unit->offset + dw_uint(&r, 4);
		return !r.bad && *to > d->attrs;
	}
	if (!dw_value_get(&r, d->unit, d->abbrev->sibling_form, 0, &v) ||
	    v.kind != DW_KIND_REFERENCE || v.number <= d->attrs)
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

static bool find_value(const struct dwarf_die *d, unsigned attribute, struct dw_value *v)
{
	struct dw_reader list = dw_reader_at(&d->unit->data->abbrev, d->abbrev->attrs);
	struct dw_reader r = dw_unit_reader(d->unit, d->attrs);
	uint64_t name, form, implicit;

	while (dw_next_attr(&list, &name, &form, &implicit)) {
		if (!dw_value_get(&r, d->unit, form, implicit, v))
			return false;
		if (name == attribute)
			return true;
	}
	return false;
}

bool dw_number(const struct dwarf_die *d, unsigned attribute, uint64_t *value)
{
	struct dw_value v;

	if (!find_value(d, attribute, &v))
		return false;
	*value = v.number;
	return v.kind == DW_KIND_NUMBER || dw_address(d->unit, &v, value);
}

static const char *text_at(const struct dwarf_section *s, uint64_t offset)
{
	if (!s->data || offset >= s->size || !memchr(s->data + offset, '\0', s->size - offset))
		return NULL;
	return (const char *)s->data + offset;
}

const char *dw_text(const struct dwarf_die *d, unsigned attribute)
{
	const struct dwarf_data *data = d->unit->data;
	struct dw_value v;
	uint64_t offset;

	if (!find_value(d, attribute, &v))
		return NULL;
	switch (v.kind) {
	case DW_KIND_INLINE_TEXT:
		return (const char *)data->info.data + v.number;
	case DW_KIND_TEXT:
		return text_at(&data->str, v.number);
	case DW_KIND_LINE_TEXT:
		return text_at(&data->line_str, v.number);
	case DW_KIND_TEXT_INDEX:
		if (!dw_table_word(&data->str_offsets, d->unit->str_offsets_base, v.number,
				   d->unit->offset_size, &offset))
			return NULL;
		return text_at(&data->str, offset);
	default:
		return NULL;
	}
}

bool dw_reference(const struct dwarf_die *d, unsigned attribute, uint64_t *offset)
{
	struct dw_value v;

	if (!find_value(d, attribute, &v) || v.kind != DW_KIND_REFERENCE)
		return false;
	*offset = v.number;
	return true;
}
