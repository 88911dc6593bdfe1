// SPDX-License-Identifier: GPL-3.0-or-later
/* Where bytes of an output go: see sink.h. */
#include "capture/sink.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define ENVELOPE 4096

static int failed(struct sink *s, int error, struct kd_err *err)
{
	if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
		s->full = true;
		return kd_fail(err, KD_NOSPACE, "no space is left: %s", strerror(error));
	}
	return kd_fail(err, KD_IO, "cannot write: %s", strerror(error));
}

/* All of it at the end of the stream. */
static int put(struct sink *s, const void *buf, size_t len, struct kd_err *err)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(s->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed(s, n ? errno : EIO, err);
		if (s->sums)
			sums_add(s->sums, s->streamed, p, (size_t)n);
		s->streamed += (uint64_t)n;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int put_record(struct sink *s, int64_t off, int64_t len, struct kd_err *err)
{
	uint64_t record[2] = { htobe64((uint64_t)off), htobe64((uint64_t)len) };

	return put(s, record, sizeof(record), err);
}

int sink_init(struct sink *s, int fd, bool flat, struct sums *sums, struct kd_err *err)
{
	uint8_t envelope[ENVELOPE] = "makedumpfile";
	uint64_t one = htobe64(1);

	*s = (struct sink){ .fd = fd, .flat = flat, .sums = sums };
	if (!flat)
		return 0;
	memcpy(envelope + 16, &one, 8); /* type */
	memcpy(envelope + 24, &one, 8); /* version */
	return put(s, envelope, sizeof(envelope), err);
}

int sink_write(struct sink *s, uint64_t off, const void *buf, size_t len, struct kd_err *err)
{
	const char *p = buf;

	if (s->full)
		return kd_fail(err, KD_NOSPACE, "no space is left");
	if (s->limit && len > s->limit - kd_min(s->limit, s->written))
		return failed(s, ENOSPC, err);
	s->written += len;
	if (off + len > s->end)
		s->end = off + len;
	if (s->flat) {
		int ret = len ? put_record(s, (int64_t)off, (int64_t)len, err) : 0;

		return ret ? ret : put(s, buf, len, err);
	}
	while (len) {
		ssize_t n = pwrite(s->fd, p, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed(s, n ? errno : ENOSPC, err);
		if (s->sums)
			sums_add(s->sums, off, p, (size_t)n);
		p += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int sink_extend(struct sink *s, uint64_t size, struct kd_err *err)
{
	if (s->end >= size)
		return 0;
	/* A record is the one way to tell a stream's reader. */
	if (s->flat)
		return sink_write(s, size - 1, "", 1, err);
	s->end = size;
	return ftruncate(s->fd, (off_t)size) ? failed(s, errno, err) : 0;
}

int sink_end(struct sink *s, struct kd_err *err)
{
	return s->flat ? put_record(s, -1, -1, err) : 0;
}
