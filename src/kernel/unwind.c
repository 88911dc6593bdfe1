// SPDX-License-Identifier: GPL-3.0-or-later
/* Stacks of tasks: see unwind.h. */
#include "kernel/unwind_priv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define GUESSES_MAX 32	/* frames of a stack that nothing is known of */
#define VOTES_MAX 16	/* tasks asked where they go on */
#define SWITCHES_MAX 16 /* from stack to stack */
#define FAR 65536u	/* bytes: no frame on a stack that is not known is larger */

/* The view -------------------------------------------------------------------------- */

static int view_word(void *data, vaddr_t va, uint64_t *value, struct kd_err *err)
{
	struct walk *w = data;
	const struct kernel *k = w->u->k;
	int rc = windows_read_uint(w->windows, va, k->arch->ptr_size, value);

	/* Windows keep a status, but no sentence. */
	return rc && err ? space_read_ptr(&k->space, va, value, err) : rc;
}

static bool view_is_code(void *data, vaddr_t pc)
{
	const struct walk *w = data;

	return unwinder_is_code(w->u, pc);
}

bool unwinder_is_code(const struct unwinder *u, vaddr_t pc)
{
	for (size_t i = 0; i < u->ntexts; i++)
		if (pc - u->texts[i].start < u->texts[i].size)
			return true;
	return modules_by_addr(&u->k->modules, pc) != NULL;
}

void unwinder_view(struct walk *w, struct unwind_view *v)
{
	*v = (struct unwind_view){ .code = &w->u->code.view,
				   .tables = w->u->tables,
				   .data = w,
				   .word = view_word,
				   .is_code = view_is_code,
				   .stack_size = w->u->stack_size,
				   .stack_end = w->t && w->t->stack ? w->t->stack + w->u->stack_size
								    : 0 };
}

/* Frames ---------------------------------------------------------------------------- */

