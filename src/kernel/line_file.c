// SPDX-License-Identifier: GPL-3.0-or-later
/* The DWARF of one file: see line_file.h. */
#include "kernel/line_file.h"

#include <dwarf.h>
#include <pthread.h>
#include <string.h>

#include "kernel/debug_file.h"
#include "kernel/kernel.h"

#define RANGES_MAX (1u << 22) /* of code, in all units of a file */
#define NESTING_MAX 16	      /* namespaces in namespaces */

struct range {
	uint64_t start, end;
	uint64_t unit; /* offset of its header */
};

struct ranges {
	struct range *list; /* by start */
	size_t n;
};

/* A unit that was asked for. */
struct known {
	uint64_t offset;
	bool ready;	        /* else a thread is reading it */
	struct line_unit *unit; /* NULL: it makes no sense */
};

struct line_file {
	struct debug_file *file;
	struct dwarf_data dwarf;
	struct line_data lines;
	uint64_t bias; /* add to addresses in the DWARF (wraps) */
	uint64_t mask; /* of addresses */
	struct ranges aranges; /* of .debug_aranges */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t read;
	struct known **units; /* by offset */
	size_t nunits;
	struct ranges all; /* code of all units, by their own words; read when aranges lack some */
	struct ranges extents; /* of units in .debug_info itself */
	bool has_all, has_extents;
};

uint64_t line_file_pc(const struct line_file *f, vaddr_t pc)
{
	return (pc - f->bias) & f->mask;
}

const struct line_data *line_file_data(const struct line_file *f)
{
	return &f->lines;
}

/* Ranges ------------------------------------------------------------------------------ */

static bool add_range(struct ranges *r, const struct range *new)
{
	/* The list doubles whenever its length is a power of 2. */
	if (!(r->n & (r->n - 1))) {
		size_t room = r->n ? 2 * r->n : 1;
		struct range *grown =
			r->n < RANGES_MAX ? realloc(r->list, room * sizeof(*grown)) : NULL;

		if (!grown)
			return false;
		r->list = grown;
	}
	r->list[r->n++] = *new;
	return true;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void sort_ranges(struct ranges *r)
{
	if (r->n)
		qsort(r->list, r->n, sizeof(*r->list), compare_ranges);
}

/* They do not overlap, so that the last that starts before AT is it. */
static const struct range *find_range(const struct ranges *r, uint64_t at)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->list[mid].start <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low && at < r->list[low - 1].end ? &r->list[low - 1] : NULL;
}

static uint64_t le(const uint8_t *p, size_t size)
{
	uint64_t v = 0;

	while (size--)
		v = v << 8 | p[size];
	return v;
}

/* One set of .debug_aranges (DWARF 5 section 6.1.2) of LEN bytes after its length. */
static bool read_set(struct ranges *out, const uint8_t *p, size_t len)
{
	struct range r = { 0 };
	size_t size, at = 8;

	if (len < 8 || le(p, 2) != 2)
		return true;
	r.unit = le(p + 2, 4);
	size = p[6];
	if ((size != 4 && size != 8) || p[7] != 0)
		return true;
	/* Tuples are aligned to their size, counted from the set's start, its length. */
	at += (size_t) - (at + 4) & (2 * size - 1);
	for (; range_contains(len, at, 2 * size); at += 2 * size) {
		uint64_t n = le(p + at + size, size);

		r.start = le(p + at, size);
		if (!r.start && !n)
			break;
		if (n && !kd_add_overflow(r.start, n, &r.end) && !add_range(out, &r))
			return false;
	}
	return true;
}

static void read_aranges(struct line_file *f)
{
	const uint8_t *p = NULL;
	size_t size = 0, at = 0;

	if (debug_file_section(f->file, ".debug_aranges", &p, &size, NULL))
		return;
	while (range_contains(size, at, 4)) {
		uint64_t len = le(p + at, 4);

		at += 4;
		/* The 64-bit form is for files above 4 GB. */
		if (!range_contains(size, at, len) || !read_set(&f->aranges, p + at, (size_t)len))
			break;
		at += (size_t)len;
	}
	sort_ranges(&f->aranges);
}

