// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Unwinding x86_64 kernels: by their ORC tables, as they do it themselves
 * (arch/x86/kernel/unwind_orc.c); kernels without by the compiler's frame
 * information and frame pointers.
 */
#include <inttypes.h>
#include <string.h>

#include "core/fde_step.h"
#include "x86_64/frame.h"
#include "x86_64/orc.h"
#include "x86_64/prologue.h"
#include "x86_64/x86_64.h"

/* Modules and generated code live above the kernel image (Documentation/x86/x86_64/mm.rst). */
#define MODULES_END UINT64_C(0xffffffffff000000)
#define IMAGE_MAX UINT64_C(0x20000000) /* KERNEL_IMAGE_SIZE without KASLR; more with it */

/* struct pt_regs (arch/x86/include/uapi/asm/ptrace.h: ABI), bytes. */
#define PT_IP 128
#define PT_SP 152

static const struct x86_pt_slot pt_slots[] = {
	{ X86_64_R15, 0 },  { X86_64_R14, 8 },	    { X86_64_R13, 16 },	 { X86_64_R12, 24 },
	{ X86_64_RBP, 32 }, { X86_64_RBX, 40 },	    { X86_64_R11, 48 },	 { X86_64_R10, 56 },
	{ X86_64_R9, 64 },  { X86_64_R8, 72 },	    { X86_64_RAX, 80 },	 { X86_64_RCX, 88 },
	{ X86_64_RDX, 96 }, { X86_64_RSI, 104 },    { X86_64_RDI, 112 }, { X86_64_RIP, PT_IP },
	{ X86_64_CS, 136 }, { X86_64_EFLAGS, 144 }, { X86_64_SS, 160 },
};

/* What a callee hands back as it was (System V ABI, AMD64 supplement, figure 3.4). */
#define SAVED                                                                                      \
	(1u << X86_64_RBX | 1u << X86_64_RBP | 1u << X86_64_R12 | 1u << X86_64_R13 |               \
	 1u << X86_64_R14 | 1u << X86_64_R15)

static bool decode(uint64_t bp, vaddr_t *regs)
{
	*regs = bp & ~UINT64_C(1);
	return bp & 1;
}

static int interrupted_sp(const struct unwind_view *v, vaddr_t at, const struct regs *out,
			  uint64_t *sp, struct kd_err *err)
{
	(void)out;
	return v->word(v->data, at + PT_SP, sp, err);
}

static bool generated(const struct unwind_view *v, vaddr_t pc)
{
	uint8_t byte;

	return pc >= X86_64_START_KERNEL_MAP + IMAGE_MAX && pc < MODULES_END &&
	       !v->code->read(v->code->data, pc, &byte, 1, NULL);
}

static const struct x86_frames frames = {
	.word = 8,
	.pc = X86_64_RIP,
	.sp = X86_64_RSP,
	.bp = X86_64_RBP,
	.cs = X86_64_CS,
	.slots = pt_slots,
	.nslots = KD_ARRAY_SIZE(pt_slots),
	.pt_size = 168,
	.kernel_cs = 0x10,
	.decode = decode,
	.interrupted_sp = interrupted_sp,
	.generated = generated,
};

/* Tables ------------------------------------------------------------------------------- */

/* Tracing compiles trampolines: copies of these, each at the start of a page. */
#define TRAMPOLINE_HEAD 16

static const char *const trampolines[] = { "ftrace_caller", "ftrace_regs_caller" };

struct trampoline {
	vaddr_t original; /* 0: not there */
	uint64_t size;
	uint8_t head[TRAMPOLINE_HEAD];
};

/* One body of code and how to leave it: by ORC, or else by FDEs. */
struct body {
	struct code_area areas[CODE_AREAS_MAX]; /* none: the kernel image */
	size_t nareas;
	struct orc_table orc;
	struct fde_table fdes;
};

struct tables {
	struct body *bodies; /* the kernel image, then modules */
	size_t n;
	bool has_orc;
	bool lost_orc; /* the kernel has some, but they can not be used */
	struct x86_entry entry;
	struct trampoline trampolines[KD_ARRAY_SIZE(trampolines)];
};

static void find_trampolines(struct tables *t, const struct code_view *code)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(trampolines); i++) {
		struct trampoline *p = &t->trampolines[i];
		vaddr_t end;
		uint64_t size;
		char name[32];

		snprintf(name, sizeof(name), "%s_end", trampolines[i]);
		if (!code->symbol(code->data, trampolines[i], &p->original, &p->size))
			continue;
		/* Since v6.2 (8ac3b5c7bf1a) the size covers all; before, labels lie inside. */
		if (code->symbol(code->data, name, &end, &size) && end > p->original)
			p->size = end - p->original;
		if (code->read(code->data, p->original, p->head, sizeof(p->head), NULL))
			p->original = 0;
	}
}

