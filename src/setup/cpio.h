/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cpio archive in memory, in the "newc" form that kernels unpack (Documentation/driver-api/
 * early-userspace/buffer-format.rst). All belongs to root; there are no times, so that the same
 * files give the same bytes.
 */
#ifndef KD_SETUP_CPIO_H
#define KD_SETUP_CPIO_H

#include "core/err.h"

/* { 0 } is an empty one. Names are without a leading slash; folders come before what is in them. */
struct cpio {
	uint8_t *bytes; /* owned */
	size_t len, cap;
	uint32_t ino;
};

/* All: KD_NOMEM; KD_USAGE for what the format cannot hold. MODE: permissions. */
int cpio_folder(struct cpio *c, const char *name, unsigned mode, struct kd_err *err);
int cpio_file(struct cpio *c, const char *name, unsigned mode, const void *data, size_t len,
	      struct kd_err *err);
int cpio_device(struct cpio *c, const char *name, unsigned mode, unsigned major, unsigned minor,
		struct kd_err *err); /* a character device */
/* The trailer: nothing more comes. */
int cpio_end(struct cpio *c, struct kd_err *err);
void cpio_fini(struct cpio *c);

#endif
