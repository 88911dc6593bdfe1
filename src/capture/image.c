// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing memory as it is: see image.h. */
#include "capture/image.h"

#include <elf.h>
#include <inttypes.h>
#include <time.h>

#define CHUNK (UINT64_C(1) << 20)
#define TICK_MS 200
/* More runs of lost memory than that become one. */
#define LOST_MAX 65536

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int image_tick(struct image *im, const char *what, uint64_t done, uint64_t total,
	       struct kd_err *err)
{
	const struct job_options *o = im->opt->job;
	uint64_t now = now_ms();
	struct job_progress p = { .what = what, .done = done, .total = total,
				  .bytes = im->sink->written, .ms = now - im->begun };

	if (!o->tick || now - im->told < TICK_MS)
		return 0;
	im->told = now;
	return o->tick(o->data, &p) ? 0 : kd_fail(err, KD_CANCELLED, "cancelled");
}

/* Pieces ------------------------------------------------------------------------------- */

static int push(struct image_piece **list, size_t *n, size_t *room, const struct image_piece *p,
		struct kd_err *err)
{
	if (*n == *room) {
		size_t more = *room ? 2 * *room : 64;
		struct image_piece *grown = reallocarray(*list, more, sizeof(*grown));

		if (!grown)
			return kd_nomem(err);
		*list = grown;
		*room = more;
	}
	(*list)[(*n)++] = *p;
	return 0;
}

int image_add(struct image *im, struct image_piece p, struct kd_err *err)
{
	uint64_t page = UINT64_C(1) << im->page_shift;

	if (im->npieces == IMAGE_PIECES_MAX)
		return kd_fail(err, KD_UNSUPPORTED,
			       "memory in more than %u pieces is nothing for this format: --format "
			       "kdump", IMAGE_PIECES_MAX);
	if (!p.shares && p.stored) {
		/* So that a page of memory is a page of the file. */
		p.off = ((im->size + page - 1) & ~(page - 1)) + (p.pa & (page - 1));
		im->size = p.off + p.stored;
	}
	return push(&im->pieces, &im->npieces, &im->room, &p, err);
}

int image_push(struct image *im, const struct image_piece *p, struct kd_err *err)
{
	return push(&im->pieces, &im->npieces, &im->room, p, err);
}

/* Reading and writing -------------------------------------------------------------------- */

/* [OFF, OFF + LEN) of the file is not what was at PA. */
static int note_lost(struct image *im, uint64_t off, paddr_t pa, uint64_t len, int status,
		     struct kd_err *err)
{
	struct image_piece *last = im->nlost ? &im->lost[im->nlost - 1] : NULL;

	job_result_lost(im->out, pa >> im->page_shift, 1, status);
	if (last && (last->off + last->size == off || im->nlost == LOST_MAX)) {
		last->size = off + len - last->off;
		return 0;
	}
	return push(&im->lost, &im->nlost, &im->lost_room,
		    &(struct image_piece){ .pa = pa, .off = off, .size = len }, err);
}

/* LEN bytes at PA into BUF: zeros where they are lost, or where RAM ends in a page. */
static int read_chunk(struct image *im, paddr_t pa, uint8_t *buf, uint64_t len, uint64_t off,
		      struct kd_err *err)
{
	uint64_t page = UINT64_C(1) << im->page_shift, at = 0;

	while (at < len) {
		size_t done = 0;
		int ret = 0, status = dump_read(im->d, pa + at, buf + at, len - at, &done, NULL);
		uint64_t rest;

		at += done;
		if (!status || at >= len)
			return 0;
		rest = kd_min(len - at, page - ((pa + at) & (page - 1)));
		memset(buf + at, 0, rest);
		if (status != KD_ABSENT || rest == page)
			ret = note_lost(im, off + at, pa + at, rest, status, err);
		if (ret)
			return ret;
		at += rest;
	}
	return 0;
}

/* Write what is not zeros. */
static int write_chunk(struct image *im, uint64_t off, const uint8_t *buf, uint64_t len,
		       struct kd_err *err)
{
	uint64_t page = UINT64_C(1) << im->page_shift, from = 0;

	for (uint64_t at = 0; at < len; at += page) {
		uint64_t n = kd_min(page, len - at);
		int ret = 0;

		if (!scan_is_zero(buf + at, n))
			continue;
		im->out->zeros++;
		if (at > from)
			ret = sink_write(im->sink, off + from, buf + from, at - from, err);
		if (ret)
			return ret;
		from = at + n;
	}
	return from < len ? sink_write(im->sink, off + from, buf + from, len - from, err) : 0;
}

/* How much from PA on is zeros by what the dump's file says, without reading it. */
static uint64_t known_zeros(struct image *im, paddr_t pa, uint64_t len)
{
	uint64_t page = UINT64_C(1) << im->page_shift;
	uint64_t zeros = scan_hole(&im->holes, pa, len);
	uint64_t end = (pa + zeros) & ~(page - 1);

	if (zeros == len)
		return len;
	return end > pa ? end - pa : 0;
}

