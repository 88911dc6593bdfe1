/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a kernel is told by who boots it: the "zero page" and its setup header
 * (Documentation/arch/x86/zero-page.rst, boot.rst), by offset.
 */
#ifndef KD_LOAD_BOOT_PARAMS_H
#define KD_LOAD_BOOT_PARAMS_H

#include "load/kernel_image.h"
#include "load/load.h"

#define BOOT_PARAMS_SIZE 4096

/* Of the setup header: the same in a bzImage's file. */
#define SETUP_SECTS 0x1f1
#define SETUP_BOOT_FLAG 0x1fe
#define SETUP_JUMP 0x200
#define SETUP_MAGIC 0x202
#define SETUP_PROTOCOL 0x206
#define SETUP_LOADER 0x210
#define SETUP_LOADFLAGS 0x211
#define SETUP_CODE32_START 0x214
#define SETUP_RAMDISK 0x218
#define SETUP_RAMDISK_SIZE 0x21c
#define SETUP_CMDLINE 0x228
#define SETUP_INITRD_MAX 0x22c
#define SETUP_ALIGNMENT 0x230
#define SETUP_RELOCATABLE 0x234
#define SETUP_XLOADFLAGS 0x236
#define SETUP_CMDLINE_SIZE 0x238
#define SETUP_DATA 0x250
#define SETUP_PREF_ADDRESS 0x258
#define SETUP_INIT_SIZE 0x260
#define SETUP_END 0x290 /* behind all that fits into the zero page */

#define LOADFLAG_HIGH 0x01
#define LOADFLAG_HEAP 0x80
#define XLOADFLAG_64 0x01
#define XLOADFLAG_ABOVE_4G 0x02

struct boot_params_plan {
	const struct kernel_image *image;
	const struct machine *machine;
	const struct range_list *map; /* e820 */
	const char *cmdline;
	paddr_t kernel, initrd;
	uint64_t initrd_len;
};

/* Bytes of the segment for a map of N ranges and such a command line. */
size_t boot_params_size(size_t n, size_t cmdline_len);

/*
 * The segment as it is to lie at ADDR: the zero page, then what it points to. *buf is
 * the caller's. KD_NOMEM.
 */
int boot_params_make(const struct boot_params_plan *plan, paddr_t addr, uint8_t **buf, size_t *len,
		     struct kd_err *err);

/*
 * Where the firmware's ACPI tables begin, as the running kernel was told; 0: it finds them by
 * itself, and the second one will.
 */
paddr_t boot_params_rsdp(const struct machine *m);

#endif
