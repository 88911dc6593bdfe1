/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dump formats core/ knows: one ops table each, listed in dump.c. */
#ifndef KD_CORE_FORMATS_H
#define KD_CORE_FORMATS_H

#include "core/dump.h"

extern const struct dump_ops dump_elf_ops; /* ELF32, ELF64 core: elf_core.c */

#endif
