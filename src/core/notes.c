// SPDX-License-Identifier: GPL-3.0-or-later
/* Notes: see notes.h. */
#include "core/notes.h"

#include <elf.h>
#include <string.h>

/* More than any producer writes; bounds what a damaged header can ask for. */
#define NOTES_MAX (1u << 16)

static uint64_t align4(uint64_t v)
{
	return (v + 3) & ~UINT64_C(3);
}

/* Notes have 4-byte alignment and the same header in both classes. */
int notes_add(struct dump *d, const uint8_t *p, size_t len, struct kd_err *err)
{
	uint64_t pos = 0;

	while (range_contains(len, pos, sizeof(Elf64_Nhdr)) && d->nnotes < NOTES_MAX) {
		struct dump_note *n, *grown;
		uint64_t name_off = pos + sizeof(Elf64_Nhdr), desc_off;
		Elf64_Nhdr nh;

		memcpy(&nh, p + pos, sizeof(nh));
		desc_off = name_off + align4(nh.n_namesz);
		/* An empty note ends the list of a CPU (kernel: final_note()). */
		if (!nh.n_namesz || !range_contains(len, desc_off, nh.n_descsz))
			return 0;
		grown = reallocarray(d->notes, d->nnotes + 1, sizeof(*n));
		if (!grown)
			return kd_nomem(err);
		d->notes = grown;
		n = &d->notes[d->nnotes++];
		*n = (struct dump_note){ .type = nh.n_type,
					 .desc = p + desc_off,
					 .len = nh.n_descsz };
		memcpy(n->name, p + name_off, kd_min(nh.n_namesz, sizeof(n->name) - 1));
		pos = desc_off + align4(nh.n_descsz);
	}
	return 0;
}
