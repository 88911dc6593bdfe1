/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that should ascend, some of them damaged: which are right? */
#ifndef KD_CORE_ASCENDING_H
#define KD_CORE_ASCENDING_H

#include "core/err.h"

/*
 * The longest run of N numbers that ascends; equal ones may follow each other. VALUE says
 * number I, or false: it can not be in any run. keep[i] becomes 1 for those of the run, else
 * 0; *kept is how many. O(n log n), 16 bytes of memory each. KD_NOMEM.
 */
int ascending_run(size_t n, bool (*value)(const void *data, size_t i, uint64_t *v),
		  const void *data, uint8_t *keep, size_t *kept);

#endif
