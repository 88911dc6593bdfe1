// SPDX-License-Identifier: GPL-3.0-or-later
/* selfcheck: both engines unwind every task, and what differs is shown. */
#include <inttypes.h>
#include <string.h>

#include "kernel/stack_diff.h"
#include "kernel/unwind.h"
#include "mi/gdb.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"

/* A stack may differ in full: its first pairs tell what went wrong. */
#define PAIRS_SHOWN 12

static const struct doc_column difference_columns[] = {
	{ .key = "pid", .title = "PID", .flags = DOC_RIGHT },
	{ .key = "task", .flags = DOC_ONLY_JSON },
	{ .key = "differs", .title = "DIFFERS" },
	{ .key = "native", .title = "NATIVE" },
	{ .key = "gdb", .title = "GDB" },
};

static const struct doc_column result_columns[] = {
	{ .key = "result", .title = "STACKS" },
	{ .key = "tasks", .title = "TASKS", .flags = DOC_RIGHT },
	{ .key = "frames", .title = "FRAMES", .flags = DOC_RIGHT },
};

enum verdict { SAME, TAIL, CUT, NO_STACK, DIFFERS, FAILED, NVERDICTS };

static const char *const verdicts[] = {
	[SAME] = "the same",
	[TAIL] = "the same, but for tail calls that gdb infers and the code proves",
	[CUT] = "the same up to where gdb follows no switch of stacks",
	[NO_STACK] = "none: dead and freed, or no registers",
	[DIFFERS] = "differ",
	[FAILED] = "not compared: gdb failed",
};

struct check {
	struct session *s;
	struct doc *d;
	struct stack *native; /* of all tasks */
	size_t tasks[NVERDICTS], frames[NVERDICTS];
	struct kd_err why; /* of the last failure */
	uint64_t native_ms, gdb_ms;
};

static struct doc_cell frame_cell(const struct stack *s, int i)
{
	const struct frame *f = i < 0 ? NULL : &s->frames[i];

	if (!f)
		return doc_none(s->stop);
	if (f->kind == FRAME_USER)
		return doc_fmt("user mode: %#" PRIx64 " sp %#" PRIx64, f->pc, f->sp);
	return doc_fmt("#%d %#" PRIx64 " %s%s+%#" PRIx64 "/%#" PRIx64 "%s%s%s %s:%u", i, f->pc,
		       f->kind == FRAME_INLINE	? "(inlined) "
		       : f->kind == FRAME_ENTRY ? "(entry) "
						: "",
		       f->function ? f->function : "?", f->offset, f->size, f->module ? " [" : "",
		       f->module ? f->module : "", f->module ? "]" : "", f->file ? f->file : "?",
		       f->line);
}

static void put_difference(struct check *c, const struct task *t, const char *what)
{
	doc_put(c->d, link_task(doc_uint(t->pid), t));
	doc_put(c->d, doc_addr(c->s->k->arch, t->addr));
	doc_put(c->d, doc_styled(doc_str(what), DOC_WARN));
}

/*
 * Did gdb stop where the stack goes on at a lower address, on another one? The frames
 * that both have are to be compared.
 */
static bool gdb_stopped_downward(const struct stack *native, const struct stack *gdb)
{
	vaddr_t last = 0;

	if (!gdb->stop || strcmp(gdb->stop, GDB_STOP_DOWNWARD) || !gdb->nframes)
		return false;
	for (size_t i = 0; i < native->nframes; i++) {
		if (native->frames[i].pc == gdb->frames[gdb->nframes - 1].pc)
			last = native->frames[i].sp;
		else if (last)
			return native->frames[i].sp < last;
	}
	return false;
}

/* Is one of the two stacks broken off, by its own words, and the other not? */
static bool ends_differ(const struct stack *a, const struct stack *b)
{
	return !a->stop != !b->stop && b->nframes < GDB_STACK_LIMIT;
}

static enum verdict judge(struct check *c, const struct task *t, const struct stack *native,
			  const struct stack *gdb, const struct stack_diff *diff)
{
	bool cut = gdb_stopped_downward(native, gdb);
	size_t shown = 0;

	for (size_t i = 0; i < diff->n && shown < PAIRS_SHOWN; i++) {
		const struct frame_pair *p = &diff->pairs[i];

		if (p->match != FRAME_DIFFERS)
			continue;
		put_difference(c, t, p->what);
		doc_put(c->d, frame_cell(native, p->a));
		doc_put(c->d, frame_cell(gdb, p->b));
		shown++;
	}
	if (diff->differ)
		return DIFFERS;
	if (!native->nframes)
		return NO_STACK;
	if (!cut && ends_differ(native, gdb)) {
		put_difference(c, t, "end");
		doc_put(c->d, doc_str(native->stop ? native->stop : "whole"));
		doc_put(c->d, doc_str(gdb->stop ? gdb->stop : "whole"));
		return DIFFERS;
	}
	return cut ? CUT : diff->tail ? TAIL : SAME;
}

