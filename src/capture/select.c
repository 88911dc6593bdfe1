// SPDX-License-Identifier: GPL-3.0-or-later
/* Which pages are wanted: see select.h. */
#include "capture/select.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "capture/memmap.h"

#define UNKNOWN_MAX 8

/* A number of VMCOREINFO that may not be there. */
struct number {
	bool known;
	uint64_t value;
};

struct select {
	const struct dump *dump;
	struct memmap *memmap; /* NULL: none */
	unsigned level;
	unsigned page_shift;

	struct number flags, mapping, mapcount, private, head; /* offsets in struct page */
	struct number dtor, dtor_size; /* in the second page of a compound one */
	uint64_t size;		       /* of struct page */
	unsigned word;		       /* bytes of a long */

	struct number pg_lru, pg_private, pg_swapcache, pg_swapbacked, pg_slab, pg_hwpoison;
	struct number pg_hugetlb; /* in the second page's flags */
	struct number type_buddy, type_slab, type_hugetlb, type_offline, type_unaccepted;
	struct number hugetlb_dtor;
	uint64_t orders; /* of free pages: 0 to orders - 1 */

	char unknown[UNKNOWN_MAX][160];
	size_t nunknown;
};

static const struct {
	const char *words, *key;
} kinds[PAGE_KINDS] = {
	[PAGE_ABSENT] = { "not there", "absent" },
	[PAGE_LEFT_OUT] = { "left out of the input", "left_out" },
	[PAGE_OTHER] = { "the kernel's own", "kernel" },
	[PAGE_UNKNOWN] = { "not told apart", "unknown" },
	[PAGE_SLAB] = { "slab", "slab" },
	[PAGE_CACHE] = { "page cache", "cache" },
	[PAGE_CACHE_PRIVATE] = { "page cache with private data", "cache_private" },
	[PAGE_USER] = { "processes", "user" },
	[PAGE_HUGETLB] = { "huge pages", "hugetlb" },
	[PAGE_FREE] = { "free", "free" },
	[PAGE_UNACCEPTED] = { "unaccepted", "unaccepted" },
	[PAGE_POISON] = { "broken memory", "hwpoison" },
	[PAGE_OFFLINE] = { "offline", "offline" },
};

const char *page_kind_words(enum page_kind kind)
{
	return kinds[kind].words;
}

const char *page_kind_key(enum page_kind kind)
{
	return kinds[kind].key;
}

/* Opening --------------------------------------------------------------------------------- */

static struct number get(const struct select *s, const char *kind, const char *name)
{
	struct number n = { 0 };

	n.known = vmcoreinfo_number(s->dump->vmcoreinfo, kind, name, &n.value);
	return n;
}

/* A bit number must be one. */
static struct number get_flag(const struct select *s, const char *name)
{
	struct number n = get(s, "NUMBER", name);

	n.known = n.known && n.value < 8u * s->word;
	return n;
}

/* An offset of LEN bytes must lie in struct page. */
static struct number get_offset(const struct select *s, const char *name, uint64_t len)
{
	struct number n = get(s, "OFFSET", name);

	n.known = n.known && n.value <= s->size && s->size - n.value >= len;
	return n;
}

