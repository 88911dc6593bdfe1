// SPDX-License-Identifier: GPL-3.0-or-later
/* x86 page tables: see walk.h. */
#include "x86_64/walk.h"

#include <inttypes.h>
#include <string.h>

#define ENTRY_PRESENT 0x01
#define ENTRY_LARGE 0x80 /* PS: maps a page, not a table */
#define ADDRESS_BITS UINT64_C(0x000ffffffffff000)

static int read_entry(const struct space *s, paddr_t at, size_t size, uint64_t *entry,
		      struct kd_err *err)
{
	uint8_t b[8] = { 0 };
	int status = dump_read(s->dump, at, b, size, NULL, err);

	if (status)
		return status;
	memcpy(entry, b, sizeof(*entry)); /* little endian like every host this runs on */
	return 0;
}

static paddr_t large_base(const struct x86_paging *p, uint64_t entry, uint64_t page)
{
	paddr_t base = entry & ADDRESS_BITS & ~(page - 1);

	/* PSE-36: a 4 MB page has physical address bits 32-39 in entry bits 13-20 */
	if (p->entry_size == 4)
		base = (entry & UINT32_C(0xffc00000)) | (entry >> 13 & 0xff) << 32;
	return base;
}

int x86_walk(const struct space *s, const struct x86_paging *p, vaddr_t va, paddr_t *pa,
	     uint64_t *run, struct kd_err *err)
{
	paddr_t table = s->root;

	for (unsigned i = 0; i < p->nlevels; i++) {
		const struct x86_level *l = &p->level[i];
		uint64_t index = va >> l->shift & ((UINT64_C(1) << l->bits) - 1);
		uint64_t page = UINT64_C(1) << l->shift, entry;
		bool last = i + 1u == p->nlevels;
		int status = read_entry(s, table + index * p->entry_size, p->entry_size, &entry, err);

		if (status)
			return kd_context(err, status, "page table of level %u", p->nlevels - i);
		if (!(entry & ENTRY_PRESENT))
			return kd_fail(err, KD_UNMAPPED, "not mapped by the kernel's page tables");
		entry &= ~s->enc_mask;
		if (last || (l->large && (entry & ENTRY_LARGE))) {
			paddr_t base = last ? entry & ADDRESS_BITS : large_base(p, entry, page);

			*pa = base | (va & (page - 1));
			if (run)
				*run = page - (va & (page - 1));
			return 0;
		}
		table = entry & ADDRESS_BITS;
	}
	return kd_fail(err, KD_CORRUPT, "page tables without levels");
}
