// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing a kdump-compressed file: see job.h. */
#include "capture/job.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "capture/crew.h"
#include "capture/kdump_file.h"
#include "capture/scan.h"

#define PFN_MAX (UINT64_C(1) << 40) /* 52 bits of address */
#define TICK_MS 200

/* Page frames that are worth most, all of them wanted. */
struct wanted_run {
	struct value_run run;
	uint64_t index; /* of the first one: wanted pages before it */
};

struct job {
	const struct dump *d;
	const struct value *value;
	const struct select *select;
	const struct job_options *opt;
	struct job_result *out;
	struct kdump_file file;
	struct scan *scan; /* owned */
	uint64_t page_size;
	unsigned page_shift;
	uint64_t npages; /* wanted */
	bool whole;	 /* nothing of the input is lost: else holes are not told from that */
	/* Of a part: what is wanted before it, and of that plus its own. */
	uint64_t first, end;

	uint64_t *ranks; /* wanted pages before each window */
	bool *slabs;	 /* has it slab pages? */
	uint64_t nwindows;

	struct value_run *valued; /* of all tiers, by page frame */
	struct wanted_run *runs;  /* what of them is wanted, by tier, then by page frame */
	size_t nruns, room;
	struct crew crew;
	uint64_t begun, told;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int tick(struct job *j, const char *what, uint64_t done, uint64_t total, struct kd_err *err)
{
	uint64_t now = now_ms();
	struct job_progress p = { .what = what, .done = done, .total = total,
				  .bytes = j->file.sink->written, .ms = now - j->begun };

	if (!j->opt->tick || now - j->told < TICK_MS)
		return 0;
	j->told = now;
	return j->opt->tick(j->opt->data, &p) ? 0 : kd_fail(err, KD_CANCELLED, "cancelled");
}

void job_result_fini(struct job_result *r)
{
	free(r->lost_runs);
	r->lost_runs = NULL;
	r->nlost_runs = 0;
}

void job_result_lost(struct job_result *r, pfn_t first, uint64_t n, int status)
{
	struct job_lost *last = r->nlost_runs ? &r->lost_runs[r->nlost_runs - 1] : NULL;

	r->lost += n;
	if (last && last->first + last->n == first && last->status == status) {
		last->n += n;
		return;
	}
	if (r->nlost_runs == JOB_LOST_RUNS)
		return;
	if (!r->lost_runs)
		r->lost_runs = calloc(JOB_LOST_RUNS, sizeof(*r->lost_runs));
	if (r->lost_runs)
		r->lost_runs[r->nlost_runs++] = (struct job_lost){ first, n, status };
}

/* Windows --------------------------------------------------------------------------------- */

static int add_run(struct job *j, const struct value_run *r, pfn_t pfn, uint64_t index,
		   struct kd_err *err)
{
	struct wanted_run *last = j->nruns ? &j->runs[j->nruns - 1] : NULL;

