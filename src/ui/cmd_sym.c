// SPDX-License-Identifier: GPL-3.0-or-later
/* sym: symbols by name and by address. */
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

#define SYM_LIMIT 200 /* rows, unless --limit says more */

static const struct doc_column columns[] = {
	{ .key = "address", .title = "ADDRESS" },
	{ .key = "type", .title = "T" },
	{ .key = "size", .title = "SIZE", .flags = DOC_RIGHT },
	{ .key = "shown", .title = "SYMBOL", .flags = DOC_ONLY_TEXT },
	{ .key = "name", .flags = DOC_ONLY_JSON },
	{ .key = "offset", .flags = DOC_ONLY_JSON },
	{ .key = "module", .flags = DOC_ONLY_JSON },
};

static void put_symbol(struct session *s, struct doc *d, const struct symbol *sym, uint64_t offset)
{
	char type[2] = { sym->type, '\0' };
	struct doc_cell shown;

	doc_put(d, link_address(doc_addr(s->k->arch, sym->addr), sym->addr));
	doc_put(d, doc_str(type));
	doc_put(d, doc_uint(sym->size));
	shown = offset ? doc_fmt("%s+0x%" PRIx64 "%s%s%s", sym->name, offset,
				 sym->module ? " [" : "", sym->module ? sym->module : "",
				 sym->module ? "]" : "")
		       : doc_fmt("%s%s%s%s", sym->name, sym->module ? " [" : "",
				 sym->module ? sym->module : "", sym->module ? "]" : "");
	doc_put(d, link_address(doc_styled(shown, DOC_NAME), sym->addr + offset));
	doc_put(d, doc_str(sym->name));
	doc_put(d, doc_uint(offset));
	doc_put(d, sym->module ? doc_str(sym->module) : doc_none(NULL));
}

struct ask {
	struct session *s;
	struct doc *d;
	const char *module; /* its symbols alone; "kernel": those of none; NULL: all */
	bool parts;	    /* words are parts of names */
	uint64_t limit, shown;
};

static bool is_wanted(const struct ask *q, const struct symbol *sym, const char *word)
{
	if (q->module && strcmp(sym->module ? sym->module : "kernel", q->module))
		return false;
	if (q->parts)
		return strstr(sym->name, word) != NULL;
	return strpbrk(word, "*?[") ? !fnmatch(word, sym->name, 0) : !strcmp(word, sym->name);
}

/* All symbols of a name or pattern. */
static int by_name(struct ask *q, const char *word)
{
	const struct symbol *sym;
	uint64_t found = 0;

	for (size_t i = 0; (sym = symbols_at(q->s->k->symbols, i)); i++) {
		if (!is_wanted(q, sym, word))
			continue;
		if (found++ < q->limit)
			put_symbol(q->s, q->d, sym, 0);
	}
	q->shown += found;
	return found ? 0 : KD_NOTFOUND;
}

static int by_word(struct ask *q, const char *word, struct kd_err *err)
{
	const struct symbol *sym;
	vaddr_t addr;
	int ret;

	if (!by_name(q, word))
		return 0;
	if (q->parts || q->module || strpbrk(word, "*?["))
		return kd_fail(err, KD_NOTFOUND, "no symbol%s%s is like \"%s\"",
			       q->module ? " of " : "", q->module ? q->module : "", word);
	ret = address_select(q->s, word, NULL, &addr, err);
	if (ret)
		return ret;
	sym = symbols_by_addr(q->s->k->symbols, addr);
	if (!sym)
		return kd_fail(err, KD_NOTFOUND, "0x%" PRIx64 " lies in no symbol", addr);
	put_symbol(q->s, q->d, sym, addr - sym->addr);
	++q->shown;
	return 0;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct ask q = {
		.s = s,
		.d = d,
		.module = args_value(a, "module"),
		.parts = args_has(a, "part"),
		.limit = SYM_LIMIT,
	};
	int ret = args_number(a, "limit", UINT32_MAX, &q.limit, err);

	if (!ret && !a->nwords && !q.module)
		ret = kd_fail(err, KD_USAGE, "it wants a name, a pattern or an address: sym %s",
			      cmd_sym.synopsis);
	if (ret)
		return ret;
	doc_table(d, "symbols", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	if (!a->nwords)
		ret = by_word(&q, q.parts ? "" : "*", err);
	for (size_t i = 0; i < a->nwords && !ret; i++)
		ret = by_word(&q, a->words[i], err);
	if (q.shown > q.limit)
		doc_note(d, DOC_FINDING, "%" PRIu64 " symbols; --limit shows more than %" PRIu64,
			 q.shown, q.limit);
	return ret;
}

static const struct opt_def options[] = {
	{ 'n', "limit", "N", "at most so many for each name (200)" },
	{ 'm', "module", "NAME",
	  "of this module alone (all, if no name is given); \"kernel\": of none" },
	{ 'q', "part", NULL, "words are parts of names" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "sym schedule", "where it is" },
	{ "sym ffffffff81000010", "what is there" },
	{ "sym '*_nmi'", "by pattern" },
	{ "sym -m virtio_blk", "all of a module" },
	{ NULL, NULL },
};

const struct command cmd_sym = {
	.name = "sym",
	.group = "memory and symbols",
	.synopsis = "[NAME|PATTERN|ADDR]...",
	.summary = "symbols by name or address",
	.help = "Address, type as nm(1) has it, size in bytes, name, [module] and, for an\n"
		"address, how far into the symbol it lies. Addresses are those of the crashed\n"
		"kernel, with what KASLR moved it by.",
	.options = options,
	.examples = examples,
	.max = 4096,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
