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

/* All symbols of a name or pattern. */
static int by_name(struct session *s, struct doc *d, const char *word, uint64_t limit,
		   uint64_t *shown)
{
	bool pattern = strpbrk(word, "*?[") != NULL;
	const struct symbol *sym;
	uint64_t found = 0;

	for (size_t i = 0; (sym = symbols_at(s->k->symbols, i)); i++) {
		if (pattern ? fnmatch(word, sym->name, 0) : strcmp(word, sym->name))
			continue;
		if (found++ < limit)
			put_symbol(s, d, sym, 0);
	}
	*shown += found;
	return found ? 0 : KD_NOTFOUND;
}

static int by_word(struct session *s, struct doc *d, const char *word, uint64_t limit,
		   uint64_t *shown, struct kd_err *err)
{
	const struct symbol *sym;
	vaddr_t addr;
	int ret;

	if (!by_name(s, d, word, limit, shown))
		return 0;
	if (strpbrk(word, "*?["))
		return kd_fail(err, KD_NOTFOUND, "no symbol is like \"%s\"", word);
	ret = address_select(s, word, NULL, &addr, err);
	if (ret)
		return ret;
	sym = symbols_by_addr(s->k->symbols, addr);
	if (!sym)
		return kd_fail(err, KD_NOTFOUND, "0x%" PRIx64 " lies in no symbol", addr);
	put_symbol(s, d, sym, addr - sym->addr);
	++*shown;
	return 0;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	uint64_t limit = SYM_LIMIT, shown = 0;
	int ret = args_number(a, "limit", UINT32_MAX, &limit, err);

	if (ret)
		return ret;
	doc_table(d, "symbols", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < a->nwords && !ret; i++)
		ret = by_word(s, d, a->words[i], limit, &shown, err);
	if (shown > limit)
		doc_note(d, DOC_FINDING, "%" PRIu64 " symbols; --limit shows more than %" PRIu64,
			 shown, limit);
	return ret;
}

static const struct opt_def options[] = {
	{ 'n', "limit", "N", "at most so many for each name (200)" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "sym schedule", "where it is" },
	{ "sym ffffffff81000010", "what is there" },
	{ "sym '*_nmi'", "by pattern" },
	{ NULL, NULL },
};

const struct command cmd_sym = {
	.name = "sym",
	.group = "memory and symbols",
	.synopsis = "NAME|PATTERN|ADDR...",
	.summary = "symbols by name or address",
	.help = "Address, type as nm(1) has it, size in bytes, name, [module] and, for an\n"
		"address, how far into the symbol it lies. Addresses are those of the crashed\n"
		"kernel, with what KASLR moved it by.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 4096,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
