/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walking any linked list of the kernel: circular (list_head), ended by NULL (hlist,
 * llist, plain next pointers). Loops that do not come back to the start are found.
 */
#ifndef KD_KERNEL_LISTWALK_H
#define KD_KERNEL_LISTWALK_H

#include "core/err.h"

struct space;

enum list_end {
	LIST_NULL,	/* a next pointer that is NULL */
	LIST_START,	/* back at the start */
	LIST_LOOP,	/* back at an entry in the middle: the list is damaged */
	LIST_MISSING,	/* the next entry's memory is missing */
	LIST_LIMIT,	/* more entries than were wanted */
	LIST_STOPPED,	/* by the visitor */
	LIST_POISON,	/* the next pointer has odd low bits, or is no address at all */
};

struct list_walk {
	const struct space *space;
	vaddr_t start;	   /* of the first entry, or of the head */
	bool is_head;	   /* the start is a head, no entry itself: its pointer is at offset 0 */
	uint64_t offset;   /* bytes from an entry to its pointer to the next */
	bool back;	   /* by what lies behind that pointer, as prev does in a list_head */
	bool plain;	   /* pointers lead to entries, not to the pointers in them */
	uint64_t limit;	   /* entries */
	/* An entry; nonzero stops. */
	int (*entry)(void *data, vaddr_t entry);
	void *data;

	/* Results */
	uint64_t n;	   /* entries visited */
	vaddr_t last;	   /* pointer that the walk ended at */
	int status;	   /* LIST_MISSING: how */
};

enum list_end list_walk(struct list_walk *w);

/*
 * For walks of other kinds, Brent's way to find a loop: a mark that moves up at powers of
 * two is met again by whoever runs in a ring. A zeroed struct is ready.
 */
struct list_loop {
	vaddr_t mark;
	uint64_t steps, power;
};

/* The walk comes to NODE, not 0; true: it was there. */
static inline bool list_loop_met(struct list_loop *l, vaddr_t node)
{
	if (node == l->mark)
		return true;
	if (l->steps++ == l->power) {
		l->mark = node;
		l->power = 2 * l->power + 1;
	}
	return false;
}

#endif
