// SPDX-License-Identifier: GPL-3.0-or-later
/* struct: a type, or memory by a type. */
#include <inttypes.h>
#include <string.h>

#include "kernel/type_search.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"

#define COUNT_MAX 4096
#define MEMBERS_MAX 64

struct ask {
	struct part_type how;
	char name[512]; /* of the type, and behind it the members, cut apart */
	struct part_member members[MEMBERS_MAX];
	size_t nmembers;	     /* 0: all */
	struct type_ref named, type; /* as asked for; without typedefs */
	struct type_info info;
	const struct module *module; /* that defines it; NULL: the kernel */
	struct address_list at;
	uint64_t count;
};

/* "comm,pid,se.vruntime" */
static int take_members(struct ask *q, char *list, struct kd_err *err)
{
	for (char *next; list; list = next) {
		next = strchr(list, ',');
		if (next)
			*next++ = '\0';
		if (q->nmembers == MEMBERS_MAX)
			return kd_fail(err, KD_USAGE, "more than %d members", MEMBERS_MAX);
		q->members[q->nmembers++].path = list;
	}
	return 0;
}

/* "NAME.member" is NAME with -m member. */
static int take_name(struct ask *q, const struct args *a, struct kd_err *err)
{
	const char *option = args_value(a, "member");
	size_t len = strcspn(a->words[0], ".");
	const char *list = a->words[0][len] ? a->words[0] + len + 1 : option;
	int n = snprintf(q->name, sizeof(q->name), "%.*s%c%s", (int)len, a->words[0], '\0',
			 list ? list : "");

	if (n < 0 || n >= (int)sizeof(q->name))
		return kd_fail(err, KD_USAGE, "a name that long is of no type");
	return list ? take_members(q, q->name + len + 1, err) : 0;
}

static int take_limits(struct ask *q, const struct args *a, struct kd_err *err)
{
	uint64_t depth = PART_TYPE_DEPTH, elements = PART_TYPE_ELEMENTS, lines = PART_TYPE_LINES;
	int ret = args_number(a, "depth", 16, &depth, err);

	if (!ret)
		ret = args_number(a, "elements", 1 << 20, &elements, err);
	if (!ret)
		ret = args_number(a, "limit", 1 << 24, &lines, err);
	if (!ret)
		ret = args_number(a, "count", COUNT_MAX, &q->count, err);
	q->how.depth = (unsigned)depth;
	q->how.elements = (unsigned)elements;
	q->how.lines = (unsigned)lines;
	q->how.radix = args_has(a, "hex") ? 16 : 0;
	q->how.addresses = args_has(a, "offsets");
	return ret;
}

static void put_head(struct doc *d, const struct session *s, const struct ask *q,
		     const struct address *at, vaddr_t addr)
{
	char text[512];
	size_t len;

	doc_fields(d, NULL);
	type_declare(&q->named, "", text, sizeof(text));
	len = strlen(text);
	if (q->nmembers == 1)
		snprintf(text + len, sizeof(text) - len, ".%s", q->members[0].path);
	doc_field(d, "type", "type", doc_styled(doc_str(text), DOC_NAME));
	if (q->module)
		doc_field(d, "module", "module", doc_str(q->module->name));
	doc_field(d, "size", "size", doc_uint(q->info.size));
	if (at && at->cpu)
		doc_field(d, "cpu", "CPU", doc_uint(at->cpu->nr));
	if (at)
		doc_field(d, "address", "address", doc_addr(s->k->arch, addr));
}

/* One member: if it is a struct or the like, its members; else what it is. */
static int show_member(struct doc *d, const struct ask *q)
{
	const struct part_member *m = &q->members[0];
	struct type_ref r = m->m.type;
	struct type_info inner;
	char text[512];

	doc_field(d, "offset", "offset", doc_uint(m->m.offset));
	if (!type_peel(&r, &inner))
		return KD_CORRUPT;
	if (inner.kind == TYPE_STRUCT || inner.kind == TYPE_UNION || inner.kind == TYPE_ENUM)
		part_type_definition(d, &q->how, &r);
	else
		doc_field(d, "declared", "declared",
			  doc_str(type_declare(&m->m.type, m->path, text, sizeof(text))));
	return 0;
}

static int show_definition(struct session *s, struct doc *d, struct ask *q)
{
	put_head(d, s, q, NULL, 0);
	if (q->nmembers == 1)
		return show_member(d, q);
	if (q->nmembers)
		part_type_members(d, &q->how, q->members, q->nmembers);
	else
		part_type_definition(d, &q->how, &q->type);
	return 0;
}