/* Of a module whose tables can not be read the frames are lost, not the others'. */
static int open_body(struct tables *t, const struct code_view *code, size_t i,
		     const struct code_image *image, struct kd_err *err)
{
	struct body *b = &t->bodies[i];

	b->nareas = image->nareas;
	memcpy(b->areas, image->areas, sizeof(b->areas));
	if (!t->has_orc) {
		struct code_image with = *image;

		if (code->frames)
			code->frames(code->data, i, &with);
		return fde_table_open(&b->fdes, with.frames, with.frames ? with.frames_size : 0, 8,
				      with.frames_bias, err);
	}
	/* the first damage is told */
	if (i && image->num_orcs)
		orc_table_open_module(&b->orc, code, image, t->bodies[0].orc.format,
				      err && !err->status ? err : NULL);
	return 0;
}

static int add_bodies(struct tables *t, const struct code_view *code, struct kd_err *err)
{
	struct code_image image;
	int rc = 0;

	for (size_t i = 0; !rc && code->image(code->data, i, &image); i++) {
		struct body *grown =
			i < t->n ? t->bodies : reallocarray(t->bodies, i + 1, sizeof(*grown));

		if (!grown)
			return kd_nomem(err);
		if (i >= t->n)
			grown[i] = (struct body){ .nareas = 0 };
		t->bodies = grown;
		t->n = i + 1;
		rc = open_body(t, code, i, &image, err);
	}
	return rc;
}

void x86_64_unwind_close(void *tables)
{
	struct tables *t = tables;

	for (size_t i = 0; t && i < t->n; i++) {
		orc_table_fini(&t->bodies[i].orc);
		fde_table_fini(&t->bodies[i].fdes);
	}
	if (t)
		free(t->bodies);
	free(t);
}

int x86_64_unwind_open(const struct code_view *code, bool bare, void **out, struct kd_err *err)
{
	struct tables *t = calloc(1, sizeof(*t));
	int rc;

	if (!t)
		return kd_nomem(err);
	t->bodies = calloc(1, sizeof(*t->bodies));
	if (!t->bodies) {
		x86_64_unwind_close(t);
		return kd_nomem(err);
	}
	t->n = 1;
	/* Whatever is wrong with ORC, there is another way. */
	rc = bare ? KD_NOTFOUND : orc_table_open_kernel(&t->bodies[0].orc, code, err);
	t->has_orc = !rc;
	t->lost_orc = rc && rc != KD_NOTFOUND;
	rc = bare ? 0 : add_bodies(t, code, err);
	if (rc) {
		x86_64_unwind_close(t);
		return rc;
	}
	x86_find_entry(code, &t->entry);
	find_trampolines(t, code);
	*out = t;
	return 0;
}

static size_t find_body(const struct tables *t, vaddr_t pc)
{
	for (size_t i = 1; i < t->n; i++)
		for (size_t a = 0; a < t->bodies[i].nareas; a++)
			if (pc - t->bodies[i].areas[a].start < t->bodies[i].areas[a].size)
				return i;
	return 0;
}

/* A trampoline's pc as it would be in what the trampoline is a copy of. */
static vaddr_t original_pc(const struct tables *t, const struct unwind_view *v, vaddr_t pc)
{
	vaddr_t page = pc & ~UINT64_C(0xfff);
	uint8_t head[TRAMPOLINE_HEAD];

	if (!generated(v, pc) || v->code->read(v->code->data, page, head, sizeof(head), NULL))
		return pc;
	for (size_t i = 0; i < KD_ARRAY_SIZE(t->trampolines); i++) {
		const struct trampoline *p = &t->trampolines[i];

		if (p->original && pc - page < p->size && !memcmp(head, p->head, sizeof(head)))
			return p->original + (pc - page);
	}
	return pc;
}

/* One step by ORC ------------------------------------------------------------------------- */

static bool needs_reg(uint8_t orc_reg, unsigned *reg)
{
	static const uint8_t regs[] = {
		[ORC_REG_AX] = X86_64_RAX,	    [ORC_REG_DX] = X86_64_RDX,
		[ORC_REG_DI] = X86_64_RDI,	    [ORC_REG_BP] = X86_64_RBP,
		[ORC_REG_SP] = X86_64_RSP,	    [ORC_REG_R10] = X86_64_R10,
		[ORC_REG_R13] = X86_64_R13,	    [ORC_REG_BP_INDIRECT] = X86_64_RBP,
		[ORC_REG_SP_INDIRECT] = X86_64_RSP,
	};

	if (orc_reg == ORC_REG_NONE || orc_reg == ORC_REG_PREV_SP || orc_reg >= ORC_REG_BAD)
		return false;
	*reg = regs[orc_reg];
	return true;
}

