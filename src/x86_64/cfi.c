// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Call frame information for x86_64 kernels, from their ORC tables.
 *
 * Two truths are merged, address by address. The compiler's own frame information
 * knows where callee-saved registers are, but not what inline assembly does to the
 * stack pointer, and assembly has none. ORC follows every instruction, but keeps
 * only the stack pointer, rbp and the return address. So:
 * - code without compiler's information gets the ORC rules;
 * - where both exist and disagree on the frame's address (a switch to the IRQ
 *   stack, a push in inline assembly), the compiler's register rules are kept and
 *   the address is ORC's;
 * - everything else is left to the compiler's.
 */
#include "x86_64/x86_64.h"

#include "core/fde.h"
#include "x86_64/orc.h"
#include "x86_64/prologue.h"

/* DWARF register numbers (System V ABI, AMD64 supplement, figure 3.36). */
enum {
	DW_RAX,
	DW_RDX,
	DW_RCX,
	DW_RBX,
	DW_RSI,
	DW_RDI,
	DW_RBP,
	DW_RSP,
	DW_R8,
	DW_R10 = 10,
	DW_R12 = 12,
	DW_R13 = 13,
	DW_R15 = 15,
	DW_RIP = 16,
	DW_RFLAGS = 49,
	DW_CS = 51,
	DW_SS = 52,
};

/* struct pt_regs (arch/x86/include/uapi/asm/ptrace.h: ABI), bytes. */
#define PT_IP 128
#define PT_SP 152

static const struct pt_slot {
	uint8_t reg, offset;
} pt_slots[] = {
	{ 15, 0 },	   { 14, 8 },	   { 13, 16 },	       { 12, 24 },	{ DW_RBP, 32 },
	{ DW_RBX, 40 },	   { 11, 48 },	   { 10, 56 },	       { 9, 64 },	{ DW_R8, 72 },
	{ DW_RAX, 80 },	   { DW_RCX, 88 }, { DW_RDX, 96 },     { DW_RSI, 104 }, { DW_RDI, 112 },
	{ DW_RIP, PT_IP }, { DW_CS, 136 }, { DW_RFLAGS, 144 }, { DW_SS, 160 },
};

/*
 * Rows in one FDE: gdb executes it from its start for every frame, so that a
 * module without a debug file must not become a single one.
 */
#define ROWS_MAX 64

struct writer {
	struct cfi *out;
	const struct code_view *code;
	uint32_t call, called_c, signal; /* CIEs */
	bool open;			 /* an FDE is */
	bool open_signal;
	uint32_t open_cie;
	vaddr_t end; /* of what it describes so far */
	unsigned rows;
	struct orc_entry last;
	bool is_c; /* code of this image was compiled, but its rules are not known */
};

/* Rules of one ORC entry ----------------------------------------------------------- */

static int dwarf_reg(uint8_t reg)
{
	switch (reg) {
	case ORC_REG_AX:
		return DW_RAX;
	case ORC_REG_DX:
		return DW_RDX;
	case ORC_REG_DI:
		return DW_RDI;
	case ORC_REG_BP:
	case ORC_REG_BP_INDIRECT:
		return DW_RBP;
	case ORC_REG_SP:
	case ORC_REG_SP_INDIRECT:
		return DW_RSP;
	case ORC_REG_R10:
		return DW_R10;
	case ORC_REG_R13:
		return DW_R13;
	default:
		return -1;
	}
}

static bool is_indirect(uint8_t reg)
{
	return reg == ORC_REG_BP_INDIRECT || reg == ORC_REG_SP_INDIRECT;
}

/* The kernel's unwinder takes the offset for these only. */
static int16_t sp_rule_offset(const struct orc_entry *o)
{
	return o->sp_reg == ORC_REG_SP || o->sp_reg == ORC_REG_BP ? o->sp_offset : 0;
}

/*
 * Push the stack pointer rule's result + PLUS. Since 87ccc826bf1c ("x86/unwind/
 * orc: Change REG_SP_INDIRECT") the offset is added after the load from rsp; before,
 * entry code alone used it, with offset 0.
 */
