// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The entry code of 32-bit x86 kernels (arch/x86/entry/entry_32.S), as its bytes are
 * in the dump.
 *
 * Its pieces change their names and lengths from kernel to kernel, but all save the
 * registers by one macro whose last nine pushes are always the same, and restore
 * them by another whose pops are. Between these two the stack pointer is at the
 * struct pt_regs, and only there is C called. So both are searched for.
 */
#include "i386/frames.h"

#include <string.h>

/* SAVE_ALL ends with pushes of es, ds, eax (any form), ebp, edi, esi, edx, ecx, ebx. */
static size_t match_save(const struct code *c, size_t i)
{
	static const uint8_t head[] = { 0x06, 0x1e };
	static const uint8_t tail[] = { 0x55, 0x57, 0x56, 0x52, 0x51, 0x53 };
	size_t at = i + sizeof(head);

	if (!code_match(c, i, head, sizeof(head)) || at >= c->len)
		return 0;
	switch (c->bytes[at]) {
	case 0x50: /* push %eax */
		at += 1;
		break;
	case 0x6a: /* push of a byte: -ENOSYS */
		at += 2;
		break;
	case 0x68:
		at += 5;
		break;
	default:
		return 0;
	}
	return code_match(c, at, tail, sizeof(tail)) ? at + sizeof(tail) : 0;
}

/* RESTORE_REGS: pops of ebx, ecx, edx, esi, edi, ebp, eax, ds, es. */
static const uint8_t restore_pops[] = { 0x5b, 0x59, 0x5a, 0x5e, 0x5f, 0x5d, 0x58, 0x1f, 0x07 };

static bool match_restore(const struct code *c, size_t i)
{
	return code_match(c, i, restore_pops, sizeof(restore_pops));
}

/*
 * An NMI that came on the entry stack moves to the task's stack for its call, with
 * the old one in ebx: a call, then "mov %ebx,%esp".
 */
static bool match_nmi_call(const struct code *c, size_t i)
{
	static const uint8_t back[] = { 0x89, 0xdc };
	static const uint8_t forth[] = { 0x89, 0xe3 };

	if (c->bytes[i] != 0xe8 || !code_match(c, i + 5, back, sizeof(back)))
		return false;
	for (size_t k = i > 16 ? i - 16 : 0; k < i; k++)
		if (code_match(c, k, forth, sizeof(forth)))
			return true;
	return false;
}

static void restore_rows(struct frames *f, const struct code *c, size_t i)
{
	static const uint8_t pop_fs_add[] = { 0x0f, 0xa1, 0x83, 0xc4 };

	for (unsigned n = 1; n <= sizeof(restore_pops); n++) {
		cfi_advance(f->out, c->start + i + n);
		frame_regs(f, DW_ESP, -4 * (int64_t)n, 4 * n);
	}
	i += sizeof(restore_pops);
	if (!code_match(c, i, pop_fs_add, sizeof(pop_fs_add)) || i + 5 > c->len)
		return;
	cfi_advance(f->out, c->start + i + 2);
	frame_regs(f, DW_ESP, -PT_GS, PT_GS);
	/* And what is to be skipped of gs and orig_eax; the frame of iret remains. */
	cfi_advance(f->out, c->start + i + 5);
	frame_regs(f, DW_ESP, -(int64_t)(PT_GS + c->bytes[i + 4]), PT_EIP);
}

static bool has_regs_from_start(const struct code *c)
{
	bool called = false;

	for (size_t i = 0; i < c->len; i++) {
		if (match_save(c, i))
			return false;
		called = called || c->bytes[i] == 0xe8 || match_restore(c, i);
	}
	return called; /* it goes on after a piece that saved them */
}

static void regs_code(struct frames *f, const struct code *c)
{
	cfi_fde(f->out, f->signal, c->start);
	if (has_regs_from_start(c))
		frame_regs(f, DW_ESP, 0, 0);
	else
		frame_end(f); /* until they are saved, which nothing but an NMI sees */
	for (size_t i = 0; i < c->len; i++) {
		size_t saved = match_save(c, i);

		if (saved) {
			cfi_advance(f->out, c->start + saved);
			frame_regs(f, DW_ESP, 0, 0);
		} else if (match_restore(c, i)) {
			restore_rows(f, c, i);
			i += sizeof(restore_pops);
		} else if (match_nmi_call(c, i)) {
			cfi_advance(f->out, c->start + i);
			frame_regs(f, DW_EBX, 0, 0);
			cfi_advance(f->out, c->start + i + 7);
			frame_regs(f, DW_ESP, 0, 0);
		}
	}
	cfi_fde_end(f->out, c->start + c->len);
}

/* Exception stubs ---------------------------------------------------------------------- */

struct stub {
	size_t pushes[2]; /* where they end */
	unsigned n;
};

/*
 * Stubs of exceptions push an error code of 0, unless hardware has pushed one, then
 * the C function's address, and jump to what saves the registers.
 */
