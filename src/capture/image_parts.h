/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the kernel's own code and data, and its modules', lie in its memory. */
#ifndef KD_CAPTURE_IMAGE_PARTS_H
#define KD_CAPTURE_IMAGE_PARTS_H

#include "core/base.h"

struct kernel;

typedef void image_part_fn(void *data, vaddr_t start, uint64_t len);

/* FN is told of each part, LEN (above 0) bytes from START on. Lengths are bounded. */
void image_parts(const struct kernel *k, image_part_fn *fn, void *data);

/* Only what the kernel writes to; only what else is data: constants, tables of the unwinder. */
void image_parts_written(const struct kernel *k, image_part_fn *fn, void *data);
void image_parts_constant(const struct kernel *k, image_part_fn *fn, void *data);

#endif
