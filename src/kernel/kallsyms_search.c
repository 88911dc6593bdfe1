// SPDX-License-Identifier: GPL-3.0-or-later
/* The parts of kallsyms by their shape: see kallsyms_search.h. */
#include "kernel/kallsyms_search.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/window.h"

#define CHUNK (256u << 10) /* bytes looked through at once */
#define INDEX_SIZE 512u	   /* bytes of the token index: 256 numbers of 16 bits */
#define HEAD_SIZE 16u	   /* bytes of it that are looked at in passing */
#define LONGEST 1024u	   /* bytes of a token or a name with its length, by far */
#define MARK_EVERY KALLSYMS_MARK_EVERY
#define MARKS_MAX (KALLSYMS_MAX / MARK_EVERY)
#define ALIGN_MAX 8u
#define TABLES_MAX 32u	    /* token tables that are looked at: there is one in a kernel */
#define CHECKS_MAX 256u	    /* places for names and addresses that are tried */
#define SEQS_MAX (3u << 20) /* bytes of kallsyms_seqs_of_names, three a symbol, and markers */

struct search {
	struct kallsyms_source *src;
	uint8_t chunk[CHUNK + INDEX_SIZE];
	unsigned tables, checks; /* what was tried: memory may be made to look like many */
	bool nomem;
};

/* Is there no use in going on? */
static bool is_over(const struct search *s)
{
	return s->nomem || s->tables > TABLES_MAX || s->checks > CHECKS_MAX;
}

static bool get(const struct search *s, vaddr_t at, void *buf, size_t len)
{
	return !s->src->read(s->src->data, at, buf, len, NULL, NULL);
}

static uint64_t number(const struct search *s, vaddr_t at, size_t size)
{
	uint8_t bytes[8];

	return get(s, at, bytes, size) ? uint_le(bytes, size) : 0;
}

static vaddr_t aligned(vaddr_t at, unsigned align)
{
	return (at + align - 1) & ~(vaddr_t)(align - 1);
}

/* Addresses --------------------------------------------------------------------- */

/* Do the tables hold together, with addresses of this kind at AT? */
static bool agrees(struct search *s, vaddr_t offsets, vaddr_t addresses, vaddr_t base)
{
	int status;

	if (s->checks++ > CHECKS_MAX)
		return false;
	s->src->offsets = offsets;
	s->src->addresses = addresses;
	s->src->relative_base = base;
	status = kallsyms_check(s->src, NULL);
	s->nomem |= status == KD_NOMEM;
	return !status;
}

/* Behind the token index (since v6.4), or in front of the number of symbols. */
static bool find_addresses(struct search *s, uint32_t n)
{
	const struct kallsyms_source *src = s->src;
	unsigned align = src->ptr_size; /* mostly */
	vaddr_t late = src->token_index + INDEX_SIZE, end = src->num_syms;

	for (unsigned i = 0; i < 2; i++, align ^= 4 ^ 8) {
		uint64_t size = aligned(4 * (uint64_t)n, align);
		vaddr_t base = end - aligned(src->ptr_size, align);

		if (agrees(s, base - size, 0, base) || agrees(s, end - size, 0, 0) ||
		    agrees(s, late, 0, late + size))
			return true;
	}
	return agrees(s, 0, end - (uint64_t)n * src->ptr_size, 0) || agrees(s, late, 0, 0) ||
	       agrees(s, 0, late, 0);
}

/* Names ------------------------------------------------------------------------- */

/* Do COUNT names fill LEN bytes, but for padding? BIG: bit 7 of a length says that it has two. */
static bool names_fill(const uint8_t *p, size_t len, size_t count, bool big)
{
	size_t at = 0;

	while (count-- && at + 1 < len) {
		size_t length = p[at++];

		if (big && (length & 0x80))
			length = (length & 0x7f) | (size_t)p[at++] << 7;
		if (!length || length > len - at)
			return false;
		at += length;
	}
	return count == SIZE_MAX && len - at < ALIGN_MAX;
}

