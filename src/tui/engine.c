// SPDX-License-Identifier: GPL-3.0-or-later
/* The engine thread: see engine.h. */
#include "tui/engine.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "ui/line_doc.h"
#include "ui/parts.h"
#include "ui/signals.h"
#include "ui/user.h"

#define CLOSE_SECONDS 5 /* for the thread to end; a gdb that sits idle has one of its own */

struct job {
	struct job *next;
	uint64_t id;
	char *line;
};

struct result {
	struct result *next;
	struct answer answer;
};

struct lane_state {
	struct engine *engine;
	enum lane lane;
	struct session_face face;
	struct session *session; /* the thread's */

	/* Below: under the engine's lock. */
	struct job *first, **last;
	bool busy;
	uint64_t running; /* what is busy: a line's id; 0: opening */
	bool forgotten;	  /* nobody waits for what is running */
	bool cancel;
	uint64_t began;
	char what[96];
};

struct engine {
	pthread_t thread;
	pthread_mutex_t lock;
	int wake;	   /* eventfd: to the thread; gdb's pump looks at it too */
	int ready;	   /* eventfd: to the face */
	atomic_bool hurry; /* the thread is to end */
	struct session_options opt;

	struct lane_state lanes[LANES];
	const struct task *task; /* the current one of both sessions; the thread's */

	/* Under the lock. */
	const struct kernel *kernel;
	bool failed, retry;
	struct result *first, **last;
	uint64_t next_id;
};

void answer_fini(struct answer *a)
{
	doc_fini(&a->doc);
}

static void poke(int fd)
{
	const uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}

static void drain(int fd)
{
	uint64_t n;

	(void)!read(fd, &n, sizeof(n));
}

/* What goes on, as the sessions and the kernel being opened tell it ------------- */

static void say(struct lane_state *l, const char *what)
{
	struct engine *e = l->engine;
	bool changed;

	pthread_mutex_lock(&e->lock);
	changed = strncmp(l->what, what, sizeof(l->what) - 1) != 0;
	snprintf(l->what, sizeof(l->what), "%s", what);
	pthread_mutex_unlock(&e->lock);
	if (changed)
		poke(e->ready);
}

static bool on_step(void *data, const char *what)
{
	struct lane_state *l = data;

	say(l, what);
	return !atomic_load(&l->engine->hurry) && !signals_pending();
}

static void on_progress(void *data, const char *text)
{
	say(data, text);
}

static void run_lane(struct engine *e, enum lane lane);

/* gdb is awaited: the time of the native lane. */
static bool on_tick(void *data, const char *what, unsigned elapsed_ms)
{
	struct lane_state *l = data;
	struct engine *e = l->engine;
	char text[96];
	bool cancel;

	(void)elapsed_ms;
	drain(e->wake);
	snprintf(text, sizeof(text), "gdb: %s", what);
	say(l, text);
	if (!atomic_load(&e->hurry))
		run_lane(e, LANE_NATIVE);
	pthread_mutex_lock(&e->lock);
	cancel = l->cancel;
	pthread_mutex_unlock(&e->lock);
	/* For the commands' own loops around their questions to gdb. */
	if (cancel)
		signals_ask(SIGINT);
	return !cancel && !atomic_load(&e->hurry);
}

/* Lines -------------------------------------------------------------------------- */

static void job_free(struct job *j)
{
	free(j->line);
	free(j);
}

/* The next line of a lane, which then is busy with it; NULL: there is none. */
static struct job *begin(struct lane_state *l)
{
	struct engine *e = l->engine;
	struct job *j;

	pthread_mutex_lock(&e->lock);
	j = l->busy ? NULL : l->first;
	if (j) {
		l->first = j->next;
		if (!l->first)
			l->last = &l->first;
		l->busy = true;
		l->running = j->id;
		l->forgotten = l->cancel = false;
		l->began = clock_ms();
		snprintf(l->what, sizeof(l->what), "%s", j->line);
		/* An old one that found nothing to cancel. */
		signals_forget(SIGINT);
	}
	pthread_mutex_unlock(&e->lock);
	return j;
}

/* R is given to the face, or dropped when that has lost interest. */
static void finish(struct lane_state *l, struct result *r)
{
	struct engine *e = l->engine;

	pthread_mutex_lock(&e->lock);
	r->answer.ms = (unsigned)(clock_ms() - l->began);
	l->busy = false;
	signals_forget(SIGINT);
	if (!l->forgotten) {
		*e->last = r;
		e->last = &r->next;
		r = NULL;
	}
	pthread_mutex_unlock(&e->lock);
	if (r) {
		answer_fini(&r->answer);
		free(r);
	}
	poke(e->ready);
}

static bool take_retry(struct engine *e)
{
	bool retry;

	pthread_mutex_lock(&e->lock);
	retry = e->retry;
	e->retry = false;
	pthread_mutex_unlock(&e->lock);
	return retry;
}

