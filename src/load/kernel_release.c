// SPDX-License-Identifier: GPL-3.0-or-later
/* Which kernel an image is: see kernel_release.h. */
#include "load/kernel_release.h"

#include <ctype.h>
#include <string.h>

#include "load/kernel_image.h"

/* Documentation/arch/x86/boot.rst: where the text is, less 0x200. */
#define KERNEL_VERSION 0x20e
#define BANNER "Linux version " /* init/version-timestamp.c */

/* The word at OFF; false: none that can be a release. */
static bool take_word(const struct kernel_image *k, size_t off, char out[KERNEL_RELEASE])
{
	size_t n = 0;

	while (off + n < k->len && n + 1 < KERNEL_RELEASE && isgraph(k->file[off + n]) &&
	       k->file[off + n] != '/') {
		out[n] = (char)k->file[off + n];
		n++;
	}
	out[n] = '\0';
	return isdigit((uint8_t)out[0]);
}

static bool find(const struct kernel_image *k, char out[KERNEL_RELEASE])
{
	const uint8_t *at = k->file, *end = k->file + k->len;

	if (k->kind == IMAGE_BZIMAGE)
		return k->len > KERNEL_VERSION + 2 &&
		       take_word(k,
				 0x200u + k->file[KERNEL_VERSION] +
					 (size_t)(k->file[KERNEL_VERSION + 1] << 8),
				 out);
	/* Formats of messages have the words, too, without a number behind them. */
	while ((at = memmem(at, (size_t)(end - at), BANNER, strlen(BANNER)))) {
		at += strlen(BANNER);
		if (take_word(k, (size_t)(at - k->file), out))
			return true;
	}
	return false;
}

int kernel_release(const char *path, char out[KERNEL_RELEASE], struct kd_err *err)
{
	struct kernel_image k = { 0 };
	int ret = kernel_image_open(path, &k, err);

	if (!ret && !find(&k, out))
		ret = kd_fail(err, KD_NOTFOUND, "%s: it does not say which kernel it is", path);
	kernel_image_close(&k);
	return ret;
}