static void push_sp_rule(struct cfi_expr *e, const struct orc_entry *o, int64_t plus)
{
	unsigned reg = (unsigned)dwarf_reg(o->sp_reg);

	switch (o->sp_reg) {
	case ORC_REG_SP_INDIRECT:
		cfi_expr_breg(e, reg, 0);
		cfi_expr_deref(e);
		cfi_expr_plus(e, o->sp_offset + plus);
		break;
	case ORC_REG_BP_INDIRECT:
		cfi_expr_breg(e, reg, o->sp_offset);
		cfi_expr_deref(e);
		cfi_expr_plus(e, plus);
		break;
	default:
		cfi_expr_breg(e, reg, sp_rule_offset(o) + plus);
	}
}

static void write_cfa(struct cfi *out, const struct orc_entry *o)
{
	struct cfi_expr e = { .len = 0 };

	if (!is_indirect(o->sp_reg)) {
		cfi_def_cfa(out, (unsigned)dwarf_reg(o->sp_reg), sp_rule_offset(o));
		return;
	}
	push_sp_rule(&e, o, 0);
	cfi_def_cfa_expr(out, &e);
}

static void write_rbp(struct cfi *out, const struct orc_entry *o)
{
	struct cfi_expr e = { .len = 0 };

	switch (o->bp_reg) {
	case ORC_REG_NONE:
		cfi_same_value(out, DW_RBP);
		break;
	case ORC_REG_PREV_SP:
		cfi_offset(out, DW_RBP, o->bp_offset);
		break;
	case ORC_REG_BP:
		cfi_expr_breg(&e, DW_RBP, o->bp_offset);
		cfi_expression(out, DW_RBP, &e);
		break;
	default:
		cfi_undefined(out, DW_RBP);
	}
}

static void write_call(struct writer *w, const struct orc_entry *o)
{
	write_cfa(w->out, o);
	write_rbp(w->out, o);
	cfi_offset(w->out, DW_RIP, -8);
}

/* Registers from slots of the struct pt_regs at the stack pointer rule, less BASE. */
static void write_slots(struct writer *w, const struct orc_entry *o, uint8_t base)
{
	struct cfi_expr cfa = { .len = 0 };

	push_sp_rule(&cfa, o, PT_SP - base);
	cfi_expr_deref(&cfa);
	cfi_def_cfa_expr(w->out, &cfa);
	for (size_t i = 0; i < KD_ARRAY_SIZE(pt_slots); i++) {
		struct cfi_expr slot = { .len = 0 };

		if (pt_slots[i].offset < base) {
			cfi_same_value(w->out, pt_slots[i].reg);
			continue;
		}
		push_sp_rule(&slot, o, pt_slots[i].offset - base);
		cfi_expression(w->out, pt_slots[i].reg, &slot);
	}
}

static void write_rules(struct writer *w, const struct orc_entry *o)
{
	switch (o->type) {
	case ORC_CALL:
		write_call(w, o);
		break;
	case ORC_REGS:
		write_slots(w, o, 0);
		break;
	case ORC_REGS_PARTIAL:
		write_slots(w, o, PT_IP);
		break;
	default:
		/* An undefined return address is how gdb knows the end of a stack. */
		cfi_def_cfa(w->out, DW_RSP, 8);
		cfi_undefined(w->out, DW_RIP);
	}
}

/* Code without the compiler's information --------------------------------------------- */

static bool same_rules(const struct orc_entry *a, const struct orc_entry *b)
{
	bool ends_a = a->type == ORC_END || a->type == ORC_UNKNOWN;
	bool ends_b = b->type == ORC_END || b->type == ORC_UNKNOWN;

	if (ends_a || ends_b)
		return ends_a == ends_b;
	return a->type == b->type && a->signal == b->signal && a->sp_reg == b->sp_reg &&
	       a->bp_reg == b->bp_reg && a->sp_offset == b->sp_offset &&
	       a->bp_offset == b->bp_offset;
}

static void close_fde(struct writer *w)
{
	if (w->open)
		cfi_fde_end(w->out, w->end);
	w->open = false;
}

