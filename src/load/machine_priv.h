/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts machine_read() is made of. */
#ifndef KD_LOAD_MACHINE_PRIV_H
#define KD_LOAD_MACHINE_PRIV_H

#include "load/machine.h"

/* A file that is one number; base as strtoull(). false: it is not. */
bool machine_number(const struct machine *m, const char *name, int base, uint64_t *v);

int machine_read_iomem(struct machine *m, struct kd_err *err);
int machine_read_notes(struct machine *m, struct kd_err *err);
int machine_read_maps(struct machine *m, struct kd_err *err);

#endif