/* What can be read of the bytes from *AT up to END, which begins at *AT then. */
static uint8_t *get_below(struct search *s, vaddr_t *at, vaddr_t end)
{
	uint8_t *bytes = malloc(end - *at);

	s->nomem |= !bytes;
	while (bytes && *at < end && !get(s, *at, bytes, end - *at))
		*at = aligned(*at + (end - *at) / 2 + 1, ALIGN_MAX);
	return bytes;
}

/*
 * The names end where the markers, which are at MARKS, begin; their number stands in
 * front of them, and fits the NMARKS, the last of which tells where one of the last
 * 256 names is.
 */
static bool find_names(struct search *s, vaddr_t marks, size_t nmarks, uint64_t last)
{
	size_t room = MARK_EVERY * LONGEST + ALIGN_MAX;
	vaddr_t end = marks - last, from = end - room, tail = marks - room;
	_cleanup_(freep) uint8_t *numbers = NULL, *names = NULL;

	if (last > marks || end < room)
		return false;
	from &= ~(vaddr_t)3;
	numbers = get_below(s, &from, end);
	names = get_below(s, &tail, marks);
	if (!numbers || !names)
		return false;
	for (vaddr_t at = (end - 2 - 4) & ~(vaddr_t)3; at >= from && at < end && !is_over(s);
	     at -= 4) {
		uint64_t n = uint_le(numbers + (at - from), 4);

		if ((n + MARK_EVERY - 1) / MARK_EVERY != nmarks)
			continue;
		s->src->num_syms = at;
		for (unsigned gap = 4; gap <= ALIGN_MAX; gap *= 2) {
			vaddr_t there = at + gap + last;
			size_t count = n - (nmarks - 1) * MARK_EVERY;

			if (there < tail || there >= marks ||
			    (!names_fill(names + (there - tail), marks - there, count, false) &&
			     !names_fill(names + (there - tail), marks - there, count, true)))
				continue;
			s->src->names = at + gap;
			if (find_addresses(s, (uint32_t)n))
				return true;
		}
	}
	return false;
}

/* Markers ----------------------------------------------------------------------- */

/* May 256 names take so many bytes? */
static bool is_step(uint64_t step)
{
	return step >= 2 * MARK_EVERY && step <= MARK_EVERY * LONGEST;
}

/*
 * The markers end at END: numbers of WIDTH bytes that grow from 0, by so much as 256
 * names may take.
 */
static bool find_markers(struct search *s, vaddr_t end, unsigned width)
{
	uint64_t above = 0, last = 0;

	for (size_t n = 1; n <= MARKS_MAX; n++) {
		vaddr_t at = end - n * width;
		uint64_t mark = number(s, at, width);

		if (n == 1)
			last = mark;
		else if (mark >= above || !is_step(above - mark))
			return false;
		if (!mark && find_names(s, at, n, last))
			return true;
		/* A single one may be nothing but padding. */
		if (!mark)
			return false;
		above = mark;
	}
	return false;
}

/*
 * Since v6.2 (60443c88f3a8), where it was not moved away, three bytes a symbol stand
 * between the markers and the tokens. So many symbols have so many markers, the first of
 * which is 0.
 */
static bool find_markers_further(struct search *s, vaddr_t table)
{
	vaddr_t from = table - SEQS_MAX;
	_cleanup_(freep) uint8_t *bytes = get_below(s, &from, table);
	bool found = false;

	for (vaddr_t end = table - 4; bytes && end >= from && end < table && !found && !is_over(s);
	     end -= 4) {
		size_t n = (size_t)(table - end) / 3;
		size_t size = 4 * ((n + MARK_EVERY - 1) / MARK_EVERY);

		/* padding of the markers, and of what is behind them */
		for (unsigned gap = 0; gap <= 4 && !found; gap += 4) {
			vaddr_t first = end - gap - size;

			if (n <= MARK_EVERY || first < from || first >= end)
				continue;
			found = !uint_le(bytes + (first - from), 4) &&
				is_step(uint_le(bytes + (first - from) + 4, 4)) &&
				find_markers(s, end - gap, 4);
		}
	}
	return found;
}

/* Tokens ------------------------------------------------------------------------ */

