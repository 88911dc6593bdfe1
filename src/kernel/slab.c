// SPDX-License-Identifier: GPL-3.0-or-later
/* SLUB objects: see slab.h. */
#include "kernel/slab.h"

#include <byteswap.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/whatis.h"

#define OBJECTS_IN_SLAB 65536u
#define NODES_MAX 1024u

struct slab {
	const struct kernel *k;
	const struct objects *o;
	vaddr_t cache, slab, start;
	uint64_t size, object_size, offset, random, pad, count;
};

static bool get(const struct slab *s, vaddr_t base, const struct member *m, uint64_t *v)
{
	return !object_read(s->k, s->o, base, m, v, NULL);
}

/*
 * The next free object after the one at AT. CONFIG_SLAB_FREELIST_HARDENED, seen by
 * the cache's `random`, hides it (mm/slub.c, freelist_ptr_decode()).
 */
static bool next_free(const struct slab *s, vaddr_t at, vaddr_t *next)
{
	vaddr_t where = at + s->offset;
	uint64_t v;

	if (space_read_ptr(&s->k->space, where, &v, NULL))
		return false;
	if (s->o->kmem_cache_random.found)
		v ^= s->random ^
		     (s->k->arch->ptr_size == 8 ? bswap_64(where) : bswap_32((uint32_t)where));
	*next = v;
	return true;
}

/* 1: OBJECT is on the list, 0: it is not, -1: the list can not be followed. */
static int on_freelist(const struct slab *s, vaddr_t at, vaddr_t object)
{
	for (uint64_t n = 0; at; n++) {
		if (at == object)
			return 1;
		if (n > s->count || at < s->start || at - s->start >= s->count * s->size ||
		    !next_free(s, at, &at))
			return -1;
	}
	return 0;
}

/* CPU I's copy of what the per-CPU pointer M of the cache leads to. */
static bool cpu_part(const struct slab *s, const struct member *m, size_t i, vaddr_t *at)
{
	uint64_t base;

	if (!m->found || !get(s, s->cache, m, &base) || !base || !s->k->cpus.list[i].percpu)
		return false;
	*at = base + s->k->cpus.list[i].percpu;
	if (s->k->arch->ptr_size == 4)
		*at &= UINT32_MAX;
	return true;
}

/* The freelist of the CPU that works on this slab. */
static int on_cpu_freelist(const struct slab *s, vaddr_t object)
{
	uint64_t page, list;
	vaddr_t at;

	for (size_t i = 0; i < s->k->cpus.n; i++) {
		if (!cpu_part(s, &s->o->kmem_cache_cpu_slab, i, &at))
			continue;
		if (get(s, at, &s->o->kmem_cache_cpu_slab_page, &page) && page == s->slab &&
		    get(s, at, &s->o->kmem_cache_cpu_freelist, &list))
			return on_freelist(s, list, object);
	}
	return 0;
}

/* Sheaves -------------------------------------------------------------------------- */

static bool in_sheaf(const struct slab *s, vaddr_t sheaf, vaddr_t object)
{
	uint64_t n, v;

	if (!sheaf || !get(s, sheaf, &s->o->slab_sheaf_size, &n) || n > OBJECTS_IN_SLAB)
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (space_read_ptr(&s->k->space,
				   sheaf + s->o->slab_sheaf_objects.offset +
					   i * s->k->arch->ptr_size,
				   &v, NULL) ||
		    v == object)
			return v == object;
	return false;
}

static bool in_sheaf_of(const struct slab *s, vaddr_t at, const struct member *m, vaddr_t object)
{
	uint64_t sheaf;

	return m->found && get(s, at, m, &sheaf) && in_sheaf(s, sheaf, object);
}

struct sheaf_search {
	const struct slab *s;
	vaddr_t object;
};

static int look_into_sheaf(void *data, vaddr_t entry)
{
	const struct sheaf_search *x = data;

	return in_sheaf(x->s, entry - x->s->o->slab_sheaf_list.offset, x->object);
}

