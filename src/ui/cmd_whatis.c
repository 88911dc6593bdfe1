// SPDX-License-Identifier: GPL-3.0-or-later
/* whatis: all that is known about an address. */
#include "kernel/whatis.h"

#include <inttypes.h>
#include <string.h>

#include "core/unwind.h"
#include "kernel/objects.h"
#include "kernel/unwind.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

static void put_task(struct doc *d, const char *key, const char *label, const struct task *t,
		     uint64_t off)
{
	doc_field(d, key, label,
		  link_task(doc_fmt("%" PRIu32 " %.16s +0x%" PRIx64, t->pid, t->comm, off), t));
}

static void put_owners(struct session *s, struct doc *d, const struct whatis *w)
{
	char buf[256];

	const struct symbol *sym = symbols_by_addr(s->k->symbols, w->addr);
	/* the last symbol of all seems to have no end */
	bool far = sym && w->area && !strcmp(w->area, "linear map");

	if (sym && !far)
		doc_field(d, "symbol", "symbol",
			  doc_styled(
				  doc_str(symbols_format(s->k->symbols, w->addr, buf, sizeof(buf))),
				  DOC_NAME));
	if (w->task)
		put_task(d, "task", "task_struct of", w->task, w->addr - w->task->addr);
	if (w->stack)
		put_task(d, "stack", "stack of", w->stack, w->addr - w->stack->stack);
	if (w->cpu_stack)
		doc_field(d, "cpu_stack", "stack of",
			  link_cpu(doc_fmt("CPU %u, %s +0x%" PRIx64, w->cpu_stack_of,
					   w->cpu_stack->name, w->addr - w->cpu_stack->start),
				   (int32_t)w->cpu_stack_of));
	if (w->module)
		doc_field(d, "module", "module",
			  doc_linked(doc_str(w->module->name), "mod %s", w->module->name));
	if (w->section)
		doc_field(d, "section", "section of it",
			  doc_fmt("%s +0x%" PRIx64, w->section->name, w->addr - w->section->addr));
	if (w->cpu) {
		doc_field(d, "cpu", "per-CPU memory of",
			  link_cpu(doc_fmt("CPU %u", w->cpu->nr), (int32_t)w->cpu->nr));
		doc_field(d, "percpu", "per-CPU variable",
			  /* its name alone does not say whose */
			  *w->percpu ? doc_linked(doc_styled(doc_str(w->percpu), DOC_NAME), "%s", "")
				     : doc_none("one allocated at run time"));
		doc_field(d, "percpu_pointer", "per-CPU pointer", doc_hex(w->percpu_ptr));
	}
}

static const char *state_words(enum slab_state state)
{
	switch (state) {
	case SLAB_ALLOCATED:
		return "allocated";
	case SLAB_FREE:
		return "free";
	case SLAB_WAITS_FOR_RCU:
		return "freed, and waits for RCU's readers";
	case SLAB_PADDING:
		return "padding at the end of the slab";
	default:
		return "not known: its list of free objects can not be followed";
	}
}

/* Most caches of one type bear its name. */
static struct doc_cell object_cell(struct session *s, const struct whatis *w)
{
	struct doc_cell c = doc_addr(s->k->arch, w->object);
	struct type_ref type;
	char name[sizeof(w->cache) + 1];

	snprintf(name, sizeof(name), "%.*s", (int)sizeof(w->cache), w->cache);
	if (s->k->types && !type_find(s->k->types, name, &type, NULL))
		return link_object(c, name, w->object);
	return doc_linked(c, "mem 0x%" PRIx64, w->object);
}

static void put_slab(struct session *s, struct doc *d, const struct whatis *w)
{
	doc_field(d, "slab_cache", "slab cache",
		  doc_styled(doc_strn(w->cache, strnlen(w->cache, sizeof(w->cache))), DOC_NAME));
	doc_field(d, "object", "object", object_cell(s, w));
	doc_field(d, "object_offset", "offset in it", doc_hex(w->addr - w->object));
	doc_field(d, "object_size", "object size", doc_uint(w->object_size));
	doc_field(d, "object_state", "object is", doc_str(state_words(w->object_state)));
}

static void put_vmalloc(struct session *s, struct doc *d, const struct whatis *w)
{
	char buf[256];

	doc_field(d, "vmalloc_start", "vmalloc area", doc_addr(s->k->arch, w->vm_start));
	doc_field(d, "vmalloc_size", "its size", doc_uint(w->vm_end - w->vm_start));
	if (w->vm_caller)
		doc_field(
			d, "vmalloc_caller", "allocated by",
			link_address(doc_styled(doc_str(symbols_format(s->k->symbols, w->vm_caller,
								       buf, sizeof(buf))),
						DOC_NAME),
				     w->vm_caller));
}

static const char *kind_words(const struct page_info *p)
{
	switch (p->kind) {
	case PAGE_FREE:
		return "free";
	case PAGE_SLAB:
		return "slab";
	case PAGE_LARGE_KMALLOC:
		return "large kmalloc()";
	case PAGE_FILE:
		return "page cache";
	case PAGE_ANON:
		return "anonymous memory of processes";
	case PAGE_TABLE:
		return "page table";
	case PAGE_GUARD:
		return "guard page";
	case PAGE_OFFLINE:
		return "offline";
	case PAGE_HUGETLB:
		return "huge page";
	case PAGE_RESERVED:
		return "reserved";
	default:
		return NULL;
	}
}

