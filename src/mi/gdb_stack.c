// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Stacks by gdb. What gdb does not say is added here: the symbol and module of a
 * pc, which frames are inlined, what entry code interrupted, why a stack ends.
 */
#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "mi/gdb_priv.h"

/* How gdb names a frame of the companion that is described as a signal frame. */
#define ENTRY_NAME "<signal handler called>"
#define WHY_MAX 4096

struct job {
	struct gdb *g;
	const struct task *t;
	unsigned thread, flags;
	char what[64]; /* for errors: "reading the stack of pid 100" */
	struct stack *out;
	struct kd_err *err;
};

/* Registers --------------------------------------------------------------------- */

/* The registers gdb finds for a frame; only those that have the same number there. */
static int frame_regs(const struct job *j, unsigned level, struct regs *out)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	const struct arch *a = j->g->k->arch;
	char numbers[4 * REGS_MAX] = "";
	const struct mi_value *v;
	size_t n = 0;
	int status;

	for (unsigned i = 0; i < a->nregs && !strcmp(a->regs[i].feature, a->regs[0].feature); i++)
		n += (size_t)snprintf(numbers + n, sizeof(numbers) - n, " %u", i);
	status = mi_call(j->g->mi, j->what, &r, j->err,
			 "-data-list-register-values --thread %u --frame %u --skip-unavailable x%s",
			 j->thread, level, numbers);
	if (status)
		return status;
	v = mi_get(&r->results, "register-values");
	for (v = v ? v->first : NULL; v; v = v->next) {
		uint64_t number, value;

		if (mi_number(v, "number", &number) && number < a->nregs &&
		    mi_number(v, "value", &value))
			regs_set(out, (unsigned)number, value);
	}
	return 0;
}

int gdb_frame_regs(struct gdb *g, const struct task *t, unsigned level, struct regs *out,
		   struct kd_err *err)
{
	struct job j = { .g = g, .t = t, .thread = gdb_thread(g, t), .err = err };

	*out = (struct regs){ 0 };
	snprintf(j.what, sizeof(j.what), "reading registers of pid %u", t->pid);
	if (!j.thread)
		return kd_fail(err, KD_NOTFOUND, "gdb does not see this task");
	return frame_regs(&j, level, out);
}

/* Naming ------------------------------------------------------------------------ */

static bool is_entry(const struct mi_value *f)
{
	const char *func = mi_text(f, "func");

	return func && !strcmp(func, ENTRY_NAME);
}

/* Two frames with one stack pointer are one frame of the machine's. */
static bool same_stack_pointer(const struct job *j, unsigned level)
{
	struct regs inner = { 0 }, outer = { 0 };
	unsigned sp = j->g->k->arch->sp;

	return !frame_regs(j, level, &inner) && !frame_regs(j, level + 1, &outer) &&
	       regs_known(&inner, sp) && regs_known(&outer, sp) && inner.value[sp] == outer.value[sp];
}

/*
 * Inlined frames share their caller's pc. So does a function that calls itself
 * from one place; but then the symbol there is its own. A function of which a part
 * is inlined into itself looks like both, and the stack pointer tells.
 */
static bool is_inline(const struct job *j, const struct mi_value *f, const struct symbol *s)
{
	const struct mi_value *outer = f->next;
	const char *func = mi_text(f, "func"), *a = mi_text(f, "addr"), *b = mi_text(outer, "addr");
	uint64_t level;

	if (!func || !a || !b || strcmp(a, b) || is_entry(f) || is_entry(outer))
		return false;
	if (!s || !symbol_is_of(s->name, func))
		return true;
	return mi_number(f, "level", &level) && same_stack_pointer(j, (unsigned)level);
}

static int set_text(char **to, const char *from, struct kd_err *err)
{
	if (!from)
		return 0;
	free(*to);
	*to = strdup(from);
	return *to ? 0 : kd_nomem(err);
}

/*
 * Offset and size are those of S, and so is the name. gdb prefers a label with a size,
 * which may start ahead of S; and of a function that was left by a jump, in which it
 * sees no inlined ones, it says the innermost of those. Another name of the same place
 * is as good, and is what DWARF says.
 */
