// SPDX-License-Identifier: GPL-3.0-or-later
/* Small reads: see window.h. */
#include "kernel/window.h"

#include <string.h>

#include "core/space.h"

struct windows *windows_new(const struct space *s)
{
	struct windows *w = calloc(1, sizeof(*w));

	if (w)
		w->space = s;
	return w;
}

static struct window *window_at(struct windows *w, vaddr_t start)
{
	struct window *slot;

	for (unsigned i = 0; i < WINDOW_COUNT; i++)
		if (w->slots[i].filled && w->slots[i].at == start)
			return &w->slots[i];
	slot = &w->slots[w->next];
	w->next = (w->next + 1) % WINDOW_COUNT;
	slot->at = start;
	slot->filled = true;
	slot->status = space_read(w->space, start, slot->bytes, WINDOW_SIZE, NULL,
				  w->err.status ? NULL : &w->err);
	return slot;
}

int windows_read(struct windows *w, vaddr_t at, void *buf, size_t len, size_t *done)
{
	size_t got = 0;
	int status = 0;

	while (got < len) {
		vaddr_t va = at + got, start = va & ~(vaddr_t)(WINDOW_SIZE - 1);
		size_t n = kd_min(len - got, WINDOW_SIZE - (va - start));
		const struct window *slot = window_at(w, start);

		status = slot->status;
		if (status)
			break;
		memcpy((uint8_t *)buf + got, slot->bytes + (va - start), n);
		got += n;
	}
	if (done)
		*done = got;
	return status;
}

int windows_read_uint(struct windows *w, vaddr_t at, size_t size, uint64_t *value)
{
	uint8_t b[8];
	int status;

	*value = 0;
	if (size > sizeof(b))
		return KD_UNSUPPORTED;
	status = windows_read(w, at, b, size, NULL);
	if (!status)
		*value = uint_le(b, size);
	return status;
}

int windows_read_str(struct windows *w, vaddr_t at, char *buf, size_t size)
{
	size_t got = 0;

	while (got + 1 < size) {
		size_t n, want = kd_min(size - 1 - got,
					WINDOW_SIZE - ((at + got) & (WINDOW_SIZE - 1)));
		int status = windows_read(w, at + got, buf + got, want, &n);
		const char *nul = memchr(buf + got, '\0', n);

		if (nul)
			return 0;
		got += n;
		buf[got] = '\0';
		if (status)
			return status;
	}
	if (size)
		buf[got] = '\0';
	return KD_CORRUPT;
}