static bool match_stub(const struct code *c, struct stub *s)
{
	static const uint8_t clac[] = { 0x0f, 0x01, 0xca };
	static const uint8_t nop3[] = { 0x8d, 0x76, 0x00 };
	size_t i = 0;
	bool function = false;

	*s = (struct stub){ .n = 0 };
	while (i < c->len) {
		uint8_t b = c->bytes[i];

		if (b == 0x90 || b == 0xfc) {
			i += 1; /* nop, cld */
		} else if (code_match(c, i, clac, sizeof(clac)) ||
			   code_match(c, i, nop3, sizeof(nop3))) {
			i += 3;
		} else if ((b == 0x6a || b == 0x68) && s->n < 2) {
			i += b == 0x6a ? 2 : 5;
			s->pushes[s->n++] = i;
			function = b == 0x68;
		} else {
			return function && (b == 0xe9 || b == 0xeb);
		}
	}
	return false;
}

static void stub_code(struct frames *f, const struct code *c, const struct stub *s)
{
	/* Bytes that lie below the return address. */
	int64_t below = s->n == 1 ? 4 : 0;

	cfi_fde(f->out, f->signal, c->start);
	frame_regs(f, DW_ESP, below - PT_EIP, PT_EIP);
	for (unsigned i = 0; i < s->n; i++) {
		below += 4;
		cfi_advance(f->out, c->start + s->pushes[i]);
		frame_regs(f, DW_ESP, below - PT_EIP, PT_EIP);
	}
	cfi_fde_end(f->out, c->start + c->len);
}

/* Double faults ------------------------------------------------------------------------ */

/* struct x86_hw_tss (Intel SDM volume 3, 7.2.1): where hardware saved the registers. */
static const struct tss_slot {
	uint8_t reg, offset;
} tss_slots[] = {
	{ DW_EIP, 32 }, { DW_EFLAGS, 36 }, { DW_EAX, 40 }, { DW_ECX, 44 }, { DW_EDX, 48 },
	{ DW_EBX, 52 }, { DW_EBP, 60 },	   { DW_ESI, 64 }, { DW_EDI, 68 }, { DW_CS, 76 },
};

#define TSS_ESP 56

/* The page of the double fault's stack, plus N. */
static void df_stack(struct cfi_expr *e, int64_t n)
{
	cfi_expr_breg(e, DW_ESP, 0);
	cfi_expr_and(e, 0xfffff000);
	cfi_expr_plus(e, n);
}

/*
 * A double fault comes through a task gate: its stack is a page of the CPU's entry
 * area, and what it interrupted is in the TSS, another member of that area.
 */
static bool find_tss(const struct frames *f, int64_t *from_stack)
{
	const struct code_view *v = f->code;
	const char *anchor = "doublefault_shim";
	uint64_t stack, tss, hw;

	if (!v->member(v->data, anchor, "cpu_entry_area", "doublefault_stack", &stack) ||
	    !v->member(v->data, anchor, "cpu_entry_area", "tss", &tss) ||
	    !v->member(v->data, anchor, "tss_struct", "x86_tss", &hw))
		return false;
	*from_stack = (int64_t)(tss + hw - stack);
	return true;
}

static void double_fault_code(struct frames *f, const struct code *c)
{
	struct cfi_expr cfa = { .len = 0 };
	int64_t tss;

	cfi_fde(f->out, f->signal, c->start);
	if (find_tss(f, &tss)) {
		df_stack(&cfa, tss + TSS_ESP);
		cfi_expr_deref(&cfa);
		cfi_def_cfa_expr(f->out, &cfa);
		for (size_t i = 0; i < KD_ARRAY_SIZE(tss_slots); i++) {
			struct cfi_expr e = { .len = 0 };

			df_stack(&e, tss + tss_slots[i].offset);
			cfi_expression(f->out, tss_slots[i].reg, &e);
		}
	} else {
		frame_end(f);
	}
	cfi_fde_end(f->out, c->start + c->len);
}

/* All of it ------------------------------------------------------------------------------ */

static void entry_code(struct frames *f, vaddr_t start, uint64_t size, vaddr_t double_fault)
{
	struct stub stub;
	struct code c;

	if (fde_table_find(&f->fdes, start) || !code_read(&c, f, start, size))
		return;
	if (start == double_fault)
		double_fault_code(f, &c);
	else if (match_stub(&c, &stub))
		stub_code(f, &c, &stub);
	else
		regs_code(f, &c);
}

void frame_entry_text(struct frames *f, vaddr_t start, vaddr_t end)
{
	const struct code_view *v = f->code;
	vaddr_t double_fault = 0, at, next;
	uint64_t size;

	v->symbol(v->data, "asm_exc_double_fault", &double_fault, &size);
	/* Up to the next one, not by size: labels inside split what is one symbol. */
	for (at = start; at < end && v->function(v->data, at, &at, &size) && at < end; at = next) {
		if (!v->function(v->data, at + 1, &next, &size) || next > end)
			next = end;
		entry_code(f, at, next - at, double_fault);
	}
}
