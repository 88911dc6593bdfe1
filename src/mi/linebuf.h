/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes as they come, lines as they end. A line over the limit is not kept: its
 * head is delivered, marked as cut, and the rest is read past. One thread only.
 */
#ifndef KD_MI_LINEBUF_H
#define KD_MI_LINEBUF_H

#include "core/err.h"

struct mi_linebuf {
	char *data;
	size_t start, scanned, end, capacity;
	size_t limit;	  /* of one line, bytes */
	uint64_t skipped; /* bytes of the present line that were not kept */
};

struct mi_line {
	const char *text; /* no newline; borrowed until the next mi_linebuf_room() */
	size_t len;
	uint64_t cut; /* bytes left out behind text */
};

#define MI_LINEBUF_INIT(max) ((struct mi_linebuf){ .limit = (max) })
void mi_linebuf_fini(struct mi_linebuf *b);

/* Where to read to, and how much (at least 1, at most about 64 KiB). KD_NOMEM. */
int mi_linebuf_room(struct mi_linebuf *b, char **to, size_t *room, struct kd_err *err);
/* N bytes have been read to there. */
void mi_linebuf_added(struct mi_linebuf *b, size_t n);

/* The next whole line; false: none yet. */
bool mi_linebuf_next(struct mi_linebuf *b, struct mi_line *line);
/* After the end of the input: what came behind the last newline; false: nothing. */
bool mi_linebuf_rest(struct mi_linebuf *b, struct mi_line *line);

#endif
