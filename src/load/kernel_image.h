/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel to be booted: a bzImage (Documentation/arch/x86/boot.rst) or a vmlinux (ELF), either
 * of them compressed by gzip or zstd or not. Where it can be put, and what is to be there.
 */
#ifndef KD_LOAD_KERNEL_IMAGE_H
#define KD_LOAD_KERNEL_IMAGE_H

#include "core/err.h"

enum kernel_image_kind { IMAGE_BZIMAGE, IMAGE_VMLINUX };

struct kernel_image {
	enum kernel_image_kind kind;
	bool is_64; /* a kernel for x86_64 */

	/* the file, unpacked; owned. Of a vmlinux that was not packed: to the end of what is loaded
	 */
	uint8_t *file;
	size_t len;
	bool packed; /* it was */

	bool relocatable;   /* else it runs at LINKED alone */
	paddr_t linked;	    /* no kernel is put below that, if it can be put elsewhere at all */
	paddr_t max;	    /* the highest address of any of its bytes */
	paddr_t initrd_max; /* the same of an initrd */
	uint64_t align;	    /* bytes */
	uint64_t memsz;	    /* bytes it needs there until it manages memory itself */
	size_t cmdline_max; /* bytes, without the terminator */

	/* Where it is entered, from where it lies, in protected and, if it can be, in long mode. */
	bool enter_64;
	uint64_t entry_32, entry_64;

	/* bzImage: protocol as 0x020f for 2.15, setup header (at its place) and code in FILE */
	uint16_t protocol; /* vmlinux: 0 */
	size_t setup_end;
	size_t code, code_len;
};

/*
 * KD_IO, KD_NOMEM; KD_UNSUPPORTED: no kernel of x86, or one that cannot be a crash kernel;
 * KD_CORRUPT: it contradicts itself. kernel_image_close() in any case.
 */
int kernel_image_open(const char *path, struct kernel_image *out, struct kd_err *err);
void kernel_image_close(struct kernel_image *k);

/* The bytes that are loaded, in one piece; *buf is the caller's. KD_NOMEM. */
int kernel_image_bytes(const struct kernel_image *k, uint8_t **buf, size_t *len,
		       struct kd_err *err);

#endif
