// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Unwinding 32-bit x86 kernels: by the compiler's frame information and what is
 * known of entry code (cfi.c); where that is missing by frame pointers, as they do
 * it themselves (arch/x86/kernel/unwind_frame.c).
 */
#include <string.h>

#include "core/fde_step.h"
#include "i386/frames.h"
#include "i386/i386.h"
#include "x86_64/frame.h"

static const struct x86_pt_slot pt_slots[] = {
	{ I386_EBX, 0x00 }, { I386_ECX, 0x04 },		{ I386_EDX, 0x08 }, { I386_ESI, 0x0c },
	{ I386_EDI, 0x10 }, { I386_EBP, 0x14 },		{ I386_EAX, 0x18 }, { I386_EIP, PT_EIP },
	{ I386_CS, PT_CS }, { I386_EFLAGS, PT_EFLAGS },
};

/* What a callee hands back as it was (System V ABI, i386 supplement). */
#define SAVED (1u << I386_EBX | 1u << I386_EBP | 1u << I386_ESI | 1u << I386_EDI)

#define KERNEL_BIT 0x80000000u /* of addresses; user addresses have it too, but no stack has */

static bool decode(uint64_t bp, vaddr_t *regs)
{
	*regs = bp | KERNEL_BIT;
	return bp && !(bp & KERNEL_BIT);
}

/* See saved_esp() in frames.c: hardware does not always push it. */
static int interrupted_sp(const struct unwind_view *v, vaddr_t at, const struct regs *out,
			  uint64_t *sp, struct kd_err *err)
{
	if (!(out->value[I386_CS] & (RPL_MASK | CS_FROM_KERNEL)) &&
	    !(out->value[I386_EFLAGS] & EFLAGS_VM)) {
		*sp = at + PT_ESP;
		return 0;
	}
	return v->word(v->data, at + PT_ESP, sp, err);
}

/* Anything the kernel maps may be code it made: calls from there are checked for. */
static bool generated(const struct unwind_view *v, vaddr_t pc)
{
	uint8_t byte;

	return (pc & KERNEL_BIT) && !v->code->read(v->code->data, pc, &byte, 1, NULL);
}

static const struct x86_frames frames = {
	.word = 4,
	.pc = I386_EIP,
	.sp = I386_ESP,
	.bp = I386_EBP,
	.cs = I386_CS,
	.slots = pt_slots,
	.nslots = KD_ARRAY_SIZE(pt_slots),
	.pt_size = 68,
	.kernel_cs = 0x60,
	.decode = decode,
	.interrupted_sp = interrupted_sp,
	.generated = generated,
};

/* Tables ------------------------------------------------------------------------------- */

struct tables {
	struct fde_table *list; /* the kernel image, modules */
	size_t n;
	struct cfi *cfi; /* of entry code; backs its table */
	struct fde_table entry_fdes;
	struct x86_entry entry;
};

void i386_unwind_close(void *tables)
{
	struct tables *t = tables;

	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		fde_table_fini(&t->list[i]);
	fde_table_fini(&t->entry_fdes);
	cfi_free(t->cfi);
	free(t->list);
	free(t);
}

static int add_table(struct tables *t, const struct code_image *image, struct kd_err *err)
{
	struct fde_table *grown = reallocarray(t->list, t->n + 1, sizeof(*grown));
	int rc;

	if (!grown)
		return kd_nomem(err);
	t->list = grown;
	rc = fde_table_open(&grown[t->n], image->frames, image->frames ? image->frames_size : 0, 4,
			    image->frames_bias, err);
	if (!rc)
		t->n++;
	return rc;
}

/* Frame pointers serve where entry code could not be described. */
static int add_entry_code(struct tables *t, const struct code_view *code, struct kd_err *err)
{
	const uint8_t *data = NULL;
	size_t size = 0;
	int rc = cfi_new(4, &t->cfi, err);

	if (rc)
		return rc;
	if (i386_entry_cfi(code, &t->list[0], t->cfi, err))
		return 0;
	rc = cfi_data(t->cfi, &data, &size, err);
	return rc ? rc : fde_table_open(&t->entry_fdes, data, size, 4, 0, err);
}

int i386_unwind_open(const struct code_view *code, bool bare, void **out, struct kd_err *err)
{
	struct tables *t = calloc(1, sizeof(*t));
	struct code_image image;
	int rc = 0;

	if (!t)
		return kd_nomem(err);
	for (size_t i = 0; !bare && !rc && code_image_with_frames(code, i, &image); i++)
		if (!i || image.frames)
			rc = add_table(t, &image, err);
	if (!rc && !bare)
		rc = t->n ? add_entry_code(t, code, err) : kd_fail(err, KD_NOTFOUND, "no code");
	if (rc) {
		i386_unwind_close(t);
		return rc;
	}
	x86_find_entry(code, &t->entry);
	*out = t;
	return 0;
}

/* Entry code comes first: the compiler knows nothing of it. */
static const struct fde_table *find_table(const struct tables *t, vaddr_t pc, const struct fde **f)
{
	*f = fde_table_find(&t->entry_fdes, pc);
	if (*f)
		return &t->entry_fdes;
	for (size_t i = 0; i < t->n; i++) {
		*f = fde_table_find(&t->list[i], pc);
		if (*f)
			return &t->list[i];
	}
	return NULL;
}

int i386_unwind(const struct unwind_view *v, struct regs *regs, struct unwind_step *step,
		struct kd_err *err)
{
	const struct tables *t = v->tables;
	vaddr_t pc = regs->value[I386_EIP] - (step->exact ? 0 : 1);
	const struct fde_table *table;
	const struct fde *f;

	step->entry = step->end = false;
	table = find_table(t, pc, &f);
	if (table && !fde_step(&arch_i386, table, f, pc, SAVED, v, regs, step, err))
		return 0;
	return x86_unwind_code(&frames, &t->entry, v, regs, step, err);
}

/* Stacks of a CPU ------------------------------------------------------------------------- */

size_t i386_cpu_stacks(const struct unwind_view *v, vaddr_t percpu, struct stack_area *list)
{
	static const struct {
		const char *symbol, *name;
	} irq[] = {
		{ "hardirq_stack_ptr", "IRQ" },
		{ "softirq_stack_ptr", "softirq" },
		/* before v5.2 (a754fe2b76d1) */
		{ "hardirq_stack", "IRQ" },
		{ "softirq_stack", "softirq" },
	};
	const struct code_view *c = v->code;
	size_t n = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(irq); i++) {
		uint64_t size, base;
		vaddr_t at;

		if (!c->symbol(c->data, irq[i].symbol, &at, &size) ||
		    v->word(v->data, (at + percpu) & UINT32_MAX, &base, NULL) || !base)
			continue;
		list[n] = (struct stack_area){ .start = base, .size = v->stack_size };
		snprintf(list[n].name, sizeof(list[n].name), "%s", irq[i].name);
		n++;
	}
	return n;
}
