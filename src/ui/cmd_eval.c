// SPDX-License-Identifier: GPL-3.0-or-later
/* eval and gdb: what is handed to gdb as it stands. */
#include <string.h>

#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

static int run_eval(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	const struct task *t = NULL;
	int ret = 0;

	/* Without a panic task there is still global data to look at. */
	if (args_has(a, "task") || s->task)
		ret = task_select(s, args_value(a, "task"), &t, err);
	if (!ret)
		ret = session_evaluate(s, t, a->raw, &text, err);
	if (ret)
		return ret;
	doc_text(d, "value", doc_str(text));
	return 0;
}

static int run_gdb(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	const struct task *t = NULL;
	int ret = 0;

	if (args_has(a, "task") || s->task)
		ret = task_select(s, args_value(a, "task"), &t, err);
	if (!ret)
		ret = session_gdb_command(s, t, a->raw, &text, err);
	if (text && *text)
		doc_text(d, "output", doc_str(text));
	return ret;
}

static const struct opt_def options[] = {
	{ 't', "task", "TASK", "in the innermost frame of this task" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example eval_examples[] = {
	{ "eval init_task.comm", "a member" },
	{ "eval 'sizeof(struct task_struct)'", "a size" },
	{ "eval '*(struct list_head *)0xffff888003a1c000'", "memory as a type" },
	{ NULL, NULL },
};

static const struct command_example gdb_examples[] = {
	{ "gdb info line schedule", "where a function is" },
	{ "gdb disassemble panic", "its instructions" },
	{ "gdb ptype struct list_head", "a type" },
	{ NULL, NULL },
};

const struct command cmd_eval = {
	.name = "eval",
	.aliases = "p print",
	.group = "memory and symbols",
	.synopsis = "EXPRESSION",
	.summary = "the value of a C expression",
	.help = "Any expression gdb can evaluate: members, casts, sizeof, arrays (p *a@10),\n"
		"local variables of the innermost frame. Options come before the expression. At\n"
		"the shell, quote it.",
	.options = options,
	.examples = eval_examples,
	.min = 1,
	.max = 100000,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_RAW | CMD_SYMBOLS,
	.run = run_eval,
};

const struct command cmd_gdb = {
	.name = "gdb",
	.group = "gdb",
	.synopsis = "GDB COMMAND",
	.summary = "what gdb says to a command line of its own",
	.help = "The line goes to gdb as it is; the thread is the current task (or --task's).\n"
		"The crashed kernel is memory: it can be looked at, but not run or changed.",
	.options = options,
	.examples = gdb_examples,
	.min = 1,
	.max = 100000,
	.flags = CMD_PROMPT | CMD_RAW | CMD_SYMBOLS,
	.run = run_gdb,
};
