// SPDX-License-Identifier: GPL-3.0-or-later
/* check: would a crash now give a dump? */
#include <string.h>

#include "setup/check.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/print_doc.h"

#define TEXT_WIDTH 76

/* The document --------------------------------------------------------------------------- */

static const struct doc_column json_columns[] = {
	{ .key = "state" }, { .key = "kernel" }, { .key = "step" }, { .key = "name" },
	{ .key = "found" }, { .key = "set" },	 { .key = "why" },
};

static const struct doc_column lines[] = { { .key = "line" } };

static const struct doc_column ok_columns[] = {
	{ .key = "kernel", .title = "KERNEL" },
	{ .key = "name", .title = "WHAT" },
	{ .key = "found", .title = "FOUND" },
};

static struct doc_cell text_or_none(const char *s)
{
	return *s ? doc_str(s) : doc_none(NULL);
}

static const char *part_name(unsigned parts)
{
	return parts == CHECK_FIRST ? "first" : parts == CHECK_SECOND ? "second" : "both";
}

static void put_json(const struct check_list *l, struct doc *d)
{
	doc_table(d, "checks", DOC_ALIGNED, json_columns, KD_ARRAY_SIZE(json_columns));
	for (size_t i = 0; i < l->n; i++) {
		const struct check_item *item = &l->at[i];

		doc_put(d, doc_str(check_state_name(item->state)));
		doc_put(d, doc_str(part_name(item->parts)));
		doc_put(d, doc_str(check_step_name(item->step)));
		doc_put(d, doc_str(item->name));
		doc_put(d, text_or_none(item->found));
		doc_put(d, text_or_none(item->set));
		doc_put(d, text_or_none(item->why));
	}
}

/* TEXT in lines of at most TEXT_WIDTH bytes, as rows that begin with FIRST, then with REST. */
static void put_wrapped(struct doc *d, const char *first, const char *rest, const char *text,
			enum doc_style style)
{
	const char *begin = first;

	while (*text) {
		size_t room = TEXT_WIDTH - strlen(begin), n = strlen(text), cut = n;

		if (n > room) {
			cut = room;
			while (cut && text[cut] != ' ')
				cut--;
			/* a word that is too long stands alone on its line */
			cut = cut ? cut : strcspn(text, " ");
		}
		doc_put(d, doc_styled(doc_fmt("%s%.*s", begin, (int)cut, text), style));
		text += cut;
		text += strspn(text, " ");
		begin = rest;
	}
}

static void put_item(const struct check_list *l, const struct check_item *item, struct doc *d)
{
	enum doc_style style = item->state == CHECK_MISSING  ? DOC_BAD
			       : item->state == CHECK_ADVICE ? DOC_WARN
							     : DOC_PLAIN;
	/* which of the two is worth a word where they differ */
	const char *part = l->same || item->parts == (CHECK_FIRST | CHECK_SECOND) ? ""
			   : item->parts == CHECK_FIRST				  ? "first kernel: "
							: "second kernel: ";

	doc_put(d, doc_styled(doc_fmt("%s%s%s%s", part, item->name, *item->found ? ": " : "",
				      item->found),
			      style));
	put_wrapped(d, "    ", "    ", item->why, DOC_PLAIN);
	put_wrapped(d, "    -> ", "       ", item->set, DOC_STRONG);
}

static const char *const titles[] = {
	[CHECK_MISSING] = "missing: without it there is no dump; in this order",
	[CHECK_ADVICE] = "advice",
	[CHECK_UNKNOWN] = "not known",
	[CHECK_OK] = "all right",
};

static void put_state(const struct check_list *l, enum check_state state, struct doc *d)
{
	if (!l->count[state])
		return;
	doc_section(d, NULL, titles[state]);
	if (state == CHECK_OK)
		doc_table(d, NULL, DOC_ALIGNED, ok_columns, KD_ARRAY_SIZE(ok_columns));
	else
		doc_table(d, NULL, DOC_LINES, lines, KD_ARRAY_SIZE(lines));
	for (size_t i = 0; i < l->n; i++) {
		const struct check_item *item = &l->at[i];

		if (item->state != state)
			continue;
		if (state != CHECK_OK) {
			put_item(l, item, d);
			continue;
		}
		doc_put(d, doc_str(part_name(item->parts)));
		doc_put(d, doc_str(item->name));
		doc_put(d, doc_str(item->found));
	}
	doc_section_end(d);
}

static struct doc_cell kernel_cell(const struct check_kernel *k)
{
	return doc_fmt("%s, %s; configuration: %s", *k->release ? k->release : "release not known",
		       *k->arch ? k->arch : "architecture not known",
		       *k->config ? k->config : "not found");
}

static void put_kernel(const struct check_kernel *k, const char *key, struct doc *d)
{
	doc_section(d, key, NULL);
	doc_fields(d, NULL);
	doc_field(d, "release", NULL, text_or_none(k->release));
	doc_field(d, "arch", NULL, text_or_none(k->arch));
	doc_field(d, "config", NULL, text_or_none(k->config));
	doc_section_end(d);
}

static void put_summary(const struct check_list *l, unsigned parts, bool json, struct doc *d)
{
	doc_fields(d, NULL);
	doc_field(d, "ready", NULL, doc_bool(!l->count[CHECK_MISSING]));
	doc_field(d, "loaded", NULL, doc_bool(l->loaded));
	if (!json) {
		if (parts & CHECK_FIRST)
			doc_field(d, NULL, "first kernel", kernel_cell(&l->first));
		if (parts & CHECK_SECOND)
			doc_field(d, NULL, "second kernel",
				  l->same && parts & CHECK_FIRST ? doc_str("the same")
								 : kernel_cell(&l->second));
		doc_field(d, NULL, "found",
			  doc_styled(doc_fmt("%zu missing, %zu to be improved, %zu not known, %zu "
					     "all right",
					     l->count[CHECK_MISSING], l->count[CHECK_ADVICE],
					     l->count[CHECK_UNKNOWN], l->count[CHECK_OK]),
				     l->count[CHECK_MISSING] ? DOC_BAD : DOC_PLAIN));
		return;
	}
	if (parts & CHECK_FIRST)
		put_kernel(&l->first, "first", d);
	if (parts & CHECK_SECOND)
		put_kernel(&l->second, "second", d);
}

