// SPDX-License-Identifier: GPL-3.0-or-later
/* Functions without frame information: see prologue.h. */
#include "x86_64/prologue.h"

#include <string.h>

/* endbr64, and what a kernel with IBT puts there where nothing jumps to (gen_endbr_poison()). */
static const uint8_t endbr64[][4] = {
	{ 0xf3, 0x0f, 0x1e, 0xfa },
	{ 0x66, 0x0f, 0x1f, 0x00 },
	{ 0x0f, 0x1f, 0x40, 0xd6 },
};
/* No-ops of five bytes: before v5.13 (a89dfde3dc3c) those that the CPU likes best (ideal_nops). */
static const uint8_t nops5[][5] = {
	{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	{ 0x66, 0x66, 0x66, 0x66, 0x90 },
	{ 0x3e, 0x8d, 0x74, 0x26, 0x00 },
};

#define DW_RSP 7
#define FUNCTION_MAX 4096 /* bytes looked at */

/* DWARF numbers of what a function must give back, by the number in an instruction. */
static const int8_t saved_regs[16] = {
	-1, -1, -1, 3, -1, 6, -1, -1, -1, -1, -1, -1, 12, 13, 14, 15
};

struct reader {
	const uint8_t *code;
	size_t len, at;
	struct prologue *out;
	uint32_t cfa;
};

static bool starts_with(const struct reader *r, const uint8_t *bytes, size_t n)
{
	return range_contains(r->len, r->at, n) && !memcmp(r->code + r->at, bytes, n);
}

/* endbr64, then the call of __fentry__ or the no-op that stands in its place. */
static void skip_preamble(struct reader *r)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(endbr64) && !r->at; i++)
		if (starts_with(r, endbr64[i], sizeof(endbr64[i])))
			r->at += sizeof(endbr64[i]);
	if (range_contains(r->len, r->at, 5) && r->code[r->at] == 0xe8) {
		r->at += 5;
		return;
	}
	for (size_t i = 0; i < KD_ARRAY_SIZE(nops5); i++) {
		if (starts_with(r, nops5[i], sizeof(nops5[i]))) {
			r->at += sizeof(nops5[i]);
			return;
		}
	}
}

/* The stack grew by SIZE bytes. */
static bool add_step(struct reader *r, uint32_t size, int saved)
{
	struct prologue *p = r->out;

	if (p->n == PROLOGUE_STEPS || size > 1 << 16)
		return false;
	r->cfa += size;
	p->steps[p->n++] = (struct prologue_step){ (uint32_t)r->at, r->cfa, (int8_t)saved };
	return true;
}

/* "push %reg" */
static bool take_push(struct reader *r)
{
	bool high = r->code[r->at] == 0x41;
	uint8_t op;

	if (!range_contains(r->len, r->at, 1 + (size_t)high))
		return false;
	op = r->code[r->at + high];
	if (op < 0x50 || op > 0x57)
		return false;
	r->at += 1 + (size_t)high;
	return add_step(r, 8, saved_regs[op - 0x50 + (high ? 8 : 0)]);
}

/* "sub $size,%rsp", if the same is given back somewhere ("add $size,%rsp"). */
static bool take_sub(struct reader *r)
{
	uint8_t add[7] = { 0x48, 0, 0xc4 };
	size_t n = range_contains(r->len, r->at, 7) && r->code[r->at + 1] == 0x81 ? 7 : 4;
	uint32_t size = 0;

	if (!range_contains(r->len, r->at, n) || r->code[r->at] != 0x48 ||
	    (r->code[r->at + 1] != 0x83 && r->code[r->at + 1] != 0x81) ||
	    r->code[r->at + 2] != 0xec)
		return false;
	memcpy(add + 1, r->code + r->at + 1, 1);
	memcpy(add + 3, r->code + r->at + 3, n - 3);
	memcpy(&size, r->code + r->at + 3, n - 3);
	r->at += n;
	for (size_t i = r->at; range_contains(r->len, i, n); i++)
		if (!memcmp(r->code + i, add, n))
			return add_step(r, size, -1);
	return false;
}

/* What compilers put between pushes: registers moved, set or cleared; none is rsp. */
static bool skip_move(struct reader *r)
{
	const uint8_t *p = r->code + r->at;
	size_t left = r->len - r->at;
	size_t rex = left && (*p & 0xf0) == 0x40;

	if (left < rex + 2)
		return false;
	if ((p[rex] == 0x89 || p[rex] == 0x31) && p[rex + 1] >= 0xc0 && (p[rex + 1] & 7) != 4) {
		r->at += rex + 2;
		return true;
	}
	/* mov $imm32,%reg */
	if ((!rex || *p == 0x41) && p[rex] >= 0xb8 && p[rex] <= 0xbf && p[rex] != 0xbc &&
	    left >= rex + 5) {
		r->at += rex + 5;
		return true;
	}
	return false;
}

bool prologue_read(const uint8_t *code, size_t len, struct prologue *out)
{
	struct reader r = { .code = code, .len = len, .out = out, .cfa = 8 };

	*out = (struct prologue){ .n = 0 };
	skip_preamble(&r);
	while (r.at < r.len && (take_push(&r) || skip_move(&r)))
		;
	if (r.at < r.len)
		take_sub(&r);
	return out->n > 0;
}

bool prologue_describe(struct cfi *out, uint32_t cie, const struct code_view *code, vaddr_t start,
		       uint64_t size)
{
	uint8_t bytes[FUNCTION_MAX];
	size_t len = (size_t)kd_min(size, sizeof(bytes));
	struct prologue p;

	if (code->read(code->data, start, bytes, len, NULL) || !prologue_read(bytes, len, &p))
		return false;
	cfi_fde(out, cie, start);
	for (size_t i = 0; i < p.n; i++) {
		cfi_advance(out, start + p.steps[i].at);
		cfi_def_cfa(out, DW_RSP, p.steps[i].cfa);
		if (p.steps[i].saved >= 0)
			cfi_offset(out, (unsigned)p.steps[i].saved, -(int64_t)p.steps[i].cfa);
	}
	cfi_fde_end(out, start + size);
	return true;
}
