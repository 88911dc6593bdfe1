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

bool is_code(const struct kernel *k, vaddr_t addr)
{
	const struct symbol *sym = symbols_by_addr(k->symbols, addr);

	return sym && strchr("tTwW", sym->type);
}
