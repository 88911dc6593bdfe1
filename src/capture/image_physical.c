// SPDX-License-Identifier: GPL-3.0-or-later
/* Pieces of physical memory: see image.h. */
#include "capture/image.h"

#include <inttypes.h>

/*
 * Tools look through all segments for each page they read. So what is not wanted between what
 * is, is kept where it is so short that there would be more segments than this.
 */
#define SEGMENTS_WELL 8192
#define GAP_BITS 32

struct walk {
	struct image *im;
	uint64_t gaps[GAP_BITS]; /* by the logarithm of their pages: those that may be kept */
	uint64_t breaks;	 /* that have to be */
	uint64_t keep;		 /* gaps of fewer bytes are kept */
	struct image_piece p;	 /* being made; size 0: none */
	struct image_run gap;	 /* behind it */
};

/* Runs ----------------------------------------------------------------------------------- */

/* Kinds that are not there to be read, or must not be. */
static bool is_firm(enum page_kind kind)
{
	return kind == PAGE_LEFT_OUT || kind == PAGE_POISON || kind == PAGE_OFFLINE ||
	       kind == PAGE_UNACCEPTED;
}

static size_t same_pages(const struct scan *s, size_t at, size_t end, bool *wanted, bool *firm)
{
	size_t i = at;

	*wanted = s->held[at / 64] >> at % 64 & 1;
	*firm = !*wanted && is_firm(s->kinds[at]);
	while (i < end) {
		uint64_t word = s->held[i / 64];

		if (*wanted && !(i % 64) && word == UINT64_MAX && i + 64 <= end) {
			i += 64;
			continue;
		}
		if ((word >> i % 64 & 1) != *wanted)
			break;
		if (!*wanted && is_firm(s->kinds[i]) != *firm)
			break;
		i++;
	}
	return i - at;
}

/* The runs of one range of RAM. */
static int walk_range(struct image *im, struct dump_range range,
		      int (*each)(void *data, const struct image_run *r, struct kd_err *err),
		      void *data, struct kd_err *err)
{
	uint64_t pfn = range.start >> im->page_shift;
	uint64_t last = (range.end - 1) >> im->page_shift;

	while (pfn <= last) {
		uint64_t window = pfn / SELECT_WINDOW, at = pfn % SELECT_WINDOW;
		uint64_t end = kd_min(SELECT_WINDOW, last - window * SELECT_WINDOW + 1);
		struct image_run r;
		size_t n;
		int ret;

		scan_look(im->scan, window);
		n = same_pages(im->scan, at, end, &r.wanted, &r.firm);
		r.start = pfn << im->page_shift;
		r.end = (pfn + n) << im->page_shift;
		if (r.start < range.start)
			r.start = range.start;
		r.end = kd_min(r.end, range.end);
		ret = each(data, &r, err);
		if (ret)
			return ret;
		pfn += n;
	}
	return 0;
}

int image_walk(struct image *im, paddr_t start, paddr_t end,
	       int (*each)(void *data, const struct image_run *r, struct kd_err *err), void *data,
	       struct kd_err *err)
{
	struct dump_range r;

