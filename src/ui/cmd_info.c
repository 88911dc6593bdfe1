// SPDX-License-Identifier: GPL-3.0-or-later
/* info: what crashed, when, with which words, and what the dump holds. */
#include <inttypes.h>
#include <string.h>

#include "core/utc.h"
#include "kernel/check.h"
#include "ui/commands.h"
#include "ui/format.h"
#include "ui/links.h"
#include "ui/parts.h"

static struct doc_cell or_none(const char *s)
{
	return s && *s ? doc_str(s) : doc_none(NULL);
}

struct doc_cell part_pid(const struct task *t)
{
	return t->no_pid ? doc_none("?") : doc_uint(t->pid);
}


/* A report from which the kernel went on; it may be long past. */
static void put_report(struct doc *d, const struct info *i)
{
	uint64_t sec = i->oops_age / 1000000000;

	if (info_is_recent(i))
		doc_field(d, NULL, "report",
			  doc_linked(doc_styled(doc_str(i->oops), i->crashed ? DOC_BAD : DOC_WARN),
				     "log"));
	else
		doc_field(d, NULL, "report",
			  doc_linked(doc_fmt("%s (%" PRIu64 " min before the dump)", i->oops,
					     sec / 60),
				     "log"));
	doc_field(d, "oops", NULL, doc_str(i->oops));
	if (!i->crashed)
		doc_field(d, "oops_age_seconds", NULL, doc_nsec(i->oops_age));
}

static void put_words(struct doc *d, const struct info *i)
{
	const char *none = i->crashed ? "no panic in the log"
				      : "none: the kernel had not crashed when the dump was taken";

	doc_field(d, "crashed", NULL, doc_bool(i->crashed));
	if (i->panic || !i->oops || !i->crashed)
		doc_field(d, "panic", "panic",
			  doc_linked(doc_styled(i->panic ? doc_str(i->panic) : doc_none(none),
						i->panic ? DOC_BAD : DOC_DIM),
				     "log"));
	if (i->oops)
		put_report(d, i);
}

static void put_task(struct session *s, struct doc *d)
{
	const struct task *t = s->k->panic_task;
	char at[40];

	if (!t) {
		doc_field(d, "panic_task", s->k->crashed ? "task" : NULL, doc_none(NULL));
		return;
	}
	snprintf(at, sizeof(at), ", task_struct 0x%0*" PRIx64, 2 * s->k->arch->ptr_size, t->addr);
	doc_field(d, NULL, "task",
		  link_task(doc_fmt("PID %" PRIu32 " \"%.16s\" on CPU %" PRId32 "%s", t->pid,
				    t->comm, t->cpu, t->addr ? at : ""),
			    t));
	doc_field(d, "panic_pid", NULL, doc_uint(t->pid));
	doc_field(d, "panic_comm", NULL, doc_strn(t->comm, strnlen(t->comm, sizeof(t->comm))));
	doc_field(d, "panic_task", NULL, t->addr ? doc_addr(s->k->arch, t->addr) : doc_none(NULL));
	doc_field(d, "panic_cpu", NULL, doc_int(t->cpu));
}

static struct doc_cell uptime_cell(const struct info *i)
{
	uint64_t sec = i->uptime_ns / 1000000000;
	unsigned hours = (unsigned)(sec / 3600 % 24), minutes = (unsigned)(sec / 60 % 60);
	unsigned seconds = (unsigned)(sec % 60);

	if (!i->has_uptime)
		return doc_none(NULL);
	if (sec >= 86400)
		return doc_fmt("%" PRIu64 " days %02u:%02u:%02u", sec / 86400, hours, minutes,
			       seconds);
	return doc_fmt("%02u:%02u:%02u%s", hours, minutes, seconds,
		       i->uptime_from_log ? " or more (the log's last record)" : "");
}

void part_times(struct doc *d, const struct info *i)
{
	/* of a machine that had not crashed it is the time of the dump */
	const char *key = i->crashed ? "crash_time" : "dump_time";
	const char *seconds = i->crashed ? "crash_time_seconds" : "dump_time_seconds";
	const char *label = i->crashed ? "crashed" : "dumped";
	char buf[UTC_TEXT];

	if (i->has_crash_time && utc_format(i->crash_time, UTC_PEOPLE, buf))
		doc_field(d, key, label,
			  doc_fmt("%s%s", buf,
				  i->crash_time_exact ? "" : " (the clock's last tick)"));
	else
		doc_field(d, key, label, doc_none(NULL));
	doc_field(d, seconds, NULL, i->has_crash_time ? doc_int(i->crash_time) : doc_none(NULL));
	doc_field(d, NULL, "uptime", uptime_cell(i));
	doc_field(d, "uptime_seconds", NULL,
		  i->has_uptime ? doc_nsec(i->uptime_ns) : doc_none(NULL));
	if (i->has_load)
		doc_field(d, "load", "load",
			  doc_fmt("%u.%02u %u.%02u %u.%02u", i->load[0] / 100, i->load[0] % 100,
				  i->load[1] / 100, i->load[1] % 100, i->load[2] / 100,
				  i->load[2] % 100));
}

