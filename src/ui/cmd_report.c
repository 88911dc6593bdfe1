// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * report: everything a reader far away needs, in one document. A part that fails
 * does not stop the others; what failed is named at the end, and the command
 * fails with it.
 */
#include <inttypes.h>
#include <string.h>

#include "mi/gdb.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/user.h"

#define REPORT_LOG_LINES 100
#define REPORT_LOG_MOST 1000

/* A part that is not whole, and why. */
struct part {
	char name[64];
	char *why; /* owned */
};

static const struct doc_column missing_columns[] = {
	{ .key = "part", .after = ": " },
	{ .key = "why" },
};

struct report {
	struct session *s;
	struct doc *d;
	struct part *missing; /* owned: what is not whole */
	size_t nmissing;
	bool no_memory;
	unsigned gdb_failed; /* times running */
	int hopeless;	     /* status after which no stack is asked for */
	size_t done, total;  /* stacks */
	uint64_t begun;
};

static void add_missing(struct report *r, const char *part, const char *why)
{
	struct part *p = realloc(r->missing, (r->nmissing + 1) * sizeof(*p));
	char *copy = strdup(why);

	if (p)
		r->missing = p;
	if (!p || !copy) {
		free(copy);
		r->no_memory = true;
		return;
	}
	p = &r->missing[r->nmissing++];
	snprintf(p->name, sizeof(p->name), "%s", part);
	p->why = copy;
}

static void put_info(struct report *r, const struct info *i, const struct log *l,
		     const char *log_error)
{
	doc_section(r->d, "info", r->s->k->crashed ? "What crashed" : "The machine");
	part_info(r->s, r->d, i);
	part_findings(r->s, r->d, log_error ? NULL : l, i);
	doc_section_end(r->d);
	if (r->s->k->tasks.damage)
		add_missing(r, "list of tasks", "damaged: see the findings on top");
	if (r->s->k->modules.damage)
		add_missing(r, "list of modules", "damaged: see the findings on top");
	if (log_error)
		add_missing(r, "log", log_error);
	else if (l->damage)
		add_missing(r, "log", l->damage);
}

/* From the crash's first words on, and at least the last lines before the end. */
static void put_log(struct report *r, const struct info *i, const struct log *l)
{
	struct part_log what = { .levels = 0xff, .mark = { i->panic_record, SIZE_MAX } };

	if (l->n > REPORT_LOG_LINES)
		what.first = l->n - REPORT_LOG_LINES;
	if (i->panic_record < what.first && l->n - i->panic_record <= REPORT_LOG_MOST)
		what.first = i->panic_record;
	what.has_boot_time = info_boot_time(i, &what.boot_time);
	doc_section(r->d, "log_tail", "The end of the log");
	part_log(r->d, l, &what);
	doc_section_end(r->d);
}

/* Is it of use to ask gdb for further stacks? */
static void judge(struct report *r, int ret)
{
	r->gdb_failed = ret == KD_GDB ? r->gdb_failed + 1 : 0;
	if (ret == KD_CANCELLED || ret == KD_TIMEOUT || r->gdb_failed == 2)
		r->hopeless = ret;
}

static void put_stack(struct report *r, const char *key, bool repeats, const struct task *t,
		      unsigned flags)
{
	struct kd_err why = KD_ERR_INIT;
	bool stopped = false;
	char part[64];
	int ret;

	snprintf(part, sizeof(part), "stack of PID %" PRIu32 " (0x%" PRIx64 ")", t->pid, t->addr);
	if (r->hopeless || session_cancelled(NULL)) {
		r->hopeless = r->hopeless ? r->hopeless : KD_CANCELLED;
		add_missing(r, part, "not asked for any more");
		return;
	}
	ret = part_stack(r->s, r->d, key, repeats, t, flags, &stopped, &why);
	judge(r, ret);
	if (ret)
		add_missing(r, part, why.text);
	/* A dead task whose stack was freed has none to lack. */
	else if (stopped && t->stack)
		add_missing(r, part, "ends before its bottom");
	session_count(r->s, (unsigned)(clock_ms() - r->begun), "report: stacks", ++r->done,
		      r->total);
}

static void put_panic_task(struct report *r)
{
	const struct task *t = r->s->k->panic_task;
	struct kd_err why = KD_ERR_INIT;

	if (!r->s->k->crashed)
		return;
	if (!t) {
		add_missing(r, "stack of the task that crashed",
			    "the dump does not say which one that was");
		return;
	}
	doc_section(r->d, "panic_task", "The task that crashed");
	put_stack(r, "stack", false, t, GDB_ARGS | GDB_LOCALS);
	if (part_task_regs(r->s, r->d, t, &why)) {
		doc_note(r->d, DOC_FINDING, "no registers: %s", why.text);
		add_missing(r, "registers of the task that crashed", why.text);
	}
	doc_section_end(r->d);
	doc_flush(r->d);
}