static bool add_die_ranges(struct ranges *out, const struct dwarf_die *d, uint64_t unit)
{
	struct range new = { .unit = unit };
	struct dwarf_ranges r;

	dw_ranges_start(&r, d);
	while (dw_ranges_next(&r, &new.start, &new.end))
		if (new.start < new.end && !add_range(out, &new))
			return false;
	return true;
}

/* clang writes no .debug_aranges, and assembly's may be missing. */
static void read_all(struct line_file *f)
{
	uint64_t at = 0;
	bool ok = f->dwarf.info.size > 0;

	f->has_all = true;
	while (ok) {
		struct dwarf_unit u;
		struct dwarf_die root;

		if (!dw_unit_open(&u, &f->dwarf, at, NULL)) {
			ok = !dw_die_at(&u, u.die, &root) || add_die_ranges(&f->all, &root, at);
			dw_unit_fini(&u);
		}
		ok = ok && dw_next_unit(&f->dwarf, at, &at);
	}
	sort_ranges(&f->all);
}

static void read_extents(struct line_file *f)
{
	struct range r = { 0 };
	bool more = f->dwarf.info.size > 0;

	f->has_extents = true;
	while (more) {
		r.unit = r.start;
		more = dw_next_unit(&f->dwarf, r.start, &r.end);
		if (!more)
			r.end = f->dwarf.info.size;
		if (!add_range(&f->extents, &r))
			return;
		r.start = r.end;
	}
}

/* Units ------------------------------------------------------------------------------- */

static bool add_function(struct ranges *out, const struct dwarf_die *d)
{
	return add_die_ranges(out, d, d->offset);
}

/* Functions below D, through namespaces (of Rust). */
static bool find_functions(struct ranges *out, const struct dwarf_die *parent, unsigned depth)
{
	struct dwarf_die d;
	bool ok = true;

	if (depth > NESTING_MAX || !dw_child(parent, &d))
		return true;
	do {
		if (dw_tag(&d) == DW_TAG_subprogram)
			ok = add_function(out, &d);
		else if (dw_tag(&d) == DW_TAG_namespace)
			ok = find_functions(out, &d, depth + 1);
	} while (ok && dw_sibling(&d, &d));
	return ok;
}

static void unit_free(struct line_unit *u)
{
	if (!u)
		return;
	dw_unit_fini(&u->unit);
	free(u->functions);
	free(u);
}

static struct line_unit *unit_new(const struct line_file *f, uint64_t offset)
{
	struct line_unit *u = calloc(1, sizeof(*u));
	struct ranges found = { .n = 0 };
	struct dwarf_die root;

	if (!u || dw_unit_open(&u->unit, &f->dwarf, offset, NULL)) {
		free(u);
		return NULL;
	}
	if (dw_die_at(&u->unit, u->unit.die, &root))
		find_functions(&found, &root, 0);
	sort_ranges(&found);
	u->functions = calloc(found.n ? found.n : 1, sizeof(*u->functions));
	for (size_t i = 0; u->functions && i < found.n; i++)
		u->functions[u->nfunctions++] = (struct line_function){
			found.list[i].start, found.list[i].end, found.list[i].unit
		};
	free(found.list);
	return u;
}

