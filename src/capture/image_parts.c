// SPDX-License-Identifier: GPL-3.0-or-later
/* Code and data of the kernel: see image_parts.h. */
#include "capture/image_parts.h"

#include "kernel/kernel.h"

#define PART_MAX (UINT64_C(512) << 20)

/*
 * .bss without what the kernel gave back of it: what is for encrypted guests is aligned to
 * 2 MB, and where there is no encryption, mem_encrypt_free_decrypted_mem() frees the rest.
 */
static void bss_parts(const struct kernel *k, image_part_fn *fn, void *data)
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

static void between(const struct kernel *k, const char *first, const char *last, image_part_fn *fn,
		    void *data)
{
	vaddr_t start, end;

	if (kernel_symbol(k, first, &start) && kernel_symbol(k, last, &end) && end > start &&
	    end - start <= PART_MAX)
		fn(data, start, end - start);
}

void image_parts_written(const struct kernel *k, image_part_fn *fn, void *data)
{
	between(k, "_sdata", "_edata", fn, data);
	bss_parts(k, fn, data);
}

void image_parts_constant(const struct kernel *k, image_part_fn *fn, void *data)
{
	between(k, "__start_rodata", "__end_rodata", fn, data);
	/* Behind _edata, one after the other. */
	between(k, "__start_orc_unwind_ip", "orc_lookup_end", fn, data);
}

void image_parts(const struct kernel *k, image_part_fn *fn, void *data)
{
	between(k, "_stext", "_etext", fn, data);
	image_parts_constant(k, fn, data);
	image_parts_written(k, fn, data);
	for (size_t i = 0; i < k->modules.n; i++) {
		const struct module *m = &k->modules.list[i];

		for (size_t a = 0; a < m->nareas; a++)
			if (m->areas[a].size)
				fn(data, m->areas[a].start, kd_min(m->areas[a].size, PART_MAX));
	}
}