static void write_orc(struct writer *w, vaddr_t start, vaddr_t end, struct orc_entry o)
{
	uint32_t cie = o.signal ? w->signal : w->is_c ? w->called_c : w->call;

	if (dwarf_reg(o.sp_reg) < 0 && o.type != ORC_END)
		o.type = ORC_UNKNOWN;
	if (w->open && (w->end != start || w->open_cie != cie || w->rows == ROWS_MAX))
		close_fde(w);
	if (!w->open) {
		cfi_fde(w->out, cie, start);
		w->open = true;
		w->open_cie = cie;
		w->rows = 0;
	} else if (same_rules(&o, &w->last)) {
		w->end = end;
		return;
	} else {
		cfi_advance(w->out, start);
	}
	write_rules(w, &o);
	w->last = o;
	w->rows++;
	w->end = end;
}

/* Code with it ------------------------------------------------------------------------ */

/* Is the compiler wrong on where this frame's caller has its stack pointer? */
static bool cfa_differs(const struct fde_row *row, const struct orc_entry *o)
{
	int reg = dwarf_reg(o->sp_reg);

	if (o->type != ORC_CALL || reg < 0)
		return false;
	/*
	 * The compiler computes it only where it realigned the stack, and there ORC
	 * says the same in its way.
	 */
	if (row->cfa.kind != FDE_OFFSET)
		return false;
	if (is_indirect(o->sp_reg))
		return true;
	/* By different registers, both can be right: only equal ones compare. */
	return (unsigned)reg == row->cfa_reg && sp_rule_offset(o) != row->cfa.n;
}

static void copy_rule(struct cfi *out, unsigned reg, const struct fde_table *t,
		      const struct fde_rule *r)
{
	switch (r->kind) {
	case FDE_UNDEFINED:
		cfi_undefined(out, reg);
		break;
	case FDE_SAME:
		cfi_same_value(out, reg);
		break;
	case FDE_OFFSET:
		cfi_offset(out, reg, r->n);
		break;
	case FDE_VAL_OFFSET:
		cfi_val_offset(out, reg, r->n);
		break;
	case FDE_REGISTER:
		cfi_register(out, reg, (unsigned)r->n);
		break;
	case FDE_EXPRESSION:
	case FDE_VAL_EXPRESSION:
		cfi_block(out, reg, r->kind == FDE_VAL_EXPRESSION, t->data + r->block, r->len);
		break;
	default:
		break;
	}
}

static void write_override(struct writer *w, vaddr_t start, vaddr_t end,
			   const struct fde_walk *walk, const struct orc_entry *o)
{
	close_fde(w);
	cfi_fde(w->out, w->call, start);
	write_cfa(w->out, o);
	for (unsigned reg = 0; reg < FDE_REGS; reg++)
		copy_rule(w->out, reg, walk->table, &walk->row.regs[reg]);
	cfi_fde_end(w->out, end);
}

/* Merging ----------------------------------------------------------------------------- */

struct merge {
	const struct orc_table *orc;
	const struct fde_table *fdes;
	size_t fde;    /* the first that ends after the address reached */
	size_t walked; /* FDE that walk is in; fdes->n: none */
	bool walk_ok;
	struct fde_walk walk;
};

/* Move to the FDE row for PC, if any; the end of what then holds goes to *end. */
static bool covered(struct merge *m, vaddr_t pc, vaddr_t *end)
{
	const struct fde *f;

	while (m->fde < m->fdes->n && m->fdes->list[m->fde].end <= pc)
		m->fde++;
	if (m->fde == m->fdes->n)
		return false;
	f = &m->fdes->list[m->fde];
	if (pc < f->start) {
		*end = kd_min(*end, f->start);
		return false;
	}
	if (m->walked != m->fde) {
		m->walk_ok = fde_walk_start(&m->walk, m->fdes, f);
		m->walked = m->fde;
	}
	while (m->walk_ok && m->walk.end <= pc)
		m->walk_ok = fde_walk_next(&m->walk);
	*end = kd_min(*end, m->walk_ok ? m->walk.end : f->end);
	return true;
}