	if (last && last->run.tier == r->tier && last->run.first + last->run.n == pfn &&
	    last->index + last->run.n == index) {
		last->run.n++;
		return 0;
	}
	if (j->nruns == j->room) {
		size_t room = j->room ? 2 * j->room : 256;
		struct wanted_run *grown = reallocarray(j->runs, room, sizeof(*grown));

		if (!grown)
			return kd_nomem(err);
		j->runs = grown;
		j->room = room;
	}
	j->runs[j->nruns++] = (struct wanted_run){ { pfn, 1, r->tier }, index };
	return 0;
}

/* What is worth most and wanted in the window that is looked at. *NEXT moves along. */
static int add_runs(struct job *j, uint64_t window, size_t *next, struct kd_err *err)
{
	pfn_t start = window * SELECT_WINDOW, end = start + SELECT_WINDOW;
	size_t n = j->value ? j->value->n : 0;

	for (; *next < n && j->valued[*next].first < end; ++*next) {
		const struct value_run *r = &j->valued[*next];
		pfn_t pfn = r->first > start ? r->first : start;

		for (; pfn < end && pfn < r->first + r->n; pfn++) {
			uint64_t at = pfn - start, bit = UINT64_C(1) << at % 64;
			uint64_t held = j->scan->held[at / 64];
			uint64_t index = j->ranks[window] + j->scan->before[at / 64] +
					 (unsigned)__builtin_popcountll(held & (bit - 1));
			int ret = held & bit ? add_run(j, r, pfn, index, err) : 0;

			if (ret)
				return ret;
		}
		/* It goes on in the next window. */
		if (r->first + r->n > end)
			break;
	}
	return 0;
}

static int by_tier(const void *a, const void *b)
{
	const struct value_run *x = &((const struct wanted_run *)a)->run;
	const struct value_run *y = &((const struct wanted_run *)b)->run;

	if (x->tier != y->tier)
		return x->tier < y->tier ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Which pages there are and which are wanted: written down, and counted. */
static int make_bitmaps(struct job *j, struct kd_err *err)
{
	uint64_t bytes = SELECT_WINDOW / 8, slabs;
	size_t next = 0;

	for (uint64_t w = 0; w < j->nwindows; w++) {
		uint64_t len = kd_min(bytes, j->file.bitmap_len - w * bytes);
		int ret = tick(j, "looking at pages", w, j->nwindows, err);

		if (ret)
			return ret;
		scan_look(j->scan, w);
		slabs = j->out->kinds[PAGE_SLAB];
		scan_count(j->scan, j->out->kinds);
		j->slabs[w] = j->out->kinds[PAGE_SLAB] > slabs;
		j->ranks[w] = j->npages;
		j->npages += j->scan->before[SCAN_WORDS];
		ret = add_runs(j, w, &next, err);
		if (!ret)
			ret = kdump_file_bitmaps(&j->file, w * bytes, j->scan->ram, j->scan->held,
						 len, err);
		if (ret)
			return ret;
	}
	if (j->nruns)
		qsort(j->runs, j->nruns, sizeof(*j->runs), by_tier);
	if (j->opt->parts <= 1)
		j->end = j->npages;
	kdump_file_count(&j->file, j->end - j->first);
	return 0;
}

static int write_batch(void *data, const struct batch *b, struct kd_err *err)
{
	struct job *j = data;
	int ret = kdump_file_pages(&j->file, b->pages, b->n, b->out, b->len, err);

	if (ret)
		return ret;
	j->out->written[b->tier] += b->n;
	for (size_t i = 0; i < b->n; i++) {
		if (b->pages[i].lost)
			job_result_lost(j->out, b->pfns[i], 1, b->pages[i].status);
		else
			j->out->zeros += !b->pages[i].len;
	}
	return 0;
}

/* The order ---------------------------------------------------------------------------------- */

struct feeder {
	struct job *j;
	struct batch *b; /* being filled; NULL: none */
	enum value_tier tier;
	uint64_t done; /* pages */
	bool full;     /* there is no space: the rest is only counted */
	struct scan_holes holes;
	pfn_t last;   /* fed */
	unsigned run; /* pages up to that, which follow each other */
};

/*
 * To ask where holes are takes as long as reading some pages: it is worth that where many follow
 * each other.
 */
#define HOLE_RUN 16

static bool is_hole(struct feeder *f, pfn_t pfn)
{
	const struct job *j = f->j;
	paddr_t pa = pfn << j->page_shift;
	bool known = pa >= f->holes.from && pa < f->holes.data.end;

	f->run = pfn == f->last + 1 ? f->run + 1 : 0;
	f->last = pfn;
	return (known || f->run >= HOLE_RUN) &&
	       scan_hole(&f->holes, pa, j->page_size) == j->page_size;
}

static int feed_flush(struct feeder *f, struct kd_err *err)
{
	struct batch *b = f->b;
	int ret;

	f->b = NULL;
	ret = b ? crew_give(&f->j->crew, b, err) : 0;
	f->full |= ret == KD_NOSPACE;
	return f->full ? 0 : ret;
}

static int feed_page(struct feeder *f, pfn_t pfn, uint64_t index, struct kd_err *err)
{
	int ret = 0;

	f->j->out->wanted[f->tier]++;
	if (f->b && batch_is_full(f->b))
		ret = feed_flush(f, err);
	if (f->full)
		return 0;
	if (!ret && !f->b) {
		ret = tick(f->j, "writing", f->done, f->j->end - f->j->first, err);
		if (!ret)
			ret = crew_batch(&f->j->crew, &f->b, err);
		if (!ret)
			f->b->tier = f->tier;
	}
	f->full |= ret == KD_NOSPACE;
	if (ret)
		return f->full ? 0 : ret;
	batch_add(f->b, pfn, index, is_hole(f, pfn));
	f->done++;
	return 0;
}

static int feed_runs(struct feeder *f, struct kd_err *err)
{
	const struct job *j = f->j;
	int ret = 0;

	for (size_t i = 0; i < j->nruns && !ret; i++) {
		const struct wanted_run *r = &j->runs[i];

		if (f->tier != r->run.tier)
			ret = feed_flush(f, err);
		f->tier = r->run.tier;
		for (uint64_t n = 0; n < r->run.n && !ret; n++) {
			uint64_t index = r->index + n;

			if (index < j->first || index >= j->end)
				continue;
			ret = feed_page(f, r->run.first + n, index - j->first, err);
		}
	}
	return ret ? ret : feed_flush(f, err);
}

static int by_pfn(const void *a, const void *b)
{
	const struct value_run *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Is it one of the pages that were fed by value? *NEXT moves along with PFN. */
static bool is_valued(const struct job *j, pfn_t pfn, size_t *next)
{
	size_t n = j->value ? j->value->n : 0;

	while (*next < n && pfn >= j->valued[*next].first + j->valued[*next].n)
		++*next;
	return *next < n && pfn >= j->valued[*next].first;
}

static int feed_window(struct feeder *f, uint64_t w, size_t *next, struct kd_err *err)
{
	struct job *j = f->j;
	uint64_t other = f->tier == VALUE_SLAB ? 0 : UINT64_MAX;

	scan_look_again(j->scan, w);
	for (size_t word = 0; word < SCAN_WORDS; word++) {
		uint64_t held = j->scan->held[word];
		uint64_t left = held & (j->scan->slab[word] ^ other);

		for (; left; left &= left - 1) {
			unsigned at = (unsigned)__builtin_ctzll(left);
			pfn_t pfn = w * SELECT_WINDOW + word * 64 + at;
			uint64_t index = j->ranks[w] + j->scan->before[word] +
					 (unsigned)__builtin_popcountll(
						 held & ((UINT64_C(1) << at) - 1));
			int ret;

			if (is_valued(j, pfn, next))
				continue;
			if (index < j->first || index >= j->end)
				continue;
			ret = feed_page(f, pfn, index - j->first, err);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/* Everything that was not fed before: what is slab, or what is not. */
static int feed_all(struct feeder *f, enum value_tier tier, struct kd_err *err)
{
	struct job *j = f->j;
	size_t next = 0;

	f->tier = tier;
	for (uint64_t w = 0; w < j->nwindows; w++) {
		int ret = 0;

		if (tier != VALUE_SLAB || j->slabs[w])
			ret = feed_window(f, w, &next, err);
		if (ret)
			return ret;
	}
	return feed_flush(f, err);
}

static int write_all(struct job *j, struct kd_err *err)
{
	struct feeder f = { .j = j, .holes.d = j->whole ? j->d : NULL };
	int ret = feed_runs(&f, err);

	if (!ret)
		ret = feed_all(&f, VALUE_SLAB, err);
	if (!ret)
		ret = feed_all(&f, VALUE_REST, err);
	if (f.full)
		return KD_NOSPACE;
	return ret ? ret : crew_finish(&j->crew, err);
}

/* All together ------------------------------------------------------------------------------ */

static unsigned count_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

/*
 * Where a part begins that is to begin near wanted page *RANK, which becomes the first wanted one
 * there. crash counts a part's pages by whole words of the bitmap (diskdump.c, read_dump_header()),
 * so parts begin at one.
 */
static pfn_t place_bound(struct job *j, uint64_t *rank)
{
	uint64_t w = 0;
	size_t word = 0;

	while (w + 1 < j->nwindows && j->ranks[w + 1] <= *rank)
		w++;
	scan_look_again(j->scan, w);
	while (word + 1 < SCAN_WORDS && j->ranks[w] + j->scan->before[word + 1] <= *rank)
		word++;
	*rank = j->ranks[w] + j->scan->before[word];
	return w * SELECT_WINDOW + word * 64;
}

/* Which pages this part has: the headers in front of the bitmaps say so. */
static int choose_part(struct job *j, struct kdump_facts *facts, struct kd_err *err)
{
	unsigned part = j->opt->part, parts = j->opt->parts;
	uint64_t n = 0;

	for (uint64_t w = 0; w < j->nwindows; w++) {
		int ret = tick(j, "looking at pages", w, j->nwindows, err);

		if (ret)
			return ret;
		scan_look(j->scan, w);
		j->ranks[w] = n;
		n += j->scan->before[SCAN_WORDS];
	}
	if (n < parts)
		return kd_fail(err, KD_USAGE, "%" PRIu64 " pages do not make %u parts", n, parts);
	j->first = n / parts * part;
	j->end = part + 1 == parts ? n : n / parts * (part + 1);
	facts->split = true;
	facts->split_start = part ? place_bound(j, &j->first) : 0;
	facts->split_end = part + 1 == parts ? facts->max_pfn : place_bound(j, &j->end);
	return 0;
}

static int prepare(struct job *j, const struct space *space, struct sink *sink, struct kd_err *err)
{
	struct kdump_facts facts = {
		.space = space,
		.dump = j->d,
		.max_pfn = scan_max_pfn(j->d, j->page_shift),
		.level = j->opt->level,
		.status = j->opt->method.how,
	};
	size_t n = j->value ? j->value->n : 0;
	struct dump_totals totals;
	int ret;

	dump_count(j->d, &totals);
	j->whole = !totals.lost;
	if (!facts.max_pfn)
		return kd_fail(err, KD_NOTFOUND, "the dump has no memory");
	j->out->max_pfn = facts.max_pfn;
	j->nwindows = (facts.max_pfn + SELECT_WINDOW - 1) / SELECT_WINDOW;
	/* More than x86 can address: a damaged header. */
	if (facts.max_pfn > PFN_MAX)
		return kd_fail(err, KD_CORRUPT, "the dump says that its memory ends at page frame %#"
						PRIx64, facts.max_pfn);
	j->ranks = calloc(j->nwindows, sizeof(*j->ranks));
	j->slabs = calloc(j->nwindows, sizeof(*j->slabs));
	j->valued = calloc(n + 1, sizeof(*j->valued));
	if (!j->ranks || !j->slabs || !j->valued)
		return kd_nomem(err);
	ret = scan_new(j->select, &j->scan, err);
	if (ret)
		return ret;
	if (n)
		memcpy(j->valued, j->value->runs, n * sizeof(*j->valued));
	qsort(j->valued, n, sizeof(*j->valued), by_pfn);
	if (j->opt->parts > 1)
		ret = choose_part(j, &facts, err);
	return ret ? ret : kdump_file_begin(&j->file, sink, &facts, err);
}

static int run(struct job *j, const struct space *space, struct sink *sink, struct kd_err *err)
{
	struct crew_options opt = {
		.dump = j->d,
		.page_shift = j->page_shift,
		.method = &j->opt->method,
		.workers = j->opt->workers ? j->opt->workers : count_cpus(),
		.write = write_batch,
		.data = j,
	};
	int ret = prepare(j, space, sink, err);

	if (!ret)
		ret = make_bitmaps(j, err);
	if (ret)
		return ret;
	ret = crew_init(&j->crew, &opt, err);
	if (!ret)
		ret = write_all(j, err);
	crew_fini(&j->crew);
	if (!ret)
		ret = kdump_file_finish(&j->file, err);
	return ret ? ret : sink_end(sink, err);
}

int job_run(const struct dump *d, const struct space *space, const struct value *value,
	    const struct select *select, struct sink *sink, const struct job_options *opt,
	    struct job_result *out, struct kd_err *err)
{
	struct job *j = calloc(1, sizeof(*j));
	int ret;

	*out = (struct job_result){ 0 };
	if (!j)
		return kd_nomem(err);
	j->d = d;
	j->value = value;
	j->select = select;
	j->opt = opt;
	j->out = out;
	j->file.sink = sink;
	j->page_shift = space ? space->arch->page_shift : 12;
	j->page_size = UINT64_C(1) << j->page_shift;
	j->begun = now_ms();
	ret = run(j, space, sink, err);
	kdump_file_fini(&j->file);
	scan_free(j->scan);
	free(j->ranks);
	free(j->slabs);
	free(j->valued);
	free(j->runs);
	free(j);
	out->bytes = sink->written;
	return ret;
}
