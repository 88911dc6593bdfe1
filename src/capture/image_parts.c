// SPDX-License-Identifier: GPL-3.0-or-later
/* Code and data of the kernel: see image_parts.h. */
#include "capture/image_parts.h"

#include "kernel/kernel.h"

#define PART_MAX (UINT64_C(512) << 20)

void image_parts(const struct kernel *k, void (*fn)(void *data, vaddr_t start, uint64_t len),
		 void *data)
{
	static const char *const marks[][2] = {
		{ "_stext", "_etext" },
		{ "__start_rodata", "__end_rodata" },
		{ "_sdata", "_edata" },
		{ "__bss_start", "__bss_stop" },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(marks); i++) {
		vaddr_t start, end;

		if (kernel_symbol(k, marks[i][0], &start) && kernel_symbol(k, marks[i][1], &end) &&
		    end > start && end - start <= PART_MAX)
			fn(data, start, end - start);
	}
	for (size_t i = 0; i < k->modules.n; i++) {
		const struct module *m = &k->modules.list[i];

		for (size_t a = 0; a < m->nareas; a++)
			if (m->areas[a].size)
				fn(data, m->areas[a].start, kd_min(m->areas[a].size, PART_MAX));
	}
}
