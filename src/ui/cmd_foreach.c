// SPDX-License-Identifier: GPL-3.0-or-later
/* foreach: a command for many tasks. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/line_command.h"
#include "ui/parts.h"
#include "ui/run.h"
#include "ui/select.h"
#include "ui/user.h"

/* Groups of tasks by a word; crash's names for states are known too. */
static const struct {
	const char *word;
	char state; /* 0: see below */
	bool kernel, user, active, all;
} groups[] = {
	{ .word = "kernel", .kernel = true },
	{ .word = "user", .user = true },
	{ .word = "active", .active = true },
	{ .word = "all", .all = true },
	{ .word = "RU", .state = 'R' },
	{ .word = "IN", .state = 'S' },
	{ .word = "UN", .state = 'D' },
	{ .word = "ST", .state = 'T' },
	{ .word = "TR", .state = 't' },
	{ .word = "ZO", .state = 'Z' },
	{ .word = "DE", .state = 'X' },
	{ .word = "ID", .state = 'I' },
	{ .word = "PA", .state = 'P' },
};

static int add_group(const struct session *s, size_t g, struct task_list *l, struct kd_err *err)
{
	const struct tasks *all = &s->k->tasks;
	int ret = 0;

	for (size_t i = 0; i < all->n && !ret; i++) {
		const struct task *t = &all->list[i];
		bool is_kernel = t->addr && !t->mm && !t->exit_state;

		if (groups[g].all || (groups[g].kernel && is_kernel) ||
		    (groups[g].user && !is_kernel) || (groups[g].active && t->on_cpu) ||
		    (groups[g].state && task_state_letter(s->k, t) == groups[g].state))
			ret = task_list_add(l, t, err);
	}
	return ret;
}

/* 1: the word is no group. */
static int try_group(const struct session *s, const char *word, struct task_list *l,
		     struct kd_err *err)
{
	for (size_t g = 0; g < KD_ARRAY_SIZE(groups); g++)
		if (!strcmp(word, groups[g].word))
			return add_group(s, g, l, err);
	return 1;
}

/* The tasks that words in front name, and where the command begins in TEXT. */
static int take_tasks(const struct session *s, const char *text, struct task_list *l,
		      const char **command, struct kd_err *err)
{
	bool named = false;
	int ret = 0;

	for (;;) {
		_cleanup_(freep) char *word = NULL;
		size_t len;

		text += strspn(text, " \t");
		len = strcspn(text, " \t");
		word = strndup(text, len);
		if (!word)
			return kd_nomem(err);
		if (!len)
			return kd_fail(err, KD_USAGE, "it wants a command: foreach [TASKS] COMMAND");
		ret = try_group(s, word, l, err);
		if (ret == 1 && command_find(word, CMD_PROMPT))
			break;
		if (ret == 1)
			ret = tasks_select(s->k, word, l, err);
		if (ret)
			return ret;
		named = true;
		text += len;
	}
	*command = text;
	return named ? 0 : add_group(s, 3, l, err);
}

static void put_title(struct doc *d, const struct session *s, const struct task *t)
{
	char title[96];

	snprintf(title, sizeof(title), "PID %" PRIu32 "  TASK 0x%0*" PRIx64 "  \"%.16s\"", t->pid,
		 2 * s->k->arch->ptr_size, t->addr, t->comm);
	doc_section_of(d, "tasks", title);
	doc_fields(d, NULL);
	doc_field(d, "pid", NULL, doc_uint(t->pid));
	doc_field(d, "task", NULL, t->addr ? doc_addr(s->k->arch, t->addr) : doc_none(NULL));
	doc_field(d, "comm", NULL, doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))));
}

/* A task that the command fails for is told with its answer, and counted. */
static int run_for(struct session *s, const struct line_command *c, const struct task *t,
		   struct doc *d, struct kd_err *why)
{
	const struct doc_node *before;
	int ret;

	s->task = t;
	put_title(d, s, t);
	before = d->open;
	ret = c->command->run(s, &c->args, d, why);
	while (d->open != before && d->open->parent)
		doc_section_end(d);
	if (ret)
		doc_note(d, DOC_FINDING, "%s", why->text);
	doc_section_end(d);
	doc_flush(d);
	return ret;
}

static int run_all(struct session *s, const struct line_command *c, const struct task_list *l,
		   struct doc *d, struct kd_err *err)
{
	const struct task *current = s->task;
	uint64_t begun = clock_ms();
	size_t failed = 0;
	int first = 0;

	for (size_t i = 0; i < l->n && !doc_status(d); i++) {
		struct kd_err why = KD_ERR_INIT;
		int ret = session_cancelled(&why);

		if (!ret)
			ret = run_for(s, c, l->list[i], d, &why);
		failed += ret != 0;
		if (ret && !first) {
			first = ret;
			*err = why;
		}
		if (ret == KD_CANCELLED)
			break;
		session_count(s, (unsigned)(clock_ms() - begun), "tasks", i + 1, l->n);
	}
	session_progress_end(s);
	s->task = current;
	if (first && first != KD_CANCELLED)
		kd_context(err, first, "for %zu of %zu tasks it failed; the first", failed, l->n);
	return first;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct task_list l = { 0 };
	struct line_command c = { 0 };
	const char *text = NULL;
	struct kd_err why = KD_ERR_INIT;
	int ret = take_tasks(s, a->raw ? a->raw : "", &l, &text, &why);

	if (!ret)
		ret = line_command_parse(NULL, text, &c, &why);
	if (!ret && !c.command->run)
		ret = kd_fail(&why, KD_USAGE, "%s stands alone", c.command->name);
	if (!ret)
		ret = command_check_args(c.command, &c.args, &why);
	if (!ret && s->user->depth == USER_DEPTH_MAX)
		ret = kd_fail(&why, KD_USAGE, "loops within each other, %u deep", USER_DEPTH_MAX);
	if (!ret) {
		s->user->depth++;
		ret = run_all(s, &c, &l, d, &why);
		s->user->depth--;
	}
	if (ret && err)
		*err = why;
	line_command_fini(&c);
	task_list_fini(&l);
	return ret;
}

static const struct command_example examples[] = {
	{ "foreach bt", "every task's stack" },
	{ "foreach UN bt", "of those that sleep uninterruptibly" },
	{ "foreach kworker* files", "the open files of some" },
	{ "foreach active regs", "the registers of what ran" },
	{ NULL, NULL },
};

const struct command cmd_foreach = {
	.name = "foreach",
	.group = "the crash",
	.synopsis = "[TASKS...] COMMAND [ARGUMENTS]",
	.summary = "a command for each of many tasks",
	.help = "Makes one task after the other the current one and runs the command. TASKS are\n"
		"PIDs, addresses, names or patterns of names, or a group: kernel, user, active (on\n"
		"a CPU), all, or a state as crash writes it: RU IN UN ST TR ZO DE ID PA. Without\n"
		"any: all tasks.",
	.examples = examples,
	.max = 4096,
	.flags = CMD_PROMPT | CMD_RAW | CMD_COMMANDS,
	.run = run,
};
