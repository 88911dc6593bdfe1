/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the ORC tables share: orc.c, orc_mend.c. */
#ifndef KD_X86_64_ORC_PRIV_H
#define KD_X86_64_ORC_PRIV_H

#include "x86_64/orc.h"

#define ORC_ENTRY_SIZE 6 /* s16 sp_offset, s16 bp_offset, 4 + 4 bits of registers, flags */

/*
 * Make the addresses ascend; what had to be given up is counted in t->damaged, and is
 * ORC_UNKNOWN. KD_CORRUPT: hardly anything is left.
 */
int orc_table_mend(struct orc_table *t, struct kd_err *err);

#endif
