// SPDX-License-Identifier: GPL-3.0-or-later
/* dis: disassembly. */
#include <inttypes.h>
#include <string.h>

#include "kernel/disasm.h"
#include "ui/commands.h"
#include "ui/part_code.h"
#include "ui/parts.h"
#include "ui/select.h"

struct ask {
	struct part_code code;
	vaddr_t from, end;
	uint64_t count;
};

/* The whole function that holds ADDR; from ADDR on where there is none. */
static void take_function(struct ask *q, struct session *s, vaddr_t addr)
{
	const struct symbol *sym = symbols_by_addr(s->k->symbols, addr);

	q->from = addr;
	q->end = UINT64_MAX;
	q->count = 16;
	if (!sym || !sym->size)
		return;
	q->from = sym->addr;
	q->end = sym->addr + sym->size;
	q->count = PART_CODE_MAX;
	q->code.has_mark |= addr != sym->addr;
	q->code.mark = addr;
}

/* Where the current task stands. */
static int take_current(struct ask *q, struct session *s, struct kd_err *err)
{
	struct stack stack = { 0 };
	int ret;

	if (!s->task)
		return kd_fail(err, KD_USAGE, "no task is current: name an address or a function");
	ret = session_stack(s, s->task, 0, &stack, err);
	if (!ret && (!stack.nframes || stack.frames[0].kind == FRAME_USER))
		ret = kd_fail(err, KD_NOTFOUND, "PID %" PRIu32 " has no frame in the kernel",
			      s->task->pid);
	if (!ret) {
		q->code.has_mark = true;
		take_function(q, s, stack.frames[0].pc);
	}
	stack_fini(&stack);
	return ret;
}

static int take_words(struct ask *q, struct session *s, const struct args *a, struct kd_err *err)
{
	const struct cpu *cpu = NULL;
	vaddr_t addr = 0;
	int ret;

	if (!a->nwords)
		return take_current(q, s, err);
	ret = address_select(s, a->words[0], cpu, &addr, err);
	if (ret)
		return ret;
	if (args_has(a, "mark")) {
		q->code.has_mark = true;
		q->code.mark = addr;
	}
	if (a->nwords < 2) {
		take_function(q, s, addr);
		return 0;
	}
	q->from = addr;
	q->end = UINT64_MAX;
	if (!parse_number(a->words[1], &q->count) || !q->count || q->count > PART_CODE_MAX)
		return kd_fail(err, KD_USAGE, "the count must be between 1 and %u", PART_CODE_MAX);
	return 0;
}

static void put_head(struct doc *d, const struct session *s, vaddr_t addr)
{
	char buf[256];

	doc_fields(d, NULL);
	symbols_format(s->k->symbols, addr, buf, sizeof(buf));
	doc_field(d, "function", "code of", doc_styled(doc_str(buf), DOC_NAME));
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	_cleanup_(disasm_closep) struct disasm *dis = NULL;
	struct ask q = { .code = { .s = s, .no_source = args_has(a, "no-source") } };
	uint64_t before = 0;
	int ret = disasm_open(s->k, args_has(a, "intel"), &dis, err);

	q.code.disasm = dis;
	if (!ret)
		ret = args_number(a, "before", 32, &before, err);
	if (!ret)
		ret = take_words(&q, s, a, err);
	if (ret)
		return ret;
	if (before) {
		q.count += before;
		q.from = disasm_before(dis, q.from, (unsigned)before);
	}
	put_head(d, s, q.from);
	return part_code(&q.code, d, q.from, q.end, (size_t)q.count, err);
}

static const struct opt_def options[] = {
	{ 'b', "before", "N", "begin N instructions (at most 32) earlier, in the same function" },
	{ 'm', "mark", NULL, "mark the instruction at ADDR, even the function's first" },
	{ 'i', "intel", NULL, "Intel's syntax" },
	{ 0, "no-source", NULL, "without source lines" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "dis", "the function the current task stands in" },
	{ "dis panic", "a function" },
	{ "dis schedule+0x20 8", "8 instructions from there on" },
	{ NULL, NULL },
};

const struct command cmd_dis = {
	.name = "dis",
	.aliases = "disas disassemble",
	.group = "memory and symbols",
	.synopsis = "[ADDR|SYMBOL[+OFF]|EXPRESSION [COUNT]]",
	.summary = "disassembly, with what it refers to",
	.help = "The instructions of the function that holds the address, or COUNT from the\n"
		"address on, as they lay in the machine's memory: with what was patched in. Each\n"
		"with the symbol or the text it refers to and, where that changes, the source\n"
		"line. \"=>\" marks the address: of the innermost frame it is the instruction that\n"
		"was to run, of others the one returned to. Code that the dump left out is taken\n"
		"from the vmlinux.",
	.options = options,
	.examples = examples,
	.max = 2,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
