/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work that several threads share. */
#ifndef KD_CORE_SPREAD_H
#define KD_CORE_SPREAD_H

#include "core/base.h"

#define SPREAD_MAX 64

/* How many threads can run at once, 1 at least. */
unsigned spread_cpus(void);

/*
 * Call WORK for each of N pieces of SIZE bytes, at most SPREAD_MAX, each in a thread of its own,
 * one in the caller's; for what no thread can be had for, too. Returns when all are done.
 */
void spread(void (*work)(void *piece), void *pieces, size_t n, size_t size);

#endif
