/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is what was loaded still what was loaded? */
#ifndef KD_LOAD_PURGATORY_VERIFY_H
#define KD_LOAD_PURGATORY_VERIFY_H

#include <stdbool.h>

#include "load/purgatory/params.h"

/* Has the memory of R its digest? What no pointer reaches has not. */
bool purgatory_region_ok(const struct purgatory_region *r);

#endif
