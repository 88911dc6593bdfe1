// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as the memory that kallsyms lie in, of a 64-bit and a 32-bit
 * kernel. The first 14 bytes say where its parts are.
 */
#include <string.h>

#include "kernel/kallsyms_search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 14

struct input {
	vaddr_t at;
	const uint8_t *bytes;
	size_t size;
};

static int read_input(void *data, vaddr_t at, void *buf, size_t len, size_t *done,
		      struct kd_err *err)
{
	const struct input *in = data;
	size_t have = at >= in->at && at - in->at < in->size
			      ? (size_t)kd_min(in->size - (at - in->at), len)
			      : 0;

	if (have)
		memcpy(buf, in->bytes + (at - in->at), have);
	if (done)
		*done = have;
	return have == len ? 0 : kd_fail(err, KD_LOST, "lost");
}

/* What comes out must be plain, whatever went in. */
static int check(void *data, const struct kallsym *sym, struct kd_err *err)
{
	(void)data;
	(void)err;
	if (!*sym->name)
		abort();
	for (const char *p = sym->name; *p; p++)
		if (*p <= ' ' || *p > '~')
			abort();
	if (!((sym->type >= 'A' && sym->type <= 'Z') || (sym->type >= 'a' && sym->type <= 'z') ||
	      sym->type == '?'))
		abort();
	return 0;
}

static vaddr_t part(const struct input *in, size_t i)
{
	const uint8_t *head = in->bytes - HEAD;
	size_t offset = (size_t)head[2 * i] | (size_t)head[2 * i + 1] << 8;

	return offset == 0xffff ? 0 : in->at + offset;
}

/* As in tests/unit/kallsyms_table.h. */
static void walk(struct input *in, unsigned ptr_size, vaddr_t at)
{
	struct kallsyms_source src = { .data = in, .read = read_input, .ptr_size = ptr_size };
	struct kallsyms_damage bad;

	in->at = at;
	src.stext = at - 0x1000000;
	src.num_syms = part(in, 0);
	src.names = part(in, 1);
	src.token_table = part(in, 2);
	src.token_index = part(in, 3);
	src.offsets = part(in, 4);
	src.addresses = part(in, 5);
	src.relative_base = part(in, 6);
	kallsyms_walk(&src, check, NULL, &bad, NULL);
	/* and what is found without being told */
	if (!kallsyms_search(&src, at, at + in->size / 2, at + in->size, NULL) &&
	    kallsyms_walk(&src, check, NULL, &bad, NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .bytes = data + HEAD, .size = size - HEAD };

	if (size < HEAD)
		return 0;
	walk(&in, 8, UINT64_C(0xffffffff82000000));
	walk(&in, 4, UINT64_C(0xc1800000));
	return 0;
}
