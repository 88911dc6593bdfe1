// SPDX-License-Identifier: GPL-3.0-or-later
/* Checksums by blocks: see sums.h. */
#include "capture/sums.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PIECE (256u << 10) /* read at once */

void sums_fini(struct sums *s)
{
	free(s->list);
	free(s->known);
	*s = (struct sums){ 0 };
}

static bool make_room(struct sums *s, size_t n)
{
	size_t room = s->room ? s->room : 64;
	uint64_t *list;
	bool *known;

	if (n <= s->room)
		return true;
	while (room < n)
		room *= 2;
	list = reallocarray(s->list, room, sizeof(*list));
	if (list)
		s->list = list;
	known = reallocarray(s->known, room, sizeof(*known));
	if (known)
		s->known = known;
	if (!list || !known)
		return false;
	memset(s->list + s->room, 0, (room - s->room) * sizeof(*list));
	memset(s->known + s->room, 0, (room - s->room) * sizeof(*known));
	s->room = room;
	return true;
}

/* A part of one block. */
static void add_part(struct sums *s, uint64_t off, const void *data, size_t len)
{
	size_t block = off / SUMS_BLOCK;

	if (!(off % SUMS_BLOCK) && off >= s->next) {
		s->next = off;
		s->in_order = true;
		hash_init(&s->hash);
	}
	if (off != s->next || !s->in_order) {
		/* Elsewhere in the block that is being summed, too, it is no more in order. */
		s->known[block] = false;
		if (block == s->next / SUMS_BLOCK)
			s->in_order = false;
		if (off + len > s->next && !s->in_order)
			s->next = off + len;
		return;
	}
	hash_add(&s->hash, data, len);
	s->next += len;
	if (s->next % SUMS_BLOCK)
		return;
	s->list[block] = hash_value(&s->hash);
	s->known[block] = true;
	s->in_order = false;
}

void sums_add(struct sums *s, uint64_t off, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t end;

	if (!len || s->failed)
		return;
	if (kd_add_overflow(off, len, &end) ||
	    !make_room(s, (size_t)((end + SUMS_BLOCK - 1) / SUMS_BLOCK))) {
		s->failed = true;
		return;
	}
	if (end > s->size) {
		s->size = end;
		s->n = (size_t)((end + SUMS_BLOCK - 1) / SUMS_BLOCK);
	}
	while (len) {
		size_t n = kd_min(len, SUMS_BLOCK - off % SUMS_BLOCK);

		add_part(s, off, p, n);
		off += n;
		p += n;
		len -= n;
	}
}

int sums_read(int fd, uint64_t off, uint64_t len, uint64_t *sum, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *piece = malloc(PIECE);
	struct hash h;

	if (!piece)
		return kd_nomem(err);
	hash_init(&h);
	while (len) {
		ssize_t n = pread(fd, piece, kd_min(len, PIECE), (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return kd_fail(err, KD_IO, "cannot read at %" PRIu64 ": %s", off,
				       n ? strerror(errno) : "the file ends");
		hash_add(&h, piece, (size_t)n);
		off += (uint64_t)n;
		len -= (uint64_t)n;
	}
	*sum = hash_value(&h);
	return 0;
}

int sums_finish(struct sums *s, int fd, bool (*tick)(void *data), void *data, struct kd_err *err)
{
	if (s->failed)
		return kd_nomem(err);
	if (s->in_order && s->next == s->size && s->next % SUMS_BLOCK) {
		s->list[s->n - 1] = hash_value(&s->hash);
		s->known[s->n - 1] = true;
	}
	for (size_t i = 0; i < s->n; i++) {
		uint64_t off = i * SUMS_BLOCK;
		int ret;

		if (s->known[i])
			continue;
		if (tick && !tick(data))
			return kd_fail(err, KD_CANCELLED, "cancelled");
		ret = sums_read(fd, off, kd_min(SUMS_BLOCK, s->size - off), &s->list[i], err);
		if (ret)
			return ret;
		s->known[i] = true;
	}
	return 0;
}
