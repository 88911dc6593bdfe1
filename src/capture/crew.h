/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who reads and compresses: batches of pages go through a ring, are processed by whichever thread
 * is free, and are written in the order they were given. The caller's thread is one of them: when
 * it has to wait for a batch, it takes one itself.
 *
 * Memory needed: 0.6 MB for each batch, of which there are three for each thread, and one where
 * there is no other.
 */
#ifndef KD_CAPTURE_CREW_H
#define KD_CAPTURE_CREW_H

#include <pthread.h>

#include "capture/compress.h"
#include "capture/kdump_file.h"
#include "capture/value.h"

#define BATCH_PAGES 1024u
#define BATCH_READ 64u /* of which so many are read, the others being holes */
#define CREW_MAX 32u

/* Pages on their way. */
struct batch {
	size_t n, nread;
	pfn_t pfns[BATCH_PAGES];
	struct kdump_page pages[BATCH_PAGES]; /* index: who gives it; the rest: who processes it */
	bool hole[BATCH_PAGES]; /* known as zeros: not to be read */
	int status[BATCH_READ]; /* of those read: how one is lost */
	enum value_tier tier;
	uint8_t *in, *out; /* pages read; what they are compressed to */
	size_t len;
	bool done; /* guarded by the crew's lock */
};

struct crew_options {
	const struct dump *dump;
	unsigned page_shift;
	const struct compress_method *method;
	unsigned workers; /* threads, the caller's among them; 1 at least */
	/* Write a batch; called by the caller's thread alone. Errors go on to who gave a batch. */
	int (*write)(void *data, const struct batch *b, struct kd_err *err);
	void *data;
};

struct crew {
	struct crew_options opt;
	struct batch *batches; /* a ring */
	size_t nbatches;
	/* Batches, ever. TAKEN and what a batch has between that and DONE: guarded by the lock. */
	uint64_t filled, taken, written;
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t work, ready;
	pthread_t threads[CREW_MAX];
	unsigned nthreads;
	struct compressor *compressor; /* the caller's */
};

/* KD_NOMEM; crew_fini() in any case. Fewer threads than were asked for are no failure. */
int crew_init(struct crew *c, const struct crew_options *opt, struct kd_err *err);
void crew_fini(struct crew *c);

/* An empty batch to fill; older ones may be written for it. Errors: write()'s. */
int crew_batch(struct crew *c, struct batch **out, struct kd_err *err);

/* One more page for a batch that is not full. HOLE: it is known to be zeros. */
void batch_add(struct batch *b, pfn_t pfn, uint64_t index, bool hole);

static inline bool batch_is_full(const struct batch *b)
{
	return b->n == BATCH_PAGES || b->nread == BATCH_READ;
}

/* It is filled. Errors as above. */
int crew_give(struct crew *c, struct batch *b, struct kd_err *err);

/* Write all that were given. Errors as above. */
int crew_finish(struct crew *c, struct kd_err *err);

#endif