/* Padding between functions has no unwind entry, and nothing runs there. */
static bool is_padding(const struct merge *m, vaddr_t pc, const struct orc_entry *o)
{
	return o->type == ORC_UNKNOWN && m->fde > 0 && m->fdes->list[m->fde - 1].end == pc;
}

/* Code that nothing describes, and which ORC knows nothing of either, up to END. */
static void write_unknown(struct writer *w, vaddr_t pc, vaddr_t end, const struct orc_entry *o)
{
	vaddr_t at = pc;
	uint64_t size;

	while (o->type == ORC_UNKNOWN && w->is_c &&
	       w->code->function(w->code->data, at, &at, &size) && at < end) {
		close_fde(w);
		/* what stands before it is padding */
		if (size && size <= end - at &&
		    prologue_describe(w->out, w->call, w->code, at, size))
			pc = at + size;
		at += size ? size : 1;
	}
	if (pc < end)
		write_orc(w, pc, end, *o);
}

static void merge_range(struct writer *w, struct merge *m, vaddr_t pc, vaddr_t stop,
			const struct orc_entry *o)
{
	while (pc < stop) {
		vaddr_t end = stop;

		if (!covered(m, pc, &end)) {
			if (!is_padding(m, pc, o))
				write_unknown(w, pc, end, o);
		} else if (m->walk_ok && cfa_differs(&m->walk.row, o)) {
			write_override(w, pc, end, &m->walk, o);
		}
		pc = end;
	}
}

/*
 * Up to where PC's surroundings belong to the image; 0: nowhere. Entries outlive the init
 * code of a module they describe, and other code may be there now.
 */
static vaddr_t memory_end(const struct code_image *image, vaddr_t pc)
{
	for (size_t i = 0; i < image->nareas; i++)
		if (pc - image->areas[i].start < image->areas[i].size)
			return image->areas[i].start + image->areas[i].size;
	return image->nareas ? 0 : UINT64_MAX;
}

/* No kernel's text reaches further (KERNEL_IMAGE_SIZE, arch/x86/include/asm/page_64_types.h). */
#define IMAGE_MAX (UINT64_C(1) << 30)

static void merge(struct writer *w, const struct code_image *image, const struct orc_table *orc,
		  const struct fde_table *fdes)
{
	struct merge m = { .orc = orc, .fdes = fdes, .walked = fdes->n };

	for (size_t i = 0; i + 1 < orc->n; i++) {
		vaddr_t start = orc_ip(orc, i), end = orc_ip(orc, i + 1);
		struct orc_entry o;

		if (start == end)
			continue; /* of several at an address, the last one counts */
		if (end - start > IMAGE_MAX)
			continue; /* a damaged table */
		o = orc_at(orc, i);
		merge_range(w, &m, start, kd_min(end, memory_end(image, start)), &o);
	}
	close_fde(w);
}

/* Images ------------------------------------------------------------------------------ */

static uint32_t begin_cie(struct cfi *out, bool signal)
{
	struct cfi_cie cie = { .ra = DW_RIP, .data_align = -8, .signal = signal };
	uint32_t handle = cfi_cie(out, &cie);

	cfi_def_cfa(out, DW_RSP, 8);
	cfi_offset(out, DW_RIP, -8);
	return handle;
}

static void write_cies(struct writer *w)
{
	w->call = begin_cie(w->out, false);
	cfi_cie_end(w->out);
	w->signal = begin_cie(w->out, true);
	cfi_cie_end(w->out);
	/*
	 * For compiled code whose own information is not at hand: it saves these
	 * registers where ORC does not say. In assembly they mostly stay untouched.
	 */
	w->called_c = begin_cie(w->out, false);
	cfi_undefined(w->out, DW_RBX);
	for (unsigned reg = DW_R12; reg <= DW_R15; reg++)
		cfi_undefined(w->out, reg);
	cfi_cie_end(w->out);
}

