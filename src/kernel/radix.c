// SPDX-License-Identifier: GPL-3.0-or-later
/* Radix trees: see radix.h. */
#include "kernel/radix.h"

#include "core/arch.h"
#include "core/space.h"
#include "kernel/objects.h"

#define DEPTH 16     /* levels: 64 bits at 4 bits a level */
#define SLOTS_MAX 64 /* of one node */

static bool is_node(const struct radix_walk *r, uint64_t v)
{
	return (v & 3) == r->internal && v > 4096;
}

static void miss(struct radix_walk *r, int status)
{
	if (!r->missing++)
		r->status = status;
}

int radix_walk(struct radix_walk *r, uint64_t root)
{
	unsigned ptr = r->space->arch->ptr_size;
	uint64_t n = r->slots->count > 1 ? r->slots->count : r->slots->size / ptr, v = root;
	struct {
		vaddr_t node;
		uint64_t next;
	} way[DEPTH];
	unsigned depth = 0;
	int ret = 0, status = 0;

	n = kd_min(n, SLOTS_MAX);
	/* index 0 alone needs no node */
	if (root && !(root & 3)) {
		r->entries++;
		return r->step(r->data, root);
	}
	for (;;) {
		if (status) {
			miss(r, status);
		} else if (is_node(r, v) && depth == DEPTH) {
			miss(r, KD_CORRUPT);
		} else if (is_node(r, v)) {
			if (++r->nodes > OBJECTS_MAX) {
				miss(r, KD_CORRUPT);
				return 0;
			}
			way[depth].node = v - r->internal;
			way[depth++].next = 0;
		} else if (depth && v && !(v & 3)) {
			r->entries++;
			ret = r->step(r->data, v);
		}
		while (depth && way[depth - 1].next >= n)
			depth--;
		if (!depth || ret)
			return ret;
		status = space_read_ptr(r->space,
					way[depth - 1].node + r->slots->offset +
						way[depth - 1].next++ * ptr,
					&v, NULL);
	}
}