/* A status that ends it all; a failure for this task is counted. */
static int check_task(struct check *c, size_t i, struct kd_err *err)
{
	const struct task *t = &c->s->k->tasks.list[i];
	struct kd_err why = KD_ERR_INIT;
	struct stack gdb = { 0 };
	struct stack_diff diff;
	enum verdict v = FAILED;
	int ret = session_gdb_stack(c->s, t, 0, &gdb, &why);

	if (!ret) {
		ret = stack_diff(c->s->k, &c->native[i], &gdb,
				 gdb_stopped_downward(&c->native[i], &gdb) ? gdb.nframes
									   : GDB_STACK_LIMIT,
				 &diff, &why);
		if (!ret)
			v = judge(c, t, &c->native[i], &gdb, &diff);
		c->frames[v] += diff.same;
		stack_diff_fini(&diff);
	}
	stack_fini(&gdb);
	c->tasks[v]++;
	if (v == FAILED)
		c->why = why;
	if (ret != KD_CANCELLED && ret != KD_NOMEM && ret != KD_TIMEOUT && ret != KD_GDB)
		return 0;
	if (err)
		*err = why;
	return ret;
}

static int keep_native(void *data, size_t i, struct stack *s)
{
	struct check *c = data;

	c->native[i] = *s;
	*s = (struct stack){ 0 };
	return session_cancelled(NULL);
}

static int walk_natively(struct check *c, bool bare, struct kd_err *err)
{
	const struct tasks *all = &c->s->k->tasks;
	_cleanup_(unwinder_closep) struct unwinder *u = NULL;
	_cleanup_(freep) const struct task **list = calloc(all->n + 1, sizeof(*list));
	uint64_t begun = clock_ms();
	int ret;

	if (!list)
		return kd_nomem(err);
	for (size_t i = 0; i < all->n; i++)
		list[i] = &all->list[i];
	ret = unwinder_open(c->s->k, bare ? UNWINDER_BARE : 0, &u, err);
	if (!ret)
		ret = unwinder_all(u, list, all->n, 0, keep_native, c, err);
	if (!ret && unwinder_warning(u))
		doc_note(c->d, DOC_FINDING, "%s", unwinder_warning(u));
	c->native_ms = clock_ms() - begun;
	return ret;
}

static int walk_by_gdb(struct check *c, struct kd_err *err)
{
	uint64_t begun = clock_ms();
	size_t n = c->s->k->tasks.n;
	int ret = 0;

	doc_table(c->d, "differences", DOC_ALIGNED, difference_columns,
		  KD_ARRAY_SIZE(difference_columns));
	for (size_t i = 0; i < n && !ret; i++) {
		ret = check_task(c, i, err);
		session_count(c->s, (unsigned)(clock_ms() - begun), "stacks", i + 1, n);
	}
	session_progress_end(c->s);
	c->gdb_ms = clock_ms() - begun;
	return ret;
}

static int put_result(struct check *c, struct kd_err *err)
{
	size_t bad = c->tasks[DIFFERS] + c->tasks[FAILED];

	doc_table(c->d, "results", DOC_ALIGNED, result_columns, KD_ARRAY_SIZE(result_columns));
	for (unsigned v = 0; v < NVERDICTS; v++) {
		doc_put(c->d, doc_str(verdicts[v]));
		doc_put(c->d, doc_uint(c->tasks[v]));
		doc_put(c->d, doc_uint(c->frames[v]));
	}
	doc_fields(c->d, NULL);
	doc_field(c->d, "native_ms", "native, ms", doc_uint(c->native_ms));
	doc_field(c->d, "gdb_ms", "gdb, ms", doc_uint(c->gdb_ms));
	if (c->tasks[FAILED])
		return kd_context(err, kd_fail(err, KD_GDB, "%s", c->why.text),
				  "%zu stacks could not be compared; the last", c->tasks[FAILED]);
	if (bad)
		return kd_fail(err, KD_MISMATCH, "the engines differ on %zu of %zu stacks", bad,
			       c->s->k->tasks.n);
	return 0;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct check c = { .s = s, .d = d, .why = KD_ERR_INIT };
	size_t n = s->k->tasks.n;
	int ret;

	if (!n)
		return kd_fail(err, KD_NOTFOUND, "no tasks could be read");
	c.native = calloc(n, sizeof(*c.native));
	if (!c.native)
		return kd_nomem(err);
	ret = walk_natively(&c, args_has(a, "frame-pointers"), err);
	if (!ret)
		ret = walk_by_gdb(&c, err);
	if (!ret)
		ret = put_result(&c, err);
	for (size_t i = 0; i < n; i++)
		stack_fini(&c.native[i]);
	free(c.native);
	return ret;
}

static const struct opt_def options[] = {
	{ 0, "frame-pointers", NULL, "natively by frame pointers alone" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "selfcheck", "do both engines agree on this dump?" },
	{ NULL, NULL },
};

const struct command cmd_selfcheck = {
	.name = "selfcheck",
	.group = "other",
	.synopsis = "",
	.summary = "compare the stacks of both engines, task by task",
	.help = "Unwinds every task twice, natively and by gdb, and compares the frames: program\n"
		"counter, function, offset, inlining, file and line, registers at entry frames.\n"
		"Every difference is shown, then how many stacks are the same. The exit status is\n"
		"0 only if no stack differs. Frames of functions that were left by a jump (tail\n"
		"calls) are no difference: gdb infers them from debug information, and the code\n"
		"must prove each. Nor is it one that gdb ends where a stack goes on at lower\n"
		"addresses, on another one: it follows none there.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
