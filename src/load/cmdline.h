/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second kernel's command line. */
#ifndef KD_LOAD_CMDLINE_H
#define KD_LOAD_CMDLINE_H

#include "load/load.h"

/*
 * What the user asked for: the running kernel's, without BOOT_IMAGE=, crashkernel= and what is
 * for init ("--" and behind it), if it is to be reused, then APPEND. *out is the caller's. KD_NOMEM.
 */
int cmdline_asked(const struct load_request *q, const struct machine *m, char **out,
		  struct kd_err *err);

/*
 * The whole: ASKED, then MORE (may be NULL: memmap= words and the like), then
 * " elfcorehdr=<n>K" if ELFCOREHDR is not 0; what ASKED has for init stays the end. LIMIT: bytes that the kernel takes, its terminator
 * not counted. KD_USAGE: too long, with by how much.
 */
int cmdline_make(const char *asked, const char *more, paddr_t elfcorehdr, size_t limit, char **out,
		 struct kd_err *err);

#endif