static bool any_sysctl(const struct check_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].state == CHECK_ADVICE && !strncmp(l->at[i].set, "sysctl", 6))
			return true;
	return false;
}

static void put_text(const struct check_list *l, bool all, struct doc *d)
{
	for (enum check_state s = CHECK_MISSING; s <= CHECK_OK; s++)
		if (s != CHECK_OK || all)
			put_state(l, s, d);
	if (any_sysctl(l))
		doc_text(d, NULL,
			 doc_str("What \"sysctl -w\" sets is gone at the next boot; the same "
				 "words behind it, as lines\nof /etc/sysctl.d/90-kdump.conf, "
				 "keep it."));
	if (!all && l->count[CHECK_OK])
		doc_text(d, NULL, doc_str("--all shows what is all right, too."));
}

/* The command ------------------------------------------------------------------------------ */

static int take_args(const struct args *a, struct check_request *q, struct kd_err *err)
{
	if (a->nwords)
		return kd_fail(err, KD_USAGE, "it wants options only, not \"%s\"", a->words[0]);
	q->root = args_value(a, "root");
	q->config = args_value(a, "config");
	q->kernel = args_value(a, "kernel");
	q->initrd = args_value(a, "initrd");
	q->append = args_value(a, "append");
	q->target = args_value(a, "target");
	q->parts = (args_has(a, "first") ? CHECK_FIRST : 0) |
		   (args_has(a, "second") ? CHECK_SECOND : 0);
	if (!q->parts)
		q->parts = CHECK_FIRST | CHECK_SECOND;
	return 0;
}

int check_main(const struct cli *cli)
{
	const struct args *a = &cli->args;
	struct check_request q = { .root = NULL };
	struct check_list list = { .n = 0 };
	struct kd_err err = KD_ERR_INIT;
	struct doc d;
	int ret = take_args(a, &q, &err), code = CLI_OK;

	if (!ret)
		ret = check_run(&q, &list, &err);
	if (ret) {
		check_list_fini(&list);
		code = cli_complain("check", ret, &err);
		return ret == KD_NOMEM ? code : CLI_USAGE;
	}
	doc_init(&d, NULL);
	put_summary(&list, q.parts, args_has(a, "json"), &d);
	if (args_has(a, "json"))
		put_json(&list, &d);
	else
		put_text(&list, args_has(a, "all"), &d);
	if (doc_status(&d))
		code = cli_complain("check", KD_NOMEM, &(struct kd_err){ .text = "out of memory" });
	else if (!args_has(a, "quiet"))
		print_doc(a, "check", &d);
	if (!code && list.count[CHECK_MISSING])
		code = CLI_FAILED;
	doc_fini(&d);
	check_list_fini(&list);
	return code;
}

static const struct opt_def options[] = {
	{ 0, "first", NULL, "the kernel that runs, only" },
	{ 0, "second", NULL, "the kernel that is to save the dump, only" },
	{ 0, "kernel", "FILE", "the second kernel: bzImage or vmlinux (the running one's image)" },
	{ 0, "config", "FILE", "configuration, plain or gzip: of --kernel's, else of both" },
	{ 0, "initrd", "FILE", "the second kernel's initramfs, to see whether memory is enough" },
	{ 0, "append", "TEXT", "the second kernel's command line" },
	{ 't', "target", "WHERE", "where dumps go, as for \"kdview load\" (/var/crash)" },
	{ 0, "root", "FOLDER", "look at proc, sys and boot in FOLDER" },
	{ 'a', "all", NULL, "what is all right, too" },
	{ 'q', "quiet", NULL, "only the exit status" },
	{ 0, "json", NULL, "the answer as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "check", "would a panic of this machine leave a dump?" },
	{ "check --append \"nr_cpus=1 reset_devices\"",
	  "with this command line of the second kernel" },
	{ "check --second --kernel bzImage", "is this kernel fit to save dumps?" },
	{ "check --second --config .config", "is this configuration, before it is built?" },
	{ "check --json | jq -r '.checks[].set // empty'", "only what is to be done, in order" },
	{ NULL, NULL },
};

const struct command cmd_check = {
	.name = "check",
	.group = "crash kernel",
	.synopsis = "[--kernel FILE]",
	.summary = "would a crash of this machine leave a dump?",
	.help = "Looks at all that a dump needs: the configuration of the kernel that runs\n"
		"and of the one that saves, the memory reserved by crashkernel=, signatures\n"
		"and lockdown, the command line, what is loaded, the place for dumps, and the\n"
		"settings that decide whether a hang panics at all. What is missing comes\n"
		"first, in the order to mend it, with the exact setting; then what could be\n"
		"better.\n"
		"\n"
		"A configuration is read from /proc/config.gz, /boot/config-RELEASE,\n"
		"/lib/modules/RELEASE/config, or out of the kernel's image (CONFIG_IKCONFIG).\n"
		"The second kernel is the one that is loaded, else the one that runs.\n"
		"\n"
		"Exit status: 0 all that is needed is there (maybe not loaded yet; what could\n"
		"not be seen does not count), 1 something is missing, 2 wrong usage or a file\n"
		"that cannot be used.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
