// SPDX-License-Identifier: GPL-3.0-or-later
/* Code and data of the kernel: see image_parts.h. */
#include "capture/image_parts.h"

#include "kernel/kernel.h"

#define PART_MAX (UINT64_C(512) << 20)

/*
 * .bss without what the kernel gave back of it: what is for encrypted guests is aligned to
 * 2 MB, and where there is no encryption, mem_encrypt_free_decrypted_mem() frees the rest.
 */
static void bss_parts(const struct kernel *k, void (*fn)(void *data, vaddr_t start, uint64_t len),
		      void *data)
{
	vaddr_t start, end, hole, hole_end;

	if (!kernel_symbol(k, "__bss_start", &start) || !kernel_symbol(k, "__bss_stop", &end) ||
	    end <= start || end - start > PART_MAX)
		return;
	if (!kernel_symbol(k, "__start_bss_decrypted_unused", &hole) ||
	    !kernel_symbol(k, "__end_bss_decrypted", &hole_end) || hole < start ||
	    hole_end < hole || hole_end > end)
		hole = hole_end = end;
	if (hole > start)
		fn(data, start, hole - start);
	if (end > hole_end)
		fn(data, hole_end, end - hole_end);
}

void image_parts(const struct kernel *k, void (*fn)(void *data, vaddr_t start, uint64_t len),
		 void *data)
{
	static const char *const marks[][2] = {
		{ "_stext", "_etext" },
		{ "__start_rodata", "__end_rodata" },
		{ "_sdata", "_edata" },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(marks); i++) {
		vaddr_t start, end;

		if (kernel_symbol(k, marks[i][0], &start) && kernel_symbol(k, marks[i][1], &end) &&
		    end > start && end - start <= PART_MAX)
			fn(data, start, end - start);
	}
	bss_parts(k, fn, data);
	for (size_t i = 0; i < k->modules.n; i++) {
		const struct module *m = &k->modules.list[i];

		for (size_t a = 0; a < m->nareas; a++)
			if (m->areas[a].size)
				fn(data, m->areas[a].start, kd_min(m->areas[a].size, PART_MAX));
	}
}
