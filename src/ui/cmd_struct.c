// SPDX-License-Identifier: GPL-3.0-or-later
/* struct: a type, or memory by a type. */
#include <inttypes.h>
#include <string.h>

#include "kernel/type_search.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

#define COUNT_MAX 4096

struct ask {
	struct part_type how;
	char name[256];
	const char *member; /* NULL: all */
	struct type_ref named, type; /* as asked for; without typedefs */
	struct type_info info;
	struct type_member m;
	const struct module *module; /* that defines it; NULL: the kernel */
	vaddr_t addr;
};

/* "NAME.member" is NAME with -m member. */
static void take_name(struct ask *q, const struct args *a)
{
	char *dot;

	snprintf(q->name, sizeof(q->name), "%s", a->words[0]);
	dot = strchr(q->name, '.');
	q->member = args_value(a, "member");
	if (!dot)
		return;
	*dot = '\0';
	if (!q->member)
		q->member = dot + 1;
}

static int take_limits(struct ask *q, const struct args *a, struct kd_err *err)
{
	uint64_t depth = PART_TYPE_DEPTH, elements = PART_TYPE_ELEMENTS, lines = PART_TYPE_LINES;
	int ret = args_number(a, "depth", 16, &depth, err);

	if (!ret)
		ret = args_number(a, "elements", 1 << 20, &elements, err);
	if (!ret)
		ret = args_number(a, "limit", 1 << 24, &lines, err);
	q->how.depth = (unsigned)depth;
	q->how.elements = (unsigned)elements;
	q->how.lines = (unsigned)lines;
	return ret;
}

static void put_head(struct doc *d, const struct session *s, const struct ask *q, bool has_addr,
		     vaddr_t addr)
{
	char text[512];
	size_t len;

	doc_fields(d, NULL);
	type_declare(&q->named, "", text, sizeof(text));
	len = strlen(text);
	if (q->member)
		snprintf(text + len, sizeof(text) - len, ".%s", q->member);
	doc_field(d, "type", "type",
		  has_addr ? doc_linked(doc_styled(doc_str(text), DOC_NAME), "struct %s", q->name)
			   : doc_styled(doc_str(text), DOC_NAME));
	if (q->module)
		doc_field(d, "module", "module", doc_str(q->module->name));
	doc_field(d, "size", "size", doc_uint(q->info.size));
	if (has_addr)
		doc_field(d, "address", "address",
			  doc_linked(doc_addr(s->k->arch, addr), "whatis 0x%" PRIx64, addr));
}

static int show_definition(struct session *s, struct doc *d, struct ask *q)
{
	struct type_info inner;
	struct type_ref r = q->type;

	put_head(d, s, q, false, 0);
	if (q->member) {
		doc_field(d, "offset", "offset", doc_uint(q->m.offset));
		r = q->m.type;
		if (!type_peel(&r, &inner))
			return KD_CORRUPT;
		if (inner.kind != TYPE_STRUCT && inner.kind != TYPE_UNION &&
		    inner.kind != TYPE_ENUM) {
			char text[512];

			doc_field(d, "declared", "declared",
				  doc_str(type_declare(&q->m.type, q->member, text, sizeof(text))));
			return 0;
		}
	}
	part_type_definition(d, &q->how, &r);
	return 0;
}

static int take_address(struct session *s, struct ask *q, const struct args *a, struct kd_err *err)
{
	const struct cpu *cpu = NULL;
	int ret = args_has(a, "cpu") ? cpu_select(s->k, args_value(a, "cpu"), &cpu, err) : 0;

	return ret ? ret : address_select(s, a->words[1], cpu, &q->addr, err);
}

static int show_values(struct session *s, struct doc *d, struct ask *q, const struct args *a,
		       struct kd_err *err)
{
	uint64_t count = 1;
	int ret = args_number(a, "count", COUNT_MAX, &count, err);

	if (ret)
		return ret;
	for (uint64_t i = 0; i < count && !doc_status(d) && !session_cancelled(NULL); i++) {
		vaddr_t at = q->addr + i * q->info.size;

		doc_section_of(d, "objects", NULL);
		put_head(d, s, q, true, at);
		part_type_value(d, &q->how, &q->type, q->member ? &q->m : NULL,
				q->member ? q->member : "", at);
		doc_section_end(d);
		doc_flush(d);
	}
	return session_cancelled(err);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct ask q = { .how = { .k = s->k } };
	struct type_found found;
	int ret = take_limits(&q, a, err);

	if (ret)
		return ret;
	take_name(&q, a);
	if (a->nwords > 1)
		ret = take_address(s, &q, a, err);
	if (!ret)
		ret = type_search(s->k, q.name, q.addr, &found, err);
	if (ret)
		return ret;
	q.named = q.type = found.type;
	q.module = found.module;
	if (!type_peel(&q.type, &q.info))
		return kd_fail(err, KD_CORRUPT, "type \"%s\" is broken in the debug information",
			       q.name);
	if (q.member)
		ret = type_member_path(&q.type, q.member, &q.m, err);
	if (ret)
		return ret;
	ret = a->nwords > 1 ? show_values(s, d, &q, a, err) : show_definition(s, d, &q);
	if (*found.others)
		doc_note(d, DOC_HINT, "%s; MODULE:NAME or NAME#N takes another", found.others);
	return ret;
}

static const struct opt_def options[] = {
	{ 'm', "member", "PATH", "only this member (\"se.load.weight\", \"cpus[3]\")" },
	{ 'd', "depth", "N", "open N structs within each other (2)" },
	{ 'e', "elements", "N", "show N elements of an array (16)" },
	{ 'n', "count", "N", "N such things in a row" },
	{ 'c', "cpu", "N", "this CPU's copy of a per-CPU variable" },
	{ 0, "limit", "N", "at most N lines (2000)" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "struct list_head", "its members, with offsets and sizes" },
	{ "struct task_struct init_task", "init_task's contents" },
	{ "struct task_struct.comm init_task", "one member" },
	{ "struct nvme:nvme_dev", "a type of a module" },
	{ "struct rq runqueues -c 1 -m curr", "of a per-CPU variable" },
	{ NULL, NULL },
};

const struct command cmd_struct = {
	.name = "struct",
	.aliases = "union enum ptype",
	.group = "memory and symbols",
	.synopsis = "TYPE[.MEMBER] [ADDR|SYMBOL[+OFF]|EXPRESSION]",
	.summary = "a type, or memory by a type",
	.help = "A struct, union, enum or typedef with offsets and sizes in bytes; with an "
		"address,\n"
		"what lies there: pointers with the symbol or task they lead to, strings as such,\n"
		"elements of an array that are alike in one line, and where memory is missing, "
		"how.\n"
		"Types come from the kernel's BTF or DWARF, and from its modules'. MODULE:TYPE "
		"(or\n"
		"kernel:TYPE) looks there alone, TYPE#2 takes the second of several.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 2,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TYPES | CMD_SYMBOLS,
	.run = run,
};
