/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the x86_64 room's files share. Other rooms see arch_x86_64 (core/arch.h) alone. */
#ifndef KD_X86_64_X86_64_H
#define KD_X86_64_X86_64_H

#include "core/arch.h"
#include "core/unwind.h"

/* Where the kernel image is linked (arch/x86/include/asm/page_64_types.h). */
#define X86_64_START_KERNEL_MAP UINT64_C(0xffffffff80000000)

/* Indices into struct regs, in gdb's order. */
enum x86_64_reg {
	X86_64_RAX,
	X86_64_RBX,
	X86_64_RCX,
	X86_64_RDX,
	X86_64_RSI,
	X86_64_RDI,
	X86_64_RBP,
	X86_64_RSP,
	X86_64_R8,
	X86_64_R9,
	X86_64_R10,
	X86_64_R11,
	X86_64_R12,
	X86_64_R13,
	X86_64_R14,
	X86_64_R15,
	X86_64_RIP,
	X86_64_EFLAGS,
	X86_64_CS,
	X86_64_SS,
	X86_64_DS,
	X86_64_ES,
	X86_64_FS,
	X86_64_GS,
	X86_64_FS_BASE,
	X86_64_GS_BASE,
};

/* See struct arch's cfi: from the ORC tables. */
int x86_64_cfi(const struct code_view *code, struct cfi *out, struct kd_err *err);

/* See struct arch's unwind_open and what follows it: by the ORC tables too. */
int x86_64_unwind_open(const struct code_view *code, bool bare, void **out, struct kd_err *err);
void x86_64_unwind_close(void *tables);
int x86_64_unwind(const struct unwind_view *v, struct regs *regs, struct unwind_step *step,
		  struct kd_err *err);
size_t x86_64_cpu_stacks(const struct unwind_view *v, vaddr_t percpu, struct stack_area *list);

#endif
