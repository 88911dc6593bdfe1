// SPDX-License-Identifier: GPL-3.0-or-later
/* ps and task: the tasks of the crashed kernel. */
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/lines.h"
#include "kernel/unwind.h"
#include "kernel/wait.h"
#include "ui/commands.h"
#include "ui/links.h"
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
	{ .key = "found_by", .flags = DOC_ONLY_JSON },
	{ .key = "waits_in", .title = "WAITS IN", .flags = DOC_ONLY_JSON },
	{ .key = "waits", .title = "WAITS IN", .flags = DOC_ONLY_TEXT },
	{ .key = "waits_offset", .flags = DOC_ONLY_JSON },
	{ .key = "waits_source", .flags = DOC_ONLY_JSON }, /* with --wait */
};
#define COLUMNS (KD_ARRAY_SIZE(columns) - 1)

/* How waiting is shown. */
struct waiting {
	struct unwinder *u;
	struct waits *waits; /* NULL: it can not be known */
	bool exact;	     /* offset and source line too */
	const char *only;    /* a pattern of functions; NULL: any, or none */
};

/*
 * A task that exits has given its mm up too. Of one without an address nothing is known,
 * and without types little.
 */
static bool is_kernel_thread(const struct kernel *k, const struct task *t)
{
	return t->addr && k->layout.task_struct_mm.found && !t->mm && !t->exit_state;
}

static struct doc_cell comm_cell(const struct kernel *k, const struct task *t)
{
	size_t len = strnlen(t->comm, sizeof(t->comm));
	struct doc_cell c;

	if (!len && (!t->addr || !k->layout.task_struct_comm.found))
		return doc_none(NULL);
	if (!is_kernel_thread(k, t))
		return doc_strn(t->comm, len);
	c = doc_fmt("[%.*s]", (int)len, t->comm);
	return c;
}

/* What stands before a task. */
static const char *mark(const struct task *t)
{
	if (t->panicked)
		return "*";
	if (t->on_cpu)
		return ">";
	return t->source > TASK_FROM_NOTE ? "+" : "";
}

static void put_task(struct session *s, struct doc *d, const struct task *t)
{
	const struct arch *a = s->k->arch;
	const struct layout *l = &s->k->layout;
	char state[2] = { task_state_letter(s->k, t), '\0' };
	enum doc_style style = t->panicked ? DOC_BAD : state[0] == 'D' ? DOC_WARN : DOC_PLAIN;
	struct doc_cell first = doc_styled(doc_str(mark(t)), style);

	doc_put(d, t->panicked ? doc_here(first) : first);
	doc_put(d, link_task(part_pid(t), t));
	doc_put(d, t->addr && l->task_struct_real_parent.found ? doc_uint(t->ppid) : doc_none("?"));
	doc_put(d, t->addr && l->task_struct_tgid.found ? doc_uint(t->tgid) : doc_none("?"));
	doc_put(d, t->cpu >= 0 ? link_cpu(doc_int(t->cpu), t->cpu) : doc_none(NULL));
	doc_put(d, doc_styled(doc_str(state), style));
	doc_put(d, t->addr ? link_object(doc_addr(a, t->addr), "task_struct", t->addr)
			   : doc_none(NULL));
	doc_put(d, link_task(doc_styled(comm_cell(s->k, t), style), t));
	doc_put(d, doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))));
	doc_put(d, doc_bool(t->on_cpu));
	doc_put(d, doc_bool(t->panicked));
	doc_put(d, doc_bool(t->idle));
	doc_put(d, doc_bool(is_kernel_thread(s->k, t)));
	doc_put(d, doc_addr(a, t->stack));
	doc_put(d, t->mm ? doc_addr(a, t->mm) : doc_none(NULL));
	doc_put(d, doc_hex(t->flags));
	doc_put(d, doc_str(task_source_name(t->source)));
}

/* Where one task waits; sym NULL: nowhere, or in no function that has a name. */
struct place {
	const struct symbol *sym;
	struct wait_place at;
	char source[512]; /* "fs/pipe.c:337"; empty: not known, or not asked for */
};

static void find_source(const struct waiting *w, struct place *p)
{
	const struct line_info *l = unwinder_line(w->u, p->at.code);

	if (l && l->n && l->frames[0].file && l->frames[0].line)
		snprintf(p->source, sizeof(p->source), "%s:%u", l->frames[0].file,
			 l->frames[0].line);
}

static void find_place(const struct kernel *k, const struct waiting *w, const struct task *t,
		       struct place *p)
{
	p->sym = NULL;
	p->source[0] = '\0';
	if (!w->waits || !waits_find(w->waits, t, &p->at))
		return;
	p->sym = symbols_by_addr(k->symbols, p->at.code);
	if (w->exact && p->sym)
		find_source(w, p);
}

static struct doc_cell place_words(const struct waiting *w, const struct place *p)
{
	struct doc_cell c;

	if (!p->sym)
		return doc_none(NULL);
	c = w->exact ? doc_fmt("%s+%#" PRIx64 "/%#" PRIx64 "%s%s", p->sym->name,
			       p->at.pc - p->sym->addr, p->sym->size, *p->source ? "  " : "",
			       p->source)
		     : doc_str(p->sym->name);
	return link_address(doc_styled(c, DOC_NAME), p->at.pc);
}

