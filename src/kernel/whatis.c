// SPDX-License-Identifier: GPL-3.0-or-later
/* What an address is: see whatis.h. */
#include "kernel/whatis.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/path.h"
#include "kernel/slab.h"
#include "kernel/type_view.h"
#include "kernel/unwind.h"
#include "kernel/whatis_priv.h"

/* Tasks and modules -------------------------------------------------------------- */

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

/* The last one that begins before it: sections have no sizes here. */
static void find_section(struct whatis *w)
{
	const struct module *m = w->module;

	for (size_t i = 0; i < m->nsections; i++)
		if (m->sections[i].addr && m->sections[i].addr <= w->addr &&
		    (!w->section || m->sections[i].addr > w->section->addr) &&
		    module_shares_area(m, m->sections[i].addr, w->addr))
			w->section = &m->sections[i];
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

/* Pages -------------------------------------------------------------------------- */

static void find_slab(const struct pages *p, struct whatis *w)
{
	vaddr_t start = linear_of(p->k, w->page.head_pfn << p->k->arch->page_shift);

	if (w->page.kind == PAGE_SLAB && (w->is_page || in_linear_map(p->k, w)))
		slab_object(p->k, p->o, w->page.head, start, w);
}

/* The struct page of what ADDR is mapped to, unless it lies in a struct page itself. */
static void find_page(const struct kernel *k, const struct objects *o, struct whatis *w)
{
	struct pages p;
	pfn_t pfn;

	pages_init(k, o, &p);
	w->is_page = pages_find(&p, w->addr, &pfn);
	if (!w->is_page && !w->mapped)
		return;
	if (!w->is_page)
		pfn = w->pa >> k->arch->page_shift;
	w->has_page = page_read(&p, pfn, &w->page);
	if (w->has_page)
		find_slab(&p, w);
}

/* A file of the page's inode, by whichever name comes first. */
static void find_file(const struct kernel *k, const struct objects *o, struct whatis *w)
{
	uint64_t first, sb;

	if (!w->has_page || !w->page.inode)
		return;
	object_read(k, o, w->page.inode, &o->inode_ino, &w->ino, NULL);
	if (!object_read(k, o, w->page.inode, &o->inode_sb, &sb, NULL)) {
		path_fs_name(k, o, sb, w->fs, sizeof(w->fs));
		if (o->super_block_id.found)
			space_read_str(&k->space, sb + o->super_block_id.offset, w->device,
				       sizeof(w->device), NULL);
	}
	if (o->dentry_alias.found &&
	    !object_read(k, o, w->page.inode, &o->inode_dentry, &first, NULL) && first)
		path_format(k, o, 0, first - o->dentry_alias.offset, w->path, sizeof(w->path),
			    NULL);
}

static const char *area_of(const struct kernel *k, const struct whatis *w)
{
	if (w->is_page)
		return "memory map (struct page)";
	if (w->cpu_stack)
		return "stack of a CPU";
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

void whatis(const struct kernel *k, const struct objects *o, const struct unwinder *u, vaddr_t addr,
	    struct whatis *out)
{
	uint64_t stack = kernel_stack_size(k);
	uint8_t byte;

	*out = (struct whatis){ .addr = addr };
	out->mapped = !space_translate(&k->space, addr, &out->pa, NULL, NULL);
	if (out->mapped)
		out->page_status = dump_read(k->dump, out->pa, &byte, 1, NULL, NULL);
	find_task(k, stack, out);
	out->module = modules_by_addr(&k->modules, addr);
	if (out->module)
		find_section(out);
	if (u)
		out->cpu_stack = unwinder_cpu_stack(u, addr, &out->cpu_stack_of);
	whatis_percpu(k, o, out);
	find_vmalloc(k, o, out);
	find_page(k, o, out);
	find_file(k, o, out);
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