/* Where names and types come from. */
static void put_vmlinux(struct doc *d, const struct kernel *k)
{
	char theirs[2 * BUILD_ID_MAX + 1] = "";

	if (k->vmlinux) {
		build_id_format(&k->vmlinux->build_id, theirs);
		doc_field(d, "vmlinux", "vmlinux", doc_str(k->vmlinux->path));
	} else {
		doc_field(
			d, NULL, "vmlinux",
			doc_styled(doc_fmt("none: names from the dump's %s, %s%s", k->symbols_from,
					   k->types ? "types from its " : "no types",
					   k->types ? types_source(k->types) : ""),
				   k->lack ? DOC_WARN : DOC_PLAIN));
		doc_field(d, "vmlinux", NULL, doc_none(NULL));
	}
	doc_field(d, "vmlinux_build_id", NULL, or_none(theirs));
	doc_field(d, "symbols_from", NULL, doc_str(k->symbols_from));
	doc_field(d, "types_from", NULL,
		  k->types ? doc_str(types_source(k->types)) : doc_none(NULL));
	doc_field(d, "kaslr_offset", "moved by KASLR",
		  k->kaslr_known ? doc_hex(k->kaslr_offset) : doc_none(NULL));
}

static void put_kernel(struct session *s, struct doc *d, const struct info *i)
{
	char id[2 * BUILD_ID_MAX + 1], taint[512];
	const struct kernel *k = s->k;

	doc_field(d, "host", "host", or_none(i->nodename));
	doc_field(d, "release", "kernel", or_none(i->release));
	doc_field(d, "version", "version", or_none(i->version));
	doc_field(d, "architecture", NULL, doc_str(k->arch->name));
	doc_field(d, "command_line", "command line", or_none(i->cmdline));
	if (i->has_taint)
		doc_field(d, "tainted", "tainted",
			  doc_str(info_taint(i->taint, taint, sizeof(taint))));
	build_id_format(&k->build_id, id);
	doc_field(d, "build_id", "build ID", or_none(id));
	put_vmlinux(d, k);
}

static void put_machine(struct session *s, struct doc *d, const struct info *i,
			const struct dump_totals *t)
{
	const struct kernel *k = s->k;
	bool own = i->crashed && !k->cpus.from_qemu; /* notes */
	char size[32];

	doc_field(d, NULL, "CPUs",
		  doc_linked(doc_fmt("%u online of %u, %u with %s, %s", i->cpus_online,
				     i->cpus_possible, i->cpus_with_notes,
				     own ? "a crash note" : "registers", k->arch->name),
			     "cpu"));
	doc_field(d, "cpus_online", NULL, doc_uint(i->cpus_online));
	doc_field(d, "cpus_possible", NULL, doc_uint(i->cpus_possible));
	doc_field(d, "cpus_with_notes", NULL, doc_uint(i->cpus_with_notes));
	format_size(t->ram, size, sizeof(size));
	doc_field(d, NULL, "RAM", doc_str(size));
	doc_field(d, "ram_bytes", NULL, doc_uint(t->ram));
	doc_field(d, "page_table_levels", "page tables",
		  doc_styled(doc_uint(k->space.levels), DOC_PLAIN));
	doc_field(d, NULL, "tasks",
		  doc_linked(doc_fmt("%zu, and %zu module%s", k->tasks.n, k->modules.n,
				     k->modules.n == 1 ? "" : "s"),
			     "ps"));
	doc_field(d, "tasks", NULL, doc_uint(k->tasks.n));
	doc_field(d, "modules", NULL, doc_uint(k->modules.n));
}

/* Worth a line only where it is none of the dump's notes. */
static void put_vmcoreinfo(struct doc *d, const struct dump *dump)
{
	bool searched = dump->vmcoreinfo_searched;

	if (searched)
		doc_field(d, NULL, "VMCOREINFO",
			  doc_fmt("not the dump's note, but found in its memory, at physical address "
				  "0x%" PRIx64, dump->vmcoreinfo_at));
	doc_field(d, "vmcoreinfo_from", NULL, doc_str(searched ? "memory" : "note"));
	doc_field(d, "vmcoreinfo_address", NULL,
		  searched ? doc_hex(dump->vmcoreinfo_at) : doc_none(NULL));
}

