/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kernel an image is: the name of its modules' folder. */
#ifndef KD_LOAD_KERNEL_RELEASE_H
#define KD_LOAD_KERNEL_RELEASE_H

#include "core/err.h"

#define KERNEL_RELEASE 128 /* bytes */

/* KD_NOTFOUND: it does not say; and as kernel_image_open(). */
int kernel_release(const char *path, char out[KERNEL_RELEASE], struct kd_err *err);

#endif
