// SPDX-License-Identifier: GPL-3.0-or-later
/* status: is a crash kernel loaded, and which? */
#include <inttypes.h>

#include "core/utc.h"
#include "load/load.h"
#include "load/record.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/format.h"
#include "ui/print_doc.h"
#include "ui/test_doc.h"

static void put_memory(const struct machine *m, struct doc *d)
{
	static const char *const keys[MACHINE_MAX_CRASH] = { "region",	"region2", "region3",
							     "region4", "region5", "region6",
							     "region7", "region8" };
	char size[32];

	doc_field(d, "reserved", "reserved",
		  doc_str(m->crash_size ? format_size(m->crash_size, size, sizeof(size))
					: "nothing"));
	doc_field(d, "reserved_bytes", NULL, doc_uint(m->crash_size));
	for (size_t i = 0; i < m->ncrash; i++)
		doc_field(d, keys[i], "crash memory",
			  doc_fmt("%#" PRIx64 "-%#" PRIx64 " (%s)", m->crash[i].start,
				  m->crash[i].end - 1,
				  format_size(range_len(&m->crash[i]), size, sizeof(size))));
}

static void put_record(const struct machine *m, struct doc *d)
{
	struct record r;
	char when[UTC_TEXT];

	if (!record_read(m, &r, NULL)) {
		if (r.kernel)
			doc_field(d, "kernel", "kernel", doc_str(r.kernel));
		if (r.initrd)
			doc_field(d, "initrd", "initramfs", doc_str(r.initrd));
		if (r.cmdline)
			doc_field(d, "cmdline", "command line", doc_str(r.cmdline));
		if (r.how)
			doc_field(d, "how", "by", doc_str(r.how));
		if (r.when && utc_format((int64_t)r.when, UTC_PEOPLE, when))
			doc_field(d, "since", "since", doc_str(when));
		if (record_is_stale(&r, m))
			doc_note(d, DOC_FINDING,
				 "memory or CPUs came or went since then: load it again, "
				 "so that the dump has all of them");
	}
	record_fini(&r);
}

static void put_status(const struct machine *m, struct doc *d)
{
	struct kd_err why = KD_ERR_INIT;

	doc_fields(d, NULL);
	doc_field(d, "loaded", "loaded",
		  doc_styled(doc_bool(m->loaded), m->loaded ? DOC_PLAIN : DOC_BAD));
	put_memory(m, d);
	if (m->loaded && m->can_hotplug)
		doc_field(d, "hotplug", "follows hotplug",
			  doc_bool(m->cpu_hotplug && m->memory_hotplug));
	if (m->loaded)
		put_record(m, d);
	else if (load_reservation(m, &why))
		doc_note(d, DOC_FINDING, "%s", why.text);
	else
		doc_note(d, DOC_HINT, "\"kdview load KERNEL\" loads one");
	if (load_permitted(m, &why))
		doc_note(d, DOC_FINDING, "%s", why.text);
	if (m->iomem_hidden)
		doc_note(d, DOC_HINT, "where the crash memory is, only root can see");
}

int status_main(const struct cli *cli)
{
	const struct args *a = &cli->args;
	struct kd_err err = KD_ERR_INIT;
	struct machine m = { 0 };
	struct doc d;
	int ret = a->nwords ? kd_fail(&err, KD_USAGE, "it takes no arguments")
			    : machine_read(args_value(a, "root"), &m, &err);
	enum test_outcome outcome = TEST_NONE;
	bool loaded = m.loaded;

	if (!ret) {
		doc_init(&d, NULL);
		put_status(&m, &d);
		outcome = test_doc(args_value(a, "root"), a, &d);
		if (!args_has(a, "quiet"))
			print_doc(a, "status", &d);
		doc_fini(&d);
	}
	machine_fini(&m);
	if (ret)
		return cli_complain("status", ret, &err);
	if (args_has(a, "test"))
		return outcome == TEST_ARRIVED ? CLI_OK : CLI_FAILED;
	return loaded ? CLI_OK : CLI_FAILED;
}

static const struct opt_def options[] = {
	{ 'q', "quiet", NULL, "only the exit status" },
	{ 0, "test", NULL, "the exit status says whether the dump of the last test arrived" },
	{ 0, "target", "FOLDER", "look for it there: the folder that dated folders are in" },
	{ 0, "root", "DIR", "look at the copy of /proc and /sys there" },
	{ 0, "json", NULL, "the answer as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "status", "would a crash leave a dump?" },
	{ "status --test", "did that of \"kdview test\"?" },
	{ NULL, NULL },
};

const struct command cmd_status = {
	.name = "status",
	.group = "crash kernel",
	.synopsis = "",
	.summary = "is a crash kernel loaded, and which?",
	.help = "Tells whether one is loaded, how much memory is reserved for it, and what "
		"\"kdview\n"
		"load\" loaded: the kernel itself does not say what it was given.\n"
		"After \"kdview test\" it also looks for the dump of that crash in all targets, "
		"also\n"
		"where they are not mounted: that is done for reading and unseen by others.\n"
		"\n"
		"Exit status: 0 one is loaded, 1 none is, 2 wrong usage.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
