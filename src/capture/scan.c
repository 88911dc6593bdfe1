// SPDX-License-Identifier: GPL-3.0-or-later
/* Going over the pages of a dump: see scan.h. */
#include "capture/scan.h"

struct scan_memory {
	struct {
		uint64_t window; /* number + 1; 0: none */
		uint64_t held[SCAN_WORDS], slab[SCAN_WORDS];
	} list[SCAN_MEMORY];
};

int scan_new(const struct select *select, struct scan **out, struct kd_err *err)
{
	struct scan *s = calloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return kd_nomem(err);
	s->select = select;
	s->window = UINT64_MAX;
	s->buffer = select_buffer_new();
	/* Without, it takes longer. */
	s->memory = calloc(1, sizeof(*s->memory));
	return s->buffer ? 0 : kd_nomem(err);
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	select_buffer_free(s->buffer);
	free(s->memory);
	free(s);
}

static void count_before(struct scan *s)
{
	uint32_t n = 0;

	for (size_t w = 0; w < SCAN_WORDS; w++) {
		s->before[w] = n;
		n += (uint32_t)__builtin_popcountll(s->held[w]);
	}
	s->before[SCAN_WORDS] = n;
}

void scan_look(struct scan *s, uint64_t window)
{
	bool keeps[PAGE_KINDS];

	if (s->window == window)
		return;
	s->window = window;
	select_window(s->select, window * SELECT_WINDOW, s->buffer, s->kinds);
	memset(s->counts, 0, sizeof(s->counts));
	for (unsigned k = 0; k < PAGE_KINDS; k++)
		keeps[k] = select_keeps(s->select, k);
	for (size_t w = 0; w < SCAN_WORDS; w++) {
		uint64_t held = 0, ram = 0, slab = 0;

		for (size_t i = 0; i < 64; i++) {
			enum page_kind kind = s->kinds[w * 64 + i];

			ram |= (uint64_t)(kind != PAGE_ABSENT) << i;
			slab |= (uint64_t)(kind == PAGE_SLAB) << i;
			held |= (uint64_t)keeps[kind] << i;
			s->counts[kind]++;
		}
		s->held[w] = held;
		s->ram[w] = ram;
		s->slab[w] = slab;
	}
	count_before(s);
	if (!s->memory)
		return;
	s->memory->list[window % SCAN_MEMORY].window = window + 1;
	memcpy(s->memory->list[window % SCAN_MEMORY].held, s->held, sizeof(s->held));
	memcpy(s->memory->list[window % SCAN_MEMORY].slab, s->slab, sizeof(s->slab));
}

void scan_look_again(struct scan *s, uint64_t window)
{
	if (s->window == window)
		return;
	if (!s->memory || s->memory->list[window % SCAN_MEMORY].window != window + 1) {
		scan_look(s, window);
		return;
	}
	memcpy(s->held, s->memory->list[window % SCAN_MEMORY].held, sizeof(s->held));
	memcpy(s->slab, s->memory->list[window % SCAN_MEMORY].slab, sizeof(s->slab));
	count_before(s);
	/* It is not all that scan_look() tells. */
	s->window = UINT64_MAX;
}

void scan_count(const struct scan *s, uint64_t *kinds)
{
	for (unsigned k = 0; k < PAGE_KINDS; k++)
		kinds[k] += s->counts[k];
}

uint64_t scan_max_pfn(const struct dump *d, unsigned page_shift)
{
	uint64_t page = UINT64_C(1) << page_shift, max = 0;
	struct dump_range r;

	for (paddr_t pa = 0; dump_next_range(d, pa, &r); pa = r.end)
		max = (r.end + page - 1) >> page_shift;
	return max;
}

void scan_read(const struct dump *d, unsigned page_shift, pfn_t first, size_t n, uint8_t *buf,
	       int *status)
{
	size_t page = (size_t)1 << page_shift, at = 0;

	memset(status, 0, n * sizeof(*status));
	while (at < n) {
		size_t done = 0;
		int ret = dump_read(d, (first + at) << page_shift, buf + at * page,
				    (n - at) * page, &done, NULL);

		at += done / page;
		if (!ret || at >= n)
			return;
		if (ret == KD_ABSENT && done % page) {
			uint8_t *p = buf + at++ * page;

			memset(p + done % page, 0, page - done % page);
			continue;
		}
		status[at++] = ret;
	}
}

uint64_t scan_hole(struct scan_holes *h, paddr_t pa, uint64_t len)
{
	if (!h->d)
		return 0;
	if (pa < h->from || pa >= h->data.end) {
		h->from = pa;
		if (!dump_next_data(h->d, pa, &h->data))
			h->data = (struct dump_range){ UINT64_MAX, UINT64_MAX };
	}
	return pa < h->data.start ? kd_min(len, h->data.start - pa) : 0;
}
