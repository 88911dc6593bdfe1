// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ORC tables that are damaged: addresses ascend, so what does not fit into the longest run
 * that does is wrong. The code it would have described is said to be unknown, from the
 * entry before it to the one behind.
 */
#include <string.h>

#include "core/ascending.h"
#include "x86_64/orc.h"
#include "x86_64/orc_priv.h"

/* No code lies in the table itself, where words that were wiped out lead. */
static bool is_sound(const struct orc_table *t, size_t i)
{
	return orc_ip(t, i) - t->ip_base >= 4 * (uint64_t)t->n;
}

/* Nearly all tables are, of 400,000 entries: what orc_ip() and is_sound() say, in one go. */
static bool in_order(const struct orc_table *t)
{
	uint64_t size = 4 * (uint64_t)t->n;
	vaddr_t before = 0;

	for (size_t i = 0; i < t->n; i++) {
		uint64_t off = 4 * i + (uint64_t)(int64_t)t->ips[i];
		vaddr_t ip = t->ip_base + off;

		if (off < size || ip < before)
			return false;
		before = ip;
	}
	return true;
}

static bool address(const void *data, size_t i, uint64_t *ip)
{
	const struct orc_table *t = data;

	*ip = orc_ip(t, i);
	return is_sound(t, i);
}

/* An entry that belongs to no run describes nothing, at the address of the one before. */
static void forget(struct orc_table *t, size_t i, vaddr_t ip)
{
	int64_t off = (int64_t)(ip - t->ip_base) - 4 * (int64_t)i;

	/* where that can not be written from here, what can lies between its neighbours */
	t->ips[i] = off < INT32_MIN ? INT32_MIN : off > INT32_MAX ? INT32_MAX : (int32_t)off;
	memset(t->entries + i * ORC_ENTRY_SIZE, 0, ORC_ENTRY_SIZE);
}

int orc_table_mend(struct orc_table *t, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *keep = NULL;
	size_t kept = 0, last;

	if (in_order(t))
		return 0;
	keep = malloc(t->n);
	if (!keep || ascending_run(t->n, address, t, keep, &kept))
		return kd_nomem(err);
	if (kept <= t->n / 2)
		return kd_fail(err, KD_CORRUPT,
			       "ORC tables: %zu of %zu addresses are out of order", t->n - kept, t->n);
	t->damaged = t->n - kept;
	for (last = 0; !keep[last]; last++)
		;
	/* ahead of the first there is only that */
	for (size_t i = 0; i < t->n; i++) {
		if (keep[i])
			last = i;
		else
			forget(t, i, orc_ip(t, last));
	}
	return 0;
}
