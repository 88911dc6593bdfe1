// SPDX-License-Identifier: GPL-3.0-or-later
/* Names with numbers, open addressing: see names.h. */
#include "kernel/names.h"

#include <string.h>

#include "kernel/types_priv.h"

static bool names_grow(struct names *t)
{
	uint32_t mask = t->slots ? t->mask * 2 + 1 : 255;
	struct name *slots = calloc((size_t)mask + 1, sizeof(*slots));
	uint32_t start = 0;

	if (!slots)
		return false;
	/* From a free slot on, so that equal names keep their order. */
	while (t->slots && t->slots[start].name)
		start++;
	for (uint32_t i = 0; t->slots && i <= t->mask; i++) {
		struct name *s = &t->slots[(start + i) & t->mask];
		uint32_t at;

		if (!s->name)
			continue;
		for (at = types_hash(s->name) & mask; slots[at].name;)
			at = (at + 1) & mask;
		slots[at] = *s;
	}
	free(t->slots);
	t->slots = slots;
	t->mask = mask;
	return true;
}

bool names_add(struct names *t, const char *name, uint64_t value)
{
	uint32_t at;

	if (t->used >= NAMES_MAX)
		return false;
	if ((!t->slots || 2 * t->used > t->mask) && !names_grow(t))
		return false;
	for (at = types_hash(name) & t->mask; t->slots[at].name;)
		at = (at + 1) & t->mask;
	t->slots[at] = (struct name){ .name = name, .value = value };
	t->used++;
	return true;
}

bool names_next(const struct names *t, const char *name, uint32_t *at, uint64_t *value)
{
	for (; t->slots && t->slots[*at & t->mask].name; ++*at) {
		const struct name *s = &t->slots[*at & t->mask];

		if (strcmp(s->name, name))
			continue;
		*value = s->value;
		++*at;
		return true;
	}
	return false;
}

void names_fini(struct names *t)
{
	free(t->slots);
	*t = (struct names){ 0 };
}
