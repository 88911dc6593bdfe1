/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What dest.c and dest_remote.c share. */
#ifndef KD_CAPTURE_DEST_PRIV_H
#define KD_CAPTURE_DEST_PRIV_H

#include "capture/dest.h"

/* The stream has ended: is all of it on the other host's disk, under its name? KD_IO. */
int dest_commit_remote(struct dest *d, struct kd_err *err);
/* Give up. */
void dest_close_remote(struct dest *d);

#endif
