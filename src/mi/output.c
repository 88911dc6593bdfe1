// SPDX-License-Identifier: GPL-3.0-or-later
/* Bounded text: see output.h. */
#include "mi/output.h"

#include <inttypes.h>
#include <string.h>

void mi_output_fini(struct mi_output *o)
{
	free(o->text);
	*o = MI_OUTPUT_INIT(o->max);
}

static bool reserve(struct mi_output *o, size_t len)
{
	size_t want = o->len + len + 1;
	size_t capacity = o->capacity ? o->capacity : 256;
	char *text;

	if (want <= o->capacity)
		return true;
	while (capacity < want)
		capacity *= 2;
	text = realloc(o->text, capacity);
	if (!text) {
		o->nomem = true;
		return false;
	}
	o->text = text;
	o->capacity = capacity;
	return true;
}

static void append(struct mi_output *o, const char *bytes, size_t len)
{
	size_t fits = kd_min(len, o->max - o->len);

	/* Once something is missing, nothing may follow it. */
	if (o->more || o->nomem)
		fits = 0;
	if (fits && !reserve(o, fits))
		return;
	if (fits) {
		memcpy(o->text + o->len, bytes, fits);
		o->len += fits;
		o->text[o->len] = 0;
	}
	o->more += len - fits;
}

void mi_output_add(struct mi_output *o, const char *bytes, size_t len)
{
	while (len) {
		const char *nul = memchr(bytes, 0, len);
		size_t n = nul ? (size_t)(nul - bytes) : len;

		append(o, bytes, n);
		bytes += n;
		len -= n;
		if (nul) {
			append(o, "\\000", 4);
			bytes++;
			len--;
		}
	}
}

void mi_output_drop_tail(struct mi_output *o, const char *tail)
{
	size_t n = strlen(tail);

	if (o->more || o->len < n || memcmp(o->text + o->len - n, tail, n) != 0)
		return;
	o->len -= n;
	o->text[o->len] = 0;
}

/* Make room at the end of a line for the note, which counts against the limit. */
static void note_more(struct mi_output *o)
{
	char note[64];
	size_t n = (size_t)snprintf(note, sizeof(note), "[%" PRIu64 " more bytes left out]\n",
				    o->more + o->max);
	size_t keep;

	if (n > o->max)
		return;
	keep = kd_min(o->len, o->max - n);
	while (keep && o->text[keep - 1] != '\n')
		keep--;
	n = (size_t)snprintf(note, sizeof(note), "[%" PRIu64 " more bytes left out]\n",
			     o->more + o->len - keep);
	o->more = 0;
	o->len = keep;
	append(o, note, n);
}

char *mi_output_take(struct mi_output *o)
{
	char *text;

	if (o->more)
		note_more(o);
	text = o->len ? o->text : NULL;
	if (!text)
		free(o->text);
	*o = MI_OUTPUT_INIT(o->max);
	return text;
}
