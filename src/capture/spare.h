/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much memory there is to spare: a second kernel has little, and no swap. What is good to have
 * is left out where it would take what writing the dump needs.
 */
#ifndef KD_CAPTURE_SPARE_H
#define KD_CAPTURE_SPARE_H

#include <stdint.h>

/* Bytes that can be had without swapping (MemAvailable of /proc/meminfo); UINT64_MAX: not known. */
uint64_t spare_memory(void);

#endif
