/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A made-up kernel as an architecture's cfi hook looks at it, and an unwinder that
 * executes what the hook wrote: registers and memory in, the caller's registers out.
 */
#ifndef KD_TESTS_FAKE_CODE_H
#define KD_TESTS_FAKE_CODE_H

#include <dwarf.h>
#include <string.h>

#include "core/cfi.h"
#include "core/fde.h"

#define FAKE_MAX 32

struct fake_symbol {
	const char *name;
	vaddr_t addr;
	uint64_t size;
	bool function;
};

struct fake_memory {
	vaddr_t addr;
	const void *bytes;
	size_t size;
};

struct fake_member {
	const char *type, *member;
	uint64_t offset;
};

/* Symbols in order of address; arrays end with zeros. */
struct fake_code {
	struct fake_symbol symbols[FAKE_MAX];
	struct fake_memory memory[FAKE_MAX];
	struct fake_member members[8];
	struct code_image images[4];
	size_t nimages;
};

static inline bool fake_symbol(void *data, const char *name, vaddr_t *addr, uint64_t *size)
{
	const struct fake_code *f = data;

	for (const struct fake_symbol *s = f->symbols; s->name; s++) {
		if (strcmp(s->name, name))
			continue;
		*addr = s->addr;
		*size = s->size;
		return true;
	}
	return false;
}

static inline bool fake_function(void *data, vaddr_t from, vaddr_t *addr, uint64_t *size)
{
	const struct fake_code *f = data;

	for (const struct fake_symbol *s = f->symbols; s->name; s++) {
		if (!s->function || s->addr < from)
			continue;
		*addr = s->addr;
		*size = s->size;
		return true;
	}
	return false;
}

static inline bool fake_holding(void *data, vaddr_t pc, vaddr_t *addr, uint64_t *size)
{
	const struct fake_code *f = data;

	for (const struct fake_symbol *s = f->symbols; s->name; s++) {
		if (!s->function || pc < s->addr || pc - s->addr >= s->size)
			continue;
		*addr = s->addr;
		*size = s->size;
		return true;
	}
	return false;
}

static inline bool fake_member(void *data, const char *anchor, const char *type, const char *member,
			       uint64_t *offset)
{
	const struct fake_code *f = data;

	(void)anchor;
	for (const struct fake_member *m = f->members; m->type; m++) {
		if (strcmp(m->type, type) || strcmp(m->member, member))
			continue;
		*offset = m->offset;
		return true;
	}
	return false;
}

static inline int fake_read(void *data, vaddr_t va, void *buf, size_t len, struct kd_err *err)
{
	const struct fake_code *f = data;

	for (const struct fake_memory *m = f->memory; m->bytes; m++) {
		if (va < m->addr || !range_contains(m->size, va - m->addr, len))
			continue;
		memcpy(buf, (const uint8_t *)m->bytes + (va - m->addr), len);
		return 0;
	}
	return kd_fail(err, KD_UNMAPPED, "nothing at %#llx", (unsigned long long)va);
}

static inline bool fake_image(void *data, size_t i, struct code_image *out)
{
	const struct fake_code *f = data;

	if (i >= f->nimages)
		return false;
	*out = f->images[i];
	return true;
}

static inline struct code_view fake_view(struct fake_code *f)
{
	return (struct code_view){ .data = f,
				   .symbol = fake_symbol,
				   .function = fake_function,
				   .holding = fake_holding,
				   .member = fake_member,
				   .read = fake_read,
				   .image = fake_image };
}

/* Unwinding ----------------------------------------------------------------------------- */

struct fake_regs {
	uint64_t value[FDE_REGS];
	bool known[FDE_REGS];
	uint64_t cfa;
	bool end; /* no caller: the return address is undefined */
};

struct fake_machine {
	const struct fde_table *table;
	struct fake_code *memory;
	unsigned word, sp, ra; /* bytes of a word, DWARF numbers */
};

