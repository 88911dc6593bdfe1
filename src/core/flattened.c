// SPDX-License-Identifier: GPL-3.0-or-later
/* The flattened envelope: see flattened.h. */
#include "core/flattened.h"

#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#define HEAD_LEN 4096
#define RECORD_LEN 16 /* the header of a record */
/* An index of 1.5 GB; records of a large dump have 64 KiB. */
#define RECORDS_MAX (UINT64_C(1) << 26)

static const char signature[16] = "makedumpfile";

/* Bytes [off, off + len) of the inner file lie at POS of the outer one. */
struct record {
	uint64_t off, len, pos;
};

struct flattened {
	struct record *records; /* sorted by off, disjoint */
	size_t n, room;
};

static uint64_t be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

bool flattened_probe(const uint8_t *head, size_t len)
{
	/* type and version: there is only one of each */
	return len >= 32 && !memcmp(head, signature, sizeof(signature)) && be64(head + 16) == 1 &&
	       be64(head + 24) == 1;
}

/* Indexing -------------------------------------------------------------------- */

static int add_record(struct flattened *f, struct record r, struct kd_err *err)
{
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 256;
		struct record *grown;

		if (room > RECORDS_MAX)
			return kd_fail(err, KD_UNSUPPORTED,
				       "a flattened file of more than %" PRIu64 " records: "
				       "unpack it with makedumpfile -R",
				       RECORDS_MAX);
		grown = reallocarray(f->records, room, sizeof(*grown));
		if (!grown)
			return kd_nomem(err);
		f->records = grown;
		f->room = room;
	}
	f->records[f->n++] = r;
	return 0;
}

static void note_damage(struct source *s, uint64_t pos, const char *what)
{
	snprintf(s->damage, sizeof(s->damage),
		 "the flattened stream %s at byte %" PRIu64 ": what would follow is lost", what,
		 pos);
}

/* One pass over the headers of all records, up to the end or the first that makes no sense. */
static int scan(struct source *s, struct flattened *f, struct kd_err *err)
{
	uint64_t pos = HEAD_LEN;
	uint8_t head[RECORD_LEN];
	int status = 0;

	while (!status) {
		uint64_t off, len;

		if (!range_contains(s->file_size, pos, RECORD_LEN)) {
			note_damage(s, s->file_size, "is cut off");
			return 0;
		}
		if (source_file_read(s, pos, head, RECORD_LEN) < RECORD_LEN) {
			note_damage(s, pos, "cannot be read");
			return 0;
		}
		off = be64(head);
		len = be64(head + 8);
		if (off == UINT64_MAX) {
			s->gaps = false;
			return 0;
		}
		if (off > INT64_MAX || len > INT64_MAX - off) {
			note_damage(s, pos, "makes no sense");
			return 0;
		}
		pos += RECORD_LEN;
		if (!range_contains(s->file_size, pos, len)) {
			note_damage(s, s->file_size, "is cut off");
			len = s->file_size - pos;
		}
		if (len)
			status = add_record(f, (struct record){ off, len, pos }, err);
		if (*s->damage)
			return status;
		pos += len;
	}
	return status;
}

static int by_off(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

static bool overlapping(const struct flattened *f)
{
	for (size_t i = 1; i < f->n; i++)
		if (f->records[i].off < f->records[i - 1].off + f->records[i - 1].len)
			return true;
	return false;
}

/* Overlaps: the later record wins --------------------------------------------- */

/* A heap of records, the last of the stream (largest pos) on top. */
struct heap {
	struct record *r;
	size_t n;
};

static void swap(struct record *a, struct record *b)
{
	struct record t = *a;

	*a = *b;
	*b = t;
}

static void heap_push(struct heap *h, struct record r)
{
	size_t i = h->n++;

	h->r[i] = r;
	for (; i && h->r[(i - 1) / 2].pos < h->r[i].pos; i = (i - 1) / 2)
		swap(&h->r[i], &h->r[(i - 1) / 2]);
}

static void heap_pop(struct heap *h)
{
	size_t i = 0;

	h->r[0] = h->r[--h->n];
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < h->n && h->r[child + 1].pos > h->r[child].pos)
			child++;
		if (child >= h->n || h->r[child].pos <= h->r[i].pos)
			return;
		swap(&h->r[i], &h->r[child]);
		i = child;
	}
}

