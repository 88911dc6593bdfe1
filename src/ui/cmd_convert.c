// SPDX-License-Identifier: GPL-3.0-or-later
/* convert: a dump in another format, or with less in it. */
#include "ui/commands.h"
#include "ui/write_dump.h"

static int convert(struct write_dump *w, const struct args *a, struct kd_err *err)
{
	struct doc d;
	int ret;

	if (a->nwords != 2)
		return kd_fail(err, KD_USAGE, "it wants a dump and where to write it: kdview convert IN "
					      "OUT");
	w->in = a->words[0];
	w->out = a->words[1];
	w->raw = args_has(a, "elfcorehdr");
	ret = args_address(a, "elfcorehdr", &w->elfcorehdr, err);
	if (!ret)
		ret = write_dump_args(w, a, err);
	if (!ret)
		ret = write_dump_spool(w, err);
	if (!ret)
		ret = write_dump_open(w, err);
	if (!ret)
		ret = write_dump_value(w, err);
	if (!ret)
		ret = write_dump_check_target(w, w->out, err);
	if (!ret && !w->job.parts)
		ret = dest_open(w->out, w->force, &w->dest, err);
	if (ret)
		return ret;
	ret = w->job.parts ? write_dump_split(w, err) : write_dump_run(w, err);
	/* Refused for what the dump is: there is nothing to tell of. */
	if (ret && !w->sink.written && !w->dest.stream) {
		dest_close(&w->dest, false);
		return ret;
	}
	doc_init(&d, NULL);
	write_dump_answer(w, ret, &d);
	write_dump_print(w, a, &d);
	doc_fini(&d);
	if (ret && w->dest.incomplete)
		kd_context(err, ret, "%s is what could be written", w->dest.incomplete);
	return ret;
}

int convert_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct write_dump w;
	int ret;

	write_dump_init(&w, "convert");
	w.debug_dirs = cli->debug_dirs;
	ret = convert(&w, &cli->args, &err);
	ret = write_dump_exit(&w, ret, &err);
	write_dump_fini(&w);
	return ret;
}

static const struct opt_def options[] = {
	{ 'd', "dump-level", "N[,N]",
	  "leave out: 1 zeros, 2 and 4 page cache, 8 processes, 16 free (sum); the next N if it "
	  "does not fit" },
	{ 0, "compress", "HOW", "zstd (default), lzo, zlib, snappy or none; zstd:LEVEL, zlib:LEVEL" },
	{ 'c', "zlib", NULL, "--compress zlib" },
	{ 'l', "lzo", NULL, "--compress lzo" },
	{ 'p', "snappy", NULL, "--compress snappy" },
	{ 'z', "zstd", NULL, "--compress zstd" },
	{ 0, "format", "FORMAT", "kdump (default), flat, split=N, elf32, elf64 or raw" },
	{ 0, "virtual", NULL, "elf64: the kernel's virtual memory, for gdb (elf32: unless --physical)" },
	{ 0, "physical", NULL, "elf32: physical memory, which must be below 4 GB" },
	{ 0, "vmlinux", "FILE", "whose types tell the tasks, which become gdb's threads" },
	{ 0, "elfcorehdr", "ADDRESS",
	  "IN is raw memory, with the second kernel's core headers there (0: search)" },
	{ 'F', "flattened", NULL, "a flattened stream, as for \"-\"" },
	{ 'j', "jobs", "N", "threads that compress (as many as there are CPUs)" },
	{ 'f', "force", NULL, "replace the output if it is there" },
	{ 'q', "quiet", NULL, "no progress, no summary" },
	{ 0, "json", NULL, "the summary as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "convert -d 31 vmcore small.kdump", "filtered and compressed" },
	{ "convert --compress lzo vmcore out.kdump", "all of it" },
	{ "convert --format elf32 --vmlinux vmlinux vmcore out.elf", "of an i386 kernel, for any gdb" },
	{ "convert -d 31 vmcore - | ssh host 'cat >vmcore.flat'", "through a pipe" },
	{ "convert - vmcore <vmcore.flat", "and back" },
	{ NULL, NULL },
};

const struct command cmd_convert = {
	.name = "convert",
	.group = "dumps",
	.synopsis = "IN OUT",
	.summary = "a dump in another format, filtered and compressed",
	.help = "Writes any dump that can be read in another format. As kdump-compressed, what is needed to\n"
		"understand the crash is written first (the log, stacks, tasks, kernel), so that\n"
		"a dump that was cut off or did not fit still tells most. OUT appears only when\n"
		"all of it is on the disk; until then it is OUT-incomplete. A page that cannot be\n"
		"read costs that page: it is counted and listed.\n"
		"\n"
		"--format elf32 of an i386 dump and elf64 --virtual have the kernel's virtual\n"
		"memory, as its page tables map it, and each task as a thread: a gdb that knows\n"
		"nothing of kernels can use them, with the command that is printed. Where .ko files\n"
		"of its modules are found, OUT.gdb tells gdb where their symbols belong. elf64 and\n"
		"elf32 --physical are cores of physical memory as /proc/vmcore is, raw is physical\n"
		"memory alone, where what is left out reads as zeros. None of them is compressed;\n"
		"pages of zeros take no room on the disk.\n"
		"\n"
		"split=N makes OUT.1 to OUT.N, which are one dump. IN may be \"-\", standard input.\n"
		"\n"
		"Exit status 4: no space was left, and OUT-incomplete has what fitted.",
	.options = options,
	.examples = examples,
	.min = 2,
	.max = 2,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