static void run_job(struct lane_state *l, struct job *j, struct result *r)
{
	struct engine *e = l->engine;
	struct session *s = l->session;
	const struct task *before = e->task;

	r->answer.id = j->id;
	r->answer.lane = l->lane;
	doc_init(&r->answer.doc, NULL);
	s->task = before;
	s->gdb_adds = false;
	if (take_retry(e))
		session_retry(e->lanes[LANE_GDB].session);
	r->answer.status = line_doc(s, j->line, &r->answer.doc, &r->answer.err);
	r->answer.gdb_adds = s->gdb_adds;
	session_progress_end(s);
	/* A line of the other lane may have chosen one meanwhile. */
	if (s->task != before)
		e->task = s->task;
}

/* Every line that waits in a lane. */
static void run_lane(struct engine *e, enum lane lane)
{
	struct lane_state *l = &e->lanes[lane];
	struct job *j;

	while (!atomic_load(&e->hurry) && (j = begin(l))) {
		struct result *r = calloc(1, sizeof(*r));

		if (r) {
			run_job(l, j, r);
			finish(l, r);
		} else {
			/* Its view waits in vain; there is no memory to say so. */
			pthread_mutex_lock(&e->lock);
			l->busy = false;
			pthread_mutex_unlock(&e->lock);
		}
		job_free(j);
	}
}

/* One line of the gdb lane: those that came meanwhile for the native one go first. */
static bool run_one(struct engine *e)
{
	struct lane_state *l = &e->lanes[LANE_GDB];
	struct job *j;
	struct result *r;

	run_lane(e, LANE_NATIVE);
	if (atomic_load(&e->hurry) || !(j = begin(l)))
		return false;
	r = calloc(1, sizeof(*r));
	if (r) {
		run_job(l, j, r);
		finish(l, r);
	}
	job_free(j);
	return true;
}

/* The thread --------------------------------------------------------------------- */

static struct session_options lane_options(const struct engine *e, enum lane lane)
{
	struct session_options opt = e->opt;

	opt.face = &e->lanes[lane].face;
	if (lane == LANE_GDB)
		return opt;
	opt.trace_path = NULL;
	opt.later = LATER_ADDS;
	if (opt.engine == ENGINE_NATIVE)
		opt.later = LATER_NEVER;
	else if (opt.engine == ENGINE_GDB)
		opt.later = LATER_FRAMES;
	opt.engine = ENGINE_NATIVE;
	return opt;
}

static int open_sessions(struct engine *e, struct kd_err *err)
{
	struct session_options native = lane_options(e, LANE_NATIVE);
	struct session_options gdb = lane_options(e, LANE_GDB);
	struct session *s = NULL;
	int ret = session_open(&native, &s, err);

	if (ret)
		return ret;
	e->lanes[LANE_NATIVE].session = s;
	e->task = s->task;
	ret = session_second(s, &gdb, &e->lanes[LANE_GDB].session, err);
	if (ret)
		return ret;
	user_read_rc(s);
	pthread_mutex_lock(&e->lock);
	e->kernel = s->k;
	pthread_mutex_unlock(&e->lock);
	return 0;
}

static void *thread_main(void *data)
{
	struct engine *e = data;
	struct lane_state *native = &e->lanes[LANE_NATIVE];
	struct result *r = calloc(1, sizeof(*r));
	int ret = KD_NOMEM;

	if (r) {
		doc_init(&r->answer.doc, NULL);
		ret = r->answer.status = open_sessions(e, &r->answer.err);
		pthread_mutex_lock(&e->lock);
		e->failed = ret != 0;
		pthread_mutex_unlock(&e->lock);
		finish(native, r);
	}
	while (!ret && !atomic_load(&e->hurry)) {
		struct pollfd p = { .fd = e->wake, .events = POLLIN };

		while (run_one(e))
			;
		/* A wait for gdb may have taken the wake-up that came with it. */
		if (atomic_load(&e->hurry))
			break;
		poll(&p, 1, -1);
		drain(e->wake);
	}
	session_close(e->lanes[LANE_GDB].session);
	session_close(native->session);
	return NULL;
}

static void lane_init(struct engine *e, enum lane lane)
{
	struct lane_state *l = &e->lanes[lane];

	l->engine = e;
	l->lane = lane;
	l->last = &l->first;
	l->face = (struct session_face){
		.data = l,
		.step = on_step,
		.tick = on_tick,
		.progress = on_progress,
		.wake_fd = e->wake,
		.hurry = &e->hurry,
	};
}

/* Not before its thread has ended. */
static void engine_free(struct engine *e)
{
	struct result *r;
	struct job *j;

	while ((r = e->first)) {
		e->first = r->next;
		answer_fini(&r->answer);
		free(r);
	}
	for (size_t i = 0; i < LANES; i++) {
		while ((j = e->lanes[i].first)) {
			e->lanes[i].first = j->next;
			job_free(j);
		}
	}
	closep(&e->wake);
	closep(&e->ready);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

int engine_open(const struct session_options *opt, struct engine **out, struct kd_err *err)
{
	struct engine *e = calloc(1, sizeof(*e));
	int error;

	if (!e)
		return kd_nomem(err);
	e->opt = *opt;
	e->last = &e->first;
	e->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	e->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&e->lock, NULL);
	atomic_init(&e->hurry, false);
	lane_init(e, LANE_NATIVE);
	lane_init(e, LANE_GDB);
	/* Opening is the native lane's first work. */
	e->lanes[LANE_NATIVE].busy = true;
	e->lanes[LANE_NATIVE].began = clock_ms();
	error = e->wake < 0 || e->ready < 0 ? errno : 0;
	if (!error)
		error = pthread_create(&e->thread, NULL, thread_main, e);
	if (error) {
		engine_free(e);
		return kd_fail(err, KD_IO, "cannot start a thread: %s", strerror(error));
	}
	*out = e;
	return 0;
}

