/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Leaving a frame by call frame information: the rules of core/fde.h applied to
 * registers and memory (DWARF 5 sections 6.4.3 and 2.5).
 */
#ifndef KD_CORE_FDE_STEP_H
#define KD_CORE_FDE_STEP_H

#include "core/arch.h"
#include "core/fde.h"
#include "core/unwind.h"

/*
 * A step as core/unwind.h has it, for the code at PC, which F of T holds. Registers
 * that no rule names keep their value if SAVED (a mask of indices) says that who is
 * called must preserve them, or if the frame was interrupted, not called.
 */
int fde_step(const struct arch *a, const struct fde_table *t, const struct fde *f, vaddr_t pc,
	     uint32_t saved, const struct unwind_view *v, struct regs *regs,
	     struct unwind_step *step, struct kd_err *err);

#endif
