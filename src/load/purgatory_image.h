/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our purgatory, as it was built from load/purgatory: an image for each architecture that the
 * compiler could make code for. It is position independent: nothing is relocated.
 */
#ifndef KD_LOAD_PURGATORY_IMAGE_H
#define KD_LOAD_PURGATORY_IMAGE_H

#include "load/machine.h"
#include "load/purgatory/params.h"

struct purgatory_image {
	const uint8_t *bytes;
	size_t len;
	struct purgatory_head head;
};

/* KD_UNSUPPORTED: this program was built without one for ARCH. */
int purgatory_image(enum machine_arch arch, struct purgatory_image *out, struct kd_err *err);

/* A copy of the image with PARAMS in it, image->len bytes, the caller's. KD_NOMEM. */
int purgatory_image_fill(const struct purgatory_image *image, const struct purgatory_params *params,
			 uint8_t **out, struct kd_err *err);

#endif
