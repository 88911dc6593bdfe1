// SPDX-License-Identifier: GPL-3.0-or-later
/* vtop: from a virtual address to physical memory, level by level. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

static const struct doc_column columns[] = {
	{ .key = "level", .title = "LEVEL" },
	{ .key = "at", .title = "ENTRY AT" },
	{ .key = "entry", .title = "ENTRY" },
	{ .key = "flags", .title = "FLAGS" },
};

/* The page tables of a task; a kernel thread has none of its own. */
static int task_space(const struct session *s, const struct task *t, struct space *out,
		      struct kd_err *err)
{
	const struct kernel *k = s->k;
	uint64_t pgd;
	paddr_t root;
	int ret;

	if (!t->addr)
		return kd_fail(err, KD_NOTFOUND,
			       "where PID %" PRIu32 " has its task_struct is not known", t->pid);
	if (!t->mm)
		return kd_fail(err, KD_NOTFOUND,
			       "PID %" PRIu32 " is a kernel thread: it has no memory of its own",
			       t->pid);
	ret = member_read_ptr(&k->space, t->mm, &k->layout.mm_struct_pgd, &pgd, err);
	if (!ret)
		ret = space_translate(&k->space, pgd, &root, NULL, err);
	if (ret)
		return kd_context(err, ret, "page tables of PID %" PRIu32, t->pid);
	space_init_user(out, &k->space, root);
	return 0;
}

static void put_walk(struct doc *d, const struct arch_walk *w)
{
	doc_table(d, "walk", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < w->nsteps; i++) {
		const struct arch_walk_step *step = &w->steps[i];

		doc_put(d, doc_str(step->level));
		doc_put(d, doc_linked(doc_hex(step->at), "mem -p 0x%" PRIx64, step->at));
		doc_put(d, doc_hex(step->entry));
		doc_put(d, *step->flags ? doc_str(step->flags) : doc_none("not present"));
	}
}

/* How the dump has that page. */
static void put_page(struct doc *d, const struct session *s, paddr_t pa)
{
	uint8_t byte;
	int status = dump_read(s->k->dump, pa, &byte, 1, NULL, NULL);

	doc_field(d, "dump", "in the dump",
		  status ? doc_styled(doc_str(kd_status_name(status)), DOC_WARN)
			 : doc_str("present"));
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const struct arch *arch = s->k->arch;
	struct space space = s->k->space;
	const struct task *t = NULL;
	struct arch_walk w;
	vaddr_t addr;
	int ret = 0, walked;

	if (!arch->walk)
		return kd_fail(err, KD_UNSUPPORTED, "page tables of %s are not shown", arch->name);
	if (args_has(a, "task"))
		ret = task_select(s, args_value(a, "task"), &t, err);
	if (!ret && t)
		ret = task_space(s, t, &space, err);
	if (!ret)
		ret = address_select(s, a->words[0], NULL, &addr, err);
	if (ret)
		return ret;
	walked = arch->walk(&space, addr, &w, err);
	doc_fields(d, NULL);
	doc_field(d, "address", "address", doc_addr(arch, addr));
	if (w.page) {
		doc_field(d, "physical", "physical",
			  doc_linked(doc_hex(w.pa), "mem -p 0x%" PRIx64, w.pa));
		doc_field(d, "pfn", "page frame", doc_hex(w.pa >> arch->page_shift));
		doc_field(d, "page_size", "page size", doc_uint(w.page));
		put_page(d, s, w.pa);
	}
	doc_field(d, "root", "page tables at", doc_hex(space.root));
	put_walk(d, &w);
	return walked ? kd_context(err, walked, "address 0x%" PRIx64, addr) : 0;
}

static const struct opt_def options[] = {
	{ 't', "task", "PID|COMM", "by this task's page tables" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "vtop init_task", "of a symbol" },
	{ "vtop 7ffd1000 -t 1", "of a process" },
	{ NULL, NULL },
};

const struct command cmd_vtop = {
	.name = "vtop",
	.group = "memory and symbols",
	.synopsis = "ADDR|SYMBOL[+OFF]|EXPRESSION",
	.summary = "physical address, through the page tables",
	.help = "The walk from a virtual to a physical address, entry by entry, with what each\n"
		"allows, and whether the dump has the page.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 1,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
