// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A stack as text: a line about the task, a line per frame. Without a terminal a
 * frame is one line, for grep; on one, pieces that do not fit go to a line of
 * their own.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arch.h"
#include "kernel/symbols.h"
#include "ui/escape.h"
#include "ui/links.h"
#include "ui/render_priv.h"

const char *task_state_word(const struct task *t, char letter)
{
	if (t->panicked)
		return t->idle ? "idle, panicked" : "panicked";
	if (t->idle)
		return t->on_cpu ? "idle, on CPU" : "idle, off CPU";
	if (t->on_cpu)
		return "on CPU";
	switch (letter) {
	case 'R':
		return "runnable";
	case 'S':
		return "sleeping";
	case 'D':
		return "uninterruptible";
	case 'T':
		return "stopped";
	case 't':
		return "traced";
	case 'X':
		return "dead";
	case 'Z':
		return "zombie";
	case 'I':
		return "idle kernel thread";
	case 'P':
		return "parked";
	default:
		return "state not known";
	}
}

#define LINK_MAX 64

/* The word commands know a task by; "": none. */
static const char *task_word(const struct doc_stack *s, char *buf, size_t size)
{
	if (s->task.addr)
		snprintf(buf, size, "0x%" PRIx64, s->task.addr);
	else if (s->task.pid)
		snprintf(buf, size, "%" PRIu32, s->task.pid);
	else
		*buf = '\0';
	return buf;
}

/* "COMMAND TASK" into BUF, or "" for a task that can not be named. */
static const char *task_link(const struct doc_stack *s, const char *command, char *buf, size_t size)
{
	char word[32];

	*buf = '\0';
	if (*task_word(s, word, sizeof(word)))
		snprintf(buf, size, "%s %s", command, word);
	return buf;
}

static int render_head(struct text_render *r, const struct doc_stack *s)
{
	const struct task *t = &s->task;
	char bt[LINK_MAX], link[LINK_MAX];
	_cleanup_(freep) char *comm =
		escape_text(t->comm, strnlen(t->comm, sizeof(t->comm)), false, NULL);

	if (!comm)
		return KD_NOMEM;
	task_link(s, "bt", bt, sizeof(bt));
	if (t->no_pid)
		text_put(r, DOC_STRONG, "PID ?");
	else
		text_printf(r, DOC_STRONG, bt, "PID %" PRIu32, t->pid);
	if (t->addr) {
		task_link(s, "struct task_struct", link, sizeof(link));
		text_printf(r, DOC_STRONG, link, "  TASK 0x%0*" PRIx64, 2 * s->arch->ptr_size,
			    t->addr);
	}
	if (t->cpu >= 0) {
		snprintf(link, sizeof(link), "regs cpu %" PRId32, t->cpu);
		text_printf(r, DOC_STRONG, link, "  CPU %" PRId32, t->cpu);
	}
	text_printf(r, DOC_STRONG, bt, "  COMM \"%s\"", comm);
	text_put(r, DOC_PLAIN, "  ");
	text_put(r, t->panicked ? DOC_BAD : DOC_PLAIN, task_state_word(t, s->state));
	text_end_line(r);
	return 0;
}

/* Where pieces are put together, one after the other: a stream is dear to make. */
struct scratch {
	FILE *f;
	char *buf; /* what was written, after a fflush() */
	size_t size;
};

/* The pieces of a frame's line, fitted to the terminal. */
struct line {
	struct text_render *r;
	struct scratch *scratch;
	size_t column;
	char link[LINK_MAX]; /* of the whole frame; "": none */
};

#define CONTINUATION 8

/* Room for a piece: on this line, or on one of its own. */
static void line_gap(struct line *l, size_t width, bool first)
{
	size_t gap = first ? 0 : 2;

	if (!first && l->r->width && l->column + gap + width > l->r->width &&
	    l->column > CONTINUATION) {
		text_end_line(l->r);
		text_pad(l->r, CONTINUATION);
		l->column = CONTINUATION;
		gap = 0;
	}
	text_pad(l->r, gap);
	l->column += gap + width;
}