static bool names_other_place(const struct job *j, const char *func, const struct symbol *s)
{
	const struct symbol *named = symbols_by_name(j->g->k->symbols, func);

	return !named || named->addr != s->addr;
}

/* EXACT: pc is where the code stood, not a return address after a call. */
static int name_frame(const struct job *j, const struct mi_value *v, bool exact, struct frame *f)
{
	const struct symbol *s = symbols_by_addr(j->g->k->symbols, exact ? f->pc : f->pc - 1);
	const char *func = mi_text(v, "func"), *file = mi_text(v, "file");
	uint64_t line = 0;
	int status;

	if (is_inline(j, v, s))
		f->kind = FRAME_INLINE;
	if (s) {
		f->offset = f->pc - s->addr;
		f->size = s->size;
		status = set_text(&f->module, s->module, j->err);
		if (status)
			return status;
	}
	if (!func || !strcmp(func, "??") || f->kind == FRAME_ENTRY ||
	    (f->kind == FRAME_NORMAL && s &&
	     (symbol_is_of(s->name, func) || names_other_place(j, func, s))))
		func = s ? s->name : NULL;
	if (mi_number(v, "line", &line))
		f->line = (unsigned)line;
	status = set_text(&f->function, func, j->err);
	return status ? status : set_text(&f->file, source_below(j->g->source_root, file), j->err);
}

/* Where entry code stands in the source: gdb leaves it out for signal frames. */
static int entry_line(const struct job *j, bool exact, struct frame *f)
{
	_cleanup_(freep) char *text = NULL;
	char command[64], *file, *end;
	unsigned long line;

	snprintf(command, sizeof(command), "info line *%#" PRIx64, exact ? f->pc : f->pc - 1);
	if (mi_console(j->g->mi, j->what, command, WHY_MAX, &text, NULL))
		return 0;
	/* Line 121 of "arch/x86/entry/entry_64.S" starts at address ... */
	if (strncmp(text, "Line ", 5))
		return 0;
	line = strtoul(text + 5, &file, 10);
	if (strncmp(file, " of \"", 5) || !(end = strchr(file + 5, '"')) || line > UINT32_MAX)
		return 0;
	*end = '\0';
	f->line = (unsigned)line;
	return set_text(&f->file, source_below(j->g->source_root, file + 5), j->err);
}

/* Variables --------------------------------------------------------------------- */

static int add_vars(const struct job *j, const struct mi_value *list, bool are_args,
		    struct frame *f)
{
	size_t n = 0;

	for (const struct mi_value *v = list ? list->first : NULL; v; v = v->next)
		n++;
	if (!n)
		return 0;
	f->vars = calloc(n, sizeof(*f->vars));
	if (!f->vars)
		return kd_nomem(j->err);
	for (const struct mi_value *v = list->first; v; v = v->next) {
		const char *name = mi_text(v, "name"), *value = mi_text(v, "value");
		const char *type = mi_text(v, "type");
		struct frame_var *var = &f->vars[f->nvars];

		if (!name)
			continue;
		f->nvars++;
		var->is_arg = are_args || mi_text(v, "arg");
		var->name = strdup(name);
		/* gdb was told to print simple values only */
		var->value = strdup(value ? value : "{...}");
		var->type = type ? strdup(type) : NULL;
		if (!var->name || !var->value || (type && !var->type))
			return kd_nomem(j->err);
		gdb_tidy_value(j->g->k, var->value);
		gdb_drop_access_errors(var->value);
	}
	return 0;
}

/*
 * gdb tells values of structs or types of variables, not both in one answer. The answers are in
 * one order; names are no keys, since inner blocks may have the same ones.
 */
static int frame_types(const struct job *j, struct frame *f)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	const struct mi_value *list;
	size_t i = 0;
	int status = mi_call(j->g->mi, j->what, &r, j->err,
			     "-stack-list-variables --thread %u --frame %u --simple-values",
			     j->thread, f->gdb_level);

	list = status ? NULL : mi_get(&r->results, "variables");
	for (const struct mi_value *v = list ? list->first : NULL; v && i < f->nvars; v = v->next) {
		const char *name = mi_text(v, "name"), *type = mi_text(v, "type");

		if (!name || strcmp(name, f->vars[i].name))
			break;
		status = set_text(&f->vars[i++].type, type, j->err);
		if (status)
			return status;
	}
	return status == KD_NOTFOUND ? 0 : status;
}

