// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Pieces of the kernel's virtual memory: see image.h. A piece lies together in virtual and in
 * physical memory.
 */
#include <inttypes.h>

#include "capture/image.h"
#include "core/space.h"

/* Memory mapped together that is worth asking what each page of it is. */
#define LARGE (UINT64_C(2) << 20)
/* Memory mapped together that shares its bytes with the linear map, and so is a segment. */
#define SHARE_MIN (UINT64_C(256) << 10)
/* What is not wanted is kept where there is less of it than that: debuggers know no gaps. */
#define GAP (UINT64_C(256) << 10)
/* Pages that tables may map; what maps more has lost its mind. */
#define MAPPINGS_MAX (UINT64_C(1) << 27)

struct walk {
	struct image *im;
	struct arch_mapping m; /* gathered: pages that lie together; size 0: none */
	vaddr_t va_end;	       /* of what was taken of it */
	struct image_piece p;  /* being made; size 0: none */
	uint64_t tail;	       /* bytes at its end that are not wanted */
};

/* Pieces of the linear map, which come first and are sorted: where their memory is in the file. */
static const struct image_piece *find_linear(const struct image *im, paddr_t pa)
{
	size_t lo = 0, hi = im->nlinear;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (im->pieces[mid].pa + im->pieces[mid].size <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < im->nlinear && im->pieces[lo].pa <= pa ? &im->pieces[lo] : NULL;
}

static bool is_linear(const struct image *im, vaddr_t va, paddr_t pa)
{
	return im->space->page_offset && va - pa == im->space->page_offset;
}

/* A piece that is no part of the linear map, in parts where the linear map has some of it. */
static int add_other(struct image *im, struct image_piece p, struct kd_err *err)
{
	while (p.size) {
		const struct image_piece *l = find_linear(im, p.pa);
		struct image_piece part = p;
		int ret;

		if (l && p.size >= SHARE_MIN) {
			part.size = kd_min(p.size, l->pa + l->size - p.pa);
			part.off = l->off + (p.pa - l->pa);
			part.shares = true;
		}
		part.stored = part.size;
		ret = image_add(im, part, err);
		if (ret)
			return ret;
		p.va += part.size;
		p.pa += part.size;
		p.size -= part.size;
	}
	return 0;
}

static int end_piece(struct walk *w, struct kd_err *err)
{
	struct image *im = w->im;
	struct image_piece p = w->p;
	int ret;

	p.size -= w->tail;
	w->p = (struct image_piece){ 0 };
	w->tail = 0;
	if (!p.size)
		return 0;
	p.stored = p.size;
	if (!is_linear(im, p.va, p.pa) || im->nlinear != im->npieces)
		return add_other(im, p, err);
	ret = image_add(im, p, err);
	im->nlinear += !ret;
	return ret;
}

static int take(struct walk *w, vaddr_t va, paddr_t pa, uint64_t len, bool wanted, bool firm,
		struct kd_err *err)
{
	struct image_piece *p = &w->p;
	int ret = 0;

	if (p->size && (p->va + p->size != va || p->pa + p->size != pa || firm ||
			w->tail + (wanted ? 0 : len) > GAP))
		ret = end_piece(w, err);
	if (ret || (!p->size && !wanted))
		return ret;
	if (!p->size)
		*p = (struct image_piece){ .va = va, .pa = pa };
	p->size += len;
	w->tail = wanted ? 0 : w->tail + len;
	return 0;
}

/* RAM may begin or end inside of a page, which is mapped as a whole. */
static int take_run(void *data, const struct image_run *r, struct kd_err *err)
{
	struct walk *w = data;
	uint64_t page = UINT64_C(1) << w->im->page_shift;
	paddr_t start = r->start & ~(page - 1), end = (r->end + page - 1) & ~(page - 1);
	vaddr_t va = w->m.va + (start - w->m.pa);

	if (va < w->va_end) {
		start += kd_min(w->va_end - va, end - start);
		va = w->va_end;
	}
	if (start >= end)
		return 0;
	w->va_end = va + (end - start);
	return take(w, va, start, end - start, r->wanted, r->firm, err);
}

/* Single pages that the kernel maps are its own: asking what they are takes far too long. */
static int take_small(struct walk *w, struct kd_err *err)
{
	const struct arch_mapping *m = &w->m;
	struct dump_range r;
	int ret = 0;

	for (paddr_t pa = m->pa; !ret && pa < m->pa + m->size && dump_next_held(w->im->d, pa, &r);
	     pa = r.end) {
		struct image_run run = { .start = r.start,
					 .end = kd_min(r.end, m->pa + m->size),
					 .wanted = true };

		if (run.start >= run.end)
			break;
		ret = take_run(w, &run, err);
	}
	return ret;
}

static int take_mapping(struct walk *w, struct kd_err *err)
{
	struct arch_mapping m = w->m;
	int ret;

	w->va_end = m.va;
	if (!m.size)
		return 0;
	ret = m.size >= LARGE ? image_walk(w->im, m.pa, m.pa + m.size, take_run, w, err)
			      : take_small(w, err);
	w->m.size = 0;
	return ret;
}

static int gather(struct walk *w, const struct arch_mapping *m, struct kd_err *err)
{
	int ret;

	/* Page tables may say anything. */
	if (m->pa > INT64_MAX || m->size > INT64_MAX)
		return 0;
	if (w->m.size && w->m.va + w->m.size == m->va && w->m.pa + w->m.size == m->pa) {
		w->m.size += m->size;
		return 0;
	}
	ret = take_mapping(w, err);
	w->m = *m;
	return ret;
}

static int walk_tables(struct walk *w, struct kd_err *err)
{
	const struct space *s = w->im->space;
	struct arch_mapping m;
	uint64_t n = 0;
	vaddr_t va = 0;
	int ret = 0;

	while (!ret && s->arch->next_mapped(s, va, &m)) {
		if (n++ == MAPPINGS_MAX)
			return kd_fail(err, KD_CORRUPT, "page tables that map more than there is: "
				       "they are damaged");
		ret = gather(w, &m, err);
		if (!ret)
			ret = image_tick(w->im, "following page tables", w->im->npieces, 0, err);
		if (kd_add_overflow(m.va, m.size, &va) || !va)
			break;
	}
	return ret ? ret : take_mapping(w, err);
}

/* Where the top page table is of no use, what is known otherwise. */
static int walk_fixed(struct walk *w, struct kd_err *err)
{
	const struct space_fixed *fixed[] = { &w->im->space->linear, &w->im->space->image };
	int ret = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(fixed) && !ret; i++)
		if (fixed[i]->size)
			ret = gather(w, &(struct arch_mapping){ fixed[i]->start, fixed[i]->pa,
								fixed[i]->size }, err);
	return ret ? ret : take_mapping(w, err);
}