/* Go through the sorted records by offset; of those over a place, take the heap's top. */
static void flatten(const struct flattened *f, struct heap *h, struct record *out, size_t *n)
{
	uint64_t at = 0;

	for (size_t next = 0; next < f->n || h->n;) {
		const struct record *top = h->r;
		uint64_t end;

		if (!h->n)
			at = f->records[next].off;
		while (next < f->n && f->records[next].off <= at)
			heap_push(h, f->records[next++]);
		end = top->off + top->len;
		if (end <= at) {
			heap_pop(h);
			continue;
		}
		if (next < f->n)
			end = kd_min(end, f->records[next].off);
		out[(*n)++] = (struct record){ at, end - at, top->pos + (at - top->off) };
		at = end;
	}
}

static int resolve_overlaps(struct flattened *f, struct kd_err *err)
{
	_cleanup_(freep) struct record *heap = reallocarray(NULL, f->n, sizeof(*heap));
	/* each record begins and ends once, so there are at most two pieces for each */
	struct record *out = reallocarray(NULL, 2 * f->n, sizeof(*out));
	struct heap h = { .r = heap };
	size_t n = 0;

	if (!heap || !out) {
		free(out);
		return kd_nomem(err);
	}
	flatten(f, &h, out, &n);
	free(f->records);
	f->records = out;
	f->n = n;
	f->room = n;
	return 0;
}

/* The source ------------------------------------------------------------------ */

/* The last record that begins at or before OFF; n when none does. */
static size_t find_record(const struct flattened *f, uint64_t off)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->records[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : f->n;
}

/*
 * The record that holds OFF, or NULL; *len how many bytes there are to the end of that record, or
 * of the hole.
 */
static const struct record *look_up(const struct source *s, uint64_t off, uint64_t *len)
{
	const struct flattened *f = s->priv;
	size_t i = find_record(f, off), next = i < f->n ? i + 1 : 0;

	if (i < f->n && off - f->records[i].off < f->records[i].len) {
		*len = f->records[i].len - (off - f->records[i].off);
		return &f->records[i];
	}
	*len = (next < f->n ? f->records[next].off : UINT64_MAX) - off;
	return NULL;
}

static enum source_kind flattened_piece(const struct source *s, uint64_t off, uint64_t *at,
					uint64_t *len)
{
	const struct record *r = look_up(s, off, len);

	*at = r ? r->pos + (off - r->off) : 0;
	if (r)
		return SOURCE_FILE;
	return s->gaps || off >= s->size ? SOURCE_MISSING : SOURCE_ZEROS;
}

static uint64_t flattened_hole(const struct source *s, uint64_t off)
{
	uint64_t len;

	return off >= s->size || look_up(s, off, &len) ? 0 : len;
}

static void flattened_close(struct source *s)
{
	struct flattened *f = s->priv;

	if (f)
		free(f->records);
	free(f);
}

static const struct source_ops flattened_ops = {
	.piece = flattened_piece,
	.hole = flattened_hole,
	.close = flattened_close,
};

static void advise(const struct source *s, int mapped, int unmapped)
{
	if (s->map)
		madvise((void *)(uintptr_t)s->map, (size_t)s->file_size, mapped);
	else
		posix_fadvise(s->fd, 0, 0, unmapped);
}

int flattened_open(struct source *s, struct kd_err *err)
{
	struct flattened *f = calloc(1, sizeof(*f));
	int status;

	if (!f)
		return kd_nomem(err);
	s->priv = f;
	s->ops = &flattened_ops;
	s->envelope = "flattened";
	s->gaps = true; /* until the end is seen */
	/* The headers lie far apart: reading ahead would read the whole file. */
	advise(s, MADV_RANDOM, POSIX_FADV_RANDOM);
	status = scan(s, f, err);
	advise(s, MADV_NORMAL, POSIX_FADV_NORMAL);
	/* and all of it, as far as the system has it at hand, would count as our memory */
	if (s->map)
		madvise((void *)(uintptr_t)s->map, (size_t)s->file_size, MADV_DONTNEED);
	if (status)
		return status;
	if (f->n)
		qsort(f->records, f->n, sizeof(*f->records), by_off);
	if (overlapping(f))
		status = resolve_overlaps(f, err);
	s->size = f->n ? f->records[f->n - 1].off + f->records[f->n - 1].len : 0;
	return status;
}
