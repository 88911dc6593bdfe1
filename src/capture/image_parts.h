/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the kernel's own code and data, and its modules', lie in its memory. */
#ifndef KD_CAPTURE_IMAGE_PARTS_H
#define KD_CAPTURE_IMAGE_PARTS_H

#include "core/base.h"

struct kernel;

/* FN is told of each part, LEN (above 0) bytes from START on. Lengths are bounded. */
void image_parts(const struct kernel *k, void (*fn)(void *data, vaddr_t start, uint64_t len),
		 void *data);

#endif
