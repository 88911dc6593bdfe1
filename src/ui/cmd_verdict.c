// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * verdict: the first screen. What crashed and why, as far as the log, the stack and
 * the instruction at fault tell, each with a way to look further.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arch.h"
#include "kernel/blame.h"
#include "kernel/unwind.h"
#include "kernel/wait.h"
#include "mi/gdb.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"
#include "ui/user.h"

#define BLOCKED_SHOWN 12
#define REGS_SHOWN 2

struct verdict {
	struct session *s;
	struct doc *d;
	struct log log;
	bool has_log;
	struct info info;
	struct stack stack; /* of the panic task */
	struct kd_err why; /* that is not whole */
};

static const struct doc_column cpu_columns[] = {
	{ .key = "mark", .title = "", .flags = DOC_ONLY_TEXT },
	{ .key = "cpu", .title = "CPU", .flags = DOC_RIGHT },
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "comm", .title = "COMM" },
	{ .key = "mode", .title = "MODE" },
	{ .key = "where", .title = "WHERE" },
};

static const struct doc_column blocked_columns[] = {
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "task", .title = "TASK" },
	{ .key = "comm", .title = "COMM" },
	{ .key = "waits_in", .title = "BLOCKED IN" },
	{ .key = "called_by", .title = "CALLED BY" },
	{ .key = "place", .title = "AT" },
};

/* What happened --------------------------------------------------------------------- */

/*
 * The task a report about a task that hangs is about: "INFO: task COMM:PID blocked"
 * (kernel/hung_task.c); NULL: it is about none.
 */
static const struct task *hung_task(const struct verdict *v)
{
	const char *words = info_is_recent(&v->info) ? v->info.oops : NULL, *end;
	const struct tasks *all = &v->s->k->tasks;
	unsigned long pid;

	if (!words || strncmp(words, "INFO: task ", 11))
		return NULL;
	end = strstr(words, " blocked for more than");
	while (end && end > words && end[-1] >= '0' && end[-1] <= '9')
		end--;
	if (!end || end[-1] != ':')
		return NULL;
	pid = strtoul(end, NULL, 10);
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].pid == pid && !all->list[i].idle)
			return &all->list[i];
	return NULL;
}

static void put_headline(struct verdict *v)
{
	const char *oops = info_is_recent(&v->info) ? v->info.oops : NULL;
	const char *words = oops ? oops : v->info.panic;
	const struct task *hung = hung_task(v);

	if (hung)
		doc_text(v->d, "headline",
			 doc_linked(doc_styled(doc_str(words), DOC_BAD), "bt 0x%" PRIx64,
				    hung->addr));
	else if (words)
		doc_text(v->d, "headline",
			 doc_linked(doc_styled(doc_str(words), DOC_BAD), "log"));
	else if (v->s->k->crashed && v->has_log)
		doc_text(v->d, "headline",
			 doc_styled(doc_str("It crashed, but the log does not say why"), DOC_BAD));
	else if (v->s->k->crashed)
		doc_text(v->d, "headline", doc_styled(doc_str("What crashed is not known: the log "
							      "cannot be read"), DOC_WARN));
	else
		doc_text(v->d, "headline",
			 doc_styled(doc_str("No crash: the machine was running when the dump was "
					    "taken"), DOC_STRONG));
}

/* "function [module]" */
static struct doc_cell function_cell(const struct verdict *v, const struct frame *f)
{
	if (!f->function)
		return doc_addr(v->s->k->arch, f->pc);
	return doc_styled(doc_fmt("%s%s%s%s", f->function, f->module ? " [" : "",
				  f->module ? f->module : "", f->module ? "]" : ""),
			  DOC_NAME);
}

static struct doc_cell place_cell(const struct frame *f)
{
	return f->file && f->line ? doc_styled(doc_fmt("%s:%u", f->file, f->line), DOC_PLACE)
				  : doc_none(NULL);
}

/* "rdi is 0x0, rcx is 0x28" of a memory operand. */
static void operand_words(const struct kernel *k, const struct blame *b, char *buf, size_t size)
{
	const int regs[REGS_SHOWN] = { b->insn.memory.base, b->insn.memory.index };
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < REGS_SHOWN && n < size; i++)
		if (regs[i] >= 0)
			n += (size_t)snprintf(buf + n, size - n, ", %s is 0x%" PRIx64,
					      k->arch->regs[regs[i]].name, b->regs.value[regs[i]]);
}