static void KD_PRINTF(2, 3) cannot_tell(struct select *s, const char *fmt, ...)
{
	va_list ap;

	if (s->nunknown == UNKNOWN_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(s->unknown[s->nunknown++], sizeof(s->unknown[0]), fmt, ap);
	va_end(ap);
}

static void learn_offsets(struct select *s)
{
	s->flags = get_offset(s, "page.flags", s->word);
	s->mapping = get_offset(s, "page.mapping", s->word);
	s->mapcount = get_offset(s, "page._mapcount", 4);
	s->private = get_offset(s, "page.private", s->word);
	/* compound_info since v7.1 (f50c015...): the lowest bit has kept its meaning. */
	s->head = get_offset(s, "page.compound_head", s->word);
	if (!s->head.known)
		s->head = get_offset(s, "page.compound_info", s->word);
}

/*
 * Huge pages: by type (since v6.9), by a flag of the second page (v6.6), or by the number of
 * the destructor there, whose place is struct page's or struct folio's.
 */
static void learn_hugetlb(struct select *s)
{
	struct number order;

	s->type_hugetlb = get(s, "NUMBER", "PAGE_HUGETLB_MAPCOUNT_VALUE");
	s->pg_hugetlb = get_flag(s, "PG_hugetlb");
	s->hugetlb_dtor = get(s, "NUMBER", "HUGETLB_PAGE_DTOR");
	s->dtor = get_offset(s, "page.compound_dtor", 2);
	order = get_offset(s, "page.compound_order", 1);
	s->dtor_size.value = 1;
	if (s->dtor.known && order.known && order.value >= s->dtor.value + 2)
		s->dtor_size.value = 2;
	if (!s->dtor.known) {
		struct number folio = get(s, "OFFSET", "folio._folio_dtor");

		/* of the folio, whose second struct page that is */
		s->dtor.known = folio.known && folio.value >= s->size &&
				folio.value < 2 * s->size;
		s->dtor.value = folio.value - s->size;
	}
	s->dtor.known = s->dtor.known && s->hugetlb_dtor.known;
}

static void learn_marks(struct select *s)
{
	uint64_t orders;

	s->pg_lru = get_flag(s, "PG_lru");
	s->pg_private = get_flag(s, "PG_private");
	s->pg_swapcache = get_flag(s, "PG_swapcache");
	s->pg_swapbacked = get_flag(s, "PG_swapbacked");
	s->pg_slab = get_flag(s, "PG_slab");
	s->pg_hwpoison = get_flag(s, "PG_hwpoison");
	s->type_buddy = get(s, "NUMBER", "PAGE_BUDDY_MAPCOUNT_VALUE");
	s->type_slab = get(s, "NUMBER", "PAGE_SLAB_MAPCOUNT_VALUE");
	s->type_offline = get(s, "NUMBER", "PAGE_OFFLINE_MAPCOUNT_VALUE");
	s->type_unaccepted = get(s, "NUMBER", "PAGE_UNACCEPTED_MAPCOUNT_VALUE");
	learn_hugetlb(s);
	if (vmcoreinfo_number(s->dump->vmcoreinfo, "LENGTH", "zone.free_area", &orders) &&
	    orders <= 18)
		s->orders = orders;
}

/* Anonymous memory is only told from slab by what slab is marked with. */
static bool knows_slab(const struct select *s)
{
	return s->pg_slab.known || (s->type_slab.known && s->mapcount.known);
}

static bool knows_hugetlb(const struct select *s)
{
	return s->head.known && ((s->type_hugetlb.known && s->mapcount.known) ||
				 s->pg_hugetlb.known || s->dtor.known);
}

static void name_unknown(struct select *s)
{
	if (s->level & LEVEL_FREE &&
	    (!s->type_buddy.known || !s->mapcount.known || !s->private.known || !s->orders ||
	     !knows_slab(s)))
		cannot_tell(s, "free pages are kept: VMCOREINFO does not say how they are marked");
	if (s->level & (LEVEL_CACHE | LEVEL_CACHE_PRIVATE) &&
	    (!s->pg_lru.known || !s->flags.known || !s->mapping.known))
		cannot_tell(s, "the page cache is kept: VMCOREINFO does not say how it is marked");
	else if ((s->level & LEVEL_CACHE) && !(s->level & LEVEL_CACHE_PRIVATE) &&
		 !s->pg_private.known)
		cannot_tell(s, "the page cache is kept: VMCOREINFO does not say which of it has "
			       "private data");
	if (s->level & LEVEL_USER && (!s->mapping.known || !knows_slab(s)))
		cannot_tell(s, "memory of processes is kept: VMCOREINFO does not say how it is "
			       "marked");
	if (s->level & LEVEL_USER && !knows_hugetlb(s))
		cannot_tell(s, "huge pages are kept: VMCOREINFO does not say how they are marked");
}

int select_open(const struct dump *d, const struct space *sp, unsigned level, struct select **out,
		struct kd_err *err)
{
	struct select *s;
	struct kd_err why = KD_ERR_INIT;

	if (level > LEVEL_ALL)
		return kd_fail(err, KD_USAGE, "there is no dump level %u: it is a sum of 1 (zero "
			       "pages), 2 and 4 (page cache), 8 (processes), 16 (free)", level);
	s = calloc(1, sizeof(*s));
	if (!s)
		return kd_nomem(err);
	s->dump = d;
	s->level = level;
	s->page_shift = sp ? sp->arch->page_shift : 12;
	if (!sp || !d->vmcoreinfo)
		kd_fail(&why, KD_NOTFOUND, "the dump has no VMCOREINFO");
	else if (memmap_open(sp, &s->memmap, &why) == KD_NOMEM) {
		select_close(s);
		return kd_nomem(err);
	}
	if (s->memmap) {
		s->word = sp->arch->ptr_size;
		s->size = memmap_page_size(s->memmap);
		learn_offsets(s);
		learn_marks(s);
		name_unknown(s);
	} else if (level & ~(unsigned)LEVEL_ZERO) {
		cannot_tell(s, "all pages are kept: %.120s", why.text);
	}
	*out = s;
	return 0;
}

void select_close(struct select *s)
{
	if (!s)
		return;
	memmap_close(s->memmap);
	free(s);
}

void select_closep(struct select **s)
{
	select_close(*s);
}

const char *select_unknown(const struct select *s, size_t i)
{
	return i < s->nunknown ? s->unknown[i] : NULL;
}

bool select_keeps(const struct select *s, enum page_kind kind)
{
	switch (kind) {
	case PAGE_ABSENT:
	case PAGE_LEFT_OUT:
	case PAGE_POISON:
	case PAGE_OFFLINE:
		return false;
	case PAGE_CACHE:
		return !(s->level & (LEVEL_CACHE | LEVEL_CACHE_PRIVATE));
	case PAGE_CACHE_PRIVATE:
		return !(s->level & LEVEL_CACHE_PRIVATE);
	case PAGE_USER:
	case PAGE_HUGETLB:
		return !(s->level & LEVEL_USER);
	case PAGE_FREE:
	case PAGE_UNACCEPTED:
		return !(s->level & LEVEL_FREE);
	default:
		return true;
	}
}

/* One page --------------------------------------------------------------------------------- */

static uint64_t word_at(const struct select *s, const uint8_t *page, const struct number *off)
{
	uint64_t v = 0;

	if (s->word == 8)
		memcpy(&v, page + off->value, 8);
	else
		memcpy(&v, page + off->value, 4);
	return v;
}

static bool has_flag(uint64_t flags, const struct number *flag)
{
	return flag->known && (flags >> flag->value & 1);
}

/*
 * Is the page of that type? Types are inverted bits of _mapcount up to v6.10, where all of
 * it counts; then its highest byte, the rest being the owner's (PGTY_*, 4ffca5a96678).
 */
static bool is_type(uint32_t mapcount, const struct number *type)
{
	uint32_t want = (uint32_t)type->value;

	if (!type->known)
		return false;
	return want & 0xffffff ? mapcount == want : mapcount >> 24 == want >> 24;
}

static bool is_tail(const struct select *s, const uint8_t *page)
{
	return s->head.known && (word_at(s, page, &s->head) & 1);
}

/* NEXT: the struct page behind it; NULL: there is none. */
static bool is_hugetlb(const struct select *s, uint32_t mapcount, const uint8_t *next)
{
	uint16_t dtor = 0;

	if (s->type_hugetlb.known)
		return is_type(mapcount, &s->type_hugetlb);
	if (!next || !is_tail(s, next))
		return false;
	if (s->pg_hugetlb.known && s->flags.known)
		return has_flag(word_at(s, next, &s->flags), &s->pg_hugetlb);
	if (!s->dtor.known)
		return false;
	memcpy(&dtor, next + s->dtor.value, s->dtor_size.value);
	return dtor == s->hugetlb_dtor.value;
}

static enum page_kind kind_of(const struct select *s, const uint8_t *page, const uint8_t *next,
			      uint64_t *covers)
{
	uint64_t flags = s->flags.known ? word_at(s, page, &s->flags) : 0;
	uint64_t mapping = s->mapping.known ? word_at(s, page, &s->mapping) : 0;
	uint32_t mapcount = 0;
	bool slab, anon, cache;

	*covers = 1;
	if (s->mapcount.known)
		memcpy(&mapcount, page + s->mapcount.value, 4);
	slab = s->type_slab.known ? is_type(mapcount, &s->type_slab) : has_flag(flags, &s->pg_slab);
	if (slab)
		return PAGE_SLAB;
	if (!knows_slab(s))
		return has_flag(flags, &s->pg_hwpoison) ? PAGE_POISON : PAGE_OTHER;
	if (s->mapcount.known && s->private.known && s->orders &&
	    is_type(mapcount, &s->type_buddy)) {
		uint64_t order = word_at(s, page, &s->private);

		if (order >= s->orders)
			return PAGE_OTHER; /* no such order: the mark is not to be believed */
		*covers = UINT64_C(1) << order;
		return PAGE_FREE;
	}
	if (s->mapcount.known && s->orders && is_type(mapcount, &s->type_unaccepted)) {
		*covers = UINT64_C(1) << (s->orders - 1);
		return PAGE_UNACCEPTED;
	}
	anon = mapping & 1;
	cache = !anon && s->mapping.known && s->pg_lru.known &&
		(has_flag(flags, &s->pg_lru) ||
		 (has_flag(flags, &s->pg_swapcache) &&
		  (!s->pg_swapbacked.known || has_flag(flags, &s->pg_swapbacked))));
	if (has_flag(flags, &s->pg_hwpoison))
		return PAGE_POISON;
	if (cache)
		return has_flag(flags, &s->pg_private) || !s->pg_private.known ? PAGE_CACHE_PRIVATE
									       : PAGE_CACHE;
	if (anon)
		return PAGE_USER;
	if (is_hugetlb(s, mapcount, next))
		return PAGE_HUGETLB;
	if (s->mapcount.known && is_type(mapcount, &s->type_offline))
		return PAGE_OFFLINE;
	return PAGE_OTHER;
}

/* Windows ----------------------------------------------------------------------------------- */

#define CHUNK 8192 /* struct pages read at once */

struct select_buffer {
	uint8_t *pages; /* CHUNK + 1 struct pages */
	uint64_t size;	/* of one */
};

struct select_buffer *select_buffer_new(void)
{
	return calloc(1, sizeof(struct select_buffer));
}

void select_buffer_free(struct select_buffer *b)
{
	if (!b)
		return;
	free(b->pages);
	free(b);
}

/* What holds from one page to those behind it. */
struct carry {
	enum page_kind kind; /* of the last head */
	uint64_t left;	     /* pages of a free run still to come */
	enum page_kind free_kind;
};

static void tell_chunk(const struct select *s, const uint8_t *pages, size_t n, size_t readable,
		       struct carry *c, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		const uint8_t *page = pages + i * s->size;
		uint64_t covers;

		if (c->left) {
			c->left--;
			out[i] = (uint8_t)c->free_kind;
			continue;
		}
		if (i >= readable) {
			out[i] = PAGE_UNKNOWN;
			c->kind = PAGE_UNKNOWN;
			continue;
		}
		if (is_tail(s, page)) {
			out[i] = (uint8_t)c->kind;
			continue;
		}
		c->kind = kind_of(s, page, i + 1 < readable ? page + s->size : NULL, &covers);
		out[i] = (uint8_t)c->kind;
		if (covers > 1) {
			c->left = covers - 1;
			c->free_kind = c->kind;
		}
	}
}

