// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The page cache: see page_cache.h. Each shard is a hash table with chains, over a ring of slots
 * that a clock hand goes round: a page that was used since the hand's last visit stays.
 */
#include "core/page_cache.h"

#include <pthread.h>
#include <string.h>

#define SHARDS_MAX 16
#define NONE UINT32_MAX
/* Pages that threads are bringing; beyond that a page may be brought twice. */
#define PENDING_MAX 16

struct slot {
	pfn_t pfn;
	uint8_t *page; /* NULL: empty */
	uint32_t next; /* in the chain */
	bool used;     /* since the hand passed */
};

struct shard {
	_Alignas(64) pthread_mutex_t lock;
	struct slot *slots;
	uint32_t *chains; /* by hash: the first slot */
	uint32_t hand;
	pthread_cond_t brought;
	pfn_t pending[PENDING_MAX];
	unsigned npending;
};

struct page_cache {
	size_t page_size;
	uint32_t nshards;
	uint32_t nslots, nchains; /* of each shard; chains are a power of two */
	struct shard shards[SHARDS_MAX];
};

static uint64_t hash(pfn_t pfn)
{
	/* the golden ratio: neighbours go far apart in the upper half */
	return pfn * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}

static struct shard *shard_of(struct page_cache *c, pfn_t pfn)
{
	return &c->shards[hash(pfn) >> 16 & (c->nshards - 1)];
}

static uint32_t *chain_of(const struct page_cache *c, struct shard *s, pfn_t pfn)
{
	return &s->chains[hash(pfn) & (c->nchains - 1)];
}

static bool shard_init(struct page_cache *c, struct shard *s)
{
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->brought, NULL);
	s->slots = calloc(c->nslots, sizeof(*s->slots));
	s->chains = calloc(c->nchains, sizeof(*s->chains));
	if (!s->slots || !s->chains)
		return false;
	for (uint32_t i = 0; i < c->nchains; i++)
		s->chains[i] = NONE;
	return true;
}

int page_cache_new(size_t page_size, size_t pages, struct page_cache **out, struct kd_err *err)
{
	struct page_cache *c = aligned_alloc(64, sizeof(*c));
	bool good = true;

	if (!c)
		return kd_nomem(err);
	memset(c, 0, sizeof(*c));
	c->page_size = page_size;
	c->nshards = pages >= SHARDS_MAX * SHARDS_MAX ? SHARDS_MAX : 1;
	c->nslots = (uint32_t)(kd_min(pages, UINT32_MAX / 4) / c->nshards);
	c->nslots += !c->nslots;
	for (c->nchains = 1; c->nchains < c->nslots; c->nchains *= 2)
		;
	for (uint32_t i = 0; i < c->nshards; i++)
		good &= shard_init(c, &c->shards[i]);
	if (!good) {
		page_cache_free(c);
		return kd_nomem(err);
	}
	*out = c;
	return 0;
}

void page_cache_free(struct page_cache *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->nshards; i++) {
		struct shard *s = &c->shards[i];

		for (uint32_t k = 0; s->slots && k < c->nslots; k++)
			free(s->slots[k].page);
		free(s->slots);
		free(s->chains);
		pthread_cond_destroy(&s->brought);
		pthread_mutex_destroy(&s->lock);
	}
	free(c);
}

static struct slot *find(const struct page_cache *c, struct shard *s, pfn_t pfn)
{
	for (uint32_t i = *chain_of(c, s, pfn); i != NONE; i = s->slots[i].next)
		if (s->slots[i].pfn == pfn)
			return &s->slots[i];
	return NULL;
}

/* PFN's place among those that are being brought; npending: it is not. */
static unsigned find_pending(const struct shard *s, pfn_t pfn)
{
	unsigned i = 0;

	while (i < s->npending && s->pending[i] != pfn)
		i++;
	return i;
}

bool page_cache_read(struct page_cache *c, pfn_t pfn, size_t off, void *buf, size_t len)
{
	struct shard *s = shard_of(c, pfn);
	struct slot *slot;

	pthread_mutex_lock(&s->lock);
	while (!(slot = find(c, s, pfn)) && find_pending(s, pfn) < s->npending)
		pthread_cond_wait(&s->brought, &s->lock);
	if (slot) {
		slot->used = true;
		memcpy(buf, slot->page + off, len);
	} else if (s->npending < PENDING_MAX) {
		s->pending[s->npending++] = pfn;
	}
	pthread_mutex_unlock(&s->lock);
	return slot != NULL;
}

/* Empty the first slot that the hand finds unused; ends, as it clears the marks it passes. */
static uint32_t make_room(const struct page_cache *c, struct shard *s)
{
	uint32_t i, *link;

	while (s->slots[s->hand].page && s->slots[s->hand].used) {
		s->slots[s->hand].used = false;
		s->hand = (s->hand + 1) % c->nslots;
	}
	i = s->hand;
	s->hand = (s->hand + 1) % c->nslots;
	if (!s->slots[i].page)
		return i;
	for (link = chain_of(c, s, s->slots[i].pfn); *link != i;)
		link = &s->slots[*link].next;
	*link = s->slots[i].next;
	free(s->slots[i].page);
	return i;
}

static void insert(struct page_cache *c, struct shard *s, pfn_t pfn, uint8_t *page)
{
	uint32_t *chain = chain_of(c, s, pfn), i = make_room(c, s);

	s->slots[i] = (struct slot){ .pfn = pfn, .page = page, .next = *chain };
	*chain = i;
}

void page_cache_give(struct page_cache *c, pfn_t pfn, uint8_t *page)
{
	struct shard *s = shard_of(c, pfn);
	unsigned pending;

	pthread_mutex_lock(&s->lock);
	pending = find_pending(s, pfn);
	if (pending < s->npending) {
		s->pending[pending] = s->pending[--s->npending];
		pthread_cond_broadcast(&s->brought);
	}
	/* it may be here already, should there have been no room to note that it is brought */
	if (page && find(c, s, pfn))
		free(page);
	else if (page)
		insert(c, s, pfn, page);
	pthread_mutex_unlock(&s->lock);
}
