/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of CPU registers, each known or unknown. Numbered by the architecture's
 * struct arch_reg table, which is in gdb's order. Unknown is never zero.
 */
#ifndef KD_CORE_REGS_H
#define KD_CORE_REGS_H

#include "core/base.h"

#define REGS_MAX 32

struct regs {
	uint64_t value[REGS_MAX];
	uint32_t known; /* bit i: value[i] is known */
};

static inline void regs_set(struct regs *r, unsigned i, uint64_t v)
{
	r->value[i] = v;
	r->known |= UINT32_C(1) << i;
}

static inline bool regs_known(const struct regs *r, unsigned i)
{
	return i < REGS_MAX && (r->known >> i & 1);
}

#endif