static void put_file(struct session *s, struct doc *d, const struct whatis *w)
{
	doc_field(d, "inode", "inode",
		  link_object(doc_addr(s->k->arch, w->page.inode), "inode", w->page.inode));
	doc_field(d, "ino", "inode number", doc_uint(w->ino));
	doc_field(d, "file_system", "file system", doc_str(w->fs));
	if (*w->device)
		doc_field(d, "device", "of device", doc_str(w->device));
	if (*w->path)
		doc_field(d, "file", "file in it", doc_styled(doc_str(w->path), DOC_PLACE));
	doc_field(d, "file_offset", "offset in the file", doc_hex(w->page.file_offset));
}

static void put_page(struct session *s, struct doc *d, const struct whatis *w)
{
	const struct page_info *p = &w->page;
	const char *words = kind_words(p);
	char buf[512];

	doc_field(d, "page", "struct page",
		  link_object(doc_addr(s->k->arch, p->page), "page", p->page));
	if (p->head != p->page)
		doc_field(d, "page_head", "of the pages at",
			  link_object(doc_addr(s->k->arch, p->head), "page", p->head));
	doc_field(d, "page_flags", "page flags",
		  doc_fmt("0x%" PRIx64 " %s", p->flags,
			  whatis_page_flags(s->k, p->flags, buf, sizeof(buf))));
	doc_field(d, "page_refs", "references", doc_int((int32_t)p->refs));
	if (words)
		doc_field(d, "page_is", "page is", doc_str(words));
	if (p->kind == PAGE_FREE)
		doc_field(d, "free_block", "in a free block of",
			  doc_fmt("%u page%s from frame 0x%" PRIx64, 1u << p->order,
				  p->order ? "s" : "", p->block));
	if (p->kind == PAGE_ANON || p->kind == PAGE_FILE)
		doc_field(d, "page_mapped", "mapped",
			  doc_fmt("%" PRId32 " times", (int32_t)p->mapcount + 1));
	if (p->inode)
		put_file(s, d, w);
}

static void put_physical(struct doc *d, const struct whatis *w)
{
	if (!w->mapped) {
		doc_field(d, "physical", "physical", doc_none("not mapped"));
		return;
	}
	doc_field(d, "physical", "physical",
		  doc_linked(doc_hex(w->pa), "vtop 0x%" PRIx64, w->addr));
	doc_field(d, "dump", "in the dump",
		  w->page_status ? doc_styled(doc_str(kd_status_name(w->page_status)), DOC_WARN)
				 : doc_str("present"));
}

static struct doc_cell link_to_memory(struct doc_cell c, const struct whatis *w)
{
	return w->mapped ? doc_linked(c, "mem 0x%" PRIx64, w->addr) : doc_linked(c, "%s", "");
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	static const char *const types[] = { WHATIS_TYPES, NULL };
	const struct cpu *cpu = NULL;
	struct unwinder *u = NULL;
	struct objects o;
	struct whatis w;
	vaddr_t addr;
	int ret = args_has(a, "cpu") ? cpu_select(s->k, args_value(a, "cpu"), &cpu, err) : 0;

	if (!ret)
		ret = address_select(s, a->words[0], cpu, &addr, err);
	if (ret)
		return ret;
	objects_resolve(s->k, types, &o);
	/* without it the stacks of CPUs have no names */
	if (session_unwinder_quiet(s, &u, NULL))
		u = NULL;
	whatis(s->k, &o, u, addr, &w);
	doc_fields(d, NULL);
	doc_field(d, "address", "address",
		  link_to_memory(doc_addr(s->k->arch, addr), &w));
	doc_field(d, "area", "area", w.area ? doc_str(w.area) : doc_none("none that is known"));
	put_owners(s, d, &w);
	if (w.is_page)
		doc_field(d, "page_of", "struct page of frame", doc_hex(w.page.pfn));
	if (w.has_vmalloc)
		put_vmalloc(s, d, &w);
	if (w.has_slab)
		put_slab(s, d, &w);
	if (w.has_page)
		put_page(s, d, &w);
	put_physical(d, &w);
	return 0;
}

static const struct opt_def options[] = {
	{ 'c', "cpu", "N", "this CPU's copy of a per-CPU variable" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "whatis ffff888003a54010", "which object, of which slab cache" },
	{ "whatis schedule+0x20", "a symbol" },
	{ NULL, NULL },
};

const struct command cmd_whatis = {
	.name = "whatis",
	.group = "memory and symbols",
	.synopsis = "ADDR|SYMBOL[+OFF]|EXPRESSION",
	.summary = "all that is known about an address",
	.help = "Symbol, task or stack, module and section, per-CPU variable, vmalloc area and "
		"who\n"
		"asked for it, slab object with its cache and whether it is free, struct page "
		"with\n"
		"its flags and what the page is used for (a file of the page cache by its name),\n"
		"physical address, and whether the dump has it. Of an address in a struct page\n"
		"the page that it describes is shown.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 1,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