static int frame_locals(const struct job *j, struct frame *f)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	int status = mi_call(j->g->mi, j->what, &r, j->err,
			     "-stack-list-variables --thread %u --frame %u --all-values", j->thread,
			     f->gdb_level);

	/* a frame without symbols has no variables: no failure */
	if (status == KD_NOTFOUND)
		return 0;
	if (!status)
		status = add_vars(j, mi_get(&r->results, "variables"), false, f);
	return status || !f->nvars ? status : frame_types(j, f);
}

/* The arguments of all frames in one answer. */
static int stack_args(const struct job *j)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	const struct mi_value *v;
	int status = mi_call(j->g->mi, j->what, &r, j->err,
			     "-stack-list-arguments --thread %u --simple-values 0 %d", j->thread,
			     GDB_STACK_LIMIT);

	if (status)
		return status == KD_NOTFOUND ? 0 : status;
	v = mi_get(&r->results, "stack-args");
	for (v = v ? v->first : NULL; v && !status; v = v->next) {
		uint64_t level;

		if (!mi_number(v, "level", &level))
			continue;
		for (size_t i = 0; i < j->out->nframes && !status; i++) {
			struct frame *f = &j->out->frames[i];

			if (f->gdb_level == level && f->kind != FRAME_USER && !f->nvars)
				status = add_vars(j, mi_get(v, "args"), true, f);
		}
	}
	return status;
}

static int add_variables(const struct job *j)
{
	int status = 0;

	if (!(j->flags & GDB_LOCALS))
		return j->flags & GDB_ARGS ? stack_args(j) : 0;
	for (size_t i = 0; i < j->out->nframes && !status; i++)
		if (j->out->frames[i].kind == FRAME_NORMAL || j->out->frames[i].kind == FRAME_INLINE)
			status = frame_locals(j, &j->out->frames[i]);
	return status;
}

/* Frames ------------------------------------------------------------------------ */

/* REGS by value: they may live in the array of frames that grows here. */
static int push_user(const struct job *j, struct regs regs, unsigned level)
{
	const struct arch *a = j->g->k->arch;
	struct frame *f = stack_push(j->out);

	if (!f)
		return kd_nomem(j->err);
	*f = (struct frame){ .kind = FRAME_USER,
			     .how = FRAME_HOW_CFI,
			     .pc = regs.value[a->pc],
			     .sp = regs.value[a->sp],
			     .gdb_level = level };
	return 0;
}

/* One frame of gdb's; *end: the stack goes on in user mode, which ends it for us. */
static int add_frame(const struct job *j, const struct mi_value *v, bool exact, bool *end)
{
	struct frame *f;
	uint64_t pc, level = 0;
	int status;

	if (!mi_number(v, "addr", &pc) || !mi_number(v, "level", &level)) {
		*end = true;
		return 0;
	}
	f = stack_push(j->out);
	if (!f)
		return kd_nomem(j->err);
	f->pc = pc;
	f->gdb_level = (unsigned)level;
	f->how = level ? FRAME_HOW_CFI : FRAME_HOW_REGS;
	f->kind = is_entry(v) ? FRAME_ENTRY : FRAME_NORMAL;
	status = name_frame(j, v, exact, f);
	if (status || f->kind != FRAME_ENTRY)
		return status;
	status = entry_line(j, exact, f);
	if (!status && v->next)
		status = frame_regs(j, f->gdb_level + 1, &f->regs);
	if (!status && j->g->k->arch->user_mode(&f->regs)) {
		*end = true;
		status = push_user(j, f->regs, f->gdb_level + 1);
	}
	return status;
}

/*
 * gdb takes any word for a return address. One that is not even mapped ends the stack, and so
 * does a pc like that where a task is to go on that sleeps; what ran may have run into it.
 */
