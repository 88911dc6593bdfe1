/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where bytes of an output go: a file, any place of it in any order, or a stream, as
 * records of the flattened format (makedumpfile's -F: an envelope of 4096 bytes, then
 * offset, size and bytes, an end mark; all numbers big endian).
 */
#ifndef KD_CAPTURE_SINK_H
#define KD_CAPTURE_SINK_H

#include "capture/sums.h"

struct sink {
	int fd; /* borrowed */
	bool flat;
	uint64_t written; /* bytes put there */
	uint64_t end;	  /* of what was written */
	uint64_t limit;	  /* of WRITTEN, as if the disk were full then; 0: none */
	uint64_t streamed; /* flattened: bytes of the file */
	struct sums *sums; /* borrowed: of the file's bytes; NULL: not wanted */
	bool full;	  /* no space is left: further writes fail with KD_NOSPACE */
};

/* FLAT: writes the envelope. SUMS may be NULL. Errors as sink_write(). */
int sink_init(struct sink *s, int fd, bool flat, struct sums *sums, struct kd_err *err);

/* KD_NOSPACE: the disk, a quota or the limit is full; KD_IO: anything else. */
int sink_write(struct sink *s, uint64_t off, const void *buf, size_t len, struct kd_err *err);

/* The output has SIZE bytes: what was not written is a hole. Errors as above. */
int sink_extend(struct sink *s, uint64_t size, struct kd_err *err);

/* Flattened: the end mark. */
int sink_end(struct sink *s, struct kd_err *err);

#endif
