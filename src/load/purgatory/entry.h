/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the entry code of both architectures: the image's head, parameters, stack, and vectors. */
#ifndef KD_LOAD_PURGATORY_ENTRY_H
#define KD_LOAD_PURGATORY_ENTRY_H

/* struct purgatory_params, by offset; of each number the low half comes first */
#define PARAMS_SIZE 1088
#define PARAMS_ENTRY 0
#define PARAMS_BOOT_PARAMS 8
#define PARAMS_ENTER 40

#define VECTORS 32
#define VECTOR_SIZE 16 /* bytes of code each */
#define VECTOR_NMI 2

	.section .head, "a"
purgatory_image:
	.ascii	"kdpg"
	.long	purgatory_entry - purgatory_image
	.long	purgatory_params - purgatory_image
	.long	purgatory_end - purgatory_image

	.section .params, "aw"
	.balign	8
	.globl	purgatory_params
	.hidden	purgatory_params
purgatory_params:
	.fill	PARAMS_SIZE, 1, 0

	.section .stack, "aw", @nobits
	.balign	16
	.fill	8192, 1, 0

	/* The error code, or 0 in its place, and the number. */
	.macro	vectors
	.set	vector, 0
	.rept	VECTORS
	.balign	VECTOR_SIZE
	.if	vector == VECTOR_NMI
	/* of a watchdog, or of another CPU's stop: there is nothing to do about it */
	jmp	purgatory_nmi
	.else
	.if	vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21
	.else
	push	$0
	.endif
	push	$vector
	jmp	purgatory_exception
	.endif
	.set	vector, vector + 1
	.endr
	.endm

	.section .note.GNU-stack, "", @progbits
	.text

#endif
