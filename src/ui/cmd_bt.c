// SPDX-License-Identifier: GPL-3.0-or-later
/* bt: stacks of tasks. */
#include <string.h>
#include <time.h>

#include "kernel/unwind.h"
#include "mi/gdb.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

/* Frames past LIMIT are dropped, and it is said. */
static void limit_frames(struct stack *s, uint64_t limit)
{
	char *stop = NULL;

	if (!limit || s->nframes <= limit)
		return;
	if (asprintf(&stop, "%zu more frames, not asked for", s->nframes - (size_t)limit) < 0)
		stop = NULL;
	while (s->nframes > limit)
		frame_fini(&s->frames[--s->nframes]);
	free(s->stop);
	s->stop = stop;
}

static void node_init(const struct session *s, const struct task *t, unsigned show,
		      struct doc_stack *node)
{
	*node = (struct doc_stack){
		.task = *t,
		.state = task_state_letter(s->k, t),
		.arch = s->k->arch,
		.symbols = s->k->symbols,
		.flags = show,
	};
}

/* Ask for a stack; NODE is to be handed to doc_stack_add() or fetched_drop(). */
static int fetch(struct session *s, const struct task *t, unsigned flags, unsigned show,
		 struct doc_stack *node, struct kd_err *why)
{
	int ret;

	node_init(s, t, show, node);
	ret = session_stack(s, t, flags, &node->stack, why);
	if (ret)
		node->error = strdup(why->text);
	return ret;
}

static void fetched_drop(struct doc_stack *node)
{
	stack_fini(&node->stack);
	free(node->error);
}

int part_stack(struct session *s, struct doc *d, const char *key, bool repeats,
	       const struct task *t, unsigned flags, bool *stopped, struct kd_err *err)
{
	struct doc_stack node;
	int ret = fetch(s, t, flags, 0, &node, err);

	*stopped = node.stack.stop != NULL;
	doc_stack_add(d, key, repeats, &node);
	return ret;
}

uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* The tasks that were on a CPU when the kernel died. */
static int select_running(struct session *s, struct doc *d, struct task_list *l, struct kd_err *err)
{
	const struct kernel *k = s->k;

	for (size_t i = 0; i < k->cpus.n; i++) {
		const struct cpu *c = &k->cpus.list[i];
		const struct task *t = tasks_on_cpu(&k->tasks, c->nr);
		int ret;

		if (!cpu_counts(c))
			continue;
		if (!t) {
			doc_note(d, DOC_FINDING, "CPU %u: which task it ran is not known", c->nr);
			continue;
		}
		ret = task_list_add(l, t, err);
		if (ret)
			return ret;
	}
	return l->n ? 0 : kd_fail(err, KD_NOTFOUND, "the dump does not say what its CPUs ran");
}

static int select_all(const struct kernel *k, struct task_list *l, struct kd_err *err)
{
	l->list = calloc(k->tasks.n + 1, sizeof(*l->list));
	if (!l->list)
		return kd_nomem(err);
	for (size_t i = 0; i < k->tasks.n; i++)
		l->list[l->n++] = &k->tasks.list[i];
	return l->n ? 0 : kd_fail(err, KD_NOTFOUND, "no tasks could be read");
}

static int select_tasks(struct session *s, const struct args *a, struct doc *d, struct task_list *l,
			struct kd_err *err)
{
	const struct task *t;
	int ret = 0;

	if (args_has(a, "all"))
		return select_all(s->k, l, err);
	if (args_has(a, "cpus"))
		return select_running(s, d, l, err);
	for (size_t i = 0; i < a->nwords && !ret; i++)
		ret = tasks_select(s->k, a->words[i], l, err);
	if (ret || a->nwords)
		return ret;
	if (!s->task && !s->k->crashed) {
		doc_note(d, DOC_HINT, "the kernel had not crashed: this is what its CPUs did");
		return select_running(s, d, l, err);
	}
	if (!s->task)
		return kd_fail(err, KD_NOTFOUND,
			       "the dump does not say which task crashed: bt -a shows those on "
			       "CPUs, bt --all every one");
	l->list = malloc(sizeof(*l->list));
	if (!l->list)
		return kd_nomem(err);
	ret = task_select(s, NULL, &t, err);
	if (!ret)
		l->list[l->n++] = t;
	return ret;
}

struct bt {
	unsigned flags, show;
	uint64_t limit;
	size_t failed;
	unsigned gdb_failed; /* times running */
	struct kd_err first;
};

/* A stack that ends before its bottom; a dead task whose stack was freed has none to lack. */
static bool is_cut(const struct task *t, const struct stack *st)
{
	return st->stop && t->stack;
}

/* What is missing of it is told below it, and by the exit code. */
static void count_cut(struct bt *b, const struct stack *st)
{
	if (!b->failed++)
		kd_fail(&b->first, KD_LOST, "the stack is not whole: %s", st->stop);
}

/* Is it any use to go on after this failure? */
static bool hopeless(struct bt *b, int ret)
{
	b->gdb_failed = ret == KD_GDB ? b->gdb_failed + 1 : 0;
	return ret == KD_CANCELLED || ret == KD_NOMEM || ret == KD_TIMEOUT || b->gdb_failed == 2;
}

/* One stack of many. A lone one that failed altogether is told by the error alone. */
static int show_stack(struct session *s, struct doc *d, const struct task *t, bool lone,
		      struct bt *b, struct kd_err *why)
{
	struct doc_stack node;
	int ret = session_cancelled(why);

