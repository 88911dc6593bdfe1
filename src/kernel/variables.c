// SPDX-License-Identifier: GPL-3.0-or-later
/* Types of variables: see variables.h. */
#include "kernel/variables.h"

#include <ctype.h>
#include <string.h>

#include "kernel/debug_file.h"
#include "kernel/kernel.h"
#include "kernel/type_view_priv.h"
#include "kernel/types_priv.h"

/* DWARF of vmlinux or of a module. */
struct debug_types {
	bool tried;
	struct types *types;  /* NULL: none */
	struct debug_file *f; /* of a module */
};

struct variables {
	const struct kernel *k;
	struct debug_types image;
	struct debug_types *modules; /* as K's */
};

int variables_open(const struct kernel *k, struct variables **out, struct kd_err *err)
{
	struct variables *v = calloc(1, sizeof(*v));

	*out = NULL;
	if (!v)
		return kd_nomem(err);
	v->k = k;
	v->modules = calloc(k->modules.n ? k->modules.n : 1, sizeof(*v->modules));
	if (!v->modules) {
		free(v);
		return kd_nomem(err);
	}
	*out = v;
	return 0;
}

static void debug_types_close(struct debug_types *s)
{
	types_close(s->types);
	debug_file_close(s->f);
}

void variables_close(struct variables *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->k->modules.n; i++)
		debug_types_close(&v->modules[i]);
	debug_types_close(&v->image);
	free(v->modules);
	free(v);
}

static const struct types *image_types(struct variables *v)
{
	struct debug_types *s = &v->image;

	if (!s->tried && v->k->vmlinux)
		types_open_dwarf(v->k->vmlinux, &s->types, NULL);
	s->tried = true;
	return s->types;
}

static const struct types *module_dwarf(struct variables *v, const char *name)
{
	for (size_t i = 0; i < v->k->modules.n; i++) {
		const struct module *m = &v->k->modules.list[i];
		struct debug_types *s = &v->modules[i];

		if (strcmp(m->name, name))
			continue;
		if (!s->tried && m->debug_path && !debug_file_open(m->debug_path, m, &s->f, NULL))
			types_open_file(s->f, v->k->arch->ptr_size, &s->types, NULL);
		s->tried = true;
		return s->types;
	}
	return NULL;
}

/* Where the file has it: before KASLR, which does not move a per-CPU section linked at 0. */
static uint64_t linked_at(const struct kernel *k, const struct symbol *sym)
{
	const struct symbol *end = symbols_by_name(k->symbols, "__per_cpu_end");

	if (k->percpu_fixed && end && sym->addr < end->addr)
		return sym->addr;
	return (sym->addr - k->kaslr_offset) & (k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX);
}

/* One that all files see is declared in many; of one of a single file the place decides. */
static bool find(const struct types *t, const struct symbol *sym, uint64_t at, struct type_ref *out)
{
	if (!t)
		return false;
	return (isupper((unsigned char)sym->type) && type_dwarf_variable(t, sym->name, 0, out)) ||
	       (at && type_dwarf_variable(t, sym->name, at, out));
}

static bool is_percpu(const struct kernel *k, const struct symbol *sym)
{
	const struct symbol *start = symbols_by_name(k->symbols, "__per_cpu_start");
	const struct symbol *end = symbols_by_name(k->symbols, "__per_cpu_end");

	return start && end && !sym->module && sym->addr >= start->addr && sym->addr < end->addr;
}

int variables_type(struct variables *v, const struct symbol *sym, struct type_ref *out,
		   struct kd_err *err)
{
	const struct kernel *k = v->k;

	if (sym->module) {
		if (find(module_dwarf(v, sym->module), sym, sym->addr, out))
			return 0;
	} else if ((is_percpu(k, sym) && k->types && type_btf_variable(k->types, sym->name, out)) ||
		   find(image_types(v), sym, linked_at(k, sym), out)) {
		return 0;
	}
	return kd_fail(err, KD_NOTFOUND,
		       "the type of \"%s\" is not known without DWARF: cast it, as in "
		       "*(TYPE *)&%s",
		       sym->name, sym->name);
}
