/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the log says of the kernel that its variables would say better: for kernels whose
 * variables have no names here, because there is no vmlinux.
 */
#ifndef KD_KERNEL_INFO_LOG_H
#define KD_KERNEL_INFO_LOG_H

#include "core/err.h"

struct log;

/* The kernel's command line; NULL: the log has it no more. Borrowed from L. */
const char *info_log_cmdline(const struct log *l);

/*
 * The taint flags (bits of tainted_mask) as the last line that tells who ran ("CPU: 0 PID:
 * 1 Comm: init Tainted: G OE ...") has them; false: there is none.
 */
bool info_log_taint(const struct log *l, uint64_t *taint);

#endif
