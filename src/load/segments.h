/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that kexec_load(2) is given: made and placed in crash memory. */
#ifndef KD_LOAD_SEGMENTS_H
#define KD_LOAD_SEGMENTS_H

#include "load/load.h"

/*
 * KD_NOSPACE: crash memory is too small, with how much is missing; KD_UNSUPPORTED, KD_CORRUPT:
 * the kernel's image; KD_USAGE: the command line. segment_list_fini() in any case.
 */
int load_segments(const struct load_request *q, const struct machine *m, struct segment_list *out,
		  struct kd_err *err);

#endif