/*
 * The table ends where the index begins, but for padding; where it begins is known once
 * the length of the last token is. All 256 must be strings one behind the other.
 */
static bool is_table(const uint8_t *table, size_t room, const uint8_t index[INDEX_SIZE])
{
	for (unsigned i = 0; i < 256; i++) {
		size_t at = (size_t)uint_le(index + 2 * i, 2);
		size_t next = i < 255 ? (size_t)uint_le(index + 2 * i + 2, 2) : 0;
		size_t len = strnlen((const char *)table + at, room - at);

		if (i < 255 ? at + len + 1 != next
			    : room - at - len > ALIGN_MAX || len == room - at)
			return false;
	}
	return true;
}

static bool find_table(struct search *s, vaddr_t at, const uint8_t index[INDEX_SIZE])
{
	size_t last = (size_t)uint_le(index + INDEX_SIZE - 2, 2), room = last + LONGEST;
	_cleanup_(freep) uint8_t *bytes = malloc(room);
	bool found = false;

	if (!bytes) {
		s->nomem = true;
		return false;
	}
	if (at < room || !get(s, at - room, bytes, room))
		return false;
	s->src->token_index = at;
	for (vaddr_t table = (at - last - 1) & ~(vaddr_t)3; !found && !is_over(s); table -= 4) {
		size_t skip = table - (at - room);

		if (skip > room)
			break;
		if (!is_table(bytes + skip, room - skip, index))
			continue;
		s->src->token_table = table;
		s->tables++;
		for (unsigned gap = 0; gap <= 4 && !found; gap += 4)
			found = find_markers(s, table - gap, 4) ||
				(s->src->ptr_size == 8 && find_markers(s, table - gap, 8));
		found = found || find_markers_further(s, table);
	}
	return found;
}

/* Do N numbers of 16 bits grow from 0, by a token's length each? */
static bool grows(const uint8_t *p, unsigned n)
{
	if (uint_le(p, 2))
		return false;
	for (unsigned i = 1; i < n; i++) {
		uint64_t step = uint_le(p + 2 * i, 2) - uint_le(p + 2 * i - 2, 2);

		if (!step || step > LONGEST)
			return false;
	}
	return true;
}

/* Look for an index that begins between AT and AT + CHUNK. */
static bool look_through(struct search *s, vaddr_t at)
{
	size_t have = 0;

	/* page by page: what is missing is not skipped by reading */
	memset(s->chunk, 0, sizeof(s->chunk));
	for (size_t page = 0; page < sizeof(s->chunk); page += WINDOW_SIZE) {
		size_t len = kd_min(WINDOW_SIZE, sizeof(s->chunk) - page);

		if (get(s, at + page, s->chunk + page, len))
			have = page + len;
	}
	for (size_t i = 0; i < CHUNK && i + HEAD_SIZE <= have && !is_over(s); i += 4) {
		const uint8_t *p = s->chunk + i;

		if (!p[0] && !p[1] && grows(p, HEAD_SIZE / 2) && grows(p, INDEX_SIZE / 2) &&
		    find_table(s, at + i, p))
			return true;
	}
	return false;
}

int kallsyms_search(struct kallsyms_source *src, vaddr_t start, vaddr_t near, vaddr_t end,
		    struct kd_err *err)
{
	struct search *s = calloc(1, sizeof(*s));
	bool found = false;

	if (!s)
		return kd_nomem(err);
	s->src = src;
	start &= ~(vaddr_t)(WINDOW_SIZE - 1);
	near = kd_min(aligned(near < start ? start : near, WINDOW_SIZE), end);
	for (vaddr_t at = near; !found && !is_over(s) && at > start;) {
		at -= kd_min(at - start, CHUNK);
		found = look_through(s, at);
	}
	for (vaddr_t at = near; !found && !is_over(s) && at < end; at += kd_min(end - at, CHUNK))
		found = look_through(s, at);
	if (s->nomem) {
		free(s);
		return kd_nomem(err);
	}
	free(s);
	return found ? 0
		     : kd_fail(err, KD_NOTFOUND,
			       "no kallsyms tables between %#" PRIx64 " and %#" PRIx64, start, end);
}
