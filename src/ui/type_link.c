// SPDX-License-Identifier: GPL-3.0-or-later
/* Links of types: see type_link.h. */
#include "ui/type_link.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "ui/links.h"

#define ELEMENTS "65536"

/* A struct or union that can be asked for by name. */
static bool has_name(const struct type_info *i)
{
	return (i->kind == TYPE_STRUCT || i->kind == TYPE_UNION) && i->name && *i->name;
}

static bool is_named(const struct type_info *i, const char *const *names)
{
	for (; has_name(i) && *names; names++) {
		if (!strcmp(i->name, *names))
			return true;
	}
	return false;
}

/* A struct of a type at ADDR. */
static struct doc_cell link_struct(const struct type_link *t, struct doc_cell c,
				   const struct type_info *i, vaddr_t addr)
{
	static const char *const entries[] = { "list_head", "hlist_node", "llist_node", NULL };
	static const char *const heads[] = { "hlist_head", "llist_head", NULL };

	if (is_named(i, entries))
		return doc_linked(c, "list 0x%" PRIx64, addr);
	if (is_named(i, heads))
		return doc_linked(c, "list -H 0x%" PRIx64, addr);
	if (!strcmp(i->name, "task_struct") && tasks_by_addr(&t->k->tasks, addr))
		return doc_linked(c, "bt 0x%" PRIx64, addr);
	return link_object(c, i->name, addr);
}

/* What a pointer leads to. */
static struct doc_cell link_pointer(const struct type_link *t, struct doc_cell c,
				    const struct type_line *l)
{
	struct type_ref target = l->info->target;
	struct type_info to;

	if (type_peel(&target, &to) && has_name(&to) && !to.declared && l->number >= 4096)
		return link_struct(t, c, &to, l->number);
	return link_value(t->k, c, l->number);
}

/* What is closed, or cut, by its path in the outermost struct. */
static struct doc_cell link_path(const struct type_link *t, struct doc_cell c,
				 const struct type_line *l)
{
	/* "[0 ... 7]" is no path that can be given. */
	if (!t->outer || !*l->path || strchr(l->path, ' '))
		return c;
	return doc_linked(c, "struct %s 0x%" PRIx64 " -m %s -e " ELEMENTS, t->outer, t->base,
			  l->path);
}

struct doc_cell type_link_value(const struct type_link *t, struct doc_cell c,
				const struct type_line *l)
{
	if (l->status || !t->base)
		return c;
	if (!l->info)
		return link_path(t, c, l);
	if (l->info->kind == TYPE_POINTER && l->has_number)
		return link_pointer(t, c, l);
	if (has_name(l->info) && !l->info->declared)
		return link_struct(t, c, l->info, l->addr);
	if (l->info->kind == TYPE_ARRAY || l->info->kind == TYPE_STRUCT ||
	    l->info->kind == TYPE_UNION)
		return l->closed ? link_path(t, c, l) : c;
	return c;
}

struct doc_cell type_link_name(const struct type_link *t, struct doc_cell c,
			       const struct type_line *l)
{
	struct type_ref target;
	struct type_info to;

	if (!l->info)
		return c;
	if (t->base)
		return l->members && has_name(l->info) ? link_struct(t, c, l->info, l->addr) : c;
	/* Definitions: the type, or what it points to. */
	to = *l->info;
	for (unsigned n = 0; n < 4 && (to.kind == TYPE_POINTER || to.kind == TYPE_ARRAY); n++) {
		target = to.target;
		if (!type_peel(&target, &to))
			return c;
	}
	return has_name(&to) && !to.declared ? doc_linked(c, "struct %s", to.name) : c;
}