/* What the stack pointer rule gives: the caller's, or where a struct pt_regs is. */
static int sp_rule(const struct unwind_view *v, const struct orc_entry *o, const struct regs *regs,
		   uint64_t *sp, struct kd_err *err)
{
	unsigned reg;
	int rc;

	if (!needs_reg(o->sp_reg, &reg))
		return kd_fail(err, KD_CORRUPT, "ORC entry with stack pointer rule %u", o->sp_reg);
	if (!regs_known(regs, reg))
		return kd_fail(err, KD_NOTFOUND, "the frame is reached by %s, whose value is lost",
			       arch_x86_64.regs[reg].name);
	*sp = regs->value[reg];
	switch (o->sp_reg) {
	case ORC_REG_SP:
	case ORC_REG_BP:
		*sp += (uint64_t)(int64_t)o->sp_offset;
		return 0;
	case ORC_REG_BP_INDIRECT:
		return v->word(v->data, *sp + (uint64_t)(int64_t)o->sp_offset, sp, err);
	case ORC_REG_SP_INDIRECT:
		/* 87ccc826bf1c ("x86/unwind/orc: Change REG_SP_INDIRECT") */
		rc = v->word(v->data, *sp, sp, err);
		*sp += (uint64_t)(int64_t)o->sp_offset;
		return rc;
	default:
		return 0; /* the kernel's unwinder takes no offset for these */
	}
}

static void bp_rule(const struct unwind_view *v, const struct orc_entry *o, const struct regs *regs,
		    uint64_t sp, struct regs *out)
{
	uint64_t at = sp, bp;

	switch (o->bp_reg) {
	case ORC_REG_NONE:
		if (regs_known(regs, X86_64_RBP))
			regs_set(out, X86_64_RBP, regs->value[X86_64_RBP]);
		return;
	case ORC_REG_BP:
		if (!regs_known(regs, X86_64_RBP))
			return;
		at = regs->value[X86_64_RBP];
		break;
	case ORC_REG_PREV_SP:
		break;
	default:
		return;
	}
	/* A value that is missing is no failure: hardly any frame is reached by it. */
	if (!v->word(v->data, at + (uint64_t)(int64_t)o->bp_offset, &bp, NULL))
		regs_set(out, X86_64_RBP, bp);
}

static int step_call(const struct unwind_view *v, const struct orc_entry *o, uint64_t sp,
		     struct regs *regs, struct unwind_step *step, struct kd_err *err)
{
	struct regs out = { .known = 0 };
	uint64_t ret;
	int rc = v->word(v->data, sp - 8, &ret, err);

	if (rc)
		return rc;
	regs_set(&out, X86_64_RIP, ret);
	regs_set(&out, X86_64_RSP, sp);
	bp_rule(v, o, regs, sp, &out);
	*regs = out;
	step->exact = o->signal;
	return 0;
}

static int step_regs(const struct unwind_view *v, uint64_t at, struct regs *regs,
		     struct kd_err *err)
{
	return x86_pt_regs(&frames, v, at, regs, err);
}

/* Only what hardware pushed is there: ip, cs, flags, sp, ss. The rest did not change yet. */
static int step_partial(const struct unwind_view *v, uint64_t at, struct regs *regs,
			struct kd_err *err)
{
	static const struct x86_pt_slot iret[] = {
		{ X86_64_RIP, 0 },  { X86_64_CS, 8 },  { X86_64_EFLAGS, 16 },
		{ X86_64_RSP, 24 }, { X86_64_SS, 32 },
	};
	struct regs out = *regs;

	for (size_t i = 0; i < KD_ARRAY_SIZE(iret); i++) {
		uint64_t value = 0;
		int rc = v->word(v->data, at + iret[i].offset, &value, err);

		if (rc)
			return kd_context(err, rc, "registers saved at %#" PRIx64, at);
		regs_set(&out, iret[i].reg, value);
	}
	*regs = out;
	return 0;
}

static int step_orc(const struct unwind_view *v, const struct orc_entry *o, struct regs *regs,
		    struct unwind_step *step, struct kd_err *err)
{
	uint64_t sp = 0;
	int rc = sp_rule(v, o, regs, &sp, err);

