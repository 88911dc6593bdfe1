// SPDX-License-Identifier: GPL-3.0-or-later
/* Frame rules of 32-bit x86 kernel code: see frames.h. */
#include "i386/frames.h"

#include <string.h>

bool code_read(struct code *c, const struct frames *f, vaddr_t start, uint64_t size)
{
	c->start = start;
	c->end = start + size;
	c->len = (size_t)kd_min(size, sizeof(c->bytes));
	return c->len && !f->code->read(f->code->data, start, c->bytes, c->len, NULL);
}

bool code_match(const struct code *c, size_t i, const uint8_t *pattern, size_t len)
{
	return range_contains(c->len, i, len) && !memcmp(c->bytes + i, pattern, len);
}

/* struct pt_regs ------------------------------------------------------------------- */

static const struct pt_slot {
	uint8_t reg, offset;
} pt_slots[] = {
	{ DW_EBX, 0x00 }, { DW_ECX, 0x04 },   { DW_EDX, 0x08 },
	{ DW_ESI, 0x0c }, { DW_EDI, 0x10 },   { DW_EBP, 0x14 },
	{ DW_EAX, 0x18 }, { DW_EIP, PT_EIP }, { DW_EFLAGS, PT_EFLAGS },
};


/*
 * Segment registers have 16 bits; what a push leaves above them is not theirs. gs
 * is not among them: the kernel leaves it alone, and its slot may hold the address
 * of the exception's handler.
 */
static const struct pt_slot segment_slots[] = {
	{ DW_DS, PT_DS }, { DW_ES, PT_ES }, { DW_FS, PT_FS }, { DW_CS, PT_CS },
};

#define KERNEL_DS 0x68 /* __KERNEL_DS: ss while in the kernel */

/* The condition of saved_esp() and saved_ss(): true at the place returned, to be landed. */
static size_t if_pushed(struct cfi_expr *e, unsigned reg, int64_t offset)
{
	cfi_expr_breg(e, reg, offset + PT_CS);
	cfi_expr_deref(e);
	cfi_expr_and(e, RPL_MASK | CS_FROM_KERNEL);
	cfi_expr_breg(e, reg, offset + PT_EFLAGS);
	cfi_expr_deref(e);
	cfi_expr_and(e, EFLAGS_VM);
	cfi_expr_or(e);
	return cfi_expr_branch(e);
}

/*
 * The stack pointer of what was interrupted. Hardware pushes it only when the
 * privilege level changes. Otherwise the interrupted stack continues where it would
 * have been pushed, except since 3c88c692c287 ("x86/stackframe/32: Provide consistent
 * pt_regs"), which pushes it always and marks that in the upper half of cs.
 */
static void saved_esp(struct frames *f, unsigned reg, int64_t offset)
{
	struct cfi_expr e = { .len = 0 };
	size_t pushed = if_pushed(&e, reg, offset), end;

	cfi_expr_breg(&e, reg, offset + PT_ESP);
	end = cfi_expr_skip(&e);
	cfi_expr_land(&e, pushed);
	cfi_expr_breg(&e, reg, offset + PT_ESP);
	cfi_expr_deref(&e);
	cfi_expr_land(&e, end);
	cfi_def_cfa_expr(f->out, &e);
}

static void saved_ss(struct frames *f, unsigned reg, int64_t offset)
{
	struct cfi_expr e = { .len = 0 };
	size_t pushed = if_pushed(&e, reg, offset), end;

	cfi_expr_breg(&e, reg, 0);
	cfi_expr_and(&e, 0);
	cfi_expr_plus(&e, KERNEL_DS);
	end = cfi_expr_skip(&e);
	cfi_expr_land(&e, pushed);
	cfi_expr_breg(&e, reg, offset + PT_SS);
	cfi_expr_deref(&e);
	cfi_expr_and(&e, 0xffff);
	cfi_expr_land(&e, end);
	cfi_val_expression(f->out, DW_SS, &e);
}

static void saved_segments(struct frames *f, unsigned reg, int64_t offset, unsigned first)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(segment_slots); i++) {
		struct cfi_expr e = { .len = 0 };

		if (segment_slots[i].offset < first)
			continue; /* not saved yet: still the interrupted ones */
		cfi_expr_breg(&e, reg, offset + segment_slots[i].offset);
		cfi_expr_deref(&e);
		cfi_expr_and(&e, 0xffff);
		cfi_val_expression(f->out, segment_slots[i].reg, &e);
	}
	saved_ss(f, reg, offset);
}

void frame_regs(struct frames *f, unsigned reg, int64_t offset, unsigned first)
{
	saved_esp(f, reg, offset);
	for (size_t i = 0; i < KD_ARRAY_SIZE(pt_slots); i++) {
		struct cfi_expr e = { .len = 0 };

		if (pt_slots[i].offset < first) {
			cfi_same_value(f->out, pt_slots[i].reg);
			continue;
		}
		cfi_expr_breg(&e, reg, offset + pt_slots[i].offset);
		cfi_expression(f->out, pt_slots[i].reg, &e);
	}
	saved_segments(f, reg, offset, first);
}

