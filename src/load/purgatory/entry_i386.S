/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * i386: the crashed kernel comes here in protected mode, paging and interrupts off, segments
 * flat. Its descriptor tables are gone already. %ebx is what position
 * independent code goes by, as C does.
 */
#include "load/purgatory/entry.h"

#define AT(symbol) symbol@GOTOFF(%ebx)
#define AT_PLUS(symbol, offset) symbol@GOTOFF + (offset)(%ebx)

	.code32
	.globl	purgatory_entry
	.hidden	purgatory_entry
purgatory_entry:
	cli
	cld
	/* the last use of the crashed kernel's stack, which is a page for kexec alone */
	call	1f
1:	popl	%ebx
	addl	$_GLOBAL_OFFSET_TABLE_ + (. - 1b), %ebx
	leal	AT(purgatory_stack_top), %esp
	leal	AT(gdt), %eax
	movl	%eax, AT_PLUS(gdt_place, 2)
	lgdt	AT(gdt_place)
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	leal	AT(2f), %eax
	pushl	$0x10
	pushl	%eax
	lret
2:
	/* eight bytes a gate, its address in two pieces */
	leal	AT(idt), %edi
	leal	AT(vector_code), %eax
	movl	$VECTORS, %ecx
3:	movl	%eax, %edx
	andl	$0x0000ffff, %edx
	orl	$0x00100000, %edx	/* selector */
	movl	%edx, (%edi)
	movl	%eax, %edx
	andl	$0xffff0000, %edx
	orl	$0x00008e00, %edx	/* present, interrupt gate */
	movl	%edx, 4(%edi)
	addl	$8, %edi
	addl	$VECTOR_SIZE, %eax
	decl	%ecx
	jnz	3b
	leal	AT(idt), %eax
	movl	%eax, AT_PLUS(idt_place, 2)
	lidt	AT(idt_place)

	xorl	%ebp, %ebp
	call	purgatory_main

	movl	AT_PLUS(purgatory_params, PARAMS_BOOT_PARAMS), %esi
	movl	AT_PLUS(purgatory_params, PARAMS_ENTRY), %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	jmp	*%eax

	.balign	VECTOR_SIZE
vector_code:
	vectors

purgatory_nmi:
	iretl
purgatory_exception:
	/* number, error code, address: as a C function takes them, but for where it returns to */
	call	purgatory_fault

	.section .data, "aw"
	.balign	8
	/* the selectors that the boot protocol names: 0x10 code, 0x18 data */
gdt:	.quad	0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_place:
	.word	4 * 8 - 1
	.long	0
idt_place:
	.word	VECTORS * 8 - 1
	.long	0

	.section .bss, "aw", @nobits
	.balign	16
idt:	.fill	VECTORS * 8, 1, 0
