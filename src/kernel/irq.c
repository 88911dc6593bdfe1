// SPDX-License-Identifier: GPL-3.0-or-later
/* Interrupt descriptors: see irq.h. */
#include "kernel/irq.h"

#include <inttypes.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/radix.h"

#define TREE_DEPTH 16 /* levels of a radix or maple tree */
#define SLOTS_MAX 64  /* of one node */

struct walk {
	const struct kernel *k;
	const struct objects *o;
	int (*step)(void *data, vaddr_t desc);
	void *data;
	uint32_t nodes; /* visited */
};

static int damaged(const struct walk *w, struct kd_err *err)
{
	return kd_fail(err, KD_CORRUPT,
		       "the tree of interrupts is damaged (after %" PRIu32 " nodes)", w->nodes);
}

/* The I-th pointer of an array at BASE. */
static int slot_read(const struct walk *w, vaddr_t base, uint64_t i, uint64_t *v,
		     struct kd_err *err)
{
	return space_read_ptr(&w->k->space, base + i * w->k->arch->ptr_size, v, err);
}

static uint64_t slots_of(const struct walk *w, const struct member *m)
{
	uint64_t n = m->count > 1 ? m->count : m->size / w->k->arch->ptr_size;

	return kd_min(n, SLOTS_MAX);
}

/* Radix tree --------------------------------------------------------------------- */

/* Past what is damaged; that is told when all the others were shown. */
static int xa_walk(struct walk *w, uint64_t root, struct kd_err *err)
{
	struct radix_walk r = { .space = &w->k->space,
				.slots = &w->o->xa_node_slots,
				.internal = 2,
				.step = w->step,
				.data = w->data };
	int ret = radix_walk(&r, root);

	w->nodes = (uint32_t)r.nodes;
	return !ret && r.missing ? damaged(w, err) : ret;
}

/* An encoded pointer to a node: bit 1 set, bit 0 not, and above small numbers. */
static bool is_node(uint64_t v)
{
	return (v & 3) == 2 && v > 4096;
}

/* Maple tree ---------------------------------------------------------------------- */

struct maple_level {
	vaddr_t slots, pivots;
	uint64_t n, next; /* slots */
	uint64_t max;	  /* largest index below this node */
	bool leaf, done;
};

/* An encoded node (mte_*, lib/maple_tree.c): 256 bytes aligned, its type from bit 3 on. */
static int maple_enter(struct walk *w, uint64_t enode, uint64_t max, struct maple_level *l,
		       struct kd_err *err)
{
	const struct objects *o = w->o;
	vaddr_t node = enode & ~UINT64_C(0xff);
	int64_t type = enode >> 3 & 0xf;
	bool arange = type == o->maple_arange_64.value;
	const struct member *slot = arange ? &o->maple_arange_slot : &o->maple_range_slot;
	const struct member *pivot = arange ? &o->maple_arange_pivot : &o->maple_range_pivot;
	uint64_t in = arange ? o->maple_node_arange.offset : o->maple_node_range.offset;

	if (!arange && type != o->maple_range_64.value && type != o->maple_leaf_64.value)
		return damaged(w, err);
	*l = (struct maple_level){
		.slots = node + in + slot->offset,
		.pivots = node + in + pivot->offset,
		.n = slots_of(w, slot),
		.max = max,
		.leaf = type == o->maple_leaf_64.value,
	};
	return 0;
}

/* The next slot and the largest index below it; a node ends where that reaches its own. */
static int maple_next(struct walk *w, struct maple_level *l, uint64_t *v, uint64_t *max,
		      struct kd_err *err)
{
	uint64_t i = l->next++;
	int ret = 0;

	*max = l->max;
	if (i + 1 < l->n)
		ret = slot_read(w, l->pivots, i, max, err);
	/* pivots that were never used are 0 */
	if (!ret && i && !*max)
		*max = l->max;
	l->done = *max >= l->max || l->next >= l->n;
	return ret ? ret : slot_read(w, l->slots, i, v, err);
}

static int maple_walk(struct walk *w, uint64_t root, struct kd_err *err)
{
	struct maple_level way[TREE_DEPTH];
	unsigned depth = 1;
	int ret;

	if (!is_node(root))
		return root && !(root & 3) ? w->step(w->data, root) : 0;
	ret = maple_enter(w, root, w->k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX, &way[0],
			  err);
	while (!ret && depth) {
		struct maple_level *l = &way[depth - 1];
		uint64_t v, max;

		if (l->done) {
			depth--;
			continue;
		}
		ret = maple_next(w, l, &v, &max, err);
		if (ret || !v)
			continue;
		if (l->leaf) {
			ret = v & 3 ? 0 : w->step(w->data, v);
		} else {
			if (depth == TREE_DEPTH || ++w->nodes > OBJECTS_MAX)
				return damaged(w, err);
			ret = maple_enter(w, v, max, &way[depth++], err);
		}
	}
	return ret;
}

static int missing(struct kd_err *err)
{
	return kd_fail(err, KD_NOTFOUND,
		       "interrupts can not be shown: the debug information lacks "
		       "the types of the tree they are kept in");
}

int irqs_walk(const struct kernel *k, const struct objects *o,
	      int (*step)(void *data, vaddr_t desc), void *data, struct kd_err *err)
{
	struct walk w = { .k = k, .o = o, .step = step, .data = data };
	const struct symbol *array;
	vaddr_t tree;
	uint64_t root;
	int ret = 0;

	if (kernel_symbol(k, "sparse_irqs", &tree)) {
		if (!o->maple_tree_root.found || !o->maple_range_slot.found ||
		    !o->maple_arange_slot.found || !o->maple_leaf_64.found ||
		    !o->maple_range_64.found || !o->maple_arange_64.found)
			return missing(err);
		ret = object_read(k, o, tree, &o->maple_tree_root, &root, err);
		return ret ? ret : maple_walk(&w, root, err);
	}
	if (kernel_symbol(k, "irq_desc_tree", &tree)) {
		if (!o->radix_tree_head.found || !o->xa_node_slots.found)
			return missing(err);
		ret = object_read(k, o, tree, &o->radix_tree_head, &root, err);
		return ret ? ret : xa_walk(&w, root, err);
	}
	array = symbols_by_name(k->symbols, "irq_desc");
	if (!array || !o->size_irq_desc)
		return kd_fail(err, KD_NOTFOUND,
			       "where the kernel keeps its interrupts is not known");
	for (uint64_t i = 0; i < array->size / o->size_irq_desc && i < OBJECTS_MAX && !ret; i++)
		ret = step(data, array->addr + i * o->size_irq_desc);
	return ret;
}

bool irq_count(const struct kernel *k, const struct objects *o, vaddr_t desc, uint64_t *count)
{
	uint64_t stat, n, mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	bool known = false;

	*count = 0;
	if (object_read(k, o, desc, &o->irq_desc_kstat, &stat, NULL))
		return false;
	for (size_t i = 0; i < k->cpus.n; i++) {
		vaddr_t at = (stat + k->cpus.list[i].percpu + o->irqstat_cnt.offset) & mask;

		if (space_read_uint(&k->space, at, 4, &n, NULL))
			continue;
		known = true;
		*count += n;
	}
	return known;
}
