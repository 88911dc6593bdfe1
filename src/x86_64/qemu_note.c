// SPDX-License-Identifier: GPL-3.0-or-later
/* QEMU's notes: see qemu_note.h. */
#include "x86_64/qemu_note.h"

#include <string.h>

/*
 * QEMUCPUState, version 1, the same for 32 and 64 bits: version and size of 4 bytes each, 18
 * general registers, 10 segments of 24 bytes (the base is their last word), CR0 to CR4.
 */
#define VERSION_MIN 1
#define SEGMENT_BASE(i) (8 + 18 * 8 + (i) * 24 + 16)
#define TR_BASE SEGMENT_BASE(7)
#define GDT_BASE SEGMENT_BASE(8)
#define IDT_BASE SEGMENT_BASE(9)
#define CR0 (8 + 18 * 8 + 10 * 24)
#define CR3 (CR0 + 3 * 8)
#define CR0_PG UINT64_C(0x80000000)
#define CR3_ADDRESS UINT64_C(0x000fffffffffffff)

static uint64_t word(const uint8_t *p, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p, size);
	return v;
}

/* Do both spaces map VA to the same place? What A does not map says nothing. */
static bool agree(const struct space *a, const struct space *b, vaddr_t va)
{
	paddr_t x = 0, y = 0;

	if (space_translate(a, va, &x, NULL, NULL))
		return true;
	return !space_translate(b, va, &y, NULL, NULL) && x == y;
}

/*
 * Is what the CPU went by where the kernel of S has it? The linear mapping would not tell two
 * kernels of i386 apart; the descriptor tables lie in the fixmap, where each maps its own (since
 * v4.13, 69218e47994d).
 */
static bool is_on(const struct space *s, paddr_t root, const uint8_t *note)
{
	static const uint16_t bases[] = { TR_BASE, GDT_BASE, IDT_BASE };
	struct space cpu;
	uint64_t text;
	paddr_t pa;

	space_init_user(&cpu, s, root);
	if (!vmcoreinfo_number(s->dump->vmcoreinfo, "SYMBOL", "_stext", &text) ||
	    space_translate(s, text, &pa, NULL, NULL) || !agree(s, &cpu, text))
		return false;
	for (size_t i = 0; i < KD_ARRAY_SIZE(bases); i++)
		if (!agree(&cpu, s, word(note + bases[i], 8)))
			return false;
	return true;
}

bool x86_cpu_ran(const struct space *s, const void *note, size_t len, bool *known)
{
	const uint8_t *p = note;
	uint64_t cr3;

	*known = len >= CR3 + 8 && word(p, 4) >= VERSION_MIN && (word(p + CR0, 8) & CR0_PG);
	if (!*known)
		return false;
	cr3 = word(p + CR3, 8) & CR3_ADDRESS & ~s->enc_mask;
	/* PAE's top table has 32 bytes, anywhere below 4 GB */
	if (s->levels == 3 && is_on(s, cr3 & 0xffffffe0, p))
		return true;
	/* with page table isolation user mode has a top table of its own, in the page above */
	return is_on(s, cr3 & ~UINT64_C(0xfff), p) || is_on(s, cr3 & ~UINT64_C(0x1fff), p);
}