	if (ret)
		return ret;
	ret = fetch(s, t, b->flags, b->show, &node, why);
	if (!ret && is_cut(t, &node.stack))
		count_cut(b, &node.stack);
	limit_frames(&node.stack, b->limit);
	if (ret && lone && !node.stack.nframes)
		fetched_drop(&node);
	else
		doc_stack_add(d, "stacks", true, &node);
	return ret;
}

struct native {
	struct session *s;
	struct doc *d;
	const struct task_list *l;
	struct bt *b;
	struct kd_err *err;
};

static int show_native(void *data, size_t i, struct stack *stack)
{
	const struct native *n = data;
	struct doc_stack node;
	int ret = session_cancelled(n->err);

	if (ret)
		return ret;
	node_init(n->s, n->l->list[i], n->b->show, &node);
	node.stack = *stack;
	*stack = (struct stack){ 0 };
	if (is_cut(n->l->list[i], &node.stack))
		count_cut(n->b, &node.stack);
	limit_frames(&node.stack, n->b->limit);
	doc_stack_add(n->d, "stacks", true, &node);
	return doc_flush(n->d);
}

/* All of them natively, by all CPUs. */
static int show_natively(struct session *s, struct doc *d, const struct task_list *l,
			 struct bt *b, struct kd_err *err)
{
	struct native n = { .s = s, .d = d, .l = l, .b = b, .err = err };
	struct unwinder *u;
	int ret = session_unwinder(s, &u, err);

	return ret ? ret : unwinder_all(u, l->list, l->n, 0, show_native, &n, err);
}

static int show_one_by_one(struct session *s, struct doc *d, const struct task_list *l,
			   struct bt *b, struct kd_err *err)
{
	uint64_t begun = clock_ms();

	for (size_t i = 0; i < l->n; i++) {
		struct kd_err why = KD_ERR_INIT;
		int ret = show_stack(s, d, l->list[i], l->n == 1, b, &why);

		if (ret && !b->failed++)
			b->first = why;
		if (doc_flush(d))
			return doc_status(d);
		if (ret && hopeless(b, ret)) {
			*err = why;
			return ret;
		}
		session_count(s, (unsigned)(clock_ms() - begun), "stacks", i + 1, l->n);
	}
	session_progress_end(s);
	return 0;
}

static int show_stacks(struct session *s, struct doc *d, const struct task_list *l, struct bt *b,
		       struct kd_err *err)
{
	int ret = session_is_native(s, b->flags) ? show_natively(s, d, l, b, err)
						 : show_one_by_one(s, d, l, b, err);

	if (ret || !b->failed)
		return ret;
	*err = b->first;
	if (l->n == 1)
		return err->status;
	return kd_context(err, err->status, "%zu of %zu stacks are not whole; the first", b->failed,
			  l->n);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct task_list l = { 0 };
	struct bt b = { .flags = GDB_ARGS };
	int ret = args_number(a, "limit", 1000000, &b.limit, err);

	if (args_has(a, "no-args"))
		b.flags &= ~(unsigned)GDB_ARGS;
	if (args_has(a, "locals"))
		b.flags |= GDB_LOCALS;
	if (b.flags & GDB_LOCALS && s->opt.engine == ENGINE_NATIVE && !s->opt.later)
		return kd_fail(err, KD_USAGE,
			       "local variables are gdb's to tell, and --engine=native was given");
	if (args_has(a, "addresses"))
		b.show |= DOC_STACK_ADDRESSES;
	if (args_has(a, "no-regs"))
		b.show |= DOC_STACK_NO_REGS;
	if (!ret)
		ret = select_tasks(s, a, d, &l, err);
	if (!ret)
		ret = show_stacks(s, d, &l, &b, err);
	task_list_fini(&l);
	if (!ret && args_has(a, "all"))
		ret = part_all_tasks(s, err);
	return ret;
}

static const struct opt_def options[] = {
	{ 'a', "cpus", NULL, "the tasks that were on a CPU" },
	{ 'A', "all", NULL, "every task" },
	{ 'l', "locals", NULL, "local variables too" },
	{ 0, "no-args", NULL, "without arguments" },
	{ 0, "no-regs", NULL, "without the registers at entry frames" },
	{ 'x', "addresses", NULL, "the program counter of each frame" },
	{ 'n', "limit", "FRAMES", "at most so many frames of each stack" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "bt", "the task that crashed" },
	{ "bt -a", "what each CPU was doing" },
	{ "bt 1 --locals", "PID 1, with local variables" },
	{ "bt 'kworker*' -n 5", "the top of every kworker's stack" },
	{ NULL, NULL },
};

const struct command cmd_bt = {
	.name = "bt",
	.aliases = "backtrace where",
	.group = "the crash",
	.synopsis = "[PID|TASK|COMM]...",
	.summary = "stacks of tasks",
	.help = "Without an argument: the task that crashed or, where none did, those on the\n"
		"CPUs. A task is named by its PID (0: the idle tasks), the address of its\n"
		"task_struct, its name or a pattern of it; a number that is a PID is taken as one.\n"
		"\n"
		"A frame shows its function, offset and size, [module], arguments as gdb sees\n"
		"them, and the source line. (inlined) marks functions inlined into the next\n"
		"frame; where an interrupt, exception or system call came in, the registers of\n"
		"what it interrupted follow. A frame marked ? is a guess. When a stack ends\n"
		"before its bottom, the reason stands below it, and the command fails.",
	.options = options,
	.examples = examples,
	.max = 4096,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};