	step->how = UNWIND_BY_TABLE;
	if (rc)
		return rc;
	if (o->type == ORC_CALL) {
		step->entry = o->signal;
		return step_call(v, o, sp, regs, step, err);
	}
	rc = o->type == ORC_REGS ? step_regs(v, sp, regs, err) : step_partial(v, sp, regs, err);
	if (!rc)
		step->entry = step->exact = true;
	return rc;
}

#define PROLOGUE_BYTES_MAX 1024 /* more than any function's beginning */
#define DW_RBP 6		/* DWARF number (System V ABI, AMD64 supplement, figure 3.36) */

/* By what a function's first instructions do to the stack. */
static int leave_by_prologue(const struct unwind_view *v, vaddr_t at, struct regs *regs,
			     struct unwind_step *step, struct kd_err *err)
{
	const struct code_view *c = v->code;
	uint8_t bytes[PROLOGUE_BYTES_MAX];
	struct orc_entry o = { .sp_reg = ORC_REG_SP, .sp_offset = 8, .type = ORC_CALL };
	struct prologue p;
	vaddr_t start;
	uint64_t size;

	if (!c->holding(c->data, at, &start, &size) ||
	    c->read(c->data, start, bytes, size = kd_min(size, sizeof(bytes)), NULL) ||
	    !prologue_read(bytes, size, &p))
		return kd_fail(err, KD_NOTFOUND, "the kernel's ORC tables say nothing of %#" PRIx64,
			       at);
	for (size_t i = 0; i < p.n && start + p.steps[i].at <= at; i++) {
		if (p.steps[i].cfa > INT16_MAX)
			return kd_fail(err, KD_UNSUPPORTED, "a frame of %u bytes", p.steps[i].cfa);
		o.sp_offset = (int16_t)p.steps[i].cfa;
		if (p.steps[i].saved != DW_RBP)
			continue;
		o.bp_reg = ORC_REG_PREV_SP;
		o.bp_offset = (int16_t)-o.sp_offset;
	}
	return step_orc(v, &o, regs, step, err);
}

/*
 * C that ORC says nothing of (STACK_FRAME_NON_STANDARD): __crash_kexec() for one, where
 * the stack of every panic begins. The compiler knows it.
 */
static int unwind_gap(const struct tables *t, const struct unwind_view *v, vaddr_t at,
		      struct regs *regs, struct unwind_step *step, struct kd_err *err)
{
	struct code_image image;
	struct fde_table table;
	struct fde f;

	if (!code_image_with_frames(v->code, find_body(t, at), &image) || !image.frames ||
	    !fde_section_find(&table, image.frames, image.frames_size, 8, image.frames_bias, at,
			      &f))
		return leave_by_prologue(v, at, regs, step, err);
	return fde_step(&arch_x86_64, &table, &f, at, SAVED, v, regs, step, err);
}

static bool leads_to_code(const struct unwind_view *v, const struct regs *regs)
{
	return v->is_code(v->data, regs->value[X86_64_RIP]) ||
	       generated(v, regs->value[X86_64_RIP]);
}

/*
 * By an ORC entry; one that leads nowhere may be damaged, and then the compiler knows
 * better. Where neither leads to code it is the stack that is damaged.
 */
static int step_entry(const struct tables *t, const struct unwind_view *v, vaddr_t at,
		      const struct orc_entry *o, struct regs *regs, struct unwind_step *step,
		      struct kd_err *err)
{
	struct unwind_step other_step = *step;
	struct regs other = *regs;
	int rc = step_orc(v, o, regs, step, err);

	if (o->type != ORC_CALL || (!rc && leads_to_code(v, regs)))
		return rc;
	if (unwind_gap(t, v, at, &other, &other_step, NULL) || !leads_to_code(v, &other))
		return rc;
	*regs = other;
	*step = other_step;
	return 0;
}

static int unwind_by_orc(const struct tables *t, const struct unwind_view *v, struct regs *regs,
			 struct unwind_step *step, struct kd_err *err)
{
	uint64_t pc = regs->value[X86_64_RIP], at = step->exact ? pc : pc - 1;
	struct orc_entry o = { .type = ORC_UNKNOWN };
	bool found = false;

