// SPDX-License-Identifier: GPL-3.0-or-later
/* stacks: tasks by equal stack. */
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/unwind.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

struct group {
	struct stack stack;	   /* of the first task; owned */
	uint64_t hash;		   /* of it: equal stacks have equal ones */
	const struct task **tasks; /* owned */
	size_t n, cap;
	char *error; /* owned: why there is no stack; NULL: there is */
};

struct groups {
	struct group *list; /* owned */
	size_t n, cap;
	size_t tasks; /* that were taken in */
	size_t cut;   /* of them, with stacks that are not whole */
};

static void groups_fini(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		stack_fini(&g->list[i].stack);
		free(g->list[i].tasks);
		free(g->list[i].error);
	}
	free(g->list);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/*
 * The same places in the kernel. In user mode each task is somewhere else; registers
 * and arguments are not compared.
 */
static bool same_frame(const struct frame *a, const struct frame *b)
{
	if (a->kind != b->kind || !same_text(a->function, b->function))
		return false;
	return a->kind == FRAME_USER || a->pc == b->pc;
}

static uint64_t hash_stack(const struct stack *s)
{
	uint64_t h = s->nframes;

	for (size_t i = 0; i < s->nframes; i++)
		if (s->frames[i].kind != FRAME_USER)
			h = (h ^ s->frames[i].pc) * UINT64_C(0x9e3779b97f4a7c15);
	return h;
}

static bool same_stack(const struct stack *a, const struct stack *b)
{
	if (a->nframes != b->nframes || !a->stop != !b->stop)
		return false;
	for (size_t i = 0; i < a->nframes; i++)
		if (!same_frame(&a->frames[i], &b->frames[i]))
			return false;
	return true;
}

static int add_task(struct group *g, const struct task *t, struct kd_err *err)
{
	if (g->n == g->cap) {
		size_t cap = g->cap ? 2 * g->cap : 4;
		const struct task **p = realloc(g->tasks, cap * sizeof(*p));

		if (!p)
			return kd_nomem(err);
		g->tasks = p;
		g->cap = cap;
	}
	g->tasks[g->n++] = t;
	return 0;
}

/* Takes *S and *ERROR over. */
static int take(struct groups *all, const struct task *t, struct stack *s, char *error,
		struct kd_err *err)
{
	uint64_t hash = hash_stack(s);
	struct group *g;

	all->tasks++;
	/* a dead task whose stack was freed has none to lack */
	all->cut += error || (s->stop && t->stack);
	for (size_t i = 0; i < all->n; i++) {
		g = &all->list[i];
		if (g->hash != hash || !same_stack(&g->stack, s) || !same_text(g->error, error))
			continue;
		stack_fini(s);
		free(error);
		return add_task(g, t, err);
	}
	if (all->n == all->cap) {
		size_t cap = all->cap ? 2 * all->cap : 32;

		g = realloc(all->list, cap * sizeof(*g));
		if (!g) {
			stack_fini(s);
			free(error);
			return kd_nomem(err);
		}
		all->list = g;
		all->cap = cap;
	}
	g = &all->list[all->n++];
	*g = (struct group){ .stack = *s, .hash = hash, .error = error };
	return add_task(g, t, err);
}

/* Does the stack go through the module and the function asked for? */
static bool is_wanted(const struct stack *s, const struct args *a)
{
	const char *module = args_value(a, "module"), *function = args_value(a, "function");
	bool has_module = !module, has_function = !function;

	for (size_t i = 0; i < s->nframes; i++) {
		const struct frame *f = &s->frames[i];

		if (module && f->module && !strcmp(f->module, module))
			has_module = true;
		if (function && f->function && !fnmatch(function, f->function, 0))
			has_function = true;
	}
	return has_module && has_function;
}

struct native {
	const struct args *a;
	const struct task_list *l;
	struct groups *all;
	struct kd_err *err;
};

static int take_native(void *data, size_t i, struct stack *stack)
{
	const struct native *n = data;
	struct stack st = *stack;
	int ret = session_cancelled(n->err);

	if (ret || !is_wanted(stack, n->a))
		return ret;
	*stack = (struct stack){ 0 };
	return take(n->all, n->l->list[i], &st, NULL, n->err);
}

/* By all CPUs. */
static int collect_natively(struct session *s, const struct args *a, const struct task_list *l,
			    struct groups *all, struct kd_err *err)
{
	struct native n = { .a = a, .l = l, .all = all, .err = err };
	struct unwinder *u;
	int ret = session_unwinder(s, &u, err);

	return ret ? ret : unwinder_all(u, l->list, l->n, 0, take_native, &n, err);
}

static int collect(struct session *s, const struct args *a, const struct task_list *l,
		   struct groups *all, struct kd_err *err)
{
	uint64_t begun = clock_ms();
	int ret = 0;

	if (session_is_native(s, 0))
		return collect_natively(s, a, l, all, err);

	for (size_t i = 0; i < l->n && !ret; i++) {
		struct kd_err why = KD_ERR_INIT;
		struct stack st = { 0 };
		char *error = NULL;
		int got;

		ret = session_cancelled(err);
		if (ret)
			break;
		got = session_stack(s, l->list[i], 0, &st, &why);
		if (got == KD_CANCELLED || got == KD_NOMEM || got == KD_TIMEOUT || got == KD_GDB) {
			stack_fini(&st);
			*err = why;
			return got;
		}
		if (got)
			error = strdup(why.text);
		if (is_wanted(&st, a)) {
			ret = take(all, l->list[i], &st, error, err);
		} else {
			stack_fini(&st);
			free(error);
		}
		session_count(s, (unsigned)(clock_ms() - begun), "stacks", i + 1, l->n);
	}
	session_progress_end(s);
	return ret;
}