/* Where the unit at OFFSET is in the list, or belongs. */
static size_t unit_slot(const struct line_file *f, uint64_t offset)
{
	size_t low = 0, high = f->nunits;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->units[mid]->offset < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Make a place for the unit at OFFSET, which is to be in slot I. NULL: out of memory. */
static struct known *insert(struct line_file *f, size_t i, uint64_t offset)
{
	struct known **grown = reallocarray(f->units, f->nunits + 1, sizeof(struct known *));
	struct known *k = grown ? calloc(1, sizeof(*k)) : NULL;

	if (grown)
		f->units = grown;
	if (!k)
		return NULL;
	k->offset = offset;
	memmove(grown + i + 1, grown + i, (f->nunits - i) * sizeof(*grown));
	grown[i] = k;
	f->nunits++;
	return k;
}

/*
 * The unit at OFFSET, and whether it is the caller's to read (*mine): else another thread has, or
 * is about to, which is waited for.
 */
static struct known *claim(struct line_file *f, uint64_t offset, bool *mine)
{
	struct known *k = NULL;
	size_t i;

	pthread_mutex_lock(&f->lock);
	i = unit_slot(f, offset);
	if (i < f->nunits && f->units[i]->offset == offset)
		k = f->units[i];
	*mine = !k;
	while (k && !k->ready)
		pthread_cond_wait(&f->read, &f->lock);
	if (!k)
		k = insert(f, i, offset);
	pthread_mutex_unlock(&f->lock);
	return k;
}

/* The lock is not held while a unit is read, so that others can be. */
static const struct line_unit *unit_at(struct line_file *f, uint64_t offset)
{
	bool mine;
	struct known *k = claim(f, offset, &mine);
	struct line_unit *u;

	if (!k || !mine)
		return k ? k->unit : NULL;
	u = unit_new(f, offset);
	pthread_mutex_lock(&f->lock);
	k->unit = u;
	k->ready = true;
	pthread_cond_broadcast(&f->read);
	pthread_mutex_unlock(&f->lock);
	return u;
}

const struct line_unit *line_file_unit(struct line_file *f, uint64_t pc)
{
	const struct range *r = find_range(&f->aranges, pc);

	if (!r) {
		pthread_mutex_lock(&f->lock);
		if (!f->has_all)
			read_all(f);
		r = find_range(&f->all, pc);
		pthread_mutex_unlock(&f->lock);
	}
	return r ? unit_at(f, r->unit) : NULL;
}

const struct line_unit *line_file_unit_of(struct line_file *f, uint64_t offset)
{
	const struct range *r;

	pthread_mutex_lock(&f->lock);
	if (!f->has_extents)
		read_extents(f);
	r = find_range(&f->extents, offset);
	pthread_mutex_unlock(&f->lock);
	return r ? unit_at(f, r->unit) : NULL;
}

/* Opening ------------------------------------------------------------------------------- */

static int take_sections(struct line_file *f, struct kd_err *err)
{
	const struct {
		const char *name;
		const uint8_t **data;
		size_t *size;
	} wanted[] = {
#define SECTION(name, s) { name, &f->dwarf.s.data, &f->dwarf.s.size }
#define LINES(name, s) { name, &f->lines.s, &f->lines.s##_size }
		SECTION(".debug_info", info),
		SECTION(".debug_abbrev", abbrev),
		SECTION(".debug_str", str),
		SECTION(".debug_line_str", line_str),
		SECTION(".debug_str_offsets", str_offsets),
		SECTION(".debug_addr", addr),
		SECTION(".debug_ranges", ranges),
		SECTION(".debug_rnglists", rnglists),
		LINES(".debug_line", line),
	};
	int rc = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(wanted) && !rc; i++)
		rc = debug_file_section(f->file, wanted[i].name, wanted[i].data, wanted[i].size,
					err);
	f->lines.line_str = f->dwarf.line_str.data;
	f->lines.line_str_size = f->dwarf.line_str.size;
	f->lines.str = f->dwarf.str.data;
	f->lines.str_size = f->dwarf.str.size;
	if (!rc && !f->dwarf.info.data)
		return kd_fail(err, KD_NOTFOUND, "no DWARF");
	return rc;
}

int line_file_open(const struct kernel *k, const struct module *m, struct line_file **out,
		   struct kd_err *err)
{
	const char *path = m ? m->debug_path : k->vmlinux ? k->vmlinux->path : NULL;
	struct line_file *f;
	int rc;

	if (!path || (m && !m->nsections))
		return kd_fail(err, KD_NOTFOUND, "no debug file");
	f = calloc(1, sizeof(*f));
	if (!f)
		return kd_nomem(err);
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->read, NULL);
	f->mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	f->bias = m ? 0 : k->kaslr_offset;
	rc = debug_file_open(path, m, &f->file, err);
	if (!rc)
		rc = take_sections(f, err);
	if (rc) {
		line_file_close(f);
		return rc;
	}
	read_aranges(f);
	*out = f;
	return 0;
}

void line_file_close(struct line_file *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->nunits; i++) {
		unit_free(f->units[i]->unit);
		free(f->units[i]);
	}
	free(f->units);
	free(f->aranges.list);
	free(f->all.list);
	free(f->extents.list);
	debug_file_close(f->file);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->read);
	free(f);
}