static inline uint64_t fake_word(const struct fake_machine *m, uint64_t addr)
{
	uint64_t v = 0;

	if (m->word == 4)
		addr &= UINT32_MAX;
	if (fake_read(m->memory, addr, &v, m->word, NULL))
		return UINT64_C(0xbadbadbadbad);
	return v;
}

static inline int64_t fake_leb(const uint8_t **p, bool is_signed)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = *(*p)++;
		v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	if (is_signed && shift < 64 && (b & 0x40))
		v |= ~UINT64_C(0) << shift;
	return (int64_t)v;
}

/* The operations that core/cfi.h can write. */
static inline uint64_t fake_evaluate(const struct fake_machine *m, const struct fake_regs *r,
				     const uint8_t *p, size_t len, uint64_t initial)
{
	uint64_t stack[8] = { initial };
	const uint8_t *end = p + len;
	size_t top = 0;
	uint32_t mask;

	while (p < end) {
		uint8_t op = *p++;

		if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
			stack[++top] = r->value[op - DW_OP_breg0] + (uint64_t)fake_leb(&p, true);
		} else if (op == DW_OP_deref) {
			stack[top] = fake_word(m, stack[top]);
		} else if (op == DW_OP_plus_uconst) {
			stack[top] += (uint64_t)fake_leb(&p, false);
		} else if (op == DW_OP_consts) {
			stack[++top] = (uint64_t)fake_leb(&p, true);
		} else if (op == DW_OP_plus) {
			top--;
			stack[top] += stack[top + 1];
		} else if (op == DW_OP_const4u) {
			memcpy(&mask, p, 4);
			p += 4;
			stack[++top] = mask;
		} else if (op == DW_OP_and) {
			top--;
			stack[top] &= stack[top + 1];
		} else if (op == DW_OP_or) {
			top--;
			stack[top] |= stack[top + 1];
		} else if (op == DW_OP_bra) {
			int jump = p[0] | p[1] << 8;

			p += 2;
			p += stack[top--] ? jump : 0;
		} else if (op == DW_OP_skip) {
			p += 2 + (p[0] | p[1] << 8);
		} else {
			fail_msg("operation %#x", op);
		}
	}
	return stack[top];
}

static inline void fake_rule(const struct fake_machine *m, const struct fde_rule *rule,
			     const struct fake_regs *r, uint64_t *value, bool *known)
{
	const uint8_t *block = m->table->data + rule->block;

	switch (rule->kind) {
	case FDE_UNDEFINED:
		*known = false;
		break;
	case FDE_OFFSET:
		*value = fake_word(m, r->cfa + (uint64_t)(int64_t)rule->n);
		*known = true;
		break;
	case FDE_EXPRESSION:
		*value = fake_word(m, fake_evaluate(m, r, block, rule->len, r->cfa));
		*known = true;
		break;
	case FDE_VAL_EXPRESSION:
		*value = fake_evaluate(m, r, block, rule->len, r->cfa);
		*known = true;
		break;
	default: /* unchanged */
		break;
	}
}

/* One frame up from the registers R, by the row for PC; false: no FDE. */
static inline bool fake_unwind(const struct fake_machine *m, struct fake_regs *r, vaddr_t pc)
{
	const struct fde *f = fde_table_find(m->table, pc);
	struct fake_regs caller;
	struct fde_walk w;

	if (!f)
		return false;
	assert_true(fde_walk_start(&w, m->table, f));
	while (w.end <= pc)
		assert_true(fde_walk_next(&w));
	if (w.row.cfa.kind == FDE_OFFSET)
		r->cfa = r->value[w.row.cfa_reg] + (uint64_t)(int64_t)w.row.cfa.n;
	else
		r->cfa = fake_evaluate(m, r, m->table->data + w.row.cfa.block, w.row.cfa.len, 0);
	caller = *r;
	for (unsigned i = 0; i < FDE_REGS; i++)
		fake_rule(m, &w.row.regs[i], r, &caller.value[i], &caller.known[i]);
	caller.end = w.row.regs[m->ra].kind == FDE_UNDEFINED;
	caller.value[m->sp] = r->cfa;
	*r = caller;
	return true;
}

#endif
