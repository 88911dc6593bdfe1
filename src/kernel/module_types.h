/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types that modules define: for each module the BTF that the kernel keeps of it
 * (CONFIG_DEBUG_INFO_BTF_MODULES, struct btf_module of kernel/bpf/btf.c), which builds on
 * the kernel's own; else BTF or DWARF of its .ko file. Opened when first asked for.
 */
#ifndef KD_KERNEL_MODULE_TYPES_H
#define KD_KERNEL_MODULE_TYPES_H

#include "core/err.h"

struct kernel;
struct module;
struct module_types;
struct types;

/* An empty set for K (borrowed, must outlive), whose modules are read. KD_NOMEM only. */
int module_types_new(const struct kernel *k, struct module_types **out, struct kd_err *err);
void module_types_free(struct module_types *t);

/*
 * The types of M, one of K's modules; *out is borrowed from K. Any thread may ask.
 * KD_NOTFOUND: neither the dump nor a file has any; else what was wrong with those that
 * there are.
 */
int module_types(const struct kernel *k, const struct module *m, const struct types **out,
		 struct kd_err *err);

#endif
