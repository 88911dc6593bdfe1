// SPDX-License-Identifier: GPL-3.0-or-later
/* What an address is: see whatis.h. */
#include "kernel/whatis.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/slab.h"
#include "kernel/type_view.h"

/* Tasks, modules, CPUs ----------------------------------------------------------- */

static void find_task(const struct kernel *k, uint64_t stack, struct whatis *w)
{
	for (size_t i = 0; i < k->tasks.n; i++) {
		const struct task *t = &k->tasks.list[i];
		uint64_t size = k->layout.size_task_struct;

		if (t->addr && w->addr >= t->addr && w->addr - t->addr < (size ? size : 1) &&
		    (!w->task || w->task->addr < t->addr))
			w->task = t;
		if (t->stack && w->addr >= t->stack && w->addr - t->stack < stack)
			w->stack = t;
	}
}

/* The per-CPU symbol that holds OFFSET: symbols_by_addr() leaves those out. */
static void name_percpu(const struct kernel *k, vaddr_t at, vaddr_t start, vaddr_t end,
			struct whatis *w)
{
	const struct symbol *best = NULL, *s;

	for (size_t i = 0; (s = symbols_at(k->symbols, i)); i++) {
		if (s->module || s->addr < start || s->addr >= end || s->addr > at)
			continue;
		/* sections' labels have the first variable's address */
		if (!strncmp(s->name, "__per_cpu_", 10))
			continue;
		if (!best || s->addr >= best->addr)
			best = s;
	}
	if (best)
		snprintf(w->percpu, sizeof(w->percpu), "%s+0x%" PRIx64, best->name,
			 at - best->addr);
}

static void find_cpu(const struct kernel *k, struct whatis *w)
{
	const struct symbol *start = symbols_by_name(k->symbols, "__per_cpu_start");
	const struct symbol *end = symbols_by_name(k->symbols, "__per_cpu_end");
	uint64_t unit = 0, mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;

	if (!start || !end || end->addr < start->addr)
		return;
	if (kernel_read_symbol(k, "pcpu_unit_size", 4, &unit, NULL) || unit > 1 << 30 ||
	    unit < end->addr - start->addr)
		unit = end->addr - start->addr;
	for (size_t i = 0; i < k->cpus.n; i++) {
		vaddr_t at = (w->addr - k->cpus.list[i].percpu) & mask;

		if (!k->cpus.list[i].percpu || at < start->addr || at - start->addr >= unit)
			continue;
		w->cpu = &k->cpus.list[i];
		if (at < end->addr)
			name_percpu(k, at, start->addr, end->addr, w);
	}
}

/* Areas -------------------------------------------------------------------------- */

struct vm_search {
	const struct kernel *k;
	const struct objects *o;
	struct whatis *w;
};

static int look_at_area(void *data, vaddr_t entry)
{
	struct vm_search *v = data;
	const struct objects *o = v->o;
	vaddr_t area = entry - o->vmap_area_list.offset;
	uint64_t start, end, vm;

	if (object_read(v->k, o, area, &o->vmap_area_va_start, &start, NULL) ||
	    object_read(v->k, o, area, &o->vmap_area_va_end, &end, NULL) || v->w->addr < start ||
	    v->w->addr >= end)
		return 0;
	v->w->has_vmalloc = true;
	v->w->vm_start = start;
	v->w->vm_end = end;
	if (!object_read(v->k, o, area, &o->vmap_area_vm, &vm, NULL) && vm)
		object_read(v->k, o, vm, &o->vm_struct_caller, &v->w->vm_caller, NULL);
	return 1;
}

static void find_vmalloc(const struct kernel *k, const struct objects *o, struct whatis *w)
{
	struct vm_search v = { .k = k, .o = o, .w = w };
	uint64_t nodes, n;
	vaddr_t head;

	if (!o->vmap_area_list.found || !o->vmap_area_va_start.found || !o->vmap_area_va_end.found)
		return;
	if (kernel_symbol(k, "vmap_area_list", &head)) {
		object_list(k, head, look_at_area, &v, NULL);
		return;
	}
	if (!o->vmap_node_busy_head.found || !o->size_vmap_node ||
	    kernel_read_symbol(k, "vmap_nodes", k->arch->ptr_size, &nodes, NULL) ||
	    kernel_read_symbol(k, "nr_vmap_nodes", 4, &n, NULL))
		return;
	for (uint64_t i = 0; i < n && i < CPUS_MAX && !w->has_vmalloc; i++)
		object_list(k, nodes + i * o->size_vmap_node + o->vmap_node_busy_head.offset,
			    look_at_area, &v, NULL);
}

static bool in_symbols(const struct kernel *k, const char *from, const char *to, vaddr_t addr)
{
	vaddr_t start, end;

	return kernel_symbol(k, from, &start) && kernel_symbol(k, to, &end) && addr >= start &&
	       addr < end;
}

static vaddr_t linear_of(const struct kernel *k, paddr_t pa)
{
	return k->space.page_offset + pa;
}

static bool in_linear_map(const struct kernel *k, const struct whatis *w)
{
	return w->mapped && k->space.page_offset && w->addr == linear_of(k, w->pa);
}

/* struct page -------------------------------------------------------------------- */

/* Where the array of struct page is: one for all memory, as x86 has it. */
static bool page_array(const struct kernel *k, vaddr_t *base)
{
	uint64_t v;

	if (kernel_read_symbol(k, "vmemmap_base", k->arch->ptr_size, &v, NULL) &&
	    kernel_read_symbol(k, "mem_map", k->arch->ptr_size, &v, NULL))
		return false;
	*base = v;
	return v != 0;
}

