/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much crash memory a second kernel wants: what its image and initramfs say, and what kernels
 * were seen to take beyond that (estimate.c has the measurements). Not a promise: drivers of
 * large devices take more.
 */
#ifndef KD_SETUP_ESTIMATE_H
#define KD_SETUP_ESTIMATE_H

#include "load/machine.h"

#define ESTIMATE_PARTS 8

struct estimate_part {
	const char *key, *what; /* static: "kernel", "its image in memory" */
	uint64_t bytes;
};

struct estimate {
	struct estimate_part parts[ESTIMATE_PARTS];
	size_t n;
	uint64_t least;	  /* their sum, or what loading takes: below that it cannot work */
	uint64_t loading; /* what the kernel and its initramfs take before it is entered */
	uint64_t want;	  /* LEAST with room to spare, in steps that crashkernel= likes */
	bool is_64;
	uint64_t initrd_packed, initrd_unpacked; /* bytes */
	bool initrd_guessed;			 /* compressed in a way not known here */
};

/*
 * For KERNEL's file with INITRD's (NULL: one as "kdview initrd" writes it). M (may be NULL):
 * the machine, for where its crash memory lies. Errors as kernel_image_open(), and KD_IO,
 * KD_CORRUPT for the initramfs.
 */
int estimate_make(const struct machine *m, const char *kernel, const char *initrd,
		  struct estimate *out, struct kd_err *err);

/* Bytes that LEN bytes of an initramfs unpack to, files in whole pages. */
uint64_t initramfs_unpacked(const uint8_t *p, size_t len, bool *guessed);

#endif
