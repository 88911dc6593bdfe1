// SPDX-License-Identifier: GPL-3.0-or-later
/* ps and task: the tasks of the crashed kernel. */
#include <inttypes.h>
#include <string.h>

#include "kernel/wait.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

static const struct doc_column columns[] = {
	{ .key = "mark", .title = "", .flags = DOC_ONLY_TEXT },
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "ppid", .title = "PPID", .flags = DOC_RIGHT },
	{ .key = "tgid", .flags = DOC_ONLY_JSON },
	{ .key = "cpu", .title = "CPU", .flags = DOC_RIGHT },
	{ .key = "state", .title = "S" },
	{ .key = "task", .title = "TASK" },
	{ .key = "name", .title = "COMM", .flags = DOC_ONLY_TEXT },
	{ .key = "comm", .flags = DOC_ONLY_JSON },
	{ .key = "on_cpu", .flags = DOC_ONLY_JSON },
	{ .key = "panicked", .flags = DOC_ONLY_JSON },
	{ .key = "idle", .flags = DOC_ONLY_JSON },
	{ .key = "kernel_thread", .flags = DOC_ONLY_JSON },
	{ .key = "stack", .flags = DOC_ONLY_JSON },
	{ .key = "mm", .flags = DOC_ONLY_JSON },
	{ .key = "flags", .flags = DOC_ONLY_JSON },
	{ .key = "waits_in", .title = "WAITS IN" }, /* with --wait */
};
#define COLUMNS (KD_ARRAY_SIZE(columns) - 1)

/* A task that exits has given its mm up too. Of one without an address nothing is known. */
static bool is_kernel_thread(const struct task *t)
{
	return t->addr && !t->mm && !t->exit_state;
}

static struct doc_cell comm_cell(const struct task *t)
{
	size_t len = strnlen(t->comm, sizeof(t->comm));
	struct doc_cell c;

	if (!t->addr && !len)
		return doc_none(NULL);
	if (!is_kernel_thread(t))
		return doc_strn(t->comm, len);
	c = doc_fmt("[%.*s]", (int)len, t->comm);
	return c;
}

static void put_task(struct session *s, struct doc *d, const struct task *t)
{
	const struct arch *a = s->k->arch;
	char state[2] = { task_state_letter(s->k, t), '\0' };
	enum doc_style style = t->panicked ? DOC_BAD : state[0] == 'D' ? DOC_WARN : DOC_PLAIN;

	doc_put(d, doc_styled(doc_str(t->panicked ? "*" : t->on_cpu ? ">" : ""), style));
	doc_put(d, doc_uint(t->pid));
	doc_put(d, t->addr ? doc_uint(t->ppid) : doc_none("?"));
	doc_put(d, t->addr ? doc_uint(t->tgid) : doc_none("?"));
	doc_put(d, t->cpu >= 0 ? doc_int(t->cpu) : doc_none(NULL));
	doc_put(d, doc_styled(doc_str(state), style));
	doc_put(d, t->addr ? doc_addr(a, t->addr) : doc_none(NULL));
	doc_put(d, doc_styled(comm_cell(t), style));
	doc_put(d, doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))));
	doc_put(d, doc_bool(t->on_cpu));
	doc_put(d, doc_bool(t->panicked));
	doc_put(d, doc_bool(t->idle));
	doc_put(d, doc_bool(is_kernel_thread(t)));
	doc_put(d, doc_addr(a, t->stack));
	doc_put(d, t->mm ? doc_addr(a, t->mm) : doc_none(NULL));
	doc_put(d, doc_hex(t->flags));
}

/* Where a sleeping task waits: that takes its stack. */
static struct doc_cell wait_cell(struct session *s, const struct task *t)
{
	const struct frame *f;
	struct stack st = { 0 };
	struct doc_cell c = doc_none(NULL);

	if (t->on_cpu || t->exit_state || task_state_letter(s->k, t) == 'R' ||
	    session_cancelled(NULL))
		return c;
	session_stack(s, t, 0, &st, NULL);
	f = wait_frame(s->k, &st);
	if (f && f->function)
		c = doc_styled(doc_str(f->function), DOC_NAME);
	else if (f)
		c = doc_hex(f->pc);
	stack_fini(&st);
	return c;
}

static bool wanted(const struct task *t, const struct args *a)
{
	if (args_has(a, "kernel"))
		return is_kernel_thread(t);
	if (args_has(a, "user"))
		return !is_kernel_thread(t);
	return true;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct task_list l = { 0 };
	const struct tasks *all = &s->k->tasks;
	bool wait = args_has(a, "wait");
	int ret = 0;

	if (args_has(a, "kernel") && args_has(a, "user"))
		return kd_fail(err, KD_USAGE, "--kernel and --user exclude each other");
	for (size_t i = 0; i < a->nwords && !ret; i++)
		ret = tasks_select(s->k, a->words[i], &l, err);
	if (ret) {
		task_list_fini(&l);
		return ret;
	}
	doc_table(d, "tasks", DOC_ALIGNED, columns, COLUMNS + wait);
	for (size_t i = 0; i < (a->nwords ? l.n : all->n); i++) {
		const struct task *t = a->nwords ? l.list[i] : &all->list[i];

		if (!wanted(t, a))
			continue;
		put_task(s, d, t);
		if (wait)
			doc_put(d, wait_cell(s, t));
	}
	task_list_fini(&l);
	if (a->nwords)
		return 0;
	part_findings(s, d);
	if (!s->k->types)
		return kd_fail(err, KD_NOTFOUND,
			       "these are not all tasks: without types their list can not be read");
	return 0;
}

static const struct opt_def options[] = {
	{ 'k', "kernel", NULL, "only kernel threads" },
	{ 'w', "wait", NULL, "the function a sleeping task waits in" },
	{ 'u', "user", NULL, "only processes and their threads" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "ps", "all tasks" },
	{ "ps -u", "processes and their threads" },
	{ "ps 'kworker*'", "by a pattern of the name" },
	{ NULL, NULL },
};

const struct command cmd_ps = {
	.name = "ps",
	.group = "the crash",
	.synopsis = "[PID|TASK|COMM]...",
	.summary = "the tasks",
	.help = "Every task: * the one that crashed, > those on a CPU; S is the state as ps(1)\n"
		"has it (R runnable, S sleeping, D uninterruptible, T stopped, Z zombie, I idle\n"
		"kernel thread, P parked); kernel threads stand in brackets. When the list is\n"
		"damaged, or its length is not what the kernel counted, that is said below it.",
	.options = options,
	.examples = examples,
	.max = 4096,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};

static int run_task(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const struct task *t;
	int ret = task_select(s, a->nwords ? a->words[0] : NULL, &t, err);

	if (ret)
		return ret;
	s->task = t;
	doc_table(d, "tasks", DOC_ALIGNED, columns, COLUMNS);
	put_task(s, d, t);
	return 0;
}

static const struct command_example task_examples[] = {
	{ "task 42", "from now on, bt, regs and eval are about PID 42" },
	{ NULL, NULL },
};

const struct command cmd_task = {
	.name = "task",
	.aliases = "set thread",
	.group = "the prompt",
	.synopsis = "[PID|TASK|COMM]",
	.summary = "show or change the current task",
	.help = "The task that bt, regs, eval and gdb are about when none is named. At first it\n"
		"is the one that crashed.",
	.examples = task_examples,
	.max = 1,
	.flags = CMD_PROMPT | CMD_TASKS,
	.run = run_task,
};
