// SPDX-License-Identifier: GPL-3.0-or-later
/* Leaving a frame by call frame information: see fde_step.h. */
#include "core/fde_step.h"

#include <dwarf.h>
#include <inttypes.h>

#define DEPTH_MAX 16
#define OPERATIONS_MAX 256 /* branches may go backwards */

struct stepper {
	const struct arch *arch;
	const struct unwind_view *view;
	const struct regs *regs; /* of the frame that is left */
	const struct fde_table *table;
	struct kd_err *err;
};

static uint64_t fit(const struct stepper *s, uint64_t value)
{
	return s->arch->ptr_size == 4 ? value & UINT32_MAX : value;
}

static int find_reg(const struct arch *a, uint64_t dwarf)
{
	for (size_t i = 0; i < a->nregs; i++)
		if (a->regs[i].dwarf >= 0 && (uint64_t)a->regs[i].dwarf == dwarf)
			return (int)i;
	return -1;
}

static int get_reg(const struct stepper *s, uint64_t dwarf, uint64_t *value)
{
	int i = find_reg(s->arch, dwarf);

	if (i < 0)
		return kd_fail(s->err, KD_UNSUPPORTED, "frame rules with DWARF register %" PRIu64,
			       dwarf);
	if (!regs_known(s->regs, (unsigned)i))
		return kd_fail(s->err, KD_NOTFOUND, "the value of %s is not known",
			       s->arch->regs[i].name);
	*value = s->regs->value[i];
	return 0;
}

static int get_word(const struct stepper *s, uint64_t at, uint64_t *value)
{
	return s->view->word(s->view->data, fit(s, at), value, s->err);
}

/* Expressions ---------------------------------------------------------------------- */

struct machine {
	const struct stepper *s;
	const uint8_t *bytes;
	size_t len, at;
	uint64_t stack[DEPTH_MAX];
	size_t n;
	bool bad;
};

