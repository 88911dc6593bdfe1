/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounts of a namespace (fs/mount.h). */
#ifndef KD_KERNEL_MOUNT_H
#define KD_KERNEL_MOUNT_H

#include "core/err.h"

struct kernel;
struct objects;
struct task;

/* The mount namespace of a task; T NULL: the first one, of init_task. */
int mount_namespace(const struct kernel *k, const struct objects *o, const struct task *t,
		    vaddr_t *ns, struct kd_err *err);

/*
 * Each struct mount of a namespace, in the kernel's order. Nonzero from STEP stops.
 * KD_CORRUPT: the list or tree is damaged.
 */
int mounts_walk(const struct kernel *k, const struct objects *o, vaddr_t ns,
		int (*step)(void *data, vaddr_t mount), void *data, struct kd_err *err);

#endif