/* The barn of node I; false: none, or it can not be read. */
static bool node_barn(const struct slab *s, size_t i, vaddr_t *barn)
{
	const struct objects *o = s->o;
	uint64_t node;

	if (o->kmem_cache_per_node.found && o->kmem_cache_per_node_barn.found)
		return get(s,
			   s->cache + o->kmem_cache_per_node.offset +
				   i * o->size_kmem_cache_per_node,
			   &o->kmem_cache_per_node_barn, barn);
	return o->kmem_cache_node.found && o->kmem_cache_node_barn.found &&
	       !space_read_ptr(&s->k->space,
			       s->cache + o->kmem_cache_node.offset + i * s->k->arch->ptr_size,
			       &node, NULL) &&
	       node && get(s, node, &o->kmem_cache_node_barn, barn);
}

/* Objects that were freed wait in sheaves, on no freelist, for whoever needs them next. */
static enum slab_state sheaves_state(const struct slab *s, vaddr_t object)
{
	const struct objects *o = s->o;
	struct sheaf_search x = { .s = s, .object = object };
	uint64_t nodes = 1, barn;
	vaddr_t at;

	if (!o->slab_sheaf_size.found || !o->slab_sheaf_objects.found)
		return SLAB_ALLOCATED;
	for (size_t i = 0; i < s->k->cpus.n; i++) {
		if (!cpu_part(s, &o->kmem_cache_cpu_sheaves, i, &at))
			continue;
		if (in_sheaf_of(s, at, &o->cpu_sheaves_main, object) ||
		    in_sheaf_of(s, at, &o->cpu_sheaves_spare, object))
			return SLAB_FREE;
		if (in_sheaf_of(s, at, &o->cpu_sheaves_rcu_free, object))
			return SLAB_WAITS_FOR_RCU;
	}
	if (!o->node_barn_full.found || !o->slab_sheaf_list.found)
		return SLAB_ALLOCATED;
	/* a kernel for one node only has no such variable */
	kernel_read_symbol(s->k, "nr_node_ids", 4, &nodes, NULL);
	for (size_t i = 0; i < nodes && i < NODES_MAX; i++)
		if (node_barn(s, i, &barn) && barn &&
		    object_list(s->k, barn + o->node_barn_full.offset, look_into_sheaf, &x, NULL) >
			    0)
			return SLAB_FREE;
	return SLAB_ALLOCATED;
}

static enum slab_state object_state(const struct slab *s, vaddr_t object)
{
	uint64_t list;
	int found;

	if (!get(s, s->slab, &s->o->slab_freelist, &list))
		return SLAB_UNKNOWN;
	found = on_freelist(s, list, object);
	if (!found)
		found = on_cpu_freelist(s, object);
	return found < 0 ? SLAB_UNKNOWN : found ? SLAB_FREE : sheaves_state(s, object);
}

static bool read_cache(struct slab *s)
{
	const struct objects *o = s->o;

	if (!get(s, s->slab, &o->slab_slab_cache, &s->cache) || !s->cache ||
	    !get(s, s->cache, &o->kmem_cache_size, &s->size) ||
	    !get(s, s->cache, &o->kmem_cache_object_size, &s->object_size) ||
	    !get(s, s->slab, &o->slab_objects, &s->count) || !s->size || s->object_size > s->size ||
	    s->size > 1 << 24 || s->count > OBJECTS_IN_SLAB)
		return false;
	get(s, s->cache, &o->kmem_cache_offset, &s->offset);
	if (o->kmem_cache_random.found && !get(s, s->cache, &o->kmem_cache_random, &s->random))
		return false;
	if (o->kmem_cache_red_left_pad.found)
		get(s, s->cache, &o->kmem_cache_red_left_pad, &s->pad);
	return s->pad < s->size && s->offset < s->size;
}

bool slab_object(const struct kernel *k, const struct objects *o, vaddr_t slab, vaddr_t start,
		 struct whatis *out)
{
	struct slab s = { .k = k, .o = o, .slab = slab, .start = start };
	uint64_t name, n;

	if (!read_cache(&s) || !get(&s, s.cache, &o->kmem_cache_name, &name) ||
	    space_read_str(&k->space, name, out->cache, sizeof(out->cache), NULL))
		return false;
	out->has_slab = true;
	out->slab = slab;
	out->object_size = s.object_size;
	n = (out->addr - start) / s.size;
	if (n >= s.count) {
		out->object_state = SLAB_PADDING;
		out->object = start + s.count * s.size;
		return true;
	}
	/* lists count from behind the red zone, which is what a user calls the object */
	s.start = start + s.pad;
	out->object = s.start + n * s.size;
	out->object_state = object_state(&s, out->object);
	return true;
}
