// SPDX-License-Identifier: GPL-3.0-or-later
/* The images of the purgatory: see purgatory_image.h. The Makefile makes the bytes. */
#include "load/purgatory_image.h"

#include <string.h>

/*
 * One byte more, so that an image that could not be built is an array too. "i386" alone is a macro
 * to compilers for it.
 */
static const uint8_t for_x86_64[] = {
#include "purgatory/x86_64.inc"
	0
};

static const uint8_t for_i386[] = {
#include "purgatory/i386.inc"
	0
};

int purgatory_image(enum machine_arch arch, struct purgatory_image *out, struct kd_err *err)
{
	bool wide = arch == MACHINE_X86_64;

	*out = (struct purgatory_image){ .bytes = wide ? for_x86_64 : for_i386,
					 .len = (wide ? sizeof(for_x86_64) : sizeof(for_i386)) - 1 };
	if (out->len < sizeof(out->head))
		return kd_fail(err, KD_UNSUPPORTED,
			       "this kdview was built by a compiler that could not make a purgatory "
			       "for %s; load with kexec_file_load (-s)",
			       wide ? "x86_64" : "i386");
	memcpy(&out->head, out->bytes, sizeof(out->head));
	if (out->head.magic != PURGATORY_MAGIC || out->head.entry >= out->len ||
	    !range_contains(out->len, out->head.params, sizeof(struct purgatory_params)) ||
	    out->head.memsz < out->len)
		return kd_fail(err, KD_CORRUPT, "the purgatory was not built as it should be");
	return 0;
}

int purgatory_image_fill(const struct purgatory_image *image, const struct purgatory_params *params,
			 uint8_t **out, struct kd_err *err)
{
	uint8_t *p = malloc(image->len);

	if (!p)
		return kd_nomem(err);
	memcpy(p, image->bytes, image->len);
	memcpy(p + image->head.params, params, sizeof(*params));
	*out = p;
	return 0;
}