/* Escape S and append it to the memory stream. */
static int put_escaped(FILE *f, const char *s)
{
	_cleanup_(freep) char *e = escape_text(s, strlen(s), false, NULL);

	if (!e)
		return KD_NOMEM;
	fputs(e, f);
	return 0;
}

/* "name+0xoff/0xsize [module]", or the bare address. */
static int put_function(FILE *f, const struct doc_stack *s, const struct frame *fr)
{
	int ret = 0;

	if (fr->how == FRAME_HOW_GUESS)
		fputs("? ", f);
	if (!fr->function) {
		fprintf(f, "0x%0*" PRIx64, 2 * s->arch->ptr_size, fr->pc);
	} else {
		ret = put_escaped(f, fr->function);
		if (fr->kind == FRAME_INLINE)
			fputs(" (inlined)", f);
		else if (fr->size)
			fprintf(f, "+0x%" PRIx64 "/0x%" PRIx64, fr->offset, fr->size);
		else
			fprintf(f, "+0x%" PRIx64, fr->offset);
	}
	if (fr->module && !ret) {
		fputs(" [", f);
		ret = put_escaped(f, fr->module);
		fputs("]", f);
	}
	return ret;
}

static int put_args(FILE *f, const struct frame *fr)
{
	const char *sep = "(";
	int ret = 0;

	for (size_t i = 0; i < fr->nvars && !ret; i++) {
		const struct frame_var *v = &fr->vars[i];

		if (!v->is_arg)
			continue;
		fputs(sep, f);
		sep = ", ";
		ret = put_escaped(f, v->name ? v->name : "?");
		fputc('=', f);
		if (!ret)
			ret = put_escaped(f, v->value ? v->value : "<not available>");
	}
	if (sep[0] == ',')
		fputc(')', f);
	return ret;
}

static int put_text(struct text_render *r, const char *link, const char *s)
{
	_cleanup_(freep) char *e = escape_text(s, strlen(s), false, NULL);

	if (!e)
		return KD_NOMEM;
	text_link(r, DOC_PLAIN, link, e);
	return 0;
}

/* Arguments, each with what it leads to; TEXT is all of them. */
static int write_args(struct text_render *r, const struct frame *fr, const char *text)
{
	const char *sep = "(";
	int ret = 0;

	if (!r->sink) {
		text_put(r, DOC_PLAIN, text);
		return 0;
	}
	for (size_t i = 0; i < fr->nvars && !ret; i++) {
		const struct frame_var *v = &fr->vars[i];
		char link[LINK_VARIABLE];

		if (!v->is_arg)
			continue;
		text_put(r, DOC_PLAIN, sep);
		sep = ", ";
		ret = put_text(r, NULL, v->name ? v->name : "?");
		text_put(r, DOC_PLAIN, "=");
		if (!ret)
			ret = put_text(r, variable_link(v, link, sizeof(link)),
				       v->value ? v->value : "<not available>");
	}
	text_put(r, DOC_PLAIN, ")");
	return ret;
}

static int put_place(FILE *f, const struct frame *fr)
{
	int ret;

	if (!fr->file)
		return 0;
	ret = put_escaped(f, fr->file);
	if (fr->line)
		fprintf(f, ":%u", fr->line);
	return ret;
}

static size_t columns_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((uint8_t)*s & 0xc0) != 0x80;
	return n;
}

enum piece { PIECE_FUNCTION, PIECE_ARGS, PIECE_PLACE };

static int frame_piece(struct line *l, const struct doc_stack *s, const struct frame *fr,
		       enum piece what)
{
	struct scratch *to = l->scratch;
	enum doc_style style = DOC_PLAIN;
	int ret = 0;

	rewind(to->f);
	switch (what) {
	case PIECE_FUNCTION:
		style = fr->how == FRAME_HOW_GUESS ? DOC_WARN : DOC_NAME;
		ret = put_function(to->f, s, fr);
		break;
	case PIECE_ARGS:
		ret = put_args(to->f, fr);
		break;
	case PIECE_PLACE:
		style = DOC_PLACE;
		ret = put_place(to->f, fr);
		break;
	}
	/* behind it may stand what is left of a longer one */
	fputc('\0', to->f);
	if (fflush(to->f) || ret)
		return KD_NOMEM;
	if (!*to->buf)
		return 0;
	line_gap(l, columns_of(to->buf), what == PIECE_FUNCTION);
	if (what == PIECE_ARGS)
		return write_args(l->r, fr, to->buf);
	text_link(l->r, style, l->link, to->buf);
	return 0;
}

