// SPDX-License-Identifier: GPL-3.0-or-later
/* regs: registers of a task or a CPU. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

static const struct doc_column columns[] = {
	{ .key = "register", .title = "REGISTER" },
	{ .key = "value", .title = "VALUE" },
	{ .key = "meaning", .title = "WHAT IT IS" },
};

static struct doc_cell value_cell(const struct arch_reg *reg, uint64_t v)
{
	return (struct doc_cell){ .type = DOC_ADDR, .num = v, .digits = (uint8_t)(2 * reg->size) };
}

static void put_reg(struct session *s, struct doc *d, const struct regs *r, unsigned i,
		    const struct task *t)
{
	const struct arch_reg *reg = &s->k->arch->regs[i];
	char buf[256];

	doc_put(d, doc_str(reg->name));
	if (!regs_known(r, i)) {
		doc_put(d, doc_none("not known"));
		doc_put(d, doc_str(""));
		return;
	}
	doc_put(d, link_value(s->k, value_cell(reg, r->value[i]), r->value[i]));
	value_describe(s->k, t, r->value[i], buf, sizeof(buf));
	doc_put(d, link_value(s->k, doc_styled(doc_str(buf), DOC_NAME), r->value[i]));
}

void part_regs(struct session *s, struct doc *d, const struct regs *r, const struct task *t)
{
	const struct arch *a = s->k->arch;

	doc_table(d, "registers", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < a->nregs && i < REGS_MAX; i++)
		if (a->regs[i].size <= 8)
			put_reg(s, d, r, i, t);
}

static const struct doc_column changed_columns[] = {
	{ .key = "mark", .title = "", .flags = DOC_ONLY_TEXT },
	{ .key = "changed", .flags = DOC_ONLY_JSON },
	{ .key = "register", .title = "REGISTER" },
	{ .key = "value", .title = "VALUE" },
	{ .key = "meaning", .title = "WHAT IT IS" },
};

void part_regs_changed(struct session *s, struct doc *d, const struct regs *r,
		       const struct regs *inner, const struct task *t)
{
	const struct arch *a = s->k->arch;

	doc_table(d, "registers", DOC_ALIGNED, changed_columns, KD_ARRAY_SIZE(changed_columns));
	for (unsigned i = 0; i < a->nregs && i < REGS_MAX; i++) {
		bool both = regs_known(r, i) && regs_known(inner, i);
		bool changed = both && r->value[i] != inner->value[i];

		if (a->regs[i].size > 8)
			continue;
		doc_put(d, doc_styled(doc_str(changed ? "*" : ""), DOC_WARN));
		doc_put(d, both ? doc_bool(changed) : doc_none(NULL));
		put_reg(s, d, r, i, t);
	}
}

static void put_source(struct session *s, struct doc *d, const struct task *t,
		       struct doc_cell source)
{
	char at[40];

	doc_fields(d, NULL);
	if (t) {
		doc_field(d, "pid", NULL, part_pid(t));
		doc_field(d, "task", NULL,
			  t->addr ? doc_addr(s->k->arch, t->addr) : doc_none(NULL));
		snprintf(at, sizeof(at), "  0x%0*" PRIx64, 2 * s->k->arch->ptr_size, t->addr);
		doc_field(d, NULL, "task",
			  link_task(doc_fmt("%" PRIu32 " %.16s%s", t->pid, t->comm,
					    t->addr ? at : ""),
				    t));
	}
	doc_field(d, "source", "from", source);
}

/* What the registers of a CPU come from. */
static struct doc_cell cpu_source(const struct kernel *k, int32_t nr)
{
	const struct cpu *c = cpus_get(&k->cpus, (unsigned)nr);

	return doc_fmt("%s of CPU %" PRId32,
		       c && !c->note_in_memory && k->cpus.from_qemu ? "QEMU's note" : "the crash note",
		       nr);
}

int part_task_regs(struct session *s, struct doc *d, const struct task *t, struct kd_err *err)
{
	struct regs r = { 0 };
	int ret = task_regs(s->k, t, &r, err);

	if (ret)
		return ret;
	put_source(s, d, t,
		   t->on_cpu ? cpu_source(s->k, t->cpu) : doc_str("what its last switch saved"));
	part_regs(s, d, &r, t);
	return 0;
}

int part_cpu_regs(struct session *s, struct doc *d, const struct cpu *c, struct kd_err *err)
{
	const struct task *t;

	if (!c->has_note)
		return kd_fail(err, KD_NOTFOUND, "CPU %u left no registers%s", c->nr,
			       c->online ? "" : ": it was offline");
	t = tasks_on_cpu(&s->k->tasks, c->nr);
	put_source(s, d, t, cpu_source(s->k, (int32_t)c->nr));
	part_regs(s, d, &c->regs, t);
	return 0;
}

static int cpu_regs(struct session *s, struct doc *d, const char *word, struct kd_err *err)
{
	const struct cpu *c;
	int ret = cpu_select(s->k, word, &c, err);

	return ret ? ret : part_cpu_regs(s, d, c, err);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const char *cpu = args_value(a, "cpu");
	const struct task *t;
	int ret;

	if (!cpu && a->nwords == 2 && !strcasecmp(a->words[0], "cpu"))
		cpu = a->words[1];
	else if (!cpu && a->nwords == 1 && !strncasecmp(a->words[0], "cpu", 3) &&
		 parse_number(a->words[0] + 3, &(uint64_t){ 0 }))
		cpu = a->words[0];
	else if (a->nwords > 1 || (cpu && a->nwords))
		return kd_fail(err, KD_USAGE, "it wants one task or one CPU");
	if (cpu)
		return cpu_regs(s, d, cpu, err);
	/* which task crashed may not be known where the CPU is */
	if (!a->nwords && !s->task && s->k->panic_cpu)
		return part_cpu_regs(s, d, s->k->panic_cpu, err);
	ret = task_select(s, a->nwords ? a->words[0] : NULL, &t, err);
	return ret ? ret : part_task_regs(s, d, t, err);
}

static const struct opt_def options[] = {
	{ 'c', "cpu", "N", "of this CPU" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "regs", "of the task that crashed" },
	{ "regs cpu 1", "of CPU 1" },
	{ "regs 42", "of PID 42" },
	{ NULL, NULL },
};

const struct command cmd_regs = {
	.name = "regs",
	.group = "the crash",
	.synopsis = "[PID|TASK|COMM | cpu N]",
	.summary = "registers of a task or a CPU",
	.help = "Registers, with what those that look like addresses point to. Of a task that\n"
		"was on a CPU they are what the CPU wrote into its crash note, or a hypervisor\n"
		"noted; of one that slept, what its last switch saved: the others are not known.",
	.options = options,
	.examples = examples,
	.max = 2,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};
