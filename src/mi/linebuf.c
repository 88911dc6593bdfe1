// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines out of a byte stream, of bounded length: see linebuf.h. */
#include "mi/linebuf.h"

#include <string.h>

enum {
	READ_SIZE = 64 << 10, /* a Linux pipe holds as much */
	KEPT_SIZE = 1 << 20,  /* an empty buffer over this is given back */
	HEAD_SIZE = 4 << 10,  /* of a line over the limit */
};

void mi_linebuf_fini(struct mi_linebuf *b)
{
	free(b->data);
	b->data = NULL;
	b->start = b->scanned = b->end = b->capacity = 0;
	b->skipped = 0;
}

/* Keep the head of an endless line and forget the rest. */
static void skip_middle(struct mi_linebuf *b)
{
	size_t head = b->start + kd_min(HEAD_SIZE, b->limit);

	if (b->end <= head)
		return;
	b->skipped += b->end - head;
	b->end = b->scanned = head;
}

int mi_linebuf_room(struct mi_linebuf *b, char **to, size_t *room, struct kd_err *err)
{
	size_t used = b->end - b->start;
	size_t capacity = b->capacity;
	char *data;

	if (!used && capacity > KEPT_SIZE)
		mi_linebuf_fini(b);
	if (b->start) {
		memmove(b->data, b->data + b->start, used);
		b->scanned -= b->start;
		b->start = 0;
		b->end = used;
	}
	if (b->capacity - used < READ_SIZE / 2) {
		capacity = b->capacity ? b->capacity * 2 : READ_SIZE;
		data = realloc(b->data, capacity);
		if (!data && !b->data)
			return kd_nomem(err);
		if (data) {
			b->data = data;
			b->capacity = capacity;
		} else {
			/* Short of memory: the line counts as too long. */
			skip_middle(b);
			used = b->end;
		}
	}
	*to = b->data + used;
	*room = kd_min(b->capacity - used, READ_SIZE);
	return 0;
}

void mi_linebuf_added(struct mi_linebuf *b, size_t n)
{
	b->end += n;
}

bool mi_linebuf_next(struct mi_linebuf *b, struct mi_line *line)
{
	char *newline = NULL;
	size_t len;

	if (b->scanned < b->end)
		newline = memchr(b->data + b->scanned, '\n', b->end - b->scanned);
	if (!newline) {
		b->scanned = b->end;
		if (b->skipped || b->end - b->start > b->limit)
			skip_middle(b);
		return false;
	}
	len = (size_t)(newline - (b->data + b->start));
	line->text = b->data + b->start;
	line->len = len;
	line->cut = b->skipped;
	if (b->skipped || len > b->limit) {
		line->len = kd_min(len, kd_min(HEAD_SIZE, b->limit));
		line->cut += len - line->len;
	}
	b->start = b->scanned = b->start + len + 1;
	b->skipped = 0;
	return true;
}

bool mi_linebuf_rest(struct mi_linebuf *b, struct mi_line *line)
{
	if (b->start == b->end)
		return false;
	line->text = b->data + b->start;
	line->len = b->end - b->start;
	line->cut = b->skipped;
	b->start = b->scanned = b->end;
	b->skipped = 0;
	return true;
}