/* Is there RAM at or after the page frame? Then the array of struct page reaches it. */
static bool pfn_in_reach(const struct kernel *k, pfn_t pfn)
{
	struct dump_range r;

	return pfn <= UINT64_MAX >> k->arch->page_shift &&
	       dump_next_range(k->dump, pfn << k->arch->page_shift, &r);
}

static bool is_slab(const struct objects *o, uint64_t flags, uint32_t mapcount)
{
	if (o->pgty_slab.found)
		return mapcount >> 24 == (o->pgty_slab.value & 0xff);
	return o->pg_slab.found && o->pg_slab.value >= 0 && o->pg_slab.value < 64 &&
	       flags >> o->pg_slab.value & 1;
}

/*
 * The first page of those that PAGE belongs to. A tail page has bit 0 set in what is
 * either the head's address or, where struct pages can be shared by many (struct page
 * being a power of two in size), a mask: ones above the bits that lead from the head to
 * this page. No struct page lies as high as a mask of sensible size is.
 */
static vaddr_t page_head(const struct kernel *k, const struct objects *o, vaddr_t page)
{
	uint64_t v, low, max = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;

	if (object_read(k, o, page, &o->page_compound_head, &v, NULL) || !(v & 1))
		return page;
	low = ~(v - 1) & max;
	if (!(low & (low + 1)) && low < max >> (k->arch->ptr_size * 4))
		return page & ~low;
	return v - 1;
}

static void read_page(const struct kernel *k, const struct objects *o, vaddr_t base,
		      struct whatis *w)
{
	pfn_t pfn = w->pa >> k->arch->page_shift;
	uint64_t v, head, flags, type = 0;

	w->page = base + pfn * o->size_page;
	if (object_read(k, o, w->page, &o->page_flags, &w->page_flags, NULL))
		return;
	w->has_page = true;
	if (!object_read(k, o, w->page, &o->page_refcount, &v, NULL))
		w->page_refs = (uint32_t)v;
	if (!object_read(k, o, w->page, &o->page_mapcount, &v, NULL))
		w->page_mapcount = (uint32_t)v;
	head = page_head(k, o, w->page);
	if (head < base || (head - base) % o->size_page ||
	    object_read(k, o, head, &o->page_flags, &flags, NULL) ||
	    (o->page_type.found && object_read(k, o, head, &o->page_type, &type, NULL)))
		return;
	if (in_linear_map(k, w) && is_slab(o, flags, (uint32_t)type))
		slab_object(k, o, head,
			    linear_of(k, (head - base) / o->size_page << k->arch->page_shift), w);
}

static void find_page(const struct kernel *k, const struct objects *o, struct whatis *w)
{
	vaddr_t base;

	if (!o->size_page || !page_array(k, &base))
		return;
	if (w->addr >= base && pfn_in_reach(k, (w->addr - base) / o->size_page)) {
		w->is_page = true;
		w->page_pfn = (w->addr - base) / o->size_page;
	}
	if (w->mapped)
		read_page(k, o, base, w);
}

static const char *area_of(const struct kernel *k, const struct whatis *w)
{
	if (w->is_page)
		return "memory map (struct page)";
	if (w->module)
		return "module";
	if (in_symbols(k, "_stext", "_end", w->addr) || in_symbols(k, "_text", "_end", w->addr))
		return "kernel image";
	if (w->has_vmalloc)
		return "vmalloc";
	if (in_linear_map(k, w))
		return "linear map";
	return NULL;
}

void whatis(const struct kernel *k, const struct objects *o, vaddr_t addr, uint64_t stack,
	    struct whatis *out)
{
	uint8_t byte;

	*out = (struct whatis){ .addr = addr };
	out->mapped = !space_translate(&k->space, addr, &out->pa, NULL, NULL);
	if (out->mapped)
		out->page_status = dump_read(k->dump, out->pa, &byte, 1, NULL, NULL);
	find_task(k, stack, out);
	out->module = modules_by_addr(&k->modules, addr);
	find_cpu(k, out);
	find_vmalloc(k, o, out);
	find_page(k, o, out);
	/* a machine with a small FPU has shorter task_structs than the type says */
	if (out->task && out->has_slab && out->object != out->task->addr)
		out->task = NULL;
	out->area = area_of(k, out);
}

const char *whatis_page_flags(const struct kernel *k, uint64_t flags, char *buf, size_t size)
{
	struct type_ref r;
	struct type_step step = { 0 };
	const char *name;
	int64_t bit, count = 64;
	uint64_t seen = 0;
	size_t len = 0;

	buf[0] = '\0';
	if (type_find(k->types, "enum pageflags", &r, NULL))
		return buf;
	while (type_next_enumerator(&r, &step, &name, &bit))
		if (name && !strcmp(name, "__NR_PAGEFLAGS"))
			count = bit;
	step = (struct type_step){ 0 };
	/* the first name of a bit is its own; later ones are what others call it */
	while (type_next_enumerator(&r, &step, &name, &bit)) {
		if (!name || bit < 0 || bit >= count || bit > 63 || !(flags >> bit & 1) ||
		    seen >> bit & 1)
			continue;
		seen |= UINT64_C(1) << bit;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "|" : "",
					strncmp(name, "PG_", 3) ? name : name + 3);
		if (len >= size)
			break;
	}
	return buf;
}
