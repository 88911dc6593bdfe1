/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kdview wrote into an initramfs, read again. */
#ifndef KD_SETUP_INITRD_READ_H
#define KD_SETUP_INITRD_READ_H

#include "core/err.h"

/*
 * kdview.conf of the initramfs PATH: *text is the caller's. KD_NOTFOUND: it has none, it is
 * not of kdview; KD_CORRUPT: it is none, or damaged; KD_IO, KD_NOMEM.
 */
int initrd_read_conf(const char *path, char **text, struct kd_err *err);

#endif