/* Where the address at fault is, if that says something by itself. */
static const char *address_words(const struct verdict *v, vaddr_t addr)
{
	const struct task *t = v->s->k->panic_task;
	uint64_t guard = UINT64_C(1) << v->s->k->arch->page_shift;

	if (t->stack && addr < t->stack && t->stack - addr <= guard)
		return "right below the task's stack: it overflowed";
	return "where no memory is mapped";
}

/* Only an access that must have failed is a cause. */
static void put_cause(struct verdict *v, const struct blame *b)
{
	const struct kernel *k = v->s->k;
	char regs[96];

	if (!b->has_insn)
		return;
	doc_field(v->d, "instruction", "at",
		  doc_linked(doc_str(b->insn.text), "dis 0x%" PRIx64 " --mark", b->insn.addr));
	if (!b->has_access || b->mapped)
		return;
	operand_words(k, b, regs, sizeof(regs));
	doc_field(v->d, NULL, "because",
		  doc_styled(doc_fmt("it %s %u byte%s at 0x%" PRIx64 ", %s%s",
				     b->insn.memory.writes ? "writes" : "reads",
				     b->insn.memory.size, b->insn.memory.size == 1 ? "" : "s",
				     b->address, address_words(v, b->address), regs),
			     DOC_STRONG));
	doc_field(v->d, "bad_address", NULL, doc_addr(k->arch, b->address));
}

/* Where the task that hangs does so. */
static void put_hung(struct verdict *v, const struct task *t)
{
	const struct frame *w = NULL;
	struct stack s = { 0 };
	struct unwinder *u;

	if (!session_unwinder(v->s, &u, NULL) && !unwinder_stack(u, t, &s, NULL))
		w = wait_frame(v->s->k, &s);
	if (w) {
		doc_field(v->d, "function", "hangs in",
			  doc_here(doc_linked(function_cell(v, w), "frame %zu 0x%" PRIx64,
					      (size_t)(w - s.frames), t->addr)));
		doc_field(v->d, "place", "line", place_cell(w));
	}
	stack_fini(&s);
}

static void put_where(struct verdict *v)
{
	const struct task *t = v->s->k->panic_task;
	struct blame b;

	if (!t || !v->stack.nframes)
		return;
	blame_find(v->s->k, t, &v->stack, &b);
	if (!b.frame)
		return;
	doc_field(v->d, "function", "in",
		  doc_here(doc_linked(function_cell(v, b.frame), "frame %zu 0x%" PRIx64, b.number,
				      t->addr)));
	doc_field(v->d, "place", "line", place_cell(b.frame));
	put_cause(v, &b);
}

static void put_task(struct verdict *v)
{
	const struct task *t = v->s->k->panic_task;

	if (!t) {
		doc_field(v->d, "task", v->s->k->crashed ? "task" : NULL,
			  doc_none("which one is not known"));
		return;
	}
	doc_field(v->d, NULL, "task",
		  doc_linked(doc_fmt("PID %" PRIu32 " \"%.16s\" on CPU %" PRId32, t->pid, t->comm,
				     t->cpu),
			     "bt 0x%" PRIx64, t->addr));
	doc_field(v->d, "pid", NULL, doc_uint(t->pid));
	doc_field(v->d, "comm", NULL, doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))));
	doc_field(v->d, "task", NULL, t->addr ? doc_addr(v->s->k->arch, t->addr) : doc_none(NULL));
	doc_field(v->d, "cpu", NULL, doc_int(t->cpu));
}

static void put_machine(struct verdict *v)
{
	const struct info *i = &v->info;
	const struct kernel *k = v->s->k;
	char taint[512];

	doc_field(v->d, "release", "kernel",
		  doc_linked(*i->release ? doc_str(i->release) : doc_none(NULL), "info"));
	part_times(v->d, i);
	if (i->has_taint)
		doc_field(v->d, "tainted", "tainted",
			  doc_linked(doc_str(info_taint(i->taint, taint, sizeof(taint))), "mod"));
	doc_field(v->d, "dump", "dump",
		  doc_str(k->dump->format));
}

