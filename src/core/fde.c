// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading call frame information: see fde.h. */
#include "core/fde.h"

#include <dwarf.h>
#include <string.h>

/* Bounded reading -------------------------------------------------------------- */

struct reader {
	const uint8_t *data;
	size_t at, stop;
	bool bad;
};

static uint64_t get_uint(struct reader *r, size_t size)
{
	uint64_t v = 0;

	if (r->bad || r->stop - r->at < size) {
		r->bad = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		v |= (uint64_t)r->data[r->at + i] << 8 * i;
	r->at += size;
	return v;
}

static uint64_t get_leb(struct reader *r, bool is_signed)
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

static uint64_t get_uleb(struct reader *r)
{
	return get_leb(r, false);
}

static int64_t get_sleb(struct reader *r)
{
	return (int64_t)get_leb(r, true);
}

/* The table -------------------------------------------------------------------- */

/*
 * The header of the entry at *at: a reader over what follows its CIE_pointer,
 * and that pointer. Moves *at to the next entry. false: the end, or no sense.
 */
static bool next_entry(const uint8_t *data, size_t size, size_t *at, struct reader *body,
		       uint32_t *id)
{
	struct reader r = { .data = data, .at = *at, .stop = size, .bad = *at > size };
	uint64_t len = get_uint(&r, 4);

	if (r.bad || len < 4 || len > size - r.at)
		return false; /* the 64-bit form (length all ones) ends it too */
	r.stop = r.at + (size_t)len;
	*at = r.stop;
	*id = (uint32_t)get_uint(&r, 4);
	*body = r;
	return true;
}

static int compare_fdes(const void *a, const void *b)
{
	const struct fde *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool push(struct fde_table *t, size_t *room, const struct fde *f)
{
	if (t->n == *room) {
		size_t want = *room ? 2 * *room : 4096;
		struct fde *list = realloc(t->list, want * sizeof(*list));

		if (!list)
			return false;
		t->list = list;
		*room = want;
	}
	t->list[t->n++] = *f;
	return true;
}

/* The next FDE from *at on, or none: false. */
static bool next_fde(const struct fde_table *t, size_t *at, uint64_t bias, struct fde *f)
{
	uint64_t mask = t->addr_size == 8 ? ~UINT64_C(0) : UINT32_MAX;
	struct reader r;
	uint32_t id;

	for (size_t entry = *at; next_entry(t->data, t->size, at, &r, &id); entry = *at) {
		uint64_t len;

		if (id == UINT32_MAX)
			continue; /* a CIE */
		*f = (struct fde){ .entry = (uint32_t)entry, .cie = id };
		f->start = (get_uint(&r, t->addr_size) + bias) & mask;
		len = get_uint(&r, t->addr_size);
		if (!r.bad && len && !kd_add_overflow(f->start, len, &f->end) && *at <= UINT32_MAX)
			return true;
	}
	return false;
}

int fde_table_open(struct fde_table *t, const uint8_t *data, size_t size, unsigned addr_size,
		   uint64_t bias, struct kd_err *err)
{
	size_t at = 0, room = 0;
	bool sorted = true;
	struct fde f;

	*t = (struct fde_table){ .data = data, .size = size, .addr_size = addr_size };
	while (next_fde(t, &at, bias, &f)) {
		sorted = sorted && (!t->n || t->list[t->n - 1].start <= f.start);
		if (!push(t, &room, &f)) {
			fde_table_fini(t);
			return kd_nomem(err);
		}
	}
	if (!sorted)
		qsort(t->list, t->n, sizeof(*t->list), compare_fdes);
	return 0;
}

bool fde_section_find(struct fde_table *t, const uint8_t *data, size_t size, unsigned addr_size,
		      uint64_t bias, vaddr_t pc, struct fde *out)
{
	size_t at = 0;

	*t = (struct fde_table){ .data = data, .size = size, .addr_size = addr_size };
	while (next_fde(t, &at, bias, out))
		if (pc >= out->start && pc < out->end)
			return true;
	return false;
}

void fde_table_fini(struct fde_table *t)
{
	free(t->list);
	*t = (struct fde_table){ .list = NULL };
}

const struct fde *fde_table_find(const struct fde_table *t, vaddr_t pc)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->list[mid].end <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->n && t->list[low].start <= pc ? &t->list[low] : NULL;
}

/* Instructions ------------------------------------------------------------------- */

static bool fits(int64_t n)
{
	return n == (int32_t)n;
}

const struct fde_rule *fde_row_rule(const struct fde_row *row, uint64_t reg)
{
	if (reg < FDE_REGS)
		return &row->regs[reg];
	return reg - FDE_MORE_AT < FDE_MORE ? &row->more[reg - FDE_MORE_AT] : NULL;
}

static void set(struct fde_row *row, uint64_t reg, const struct fde_rule *rule)
{
	if (reg < FDE_REGS)
		row->regs[reg] = *rule;
	else if (reg - FDE_MORE_AT < FDE_MORE)
		row->more[reg - FDE_MORE_AT] = *rule;
}

static void set_rule(struct fde_walk *w, struct reader *r, uint64_t reg, uint8_t kind, int64_t n)
{
	if (!fits(n))
		r->bad = true;
	else
		set(&w->row, reg, &(struct fde_rule){ .kind = kind, .n = (int32_t)n });
}

/* Factored offsets: multiplied here, so that rules are in bytes. */
static void set_offset(struct fde_walk *w, struct reader *r, uint64_t reg, uint8_t kind, int64_t n)
{
	int64_t bytes;

	if (kd_mul_overflow(n, w->data_align, &bytes))
		r->bad = true;
	else
		set_rule(w, r, reg, kind, bytes);
}

static struct fde_rule get_block(struct reader *r, uint8_t kind)
{
	uint64_t len = get_uleb(r);
	struct fde_rule rule = { .kind = kind, .block = (uint32_t)r->at };

	if (r->bad || len > r->stop - r->at || len > UINT16_MAX) {
		r->bad = true;
		return rule;
	}
	rule.len = (uint16_t)len;
	r->at += (size_t)len;
	return rule;
}

static void set_block(struct fde_walk *w, struct reader *r, uint8_t kind)
{
	uint64_t reg = get_uleb(r);
	struct fde_rule rule = get_block(r, kind);

	set(&w->row, reg, &rule);
}

static void set_cfa(struct fde_walk *w, struct reader *r, uint64_t reg, int64_t n)
{
	if (!fits(n) || reg > UINT16_MAX) {
		r->bad = true;
		return;
	}
	w->row.cfa_reg = (unsigned)reg;
	w->row.cfa = (struct fde_rule){ .kind = FDE_OFFSET, .n = (int32_t)n };
}

static void set_cfa_sf(struct fde_walk *w, struct reader *r, uint64_t reg, int64_t n)
{
	int64_t bytes;

	if (kd_mul_overflow(n, w->data_align, &bytes))
		r->bad = true;
	else
		set_cfa(w, r, reg, bytes);
}

static void restore(struct fde_walk *w, uint64_t reg)
{
	const struct fde_rule *rule = fde_row_rule(&w->initial, reg);

	if (rule)
		set(&w->row, reg, rule);
}

static void remember(struct fde_walk *w, struct reader *r)
{
	if (w->nstates == FDE_STATES)
		r->bad = true;
	else
		w->states[w->nstates++] = w->row;
}

static void recall(struct fde_walk *w, struct reader *r)
{
	if (w->nstates == 0)
		r->bad = true;
	else
		w->row = w->states[--w->nstates];
}

/* The instructions that define the CFA; false: it is none of them. */
static bool execute_cfa(struct fde_walk *w, struct reader *r, uint8_t op)
{
	uint64_t reg;

	switch (op) {
	case DW_CFA_def_cfa:
		reg = get_uleb(r);
		set_cfa(w, r, reg, (int64_t)get_uleb(r));
		return true;
	case DW_CFA_def_cfa_sf:
		reg = get_uleb(r);
		set_cfa_sf(w, r, reg, get_sleb(r));
		return true;
	case DW_CFA_def_cfa_register:
		set_cfa(w, r, get_uleb(r), w->row.cfa.n);
		return true;
	case DW_CFA_def_cfa_offset:
		set_cfa(w, r, w->row.cfa_reg, (int64_t)get_uleb(r));
		return true;
	case DW_CFA_def_cfa_offset_sf:
		set_cfa_sf(w, r, w->row.cfa_reg, get_sleb(r));
		return true;
	case DW_CFA_def_cfa_expression:
		w->row.cfa = get_block(r, FDE_EXPRESSION);
		return true;
	default:
		return false;
	}
}

static void execute_extended(struct fde_walk *w, struct reader *r, uint8_t op)
{
	uint64_t reg;

	switch (op) {
	case DW_CFA_nop:
		break;
	case DW_CFA_GNU_args_size:
		get_uleb(r);
		break;
	case DW_CFA_offset_extended:
		reg = get_uleb(r);
		set_offset(w, r, reg, FDE_OFFSET, (int64_t)get_uleb(r));
		break;
	case DW_CFA_offset_extended_sf:
		reg = get_uleb(r);
		set_offset(w, r, reg, FDE_OFFSET, get_sleb(r));
		break;
	case DW_CFA_val_offset:
		reg = get_uleb(r);
		set_offset(w, r, reg, FDE_VAL_OFFSET, (int64_t)get_uleb(r));
		break;
	case DW_CFA_val_offset_sf:
		reg = get_uleb(r);
		set_offset(w, r, reg, FDE_VAL_OFFSET, get_sleb(r));
		break;
	case DW_CFA_register:
		reg = get_uleb(r);
		set_rule(w, r, reg, FDE_REGISTER, (int64_t)get_uleb(r));
		break;
	case DW_CFA_undefined:
		set_rule(w, r, get_uleb(r), FDE_UNDEFINED, 0);
		break;
	case DW_CFA_same_value:
		set_rule(w, r, get_uleb(r), FDE_SAME, 0);
		break;
	case DW_CFA_restore_extended:
		restore(w, get_uleb(r));
		break;
	case DW_CFA_expression:
		set_block(w, r, FDE_EXPRESSION);
		break;
	case DW_CFA_val_expression:
		set_block(w, r, FDE_VAL_EXPRESSION);
		break;
	case DW_CFA_remember_state:
		remember(w, r);
		break;
	case DW_CFA_restore_state:
		recall(w, r);
		break;
	default:
		if (!execute_cfa(w, r, op))
			r->bad = true;
	}
}

/* Execute up to the next advance (its distance is *delta, in units) or the end. */
static void execute(struct fde_walk *w, struct reader *r, uint64_t *delta)
{
	*delta = 0;
	while (!r->bad && !*delta && r->at < r->stop) {
		uint8_t op = (uint8_t)get_uint(r, 1), low = op & 0x3f;

		switch (op & 0xc0) {
		case DW_CFA_advance_loc:
			*delta = low;
			break;
		case DW_CFA_offset:
			set_offset(w, r, low, FDE_OFFSET, (int64_t)get_uleb(r));
			break;
		case DW_CFA_restore:
			restore(w, low);
			break;
		default:
			if (op >= DW_CFA_advance_loc1 && op <= DW_CFA_advance_loc4)
				*delta = get_uint(r, (size_t)1 << (op - DW_CFA_advance_loc1));
			else
				execute_extended(w, r, op);
		}
	}
}

/* Walking ------------------------------------------------------------------------ */

/* Read the CIE up to its instructions; *has_data: its FDEs carry augmentation data. */
static bool read_cie(struct fde_walk *w, uint32_t at, struct reader *r, bool *has_data)
{
	const struct fde_table *t = w->table;
	size_t pos = at;
	uint64_t version, c;
	uint32_t id;

	if (!next_entry(t->data, t->size, &pos, r, &id) || id != UINT32_MAX)
		return false;
	version = get_uint(r, 1);
	c = get_uint(r, 1);
	*has_data = c == 'z';
	/* Any other first letter may mean anything: the format says to give up. */
	if (version < 1 || version > 4 || (c && c != 'z'))
		return false;
	w->signal = false;
	while (c) {
		c = get_uint(r, 1);
		w->signal |= c == 'S';
	}
	if (version == 4 && (get_uint(r, 1) != t->addr_size || get_uint(r, 1) != 0))
		return false;
	w->code_align = get_uleb(r);
	w->data_align = get_sleb(r);
	w->ra = (unsigned)(version == 1 ? get_uint(r, 1) : get_uleb(r));
	if (*has_data)
		get_block(r, 0); /* its data says nothing about rules */
	return !r->bad;
}

bool fde_walk_start(struct fde_walk *w, const struct fde_table *t, const struct fde *f)
{
	struct reader r;
	size_t at = f->entry;
	bool has_data;
	uint64_t delta;
	uint32_t id;

	w->table = t;
	w->nstates = 0;
	memset(&w->row, 0, sizeof(w->row));
	if (!read_cie(w, f->cie, &r, &has_data))
		return false;
	memset(&w->initial, 0, sizeof(w->initial));
	execute(w, &r, &delta);
	if (r.bad || delta || !next_entry(t->data, t->size, &at, &r, &id))
		return false;
	w->initial = w->row;
	get_uint(&r, t->addr_size);
	get_uint(&r, t->addr_size);
	if (has_data)
		get_block(&r, 0);
	if (r.bad)
		return false;
	w->at = r.at;
	w->stop = r.stop;
	w->start = w->end = f->start;
	w->fde_end = f->end;
	return fde_walk_next(w);
}

bool fde_walk_next(struct fde_walk *w)
{
	struct reader r = { .data = w->table->data, .at = w->at, .stop = w->stop };
	uint64_t delta;

	if (w->end >= w->fde_end)
		return false;
	w->start = w->end;
	execute(w, &r, &delta);
	w->at = r.at;
	if (r.bad || kd_mul_overflow(delta, w->code_align, &delta))
		return false;
	w->end = delta && delta < w->fde_end - w->start ? w->start + delta : w->fde_end;
	return true;
}

bool fde_walk_to(struct fde_walk *w, const struct fde_table *t, const struct fde *f, vaddr_t pc)
{
	bool ok = fde_walk_start(w, t, f);

	while (ok && w->end <= pc)
		ok = fde_walk_next(w);
	return ok;
}