static void put_dump(struct session *s, struct doc *d, const struct dump_totals *t)
{
	const struct dump *dump = s->k->dump;
	char file[32], excluded[32], lost[32];

	format_size(dump->file_size, file, sizeof(file));
	format_size(t->excluded, excluded, sizeof(excluded));
	format_size(t->lost, lost, sizeof(lost));
	doc_field(d, NULL, "dump", doc_fmt("%s: %s, %s", dump->path, dump->format, file));
	doc_field(d, "dump", NULL, doc_str(dump->path));
	doc_field(d, "dump_format", NULL, doc_str(dump->format));
	doc_field(d, "dump_bytes", NULL, doc_uint(dump->file_size));
	doc_field(d, "excluded_bytes", NULL, doc_uint(t->excluded));
	doc_field(d, "lost_bytes", NULL, doc_uint(t->lost));
	put_vmcoreinfo(d, dump);
	if (!t->excluded && !t->lost)
		doc_field(d, NULL, "missing", doc_str("nothing"));
	if (t->excluded)
		doc_field(d, NULL, "missing", doc_fmt("%s left out by the filter", excluded));
	if (t->lost)
		doc_field(
			d, NULL, "lost",
			doc_styled(doc_fmt("%s%s", lost,
					   *dump->remark
						   ? ""
						   : ": the file is shorter than its headers say"),
				   DOC_BAD));
	if (*dump->remark)
		doc_field(d, "dump_remark", "about the dump",
			  doc_styled(doc_str(dump->remark), DOC_BAD));
}

void part_info(struct session *s, struct doc *d, const struct info *i)
{
	struct dump_totals totals;

	dump_count(s->k->dump, &totals);
	doc_fields(d, NULL);
	put_words(d, i);
	put_task(s, d);
	part_times(d, i);
	put_kernel(s, d, i);
	put_machine(s, d, i, &totals);
	put_dump(s, d, &totals);
}

/*
 * Findings come as one text, "; " between them (kernel/damage.h): a note each. WHAT NULL: they say
 * themselves what they are about.
 */
static unsigned put_damage(struct doc *d, const char *what, const char *damage)
{
	unsigned n = 0;

	while (damage && *damage) {
		const char *end = strstr(damage, "; ");
		size_t len = end ? (size_t)(end - damage) : strlen(damage);

		doc_note(d, DOC_FINDING, "%s%s%.*s", what ? what : "", what ? ": " : "", (int)len,
			 damage);
		damage += len + (end ? 2 : 0);
		n++;
	}
	return n;
}

/* Counts that disagree, of those that begin with WHAT; NULL: all. */
static unsigned put_checks(struct doc *d, const struct checks *c, const char *what)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!what || !strncmp(c->list[i].what, what, strlen(what)))
			n += put_damage(d, NULL, c->list[i].finding);
	return n;
}

/* Page tables that do not lead where memory is. What was read since the last time counts. */
static unsigned put_page_tables(const struct kernel *k, struct doc *d)
{
	unsigned n = 0;

	if (k->spare_root) {
		doc_note(d, DOC_FINDING,
			 "page tables: the kernel's top one is missing or damaged: a process' is used, "
			 "which maps the same");
		n++;
	}
	if (k->space.torn) {
		doc_note(d, DOC_FINDING,
			 "page tables: the top one is missing or does not map itself: memory is read "
			 "where the dump's headers put it; of what is mapped elsewhere, as most stacks "
			 "and modules are, much may be missing");
		n++;
	}
	if (k->mends.n) {
		doc_note(d, DOC_FINDING,
			 "page tables: damaged or not in the dump: they do not lead to memory that the "
			 "dump has, which is read all the same; the first such address was %#" PRIx64,
			 k->mends.first);
		n++;
	}
	return n;
}

unsigned part_list_findings(struct session *s, struct doc *d, const char *what,
			    const char *damage, const struct log *l, const struct info *i)
{
	struct checks c;
	unsigned n = put_page_tables(s->k, d) + put_damage(d, what, damage);

	checks_read(s->k, l, i, &c);
	n += put_checks(d, &c, what);
	checks_fini(&c);
	return n;
}