int image_virtual(struct image *im, struct kd_err *err)
{
	struct walk w = { .im = im };
	int ret;

	if (!im->space || !im->space->arch->next_mapped)
		return kd_fail(err, KD_UNSUPPORTED,
			       "the kernel's page tables are not known, which say where its virtual "
			       "memory is: --physical writes physical memory");
	ret = im->space->torn ? walk_fixed(&w, err) : walk_tables(&w, err);
	if (!ret)
		ret = end_piece(&w, err);
	if (!ret && !im->npieces)
		ret = kd_fail(err, KD_NOTFOUND, "nothing that the kernel maps is in the dump");
	return ret;
}

/* What kdview reads ---------------------------------------------------------------------- */

static int by_pa(const void *a, const void *b)
{
	const struct image_piece *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->size > y->size ? -1 : x->size < y->size;
}

struct list {
	uint8_t *data; /* program headers */
	size_t n, room;
	bool failed;
};

static void list_add(struct list *l, const struct image_piece *p)
{
	if (l->n == l->room && !l->failed) {
		size_t room = l->room ? 2 * l->room : 256;
		uint8_t *grown = reallocarray(l->data, room, IMAGE_PHDR64);

		l->failed = !grown;
		if (grown) {
			l->data = grown;
			l->room = room;
		}
	}
	if (!l->failed)
		image_put_phdr64(l->data + IMAGE_PHDR64 * l->n++, p);
}

/* RAM between FROM and TO is not in the file. */
static void list_gap(struct image *im, struct list *l, paddr_t from, paddr_t to)
{
	struct dump_range r;

	for (paddr_t pa = from; pa < to && dump_next_range(im->d, pa, &r) && r.start < to; pa = r.end)
		list_add(l, &(struct image_piece){ .va = IMAGE_UNMAPPED, .pa = r.start,
						   .size = kd_min(r.end, to) - r.start });
}

/* A piece that says where the kernel has put something, besides the linear map. */
static bool is_telling(const struct image_piece *p)
{
	return p->size >= LARGE;
}

int image_own_note(struct image *im, struct note_area *n, struct kd_err *err)
{
	_cleanup_(freep) struct image_piece *sorted = calloc(im->npieces + 1, sizeof(*sorted));
	struct list l = { 0 };
	paddr_t end = 0;
	size_t count = 0;

	if (!sorted)
		return kd_nomem(err);
	for (size_t i = 0; i < im->npieces; i++)
		if (im->pieces[i].stored && !im->pieces[i].shares)
			sorted[count++] = im->pieces[i];
	qsort(sorted, count, sizeof(*sorted), by_pa);
	for (size_t i = 0; i < count; i++) {
		struct image_piece p = sorted[i];
		bool linear = is_linear(im, p.va, p.pa);

		if (p.pa + p.size <= end)
			continue;
		if (p.pa > end)
			list_gap(im, &l, end, p.pa);
		if (!linear && !is_telling(&p))
			p.va = IMAGE_UNMAPPED;
		list_add(&l, &p);
		end = p.pa + p.size;
	}
	list_gap(im, &l, end, UINT64_MAX);
	/* The image: where the kernel is. */
	for (size_t i = 0; i < im->npieces; i++)
		if (im->pieces[i].shares && is_telling(&im->pieces[i]) && im->space->image.size &&
		    im->pieces[i].va - im->space->image.start < im->space->image.size)
			list_add(&l, &im->pieces[i]);
	note_area_add(n, IMAGE_NOTE_NAME, IMAGE_NOTE_MEMORY, l.data, l.n * IMAGE_PHDR64);
	free(l.data);
	return l.failed || n->failed ? kd_nomem(err) : 0;
}
