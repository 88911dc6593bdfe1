/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of files, out of dentries and mounts (fs/d_path.c). */
#ifndef KD_KERNEL_PATH_H
#define KD_KERNEL_PATH_H

#include "core/err.h"

struct kernel;
struct objects;

#define PATH_TEXT 4096 /* bytes, as PATH_MAX */

/* The types that the functions below need, for objects_resolve(). */
#define PATH_TYPES "dentry", "mount", "vfsmount", "super_block", "file_system_type", "inode"

/*
 * The path of DENTRY in the mount VFSMNT (its struct vfsmount; 0: not known) up to the
 * root of all mounts, into BUF. What has none is named as the kernel does:
 * "pipe:[123]", "socket:[7]", "anon_inode:[eventpoll]". KD_CORRUPT: it does not end.
 */
int path_format(const struct kernel *k, const struct objects *o, vaddr_t vfsmnt, vaddr_t dentry,
		char *buf, size_t size, struct kd_err *err);

/* The name of the file system of a super block into BUF; "?": not known. */
const char *path_fs_name(const struct kernel *k, const struct objects *o, vaddr_t sb, char *buf,
			 size_t size);

#endif
