// SPDX-License-Identifier: GPL-3.0-or-later
/* Links of cells: see links.h. */
#include "ui/links.h"

#include <inttypes.h>
#include <string.h>

struct doc_cell link_task(struct doc_cell c, const struct task *t)
{
	if (t->addr)
		return doc_linked(c, "bt 0x%" PRIx64, t->addr);
	/* Several idle tasks have the PID 0. */
	return t->pid ? doc_linked(c, "bt %" PRIu32, t->pid) : c;
}

struct doc_cell link_object(struct doc_cell c, const char *type, vaddr_t addr)
{
	return addr ? doc_linked(c, "struct %s 0x%" PRIx64, type, addr) : c;
}

struct doc_cell link_address(struct doc_cell c, vaddr_t addr)
{
	return addr ? doc_linked(c, "follow 0x%" PRIx64, addr) : c;
}

struct doc_cell link_value(const struct kernel *k, struct doc_cell c, uint64_t v)
{
	paddr_t pa;

	/* As value_describe(): small numbers are numbers. */
	if (v < 4096 || space_translate(&k->space, v, &pa, NULL, NULL) == KD_UNMAPPED)
		return doc_linked(c, "%s", "");
	return link_address(c, v);
}

struct doc_cell link_cpu(struct doc_cell c, int32_t cpu)
{
	return cpu >= 0 ? doc_linked(c, "regs cpu %" PRId32, cpu) : c;
}

/* "const struct foo *": the "foo" of it, LEN bytes; NULL: it is no pointer to a struct. */
static const char *pointed_struct(const char *type, size_t *len)
{
	static const char *const before[] = { "const ", "volatile ", "struct ", "union " };
	bool is_struct = false;

	for (size_t i = 0; i < KD_ARRAY_SIZE(before); i++) {
		size_t n = strlen(before[i]);

		if (strncmp(type, before[i], n))
			continue;
		type += n;
		is_struct |= i >= 2;
	}
	*len = strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	return is_struct && *len && !strcmp(type + *len, " *") ? type : NULL;
}

const char *variable_link(const struct frame_var *v, char *buf, size_t size)
{
	const char *name, *value = v->value;
	char *end;
	uint64_t addr;
	size_t len;

	name = v->type && value ? pointed_struct(v->type, &len) : NULL;
	if (!name || len > 128 || strncmp(value, "0x", 2))
		return NULL;
	addr = strtoull(value, &end, 16);
	if (addr < 4096 || (*end && *end != ' '))
		return NULL;
	snprintf(buf, size, "struct %.*s 0x%" PRIx64, (int)len, name, addr);
	return buf;
}

bool is_code(const struct kernel *k, vaddr_t addr)
{
	const struct symbol *sym = symbols_by_addr(k->symbols, addr);

	return sym && strchr("tTwW", sym->type);
}