static void put_facts(struct verdict *v)
{
	const struct info *i = &v->info;

	const struct task *hung = hung_task(v);

	doc_fields(v->d, NULL);
	if (hung)
		put_hung(v, hung);
	else
		put_where(v);
	if (i->panic && i->oops)
		doc_field(v->d, "panic", "panic", doc_linked(doc_str(i->panic), "log"));
	put_task(v);
	put_machine(v);
}

/* Stacks ----------------------------------------------------------------------------- */

/* STACK is taken over. WHY (may be NULL): what failed. */
static void put_stack(struct verdict *v, const char *key, const char *title, const struct task *t,
		      struct stack *stack, const struct kd_err *why)
{
	const struct kernel *k = v->s->k;
	struct doc_stack node = {
		.task = *t,
		.state = task_state_letter(k, t),
		.arch = k->arch,
		.symbols = k->symbols,
		.stack = *stack,
		.flags = DOC_STACK_NO_HEAD | DOC_STACK_NO_REGS,
	};

	*stack = (struct stack){ 0 };
	if (why && why->status)
		node.error = strdup(why->text);
	doc_section(v->d, key, title);
	doc_stack_add(v->d, "stack", false, &node);
	doc_section_end(v->d);
}

static void put_hung_stack(struct verdict *v, const struct task *t)
{
	struct kd_err why = KD_ERR_INIT;
	struct stack stack = { 0 };

	session_stack(v->s, t, GDB_ARGS, &stack, &why);
	put_stack(v, "hangs", "Stack of the task that hangs", t, &stack, &why);
}

/* The others ------------------------------------------------------------------------------ */

static const char *mode_of(const struct kernel *k, const struct cpu *c, const struct task *t)
{
	if (!c->has_note)
		return "?";
	if (k->arch->user_mode && k->arch->user_mode(&c->regs))
		return "user";
	return t && t->idle ? "idle" : "kernel";
}

static struct doc_cell cpu_where(const struct kernel *k, const struct cpu *c)
{
	char buf[256];
	uint64_t pc;

	if (!c->has_note || !regs_known(&c->regs, k->arch->pc))
		return doc_none("left no registers: it did not answer, or was not asked");
	pc = c->regs.value[k->arch->pc];
	if (k->arch->user_mode && k->arch->user_mode(&c->regs))
		return doc_hex(pc);
	return doc_styled(doc_str(symbols_format(k->symbols, pc, buf, sizeof(buf))), DOC_NAME);
}

static void put_cpus(struct verdict *v)
{
	const struct kernel *k = v->s->k;

	doc_section(v->d, NULL, "CPUs");
	doc_section_end(v->d);
	doc_table(v->d, "cpus", DOC_ALIGNED, cpu_columns, KD_ARRAY_SIZE(cpu_columns));
	for (size_t i = 0; i < k->cpus.n; i++) {
		const struct cpu *c = &k->cpus.list[i];
		const struct task *t = tasks_on_cpu(&k->tasks, c->nr);

		if (!cpu_counts(c))
			continue;
		doc_put(v->d, doc_styled(doc_str(c == k->panic_cpu ? "*" : ""), DOC_BAD));
		doc_put(v->d, doc_linked(doc_uint(c->nr), "regs cpu %u", c->nr));
		doc_put(v->d, t ? part_pid(t) : doc_none("?"));
		doc_put(v->d, t ? doc_linked(doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))),
					     "bt 0x%" PRIx64, t->addr)
				: doc_none(NULL));
		doc_put(v->d, doc_str(mode_of(k, c, t)));
		doc_put(v->d, cpu_where(k, c));
	}
}

/* The function that called what the task waits in, one that is no lock's own. */
static const struct frame *caller_of(const struct stack *s, const struct frame *waits)
{
	for (const struct frame *f = waits + 1; f < s->frames + s->nframes; f++)
		if (f->kind == FRAME_NORMAL || f->kind == FRAME_INLINE)
			return f;
	return NULL;
}

