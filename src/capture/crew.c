// SPDX-License-Identifier: GPL-3.0-or-later
/* Who reads and compresses: see crew.h. */
#include "capture/crew.h"

#include "capture/scan.h"

#define STACK (256u << 10) /* of a thread */

/* A batch ---------------------------------------------------------------------------------- */

void batch_add(struct batch *b, pfn_t pfn, uint64_t index, bool hole)
{
	b->pages[b->n].index = index;
	b->hole[b->n] = hole;
	b->pfns[b->n++] = pfn;
	b->nread += !hole;
}

/* Pages that follow each other are read together; they lie one after the other, without holes. */
static void read_batch(const struct crew *c, struct batch *b)
{
	size_t page = (size_t)1 << c->opt.page_shift, at = 0;

	for (size_t i = 0, n; i < b->n; i += n) {
		for (n = 1; i + n < b->n && b->hole[i + n] == b->hole[i] &&
			    b->pfns[i + n] == b->pfns[i] + n;)
			n++;
		if (b->hole[i])
			continue;
		scan_read(c->opt.dump, c->opt.page_shift, b->pfns[i], n, b->in + at * page,
			  b->status + at);
		at += n;
	}
}

static void process(const struct crew *c, struct batch *b, struct compressor *with)
{
	size_t page = (size_t)1 << c->opt.page_shift, at = 0;

	b->len = 0;
	read_batch(c, b);
	for (size_t i = 0; i < b->n; i++) {
		struct kdump_page *p = &b->pages[i];

		p->len = p->flags = 0;
		p->lost = !b->hole[i] && b->status[at];
		p->status = p->lost ? b->status[at] : 0;
		if (!b->hole[i] && !p->lost && !scan_is_zero(b->in + at * page, page)) {
			p->len = (uint32_t)compress_page(with, b->in + at * page, b->out + b->len,
							 &p->flags);
			b->len += p->len;
		}
		at += !b->hole[i];
	}
}

/* Threads ---------------------------------------------------------------------------------- */

/* Process the next batch that nobody has taken. The lock is held, but not while it goes on. */
static void process_next(struct crew *c, struct compressor *with)
{
	struct batch *b = &c->batches[c->taken++ % c->nbatches];

	pthread_mutex_unlock(&c->lock);
	process(c, b, with);
	pthread_mutex_lock(&c->lock);
	b->done = true;
	pthread_cond_signal(&c->ready);
}

static void *work(void *data)
{
	struct crew *c = data;
	struct compressor *mine = NULL;

	/* Without memory for it, the others do the work. */
	if (compressor_new(c->opt.method, (size_t)1 << c->opt.page_shift, &mine, NULL))
		return NULL;
	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		if (c->taken == c->filled)
			pthread_cond_wait(&c->work, &c->lock);
		else
			process_next(c, mine);
	}
	pthread_mutex_unlock(&c->lock);
	compressor_free(mine);
	return NULL;
}

static int write_next(struct crew *c, struct kd_err *err)
{
	struct batch *b = &c->batches[c->written % c->nbatches];
	int ret;

	pthread_mutex_lock(&c->lock);
	while (!b->done) {
		if (c->taken < c->filled)
			process_next(c, c->compressor);
		else
			pthread_cond_wait(&c->ready, &c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	ret = c->opt.write(c->opt.data, b, err);
	c->written++;
	return ret;
}

int crew_batch(struct crew *c, struct batch **out, struct kd_err *err)
{
	int ret = c->filled - c->written == c->nbatches ? write_next(c, err) : 0;

	if (ret)
		return ret;
	*out = &c->batches[c->filled % c->nbatches];
	(*out)->n = (*out)->nread = 0;
	(*out)->done = false;
	return 0;
}

int crew_give(struct crew *c, struct batch *b, struct kd_err *err)
{
	(void)b; /* it is the one that crew_batch() gave */
	pthread_mutex_lock(&c->lock);
	c->filled++;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
	/* Alone, there is nothing to wait for. */
	return c->nthreads ? 0 : write_next(c, err);
}

int crew_finish(struct crew *c, struct kd_err *err)
{
	int ret = 0;

	while (!ret && c->written < c->filled)
		ret = write_next(c, err);
	return ret;
}

static void start_threads(struct crew *c)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr))
		return;
	pthread_attr_setstacksize(&attr, STACK);
	while (c->nthreads + 1 < kd_min(c->opt.workers, CREW_MAX) &&
	       !pthread_create(&c->threads[c->nthreads], &attr, work, c))
		c->nthreads++;
	pthread_attr_destroy(&attr);
}

int crew_init(struct crew *c, const struct crew_options *opt, struct kd_err *err)
{
	size_t page = (size_t)1 << opt->page_shift;
	int ret;

	*c = (struct crew){ .opt = *opt };
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->ready, NULL);
	ret = compressor_new(opt->method, page, &c->compressor, err);
	if (ret)
		return ret;
	c->nbatches = opt->workers > 1 ? 3 * (size_t)kd_min(opt->workers, CREW_MAX) : 1;
	c->batches = calloc(c->nbatches, sizeof(*c->batches));
	for (size_t i = 0; c->batches && i < c->nbatches; i++) {
		c->batches[i].in = malloc(BATCH_READ * page);
		c->batches[i].out = malloc(BATCH_READ * compress_bound(page));
		if (!c->batches[i].in || !c->batches[i].out)
			return kd_nomem(err);
	}
	if (!c->batches)
		return kd_nomem(err);
	start_threads(c);
	return 0;
}

void crew_fini(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->nthreads; i++)
		pthread_join(c->threads[i], NULL);
	for (size_t i = 0; c->batches && i < c->nbatches; i++) {
		free(c->batches[i].in);
		free(c->batches[i].out);
	}
	free(c->batches);
	compressor_free(c->compressor);
	pthread_cond_destroy(&c->ready);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
}
