// SPDX-License-Identifier: GPL-3.0-or-later
/* Walking lists: see listwalk.h. */
#include "kernel/listwalk.h"

#include "core/space.h"

/* LIST_POISON1, 2 and what lies in the first page are no addresses; low bits are flags. */
static bool is_odd(const struct list_walk *w, vaddr_t v)
{
	return v < 4096 || v & (w->space->arch->ptr_size - 1);
}

/* Brent: a mark that moves up at powers of two is met again by whoever runs in a ring. */
enum list_end list_walk(struct list_walk *w)
{
	uint64_t mask = w->space->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	vaddr_t start = (w->start + (w->is_head ? 0 : w->offset)) & mask;
	vaddr_t link = start, mark = start;
	uint64_t power = 1, ptr = w->space->arch->ptr_size, v;

	w->n = 0;
	for (uint64_t steps = 0;;) {
		if (steps || !w->is_head) {
			if (w->n >= w->limit)
				return LIST_LIMIT;
			if (w->entry(w->data, (link - w->offset) & mask))
				return LIST_STOPPED;
			w->n++;
		}
		w->last = link;
		w->status = space_read_ptr(w->space, (link + (w->back ? ptr : 0)) & mask, &v, NULL);
		if (w->status)
			return LIST_MISSING;
		w->last = v;
		link = (w->plain ? v + w->offset : v) & mask;
		if (!v)
			return LIST_NULL;
		if (link == start)
			return LIST_START;
		if (link == mark)
			return LIST_LOOP;
		if (is_odd(w, v))
			return LIST_POISON;
		if (++steps == power) {
			mark = link;
			power *= 2;
		}
	}
}
