// SPDX-License-Identifier: GPL-3.0-or-later
/* mod: loaded modules. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/links.h"
#include "ui/nearest.h"
#include "ui/parts.h"

static const struct doc_column columns[] = {
	{ .key = "name", .title = "MODULE" },
	{ .key = "base", .title = "BASE" },
	{ .key = "size", .title = "SIZE", .flags = DOC_RIGHT },
	{ .key = "state", .title = "STATE" },
	{ .key = "users", .title = "USERS", .flags = DOC_RIGHT },
	{ .key = "tainted", .title = "TAINTS" },
	{ .key = "module", .flags = DOC_ONLY_JSON },
	{ .key = "symbols", .title = "SYMBOLS FROM" },
};

static const struct doc_column section_columns[] = {
	{ .key = "section", .title = "SECTION" },
	{ .key = "address", .title = "ADDRESS" },
};

/* Only the letters: "OE". */
static struct doc_cell taint_cell(uint64_t taint)
{
	char words[512], letters[65];
	size_t n = 0;

	info_taint(taint, words, sizeof(words));
	if (!taint)
		return doc_none(NULL);
	for (const char *p = words; *p && n < sizeof(letters) - 1;) {
		letters[n++] = *p;
		p = strstr(p, ", ");
		if (!p)
			break;
		p += 2;
	}
	return doc_styled(doc_strn(letters, n), DOC_WARN);
}

/* A live module holds one reference to itself (MODULE_REF_BASE, since v3.19). */
static struct doc_cell users_cell(const struct session *s, const struct module *m)
{
	uint64_t n;

	if (member_read(&s->k->space, m->addr, &s->k->layout.module_refcnt, &n, NULL))
		return doc_none(NULL);
	return doc_int((int32_t)n - 1);
}

/* What it was loaded with, as one line. */
static void put_args(struct session *s, struct doc *d, const struct module *m)
{
	uint64_t at;
	char text[1024];

	if (member_read_ptr(&s->k->space, m->addr, &s->k->layout.module_args, &at, NULL) || !at ||
	    space_read_str(&s->k->space, at, text, sizeof(text), NULL) || !*text)
		return;
	doc_fields(d, NULL);
	doc_field(d, "args", "parameters", doc_str(text));
}

/* ALONE: it is what was asked for. */
static void put_module(struct session *s, struct doc *d, const struct module *m, bool alone)
{
	doc_put(d, alone ? link_object(doc_str(m->name), "module", m->addr)
			 : doc_linked(doc_str(m->name), "mod %s", m->name));
	doc_put(d, link_address(doc_addr(s->k->arch, m->base), m->base));
	doc_put(d, doc_uint(m->size));
	doc_put(d, m->state ? doc_str(m->state) : doc_none(NULL));
	doc_put(d, users_cell(s, m));
	doc_put(d, taint_cell(m->taints));
	doc_put(d, doc_addr(s->k->arch, m->addr));
	doc_put(d, m->debug_path ? doc_styled(doc_str(m->debug_path), DOC_PLACE)
				 : doc_none("no .ko with symbols found"));
}

static int show_module(struct session *s, struct doc *d, const char *name, struct kd_err *err)
{
	const struct modules *all = &s->k->modules;
	const struct module *m = NULL;
	struct nearest near;
	char buf[256];

	nearest_init(&near, name);
	for (size_t i = 0; i < all->n; i++) {
		nearest_offer(&near, all->list[i].name);
		if (!strcmp(all->list[i].name, name))
			m = &all->list[i];
	}
	if (!m && near.n)
		return kd_fail(err, KD_NOTFOUND, "no module \"%s\"; did you mean %s?", name,
			       nearest_format(&near, "", buf, sizeof(buf)));
	if (!m)
		return kd_fail(err, KD_NOTFOUND, "no module \"%s\"", name);
	doc_table(d, "modules", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	put_module(s, d, m, true);
	put_args(s, d, m);
	doc_table(d, "sections", DOC_ALIGNED, section_columns, KD_ARRAY_SIZE(section_columns));
	for (size_t i = 0; i < m->nsections; i++) {
		doc_put(d, doc_str(m->sections[i].name));
		doc_put(d, link_address(doc_addr(s->k->arch, m->sections[i].addr),
					m->sections[i].addr));
	}
	return 0;
}

/* What the log of the crash names is what the list should have. */
static unsigned put_findings(struct session *s, struct doc *d)
{
	struct log l = { 0 };
	bool has_log = !log_read(s->k, &l, NULL);
	struct info i;
	unsigned n;

	info_read(s->k, has_log ? &l : NULL, &i);
	n = part_list_findings(s, d, "modules", s->k->modules.damage, has_log ? &l : NULL, &i);
	info_fini(&i);
	log_fini(&l);
	return n;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const struct modules *all = &s->k->modules;

	if (a->nwords)
		return show_module(s, d, a->words[0], err);
	doc_table(d, "modules", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < all->n; i++)
		put_module(s, d, &all->list[i], false);
	if (!put_findings(s, d) && !all->n)
		doc_note(d, DOC_HINT, "no modules were loaded");
	if (!s->k->types)
		return kd_fail(err, KD_NOTFOUND, "without types the list can not be read");
	if (all->partial)
		return kd_fail(err, KD_LOST, "these may not be all modules: their list is broken");
	return 0;
}

static const struct command_example examples[] = {
	{ "mod", "all modules" },
	{ "mod ext4", "one, with its sections" },
	{ NULL, NULL },
};

const struct command cmd_mod = {
	.name = "mod",
	.aliases = "lsmod",
	.group = "memory and symbols",
	.synopsis = "[MODULE]",
	.summary = "loaded modules, and where their symbols come from",
	.help = "Modules in the order of the kernel's list, what each taints the kernel with, and\n"
		"the file with its symbols, if one was found (beside the vmlinux, in the folders\n"
		"of --debug-dir, in /usr/lib/debug and /lib/modules).",
	.examples = examples,
	.max = 1,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_MODULES,
	.run = run,
};