	if (v->is_code(v->data, at)) {
		found = orc_find(&t->bodies[find_body(t, at)].orc, at, &o);
	} else {
		vaddr_t original = original_pc(t, v, at);

		found = original != at && orc_find(&t->bodies[0].orc, original, &o);
	}
	if (found && o.type == ORC_END) {
		step->end = true;
		return 0;
	}
	if (found && o.type != ORC_UNKNOWN)
		return step_entry(t, v, at, &o, regs, step, err);
	if (v->is_code(v->data, at))
		return unwind_gap(t, v, at, regs, step, err);
	/* As the kernel's own unwinder: code that it made itself keeps a frame pointer. */
	return generated(v, at) ? x86_unwind_bp(&frames, v, regs, step, err)
				: x86_unwind_bad_call(&frames, v, regs, step, err);
}

int x86_64_unwind(const struct unwind_view *v, struct regs *regs, struct unwind_step *step,
		  struct kd_err *err)
{
	const struct tables *t = v->tables;
	const struct fde_table *fdes;
	const struct fde *f;
	vaddr_t at;

	step->entry = step->end = false;
	if (t->has_orc)
		return unwind_by_orc(t, v, regs, step, err);
	at = regs->value[X86_64_RIP] - (step->exact ? 0 : 1);
	fdes = &t->bodies[find_body(t, at)].fdes;
	f = fde_table_find(fdes, at);
	if (f && !fde_step(&arch_x86_64, fdes, f, at, SAVED, v, regs, step, err))
		return 0;
	/* A kernel with ORC tables keeps no frame pointers; its entry code calls from pt_regs. */
	if (t->lost_orc && at - t->entry.start >= t->entry.end - t->entry.start &&
	    !leave_by_prologue(v, at, regs, step, err))
		return 0;
	return x86_unwind_code(&frames, &t->entry, v, regs, step, err);
}

/* Stacks of a CPU ------------------------------------------------------------------------- */

static void push_area(struct stack_area *list, size_t *n, const char *name, vaddr_t start,
		      uint64_t size)
{
	struct stack_area *a = &list[*n];

	if (*n == STACK_AREAS_MAX || !size)
		return;
	*a = (struct stack_area){ .start = start, .size = size };
	snprintf(a->name, sizeof(a->name), "%s", name);
	++*n;
}

/* The top of the IRQ stack, which has moved from variable to variable. */
static bool irq_stack_top(const struct unwind_view *v, vaddr_t percpu, uint64_t *top)
{
	static const char *const names[] = { "hardirq_stack_ptr", "irq_stack_ptr" };
	const struct code_view *c = v->code;
	uint64_t size, offset;
	vaddr_t at;

	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++)
		if (c->symbol(c->data, names[i], &at, &size))
			return !v->word(v->data, at + percpu, top, NULL) && *top;
	/* struct pcpu_hot from v6.2 (e57ef2ed97c1) to v6.14 */
	return c->symbol(c->data, "pcpu_hot", &at, &size) &&
	       c->member(c->data, "schedule", "pcpu_hot", "hardirq_stack_ptr", &offset) &&
	       !v->word(v->data, at + percpu + offset, top, NULL) && *top;
}

size_t x86_64_cpu_stacks(const struct unwind_view *v, vaddr_t percpu, struct stack_area *list)
{
	/* struct cea_exception_stacks; each is followed by the guard page of the next */
	static const char *const names[] = { "DF", "NMI", "DB", "MCE", "VC", "VC2", "IST_top" };
	const struct code_view *c = v->code;
	uint64_t size, top, base;
	size_t n = 0;
	vaddr_t at;

	if (irq_stack_top(v, percpu, &top))
		/*
		 * It points at the last word, or behind it before v5.8 (951c2a51ae75);
		 * IRQ_STACK_SIZE and THREAD_SIZE are the same.
		 */
		push_area(list, &n, "IRQ", ((top + 8) & ~UINT64_C(0xfff)) - v->stack_size,
			  v->stack_size);
	if (!c->symbol(c->data, "cea_exception_stacks", &at, &size) ||
	    v->word(v->data, at + percpu, &base, NULL) || !base)
		return n;
	for (size_t i = 0; i + 1 < KD_ARRAY_SIZE(names); i++) {
		char stack[32], guard[32];
		uint64_t from, to;

		snprintf(stack, sizeof(stack), "%s_stack", names[i]);
		snprintf(guard, sizeof(guard),
			 i + 2 < KD_ARRAY_SIZE(names) ? "%s_stack_guard" : "%s_guard",
			 names[i + 1]);
		if (c->member(c->data, "exc_nmi|do_nmi", "cea_exception_stacks", stack, &from) &&
		    c->member(c->data, "exc_nmi|do_nmi", "cea_exception_stacks", guard, &to) &&
		    to > from)
			push_area(list, &n, names[i], base + from, to - from);
	}
	return n;
}
