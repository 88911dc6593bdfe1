// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tables of kallsyms that are damaged. Each name is found from the one before it, so one
 * wrong length would cost all that follow; but the kernel keeps markers, of where each
 * 256th name is, for itself. They lie between names and tokens, begin with 0 and ascend by
 * what 256 names can take. Addresses ascend as well.
 */
#include <inttypes.h>
#include <string.h>

#include "core/ascending.h"
#include "kernel/kallsyms_priv.h"
#include "kernel/window.h"

#define PIECE 4096u
#define STEP_MIN (2 * KALLSYMS_MARK_EVERY)   /* bytes: a length and a token each */
#define STEP_MAX (512u * KALLSYMS_MARK_EVERY)
#define MARKERS_MIN 8 /* fewer may be chance */

/* All that lies between the names and the tokens; what is missing is zero. */
static int load(struct kallsyms_tables *t, size_t len, struct kd_err *err)
{
	uint8_t *bytes = calloc(1, len);

	if (!bytes)
		return kd_nomem(err);
	for (size_t at = 0, n; at < len; at += n) {
		n = (size_t)kd_min(len - at, PIECE - ((t->src->names + at) & (PIECE - 1)));
		if (t->src->read(t->src->data, t->src->names + at, bytes + at, n, NULL, NULL))
			memset(bytes + at, 0, n);
	}
	free(t->names);
	t->names = bytes;
	t->have = t->room = len;
	return 0;
}

struct markers {
	size_t at; /* where they are, and so where names end at the latest */
	size_t n, width;
};

/* How many numbers at AT could be markers. */
static size_t count(const struct kallsyms_tables *t, size_t at, size_t width)
{
	uint64_t before = 0;
	size_t n = 0;

	for (; at + (n + 1) * width <= t->have; n++) {
		uint64_t v = uint_le(t->names + at + n * width, width);

		if (v >= at || (n ? v - before < STEP_MIN || v - before > STEP_MAX : v))
			break;
		before = v;
	}
	return n && at - before <= STEP_MAX + 8 ? n : 0;
}

static bool find_markers(const struct kallsyms_tables *t, struct markers *m)
{
	const size_t widths[] = { 4, t->src->ptr_size };

	*m = (struct markers){ .n = MARKERS_MIN - 1 };
	for (size_t w = 0; w < KD_ARRAY_SIZE(widths); w++) {
		size_t first = -t->src->names & 3;

		for (size_t at = first; at + widths[w] <= t->have; at += 4) {
			size_t n = count(t, at, widths[w]);

			if (n > m->n)
				*m = (struct markers){ at, n, widths[w] };
		}
	}
	return m->width != 0;
}

/* Do N names lead from mark B to the next? N 0: count them; *n gets how many. */
static bool block_fits(struct kallsyms_tables *t, const struct markers *m, size_t b, uint32_t *n)
{
	size_t at = t->marks[b], end = b + 1 < m->n ? t->marks[b + 1] : m->at, start, len;
	uint32_t want = b + 1 < m->n ? KALLSYMS_MARK_EVERY : *n, got = 0;

	/* behind the last name there may be padding */
	while (at < end && (b + 1 < m->n || got < KALLSYMS_MARK_EVERY) && (!want || got < want)) {
		size_t before = at;

		if (kallsyms_next_name(t, &at, &start, &len, NULL) || at > end) {
			at = before;
			break;
		}
		got++;
	}
	*n = got;
	return b + 1 < m->n ? at == end && got == want : got && end - at < 8;
}

/* With one meaning of bit 7: how many blocks are broken. */
static size_t count_broken(struct kallsyms_tables *t, const struct markers *m, bool big,
			   uint32_t *last)
{
	uint32_t said = t->said / KALLSYMS_MARK_EVERY + 1 == m->n ? t->said % KALLSYMS_MARK_EVERY : 0;
	size_t broken = 0;

	t->big = big;
	for (size_t b = 0; b < m->n; b++) {
		uint32_t n = b + 1 < m->n ? KALLSYMS_MARK_EVERY : said;

		t->broken[b] = !block_fits(t, m, b, &n);
		if (b + 1 == m->n && t->broken[b] && said) {
			n = 0; /* what is said may be just a little wrong */
			t->broken[b] = !block_fits(t, m, b, &n);
		}
		broken += t->broken[b];
		if (b + 1 == m->n)
			*last = n;
	}
	return broken;
}

int kallsyms_mend_names(struct kallsyms_tables *t, struct kd_err *err)
{
	size_t len = t->src->token_table - t->src->names, broken;
	uint32_t last = 0, other = 0;
	struct markers m;

	if (t->src->token_table <= t->src->names || len > KALLSYMS_NAMES_MAX)
		return kd_fail(err, KD_CORRUPT, "names: they do not lie ahead of the tokens");
	if (load(t, len, err))
		return KD_NOMEM;
	if (!find_markers(t, &m))
		return kd_fail(err, KD_CORRUPT, "names: no markers are found for them");
	free(t->marks);
	free(t->broken);
	t->marks = calloc(m.n + 1, sizeof(*t->marks));
	t->broken = calloc(m.n + 1, 1);
	if (!t->marks || !t->broken)
		return kd_nomem(err);
	for (size_t b = 0; b < m.n; b++)
		t->marks[b] = (uint32_t)uint_le(t->names + m.at + b * m.width, m.width);
	broken = count_broken(t, &m, true, &last);
	if (broken && count_broken(t, &m, false, &other) < broken)
		last = other;
	else if (broken)
		broken = count_broken(t, &m, true, &last);
	if (broken > m.n / 2)
		return kd_fail(err, KD_CORRUPT, "names: %zu of %zu markers do not agree with them",
			       broken, m.n);
	t->n = (uint32_t)(m.n - 1) * KALLSYMS_MARK_EVERY + last;
	t->proven = true;
	return 0;
}

static bool value(const void *data, size_t i, uint64_t *v)
{
	const struct kallsyms_tables *t = data;

	*v = kallsyms_address(t, t->encoding, (uint32_t)i);
	return true;
}

int kallsyms_mend_addresses(struct kallsyms_tables *t, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *keep = NULL;
	uint64_t before = 0, v;
	size_t kept;
	uint32_t i = 0;

	for (; i < t->n; i++, before = v)
		if (value(t, i, &v) && v < before)
			break;
	if (i == t->n)
		return 0;
	keep = malloc(t->n);
	if (!keep || ascending_run(t->n, value, t, keep, &kept))
		return kd_nomem(err);
	if (kept < t->n / 2)
		return kd_fail(err, KD_CORRUPT, "addresses: %zu of %" PRIu32 " are out of order",
			       t->n - kept, t->n);
	for (i = 0; i < t->n; i++)
		keep[i] = !keep[i];
	t->wrong = keep;
	keep = NULL;
	return 0;
}
