/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SLUB (mm/slub.c): the object an address lies in, and whether it is free. Partial lists
 * hold whole slabs, so that an object is free when it is on its slab's freelist, on that
 * of the CPU that has the slab, or in one of the cache's sheaves.
 */
#ifndef KD_KERNEL_SLAB_H
#define KD_KERNEL_SLAB_H

#include "core/err.h"

struct kernel;
struct objects;
struct whatis;

/* The types that slab_object() needs, for objects_resolve(). */
#define SLAB_TYPES                                                                                 \
	"slab", "page", "kmem_cache", "kmem_cache_cpu", "kmem_cache_node",                         \
		"kmem_cache_per_node_ptrs", "slub_percpu_sheaves", "slab_sheaf", "node_barn"

/*
 * SLAB is the struct slab (or head page) and START the address of its first page. Fills
 * the slab's fields of OUT; false: it is not one that makes sense.
 */
bool slab_object(const struct kernel *k, const struct objects *o, vaddr_t slab, vaddr_t start,
		 struct whatis *out);

#endif
