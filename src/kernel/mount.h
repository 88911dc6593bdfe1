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

/* Places where the tree of mounts breaks off, as memory is missing. */
struct mounts_lost {
	unsigned n;
	struct kd_err first;
};

/*
 * Each struct mount of a namespace, in the kernel's order. Nonzero from STEP stops.
 * Of a tree that breaks off, in LOST, all that can be reached is walked. KD_CORRUPT:
 * the list or tree is damaged.
 */
int mounts_walk(const struct kernel *k, const struct objects *o, vaddr_t ns,
		int (*step)(void *data, vaddr_t mount), void *data, struct mounts_lost *lost,
		struct kd_err *err);

#endif
