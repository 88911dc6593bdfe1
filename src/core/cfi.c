// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing call frame information: see cfi.h. */
#include "core/cfi.h"

#include <dwarf.h>
#include <string.h>

#define CIES_MAX 8

struct cie_entry {
	uint32_t offset; /* in the section */
	struct cfi_cie cie;
};

struct cfi {
	uint8_t *buf;
	size_t len, room;
	unsigned addr_size;
	struct cie_entry cies[CIES_MAX];
	uint32_t ncies;
	size_t entry;	   /* offset of the open CIE or FDE */
	vaddr_t start, pc; /* of the open FDE: first address, address reached */
	int8_t data_align; /* of the open FDE's CIE */
	int failed;	   /* first failure: enum kd_status */
};

/* Bytes ----------------------------------------------------------------------- */

static size_t put_uleb(uint8_t *p, uint64_t v)
{
	size_t n = 0;

	do {
		p[n] = (uint8_t)(v & 0x7f);
		v >>= 7;
		if (v)
			p[n] |= 0x80;
		n++;
	} while (v);
	return n;
}

static size_t put_sleb(uint8_t *p, int64_t v)
{
	size_t n = 0;

	for (;;) {
		uint8_t b = (uint8_t)(v & 0x7f);

		v >>= 7;
		if ((v == 0 && !(b & 0x40)) || (v == -1 && (b & 0x40))) {
			p[n++] = b;
			return n;
		}
		p[n++] = b | 0x80;
	}
}

#define LEB_MAX 10 /* bytes a 64-bit number takes */

static void fail(struct cfi *c, int status)
{
	if (!c->failed)
		c->failed = status;
}

static uint8_t *reserve(struct cfi *c, size_t n)
{
	if (c->failed)
		return NULL;
	if (c->room - c->len < n) {
		size_t room = c->room ? 2 * c->room : 65536;
		uint8_t *buf;

		while (room - c->len < n)
			room *= 2;
		/* Offsets are 32 bits wide in this form of the section. */
		buf = room <= UINT32_MAX / 2 ? realloc(c->buf, room) : NULL;
		if (!buf) {
			fail(c, KD_NOMEM);
			return NULL;
		}
		c->buf = buf;
		c->room = room;
	}
	return c->buf + c->len;
}

static void add(struct cfi *c, const void *bytes, size_t n)
{
	uint8_t *p = reserve(c, n);

	if (p && n) {
		memcpy(p, bytes, n);
		c->len += n;
	}
}

static void add_byte(struct cfi *c, uint8_t b)
{
	add(c, &b, 1);
}

static void add_uleb(struct cfi *c, uint64_t v)
{
	uint8_t b[LEB_MAX];

	add(c, b, put_uleb(b, v));
}

static void add_sleb(struct cfi *c, int64_t v)
{
	uint8_t b[LEB_MAX];

	add(c, b, put_sleb(b, v));
}

