/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of whatis: see whatis.h. */
#ifndef KD_KERNEL_WHATIS_PRIV_H
#define KD_KERNEL_WHATIS_PRIV_H

#include "kernel/whatis.h"

/* Whose per-CPU memory W's address is in, and which variable it is. */
void whatis_percpu(const struct kernel *k, const struct objects *o, struct whatis *w);

#endif