static int set_text(char **to, const char *from, struct kd_err *err)
{
	if (!from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : kd_nomem(err);
}

static void stop(struct walk *w, const char *fmt, ...) KD_PRINTF(2, 3);

static void stop(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	if (w->out->stop)
		return;
	va_start(ap, fmt);
	if (vasprintf(&w->out->stop, fmt, ap) < 0)
		w->out->stop = NULL;
	va_end(ap);
	w->nomem |= !w->out->stop;
}

/* The name of a frame's function: the symbol's, unless DWARF knows a better one. */
static const char *function_name(const struct frame *f, const struct symbol *s, const char *dwarf)
{
	if (f->kind == FRAME_INLINE)
		return dwarf;
	if (!dwarf || f->kind == FRAME_ENTRY || (s && symbol_is_of(s->name, dwarf)))
		return s ? s->name : NULL;
	return dwarf;
}

static int push_frame(struct walk *w, const struct spot *at, const struct symbol *s,
		      enum frame_kind kind, const struct line_frame *line)
{
	struct frame *f = stack_push(w->out);
	int rc;

	if (!f)
		return kd_nomem(w->err);
	f->kind = kind;
	f->how = at->how;
	f->pc = at->regs.value[w->u->k->arch->pc];
	if (regs_known(&at->regs, w->u->k->arch->sp))
		f->sp = at->regs.value[w->u->k->arch->sp];
	rc = set_text(&f->function, function_name(f, s, line ? line->function : NULL), w->err);
	if (!rc && line)
		rc = set_text(&f->file, line->file, w->err);
	if (!rc && s) {
		f->offset = f->pc - s->addr;
		f->size = s->size;
		rc = set_text(&f->module, s->module, w->err);
	}
	f->line = line ? line->line : 0;
	return rc;
}

/* The frame at AT and those inlined into it; the last one is KIND. */
static int push_frames(struct walk *w, const struct spot *at, enum frame_kind kind)
{
	vaddr_t pc = at->regs.value[w->u->k->arch->pc], look = at->exact ? pc : pc - 1;
	const struct symbol *s = symbols_by_addr(w->u->k->symbols, look);
	const struct line_info *lines = NULL;
	int rc = 0;

	if (w->u->lines && unwinder_is_code(w->u, look))
		lines = lines_find(w->u->lines, look);
	for (size_t i = 0; lines && i + 1 < lines->n && !rc && kind != FRAME_ENTRY; i++)
		rc = push_frame(w, at, s, FRAME_INLINE, &lines->frames[i]);
	return rc ? rc : push_frame(w, at, s, kind, lines ? &lines->frames[lines->n - 1] : NULL);
}

static int push_user(struct walk *w, const struct spot *at)
{
	return push_frame(w, at, NULL, FRAME_USER, NULL);
}

/* Stacks ---------------------------------------------------------------------------- */

/* What is known of the stack an address is on. */
struct home {
	const char *name; /* NULL: no known stack */
	vaddr_t start, end;
	uint32_t bit; /* of walk.left */
};

static struct home find_home(const struct walk *w, vaddr_t sp)
{
	const struct unwinder *u = w->u;
	vaddr_t start = w->t->stack;

	/* What overflows its stack is still on it. */
	if (start && sp - (start - u->page) <= u->stack_size + u->page)
		return (struct home){ "task", start, start + u->stack_size, 1 };
	for (size_t i = 0; w->t->on_cpu && i < u->nareas; i++) {
		const struct cpu_area *a = &u->areas[i];

		if (a->cpu == (unsigned)w->t->cpu && sp - a->area.start <= a->area.size)
			return (struct home){ a->area.name, a->area.start,
					      a->area.start + a->area.size,
					      UINT32_C(2) << a->index };
	}
	return (struct home){ NULL, 0, 0, 0 };
}

/* Is the stack pointer where it can be, after one frame was left? */
static bool is_sound(struct walk *w, vaddr_t from, vaddr_t to)
{
	struct home a = find_home(w, from), b = find_home(w, to);

	if (a.name && b.name ? a.bit == b.bit : !a.name && !b.name && to - from < FAR) {
		if (to > from)
			return true;
		stop(w, "the stack pointer does not advance (%#" PRIx64 " after %#" PRIx64 ")", to,
		     from);
		return false;
	}
	if (!b.name && !w->t->on_cpu) {
		stop(w,
		     "the stack pointer %#" PRIx64 " lies outside of the task's stack (%#" PRIx64
		     " to %#" PRIx64 ")",
		     to, w->t->stack, w->t->stack + w->u->stack_size);
		return false;
	}
	w->left |= a.bit;
	if (w->left & b.bit) {
		stop(w, "the stack leads back to the %s stack, which it had left", b.name);
		return false;
	}
	if (++w->switches > SWITCHES_MAX) {
		stop(w, "the stack leads through more than %d other stacks", SWITCHES_MAX);
		return false;
	}
	return true;
}

/* A return address must be code; what was interrupted may stand anywhere. */
static bool is_caller(struct walk *w, const struct spot *at, struct kd_err *why)
{
	const struct arch *a = w->u->k->arch;
	vaddr_t pc = at->regs.value[a->pc];

	if (at->exact || unwinder_is_code(w->u, pc) || a->after_call(&w->view, pc))
		return true;
	kd_fail(why, KD_CORRUPT, "the return address %#" PRIx64 " is no code", pc);
	return false;
}

/* Walking --------------------------------------------------------------------------- */

static enum frame_how how_of(const struct unwind_step *step)
{
	return step->how == UNWIND_BY_FRAME_POINTER ? FRAME_HOW_FP : FRAME_HOW_CFI;
}

/*
 * Leave the frame at *at, which is pushed on the way unless QUIET. 1: *at is its
 * caller; 0: the stack ends here, as it should; negative: why not, in *why.
 */
static int leave(struct walk *w, struct spot *at, bool quiet, struct kd_err *why)
{
	const struct arch *a = w->u->k->arch;
	struct spot from = *at;
	struct unwind_step step = { .exact = at->exact };
	int rc = a->unwind(&w->view, &at->regs, &step, why);
	bool entry = !rc && step.entry;

	at->exact = step.exact;
	at->how = how_of(&step);
	if (!quiet && push_frames(w, &from, entry ? FRAME_ENTRY : FRAME_NORMAL))
		w->nomem = true;
	if (rc || step.end || w->nomem) {
		*at = from;
		return rc < 0 ? rc : 0;
	}
	if (entry && !quiet)
		w->out->frames[w->out->nframes - 1].regs = at->regs;
	if (a->user_mode(&at->regs)) {
		if (!quiet && push_user(w, at))
			w->nomem = true;
		return 0;
	}
	if (!is_caller(w, at, why))
		return KD_CORRUPT;
	return 1;
}

/* From *at to the end. 0: it was reached, or the reason why not was given. */
static int walk_up(struct walk *w, struct spot *at, struct kd_err *why)
{
	const struct arch *a = w->u->k->arch;
	int rc = 1;

	while (rc > 0) {
		vaddr_t sp = at->regs.value[a->sp];
		bool had_sp = regs_known(&at->regs, a->sp);

		if (w->out->nframes >= STACK_FRAMES_MAX) {
			stop(w, "more than %d frames: the rest is not shown", STACK_FRAMES_MAX);
			return 0;
		}
		rc = leave(w, at, false, why);
		if (rc > 0 && had_sp && !is_sound(w, sp, at->regs.value[a->sp]))
			return 0;
	}
	return rc;
}

/* Guessing -------------------------------------------------------------------------- */

/* Another stack may lie anywhere, but one alone leads upwards. */
static bool leads_down(const struct walk *w, vaddr_t from, vaddr_t to)
{
	struct home a = find_home(w, from), b = find_home(w, to);

	return to <= from && a.name && b.name && a.bit == b.bit;
}

/* Does a stack that is resumed at AT end as stacks end? Nothing is shown. */
static bool leads_home(struct walk *w, struct spot at)
{
	const struct arch *a = w->u->k->arch;
	struct kd_err why = KD_ERR_INIT;
	unsigned n = 0;
	int rc = 1;

	while (rc > 0 && n++ < STACK_FRAMES_MAX) {
		vaddr_t sp = at.regs.value[a->sp];

		rc = leave(w, &at, true, &why);
		if (rc > 0 && leads_down(w, sp, at.regs.value[a->sp]))
			return false;
	}
	return rc == 0 && n > 1;
}

static bool on_another_stack(const struct walk *w, vaddr_t from, vaddr_t to)
{
	struct home a = find_home(w, from), b = find_home(w, to);

	return a.name && b.name && a.bit != b.bit;
}

/* The word at AT as if it were a return address. */
static bool candidate(struct walk *w, vaddr_t at, struct spot *out)
{
	const struct arch *a = w->u->k->arch;
	uint64_t pc = 0, bp = 0;

	if (view_word(w, at, &pc, NULL) || !unwinder_is_code(w->u, pc) ||
	    !a->after_call(&w->view, pc))
		return false;
	*out = (struct spot){ .how = FRAME_HOW_GUESS };
	regs_set(&out->regs, a->pc, pc);
	regs_set(&out->regs, a->sp, at + a->ptr_size);
	/* Below it a frame pointer may lie. */
	if (a->fp && !view_word(w, at - a->ptr_size, &bp, NULL) &&
	    ((bp > at && bp - at < w->u->stack_size) || on_another_stack(w, at, bp)))
		regs_set(&out->regs, a->fp, bp);
	return true;
}

static bool next_candidate(struct walk *w, vaddr_t *at, vaddr_t end, struct spot *out)
{
	unsigned word = w->u->k->arch->ptr_size;

	for (*at = (*at + word - 1) & ~(vaddr_t)(word - 1); *at < end; *at += word)
		if (candidate(w, *at, out))
			return true;
	return false;
}

/*
 * The last resort: words that could be return addresses, up to the first from which
 * the stack leads to its end, where it most likely went on.
 */
static void guess(struct walk *w, const struct spot *broken)
{
	const struct arch *a = w->u->k->arch;
	vaddr_t at = broken->regs.value[a->sp];
	struct home home = find_home(w, at);
	struct kd_err why = KD_ERR_INIT;
	unsigned shown = 0;
	struct spot s;

	if (!regs_known(&broken->regs, a->sp) || !home.name)
		return;
	for (at = at < home.start ? home.start : at; next_candidate(w, &at, home.end, &s);
	     at += a->ptr_size) {
		if (leads_home(w, s)) {
			if (walk_up(w, &s, &why))
				stop(w, "%s", why.text);
			return;
		}
		if (shown++ < GUESSES_MAX && push_frames(w, &s, FRAME_NORMAL))
			return;
	}
}

/*
 * Where a task that sleeps goes on: nearly all do at the same place, behind the call that
 * switched stacks. 0: not known.
 */
static vaddr_t find_resume(const struct walk *w)
{
	const struct kernel *k = w->u->k;
	vaddr_t most = 0;
	unsigned votes = 0, asked = 0;

	for (size_t i = 0; i < k->tasks.n && asked < VOTES_MAX; i++) {
		const struct task *t = &k->tasks.list[i];
		struct regs r;

		if (t == w->t || t->on_cpu || t->strayed || t->exit_state ||
		    task_regs_by(k, w->windows, t, &r, NULL) || !regs_known(&r, k->arch->pc))
			continue;
		asked++;
		if (!votes)
			most = r.value[k->arch->pc];
		votes = r.value[k->arch->pc] == most ? votes + 1 : votes - 1;
	}
	return votes ? most : 0;
}

/*
 * The saved stack pointer is lost, but not what lies at it: search the stack, from its
 * start, for the frame of a switch. What was left there by older ones is below.
 */
static bool find_switch(struct walk *w, struct spot *out)
{
	const struct kernel *k = w->u->k;
	const struct member *ret = &k->layout.inactive_task_frame_ret_addr;
	unsigned word = k->arch->ptr_size;
	vaddr_t resume = find_resume(w), at = w->t->stack + w->u->stack_size;
	uint64_t pc;

	while (resume && at > w->t->stack + ret->offset) {
		at -= word;
		if (view_word(w, at, &pc, NULL) || pc != resume ||
		    task_switch_regs(k, at - ret->offset, &out->regs, NULL))
			continue;
		*out = (struct spot){ .regs = out->regs, .exact = true, .how = FRAME_HOW_GUESS };
		if (leads_home(w, *out))
			return true;
	}
	return false;
}

/* Of a task that sleeps no registers are known, but the stack itself. */
static void guess_all(struct walk *w)
{
	const struct kernel *k = w->u->k;
	struct spot at = { .how = FRAME_HOW_GUESS };
	struct kd_err why = KD_ERR_INIT;
	uint64_t sp = 0;

	if (!w->t->stack)
		return;
	if (member_window_ptr(w->windows, w->t->addr, &k->layout.task_struct_thread_sp, &sp, NULL) ||
	    !task_stack_holds(k, w->t->stack, w->u->stack_size, sp)) {
		if (find_switch(w, &at)) {
			walk_up(w, &at, &why);
			return;
		}
		sp = w->t->stack;
	}
	at.regs = (struct regs){ 0 };
	regs_set(&at.regs, k->arch->sp, sp);
	guess(w, &at);
}

/* The whole of it ------------------------------------------------------------------------- */

/* Is the page of the stack with this word wiped out? */
static bool is_wiped(struct walk *w, vaddr_t at)
{
	static const uint8_t zeros[WINDOW_SIZE];
	uint8_t page[WINDOW_SIZE];

	return find_home(w, at).name &&
	       !windows_read(w->windows, at & ~(vaddr_t)(WINDOW_SIZE - 1), page, sizeof(page), NULL) &&
	       !memcmp(page, zeros, sizeof(page));
}

/* It breaks off at AT: say why, and guess on. */
static void break_off(struct walk *w, const struct spot *at, const struct kd_err *why)
{
	const struct arch *a = w->u->k->arch;
	vaddr_t sp = at->regs.value[a->sp];
	bool wiped = regs_known(&at->regs, a->sp) && (is_wiped(w, sp - a->ptr_size) || is_wiped(w, sp));

	stop(w, "%s%s", why->text, wiped ? "; that page of the stack holds only zeros" : "");
	guess(w, at);
}

/* A task that sleeps goes on in code. */
static bool resumes(struct walk *w, const struct spot *at, struct kd_err *why)
{
	vaddr_t pc = at->regs.value[w->u->k->arch->pc];

	if (w->t->on_cpu || unwinder_is_code(w->u, pc))
		return true;
	kd_fail(why, KD_CORRUPT, "its saved program counter %#" PRIx64 " is no code", pc);
	return false;
}

static int walk_task(struct walk *w)
{
	const struct kernel *k = w->u->k;
	struct spot at = { .exact = true, .how = FRAME_HOW_REGS };
	struct kd_err why = KD_ERR_INIT;

	if (task_regs_by(k, w->windows, w->t, &at.regs, &why)) {
		stop(w, "%s", why.text);
		if (!w->t->on_cpu)
			guess_all(w);
	} else if (!regs_known(&at.regs, k->arch->pc)) {
		stop(w, "its program counter is not known");
	} else if (k->arch->user_mode(&at.regs)) {
		return push_user(w, &at);
	} else if (!resumes(w, &at, &why) || walk_up(w, &at, &why)) {
		break_off(w, &at, &why);
	}
	return w->nomem ? kd_nomem(w->err) : 0;
}

bool unwinder_visit(const struct unwinder *u, struct windows *windows, const struct task *t,
		    bool (*each)(void *data, vaddr_t pc, vaddr_t code), void *data)
{
	const struct arch *a = u->k->arch;
	struct stack none = { 0 }; /* a reason why it breaks off at most */
	struct walk w = { .u = u, .t = t, .windows = windows, .out = &none };
	struct spot at = { .exact = true };
	struct kd_err why = KD_ERR_INIT;
	bool found = false;

	unwinder_view(&w, &w.view);
	if (task_regs_by(u->k, windows, t, &at.regs, &why) || !regs_known(&at.regs, a->pc) ||
	    a->user_mode(&at.regs))
		return false;
	for (unsigned n = 0; n < STACK_FRAMES_MAX && !found; n++) {
		vaddr_t sp = at.regs.value[a->sp], pc = at.regs.value[a->pc];

		found = each(data, pc, at.exact ? pc : pc - 1);
		if (!found && (leave(&w, &at, true, &why) <= 0 ||
			       !is_sound(&w, sp, at.regs.value[a->sp])))
			break;
	}
	stack_fini(&none);
	return found;
}

int unwinder_walk(const struct unwinder *u, const struct task *t, struct windows *windows,
		  struct stack *out, struct kd_err *err)
{
	struct walk w = { .u = u, .t = t, .windows = windows, .out = out, .err = err };

	unwinder_view(&w, &w.view);
	*out = (struct stack){ 0 };
	return walk_task(&w);
}

const struct stack_area *unwinder_cpu_stack(const struct unwinder *u, vaddr_t addr, unsigned *cpu)
{
	for (size_t i = 0; i < u->nareas; i++) {
		if (addr - u->areas[i].area.start >= u->areas[i].area.size)
			continue;
		*cpu = u->areas[i].cpu;
		return &u->areas[i].area;
	}
	return NULL;
}
