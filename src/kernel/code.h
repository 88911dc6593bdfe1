/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel as an architecture looks at its code (struct code_view of core/cfi.h):
 * what call frame information is written from, and stacks are unwound by.
 */
#ifndef KD_KERNEL_CODE_H
#define KD_KERNEL_CODE_H

#include <pthread.h>

#include "core/cfi.h"
#include "kernel/frame_section.h"
#include "kernel/kernel.h"

struct kernel_code {
	struct code_view view; /* view.data is this struct */
	const struct kernel *k;
	struct frame_section *frames; /* of the kernel, then of its modules */
	bool *tried;		      /* to read them */
	pthread_mutex_t lock;	      /* of frames and tried */
};

/*
 * K must outlive C, which must not move. Any number of threads may use the view.
 * Files that can not be read count as having no frames. KD_NOMEM.
 */
int kernel_code_init(struct kernel_code *c, const struct kernel *k, struct kd_err *err);
void kernel_code_fini(struct kernel_code *c);

/*
 * Read LEN bytes of code; what the dump left out, and init code, whose memory is given
 * back when the kernel is up, is taken from the vmlinux, where it is as linked. Errors as
 * space_read().
 */
int kernel_read_code(const struct kernel *k, vaddr_t va, void *buf, size_t len,
		     struct kd_err *err);

#endif
