// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as the memory that kallsyms lie in, of a 64-bit and a 32-bit
 * kernel. The first 14 bytes say where its parts are.
 */
#include <string.h>

#include "kernel/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AT UINT64_C(0xc1800000)
#define HEAD 14

struct input {
	const uint8_t *bytes;
	size_t size;
};

static int read_input(void *data, vaddr_t at, void *buf, size_t len, size_t *done,
		      struct kd_err *err)
{
	const struct input *in = data;
	size_t have = at >= AT && at - AT < in->size ? (size_t)kd_min(in->size - (at - AT), len) : 0;

	if (have)
		memcpy(buf, in->bytes + (at - AT), have);
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

static vaddr_t part(const uint8_t *head, size_t i)
{
	size_t offset = (size_t)head[2 * i] | (size_t)head[2 * i + 1] << 8;

	return offset == 0xffff ? 0 : AT + offset;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data + HEAD, size - HEAD };
	struct kallsyms_source src = { .data = &in, .read = read_input, .stext = AT - 0x1000000 };

	if (size < HEAD)
		return 0;
	src.num_syms = part(data, 0);
	src.names = part(data, 1);
	src.token_table = part(data, 2);
	src.token_index = part(data, 3);
	src.offsets = part(data, 4);
	src.addresses = part(data, 5);
	src.relative_base = part(data, 6);
	for (src.ptr_size = 4; src.ptr_size <= 8; src.ptr_size += 4)
		kallsyms_walk(&src, check, NULL, NULL);
	return 0;
}
