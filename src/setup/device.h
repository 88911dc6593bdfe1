/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Block devices by what lies on them: labels and UUIDs of ext2-4, xfs, btrfs and vfat, as their
 * superblocks hold them (fs/ext4/ext4.h, fs/xfs/libxfs/xfs_format.h, include/uapi/linux/
 * btrfs_tree.h, the FAT boot sector).
 */
#ifndef KD_SETUP_DEVICE_H
#define KD_SETUP_DEVICE_H

#include "core/err.h"

#define DEVICE_HEAD 2048 /* bytes of a device that are looked at */
#define DEVICE_BTRFS 65536 /* where btrfs has as much of its superblock */
#define DEVICE_PATH 512

struct device_looks {
	const char *type; /* static: "ext4", "xfs", "btrfs", "vfat"; NULL: not known */
	char label[20], uuid[40];
};

/* What the first DEVICE_HEAD bytes of a device say. */
void device_look(const uint8_t head[DEVICE_HEAD], struct device_looks *out);

/* The same of those from DEVICE_BTRFS on. A label that is longer than ours is none. */
void device_look_btrfs(const uint8_t super[DEVICE_HEAD], struct device_looks *out);

/* The same of the device PATH; false: it cannot be read. */
bool device_look_at(const char *path, struct device_looks *out);

/*
 * The device that WANTED ("LABEL=...", "UUID=...", a path) is now: its path, behind ROOT
 * (machine.h), and, where that is known, the type of its file system. KD_NOTFOUND; KD_NOMEM.
 */
int device_find(const char *root, const char *wanted, char path[DEVICE_PATH], const char **type,
		struct kd_err *err);

/*
 * The drivers of a device, from the disk up to the bus's root. ROOT: that of machine.h; PATH:
 * the device's node, behind it. FN is called for each that is bound: its name, that of its
 * module ("": it has none, or is part of the kernel) and what kind of device it drives in
 * modules.alias' words ("": it does not tell). KD_NOTFOUND: sysfs does not know the device;
 * KD_UNSUPPORTED: it is made of others by something that a second kernel does not have (LVM,
 * encryption, RAID, loop): a sentence about that.
 */
struct device_driver {
	const char *name, *module, *alias;
};
int device_drivers(const char *root, const char *path,
		   int (*fn)(void *data, const struct device_driver *d, struct kd_err *err),
		   void *data, struct kd_err *err);
/* The same of anything in sysfs, by its folder below ROOT ("sys/class/watchdog/watchdog0"). */
int device_drivers_of(const char *root, const char *folder,
		      int (*fn)(void *data, const struct device_driver *d, struct kd_err *err),
		      void *data, struct kd_err *err);

#endif
