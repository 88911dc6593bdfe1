// SPDX-License-Identifier: GPL-3.0-or-later
/* Which pages were read: see page_trace.h. A hash table of page frames, open addressing. */
#include "core/page_trace.h"

#include <pthread.h>

#define SLOTS_FIRST 4096u
#define PURPOSE_BITS 8

struct page_trace {
	pthread_mutex_t lock; /* of all that follows */
	unsigned shift, purpose;
	uint64_t *slots; /* (pfn + 1) << PURPOSE_BITS | purpose; 0: free */
	size_t nslots, n;
};

int page_trace_new(unsigned shift, struct page_trace **out, struct kd_err *err)
{
	struct page_trace *t = calloc(1, sizeof(*t));

	if (!t)
		return kd_nomem(err);
	t->shift = shift;
	t->nslots = SLOTS_FIRST;
	t->slots = calloc(t->nslots, sizeof(*t->slots));
	if (!t->slots) {
		free(t);
		return kd_nomem(err);
	}
	pthread_mutex_init(&t->lock, NULL);
	*out = t;
	return 0;
}

void page_trace_free(struct page_trace *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t->slots);
	free(t);
}

void page_trace_purpose(struct page_trace *t, unsigned purpose)
{
	pthread_mutex_lock(&t->lock);
	t->purpose = purpose;
	pthread_mutex_unlock(&t->lock);
}

static uint64_t *find_slot(uint64_t *slots, size_t nslots, pfn_t pfn)
{
	size_t i = (size_t)(pfn * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (nslots - 1);

	while (slots[i] && slots[i] >> PURPOSE_BITS != pfn + 1)
		i = (i + 1) & (nslots - 1);
	return &slots[i];
}

/* Twice the room; false: there is no memory, and what is new is not remembered. */
static bool grow(struct page_trace *t)
{
	uint64_t *slots = calloc(2 * t->nslots, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < t->nslots; i++)
		if (t->slots[i])
			*find_slot(slots, 2 * t->nslots, (t->slots[i] >> PURPOSE_BITS) - 1) =
				t->slots[i];
	free(t->slots);
	t->slots = slots;
	t->nslots *= 2;
	return true;
}

void page_trace_add(struct page_trace *t, paddr_t pa, size_t len)
{
	pfn_t last = len ? (pa + len - 1) >> t->shift : 0;

	pthread_mutex_lock(&t->lock);
	for (pfn_t pfn = pa >> t->shift; len && pfn <= last && t->n < PAGE_TRACE_MAX; pfn++) {
		uint64_t *slot = find_slot(t->slots, t->nslots, pfn);

		if (*slot)
			continue;
		if (2 * (t->n + 1) > t->nslots) {
			if (!grow(t))
				break;
			slot = find_slot(t->slots, t->nslots, pfn);
		}
		*slot = (pfn + 1) << PURPOSE_BITS | t->purpose;
		t->n++;
	}
	pthread_mutex_unlock(&t->lock);
}

static int by_purpose(const void *a, const void *b)
{
	const struct traced_page *x = a, *y = b;

	if (x->purpose != y->purpose)
		return x->purpose < y->purpose ? -1 : 1;
	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

int page_trace_list(const struct page_trace *t, struct traced_page **out, size_t *n,
		    struct kd_err *err)
{
	struct traced_page *list = malloc((t->n + 1) * sizeof(*list));

	if (!list)
		return kd_nomem(err);
	*n = 0;
	for (size_t i = 0; i < t->nslots; i++)
		if (t->slots[i])
			list[(*n)++] = (struct traced_page){
				.pfn = (t->slots[i] >> PURPOSE_BITS) - 1,
				.purpose = t->slots[i] & ((1u << PURPOSE_BITS) - 1),
			};
	qsort(list, *n, sizeof(*list), by_purpose);
	*out = list;
	return 0;
}
