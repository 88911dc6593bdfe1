/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel as struct arch's cfi hook looks at it (core/cfi.h). */
#ifndef KD_MI_COMPANION_VIEW_H
#define KD_MI_COMPANION_VIEW_H

#include "core/cfi.h"
#include "kernel/kernel.h"
#include "mi/frame_section.h"

struct companion_view {
	struct code_view code; /* code.data is this struct */
	const struct kernel *k;
	struct frame_section *frames; /* of the kernel, then of its modules */
};

/* K must outlive the view. Files that can not be read count as having no frames. */
int companion_view_init(struct companion_view *v, const struct kernel *k, struct kd_err *err);
void companion_view_fini(struct companion_view *v);

#endif
