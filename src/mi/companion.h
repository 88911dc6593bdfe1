/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The companion: a small ELF object with the call frame information that vmlinux
 * lacks (struct arch's cfi hook), which gdb loads ahead of vmlinux, and with the names
 * that no file has: of functions of modules without one and, where there is no vmlinux,
 * the kernel's own, data included. Addresses in it are those of the running kernel; load it
 * without an offset.
 */
#ifndef KD_MI_COMPANION_H
#define KD_MI_COMPANION_H

#include "kernel/kernel.h"

/*
 * Write the companion of K to the open file FD. KD_UNSUPPORTED: this kernel's
 * unwind tables are of a kind not known here (gdb then unwinds by vmlinux alone).
 */
int companion_write(const struct kernel *k, int fd, struct kd_err *err);

#endif
