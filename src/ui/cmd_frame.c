// SPDX-License-Identifier: GPL-3.0-or-later
/* frame: one frame of a stack, with all that is known of it. */
#include <inttypes.h>
#include <string.h>

#include "core/arch.h"
#include "kernel/disasm.h"
#include "mi/gdb.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/part_code.h"
#include "ui/parts.h"
#include "ui/select.h"

#define CODE_BEFORE 8 /* instructions in front of the marked one, and behind it */
#define SOURCE_AROUND 6

static const struct doc_column var_columns[] = {
	{ .key = "kind", .title = "KIND" },
	{ .key = "name", .title = "NAME" },
	{ .key = "type", .title = "TYPE" },
	{ .key = "value", .title = "VALUE" },
};

enum part { PART_HEAD = 1, PART_LOCALS = 2, PART_SOURCE = 4, PART_CODE = 8, PART_REGS = 16 };

struct ask {
	struct session *s;
	struct doc *d;
	const struct task *t;
	uint64_t number;
	unsigned parts; /* enum part; 0: all there are */
};

/* "function+0x1/0x2 [module]" */
static struct doc_cell function_cell(const struct kernel *k, const struct frame *f)
{
	char buf[32] = "", module[80] = "";

	if (!f->function)
		return doc_addr(k->arch, f->pc);
	if (f->kind == FRAME_INLINE)
		snprintf(buf, sizeof(buf), " (inlined)");
	else
		snprintf(buf, sizeof(buf), "+0x%" PRIx64 "/0x%" PRIx64, f->offset, f->size);
	if (f->module)
		snprintf(module, sizeof(module), " [%s]", f->module);
	return doc_styled(doc_fmt("%s%s%s%s", f->how == FRAME_HOW_GUESS ? "? " : "", f->function,
				  buf, module),
			  DOC_NAME);
}

static struct doc_cell how_cell(const struct frame *f)
{
	static const char *const words[] = {
		[FRAME_HOW_REGS] = "registers",
		[FRAME_HOW_CFI] = "call frame information",
		[FRAME_HOW_FP] = "the frame pointer",
		[FRAME_HOW_GUESS] = "a guess: a word on the stack that looks like a return address",
	};

	return doc_str(words[f->how]);
}

static void put_head(const struct ask *q, const struct frame *f)
{
	const struct arch *a = q->s->k->arch;

	doc_fields(q->d, NULL);
	doc_field(q->d, "number", "frame", doc_uint(q->number));
	doc_field(q->d, "task", "of",
		  link_task(doc_fmt("PID %" PRIu32 " %.16s", q->t->pid, q->t->comm), q->t));
	if (f->kind == FRAME_USER) {
		doc_field(q->d, "function", "function", doc_none("user mode"));
	} else {
		doc_field(q->d, "function", "function",
			  doc_here(link_address(function_cell(q->s->k, f), f->pc)));
		doc_field(q->d, "place", "source",
			  f->file ? doc_styled(doc_fmt("%s:%u", f->file, f->line), DOC_PLACE)
				  : doc_none("not known"));
	}
	doc_field(q->d, "pc", a->regs[a->pc].name, link_value(q->s->k, doc_addr(a, f->pc), f->pc));
	if (f->sp)
		doc_field(q->d, "sp", a->regs[a->sp].name,
			  doc_linked(doc_addr(a, f->sp), "mem -s 0x%" PRIx64, f->sp));
	doc_field(q->d, "how", "found by", how_cell(f));
}

static struct doc_cell value_cell(const struct frame_var *v)
{
	char buf[LINK_VARIABLE];
	const char *link = variable_link(v, buf, sizeof(buf));

	if (!v->value)
		return doc_none("<not available>");
	return link ? doc_linked(doc_str(v->value), "%s", link) : doc_str(v->value);
}

static void put_vars(const struct ask *q, const struct frame *f)
{
	if (!f->nvars) {
		if (q->parts)
			doc_note(q->d, DOC_HINT, "no arguments or local variables are known");
		return;
	}
	doc_table(q->d, "variables", DOC_ALIGNED, var_columns, KD_ARRAY_SIZE(var_columns));
	for (size_t i = 0; i < f->nvars; i++) {
		const struct frame_var *v = &f->vars[i];

		doc_put(q->d, doc_str(v->is_arg ? "argument" : "local"));
		doc_put(q->d, doc_str(v->name ? v->name : "?"));
		doc_put(q->d, v->type ? doc_str(v->type) : doc_none(NULL));
		doc_put(q->d, value_cell(v));
	}
}

static void put_source(const struct ask *q, const struct frame *f)
{
	struct kd_err why = KD_ERR_INIT;

	if (q->parts && !(f->file && f->line))
		doc_note(q->d, DOC_HINT, "no source line is known");
	if (f->file && f->line && part_source(q->s, q->d, f->file, f->line, SOURCE_AROUND, &why))
		doc_note(q->d, DOC_HINT, "%s", why.text);
}