	for (paddr_t pa = start; pa < end && dump_next_range(im->d, pa, &r); pa = r.end) {
		int ret = 0;

		r.end = kd_min(r.end, end);
		if (r.start < r.end)
			ret = walk_range(im, r, each, data, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* Pieces --------------------------------------------------------------------------------- */

static int count_run(void *data, const struct image_run *r, struct kd_err *err)
{
	struct walk *w = data;
	uint64_t pages = (r->end - r->start) >> w->im->page_shift;

	if (r->wanted)
		return 0;
	if (r->firm || !pages)
		w->breaks++;
	else
		w->gaps[kd_min(63 - (unsigned)__builtin_clzll(pages), GAP_BITS - 1)]++;
	return image_tick(w->im, "looking at pages", r->start >> w->im->page_shift,
			  w->im->out->max_pfn, err);
}

static uint64_t virtual_of(const struct image *im, paddr_t pa)
{
	const struct space *s = im->space;
	paddr_t there;

	if (s && s->page_offset && !space_translate(s, s->page_offset + pa, &there, NULL, NULL) &&
	    there == pa)
		return s->page_offset + pa;
	/* x86_64 maps all memory; single pages of it may be hidden. */
	return s && s->page_offset && s->arch->ptr_size == 8 ? s->page_offset + pa
							     : IMAGE_UNMAPPED;
}

static int end_piece(struct walk *w, struct kd_err *err)
{
	struct image_piece p = w->p;

	w->p = (struct image_piece){ 0 };
	if (!p.size)
		return 0;
	p.va = virtual_of(w->im, p.pa);
	return image_add(w->im, p, err);
}

static int take_run(void *data, const struct image_run *r, struct kd_err *err)
{
	struct walk *w = data;
	uint64_t len = r->end - r->start;
	bool keep = r->wanted || (!r->firm && len < w->keep);
	struct image_piece *p = &w->p;
	int ret = image_tick(w->im, "looking at pages", r->start >> w->im->page_shift,
			     w->im->out->max_pfn, err);

	/* What is wanted begins a piece, unless all before it is in the file. */
	if (!ret && p->size && (p->pa + p->size != r->start || (keep && p->stored < p->size)))
		ret = end_piece(w, err);
	if (ret)
		return ret;
	if (!p->size)
		*p = (struct image_piece){ .pa = r->start };
	p->size += len;
	if (keep)
		p->stored = p->size;
	return 0;
}

/* Which gaps to keep, so that there are not too many segments. */
static uint64_t choose_gap(const struct walk *w)
{
	uint64_t segments = w->breaks;

	for (unsigned i = GAP_BITS; i--;) {
		segments += w->gaps[i];
		if (segments > SEGMENTS_WELL)
			return UINT64_C(2) << i << w->im->page_shift;
	}
	return 0;
}

/*
 * The kernel's image again, where it is mapped besides: the bytes are there already. This is how
 * /proc/vmcore says where the kernel was loaded.
 */
static int add_image(struct image *im, struct kd_err *err)
{
	const struct space *s = im->space;
	size_t n = im->npieces;

	if (!s || !s->image.size)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct image_piece p = im->pieces[i];
		uint64_t from = s->image.pa > p.pa ? s->image.pa - p.pa : 0, to = p.stored;
		int ret;

		to = kd_min(to, s->image.pa + s->image.size > p.pa
					? s->image.pa + s->image.size - p.pa
					: 0);
		if (from >= to)
			continue;
		p.shares = true;
		p.va = s->image.start + (p.pa + from - s->image.pa);
		p.pa += from;
		p.off += from;
		p.size = p.stored = to - from;
		ret = image_add(im, p, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int place_raw(struct image *im, struct kd_err *err)
{
	for (size_t i = 0; i < im->npieces; i++) {
		struct image_piece *p = &im->pieces[i];

		if (p->pa + p->size > INT64_MAX)
			return kd_fail(err, KD_UNSUPPORTED, "memory at %#" PRIx64
				       " is beyond what a file can hold", p->pa);
		p->off = p->pa;
		im->size = p->pa + p->size;
	}
	return 0;
}

int image_physical(struct image *im, struct kd_err *err)
{
	struct walk w = { .im = im };
	uint64_t end = im->out->max_pfn << im->page_shift;
	int ret;

	if (im->opt->format == IMAGE_ELF32 && end > UINT64_C(1) << 32)
		return kd_fail(err, KD_UNSUPPORTED,
			       "32-bit program headers name physical addresses below 4 GB, and this "
			       "machine's memory goes up to %#" PRIx64
			       ": --format elf64, or the kernel's virtual memory (without --physical)",
			       end);
	ret = image_walk(im, 0, end, count_run, &w, err);
	w.keep = choose_gap(&w);
	if (!ret)
		ret = image_walk(im, 0, end, take_run, &w, err);
	if (!ret)
		ret = end_piece(&w, err);
	if (ret)
		return ret;
	return im->opt->format == IMAGE_RAW ? place_raw(im, err) : add_image(im, err);
}
