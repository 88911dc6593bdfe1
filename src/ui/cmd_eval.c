// SPDX-License-Identifier: GPL-3.0-or-later
/* eval: C expressions, natively or by gdb; gdb: what is handed to it as it stands. */
#include <string.h>

#include "kernel/expr.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

/* Natively: variables, members, casts, arithmetic. */
static int evaluate(struct session *s, const struct args *a, unsigned radix, char **text,
		    struct kd_err *err)
{
	struct expr_scope scope;
	struct expr_value v;
	const struct cpu *cpu = NULL;
	int ret = args_has(a, "cpu") ? cpu_select(s->k, args_value(a, "cpu"), &cpu, err) : 0;

	if (!ret)
		ret = session_scope(s, cpu, &scope, err);
	if (!ret)
		ret = expr_evaluate(&scope, a->raw, &v, err);
	return ret ? ret : expr_format(&scope, &v, radix, text, err);
}

static int ask_gdb(struct session *s, const struct args *a, bool hex, char **text,
		   struct kd_err *err)
{
	_cleanup_(freep) char *line = NULL;
	const struct task *t = NULL;
	int ret = 0;

	/* Without a panic task there is still global data to look at. */
	if (args_has(a, "task") || s->task)
		ret = task_select(s, args_value(a, "task"), &t, err);
	if (ret)
		return ret;
	if (!hex)
		return session_evaluate(s, t, a->raw, text, err);
	if (asprintf(&line, "output/x %s", a->raw) < 0) {
		line = NULL;
		return kd_nomem(err);
	}
	return session_gdb_command(s, t, line, text, err);
}

/* A task's local variables are gdb's business, and whatever was not understood. */
static int run_eval(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	bool hex = args_has(a, "hex");
	int ret = KD_UNSUPPORTED;

	if (s->opt.engine != ENGINE_GDB && !args_has(a, "task"))
		ret = evaluate(s, a, hex ? 16 : 10, &text, err);
	if ((ret == KD_UNSUPPORTED || ret == KD_NOTFOUND) && s->opt.engine != ENGINE_NATIVE)
		ret = ask_gdb(s, a, hex, &text, err);
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

static const struct opt_def eval_options[] = {
	{ 'x', "hex", NULL, "numbers in hexadecimal" },
	{ 'c', "cpu", "N", "this CPU's copies of per-CPU variables" },
	{ 't', "task", "TASK", "in the innermost frame of this task (gdb)" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_def gdb_options[] = {
	{ 't', "task", "TASK", "in the innermost frame of this task" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example eval_examples[] = {
	{ "eval init_task.comm", "a member" },
	{ "eval 'sizeof(struct task_struct)'", "a size" },
	{ "eval runqueues:0.nr_running", "of a per-CPU variable" },
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
	.help = "Global variables (of a CPU as NAME:0), members, elements, casts, sizeof, "
		"arithmetic,\n"
		"logic. What is more than that (p *a@10, functions), and names that no global\n"
		"variable has, gdb is asked: local variables of the innermost frame, with -t "
		"those\n"
		"of another task's. Options come before the expression. At the shell, quote it. "
		"At\n"
		"the prompt \"p/x EXPRESSION\" and \"px EXPRESSION\" show hexadecimal.",
	.options = eval_options,
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
	.options = gdb_options,
	.examples = gdb_examples,
	.min = 1,
	.max = 100000,
	.flags = CMD_PROMPT | CMD_RAW | CMD_SYMBOLS,
	.run = run_gdb,
};
