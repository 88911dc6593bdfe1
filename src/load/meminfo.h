/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/meminfo: how much memory there is, and what it is used for. */
#ifndef KD_LOAD_MEMINFO_H
#define KD_LOAD_MEMINFO_H

#include "load/machine.h"

/* Bytes. */
struct meminfo {
	uint64_t total; /* that the kernel manages: without what is reserved */
	uint64_t free, cached, buffers, anonymous;
};

/* false: it is not there, or says no total. */
bool meminfo_read(const struct machine *m, struct meminfo *out);

/* What the kernel itself uses: what a dump of level 31 holds, roughly. */
uint64_t meminfo_kernel(const struct meminfo *m);

#endif