#define REGS_INDENT 6
#define REGS_COLUMNS 78

/* Registers of an interrupted context, as many to a line as 80 columns hold. */
static void render_regs(struct text_render *r, const struct doc_stack *s, const struct regs *regs)
{
	const struct arch *a = s->arch;
	size_t column = 0;

	for (size_t i = 0; i < a->nregs && i < REGS_MAX; i++) {
		char value[32];
		size_t width;

		if (!regs_known(regs, (unsigned)i) || a->regs[i].size > 8)
			continue;
		/* Flags and segments (DWARF numbers them after the pc) are short. */
		if (a->regs[i].dwarf > a->regs[a->pc].dwarf)
			snprintf(value, sizeof(value), "0x%" PRIx64, regs->value[i]);
		else
			snprintf(value, sizeof(value), "0x%0*" PRIx64, 2 * a->regs[i].size,
				 regs->value[i]);
		width = 3 + 1 + strlen(value);
		if (strlen(a->regs[i].name) > 3)
			width += strlen(a->regs[i].name) - 3;
		if (column && column + 2 + width > REGS_COLUMNS) {
			text_end_line(r);
			column = 0;
		}
		text_pad(r, column ? 2 : REGS_INDENT);
		text_printf(r, DOC_DIM, NULL, "%3s ", a->regs[i].name);
		text_put(r, DOC_PLAIN, value);
		column += (column ? 2 : REGS_INDENT) + width;
	}
	if (column)
		text_end_line(r);
}

static void render_user_line(struct text_render *r, const struct doc_stack *s, vaddr_t pc,
			     vaddr_t sp)
{
	const struct arch *a = s->arch;

	text_pad(r, 4);
	text_printf(r, DOC_DIM, "", "-- user mode: %s 0x%" PRIx64, a->regs[a->pc].name, pc);
	if (sp)
		text_printf(r, DOC_DIM, "", " %s 0x%" PRIx64, a->regs[a->sp].name, sp);
	text_put(r, DOC_DIM, " --");
	text_end_line(r);
}

/* Does the frame before this one tell of the same user mode? */
static bool user_is_shown(const struct doc_stack *s, size_t i)
{
	const struct frame *before = i ? &s->stack.frames[i - 1] : NULL;

	return before && before->kind == FRAME_ENTRY && s->arch->user_mode &&
	       regs_known(&before->regs, s->arch->pc) && s->arch->user_mode(&before->regs);
}

/* What an entry frame interrupted. */
static void render_interrupted(struct text_render *r, const struct doc_stack *s, size_t i)
{
	const struct frame *fr = &s->stack.frames[i];
	const struct arch *a = s->arch;
	const struct regs *g = &fr->regs;
	bool user = a->user_mode && a->user_mode(g);
	char buf[256], link[LINK_MAX];

	if (!regs_known(g, a->pc))
		return;
	if (!user) {
		snprintf(link, sizeof(link), "follow 0x%" PRIx64, g->value[a->pc]);
		text_pad(r, 4);
		text_printf(r, DOC_DIM, link, "-- interrupted at %s --",
			    symbols_format(s->symbols, g->value[a->pc], buf, sizeof(buf)));
		text_end_line(r);
	} else {
		render_user_line(r, s, g->value[a->pc], regs_known(g, a->sp) ? g->value[a->sp] : 0);
	}
	if (!(s->flags & DOC_STACK_NO_REGS))
		render_regs(r, s, g);
}

static int render_locals(struct text_render *r, const struct frame *fr)
{
	for (size_t i = 0; i < fr->nvars; i++) {
		const struct frame_var *v = &fr->vars[i];
		char link[LINK_VARIABLE];
		int ret;

		if (v->is_arg)
			continue;
		text_pad(r, 8);
		ret = put_text(r, NULL, v->name ? v->name : "?");
		text_put(r, DOC_PLAIN, " = ");
		if (!ret)
			ret = put_text(r, variable_link(v, link, sizeof(link)),
				       v->value ? v->value : "<not available>");
		text_end_line(r);
		if (ret)
			return ret;
	}
	return 0;
}

