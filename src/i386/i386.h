/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the i386 room's files share. Other rooms see arch_i386 (core/arch.h) alone. */
#ifndef KD_I386_I386_H
#define KD_I386_I386_H

#include "core/arch.h"
#include "core/fde.h"
#include "core/unwind.h"

/* Indices into struct regs, in gdb's order. */
enum i386_reg {
	I386_EAX,
	I386_ECX,
	I386_EDX,
	I386_EBX,
	I386_ESP,
	I386_EBP,
	I386_ESI,
	I386_EDI,
	I386_EIP,
	I386_EFLAGS,
	I386_CS,
	I386_SS,
	I386_DS,
	I386_ES,
	I386_FS,
	I386_GS,
};

/* See struct arch's cfi: the entry code of arch/x86/entry/entry_32.S, by symbols. */
int i386_cfi(const struct code_view *code, struct cfi *out, struct kd_err *err);

/* Of that only the kernel image's assembly; IMAGE is what the compiler says of the image. */
int i386_entry_cfi(const struct code_view *code, const struct fde_table *image, struct cfi *out,
		   struct kd_err *err);

/* See struct arch's unwind_open and what follows it. */
int i386_unwind_open(const struct code_view *code, bool bare, void **out, struct kd_err *err);
void i386_unwind_close(void *tables);
int i386_unwind(const struct unwind_view *v, struct regs *regs, struct unwind_step *step,
		struct kd_err *err);
size_t i386_cpu_stacks(const struct unwind_view *v, vaddr_t percpu, struct stack_area *list);

#endif