static void put_code(const struct ask *q, const struct frame *f)
{
	_cleanup_(disasm_closep) struct disasm *dis = NULL;
	struct kd_err why = KD_ERR_INIT;
	struct part_code c = { .s = q->s, .has_mark = true, .mark = f->pc };
	const struct symbol *sym = symbols_by_addr(q->s->k->symbols, f->pc);
	vaddr_t end = sym && sym->size ? sym->addr + sym->size : UINT64_MAX;

	if (!disasm_open(q->s->k, false, &dis, &why)) {
		vaddr_t from = disasm_before(dis, f->pc, CODE_BEFORE);

		c.disasm = dis;
		part_code(&c, q->d, from, end, 2 * CODE_BEFORE + 1, &why);
	}
	if (why.status)
		doc_note(q->d, DOC_FINDING, "code: %s", why.text);
}

/* By gdb, and which of them the frame it called has changed since. */
static bool put_restored(const struct ask *q, const struct frame *f)
{
	struct regs r, inner;

	/* Frames of the native engine, and gdb's innermost one, are of level 0. */
	if (!f->gdb_level ||
	    session_frame_regs(q->s, q->t, f->gdb_level, &r, NULL) ||
	    session_frame_regs(q->s, q->t, f->gdb_level - 1, &inner, NULL))
		return false;
	part_regs_changed(q->s, q->d, &r, &inner, q->t);
	doc_note(q->d, DOC_HINT, "* changed by what this frame called; registers that a call need not "
		 "preserve may be of an inner frame");
	return true;
}

/* What is known of the registers as this frame has them. */
static void put_registers(const struct ask *q, const struct frame *f)
{
	struct regs r = { 0 };

	if (f->kind == FRAME_ENTRY) {
		doc_section(q->d, "interrupted", "Registers of what it interrupted");
		part_regs(q->s, q->d, &f->regs, q->t);
		doc_section_end(q->d);
	} else if (!q->number && !task_regs(q->s->k, q->t, &r, NULL)) {
		part_regs(q->s, q->d, &r, q->t);
	} else if (!put_restored(q, f) && q->parts) {
		doc_note(q->d, DOC_HINT,
			 "the registers of this frame are not known: those of the innermost one "
			 "are, and what entry frames have interrupted");
	}
}

static void show(const struct ask *q, const struct frame *f)
{
	unsigned parts = q->parts ? q->parts : ~0u;

	if (parts & PART_HEAD)
		put_head(q, f);
	if (parts & PART_LOCALS)
		put_vars(q, f);
	if (f->kind == FRAME_USER && (q->parts & (PART_SOURCE | PART_CODE)))
		doc_note(q->d, DOC_HINT, "it is in user mode, of which a dump of the kernel says little");
	if (f->kind != FRAME_USER && (parts & PART_SOURCE))
		put_source(q, f);
	if (f->kind != FRAME_USER && (parts & PART_CODE))
		put_code(q, f);
	if (parts & PART_REGS)
		put_registers(q, f);
}

static unsigned take_parts(const struct args *a)
{
	static const struct {
		const char *option;
		unsigned part;
	} all[] = {
		{ "locals", PART_LOCALS },
		{ "source", PART_SOURCE },
		{ "code", PART_CODE },
		{ "regs", PART_REGS },
	};
	unsigned parts = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(all); i++)
		parts |= args_has(a, all[i].option) ? all[i].part : 0;
	return parts;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct ask q = { .s = s, .d = d, .parts = take_parts(a) };
	bool natively = s->opt.engine == ENGINE_NATIVE && !s->opt.later;
	unsigned flags = natively ? 0 : GDB_ARGS | GDB_LOCALS;
	struct stack stack = { 0 };
	int ret;

	if (a->nwords && !parse_number(a->words[0], &q.number))
		return kd_fail(err, KD_USAGE, "\"%s\" is no number of a frame", a->words[0]);
	ret = task_select(s, a->nwords > 1 ? a->words[1] : NULL, &q.t, err);
	if (ret)
		return ret;
	ret = session_stack(s, q.t, flags, &stack, err);
	if (q.number < stack.nframes)
		show(&q, &stack.frames[q.number]);
	else if (!ret)
		ret = kd_fail(err, KD_NOTFOUND, "the stack of PID %" PRIu32 " has %zu frames",
			      q.t->pid, stack.nframes);
	stack_fini(&stack);
	return ret;
}

static const struct opt_def options[] = {
	{ 'l', "locals", NULL, "its arguments and local variables only" },
	{ 0, "source", NULL, "its source only" },
	{ 0, "code", NULL, "its code only" },
	{ 'r', "regs", NULL, "its registers only" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "frame", "the innermost frame of the task that crashed" },
	{ "frame 3", "its frame 3" },
	{ "frame 2 kworker/1:1", "of another task" },
	{ "frame 2 --source --regs", "two parts of it" },
	{ NULL, NULL },
};

const struct command cmd_frame = {
	.name = "frame",
	.aliases = "f",
	.group = "the crash",
	.synopsis = "[N [PID|TASK|COMM]]",
	.summary = "all about one frame: variables, source, code, registers",
	.help = "Frame N (0: the innermost) as bt numbers it: its arguments and local variables\n"
		"(by gdb), the source around its line if the source is there (--source-dir), the\n"
		"code around its program counter, and its registers where they are known: those\n"
		"of the innermost frame, at entry frames those of what was interrupted, of others\n"
		"what gdb restores, with * at those that the function it called has changed.",
	.options = options,
	.examples = examples,
	.max = 2,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};
