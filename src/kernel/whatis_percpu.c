// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Per-CPU memory (mm/percpu.c): chunks, each with a unit for every CPU. The first chunk
 * has the kernel's own variables, then what modules bring, then what is allocated; the
 * others have what did not fit.
 */
#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/whatis_priv.h"

#define SLOTS_MAX 256u
#define UNIT_MAX (1u << 30) /* bytes */

/* Is X the better name for what lies at AT? One that is known to hold it, then the nearest. */
static bool is_better(const struct symbol *x, const struct symbol *best, vaddr_t at)
{
	bool holds = at - x->addr < x->size, held = best && at - best->addr < best->size;

	if (holds != held)
		return holds;
	if (!best || x->addr != best->addr)
		return !best || x->addr > best->addr;
	/* one of two may be an alias, whose name says more than is meant */
	return strlen(x->name) < strlen(best->name);
}

/* The per-CPU symbol that holds the address: symbols_by_addr() leaves those out. */
static void name_variable(const struct kernel *k, vaddr_t start, vaddr_t end, struct whatis *w)
{
	const struct symbol *best = NULL, *s;

	for (size_t i = 0; (s = symbols_at(k->symbols, i)); i++) {
		if (s->module || s->addr < start || s->addr >= end || s->addr > w->percpu_ptr)
			continue;
		/* sections' labels have the first variable's address */
		if (!strncmp(s->name, "__per_cpu_", 10))
			continue;
		if (is_better(s, best, w->percpu_ptr))
			best = s;
	}
	if (best)
		snprintf(w->percpu, sizeof(w->percpu), "%s+0x%" PRIx64, best->name,
			 w->percpu_ptr - best->addr);
}

/* What a module brought has no symbols in the dump, only the whole of it is known. */
static void name_module(const struct kernel *k, struct whatis *w)
{
	for (size_t i = 0; i < k->modules.n; i++) {
		const struct module *m = &k->modules.list[i];
		uint64_t at, size;

		if (member_read_ptr(&k->space, m->addr, &k->layout.module_percpu, &at, NULL) ||
		    member_read(&k->space, m->addr, &k->layout.module_percpu_size, &size, NULL) ||
		    !at || w->percpu_ptr - at >= size)
			continue;
		snprintf(w->percpu, sizeof(w->percpu), "of module %s +0x%" PRIx64, m->name,
			 w->percpu_ptr - at);
		return;
	}
}

struct chunk_search {
	const struct kernel *k;
	const struct objects *o;
	struct whatis *w;
	uint64_t unit;	   /* bytes */
	vaddr_t base;	   /* of the first chunk */
	uint64_t base_cpu; /* what is added to a pointer for the unit at BASE */
};

/* Is it in the unit of one of the CPUs of this chunk? Those of all chunks lie alike. */
static bool in_chunk(const struct chunk_search *s, vaddr_t chunk)
{
	uint64_t mask = s->k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;

	for (size_t i = 0; i < s->k->cpus.n; i++) {
		const struct cpu *c = &s->k->cpus.list[i];
		vaddr_t unit = chunk + (c->percpu - s->base_cpu);

		if (!c->percpu || ((s->w->addr - unit) & mask) >= s->unit)
			continue;
		s->w->cpu = c;
		s->w->percpu_ptr = (s->w->addr - c->percpu) & mask;
		return true;
	}
	return false;
}

static int look_at_chunk(void *data, vaddr_t entry)
{
	const struct chunk_search *s = data;
	uint64_t base;

	return !object_read(s->k, s->o, entry - s->o->pcpu_chunk_list.offset,
			    &s->o->pcpu_chunk_base, &base, NULL) &&
	       base && in_chunk(s, base);
}

/* The other chunks, in lists by how much room they have. */
static void look_at_chunks(struct chunk_search *s)
{
	static const char *const names[] = { "pcpu_chunk_lists", "pcpu_slot" };
	unsigned ptr = s->k->arch->ptr_size;
	uint64_t lists = 0, slots = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(names) && !lists; i++)
		if (kernel_read_symbol(s->k, names[i], ptr, &lists, NULL))
			lists = 0;
	if (!lists || !s->o->pcpu_chunk_list.found || !s->o->pcpu_chunk_base.found ||
	    kernel_read_symbol(s->k, "pcpu_nr_slots", 4, &slots, NULL))
		return;
	for (uint64_t i = 0; i < slots && i < SLOTS_MAX; i++)
		if (object_list(s->k, lists + i * 2 * ptr, look_at_chunk, s, NULL) > 0)
			return;
}

void whatis_percpu(const struct kernel *k, const struct objects *o, struct whatis *w)
{
	const struct symbol *start = symbols_by_name(k->symbols, "__per_cpu_start");
	const struct symbol *end = symbols_by_name(k->symbols, "__per_cpu_end");
	struct chunk_search s = { .k = k, .o = o, .w = w };

	if (!start || !end || end->addr < start->addr)
		return;
	if (kernel_read_symbol(k, "pcpu_unit_size", 4, &s.unit, NULL) || s.unit > UNIT_MAX ||
	    s.unit < end->addr - start->addr)
		s.unit = end->addr - start->addr;
	/* a pointer into the first chunk is a symbol's address, and not the address of a unit */
	if (!kernel_read_symbol(k, "pcpu_base_addr", k->arch->ptr_size, &s.base, NULL))
		s.base_cpu = s.base - start->addr;
	if (!in_chunk(&s, start->addr + s.base_cpu) && s.base)
		look_at_chunks(&s);
	if (!w->cpu)
		return;
	if (w->percpu_ptr >= start->addr && w->percpu_ptr < end->addr)
		name_variable(k, start->addr, end->addr, w);
	else
		name_module(k, w);
}
