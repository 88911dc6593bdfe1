/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system calls that load and unload, and what their errors mean. */
#ifndef KD_LOAD_KEXEC_H
#define KD_LOAD_KEXEC_H

#include "load/load.h"

/*
 * kexec_file_load(2). INITRD -1: none. *no_such: the kernel does not have the call, or not for
 * such an image, so that segments are worth a try.
 */
int kexec_load_file(int kernel, int initrd, const char *cmdline, const struct machine *m,
		    bool *no_such, struct kd_err *err);

/* kexec_load(2). */
int kexec_load_segments(const struct segment_list *l, const struct machine *m, bool hotplug,
			struct kd_err *err);

int kexec_unload(const struct machine *m, struct kd_err *err);

#endif