static int show_values(struct session *s, struct doc *d, struct ask *q, struct kd_err *err)
{
	for (size_t n = 0; n < q->at.n; n++) {
		for (uint64_t i = 0; i < q->count; i++) {
			vaddr_t at = q->at.list[n].addr + i * q->info.size;

			if (doc_status(d) || session_cancelled(NULL))
				return session_cancelled(err);
			doc_section_of(d, "objects", NULL);
			put_head(d, s, q, &q->at.list[n], at);
			part_type_value(d, &q->how, &q->type, q->members, q->nmembers, at);
			doc_section_end(d);
			doc_flush(d);
		}
	}
	return 0;
}

/* "ADDR", "SYMBOL:CPUS", and how many from there on. */
static int take_address(struct session *s, struct ask *q, const struct args *a, struct kd_err *err)
{
	const struct cpu *cpu = NULL;
	int ret = args_has(a, "cpu") ? cpu_select(s->k, args_value(a, "cpu"), &cpu, err) : 0;

	if (!ret)
		ret = addresses_select(s, a->words[1], cpu, &q->at, err);
	if (ret || a->nwords < 3)
		return ret;
	if (!parse_number(a->words[2], &q->count) || !q->count || q->count > COUNT_MAX)
		return kd_fail(err, KD_USAGE, "\"%s\" is no number of things to show (at most %d)",
			       a->words[2], COUNT_MAX);
	return 0;
}

/* The type and its members. */
static int find_type(struct session *s, struct ask *q, struct type_found *found, struct kd_err *err)
{
	int ret = type_search(s->k, q->name, q->at.n ? q->at.list[0].addr : 0, found, err);

	if (ret)
		return ret;
	q->named = q->type = found->type;
	q->module = found->module;
	if (!type_peel(&q->type, &q->info))
		return kd_fail(err, KD_CORRUPT, "type \"%s\" is broken in the debug information",
			       q->name);
	for (size_t i = 0; i < q->nmembers && !ret; i++)
		ret = type_member_path(&q->type, q->members[i].path, &q->members[i].m, err);
	return ret;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct ask q = { .how = { .k = s->k }, .count = 1 };
	struct type_found found;
	int ret = take_limits(&q, a, err);

	if (!ret)
		ret = take_name(&q, a, err);
	if (!ret && a->nwords > 1)
		ret = take_address(s, &q, a, err);
	if (!ret)
		ret = find_type(s, &q, &found, err);
	if (ret) {
		address_list_fini(&q.at);
		return ret;
	}
	ret = a->nwords > 1 ? show_values(s, d, &q, err) : show_definition(s, d, &q);
	if (*found.others)
		doc_note(d, DOC_HINT, "%s; MODULE:NAME or NAME#N takes another", found.others);
	address_list_fini(&q.at);
	return ret;
}

static const struct opt_def options[] = {
	{ 'm', "member", "PATH[,PATH...]", "only these members (\"se.load.weight\", \"cpus[3]\")" },
	{ 'd', "depth", "N", "open N structs within each other (2)" },
	{ 'e', "elements", "N", "show N elements of an array (16)" },
	{ 'n', "count", "N", "N such things in a row" },
	{ 'c', "cpu", "N", "this CPU's copy of a per-CPU variable" },
	{ 'x', "hex", NULL, "numbers in hexadecimal" },
	{ 'o', "offsets", NULL, "addresses of members in place of offsets" },
	{ 0, "limit", "N", "at most N lines (2000)" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "struct list_head", "its members, with offsets and sizes" },
	{ "struct task_struct init_task", "init_task's contents" },
	{ "struct task_struct.comm,pid init_task", "two members" },
	{ "struct nvme:nvme_dev", "a type of a module" },
	{ "struct rq.nr_running runqueues:a", "of a per-CPU variable, all CPUs" },
	{ "struct page ffffea0000000000 4", "four in a row" },
	{ NULL, NULL },
};

const struct command cmd_struct = {
	.name = "struct",
	.aliases = "union enum ptype",
	.group = "memory and symbols",
	.synopsis = "TYPE[.MEMBER[,MEMBER]...] [ADDR|SYMBOL[+OFF][:CPUS]|EXPRESSION [COUNT]]",
	.summary = "a type, or memory by a type",
	.help = "A struct, union, enum or typedef with offsets and sizes in bytes; with an "
		"address,\n"
		"what lies there: pointers with the symbol or task they lead to, strings as such,\n"
		"elements of an array that are alike in one line, and where memory is missing, "
		"how.\n"
		"CPUS is which CPUs' copies of a per-CPU variable: \"0\", \"0,2-3\", \"a\" for "
		"all.\n"
		"Types come from the kernel's BTF or DWARF, and from its modules'. MODULE:TYPE "
		"(or\n"
		"kernel:TYPE) looks there alone, TYPE#2 takes the second of several. At the "
		"prompt\n"
		"the word \"struct\" may be left out.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 3,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TYPES | CMD_SYMBOLS,
	.run = run,
};
