/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A virtual address space over a dump: the one way from an address of the
 * crashed kernel to its bytes. The kernel's space is made by space_init_kernel();
 * a process' space is the same thing with another root (space_init_user()).
 * Immutable after init, so any number of threads may read.
 */
#ifndef KD_CORE_SPACE_H
#define KD_CORE_SPACE_H

#include "core/arch.h"
#include "core/dump.h"

#define SPACE_LINEAR_MAX (UINT64_C(1) << 46) /* bytes; no kernel maps more at once (mm.rst) */

/* Where the dump's own headers say that memory is mapped: all of it, the image. */
struct space_fixed {
	vaddr_t start;
	uint64_t size; /* bytes; 0: not known, or not believed */
	paddr_t pa;
};

/* What page tables lacked and fixed places gave. Any thread may add to it. */
struct space_mends {
	_Atomic uint64_t n;
	_Atomic uint64_t first; /* address */
};

struct space {
	const struct arch *arch;
	const struct dump *dump;
	paddr_t root;	       /* top page table */
	unsigned levels;       /* of page tables: 2, 3 (PAE), 4, 5 */
	uint64_t phys_base;    /* x86_64: paddr of the image = vaddr - image_base + phys_base */
	uint64_t page_offset;  /* start of the linear map; 0 = not known */
	uint64_t enc_mask;     /* memory-encryption bit in page-table entries, or 0 */
	struct space_fixed linear, image;
	bool torn;		   /* the top page table is of no use: see space_init_torn() */
	struct space_mends *mends; /* borrowed, NULL: nobody wants to know */
};

/*
 * The kernel's address space, from VMCOREINFO and the dump's own headers; the
 * root is checked by translating what must be mapped. KD_NOTFOUND when the dump
 * does not say enough, KD_CORRUPT when the tables do not hold together.
 */
int space_init_kernel(struct space *s, const struct arch *arch, const struct dump *d,
		      struct kd_err *err);

/*
 * The same where the top page table is missing or does not map itself: the image and the
 * linear map are where the dump's headers and VMCOREINFO put them, which the kernel's name
 * there has to prove. What else is mapped may or may not be found. Errors as above.
 */
int space_init_torn(struct space *s, const struct arch *arch, const struct dump *d,
		    struct kd_err *err);

/*
 * Is all of memory mapped from BASE on? The page tables tell, by where they themselves
 * are mapped; then S remembers it. Where just these tables are not in the dump a base that
 * the kernel itself SAID is believed. Only while nobody else reads S.
 */
bool space_learn_linear(struct space *s, uint64_t base, bool said);

/* The linear map ends at END, for dumps whose headers say nothing of it. As above. */
void space_learn_end(struct space *s, vaddr_t end);

/*
 * Of a torn space: try another top page table, at ROOT, which shares the kernel's half, as
 * those of processes do. true: it maps what is known, and S is whole again. As above.
 */
bool space_replace_root(struct space *s, paddr_t root);

/* The same machine under another top page table (mm->pgd, as a physical address). */
void space_init_user(struct space *s, const struct space *kernel, paddr_t root);

/*
 * Translate VA. Where page tables that were damaged, lost or left out do not lead to
 * memory whose place is known otherwise, that place counts. *run (may be NULL) gets the bytes from there to the end of its
 * page. KD_UNMAPPED, or how a page-table page is missing.
 */
int space_translate(const struct space *s, vaddr_t va, paddr_t *pa, uint64_t *run,
		    struct kd_err *err);

/*
 * Read LEN bytes at VA; same contract as dump_read(), plus KD_UNMAPPED. The
 * sentence names the virtual address.
 */
int space_read(const struct space *s, vaddr_t va, void *buf, size_t len, size_t *done,
	       struct kd_err *err);

/*
 * LEN bytes at VA in place, where they lie in one piece of physical memory: see dump_map(). NULL:
 * they have to be read. source_unmap() ends it.
 */
const void *space_map(const struct space *s, vaddr_t va, size_t len);

/* A number of SIZE 1, 2, 4 or 8 bytes (little endian), zero-extended. */
int space_read_uint(const struct space *s, vaddr_t va, size_t size, uint64_t *value,
		    struct kd_err *err);

/* A number of the target's pointer size. */
int space_read_ptr(const struct space *s, vaddr_t va, uint64_t *value, struct kd_err *err);

/*
 * A string of at most SIZE - 1 bytes into BUF, always terminated. Stops at NUL,
 * at SIZE, or at the first missing byte (then its status, with what came before).
 */
int space_read_str(const struct space *s, vaddr_t va, char *buf, size_t size, struct kd_err *err);

#endif
