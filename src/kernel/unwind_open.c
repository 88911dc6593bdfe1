// SPDX-License-Identifier: GPL-3.0-or-later
/* Opening an unwinder, and many stacks at once: see unwind.h. */
#include <pthread.h>
#include <string.h>

#include "core/spread.h"
#include "kernel/unwind_priv.h"

#define THREADS_MAX 64

/* Facts ----------------------------------------------------------------------------- */

static void add_text(struct unwinder *u, const char *first, const char *last)
{
	vaddr_t start, end;

	if (kernel_symbol(u->k, first, &start) && kernel_symbol(u->k, last, &end) && start < end)
		u->texts[u->ntexts++] = (struct code_area){ .start = start, .size = end - start };
}

/* Stacks of all CPUs. */
static int find_areas(struct unwinder *u, struct kd_err *err)
{
	struct walk w = { .u = u, .windows = windows_new(&u->k->space) };
	struct unwind_view v;
	int rc = 0;

	if (!w.windows)
		return kd_nomem(err);
	unwinder_view(&w, &v);
	for (size_t c = 0; c < u->k->cpus.n && !rc; c++) {
		struct stack_area list[STACK_AREAS_MAX];
		size_t n = u->k->arch->cpu_stacks(&v, u->k->cpus.list[c].percpu, list);
		struct cpu_area *grown = reallocarray(u->areas, u->nareas + n + 1, sizeof(*grown));

		if (!grown) {
			rc = kd_nomem(err);
			break;
		}
		u->areas = grown;
		for (size_t i = 0; i < n; i++)
			grown[u->nareas++] = (struct cpu_area){ .area = list[i],
								.cpu = u->k->cpus.list[c].nr,
								.index = (unsigned)i };
	}
	free(w.windows);
	return rc;
}

static int fill(struct unwinder *u, unsigned flags, struct kd_err *err)
{
	const struct arch *a = u->k->arch;
	struct kd_err why = KD_ERR_INIT;
	int rc;

	if (!a->unwind || !a->unwind_open)
		return kd_fail(err, KD_UNSUPPORTED, "no unwinder for %s", a->name);
	rc = kernel_code_init(&u->code, u->k, err);
	if (rc)
		return rc;
	u->page = UINT64_C(1) << a->page_shift;
	u->stack_size = kernel_stack_size(u->k);
	add_text(u, "_stext", "_etext");
	add_text(u, "_sinittext", "_einittext");
	rc = a->unwind_open(&u->code.view, flags & UNWINDER_BARE, &u->tables, &why);
	if (rc)
		return kd_fail(err, rc, "%s", why.text);
	if (why.status && why.status != KD_NOTFOUND) {
		u->warning = strdup(why.text);
		if (!u->warning)
			return kd_nomem(err);
	}
	rc = a->cpu_stacks ? find_areas(u, err) : 0;
	if (rc || flags & UNWINDER_NO_LINES)
		return rc;
	if (!u->warning)
		u->warning = lines_lack(u->k, "");
	return lines_open(u->k, &u->lines, NULL) == KD_NOMEM ? kd_nomem(err) : 0;
}

int unwinder_open(const struct kernel *k, unsigned flags, struct unwinder **out, struct kd_err *err)
{
	struct unwinder *u = calloc(1, sizeof(*u));
	int rc;

	if (!u)
		return kd_nomem(err);
	u->k = k;
	rc = fill(u, flags, err);
	if (rc) {
		unwinder_close(u);
		return rc;
	}
	*out = u;
	return 0;
}

void unwinder_close(struct unwinder *u)
{
	if (!u)
		return;
	lines_close(u->lines);
	if (u->tables)
		u->k->arch->unwind_close(u->tables);
	if (u->code.k)
		kernel_code_fini(&u->code);
	free(u->areas);
	free(u->warning);
	free(u);
}

void unwinder_closep(struct unwinder **u)
{
	unwinder_close(*u);
}

const char *unwinder_warning(const struct unwinder *u)
{
	return u->warning;
}

const struct line_info *unwinder_line(const struct unwinder *u, vaddr_t pc)
{
	return u->lines ? lines_find(u->lines, pc) : NULL;
}

int unwinder_stack(const struct unwinder *u, const struct task *t, struct stack *out,
		   struct kd_err *err)
{
	_cleanup_(freep) struct windows *w = windows_new(&u->k->space);

	*out = (struct stack){ 0 };
	return w ? unwinder_walk(u, t, w, out, err) : kd_nomem(err);
}

/* Many at once ----------------------------------------------------------------------------- */

struct result {
	struct stack stack;
	bool done;
	int status;
};

struct crew {
	const struct unwinder *u;
	const struct task *const *tasks;
	struct result *results;
	size_t n, next; /* next: not taken yet */
	bool stopped;
	pthread_mutex_t lock; /* of next, stopped and results' done */
	pthread_cond_t ready;
};

static bool take(struct crew *c, size_t *i)
{
	bool ok;

	pthread_mutex_lock(&c->lock);
	ok = !c->stopped && c->next < c->n;
	if (ok)
		*i = c->next++;
	pthread_mutex_unlock(&c->lock);
	return ok;
}

/* One after the other until none is left. */
static void *work(void *data)
{
	struct crew *c = data;
	struct windows *w = windows_new(&c->u->k->space);
	size_t i;

	while (take(c, &i)) {
		struct result *r = &c->results[i];
		int status = w ? unwinder_walk(c->u, c->tasks[i], w, &r->stack, NULL) : KD_NOMEM;

		pthread_mutex_lock(&c->lock);
		r->status = status;
		r->done = true;
		pthread_cond_signal(&c->ready);
		pthread_mutex_unlock(&c->lock);
	}
	free(w);
	return NULL;
}

/* Hand out results in order, as they come. */
static int collect(struct crew *c, int (*each)(void *data, size_t i, struct stack *s), void *data,
		   struct kd_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < c->n && !rc; i++) {
		struct result *r = &c->results[i];

		pthread_mutex_lock(&c->lock);
		while (!r->done)
			pthread_cond_wait(&c->ready, &c->lock);
		pthread_mutex_unlock(&c->lock);
		rc = r->status ? kd_nomem(err) : each(data, i, &r->stack);
		stack_fini(&r->stack);
	}
	pthread_mutex_lock(&c->lock);
	c->stopped = true;
	pthread_mutex_unlock(&c->lock);
	return rc;
}

int unwinder_all(const struct unwinder *u, const struct task *const *tasks, size_t n,
		 unsigned threads, int (*each)(void *data, size_t i, struct stack *s), void *data,
		 struct kd_err *err)
{
	struct crew c = { .u = u, .tasks = tasks, .n = n };
	pthread_t ids[THREADS_MAX];
	unsigned started = 0;
	int rc;

	threads = threads ? threads : spread_cpus();
	threads = (unsigned)kd_min(kd_min(threads, THREADS_MAX), n ? n : 1);
	c.results = calloc(n ? n : 1, sizeof(*c.results));
	if (!c.results)
		return kd_nomem(err);
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.ready, NULL);
	while (started < threads && !pthread_create(&ids[started], NULL, work, &c))
		started++;
	if (!started)
		work(&c);
	rc = collect(&c, each, data, err);
	for (unsigned i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
	for (size_t i = 0; i < n; i++)
		stack_fini(&c.results[i].stack);
	pthread_cond_destroy(&c.ready);
	pthread_mutex_destroy(&c.lock);
	free(c.results);
	return rc;
}
