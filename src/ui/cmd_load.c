// SPDX-License-Identifier: GPL-3.0-or-later
/* load, unload: a crash kernel into the running machine. */
#include <inttypes.h>
#include <string.h>

#include "load/kexec.h"
#include "load/load.h"
#include "load/record.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/format.h"
#include "ui/print_doc.h"

/*
 * What a second kernel wants that nobody told otherwise: one CPU, devices that the first left as
 * they were, little memory, and no panic that waits for ever. Unknown words do no harm.
 */
#define DEFAULT_APPEND "irqpoll nr_cpus=1 reset_devices cgroup_disable=memory numa=off " \
		       "transparent_hugepage=never panic=10"

/* The running kernel's consoles, so that the second one is seen on them, then the default. */
static char *default_append(const struct machine *m)
{
	_cleanup_(freep) char *old = strdup(m->cmdline);
	char *text = NULL, *save = NULL;
	size_t len;
	FILE *f = old ? open_memstream(&text, &len) : NULL;

	if (!f)
		return NULL;
	for (char *w = strtok_r(old, " \t", &save); w; w = strtok_r(NULL, " \t", &save))
		if (!strncmp(w, "console=", 8) || !strncmp(w, "earlyprintk=", 12))
			fprintf(f, "%s ", w);
	fputs(DEFAULT_APPEND, f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static int parse_how(const struct args *a, struct load_request *q, struct kd_err *err)
{
	static const struct {
		const char *name;
		enum load_how how;
	} ways[] = {
		{ "kexec-file-syscall", LOAD_FILE },
		{ "kexec-syscall", LOAD_SEGMENTS },
		{ "kexec-syscall-auto", LOAD_AUTO },
	};
	unsigned given = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(ways); i++)
		if (args_has(a, ways[i].name)) {
			q->how = ways[i].how;
			given++;
		}
	return given > 1 ? kd_fail(err, KD_USAGE, "-s, -c and -a exclude each other") : 0;
}

static int parse(const struct args *a, const struct machine *m, struct load_request *q,
		 char **append, struct kd_err *err)
{
	q->kernel = a->words[0];
	q->initrd = args_value(a, "initrd");
	q->append = args_value(a, "append");
	q->reuse_cmdline = args_has(a, "reuse-cmdline");
	q->dry_run = args_has(a, "dry-run");
	if (!q->append && !q->reuse_cmdline) {
		q->append = *append = default_append(m);
		if (!*append)
			return kd_nomem(err);
	}
	return parse_how(a, q, err);
}

static void put_report(const struct load_request *q, const struct machine *m,
		       const struct load_report *r, struct doc *d)
{
	char size[32];

	doc_fields(d, NULL);
	doc_field(d, "loaded", "loaded", doc_bool(!q->dry_run));
	doc_field(d, "how", "by", doc_str(r->how == LOAD_FILE ? "kexec_file_load" : "kexec_load"));
	doc_field(d, "kernel", "kernel", doc_str(q->kernel));
	if (r->initrd_len)
		doc_field(d, "initrd", "initramfs",
			  doc_fmt("%s (%s)", q->initrd ? q->initrd : "built",
				  format_size(r->initrd_len, size, sizeof(size))));
	doc_field(d, "cmdline", "command line", doc_str(r->cmdline));
	if (r->region.end)
		doc_field(d, "region", "crash memory",
			  doc_fmt("%#" PRIx64 "-%#" PRIx64 " (%s)", r->region.start, r->region.end - 1,
				  format_size(range_len(&r->region), size, sizeof(size))));
	if (*r->why_segments)
		doc_note(d, DOC_FINDING, "kexec_file_load did not do: %s", r->why_segments);
	if (m->loaded && !q->dry_run)
		doc_note(d, DOC_FINDING, "it took the place of the one that was loaded before");
}

static int load(const struct args *a, struct machine *m, struct kd_err *err)
{
	_cleanup_(freep) char *append = NULL;
	struct load_request q = { 0 };
	struct load_report r = { 0 };
	struct doc d;
	int ret;

	if (a->nwords != 1)
		return kd_fail(err, KD_USAGE, "it wants one kernel: kdview load /boot/vmlinuz-RELEASE");
	ret = machine_read(args_value(a, "root"), m, err);
	if (!ret)
		ret = parse(a, m, &q, &append, err);
	if (ret)
		return ret;
	ret = load_crash_kernel(&q, m, &r, err);
	if (!ret && !q.dry_run)
		record_write(&q, m, &r, NULL);
	if (!ret) {
		doc_init(&d, NULL);
		put_report(&q, m, &r, &d);
		print_doc(a, "load", &d);
		doc_fini(&d);
	}
	load_report_fini(&r);
	return ret;
}

int load_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct machine m = { 0 };
	int ret = load(&cli->args, &m, &err);

	machine_fini(&m);
	return ret ? cli_complain("load", ret, &err) : CLI_OK;
}