void frame_end(struct frames *f)
{
	cfi_def_cfa(f->out, DW_ESP, 4);
	cfi_undefined(f->out, DW_EIP);
}

/* Functions with frame pointers ------------------------------------------------------ */

#define PUSH_EBP 0x55
#define POP_EBP 0x5d
#define CALL 0xe8 /* and 32 bits: how far */

/*
 * After what may come first: endbr32, a call of __fentry__ or the no-op in its place,
 * which before v5.13 (a89dfde3dc3c) was the one that the CPU likes best (ideal_nops).
 */
static size_t skip_preamble(const struct code *c)
{
	static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfb };
	static const uint8_t nop5[][5] = {
		{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
		{ 0x66, 0x66, 0x66, 0x66, 0x90 },
		{ 0x3e, 0x8d, 0x74, 0x26, 0x00 },
		{ 0x3e, 0x8d, 0x44, 0x20, 0x00 },
		{ 0x90, 0x90, 0x90, 0x90, 0x90 },
	};
	size_t i = code_match(c, 0, endbr, sizeof(endbr)) ? sizeof(endbr) : 0;

	if (i < c->len && c->bytes[i] == CALL)
		return i + 5;
	for (size_t k = 0; k < KD_ARRAY_SIZE(nop5); k++)
		if (code_match(c, i, nop5[k], sizeof(nop5[k])))
			return i + 5;
	return i;
}

#define PROLOGUE 48 /* bytes in which compilers make the frame; do_softirq_own_stack() takes 25 */

/* Where "mov %esp,%ebp" ends, soon after the push at I; 0: nowhere. */
static size_t find_frame(const struct code *c, size_t i)
{
	static const uint8_t mov[] = { 0x89, 0xe5 };

	for (size_t k = i + 1; k < i + PROLOGUE && k < c->len; k++)
		if (code_match(c, k, mov, sizeof(mov)))
			return k + sizeof(mov);
	return 0;
}

/* Callee-saved registers are mostly pushed next; what is not seen stays unknown. */
static size_t saved_after_frame(struct frames *f, const struct code *c, size_t i)
{
	int64_t offset = -12;

	for (; i < c->len; i++, offset -= 4) {
		uint8_t reg = c->bytes[i] - 0x50;

		if (reg != DW_EBX && reg != DW_ESI && reg != DW_EDI)
			break;
		cfi_advance(f->out, c->start + i + 1);
		cfi_offset(f->out, reg, offset);
	}
	return i;
}

/* Before its return the frame is gone already. */
static void returns(struct frames *f, const struct code *c, size_t i)
{
	for (; i + 1 < c->len; i++) {
		if (c->bytes[i] != POP_EBP || (c->bytes[i + 1] != 0xc3 && c->bytes[i + 1] != 0xe9))
			continue;
		cfi_advance(f->out, c->start + i + 1);
		cfi_def_cfa(f->out, DW_ESP, 4);
		cfi_same_value(f->out, DW_EBP);
		cfi_advance(f->out, c->start + i + 2);
		cfi_def_cfa(f->out, DW_EBP, 8);
		cfi_offset(f->out, DW_EBP, -8);
	}
}

/* Is there a call of some function at I or later? */
static bool makes_calls(const struct frames *f, const struct code *c, size_t i)
{
	for (; range_contains(c->len, i, 5); i++) {
		uint32_t rel, target;
		vaddr_t found;
		uint64_t size;

		if (c->bytes[i] != CALL)
			continue;
		memcpy(&rel, c->bytes + i + 1, sizeof(rel));
		target = (uint32_t)c->start + (uint32_t)i + 5 + rel;
		if (f->code->function(f->code->data, target, &found, &size) && found == target)
			return true;
	}
	return false;
}

void frame_function(struct frames *f, const struct code *c, uint32_t cie)
{
	size_t push = skip_preamble(c), frame;
	vaddr_t end = c->start + c->len;

	cfi_fde(f->out, cie, c->start);
	frame = push < c->len && c->bytes[push] == PUSH_EBP ? find_frame(c, push) : 0;
	if (frame) {
		cfi_advance(f->out, c->start + push + 1);
		cfi_def_cfa(f->out, DW_ESP, 8);
		cfi_offset(f->out, DW_EBP, -8);
		cfi_advance(f->out, c->start + frame);
		cfi_def_cfa(f->out, DW_EBP, 8);
		returns(f, c, saved_after_frame(f, c, frame));
		end = c->end;
	} else if (makes_calls(f, c, push)) {
		/* the cold part of a function, whose frame it goes on in */
		cfi_def_cfa(f->out, DW_EBP, 8);
		cfi_offset(f->out, DW_EBP, -8);
		end = c->end;
	}
	cfi_fde_end(f->out, end);
}

void frame_gone(struct frames *f, vaddr_t start, vaddr_t end, uint32_t cie)
{
	cfi_fde(f->out, cie, start);
	cfi_def_cfa(f->out, DW_EBP, 8);
	cfi_offset(f->out, DW_EBP, -8);
	cfi_fde_end(f->out, end);
}
