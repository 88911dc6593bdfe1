/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * x86_64: the crashed kernel comes here in long mode, interrupts off, all memory that matters
 * mapped one to one and writable. Its descriptor tables are gone already.
 */
#include "load/purgatory/entry.h"

	.code64
	.globl	purgatory_entry
	.hidden	purgatory_entry
purgatory_entry:
	cli
	cld
	leaq	purgatory_stack_top(%rip), %rsp
	leaq	gdt(%rip), %rax
	movq	%rax, gdt_place + 2(%rip)
	lgdt	gdt_place(%rip)
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	leaq	1f(%rip), %rax
	pushq	$0x10
	pushq	%rax
	lretq
1:
	/* sixteen bytes a gate, its address in three pieces */
	leaq	idt(%rip), %rdi
	leaq	vector_code(%rip), %rax
	movl	$VECTORS, %ecx
2:	movw	%ax, (%rdi)
	movl	$0x8e000010, 2(%rdi)	/* selector; present, interrupt gate */
	movq	%rax, %rdx
	shrq	$16, %rdx
	movw	%dx, 6(%rdi)
	shrq	$16, %rdx
	movl	%edx, 8(%rdi)
	movl	$0, 12(%rdi)
	addq	$16, %rdi
	addq	$VECTOR_SIZE, %rax
	decl	%ecx
	jnz	2b
	leaq	idt(%rip), %rax
	movq	%rax, idt_place + 2(%rip)
	lidt	idt_place(%rip)

	xorl	%ebp, %ebp
	call	purgatory_main

	movq	purgatory_params + PARAMS_ENTRY(%rip), %rax
	movq	purgatory_params + PARAMS_BOOT_PARAMS(%rip), %rsi
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	cmpl	$0, purgatory_params + PARAMS_ENTER(%rip)
	je	leave_long_mode
	jmp	*%rax

	/* The loader has put all of this below 4 GB. */
leave_long_mode:
	leaq	gdt32(%rip), %rcx
	movq	%rcx, gdt_place + 2(%rip)
	lgdt	gdt_place(%rip)
	leaq	1f(%rip), %rcx
	pushq	$0x10
	pushq	%rcx
	lretq

	.code32
1:	movl	$0x18, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%ecx, %ss
	movl	%ecx, %fs
	movl	%ecx, %gs
	movl	%eax, %ebp
	/* paging off first: long mode ends with it */
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax
	movl	%eax, %cr0
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	andl	$0xfffffeff, %eax	/* LME */
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %cr3
	movl	%eax, %cr4
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xchgl	%eax, %ebp
	jmp	*%eax

	.code64
	.balign	VECTOR_SIZE
vector_code:
	vectors

purgatory_nmi:
	iretq
purgatory_exception:
	popq	%rdi
	popq	%rsi
	movq	(%rsp), %rdx
	andq	$-16, %rsp
	call	purgatory_fault

	.section .data, "aw"
	.balign	8
	/* the selectors that the boot protocols name: 0x10 code, 0x18 data */
gdt:	.quad	0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt32:	.quad	0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_place:
	.word	4 * 8 - 1
	.quad	0
idt_place:
	.word	VECTORS * 16 - 1
	.quad	0

	.section .bss, "aw", @nobits
	.balign	16
idt:	.fill	VECTORS * 16, 1, 0