static void put_blocked_task(struct verdict *v, const struct task *t, const struct stack *s)
{
	const struct frame *w = wait_frame(v->s->k, s), *by = w ? caller_of(s, w) : NULL;

	doc_put(v->d, doc_uint(t->pid));
	doc_put(v->d, doc_linked(doc_addr(v->s->k->arch, t->addr), "bt 0x%" PRIx64, t->addr));
	doc_put(v->d, doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))));
	doc_put(v->d, w ? function_cell(v, w) : doc_none(NULL));
	doc_put(v->d, by && by->function ? doc_str(by->function) : doc_none(NULL));
	doc_put(v->d, w ? place_cell(w) : doc_none(NULL));
}

/* Tasks in uninterruptible sleep: where a hang shows. */
static void put_blocked(struct verdict *v)
{
	const struct kernel *k = v->s->k;
	struct unwinder *u = NULL;
	size_t n = 0;

	for (size_t i = 0; i < k->tasks.n; i++)
		n += task_state_letter(k, &k->tasks.list[i]) == 'D';
	if (!n || session_unwinder(v->s, &u, NULL))
		return;
	doc_section(v->d, NULL, "Tasks that sleep uninterruptibly");
	doc_section_end(v->d);
	doc_table(v->d, "blocked", DOC_ALIGNED, blocked_columns, KD_ARRAY_SIZE(blocked_columns));
	for (size_t i = 0, shown = 0; i < k->tasks.n && shown < BLOCKED_SHOWN; i++) {
		const struct task *t = &k->tasks.list[i];
		struct stack s = { 0 };

		if (task_state_letter(k, t) != 'D')
			continue;
		unwinder_stack(u, t, &s, NULL);
		put_blocked_task(v, t, &s);
		stack_fini(&s);
		shown++;
	}
	if (n > BLOCKED_SHOWN)
		doc_note(v->d, DOC_HINT, "%zu more: \"ps\" shows them, \"stacks\" groups them",
			 n - BLOCKED_SHOWN);
}

static void put_end(struct verdict *v)
{
	unsigned n = part_findings(v->s, v->d, v->has_log ? &v->log : NULL, &v->info);

	if (v->has_log && v->log.damage) {
		doc_note(v->d, DOC_FINDING, "log: %s", v->log.damage);
		n++;
	}
	if (!n)
		doc_note(v->d, DOC_HINT, "nothing read so far is damaged or disagrees");
	if (v->s->k->vmlinux_missing)
		doc_note(v->d, DOC_HINT, "%s", v->s->k->vmlinux_missing);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct verdict v = { .s = s, .d = d, .why = KD_ERR_INIT };
	const struct task *t = s->k->panic_task, *hung;
	struct kd_err log_why = KD_ERR_INIT;
	int ret = log_read(s->k, &v.log, &log_why);

	(void)a;
	v.has_log = !ret;
	info_read(s->k, v.has_log ? &v.log : NULL, &v.info);
	if (t)
		session_stack(s, t, GDB_ARGS, &v.stack, &v.why);
	hung = hung_task(&v);
	put_headline(&v);
	if (s->user->nnotes) {
		doc_section(d, NULL, "Notes");
		doc_section_end(d);
		part_notes(s, d);
	}
	put_facts(&v);
	/* Who found that something hangs is not who hangs. */
	if (hung) {
		put_blocked(&v);
		put_hung_stack(&v, hung);
	}
	if (t)
		put_stack(&v, "crashed", "Stack of the task that crashed", t, &v.stack, &v.why);
	put_cpus(&v);
	if (!hung)
		put_blocked(&v);
	if (!v.has_log)
		doc_note(d, DOC_FINDING, "log: %s", log_why.text);
	put_end(&v);
	stack_fini(&v.stack);
	info_fini(&v.info);
	log_fini(&v.log);
	return session_cancelled(err);
}

static const struct command_example examples[] = {
	{ "verdict", "what crashed and why" },
	{ NULL, NULL },
};

const struct command cmd_verdict = {
	.name = "verdict",
	.group = "the crash",
	.synopsis = "",
	.summary = "what crashed and why, on one screen",
	.help = "The words of the crash, the function and the instruction at fault with the\n"
		"address it wanted, the task and its stack, what every CPU did, tasks that sleep\n"
		"uninterruptibly, and findings: what is damaged or does not agree. The function is\n"
		"the innermost one that is no part of how the kernel reports a crash.",
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