static void tell_window(const struct select *s, uint64_t first, struct select_buffer *b,
			uint8_t *out)
{
	struct carry c = { .kind = PAGE_UNKNOWN };

	for (uint64_t i = 0; i < SELECT_WINDOW; i += CHUNK) {
		/* One more, to see the second page of a compound one. */
		size_t got = memmap_read(s->memmap, first + i, CHUNK + 1, b->pages);

		tell_chunk(s, b->pages, CHUNK, got, &c, out + i);
		/* What is missing here and there is passed page by page. */
		for (uint64_t at = got; at < CHUNK && got < CHUNK; at += got) {
			at = memmap_next(s->memmap, first + i + at) - (first + i);
			if (at >= CHUNK)
				break;
			got = memmap_read(s->memmap, first + i + at, CHUNK + 1 - at, b->pages);
			if (!got)
				break;
			tell_chunk(s, b->pages, kd_min(got, CHUNK - at), got, &c, out + i + at);
		}
	}
}

/* Mark what lies between the runs that NEXT tells as of KIND, in the window from FIRST on. */
static void mark_gaps(const struct select *s, uint64_t first, enum page_kind kind,
		      bool (*next)(const struct dump *d, paddr_t from, struct dump_range *out),
		      uint8_t *out)
{
	uint64_t at = first, end = first + SELECT_WINDOW;
	struct dump_range r;

	while (at < end && next(s->dump, at << s->page_shift, &r)) {
		uint64_t from = r.start >> s->page_shift;
		uint64_t to = (r.end + (UINT64_C(1) << s->page_shift) - 1) >> s->page_shift;

		if (from >= end)
			break;
		if (from > at)
			memset(out + (at - first), (int)kind, from - at);
		at = to > at ? to : at + 1;
	}
	if (at < end)
		memset(out + (at - first), (int)kind, end - at);
}

void select_window(const struct select *s, uint64_t first, struct select_buffer *b, uint8_t *out)
{
	if (s->memmap && !b->pages) {
		b->size = s->size;
		b->pages = malloc((CHUNK + 1) * s->size);
	}
	if (!s->memmap || !b->pages)
		memset(out, PAGE_UNKNOWN, SELECT_WINDOW);
	else
		tell_window(s, first, b, out);
	mark_gaps(s, first, PAGE_LEFT_OUT, dump_next_held, out);
	mark_gaps(s, first, PAGE_ABSENT, dump_next_range, out);
}
