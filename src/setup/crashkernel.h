/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "crashkernel=" on a kernel's command line, read as the kernel reads it
 * (Documentation/admin-guide/kdump/kdump.rst, kernel/crash_reserve.c).
 */
#ifndef KD_SETUP_CRASHKERNEL_H
#define KD_SETUP_CRASHKERNEL_H

#include "core/base.h"

enum crashkernel_form {
	CRASHKERNEL_NONE,
	CRASHKERNEL_SIZE,   /* 256M, or 256M@64M */
	CRASHKERNEL_RANGES, /* 2G-64G:256M,64G-:512M */
	CRASHKERNEL_HIGH,   /* 512M,high */
	CRASHKERNEL_BAD,    /* the kernel ignores it */
};

struct crashkernel {
	enum crashkernel_form form;
	char word[256];	 /* as it stands there, without "crashkernel=" */
	uint64_t size;	 /* bytes it asks for on this machine; 0: none */
	uint64_t offset; /* "@": where; 0: anywhere */
	bool has_low, has_cma;
	uint64_t low, cma; /* "SIZE,low", "SIZE,cma"; bytes */
};

/* RAM: bytes that the machine has, by which a range is chosen. */
void crashkernel_parse(const char *cmdline, uint64_t ram, struct crashkernel *out);

#endif
