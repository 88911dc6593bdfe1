/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What QEMU's own notes say of an x86 CPU (target/i386/arch_dump.c, struct QEMUCPUState). */
#ifndef KD_X86_64_QEMU_NOTE_H
#define KD_X86_64_QEMU_NOTE_H

#include "core/space.h"

/* See struct arch's cpu_ran. */
bool x86_cpu_ran(const struct space *s, const void *note, size_t len, bool *known);

#endif
