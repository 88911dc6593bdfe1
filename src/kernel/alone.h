/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel without its vmlinux: symbols and types out of the dump alone. Symbols are
 * those of kallsyms, or else the few that VMCOREINFO names; types are the BTF that
 * the kernel keeps for BPF programs.
 */
#ifndef KD_KERNEL_ALONE_H
#define KD_KERNEL_ALONE_H

#include "core/err.h"

struct kernel;
struct types;

/*
 * Fill K's symbols, types, layout and KASLR offset from its dump and address space.
 * What can not be had is told in K's lack, with the reason; only KD_NOMEM fails.
 */
int alone_open(struct kernel *k, struct kd_err *err);

/*
 * Types from the BTF in the dump's memory; for K whose symbols are known. KD_NOTFOUND: it
 * has none, or where is not known; KD_CORRUPT, or how memory is missing.
 */
int alone_read_btf(const struct kernel *k, struct types **out, struct kd_err *err);

#endif