/* What was counted in two ways, and agrees: "tasks 74 (nr_threads), modules 6 (the log)". */
static void put_agreement(struct doc *d, const struct checks *c)
{
	char text[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < c->n && used < sizeof(text); i++)
		if (c->list[i].agrees)
			used += (size_t)snprintf(text + used, sizeof(text) - used,
						 "%s%s %" PRIu64 " (%s)", used ? ", " : "",
						 c->list[i].what, c->list[i].found,
						 c->list[i].source);
	if (used)
		doc_field(d, NULL, "checked", doc_str(text));
}

static const struct doc_column check_columns[] = {
	{ .key = "what", .flags = DOC_ONLY_JSON },   { .key = "found", .flags = DOC_ONLY_JSON },
	{ .key = "source", .flags = DOC_ONLY_JSON }, { .key = "other", .flags = DOC_ONLY_JSON },
	{ .key = "agrees", .flags = DOC_ONLY_JSON },
};

static void put_checked(struct session *s, struct doc *d, const struct log *l,
			const struct info *i)
{
	struct checks c;

	checks_read(s->k, l, i, &c);
	put_agreement(d, &c);
	doc_table(d, "checks", DOC_LINES, check_columns, KD_ARRAY_SIZE(check_columns));
	for (size_t n = 0; n < c.n; n++) {
		doc_put(d, doc_str(c.list[n].what));
		doc_put(d, doc_uint(c.list[n].found));
		doc_put(d, doc_str(c.list[n].source));
		doc_put(d, doc_uint(c.list[n].other));
		doc_put(d, doc_bool(c.list[n].agrees));
	}
	checks_fini(&c);
}

unsigned part_findings(struct session *s, struct doc *d, const struct log *l,
		       const struct info *info)
{
	const struct kernel *k = s->k;
	const struct {
		const char *what, *damage;
	} lists[] = {
		{ "the dump alone", k->lack },
		{ "tasks", k->tasks.damage },
		{ "CPUs", k->cpus.damage },
		{ "modules", k->modules.damage },
	};
	struct checks c;
	unsigned n = put_page_tables(k, d);

	for (size_t i = 0; i < KD_ARRAY_SIZE(lists); i++)
		n += put_damage(d, lists[i].what, lists[i].damage);
	checks_read(k, l, info, &c);
	n += put_checks(d, &c, NULL);
	checks_fini(&c);
	if (k->vmlinux && k->build_id.len && k->vmlinux->build_id.len &&
	    !build_id_equal(&k->build_id, &k->vmlinux->build_id)) {
		doc_note(d, DOC_FINDING,
			 "the vmlinux is not of the kernel that crashed (build IDs differ): names, "
			 "lines and values may be wrong");
		n++;
	}
	return n;
}

int part_all_tasks(const struct session *s, struct kd_err *err)
{
	const struct tasks *t = &s->k->tasks;

	if (!t->partial)
		return 0;
	if (t->nr_threads > 0)
		return kd_fail(err, KD_LOST, "these are not all tasks: the kernel had %" PRId64,
			       t->nr_threads);
	return kd_fail(err, KD_LOST, "these are not all tasks: see the findings");
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	struct log l = { 0 };
	struct info i;
	int ret = log_read(s->k, &l, &why);

	(void)a;
	if (ret == KD_NOMEM)
		return kd_nomem(err);
	info_read(s->k, ret ? NULL : &l, &i);
	part_info(s, d, &i);
	put_checked(s, d, ret ? NULL : &l, &i);
	part_findings(s, d, ret ? NULL : &l, &i);
	if (s->k->vmlinux_missing)
		doc_note(d, DOC_HINT, "%s", s->k->vmlinux_missing);
	if (ret)
		doc_note(d, DOC_FINDING, "log: %s", why.text);
	else if (l.damage)
		doc_note(d, DOC_FINDING, "log: %s", l.damage);
	info_fini(&i);
	log_fini(&l);
	return 0;
}

static const struct command_example examples[] = {
	{ "info", "what is known" },
	{ "info --json", "the same for programs" },
	{ NULL, NULL },
};

const struct command cmd_info = {
	.name = "info",
	.aliases = "sys",
	.group = "the crash",
	.synopsis = "",
	.summary = "what crashed, when, and what the dump holds",
	.help = "The panic's words, the task, time and uptime, the kernel and its build ID, the\n"
		"machine, the dump's format and what it leaves out. Of a machine that was dumped\n"
		"from outside and had not crashed that is said. Counts that can be had in two\n"
		"ways are had in two ways; those that agree are named. Lines that begin with !\n"
		"are findings: things that are damaged or do not agree.",
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