static uint64_t next_uint(struct machine *m, size_t size)
{
	uint64_t v = 0;

	if (m->len - m->at < size) {
		m->bad = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		v |= (uint64_t)m->bytes[m->at + i] << 8 * i;
	m->at += size;
	return v;
}

static int64_t next_int(struct machine *m, size_t size)
{
	unsigned shift = 64 - 8 * (unsigned)size;

	return (int64_t)(next_uint(m, size) << shift) >> shift;
}

static uint64_t next_leb(struct machine *m, bool is_signed)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = (uint8_t)next_uint(m, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	if (is_signed && shift < 64 && (b & 0x40))
		v |= ~UINT64_C(0) << shift;
	return v;
}

static void push(struct machine *m, uint64_t value)
{
	if (m->n == DEPTH_MAX)
		m->bad = true;
	else
		m->stack[m->n++] = fit(m->s, value);
}

static uint64_t pop(struct machine *m)
{
	if (!m->n) {
		m->bad = true;
		return 0;
	}
	return m->stack[--m->n];
}

static void jump(struct machine *m, int64_t by)
{
	int64_t to = (int64_t)m->at + by;

	if (to < 0 || (uint64_t)to > m->len)
		m->bad = true;
	else
		m->at = (size_t)to;
}

/* Two operands; false: another operation. */
static bool do_binary(struct machine *m, uint8_t op)
{
	uint64_t b, a;

	switch (op) {
	case DW_OP_plus:
	case DW_OP_minus:
	case DW_OP_and:
	case DW_OP_or:
	case DW_OP_shl:
	case DW_OP_ge:
		break;
	default:
		return false;
	}
	b = pop(m);
	a = pop(m);
	switch (op) {
	case DW_OP_plus:
		push(m, a + b);
		break;
	case DW_OP_minus:
		push(m, a - b);
		break;
	case DW_OP_and:
		push(m, a & b);
		break;
	case DW_OP_or:
		push(m, a | b);
		break;
	case DW_OP_shl:
		push(m, b < 64 ? a << b : 0);
		break;
	default:
		push(m, (int64_t)a >= (int64_t)b);
	}
	return true;
}

/* A constant; false: another operation. */
static bool do_constant(struct machine *m, uint8_t op)
{
	if (op >= DW_OP_lit0 && op <= DW_OP_lit31) {
		push(m, op - DW_OP_lit0);
		return true;
	}
	switch (op) {
	case DW_OP_const1u:
		push(m, next_uint(m, 1));
		return true;
	case DW_OP_const1s:
		push(m, (uint64_t)next_int(m, 1));
		return true;
	case DW_OP_const2u:
		push(m, next_uint(m, 2));
		return true;
	case DW_OP_const2s:
		push(m, (uint64_t)next_int(m, 2));
		return true;
	case DW_OP_const4u:
		push(m, next_uint(m, 4));
		return true;
	case DW_OP_const4s:
		push(m, (uint64_t)next_int(m, 4));
		return true;
	case DW_OP_constu:
		push(m, next_leb(m, false));
		return true;
	case DW_OP_consts:
		push(m, next_leb(m, true));
		return true;
	default:
		return false;
	}
}

static int push_reg(struct machine *m, uint64_t dwarf)
{
	int64_t offset = (int64_t)next_leb(m, true);
	uint64_t value = 0;
	int rc = get_reg(m->s, dwarf, &value);

	if (!rc)
		push(m, value + (uint64_t)offset);
	return rc;
}

static int execute(struct machine *m, uint8_t op)
{
	uint64_t v = 0;
	int64_t by;
	int rc = 0;

	if (op >= DW_OP_breg0 && op <= DW_OP_breg31)
		return push_reg(m, op - DW_OP_breg0);
	if (do_constant(m, op) || do_binary(m, op))
		return 0;
	switch (op) {
	case DW_OP_bregx:
		return push_reg(m, next_leb(m, false));
	case DW_OP_deref:
		rc = get_word(m->s, pop(m), &v);
		if (!rc)
			push(m, v);
		return rc;
	case DW_OP_plus_uconst:
		v = pop(m);
		push(m, v + next_leb(m, false));
		return 0;
	case DW_OP_bra:
	case DW_OP_skip:
		by = next_int(m, 2);
		if (op == DW_OP_skip || pop(m))
			jump(m, by);
		return 0;
	case DW_OP_nop:
		return 0;
	default:
		return kd_fail(m->s->err, KD_UNSUPPORTED, "frame rules with DWARF operation %#x",
			       op);
	}
}

/* The CFA is on the stack at first, except when it is what is computed (INITIAL NULL). */
static int evaluate(const struct stepper *s, const struct fde_rule *rule, const uint64_t *initial,
		    uint64_t *value)
{
	struct machine m = { .s = s, .bytes = s->table->data + rule->block, .len = rule->len };
	unsigned done = 0;
	int rc = 0;

	if (initial)
		push(&m, *initial);
	while (!rc && !m.bad && m.at < m.len && done++ < OPERATIONS_MAX)
		rc = execute(&m, (uint8_t)next_uint(&m, 1));
	if (rc)
		return rc;
	*value = pop(&m);
	if (m.bad || m.at < m.len)
		return kd_fail(s->err, KD_CORRUPT, "frame rules that make no sense");
	return 0;
}

/* Rules ---------------------------------------------------------------------------- */

static int find_cfa(const struct stepper *s, const struct fde_row *row, uint64_t *cfa)
{
	int rc;

	if (row->cfa.kind == FDE_EXPRESSION)
		return evaluate(s, &row->cfa, NULL, cfa);
	if (row->cfa.kind != FDE_OFFSET)
		return kd_fail(s->err, KD_CORRUPT, "frame rules without a frame address");
	rc = get_reg(s, row->cfa_reg, cfa);
	if (!rc)
		*cfa = fit(s, *cfa + (uint64_t)(int64_t)row->cfa.n);
	return rc;
}

/* The caller's value by RULE; *known: there is one. Missing memory is a failure. */
static int apply(const struct stepper *s, const struct fde_rule *rule, uint64_t cfa,
		 uint64_t *value, bool *known)
{
	uint64_t at = cfa + (uint64_t)(int64_t)rule->n;
	int rc = 0;

	*known = false;
	switch (rule->kind) {
	case FDE_OFFSET:
		rc = get_word(s, at, value);
		break;
	case FDE_VAL_OFFSET:
		*value = fit(s, at);
		break;
	case FDE_REGISTER:
		rc = get_reg(s, (uint64_t)rule->n, value);
		break;
	case FDE_EXPRESSION:
		rc = evaluate(s, rule, &cfa, &at);
		if (!rc)
			rc = get_word(s, at, value);
		break;
	case FDE_VAL_EXPRESSION:
		rc = evaluate(s, rule, &cfa, value);
		break;
	default:
		return 0;
	}
	*known = !rc;
	return rc;
}

/* All registers but the stack pointer, which is the CFA. */
static int apply_all(const struct stepper *s, const struct fde_walk *w, uint64_t cfa,
		     uint32_t saved, struct regs *out)
{
	const struct arch *a = s->arch;

	for (unsigned i = 0; i < a->nregs; i++) {
		const struct fde_rule *rule =
			a->regs[i].dwarf < 0 ? NULL
					     : fde_row_rule(&w->row, (uint64_t)a->regs[i].dwarf);
		bool keeps = rule && (rule->kind == FDE_SAME ||
				      (rule->kind == FDE_UNSPECIFIED && i != a->sp &&
				       (w->signal || saved >> i & 1)));
		uint64_t value = 0;
		bool known = false;
		int rc = 0;

		if (keeps) {
			known = regs_known(s->regs, i);
			value = s->regs->value[i];
		} else if (rule) {
			rc = apply(s, rule, cfa, &value, &known);
		}
		/* Without its pc there is no caller; other registers may be lost. */
		if (rc && i == a->pc)
			return rc;
		if (known && !rc)
			regs_set(out, i, value);
	}
	if (!regs_known(out, a->sp))
		regs_set(out, a->sp, cfa);
	return 0;
}

int fde_step(const struct arch *a, const struct fde_table *t, const struct fde *f, vaddr_t pc,
	     uint32_t saved, const struct unwind_view *v, struct regs *regs,
	     struct unwind_step *step, struct kd_err *err)
{
	struct stepper s = { .arch = a, .view = v, .regs = regs, .table = t, .err = err };
	const struct fde_rule *ra;
	struct regs out = { .known = 0 };
	struct fde_walk w;
	uint64_t cfa = 0;
	int rc;

	if (!fde_walk_to(&w, t, f, pc))
		return kd_fail(err, KD_CORRUPT, "call frame information that makes no sense");
	step->how = UNWIND_BY_TABLE;
	ra = fde_row_rule(&w.row, w.ra);
	if (ra && ra->kind == FDE_UNDEFINED) {
		step->end = true;
		return 0;
	}
	rc = find_cfa(&s, &w.row, &cfa);
	if (!rc)
		rc = apply_all(&s, &w, cfa, saved, &out);
	if (rc)
		return rc;
	if (!regs_known(&out, a->pc))
		return kd_fail(err, KD_NOTFOUND, "the return address is not known");
	*regs = out;
	step->entry = step->exact = w.signal;
	return 0;
}