static int unload(const struct args *a, struct machine *m, struct kd_err *err)
{
	int ret;

	if (a->nwords)
		return kd_fail(err, KD_USAGE, "it takes no arguments");
	ret = machine_read(NULL, m, err);
	if (ret)
		return ret;
	if (!m->has_kexec)
		return load_reservation(m, err);
	if (geteuid())
		return kd_fail(err, KD_IO, "only root may unload a kernel: use sudo");
	if (!m->loaded) {
		puts("no crash kernel is loaded");
		return 0;
	}
	ret = kexec_unload(m, err);
	if (!ret)
		record_remove(m);
	return ret;
}

int unload_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct machine m = { 0 };
	int ret = unload(&cli->args, &m, &err);

	machine_fini(&m);
	return ret ? cli_complain("unload", ret, &err) : CLI_OK;
}

static const struct opt_def load_options[] = {
	{ 'p', "load-panic", NULL, "a crash kernel: what this command always loads" },
	{ 0, "initrd", "FILE", "its initramfs" },
	{ 0, "append", "TEXT", "its command line" },
	{ 0, "reuse-cmdline", NULL, "the running kernel's command line before that" },
	{ 's', "kexec-file-syscall", NULL, "by kexec_file_load: the kernel makes all of it" },
	{ 0, "dry-run", NULL, "everything but the loading" },
	{ 0, "root", "DIR", "look at the copy of /proc and /sys there; with --dry-run" },
	{ 0, "json", NULL, "the answer as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example load_examples[] = {
	{ "load /boot/vmlinuz-6.1.0-56-amd64 --initrd /boot/kdview.img", "load it" },
	{ NULL, NULL },
};

const struct command cmd_load = {
	.name = "load",
	.group = "crash kernel",
	.synopsis = "KERNEL",
	.summary = "load the kernel that saves the dump when this one crashes",
	.help = "Puts KERNEL into the memory that crashkernel= reserved. When the running kernel\n"
		"crashes, it starts that one, whose initramfs saves the dump.\n"
		"\n"
		"Without --append and --reuse-cmdline its command line is \"" "irqpoll nr_cpus=1\n"
		"reset_devices cgroup_disable=memory numa=off transparent_hugepage=never\n"
		"panic=10\", and the running kernel's consoles.\n"
		"\n"
		"Exit status: 0 loaded, 1 not, 2 wrong usage.",
	.options = load_options,
	.examples = load_examples,
	.min = 1,
	.max = 1,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};

static const struct opt_def unload_options[] = {
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

const struct command cmd_unload = {
	.name = "unload",
	.group = "crash kernel",
	.synopsis = "",
	.summary = "take the crash kernel out again",
	.help = "After it a crash leaves no dump. The reservation stays.\n"
		"\n"
		"Exit status: 0 none is loaded now, 1 it could not be done.",
	.options = unload_options,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
