/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of an installed kernel. */
#ifndef KD_SETUP_INSTALLED_H
#define KD_SETUP_INSTALLED_H

#include "load/machine.h"

/*
 * The running kernel's own file, where distributions put it; the caller's. NULL: it is in none of
 * these places, or there is no memory.
 */
char *installed_kernel(const struct machine *m);

#endif
