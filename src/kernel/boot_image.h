/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A compressed kernel as it is booted (bzImage, vmlinuz; Documentation/arch/x86/boot.rst):
 * it has no debug information, but says which kernel it is.
 */
#ifndef KD_KERNEL_BOOT_IMAGE_H
#define KD_KERNEL_BOOT_IMAGE_H

#include "kernel/vmlinux.h"

struct boot_image {
	char release[128];	  /* "" : it does not say */
	uint16_t machine;	  /* EM_*; 0: not known */
	struct build_id build_id; /* len 0: its payload can not be unpacked */
};

/* Does the file look like one? First bytes only. */
bool boot_image_probe(const char *path);

/* KD_IO, KD_CORRUPT, KD_NOMEM. */
int boot_image_read(const char *path, struct boot_image *out, struct kd_err *err);

#endif