/* "#3  ", with DOC_STACK_ADDRESSES the program counter and the stack pointer too. */
static void frame_begin(struct line *l, const struct doc_stack *s, const struct frame *fr, size_t i)
{
	int digits = 2 * s->arch->ptr_size;
	char link[LINK_MAX];

	l->column = text_printf(l->r, DOC_PLAIN, l->link, "#%-2zu ", i);
	if (!(s->flags & DOC_STACK_ADDRESSES))
		return;
	snprintf(link, sizeof(link), "follow 0x%" PRIx64, fr->pc);
	l->column += text_printf(l->r, DOC_PLAIN, link, "0x%0*" PRIx64 "  ", digits, fr->pc);
	if (!fr->sp)
		return;
	snprintf(link, sizeof(link), "mem 0x%" PRIx64, fr->sp);
	l->column += text_printf(l->r, DOC_PLAIN, link, "sp 0x%0*" PRIx64 "  ", digits, fr->sp);
}

static int render_frame(struct text_render *r, const struct doc_stack *s, size_t i,
			struct scratch *scratch)
{
	const struct frame *fr = &s->stack.frames[i];
	struct line l = { .r = r, .scratch = scratch };
	char command[32];
	int ret;

	if (fr->kind == FRAME_USER) {
		if (user_is_shown(s, i))
			return 0;
		render_user_line(r, s, fr->pc, fr->sp);
		return 0;
	}
	snprintf(command, sizeof(command), "frame %zu", i);
	task_link(s, command, l.link, sizeof(l.link));
	text_mark(r, i ? 0 : TEXT_HERE);
	frame_begin(&l, s, fr, i);
	ret = frame_piece(&l, s, fr, PIECE_FUNCTION);
	if (!ret)
		ret = frame_piece(&l, s, fr, PIECE_ARGS);
	if (!ret)
		ret = frame_piece(&l, s, fr, PIECE_PLACE);
	text_end_line(r);
	if (!ret)
		ret = render_locals(r, fr);
	if (!ret && fr->kind == FRAME_ENTRY)
		render_interrupted(r, s, i);
	return ret;
}

/* "    -- WHAT: REASON --" */
static int render_end(struct text_render *r, enum doc_style style, const char *what,
		      const char *reason)
{
	_cleanup_(freep) char *e = escape_text(reason, strlen(reason), false, NULL);

	if (!e)
		return KD_NOMEM;
	text_pad(r, 4);
	text_printf(r, style, NULL, "-- %s: %s --", what, e);
	text_end_line(r);
	return 0;
}

/* Why the stack is not whole: it ends, or goes on by guessing. */
static int render_stop(struct text_render *r, const struct doc_stack *s)
{
	const struct stack *st = &s->stack;
	size_t guess = stack_first_guess(st);
	char what[48] = "the stack ends here";

	if (guess < st->nframes)
		snprintf(what, sizeof(what), "from #%zu on it is a guess", guess);
	return render_end(r, DOC_WARN, st->nframes ? what : "no stack", st->stop);
}

static int render_frames(struct text_render *r, const struct doc_stack *s)
{
	struct scratch scratch = { .buf = NULL };
	int ret = 0;

	scratch.f = open_memstream(&scratch.buf, &scratch.size);
	if (!scratch.f)
		return KD_NOMEM;
	for (size_t i = 0; i < s->stack.nframes && !ret; i++)
		ret = render_frame(r, s, i, &scratch);
	fclose(scratch.f);
	free(scratch.buf);
	return ret;
}

int render_stack(struct text_render *r, const struct doc_stack *s)
{
	int ret = 0;

	if (!(s->flags & DOC_STACK_NO_HEAD))
		ret = render_head(r, s);
	if (s->stack.nframes && !ret)
		ret = render_frames(r, s);
	if (s->stack.stop && !ret)
		ret = render_stop(r, s);
	if (s->error && !ret)
		ret = render_end(r, DOC_BAD, s->stack.nframes ? "no more" : "no stack", s->error);
	return ret;
}
