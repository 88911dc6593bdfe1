// SPDX-License-Identifier: GPL-3.0-or-later
/* Stack frames of both x86: see frame.h. */
#include "x86_64/frame.h"

#include <inttypes.h>
#include <string.h>

#define FRAME_SIZE_MAX 65536u /* bytes; no stack is larger */
#define LOOK_WORDS 16u	      /* how far up a leaf's return address is looked for */

static int read_word(const struct unwind_view *v, vaddr_t at, uint64_t *value, struct kd_err *err)
{
	return v->word(v->data, at, value, err);
}

static bool is_return(const struct x86_frames *f, const struct unwind_view *v, uint64_t pc)
{
	return (v->is_code(v->data, pc) || f->generated(v, pc)) && x86_after_call(v, pc);
}

/* Calls ------------------------------------------------------------------------------ */

/* Length of "call *r/m" (0xff /2) with this ModRM byte and what may follow it. */
static unsigned indirect_length(uint8_t modrm, uint8_t sib)
{
	unsigned mod = modrm >> 6, rm = modrm & 7, len = 2;

	if ((modrm >> 3 & 7) != 2)
		return 0;
	if (mod == 3)
		return len;
	if (rm == 4) {
		len++;
		if (mod == 0 && (sib & 7) == 5)
			len += 4;
	} else if (rm == 5 && mod == 0) {
		len += 4;
	}
	return len + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

bool x86_after_call(const struct unwind_view *v, vaddr_t pc)
{
	uint8_t b[7] = { 0 };
	unsigned have = sizeof(b);

	/* The bytes may begin where nothing is mapped, but those of a call are there. */
	while (have >= 2 &&
	       v->code->read(v->code->data, pc - have, b + sizeof(b) - have, have, NULL))
		have--;
	if (have >= 5 && b[2] == 0xe8)
		return true;
	for (unsigned len = 2; len <= have; len++) {
		const uint8_t *p = b + sizeof(b) - len;

		if (p[0] == 0xff && indirect_length(p[1], len > 2 ? p[2] : 0) == len)
			return true;
	}
	return false;
}

int x86_unwind_bad_call(const struct x86_frames *f, const struct unwind_view *v, struct regs *regs,
			struct unwind_step *step, struct kd_err *err)
{
	uint64_t pc = regs->value[f->pc], ret = 0;
	int rc;

	if (!regs_known(regs, f->sp))
		return kd_fail(err, KD_NOTFOUND, "%#" PRIx64 " is no code", pc);
	rc = read_word(v, regs->value[f->sp], &ret, err);
	if (rc)
		return rc;
	if (!is_return(f, v, ret))
		return kd_fail(err, KD_NOTFOUND, "%#" PRIx64 " is no code, and nothing called it",
			       pc);
	regs_set(regs, f->pc, ret);
	regs_set(regs, f->sp, regs->value[f->sp] + f->word);
	step->how = UNWIND_BY_CALL;
	step->exact = false;
	return 0;
}

/* struct pt_regs ----------------------------------------------------------------------- */

int x86_pt_regs(const struct x86_frames *f, const struct unwind_view *v, vaddr_t at,
		struct regs *regs, struct kd_err *err)
{
	struct regs out = { .known = 0 };
	uint64_t value = 0;
	int rc;

	for (unsigned i = 0; i < f->nslots; i++) {
		rc = read_word(v, at + f->slots[i].offset, &value, err);
		if (rc)
			return kd_context(err, rc, "registers saved at %#" PRIx64, at);
		regs_set(&out, f->slots[i].reg, value);
	}
	rc = f->interrupted_sp(v, at, &out, &value, err);
	if (rc)
		return kd_context(err, rc, "registers saved at %#" PRIx64, at);
	regs_set(&out, f->sp, value);
	/* Segment registers have 16 bits; the kernel keeps notes of its own above cs. */
	out.value[f->cs] &= 0xffff;
	*regs = out;
	return 0;
}

static bool plausible(const struct x86_frames *f, const struct unwind_view *v, const struct regs *r)
{
	uint64_t cs = r->value[f->cs];

	/* In the kernel, pc may be anything: that may be why it was interrupted. */
	return (cs & 3) == 3 || cs == f->kernel_cs || v->is_code(v->data, r->value[f->pc]);
}

static int leave_entry(const struct x86_frames *f, const struct unwind_view *v, vaddr_t at,
		       struct regs *regs, struct unwind_step *step, struct kd_err *err)
{
	struct regs out;
	int rc = x86_pt_regs(f, v, at, &out, err);

	if (rc)
		return rc;
	/* Kernel threads have an empty one at the bottom of their stack (copy_thread()). */
	if (!out.value[f->cs] && !out.value[f->pc]) {
		step->end = true;
		return 0;
	}
	if (!plausible(f, v, &out))
		return kd_fail(err, KD_CORRUPT,
			       "the registers saved at %#" PRIx64 " make no sense: pc %#" PRIx64,
			       at, out.value[f->pc]);
	*regs = out;
	step->entry = step->exact = true;
	return 0;
}

void x86_find_entry(const struct code_view *code, struct x86_entry *out)
{
	uint64_t size;

	*out = (struct x86_entry){ 0 };
	if (!code->symbol(code->data, "__entry_text_start", &out->start, &size) ||
	    !code->symbol(code->data, "__entry_text_end", &out->end, &size))
		*out = (struct x86_entry){ 0 };
}

/* Frame pointers ------------------------------------------------------------------------- */

int x86_unwind_bp(const struct x86_frames *f, const struct unwind_view *v, struct regs *regs,
		  struct unwind_step *step, struct kd_err *err)
{
	uint64_t bp = regs->value[f->bp], sp = regs->value[f->sp], ret = 0, saved = 0;
	struct regs out = { .known = 0 };
	bool far;
	int rc;

	if (!regs_known(regs, f->bp))
		return kd_fail(err, KD_NOTFOUND, "the frame pointer is not known");
	rc = read_word(v, bp + f->word, &ret, err);
	if (!rc)
		rc = read_word(v, bp, &saved, err);
	if (rc)
		return kd_context(err, rc, "frame");
	/* It may lie on another stack, but then it must look like a frame. */
	far = regs_known(regs, f->sp) && bp - sp > FRAME_SIZE_MAX;
	if (bp % f->word || (far && !is_return(f, v, ret)))
		return kd_fail(err, KD_CORRUPT,
			       "the frame pointer %#" PRIx64
			       " does not lie on the stack (at %#" PRIx64 ")",
			       bp, sp);
	regs_set(&out, f->pc, ret);
	regs_set(&out, f->sp, bp + 2 * f->word);
	regs_set(&out, f->bp, saved);
	*regs = out;
	step->how = UNWIND_BY_FRAME_POINTER;
	step->exact = false;
	return 0;
}

/* What the bytes of a function say about its frame ----------------------------------------- */

/* Enough for any beginning of a function; what comes later is known by its surroundings. */
#define HEAD_MAX 256

struct body {
	uint8_t head[HEAD_MAX];
	size_t len;	      /* of head */
	size_t at;	      /* pc's offset in the function */
	uint8_t before, here; /* the bytes around pc; 0: not known */
};

static bool body_read(struct body *b, const struct unwind_view *v, vaddr_t pc)
{
	const struct code_view *c = v->code;
	vaddr_t start;
	uint64_t size;

	if (!c->holding(c->data, pc, &start, &size))
		return false;
	*b = (struct body){ .len = (size_t)kd_min(size, HEAD_MAX), .at = (size_t)(pc - start) };
	if (c->read(c->data, start, b->head, b->len, NULL))
		return false;
	if (b->at)
		c->read(c->data, pc - 1, &b->before, 1, NULL);
	c->read(c->data, pc, &b->here, 1, NULL);
	return true;
}

static bool matches(const struct body *b, size_t i, const char *bytes, size_t len)
{
	return range_contains(b->len, i, len) && !memcmp(b->head + i, bytes, len);
}

/* After what may come first: endbr, a call of __fentry__ or the no-op in its place. */
static size_t skip_preamble(const struct body *b)
{
	size_t i = matches(b, 0, "\xf3\x0f\x1e", 3) ? 4 : 0;

	if (matches(b, i, "\xe8", 1) || matches(b, i, "\x0f\x1f\x44\0\0", 5) ||
	    matches(b, i, "\x3e\x8d\x74\x26\0", 5) || matches(b, i, "\x90\x90\x90\x90\x90", 5))
		i += 5;
	return i;
}

/* Length of the "mov %sp,%bp" at I; 0: there is none. */
static size_t match_mov(const struct x86_frames *f, const struct body *b, size_t i)
{
	if (f->word == 8)
		return matches(b, i, "\x48\x89\xe5", 3) ? 3 : 0;
	return matches(b, i, "\x89\xe5", 2) ? 2 : 0;
}

/*
 * Where bp is pushed, and where "mov %sp,%bp" ends. That is at the beginning with
 * little in between, or later without, when the function may return ahead of it.
 */
static bool find_frame(const struct x86_frames *f, const struct body *b, size_t *push, size_t *end)
{
	size_t i = skip_preamble(b), len;

	*push = i;
	for (size_t k = i + 1; matches(b, i, "\x55", 1) && k < i + 24; k++) {
		len = match_mov(f, b, k);
		*end = k + len;
		if (len)
			return true;
	}
	for (; i < b->len; i++) {
		len = matches(b, i, "\x55", 1) ? match_mov(f, b, i + 1) : 0;
		*push = i;
		*end = i + 1 + len;
		if (len)
			return true;
	}
	return false;
}

enum frame_state {
	NO_FRAME, /* the function makes none */
	NOT_YET,  /* its return address is on top of the stack: not yet, or no longer */
	PUSHED,	  /* bp is, but still holds the caller's */
	COMPLETE,
};

static bool is_return_byte(uint8_t b)
{
	/* ret, or a jump: a tail call, or the return thunk; repz ret */
	return b == 0xc3 || b == 0xe9 || b == 0xeb || b == 0xf3;
}

static enum frame_state frame_state(const struct x86_frames *f, const struct body *b)
{
	size_t push, frame;

	if (!find_frame(f, b, &push, &frame))
		return NO_FRAME;
	if (b->at <= push)
		return NOT_YET;
	if (b->at < frame)
		return PUSHED;
	/* pop %bp or leave, then the end */
	if ((b->before == 0x5d || b->before == 0xc9) && is_return_byte(b->here))
		return NOT_YET;
	return COMPLETE;
}

/* The caller, whose return address is at AT; saved bp below it when PUSHED. */
static int leave_by_sp(const struct x86_frames *f, const struct unwind_view *v, vaddr_t at,
		       bool pushed, struct regs *regs, struct unwind_step *step, struct kd_err *err)
{
	struct regs out = { .known = 0 };
	uint64_t ret = 0, bp = regs->value[f->bp];
	int rc = read_word(v, at, &ret, err);

	if (!rc && pushed)
		rc = read_word(v, at - f->word, &bp, err);
	if (rc)
		return rc;
	if (pushed || regs_known(regs, f->bp))
		regs_set(&out, f->bp, bp);
	regs_set(&out, f->pc, ret);
	regs_set(&out, f->sp, at + f->word);
	*regs = out;
	step->how = UNWIND_BY_TABLE;
	step->exact = false;
	return 0;
}

/* A leaf in assembly may have pushed something: the nearest return address is its. */
static int leave_leaf(const struct x86_frames *f, const struct unwind_view *v, struct regs *regs,
		      struct unwind_step *step, struct kd_err *err)
{
	vaddr_t sp = regs->value[f->sp];
	uint64_t word;

	for (unsigned i = 0; i < LOOK_WORDS; i++) {
		if (regs_known(regs, f->bp) && sp + i * f->word == regs->value[f->bp])
			break; /* from there on it is the caller's frame */
		if (read_word(v, sp + i * f->word, &word, NULL) || !is_return(f, v, word))
			continue;
		return leave_by_sp(f, v, sp + i * f->word, false, regs, step, err);
	}
	return x86_unwind_bp(f, v, regs, step, err);
}

/* Code that was interrupted may be anywhere in its function. */
static int leave_exact(const struct x86_frames *f, const struct unwind_view *v, struct regs *regs,
		       struct unwind_step *step, struct kd_err *err)
{
	vaddr_t sp = regs->value[f->sp];
	struct body b;

	if (!regs_known(regs, f->sp) || !body_read(&b, v, regs->value[f->pc]))
		return x86_unwind_bp(f, v, regs, step, err);
	switch (frame_state(f, &b)) {
	case NO_FRAME:
		return leave_leaf(f, v, regs, step, err);
	case NOT_YET:
		return leave_by_sp(f, v, sp, false, regs, step, err);
	case PUSHED:
		return leave_by_sp(f, v, sp + f->word, true, regs, step, err);
	default:
		return x86_unwind_bp(f, v, regs, step, err);
	}
}

/*
 * What starts a CPU or a thread has no frame above it: its frame pointer is 0, or
 * leads nowhere, and its stack is as empty as it gets: with room for a struct pt_regs
 * and some padding (TOP_OF_KERNEL_STACK_PADDING).
 */
static bool is_bottom(const struct x86_frames *f, const struct unwind_view *v,
		      const struct regs *regs)
{
	return v->stack_end && regs_known(regs, f->sp) &&
	       v->stack_end - regs->value[f->sp] <= f->pt_size + 16u;
}

/* The return address of a call, in C or whatever keeps frame pointers. */
static int leave_called(const struct x86_frames *f, const struct unwind_view *v, struct regs *regs,
			struct unwind_step *step, struct kd_err *err)
{
	int rc;

	if (regs_known(regs, f->bp) && !regs->value[f->bp]) {
		step->end = true;
		return 0;
	}
	rc = x86_unwind_bp(f, v, regs, step, err);
	if (!rc || !is_bottom(f, v, regs))
		return rc;
	step->end = true;
	return 0;
}

int x86_unwind_code(const struct x86_frames *f, const struct x86_entry *entry,
		    const struct unwind_view *v, struct regs *regs, struct unwind_step *step,
		    struct kd_err *err)
{
	uint64_t pc = regs->value[f->pc];
	bool in_entry = pc - entry->start < entry->end - entry->start;
	vaddr_t at;

	step->how = UNWIND_BY_FRAME_POINTER;
	if (!v->is_code(v->data, pc)) {
		if (f->generated(v, pc))
			return x86_unwind_bp(f, v, regs, step, err);
		return x86_unwind_bad_call(f, v, regs, step, err);
	}
	/* Entry code calls C with its struct pt_regs on top of the stack, always. */
	if (in_entry && !step->exact && regs_known(regs, f->sp) &&
	    !leave_entry(f, v, regs->value[f->sp], regs, step, err))
		return 0;
	if (regs_known(regs, f->bp) && f->decode(regs->value[f->bp], &at) &&
	    !leave_entry(f, v, at, regs, step, err))
		return 0;
	return step->exact ? leave_exact(f, v, regs, step, err)
			   : leave_called(f, v, regs, step, err);
}
