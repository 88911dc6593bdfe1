// SPDX-License-Identifier: GPL-3.0-or-later
/* estimate: how large crashkernel= must be. */
#include <inttypes.h>
#include <string.h>

#include "setup/estimate.h"
#include "setup/installed.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/format.h"
#include "ui/print_doc.h"

#define MIB (UINT64_C(1) << 20)

static const struct doc_column columns[] = {
	{ .key = "bytes", .flags = DOC_ONLY_JSON },
	{ .key = "size", .title = "SIZE", .flags = DOC_RIGHT | DOC_ONLY_TEXT },
	{ .key = "part", .flags = DOC_ONLY_JSON },
	{ .key = "what", .title = "FOR" },
};

static struct doc_cell size_cell(uint64_t bytes)
{
	char text[32];

	return doc_str(format_size(bytes, text, sizeof(text)));
}

static void put_parts(const struct estimate *e, struct doc *d)
{
	doc_table(d, "parts", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < e->n; i++) {
		doc_put(d, doc_uint(e->parts[i].bytes));
		doc_put(d, size_cell(e->parts[i].bytes));
		doc_put(d, doc_str(e->parts[i].key));
		doc_put(d, doc_str(e->parts[i].what));
	}
}

static void put_reserved(const struct estimate *e, const struct machine *m, struct doc *d)
{
	char text[32];
	const char *how = m->crash_size >= e->want    ? "that is enough"
			  : m->crash_size >= e->least ? "that may just do"
						      : "that is too little";

	if (!m->root)
		return;
	doc_field(d, "reserved", NULL, doc_uint(m->crash_size));
	doc_field(d, NULL, "reserved now",
		  !m->crash_size
			  ? doc_styled(doc_str("nothing"), DOC_BAD)
			  : doc_styled(doc_fmt("%s: %s",
					       format_size(m->crash_size, text, sizeof(text)), how),
				       m->crash_size < e->least ? DOC_BAD : DOC_PLAIN));
}

static void put_estimate(const struct estimate *e, const struct machine *m, const char *kernel,
			 const char *initrd, struct doc *d)
{
	char text[32];

	doc_fields(d, NULL);
	doc_field(d, "kernel", "kernel", doc_str(kernel));
	doc_field(d, "initrd", "initramfs",
		  initrd ? doc_str(initrd)
			 : doc_none("as \"kdview initrd\" writes one for a disk"));
	put_parts(e, d);
	doc_fields(d, NULL);
	doc_field(d, "least", NULL, doc_uint(e->least));
	doc_field(d, NULL, "at least", size_cell(e->least));
	doc_field(d, "loading", NULL, doc_uint(e->loading));
	doc_field(d, "want", NULL, doc_uint(e->want));
	doc_field(d, "crashkernel", "with room to spare",
		  doc_styled(doc_fmt("crashkernel=%" PRIu64 "M", e->want / MIB), DOC_STRONG));
	put_reserved(e, m, d);
	if (e->initrd_guessed)
		doc_note(d, DOC_FINDING,
			 "how much the initramfs unpacks to is guessed: this program can "
			 "not unpack it");
	if (e->least == e->loading)
		doc_note(d, DOC_HINT,
			 "loading decides: the kernel's file, unpacking itself, takes %s",
			 format_size(e->loading, text, sizeof(text)));
	doc_text(d, NULL,
		 doc_str("For one CPU and the command line of \"kdview load\". Network cards, RAID "
			 "controllers and\nencrypted disks take more: \"kdview test\" shows "
			 "whether it is "
			 "enough."));
}

static int estimate(const struct args *a, struct machine *m, struct kd_err *err)
{
	_cleanup_(freep) char *found = NULL;
	const char *kernel, *initrd = args_value(a, "initrd");
	struct estimate e;
	struct doc d;
	int ret;

	if (a->nwords > 1)
		return kd_fail(err, KD_USAGE, "it wants one kernel, not \"%s\" too", a->words[1]);
	/* it is told without the machine as well */
	ret = machine_read(args_value(a, "root"), m, NULL);
	if (ret)
		machine_fini(m);
	kernel = a->nwords ? a->words[0] : args_value(a, "kernel");
	if (!kernel && !ret)
		kernel = found = installed_kernel(m);
	if (!kernel)
		return kd_fail(err, KD_USAGE,
			       "where the running kernel's file is, is not known: kdview "
			       "estimate KERNEL");
	ret = estimate_make(m->root ? m : NULL, kernel, initrd, &e, err);
	if (ret)
		return ret;
	doc_init(&d, NULL);
	put_estimate(&e, m, kernel, initrd, &d);
	ret = doc_status(&d) ? kd_nomem(err) : 0;
	if (!ret)
		print_doc(a, "estimate", &d);
	doc_fini(&d);
	return ret;
}

int estimate_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct machine m = { 0 };
	int ret = estimate(&cli->args, &m, &err);

	machine_fini(&m);
	return ret ? cli_complain("estimate", ret, &err) : CLI_OK;
}

static const struct opt_def options[] = {
	{ 0, "kernel", "FILE", "the second kernel (also as a word; the running one's)" },
	{ 0, "initrd", "FILE", "its initramfs (one as \"kdview initrd\" writes it)" },
	{ 0, "root", "FOLDER", "look at proc, sys and boot in FOLDER" },
	{ 0, "json", NULL, "the answer as JSON, sizes in bytes" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "estimate", "for the kernel that runs" },
	{ "estimate bzImage --initrd kdview.img", "for this kernel with that initramfs" },
	{ NULL, NULL },
};

const struct command cmd_estimate = {
	.name = "estimate",
	.group = "crash kernel",
	.synopsis = "[KERNEL]",
	.summary = "how large must crashkernel= be?",
	.help = "Adds up what the second kernel takes of crash memory: its code and data (its\n"
		"image, unpacked), its initramfs (packed and unpacked), the struct pages of\n"
		"that memory, what kernels were measured to take while they start, and\n"
		"kdview-capture. Room is added for what other kernels, drivers and file\n"
		"systems take more. Beside it stands what is reserved now.\n"
		"\n"
		"Exit status: 0 told, 1 a file can not be used, 2 wrong usage.",
	.options = options,
	.examples = examples,
	.max = 1,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