static void put_uint(uint8_t *p, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void add_uint(struct cfi *c, uint64_t v, size_t size)
{
	uint8_t b[8];

	put_uint(b, v, size);
	add(c, b, size);
}

/* Expressions ------------------------------------------------------------------ */

static void expr_add(struct cfi_expr *e, const uint8_t *bytes, size_t n)
{
	if (n > sizeof(e->bytes) - e->len) {
		e->overflow = true;
		return;
	}
	memcpy(e->bytes + e->len, bytes, n);
	e->len += n;
}

static void expr_op(struct cfi_expr *e, uint8_t op)
{
	expr_add(e, &op, 1);
}

void cfi_expr_breg(struct cfi_expr *e, unsigned reg, int64_t offset)
{
	uint8_t b[1 + 2 * LEB_MAX];
	size_t n = 1;

	if (reg < 32) {
		b[0] = (uint8_t)(DW_OP_breg0 + reg);
	} else {
		b[0] = DW_OP_bregx;
		n += put_uleb(b + n, reg);
	}
	n += put_sleb(b + n, offset);
	expr_add(e, b, n);
}

void cfi_expr_deref(struct cfi_expr *e)
{
	expr_op(e, DW_OP_deref);
}

void cfi_expr_plus(struct cfi_expr *e, int64_t n)
{
	uint8_t b[2 + LEB_MAX];
	size_t len = 1;

	if (n == 0)
		return;
	if (n > 0) {
		b[0] = DW_OP_plus_uconst;
		len += put_uleb(b + 1, (uint64_t)n);
	} else {
		b[0] = DW_OP_consts;
		len += put_sleb(b + 1, n);
		b[len++] = DW_OP_plus;
	}
	expr_add(e, b, len);
}

void cfi_expr_and(struct cfi_expr *e, uint32_t mask)
{
	uint8_t b[6] = { DW_OP_const4u };

	put_uint(b + 1, mask, 4);
	b[5] = DW_OP_and;
	expr_add(e, b, sizeof(b));
}

void cfi_expr_or(struct cfi_expr *e)
{
	expr_op(e, DW_OP_or);
}

static size_t expr_jump(struct cfi_expr *e, uint8_t op)
{
	uint8_t b[3] = { op };

	expr_add(e, b, sizeof(b));
	return e->len;
}

size_t cfi_expr_branch(struct cfi_expr *e)
{
	return expr_jump(e, DW_OP_bra);
}

size_t cfi_expr_skip(struct cfi_expr *e)
{
	return expr_jump(e, DW_OP_skip);
}

void cfi_expr_land(struct cfi_expr *e, size_t from)
{
	if (!e->overflow)
		put_uint(e->bytes + from - 2, e->len - from, 2);
}

/* The section ------------------------------------------------------------------ */

int cfi_new(unsigned addr_size, struct cfi **out, struct kd_err *err)
{
	struct cfi *c;

	if (addr_size != 4 && addr_size != 8)
		return kd_fail(err, KD_UNSUPPORTED, "no frame information for %u-byte addresses",
			       addr_size);
	c = calloc(1, sizeof(*c));
	if (!c)
		return kd_nomem(err);
	c->addr_size = addr_size;
	*out = c;
	return 0;
}

void cfi_free(struct cfi *c)
{
	if (!c)
		return;
	free(c->buf);
	free(c);
}

void cfi_freep(struct cfi **c)
{
	cfi_free(*c);
}

int cfi_data(const struct cfi *c, const uint8_t **data, size_t *size, struct kd_err *err)
{
	if (c->failed == KD_NOMEM)
		return kd_nomem(err);
	if (c->failed)
		return kd_fail(err, c->failed, "call frame information has no encoding");
	*data = c->buf;
	*size = c->len;
	return 0;
}

static void entry_end(struct cfi *c)
{
	static const uint8_t nops[8] = { DW_CFA_nop };
	size_t len = c->len - c->entry;

	add(c, nops, (c->addr_size - len % c->addr_size) % c->addr_size);
	if (!c->failed)
		put_uint(c->buf + c->entry, c->len - c->entry - 4, 4);
}

uint32_t cfi_cie(struct cfi *c, const struct cfi_cie *cie)
{
	const char *augmentation = cie->signal ? "zS" : "";

	if (c->ncies == CIES_MAX) {
		fail(c, KD_UNSUPPORTED);
		return 0;
	}
	c->cies[c->ncies] = (struct cie_entry){ .offset = (uint32_t)c->len, .cie = *cie };
	c->entry = c->len;
	c->data_align = cie->data_align;
	add_uint(c, 0, 4); /* length: entry_end() */
	add_uint(c, UINT32_MAX, 4);
	/*
	 * Version 1, as gcc writes for DWARF 2 to 3 and every reader knows. The
	 * augmentation is that of .eh_frame; gdb accepts it here too.
	 */
	add_byte(c, 1);
	add(c, augmentation, strlen(augmentation) + 1);
	add_uleb(c, 1); /* code alignment factor */
	add_sleb(c, cie->data_align);
	add_byte(c, cie->ra);
	if (cie->signal)
		add_uleb(c, 0); /* no augmentation data */
	return c->ncies++;
}

void cfi_cie_end(struct cfi *c)
{
	entry_end(c);
}

void cfi_fde(struct cfi *c, uint32_t cie, vaddr_t start)
{
	const struct cie_entry *of = &c->cies[cie];

	c->data_align = of->cie.data_align;
	c->entry = c->len;
	c->start = c->pc = start;
	add_uint(c, 0, 4); /* length: entry_end() */
	add_uint(c, of->offset, 4);
	add_uint(c, start, c->addr_size);
	add_uint(c, 0, c->addr_size); /* size: cfi_fde_end() */
	if (of->cie.signal)
		add_uleb(c, 0); /* no augmentation data */
}

/* No code reaches that far, and a damaged table must not make us write for ever. */
#define ADVANCE_MAX (UINT64_C(1) << 36)

void cfi_advance(struct cfi *c, vaddr_t pc)
{
	uint64_t delta = pc - c->pc;

	if (!delta)
		return;
	c->pc = pc;
	if (delta < 0x40) {
		add_byte(c, (uint8_t)(DW_CFA_advance_loc | delta));
	} else if (delta <= UINT8_MAX) {
		add_byte(c, DW_CFA_advance_loc1);
		add_uint(c, delta, 1);
	} else if (delta <= UINT16_MAX) {
		add_byte(c, DW_CFA_advance_loc2);
		add_uint(c, delta, 2);
	} else if (delta > ADVANCE_MAX) {
		fail(c, KD_CORRUPT);
	} else {
		for (; delta; delta -= kd_min(delta, UINT32_MAX)) {
			add_byte(c, DW_CFA_advance_loc4);
			add_uint(c, kd_min(delta, UINT32_MAX), 4);
		}
	}
}

void cfi_fde_end(struct cfi *c, vaddr_t end)
{
	if (c->failed)
		return;
	put_uint(c->buf + c->entry + 8 + c->addr_size, end - c->start, c->addr_size);
	entry_end(c);
}

/* Rules ------------------------------------------------------------------------ */

/*
 * Most offsets are written in units of the data alignment factor. Those that are no
 * multiple of it (no compiler makes them) take an expression.
 */
static bool is_factored(const struct cfi *c, int64_t offset)
{
	return c->data_align && offset % c->data_align == 0;
}

static void reg_rule(struct cfi *c, uint8_t op, unsigned reg)
{
	add_byte(c, op);
	add_uleb(c, reg);
}

void cfi_def_cfa(struct cfi *c, unsigned reg, int64_t offset)
{
	struct cfi_expr e = { .len = 0 };

	if (offset >= 0) {
		reg_rule(c, DW_CFA_def_cfa, reg);
		add_uleb(c, (uint64_t)offset);
	} else if (is_factored(c, offset)) {
		reg_rule(c, DW_CFA_def_cfa_sf, reg);
		add_sleb(c, offset / c->data_align);
	} else {
		cfi_expr_breg(&e, reg, offset);
		cfi_def_cfa_expr(c, &e);
	}
}

void cfi_def_cfa_block(struct cfi *c, const uint8_t *expr, size_t len)
{
	add_byte(c, DW_CFA_def_cfa_expression);
	add_uleb(c, len);
	add(c, expr, len);
}

void cfi_def_cfa_expr(struct cfi *c, const struct cfi_expr *e)
{
	if (e->overflow)
		fail(c, KD_CORRUPT);
	cfi_def_cfa_block(c, e->bytes, e->len);
}

void cfi_undefined(struct cfi *c, unsigned reg)
{
	reg_rule(c, DW_CFA_undefined, reg);
}

void cfi_same_value(struct cfi *c, unsigned reg)
{
	reg_rule(c, DW_CFA_same_value, reg);
}

/* An expression finds the CFA on its stack. */
static void from_cfa(struct cfi *c, unsigned reg, bool is_value, int64_t offset)
{
	struct cfi_expr e = { .len = 0 };

	cfi_expr_plus(&e, offset);
	cfi_block(c, reg, is_value, e.bytes, e.len);
}

void cfi_offset(struct cfi *c, unsigned reg, int64_t offset)
{
	int64_t n = is_factored(c, offset) ? offset / c->data_align : -1;

	if (n >= 0 && reg < 0x40) {
		add_byte(c, (uint8_t)(DW_CFA_offset | reg));
		add_uleb(c, (uint64_t)n);
	} else if (is_factored(c, offset)) {
		reg_rule(c, DW_CFA_offset_extended_sf, reg);
		add_sleb(c, n);
	} else {
		from_cfa(c, reg, false, offset);
	}
}

void cfi_val_offset(struct cfi *c, unsigned reg, int64_t offset)
{
	if (is_factored(c, offset)) {
		reg_rule(c, DW_CFA_val_offset_sf, reg);
		add_sleb(c, offset / c->data_align);
	} else {
		from_cfa(c, reg, true, offset);
	}
}

void cfi_register(struct cfi *c, unsigned reg, unsigned in)
{
	reg_rule(c, DW_CFA_register, reg);
	add_uleb(c, in);
}

void cfi_block(struct cfi *c, unsigned reg, bool is_value, const uint8_t *expr, size_t len)
{
	reg_rule(c, is_value ? DW_CFA_val_expression : DW_CFA_expression, reg);
	add_uleb(c, len);
	add(c, expr, len);
}

void cfi_expression(struct cfi *c, unsigned reg, const struct cfi_expr *e)
{
	if (e->overflow)
		fail(c, KD_CORRUPT);
	cfi_block(c, reg, false, e->bytes, e->len);
}

void cfi_val_expression(struct cfi *c, unsigned reg, const struct cfi_expr *e)
{
	if (e->overflow)
		fail(c, KD_CORRUPT);
	cfi_block(c, reg, true, e->bytes, e->len);
}
