/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damage found in a dump while reading it: a text of findings for the user,
 * "; " between them. A finding is not a failure: what could be read counts.
 */
#ifndef KD_KERNEL_DAMAGE_H
#define KD_KERNEL_DAMAGE_H

#include "core/base.h"

/* Add a finding to *damage (owned, NULL: none yet). A text that has grown long takes no more. */
void damage_note(char **damage, const char *fmt, ...) KD_PRINTF(2, 3);

#endif
