/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BTF without a copy of it: a kernel's is 4 MB, which is much for a second kernel. libbpf always
 * copies; what takes its place in kdview-capture need not.
 */
#ifndef KD_KERNEL_BTF_IN_PLACE_H
#define KD_KERNEL_BTF_IN_PLACE_H

#include <stdbool.h>
#include <stdint.h>

struct btf;

/* As btf__new(). *kept: BYTES have to stay until btf__free(). */
struct btf *btf_in_place(const void *bytes, uint32_t size, bool *kept);

#endif
