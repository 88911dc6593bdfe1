// SPDX-License-Identifier: GPL-3.0-or-later
/* cpu: the CPUs and what each did. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"

static const struct doc_column columns[] = {
	{ .key = "mark", .title = "", .flags = DOC_ONLY_TEXT },
	{ .key = "cpu", .title = "CPU", .flags = DOC_RIGHT },
	{ .key = "state", .title = "STATE" },
	{ .key = "runnable", .title = "RUNNABLE", .flags = DOC_RIGHT },
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "comm", .title = "COMM" },
	{ .key = "where", .title = "WHERE" },
	{ .key = "pc", .flags = DOC_ONLY_JSON },
	{ .key = "online", .flags = DOC_ONLY_JSON },
	{ .key = "note", .flags = DOC_ONLY_JSON },
	{ .key = "percpu", .flags = DOC_ONLY_JSON },
	{ .key = "task", .flags = DOC_ONLY_JSON },
	{ .key = "panicked", .flags = DOC_ONLY_JSON },
};

static bool runqueue(const struct kernel *k, const struct cpu *c, uint64_t *n)
{
	vaddr_t rq;

	return cpu_symbol(k, c, "runqueues", &rq) &&
	       !member_read(&k->space, rq, &k->layout.rq_nr_running, n, NULL);
}

static const char *state_of(const struct kernel *k, const struct cpu *c, const struct task *t)
{
	if (!c->online)
		return "offline";
	if (!t)
		return "?";
	if (k->arch->user_mode && c->has_note && k->arch->user_mode(&c->regs))
		return "user";
	return t->idle ? "idle" : "kernel";
}

static struct doc_cell where_cell(const struct kernel *k, const struct cpu *c)
{
	char buf[256];
	uint64_t pc;

	if (!c->has_note || !regs_known(&c->regs, k->arch->pc))
		return doc_none(c->online ? "left no registers" : NULL);
	pc = c->regs.value[k->arch->pc];
	if (k->arch->user_mode && k->arch->user_mode(&c->regs))
		return doc_fmt("user mode, 0x%" PRIx64, pc);
	return link_address(
		doc_styled(doc_str(symbols_format(k->symbols, pc, buf, sizeof(buf))), DOC_NAME),
		pc);
}

static void put_cpu(struct session *s, struct doc *d, const struct cpu *c)
{
	const struct kernel *k = s->k;
	const struct task *t = c->current ? tasks_by_addr(&k->tasks, c->current) : NULL;
	bool panicked = c == k->panic_cpu;
	uint64_t n;

	doc_put(d, doc_styled(doc_str(panicked ? "*" : ""), DOC_BAD));
	doc_put(d, link_cpu(doc_uint(c->nr), (int32_t)c->nr));
	doc_put(d, doc_str(state_of(k, c, t)));
	doc_put(d, runqueue(k, c, &n) ? doc_uint(n) : doc_none(NULL));
	doc_put(d, t ? link_task(part_pid(t), t) : doc_none(NULL));
	doc_put(d, t ? link_task(doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))), t)
		     : doc_none(NULL));
	doc_put(d, where_cell(k, c));
	doc_put(d, c->has_note && regs_known(&c->regs, k->arch->pc)
			   ? doc_addr(k->arch, c->regs.value[k->arch->pc])
			   : doc_none(NULL));
	doc_put(d, doc_bool(c->online));
	doc_put(d, doc_bool(c->has_note));
	doc_put(d, doc_addr(k->arch, c->percpu));
	doc_put(d, c->current ? doc_addr(k->arch, c->current) : doc_none(NULL));
	doc_put(d, doc_bool(panicked));
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const struct cpus *all = &s->k->cpus;

	(void)a;
	if (!all->n)
		return kd_fail(err, KD_NOTFOUND, "the dump does not say which CPUs there were%s%s",
			       all->damage ? ": " : "", all->damage ? all->damage : "");
	doc_table(d, "cpus", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < all->n; i++)
		put_cpu(s, d, &all->list[i]);
	part_list_findings(s, d, "CPUs", all->damage, NULL, NULL);
	return 0;
}

static const struct command_example examples[] = {
	{ "cpu", "every CPU" },
	{ NULL, NULL },
};

const struct command cmd_cpu = {
	.name = "cpu",
	.aliases = "cpus runq",
	.group = "the crash",
	.synopsis = "",
	.summary = "the CPUs and what each did",
	.help = "Of every CPU: whether it was idle, in the kernel, in user mode or offline, how "
		"many\n"
		"tasks were runnable there, the task it ran and where it was when the crash, or\n"
		"the dump, stopped it. * marks the CPU that crashed.",
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