static void put_place(struct doc *d, const struct waiting *w, const struct place *p)
{
	doc_put(d, p->sym ? doc_str(p->sym->name) : doc_none(NULL));
	doc_put(d, place_words(w, p));
	doc_put(d, p->sym ? doc_uint(p->at.pc - p->sym->addr) : doc_none(NULL));
	if (w->exact)
		doc_put(d, *p->source ? doc_str(p->source) : doc_none(NULL));
}

/* That column is no reason to fail for want of it, unless it was asked for. */
static int waiting_init(struct session *s, const struct args *a, struct waiting *w,
			struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	int ret;

	*w = (struct waiting){ .exact = args_has(a, "wait"), .only = args_value(a, "function") };
	ret = w->exact ? session_unwinder(s, &w->u, &why) : session_unwinder_quiet(s, &w->u, &why);
	if (!ret)
		ret = waits_new(s->k, w->u, &w->waits, &why);
	if (!ret || (ret != KD_NOMEM && !w->exact && !w->only))
		return 0;
	*err = why;
	return ret;
}

static bool wanted(const struct kernel *k, const struct task *t, const struct args *a)
{
	if (args_has(a, "kernel"))
		return is_kernel_thread(k, t);
	if (args_has(a, "user"))
		return !is_kernel_thread(k, t);
	return true;
}

/* Those of the table, or of all. */
static int show_tasks(struct session *s, const struct args *a, const struct task_list *l,
		      const struct waiting *w, struct doc *d, struct kd_err *err)
{
	const struct tasks *all = &s->k->tasks;
	size_t shown = 0, n = a->nwords ? l->n : all->n;
	int ret = 0;

	doc_table(d, "tasks", DOC_ALIGNED, columns, COLUMNS + w->exact);
	for (size_t i = 0; i < n && !ret; i++) {
		const struct task *t = a->nwords ? l->list[i] : &all->list[i];
		struct place p;

		ret = session_cancelled(err);
		if (ret || !wanted(s->k, t, a))
			continue;
		find_place(s->k, w, t, &p);
		if (w->only && (!p.sym || fnmatch(w->only, p.sym->name, 0)))
			continue;
		put_task(s, d, t);
		put_place(d, w, &p);
		shown++;
	}
	if (!ret && w->only && !shown)
		ret = kd_fail(err, KD_NOTFOUND, "no task of %zu waits in that", n);
	return ret;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct task_list l = { 0 };
	struct waiting w;
	int ret = 0;

	if (args_has(a, "kernel") && args_has(a, "user"))
		return kd_fail(err, KD_USAGE, "--kernel and --user exclude each other");
	for (size_t i = 0; i < a->nwords && !ret; i++)
		ret = tasks_select(s->k, a->words[i], &l, err);
	if (!ret)
		ret = waiting_init(s, a, &w, err);
	if (!ret) {
		ret = show_tasks(s, a, &l, &w, d, err);
		waits_free(w.waits);
	}
	task_list_fini(&l);
	if (ret || a->nwords)
		return ret;
	part_findings(s, d, NULL, NULL);
	if (!s->k->types)
		return kd_fail(err, KD_NOTFOUND,
			       "these are not all tasks: without types their list can not be read");
	return part_all_tasks(s, err);
}

static const struct opt_def options[] = {
	{ 'k', "kernel", NULL, "only kernel threads" },
	{ 'u', "user", NULL, "only processes and their threads" },
	{ 'f', "function", "NAME", "only those that wait in this function, or a pattern of it" },
	{ 'w', "wait", NULL, "where they wait exactly: offset and source line" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "ps", "all tasks" },
	{ "ps -u", "processes and their threads" },
	{ "ps 'kworker*'", "by a pattern of the name" },
	{ "ps -w -f '*futex*'", "who waits for a futex, with the source line" },
	{ NULL, NULL },
};

const struct command cmd_ps = {
	.name = "ps",
	.group = "the crash",
	.synopsis = "[PID|TASK|COMM]...",
	.summary = "the tasks",
	.help = "Every task: * the one that crashed, > those on a CPU; S is the state as ps(1)\n"
		"has it (R runnable, S sleeping, D uninterruptible, T stopped, Z zombie, I idle\n"
		"kernel thread, P parked); kernel threads stand in brackets. WAITS IN is the\n"
		"function a sleeping task goes on in when what it waits for is there: the first of\n"
		"its stack outside of the scheduler and the waiting for locks, as /proc/PID/wchan\n"
		"has it. When the list is damaged, or its length is not what the kernel counted,\n"
		"that is said below it, and what was found by other ways is marked +: by the list\n"
		"backwards, the kernel's table of PIDs, the children of other tasks. Where tasks\n"
		"are missing all the same, the command fails.",
	.options = options,
	.examples = examples,
	.max = 4096,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};

static int run_task(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const struct task *t;
	struct waiting w = { .waits = NULL };
	struct place p;
	int ret = task_select(s, a->nwords ? a->words[0] : NULL, &t, err);

	if (!ret)
		ret = waiting_init(s, a, &w, err);
	if (ret)
		return ret;
	s->task = t;
	doc_table(d, "tasks", DOC_ALIGNED, columns, COLUMNS);
	find_place(s->k, &w, t, &p);
	put_task(s, d, t);
	put_place(d, &w, &p);
	waits_free(w.waits);
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