static int by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->tasks[0]->pid < y->tasks[0]->pid ? -1 : x->tasks[0]->pid > y->tasks[0]->pid;
}

static const struct doc_column columns[] = {
	{ .key = "pid", .flags = DOC_ONLY_JSON },
	{ .key = "state", .flags = DOC_ONLY_JSON },
	{ .key = "comm", .flags = DOC_ONLY_JSON },
	{ .key = "task", .flags = DOC_ONLY_JSON },
};

#define NAMED_MAX 200 /* tasks of a group */

/* "3 tasks: 12 S bash, 13 S bash, ..." */
static char *group_title(const struct session *s, const struct group *g)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "%zu task%s:", g->n, g->n == 1 ? "" : "s");
	for (size_t i = 0; i < g->n && i < NAMED_MAX; i++)
		fprintf(f, "%s %" PRIu32 " %c %.16s", i ? "," : "", g->tasks[i]->pid,
			task_state_letter(s->k, g->tasks[i]), g->tasks[i]->comm);
	if (g->n > NAMED_MAX)
		fprintf(f, ", and %zu more", g->n - NAMED_MAX);
	fclose(f);
	return text;
}

/* The heading leads to the tasks it names. */
static void link_title(struct doc *d, const struct group *g)
{
	char line[NAMED_MAX * 11 + 8] = "ps";
	size_t len = 2;

	if (g->n == 1 && g->tasks[0]->addr) {
		doc_section_link(d, "bt 0x%" PRIx64, g->tasks[0]->addr);
		return;
	}
	for (size_t i = 0; i < g->n && i < NAMED_MAX; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %" PRIu32,
					g->tasks[i]->pid);
	doc_section_link(d, "%s", line);
}

/* Hands the stack over to the document. */
static void show_group(struct session *s, struct doc *d, struct group *g)
{
	_cleanup_(freep) char *title = group_title(s, g);
	struct doc_stack node = {
		.task = *g->tasks[0],
		.state = task_state_letter(s->k, g->tasks[0]),
		.arch = s->k->arch,
		.symbols = s->k->symbols,
		.stack = g->stack,
		.error = g->error,
		.flags = DOC_STACK_NO_HEAD | DOC_STACK_NO_REGS,
	};

	g->stack = (struct stack){ 0 };
	g->error = NULL;
	doc_section_of(d, "groups", title);
	link_title(d, g);
	doc_fields(d, NULL);
	doc_field(d, "count", NULL, doc_uint(g->n));
	doc_table(d, "tasks", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < g->n; i++) {
		const struct task *t = g->tasks[i];
		char state[2] = { task_state_letter(s->k, t), '\0' };

		doc_put(d, part_pid(t));
		doc_put(d, doc_str(state));
		doc_put(d, doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))));
		doc_put(d, doc_addr(s->k->arch, t->addr));
	}
	doc_stack_add(d, "stack", false, &node);
	doc_section_end(d);
}

static int select_tasks(const struct session *s, const struct args *a, struct task_list *l,
			struct kd_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < a->nwords && !ret; i++)
		ret = tasks_select(s->k, a->words[i], l, err);
	if (ret || a->nwords)
		return ret;
	l->list = calloc(s->k->tasks.n + 1, sizeof(*l->list));
	if (!l->list)
		return kd_nomem(err);
	for (size_t i = 0; i < s->k->tasks.n; i++)
		l->list[l->n++] = &s->k->tasks.list[i];
	return 0;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct task_list l = { 0 };
	struct groups all = { 0 };
	int ret = select_tasks(s, a, &l, err);

	if (!ret)
		ret = collect(s, a, &l, &all, err);
	if (!ret || ret == KD_CANCELLED) {
		if (all.n)
			qsort(all.list, all.n, sizeof(*all.list), by_count);
		for (size_t i = 0; i < all.n; i++) {
			show_group(s, d, &all.list[i]);
			doc_flush(d);
		}
		if (!ret && !all.n)
			ret = kd_fail(err, KD_NOTFOUND, "no stack of %zu goes through that", l.n);
		else
			doc_note(d, DOC_HINT, "%zu task%s on %zu stack%s", all.tasks,
				 all.tasks == 1 ? "" : "s", all.n, all.n == 1 ? "" : "s");
	}
	if (!ret && all.cut)
		ret = kd_fail(err, KD_LOST, "%zu of %zu stacks are not whole", all.cut, all.tasks);
	if (!ret && !a->nwords)
		ret = part_all_tasks(s, err);
	groups_fini(&all);
	task_list_fini(&l);
	return ret;
}

static const struct opt_def options[] = {
	{ 'm', "module", "NAME", "only stacks through this module" },
	{ 'f', "function", "NAME", "only stacks through this function, or a pattern of it" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "stacks", "what all tasks are at, each place once" },
	{ "stacks -f 'mutex_lock*'", "who waits for a mutex" },
	{ "stacks -m ext4", "who is inside of ext4" },
	{ NULL, NULL },
};

const struct command cmd_stacks = {
	.name = "stacks",
	.group = "the crash",
	.synopsis = "[PID|TASK|COMM]...",
	.summary = "tasks grouped by equal stack",
	.help = "The stacks of all tasks, or of those named, each once, with the tasks that share\n"
		"it; the most frequent first. Stacks are equal when they go through the same\n"
		"places of the kernel.",
	.options = options,
	.examples = examples,
	.max = 4096,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};
