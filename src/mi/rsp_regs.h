/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers as gdb numbers and encodes them: those of the architecture, then
 * those that gdb wants described though no dump holds them.
 */
#ifndef KD_MI_RSP_REGS_H
#define KD_MI_RSP_REGS_H

#include "core/arch.h"
#include "mi/rsp_packet.h"

size_t rsp_reg_count(const struct arch *arch);
/* The I-th, i < rsp_reg_count(). */
const struct arch_reg *rsp_reg(const struct arch *arch, size_t i);

/* Append register I in hex, "xx" per byte when unknown. */
void rsp_reg_put(struct rsp_buf *b, const struct arch *arch, const struct regs *r, size_t i);

#endif