static int check_pc(const struct job *j, const struct mi_value *v, bool exact, bool *end)
{
	const struct kernel *k = j->g->k;
	uint64_t pc, level = 0;
	paddr_t pa;
	char *why;

	if ((exact && j->t->on_cpu) || !mi_number(v, "addr", &pc) || !mi_number(v, "level", &level) ||
	    (exact && level) || space_translate(&k->space, pc, &pa, NULL, NULL) != KD_UNMAPPED)
		return 0;
	if (asprintf(&why, "the %s %#" PRIx64 " is no code",
		     exact ? "saved program counter" : "return address", pc) < 0)
		return kd_nomem(j->err);
	j->out->stop = why;
	*end = true;
	return 0;
}

static int add_frames(const struct job *j)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;
	const struct mi_value *v;
	bool exact = true, end = false;
	int status = mi_call(j->g->mi, j->what, &r, j->err, "-stack-list-frames --thread %u 0 %d",
			     j->thread, GDB_STACK_LIMIT);

	if (status)
		return status;
	v = mi_get(&r->results, "stack");
	for (v = v ? v->first : NULL; v && !end && !status; v = v->next) {
		status = check_pc(j, v, exact, &end);
		if (end || status)
			break;
		status = add_frame(j, v, exact, &end);
		/* inlined frames keep the pc of the frame they are part of */
		exact = is_entry(v) || (exact && j->out->nframes &&
					j->out->frames[j->out->nframes - 1].kind == FRAME_INLINE);
	}
	return status;
}

/* MI hides why a stack ends where it does; the command line says it. */
static int find_stop(const struct job *j)
{
	static const char mark[] = "Backtrace stopped: ";
	static const char inner[] = "previous frame inner to this frame";
	_cleanup_(freep) char *text = NULL;
	char command[64], *at;
	struct stack *s = j->out;

	if (s->nframes && s->frames[s->nframes - 1].kind == FRAME_USER)
		return 0;
	if (s->nframes >= GDB_STACK_LIMIT) {
		if (asprintf(&s->stop, "more than %d frames: the rest is not shown",
			     GDB_STACK_LIMIT) < 0)
			return kd_nomem(j->err);
		return 0;
	}
	snprintf(command, sizeof(command), "thread apply %u -q bt -1", j->thread);
	if (mi_console(j->g->mi, j->what, command, WHY_MAX, &text, NULL))
		return 0;
	at = strstr(text, mark);
	if (!at)
		return 0;
	at += sizeof(mark) - 1;
	at[strcspn(at, "\n")] = '\0';
	return set_text(&s->stop, strncmp(at, inner, sizeof(inner) - 1) ? at : GDB_STOP_DOWNWARD,
			j->err);
}

/* A running task is where its CPU's registers say; without them there is no stack. */
static int first_regs(const struct job *j, struct regs *regs, bool *end)
{
	struct kd_err why = KD_ERR_INIT;

	*end = true;
	if (task_regs(j->g->k, j->t, regs, &why))
		return set_text(&j->out->stop, why.text, j->err);
	if (j->g->k->arch->user_mode(regs))
		return push_user(j, *regs, 0);
	*end = false;
	return 0;
}

int gdb_stack(struct gdb *g, const struct task *t, unsigned flags, struct stack *out,
	      struct kd_err *err)
{
	struct job j = { .g = g, .t = t, .thread = gdb_thread(g, t), .flags = flags, .out = out,
			 .err = err };
	struct regs regs;
	bool end;
	int status;

	*out = (struct stack){ 0 };
	snprintf(j.what, sizeof(j.what), "reading the stack of pid %u", t->pid);
	if (!j.thread)
		return kd_fail(err, KD_NOTFOUND, "pid %u is not among gdb's threads", t->pid);
	status = first_regs(&j, &regs, &end);
	if (status || end)
		return status;
	status = add_frames(&j);
	if (!status && out->nframes && out->frames[0].pc != regs.value[g->k->arch->pc])
		return kd_fail(err, KD_MISMATCH, "gdb's thread %u is not pid %u", j.thread, t->pid);
	if (!status && !out->stop)
		status = find_stop(&j);
	return status ? status : add_variables(&j);
}
