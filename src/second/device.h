/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Block devices by what lies on them: labels and UUIDs of ext2-4, xfs and vfat, as their
 * superblocks hold them (fs/ext4/ext4.h, fs/xfs/libxfs/xfs_format.h, the FAT boot sector).
 */
#ifndef KD_SECOND_DEVICE_H
#define KD_SECOND_DEVICE_H

#include "core/err.h"

#define DEVICE_HEAD 2048 /* bytes of a device that are looked at */

struct device_looks {
	const char *type; /* static: "ext4", "xfs", "vfat"; NULL: not known */
	char label[20], uuid[40];
};

/* What the first DEVICE_HEAD bytes of a device say. */
void device_look(const uint8_t head[DEVICE_HEAD], struct device_looks *out);

/*
 * The device that WANTED ("LABEL=...", "UUID=...", a path) is now: its path and, where that
 * is known, the type of its file system. KD_NOTFOUND; KD_NOMEM.
 */
int device_find(const char *wanted, char path[280], const char **type, struct kd_err *err);

#endif
