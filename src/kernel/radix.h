/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Radix trees of the kernel: struct xarray (include/linux/xarray.h, since v4.20), and
 * the radix_tree_root before it (include/linux/radix-tree.h). What they hold are
 * pointers, in the order of their index.
 */
#ifndef KD_KERNEL_RADIX_H
#define KD_KERNEL_RADIX_H

#include "core/err.h"
#include "kernel/types.h"

struct space;

struct radix_walk {
	const struct space *space;
	const struct member *slots; /* of a node */
	unsigned internal;	    /* low two bits of a pointer to a node: 2, before v4.20 1 */
	int (*step)(void *data, vaddr_t entry);
	void *data;

	/* Results */
	uint64_t nodes, entries; /* visited */
	uint64_t missing;	 /* slots and nodes that can not be read, or can not be; after
				    too many nodes it ends there */
	int status;		 /* of the first of them */
};

/*
 * Walk the tree whose root pointer is ROOT, past what is damaged. Not 0 from the step
 * ends it and is returned.
 */
int radix_walk(struct radix_walk *r, uint64_t root);

#endif
