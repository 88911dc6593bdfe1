// SPDX-License-Identifier: GPL-3.0-or-later
/* Two stacks of one task: see stack_diff.h. */
#include "kernel/stack_diff.h"

#include <string.h>

#include "kernel/code.h"

void stack_diff_fini(struct stack_diff *d)
{
	free(d->pairs);
	*d = (struct stack_diff){ 0 };
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/*
 * A module that was compiled in its own folder names its files from there on, which is
 * all that gdb says: "a.c" and "/src/m/a.c".
 */
static bool same_file(const char *a, const char *b)
{
	size_t na = a ? strlen(a) : 0, nb = b ? strlen(b) : 0, n = kd_min(na, nb);

	if (na == nb || !n)
		return same_text(a, b);
	return !strcmp(a + na - n, b + nb - n) && (na > nb ? a[na - n - 1] : b[nb - n - 1]) == '/';
}

static bool same_regs(const struct regs *a, const struct regs *b)
{
	for (unsigned i = 0; i < REGS_MAX; i++)
		if (regs_known(a, i) && regs_known(b, i) && a->value[i] != b->value[i])
			return false;
	return true;
}

/* What differs first; NULL: nothing. */
static const char *difference(const struct frame *a, const struct frame *b)
{
	if (a->kind != b->kind)
		return "kind";
	if (a->pc != b->pc)
		return "program counter";
	if (a->kind == FRAME_USER)
		return a->sp == b->sp ? NULL : "stack pointer";
	if (!same_text(a->function, b->function))
		return "function";
	if (a->offset != b->offset || a->size != b->size)
		return "offset";
	if (!same_text(a->module, b->module))
		return "module";
	if (!same_file(a->file, b->file))
		return "file";
	if (a->line != b->line)
		return "line";
	return same_regs(&a->regs, &b->regs) ? NULL : "registers";
}

/* Tail calls ------------------------------------------------------------------------ */

enum transfer { CALL, JUMP };

/* Where the direct call or jump (x86, 32 bits of distance, or 8) that ends at END goes to. */
static bool target(const struct kernel *k, vaddr_t end, enum transfer how, vaddr_t *to)
{
	uint64_t mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	uint8_t b[6];
	int32_t far;

	if (kernel_read_code(k, end - sizeof(b), b, sizeof(b), NULL))
		return false;
	memcpy(&far, b + 2, sizeof(far));
	if (how == CALL ? b[1] == 0xe8 : b[1] == 0xe9 || (b[0] == 0x0f && (b[1] & 0xf0) == 0x80)) {
		*to = (end + (uint64_t)(int64_t)far) & mask;
		return true;
	}
	if (how == JUMP && (b[4] == 0xeb || (b[4] & 0xf0) == 0x70)) {
		*to = (end + (uint64_t)(int64_t)(int8_t)b[5]) & mask;
		return true;
	}
	return false;
}

static bool starts(const struct kernel *k, const struct frame *f, vaddr_t at)
{
	const struct symbol *s = symbols_by_addr(k->symbols, at);

	return s && s->addr == at && f->function &&
	       (!strcmp(s->name, f->function) || symbol_is_of(f->function, s->name) ||
		symbol_is_of(s->name, f->function));
}

/* The next frame from I on, in that direction, that is not inlined; NULL: none. */
static const struct frame *next_real(const struct stack *s, size_t i, int step)
{
	for (i += (size_t)step; i < s->nframes; i += (size_t)step)
		if (s->frames[i].kind != FRAME_INLINE)
			return &s->frames[i];
	return NULL;
}

/* Is frame I a function that was entered by a call or jump, and left by a jump? */
static bool is_tail(const struct kernel *k, const struct stack *s, size_t i)
{
	const struct frame *f = &s->frames[i];
	const struct frame *below = next_real(s, i, -1), *above = next_real(s, i, 1);
	vaddr_t left, entered;

	if (f->kind == FRAME_INLINE) {
		/* of a function that was left by a jump */
		while (i < s->nframes && s->frames[i].kind == FRAME_INLINE)
			i++;
		return i < s->nframes && s->frames[i].pc == f->pc && is_tail(k, s, i);
	}
	return f->kind == FRAME_NORMAL && below && above && target(k, f->pc, JUMP, &left) &&
	       starts(k, below, left) &&
	       (target(k, above->pc, CALL, &entered) || target(k, above->pc, JUMP, &entered)) &&
	       starts(k, f, entered);
}

/* Pairing --------------------------------------------------------------------------- */

static int push(struct stack_diff *d, int a, int b, enum frame_match match, const char *what,
		struct kd_err *err)
{
	struct frame_pair *grown = reallocarray(d->pairs, d->n + 1, sizeof(*grown));

	if (!grown)
		return kd_nomem(err);
	d->pairs = grown;
	grown[d->n++] = (struct frame_pair){ .a = a, .b = b, .match = match, .what = what };
	d->same += match == FRAME_SAME;
	d->tail += match == FRAME_TAIL;
	d->differ += match == FRAME_DIFFERS;
	return 0;
}

int stack_diff(const struct kernel *k, const struct stack *a, const struct stack *b, size_t limit,
	       struct stack_diff *out, struct kd_err *err)
{
	size_t i = 0, j = 0;
	int rc = 0;

	*out = (struct stack_diff){ 0 };
	while (!rc && (i < a->nframes || j < b->nframes)) {
		bool has_a = i < a->nframes, has_b = j < b->nframes;
		const char *what = has_a && has_b ? difference(&a->frames[i], &b->frames[j])
						  : "only one has it";

		if (limit && !has_b && b->nframes >= limit)
			break;
		if (what && has_b && !out->differ && is_tail(k, b, j)) {
			rc = push(out, -1, (int)j++, FRAME_TAIL, NULL, err);
			continue;
		}
		rc = push(out, has_a ? (int)i : -1, has_b ? (int)j : -1,
			  what ? FRAME_DIFFERS : FRAME_SAME, what, err);
		i += has_a;
		j += has_b;
	}
	return rc;
}