static void put_cpu(struct report *r, const struct cpu *c)
{
	const struct task *t = tasks_on_cpu(&r->s->k->tasks, c->nr);
	char title[32];

	if (!cpu_counts(c))
		return;
	snprintf(title, sizeof(title), "CPU %u", c->nr);
	doc_section_of(r->d, "cpus", title);
	doc_fields(r->d, NULL);
	doc_field(r->d, "cpu", NULL, doc_uint(c->nr));
	if (!t) {
		doc_note(r->d, DOC_FINDING, "which task it ran is not known");
		part_cpu_regs(r->s, r->d, c, NULL);
		add_missing(r, title, "which task it ran is not known");
	} else if (t == r->s->k->panic_task) {
		doc_note(r->d, DOC_HINT, "it ran the task that crashed: see above");
	} else {
		put_stack(r, "stack", false, t, GDB_ARGS);
	}
	doc_section_end(r->d);
	doc_flush(r->d);
}

static void put_all(struct report *r)
{
	const struct tasks *all = &r->s->k->tasks;

	doc_section(r->d, NULL, "Every task");
	doc_section_end(r->d);
	for (size_t i = 0; i < all->n && !doc_status(r->d); i++) {
		put_stack(r, "stacks", true, &all->list[i], GDB_ARGS);
		doc_flush(r->d);
	}
}

static void put_parts(struct report *r, bool all)
{
	const struct kernel *k = r->s->k;
	struct kd_err why = KD_ERR_INIT;
	struct log l = { 0 };
	struct info i;
	bool no_log = log_read(k, &l, &why) != 0;

	info_read(k, no_log ? NULL : &l, &i);
	put_info(r, &i, &l, no_log ? why.text : NULL);
	doc_flush(r->d);
	if (!no_log)
		put_log(r, &i, &l);
	doc_flush(r->d);
	/* the task that crashed is one of those on the CPUs */
	r->total = all ? k->tasks.n : 0;
	for (size_t c = 0; c < k->cpus.n; c++)
		r->total += cpu_counts(&k->cpus.list[c]);
	put_panic_task(r);
	for (size_t c = 0; c < k->cpus.n; c++)
		put_cpu(r, &k->cpus.list[c]);
	if (all)
		put_all(r);
	session_progress_end(r->s);
	info_fini(&i);
	log_fini(&l);
}

static int put_missing(struct report *r, struct kd_err *err)
{
	if (r->no_memory)
		return kd_nomem(err);
	doc_fields(r->d, NULL);
	doc_field(r->d, "whole", NULL, doc_bool(!r->nmissing));
	if (!r->nmissing)
		return 0;
	doc_section(r->d, NULL, "Not whole");
	doc_section_end(r->d);
	doc_table(r->d, "missing", DOC_LINES, missing_columns, KD_ARRAY_SIZE(missing_columns));
	for (size_t i = 0; i < r->nmissing; i++) {
		doc_put(r->d, doc_str(r->missing[i].name));
		doc_put(r->d, doc_styled(doc_str(r->missing[i].why), DOC_WARN));
	}
	return kd_fail(err, r->hopeless ? r->hopeless : KD_LOST,
		       "the report is not whole: %zu part%s named at its end", r->nmissing,
		       r->nmissing == 1 ? " is" : "s are");
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct report r = { .s = s, .d = d, .begun = clock_ms() };
	int ret;

	part_notes(s, d);
	put_parts(&r, args_has(a, "all"));
	ret = put_missing(&r, err);
	for (size_t i = 0; i < r.nmissing; i++)
		free(r.missing[i].why);
	free(r.missing);
	return ret;
}

static const struct opt_def options[] = {
	{ 'A', "all", NULL, "the stack of every task too" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "report -o crash.txt", "a report to send around" },
	{ "report --all --json", "everything, for programs" },
	{ NULL, NULL },
};

const struct command cmd_report = {
	.name = "report",
	.group = "the crash",
	.synopsis = "",
	.summary = "a report of the crash, as one text",
	.help = "What crashed, the end of the log, the stack of the task that crashed with its\n"
		"local variables and registers, what every CPU was doing and, with --all, every\n"
		"task. Where the kernel had not crashed: the same without that task. Parts that\n"
		"could not be had are named at the end; the exit status is 0 only if there are\n"
		"none.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