static int write_piece(struct image *im, const struct image_piece *p, uint8_t *buf, uint64_t total,
		       struct kd_err *err)
{
	uint64_t *written = &im->out->written[VALUE_REST];
	uint64_t page = UINT64_C(1) << im->page_shift;

	for (uint64_t at = 0; at < p->stored;) {
		/* Chunks end where pages do. */
		uint64_t len = kd_min(p->stored - at, CHUNK - ((p->pa + at) & (page - 1)));
		uint64_t zeros = known_zeros(im, p->pa + at, p->stored - at);
		int ret = image_tick(im, "writing", *written, total, err);

		if (zeros) {
			im->out->zeros += (zeros + page - 1) >> im->page_shift;
			*written += (zeros + page - 1) >> im->page_shift;
			at += zeros;
			if (ret)
				return ret;
			continue;
		}
		if (!ret)
			ret = read_chunk(im, p->pa + at, buf, len, p->off + at, err);
		if (!ret)
			ret = write_chunk(im, p->off + at, buf, len, err);
		if (ret)
			return ret;
		*written += (len + page - 1) >> im->page_shift;
		at += len;
	}
	return 0;
}

static int write_pieces(struct image *im, struct kd_err *err)
{
	uint64_t page = UINT64_C(1) << im->page_shift, total = 0;
	_cleanup_(freep) uint8_t *buf = malloc(CHUNK);
	int ret = buf ? 0 : kd_nomem(err);

	for (size_t i = 0; i < im->npieces; i++)
		if (!im->pieces[i].shares)
			total += (im->pieces[i].stored + page - 1) >> im->page_shift;
	im->out->wanted[VALUE_REST] = total;
	for (size_t i = 0; i < im->npieces && !ret; i++)
		if (!im->pieces[i].shares)
			ret = write_piece(im, &im->pieces[i], buf, total, err);
	return ret;
}

/* All together ----------------------------------------------------------------------------- */

static int count_kinds(struct image *im, struct kd_err *err)
{
	uint64_t n = (im->out->max_pfn + SELECT_WINDOW - 1) / SELECT_WINDOW;

	for (uint64_t i = 0; i < n; i++) {
		int ret = image_tick(im, "looking at pages", i, n, err);

		if (ret)
			return ret;
		scan_look(im->scan, i);
		scan_count(im->scan, im->out->kinds);
	}
	return 0;
}

static int check_class(const struct image *im, struct kd_err *err)
{
	if (im->opt->format != IMAGE_ELF32 || im->machine == EM_386)
		return 0;
	return kd_fail(err, KD_UNSUPPORTED, im->machine ? "this machine's addresses have 64 bits: "
							   "--format elf64"
							 : "the dump does not say that it is of a "
							   "32-bit machine: --format elf64");
}

static int run(struct image *im, const struct select *select, struct kd_err *err)
{
	bool elf = im->opt->format != IMAGE_RAW;
	int ret = check_class(im, err);
	struct dump_totals totals;

	dump_count(im->d, &totals);
	if (!totals.lost)
		im->holes.d = im->d;
	if (!ret)
		ret = scan_new(select, &im->scan, err);
	if (ret)
		return ret;
	im->out->max_pfn = scan_max_pfn(im->d, im->page_shift);
	if (!im->out->max_pfn)
		return kd_fail(err, KD_NOTFOUND, "the dump has no memory");
	ret = count_kinds(im, err);
	if (!ret)
		ret = im->opt->virtual ? image_virtual(im, err) : image_physical(im, err);
	if (!ret && elf)
		ret = image_elf_begin(im, err);
	if (!ret)
		ret = write_pieces(im, err);
	/* What is at the end may be zeros. */
	if (!ret)
		ret = sink_extend(im->sink, im->size, err);
	if (!ret && elf)
		ret = image_elf_finish(im, err);
	return ret ? ret : sink_end(im->sink, err);
}

int image_run(const struct dump *d, const struct space *space, const struct select *select,
	      struct sink *sink, const struct image_options *opt, struct job_result *out,
	      size_t *nthreads, struct kd_err *err)
{
	struct image im = {
		.d = d,
		.space = space,
		.opt = opt,
		.out = out,
		.sink = sink,
		.machine = space ? space->arch->machine : d->machine,
		.page_shift = space ? space->arch->page_shift : 12,
		.begun = now_ms(),
	};
	int ret;

	*out = (struct job_result){ 0 };
	ret = run(&im, select, err);
	*nthreads = im.nthreads;
	out->bytes = sink->written;
	scan_free(im.scan);
	free(im.pieces);
	free(im.lost);
	return ret;
}