static int merge_image(struct writer *w, const struct orc_table *orc,
		       const struct code_image *image, struct kd_err *err)
{
	struct fde_table fdes;
	int rc = fde_table_open(&fdes, image->frames, image->frames ? image->frames_size : 0, 8,
				image->frames_bias, err);

	if (rc)
		return rc;
	w->is_c = fdes.n == 0;
	merge(w, image, orc, &fdes);
	fde_table_fini(&fdes);
	return 0;
}

static int merge_modules(struct writer *w, const struct code_view *code,
			 const struct orc_format *format, struct kd_err *err)
{
	struct code_image image;

	for (size_t i = 1; code_image_with_frames(code, i, &image); i++) {
		struct orc_table orc;
		int rc = 0;

		/* Unreadable tables cost that module's frames, not the others'. */
		if (!image.num_orcs || orc_table_open_module(&orc, code, &image, format, NULL))
			continue;
		rc = merge_image(w, &orc, &image, err);
		orc_table_fini(&orc);
		if (rc)
			return rc;
	}
	return 0;
}

/* Generated code -------------------------------------------------------------------------- */

/*
 * Where modules are loaded, programs compiled by the kernel itself (BPF) live too. They
 * keep rbp as a frame pointer, and the kernel's unwinder relies on that for all code it
 * has no ORC for.
 */
#define MODULES_END UINT64_C(0xffffffffff000000) /* arch/x86/include/asm/pgtable_64_types.h */

struct areas {
	struct code_area *list;
	size_t n, room;
};

static bool push_area(struct areas *a, const struct code_area *area)
{
	if (a->n == a->room) {
		size_t room = a->room ? 2 * a->room : 64;
		struct code_area *list = realloc(a->list, room * sizeof(*list));

		if (!list)
			return false;
		a->list = list;
		a->room = room;
	}
	a->list[a->n++] = *area;
	return true;
}

static int compare_areas(const void *a, const void *b)
{
	const struct code_area *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool collect_areas(struct areas *a, const struct code_view *code)
{
	struct code_image image;

	for (size_t i = 1; code->image(code->data, i, &image); i++)
		for (size_t k = 0; k < image.nareas; k++)
			if (!push_area(a, &image.areas[k]))
				return false;
	if (a->n)
		qsort(a->list, a->n, sizeof(*a->list), compare_areas);
	return true;
}

static void write_generated(struct writer *w, vaddr_t start, vaddr_t end)
{
	if (start >= end)
		return;
	cfi_fde(w->out, w->called_c, start);
	cfi_def_cfa(w->out, DW_RBP, 16);
	cfi_offset(w->out, DW_RBP, -16);
	cfi_fde_end(w->out, end);
}

/* All between the modules. */
static int generated_code(struct writer *w, const struct code_view *code, struct kd_err *err)
{
	struct areas a = { .n = 0 };
	vaddr_t from;
	uint64_t size;
	int rc = 0;

	if (!code->symbol(code->data, "_end", &from, &size))
		return 0;
	if (!collect_areas(&a, code))
		rc = kd_nomem(err);
	for (size_t i = 0; !rc && i < a.n; i++) {
		vaddr_t end;

		write_generated(w, from, kd_min(a.list[i].start, MODULES_END));
		if (!kd_add_overflow(a.list[i].start, a.list[i].size, &end) && end > from)
			from = end;
	}
	if (!rc)
		write_generated(w, from, MODULES_END);
	free(a.list);
	return rc;
}

int x86_64_cfi(const struct code_view *code, struct cfi *out, struct kd_err *err)
{
	struct writer w = { .out = out, .code = code };
	struct code_image image;
	struct orc_table orc;
	int rc;

	if (!code_image_with_frames(code, 0, &image))
		return kd_fail(err, KD_NOTFOUND, "no kernel image");
	rc = orc_table_open_kernel(&orc, code, err);
	if (rc)
		return rc;
	write_cies(&w);
	rc = merge_image(&w, &orc, &image, err);
	if (!rc)
		rc = merge_modules(&w, code, orc.format, err);
	if (!rc)
		rc = generated_code(&w, code, err);
	orc_table_fini(&orc);
	return rc;
}
