/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a space in small pieces: the last few pages are kept, and a page that
 * is missing is asked for once. For one thread; the space is borrowed.
 */
#ifndef KD_KERNEL_WINDOW_H
#define KD_KERNEL_WINDOW_H

#include "core/err.h"

#define WINDOW_SIZE 4096u /* bytes; no page is smaller, so it is there or not as a whole */
#define WINDOW_COUNT 8u /* a stack, a task_struct and its neighbours */

struct space;

struct windows {
	const struct space *space;
	struct kd_err err; /* of the first page that was missing; status 0: none was */
	unsigned next;	   /* slot to be used again */
	struct window {
		vaddr_t at;
		bool filled;
		int status; /* 0, or how it is missing */
		uint8_t bytes[WINDOW_SIZE];
	} slots[WINDOW_COUNT];
};

/* A zeroed struct with space set is ready; free() ends it. NULL: out of memory. */
struct windows *windows_new(const struct space *s);

/* Read LEN bytes at AT; *done (may be NULL) is how far it got. 0, or how the next is missing. */
int windows_read(struct windows *w, vaddr_t at, void *buf, size_t len, size_t *done);

/* A little-endian number of SIZE bytes, at most 8; 0 when it is missing. */
int windows_read_uint(struct windows *w, vaddr_t at, size_t size, uint64_t *value);

/*
 * A string of at most SIZE - 1 bytes, always terminated. KD_CORRUPT: it is
 * longer; else how the byte before its NUL is missing.
 */
int windows_read_str(struct windows *w, vaddr_t at, char *buf, size_t size);

/* A little-endian number of SIZE bytes out of a buffer. */
static inline uint64_t uint_le(const uint8_t *p, size_t size)
{
	uint64_t v = 0;

	while (size--)
		v = v << 8 | p[size];
	return v;
}

#endif