void engine_close(struct engine *e)
{
	struct timespec until;

	if (!e)
		return;
	atomic_store(&e->hurry, true);
	signals_ask(SIGINT);
	poke(e->wake);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += CLOSE_SECONDS;
	if (pthread_timedjoin_np(e->thread, NULL, &until)) {
		pthread_detach(e->thread);
		return;
	}
	signals_forget(SIGINT);
	engine_free(e);
}

/* The face's side ---------------------------------------------------------------- */

const struct kernel *engine_kernel(const struct engine *e)
{
	/* The lock is no part of what is told. */
	struct engine *m = e->lanes[0].engine;
	const struct kernel *k;

	pthread_mutex_lock(&m->lock);
	k = m->kernel;
	pthread_mutex_unlock(&m->lock);
	return k;
}

bool engine_failed(const struct engine *e)
{
	struct engine *m = e->lanes[0].engine;
	bool failed;

	pthread_mutex_lock(&m->lock);
	failed = m->failed;
	pthread_mutex_unlock(&m->lock);
	return failed;
}

void engine_retry(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->retry = true;
	pthread_mutex_unlock(&e->lock);
}

uint64_t engine_submit(struct engine *e, enum lane lane, const char *line)
{
	struct lane_state *l = &e->lanes[lane];
	struct job *j = calloc(1, sizeof(*j));
	uint64_t id;

	if (j)
		j->line = strdup(line);
	if (!j || !j->line) {
		free(j);
		return 0;
	}
	pthread_mutex_lock(&e->lock);
	id = j->id = ++e->next_id;
	*l->last = j;
	l->last = &j->next;
	pthread_mutex_unlock(&e->lock);
	poke(e->wake);
	return id;
}

int engine_fd(const struct engine *e)
{
	return e->ready;
}

bool engine_take(struct engine *e, struct answer *out)
{
	struct result *r;

	drain(e->ready);
	pthread_mutex_lock(&e->lock);
	r = e->first;
	if (r) {
		e->first = r->next;
		if (!e->first)
			e->last = &e->first;
	}
	pthread_mutex_unlock(&e->lock);
	if (!r)
		return false;
	*out = r->answer;
	doc_move(&out->doc, &r->answer.doc);
	free(r);
	return true;
}

bool engine_progress(const struct engine *e, enum lane lane, char *what, size_t size,
		     unsigned *elapsed_ms)
{
	struct engine *m = e->lanes[0].engine;
	const struct lane_state *l = &m->lanes[lane];
	bool busy;

	pthread_mutex_lock(&m->lock);
	busy = l->busy;
	if (busy) {
		snprintf(what, size, "%s", l->what);
		*elapsed_ms = (unsigned)(clock_ms() - l->began);
	}
	pthread_mutex_unlock(&m->lock);
	return busy;
}

void engine_cancel(struct engine *e, enum lane lane)
{
	pthread_mutex_lock(&e->lock);
	if (e->lanes[lane].busy) {
		e->lanes[lane].cancel = true;
		/* A native line runs inside a wait of the gdb lane, which hears of it behind it. */
		if (lane == LANE_NATIVE || !e->lanes[LANE_NATIVE].busy)
			signals_ask(SIGINT);
	}
	pthread_mutex_unlock(&e->lock);
	poke(e->wake);
}

/* Take a line out of a queue; false: it is not there. */
static bool drop_job(struct lane_state *l, uint64_t id)
{
	for (struct job **p = &l->first; *p; p = &(*p)->next) {
		struct job *j = *p;

		if (j->id != id)
			continue;
		*p = j->next;
		if (!*p)
			l->last = p;
		job_free(j);
		return true;
	}
	return false;
}

static struct result *drop_result(struct engine *e, uint64_t id)
{
	for (struct result **p = &e->first; *p; p = &(*p)->next) {
		struct result *r = *p;

		if (r->answer.id != id)
			continue;
		*p = r->next;
		if (!*p)
			e->last = p;
		return r;
	}
	return NULL;
}

void engine_forget(struct engine *e, uint64_t id)
{
	struct result *r;

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < LANES; i++) {
		struct lane_state *l = &e->lanes[i];

		if (l->busy && l->running == id)
			l->forgotten = true;
		else
			drop_job(l, id);
	}
	r = drop_result(e, id);
	pthread_mutex_unlock(&e->lock);
	if (!r)
		return;
	answer_fini(&r->answer);
	free(r);
}
