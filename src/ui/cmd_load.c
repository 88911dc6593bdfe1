// SPDX-License-Identifier: GPL-3.0-or-later
/* load, unload: a crash kernel into the running machine. */
#include <inttypes.h>
#include <string.h>

#include "load/kernel_release.h"
#include "load/kexec.h"
#include "load/load.h"
#include "load/record.h"
#include "setup/crash_test.h"
#include "setup/initrd_read.h"
#include "setup/installed.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/initrd_args.h"
#include "ui/load_doc.h"
#include "ui/print_doc.h"

/*
 * What a second kernel wants that nobody told otherwise: one CPU, devices that the first left as
 * they were, little memory, and no panic that waits for ever. Unknown words do no harm. Of the
 * memory, 9 MiB would be files that describe trace events (until v6.6), and 4 MiB pointers to the
 * owners of per-CPU memory, which each chunk has unless cgroups do not count the kernel's memory.
 */
#define DEFAULT_APPEND                                                                             \
	"irqpoll nr_cpus=1 reset_devices cgroup_disable=memory\n"                                  \
	"cgroup.memory=nokmem numa=off transparent_hugepage=never\n"                               \
	"initcall_blacklist=tracer_init_tracefs panic=10"

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
	/* It is shown in help, too, and has a line feed for that. */
	for (char *c = text; (c = strchr(c, '\n')); c++)
		*c = ' ';
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

static int parse_on_error(const struct args *a, struct load_request *q, struct kd_err *err)
{
	static const char *const words[] = {
		[LOAD_ERROR_REBOOT] = "reboot",
		[LOAD_ERROR_CONTINUE] = "continue",
		[LOAD_ERROR_HALT] = "halt",
	};
	const char *asked = args_value(a, "purgatory-on-error");

	for (size_t i = 0; i < KD_ARRAY_SIZE(words) && asked; i++)
		if (!strcmp(words[i], asked)) {
			q->on_error = (enum load_on_error)i;
			return 0;
		}
	return asked ? kd_fail(err, KD_USAGE,
			       "--purgatory-on-error is reboot, continue or halt, not "
			       "\"%s\"",
			       asked)
		     : 0;
}

/* The UART the purgatory speaks on: a name or a port. */
static int parse_serial(const struct args *a, struct load_request *q, struct kd_err *err)
{
	static const uint16_t ports[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
	const char *asked = args_value(a, "serial");
	uint64_t port = 0, baud = 0;
	int ret = args_number(a, "serial-baud", 115200, &baud, err);

	if (ret)
		return ret;
	if (asked && !strncmp(asked, "ttyS", 4) && asked[4] >= '0' && asked[4] <= '3' && !asked[5])
		port = ports[asked[4] - '0'];
	else if (asked && (!parse_hex(asked, &port) || !port || port > UINT16_MAX - 7))
		return kd_fail(err, KD_USAGE,
			       "--serial is ttyS0 to ttyS3, or a port as 0x3f8, not \"%s\"", asked);
	if (baud && 115200 % baud)
		return kd_fail(err, KD_USAGE,
			       "a UART has no %" PRIu64 " baud: 115200, 57600, 38400, 19200, "
			       "9600, ...",
			       baud);
	if (args_has(a, "console-serial") && !port)
		port = ports[0];
	if (baud && !port)
		return kd_fail(err, KD_USAGE,
			       "--serial-baud goes with --serial or --console-serial");
	q->serial = (uint16_t)port;
	q->serial_baud = (uint32_t)baud;
	return 0;
}

static int parse_elf(const struct args *a, struct load_request *q, struct kd_err *err)
{
	bool elf32 = args_has(a, "elf32-core-headers"), elf64 = args_has(a, "elf64-core-headers");

	q->elf = elf32 ? LOAD_ELF32 : elf64 ? LOAD_ELF64 : LOAD_ELF_AUTO;
	return elf32 && elf64 ? kd_fail(err, KD_USAGE,
					"--elf32-core-headers and --elf64-core-headers "
					"exclude each other")
			      : 0;
}

/* What is asked for; *kernel and *append are what was made of nothing, the caller's. */
static int parse(const struct args *a, const struct machine *m, struct load_request *q,
		 char **kernel, char **append, struct kd_err *err)
{
	const char *ramdisk = args_value(a, "ramdisk"), *line = args_value(a, "command-line");
	int ret;

	q->kernel = a->nwords ? a->words[0] : (*kernel = installed_kernel(m));
	if (!q->kernel)
		return kd_fail(err, KD_USAGE,
			       "where the running kernel's file is, is not known (%s/boot/"
			       "vmlinuz-%s is not there): kdview load KERNEL",
			       m->root, m->release);
	if (ramdisk && args_has(a, "initrd"))
		return kd_fail(err, KD_USAGE, "--initrd and --ramdisk are the same: give one");
	if (line && args_has(a, "append"))
		return kd_fail(err, KD_USAGE, "--append and --command-line are the same: give one");
	q->initrd = ramdisk ? ramdisk : args_value(a, "initrd");
	q->append = line ? line : args_value(a, "append");
	q->reuse_cmdline = args_has(a, "reuse-cmdline");
	q->memmap_cmdline = args_has(a, "pass-memmap-cmdline");
	q->no_checks = args_has(a, "no-checks");
	q->hotplug = args_has(a, "hotplug");
	q->dry_run = args_has(a, "dry-run");
	if (!q->append && !q->reuse_cmdline) {
		q->append = *append = default_append(m);
		if (!*append)
			return kd_nomem(err);
	}
	ret = parse_how(a, q, err);
	if (!ret)
		ret = parse_elf(a, q, err);
	if (!ret)
		ret = parse_on_error(a, q, err);
	return ret ? ret : parse_serial(a, q, err);
}

/* --build-initrd: into BUILT, which Q borrows. Modules are those of the kernel to be loaded. */
static int build_initrd(const struct args *a, struct load_request *q, struct initrd *built,
			struct kd_err *err)
{
	_cleanup_(initrd_args_fini) struct initrd_args ia = { 0 };
	const char *other = initrd_args_first(a);
	char release[KERNEL_RELEASE];
	int ret;

	if (!args_has(a, "build-initrd"))
		return other ? kd_fail(err, KD_USAGE, "--%s goes with --build-initrd", other) : 0;
	if (q->initrd)
		return kd_fail(err, KD_USAGE, "--initrd and --build-initrd exclude each other");
	ret = initrd_args_take(a, &ia, err);
	if (!ret && !ia.q.release) {
		ret = kernel_release(q->kernel, release, err);
		ia.q.release = release;
	}
	if (!ret)
		ret = initrd_build(&ia.q, built, err);
	q->initrd_bytes = built->bytes;
	q->initrd_len = built->len;
	return ret ? kd_context(err, ret, "initramfs") : 0;
}

/* Where dumps go, for "kdview test"; of an initramfs that is not ours nothing is known. */
static void remember_conf(const struct load_request *q, const struct machine *m,
			  const struct initrd *built)
{
	_cleanup_(freep) char *text = NULL;

	if (!built->conf && q->initrd)
		initrd_read_conf(q->initrd, &text, NULL);
	crash_test_loaded(m->root, built->conf ? built->conf : text, NULL);
}

static int load(const struct args *a, struct machine *m, struct kd_err *err)
{
	_cleanup_(freep) char *kernel = NULL, *append = NULL;
	_cleanup_(load_report_fini) struct load_report r = { 0 };
	_cleanup_(initrd_fini) struct initrd built = { 0 };
	struct load_request q = { 0 };
	struct doc d;
	int ret;

	if (a->nwords > 1)
		return kd_fail(err, KD_USAGE,
			       "it takes one kernel; its initramfs is --initrd FILE");
	ret = machine_read(args_value(a, "root"), m, err);
	if (!ret)
		ret = parse(a, m, &q, &kernel, &append, err);
	if (!ret)
		ret = build_initrd(a, &q, &built, err);
	if (!ret)
		ret = load_crash_kernel(&q, m, &r, err);
	if (ret)
		return ret;
	if (!q.dry_run) {
		record_write(&q, m, &r, NULL);
		remember_conf(&q, m, &built);
	}
	doc_init(&d, NULL);
	load_doc(&q, m, &r, args_has(a, "debug"), &d);
	if (q.initrd_bytes) {
		doc_section(&d, "built", "initramfs");
		doc_fields(&d, NULL);
		initrd_answer(&built, &d);
		doc_section_end(&d);
	}
	print_doc(a, "load", &d);
	doc_fini(&d);
	return 0;
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
	if (ret)
		return ret;
	record_remove(m);
	puts("the crash kernel is unloaded: a crash leaves no dump now");
	return 0;
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
	{ 0, "initrd", "FILE", "its initramfs (also --ramdisk)" },
	{ 0, "build-initrd", NULL, "make one, as \"kdview initrd\" does:" },
	INITRD_OPTIONS,
	{ 0, "append", "TEXT", "its command line (also --command-line)" },
	{ 0, "reuse-cmdline", NULL, "the running kernel's command line, then that of --append" },
	{ 's', "kexec-file-syscall", NULL, "by kexec_file_load: the kernel makes all of it" },
	{ 'c', "kexec-syscall", NULL, "by kexec_load: kdview makes all of it" },
	{ 'a', "kexec-syscall-auto", NULL, "the first of both that works (default)" },
	{ 'i', "no-checks", NULL, "the purgatory compares no checksums" },
	{ 0, "purgatory-on-error", "WHAT", "when one is wrong: reboot (default), continue, halt" },
	{ 0, "console-serial", NULL, "the purgatory tells what it does, on ttyS0" },
	{ 0, "serial", "PORT", "the same on ttyS0..3, or a port as 0x3f8" },
	{ 0, "serial-baud", "N", "its speed (default: as it is)" },
	{ 0, "elf32-core-headers", NULL, "i386: core headers as ELF32" },
	{ 0, "elf64-core-headers", NULL, "the same as ELF64, which can tell memory above 4 GiB" },
	{ 0, "hotplug", NULL, "the kernel keeps them true when CPUs and memory come and go" },
	{ 0, "pass-memmap-cmdline", NULL, "memory as memmap= on the command line too" },
	{ 0, "args-linux", NULL, "accepted: vmlinux is always loaded as Linux" },
	{ 'p', "load-panic", NULL, "accepted: it is always a crash kernel" },
	{ 0, "dry-run", NULL, "everything but the loading" },
	{ 'd', "debug", NULL, "tell segments, core headers and map of memory" },
	{ 0, "root", "DIR", "a machine's copy of /proc and /sys; with --dry-run" },
	{ 0, "ramdisk", "FILE", "as --initrd; not with it" },
	{ 0, "command-line", "TEXT", "as --append; not with it" },
	{ 0, "json", NULL, "the answer as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example load_examples[] = {
	{ "load --initrd /boot/kdview.img", "the kernel that runs now, with that initramfs" },
	{ "load --build-initrd --target /var/crash", "all in one: dumps go to that folder's disk" },
	{ "load vmlinuz --initrd i.img --append \"console=ttyS0 nr_cpus=1 reset_devices\"",
	  "another one, with its own command line" },
	{ "load --initrd i.img --reuse-cmdline --append \"nr_cpus=1 reset_devices\"",
	  "the running kernel's command line, and more" },
	{ "load vmlinux -c --dry-run --debug", "where would everything be?" },
	{ NULL, NULL },
};

const struct command cmd_load = {
	.name = "load",
	.group = "crash kernel",
	.synopsis = "[KERNEL]",
	.summary = "load the kernel that saves the dump when this one crashes",
	.help = "Puts KERNEL (bzImage or vmlinux, compressed or not; default: the file of the one\n"
		"that runs) into the memory that crashkernel= reserved, in place of any that is\n"
		"there. When the running kernel crashes it starts that one, whose initramfs saves\n"
		"the dump.\n"
		"\n"
		"Without --append and --reuse-cmdline its command line is the running kernel's\n"
		"consoles and \"" DEFAULT_APPEND "\".\n"
		"--reuse-cmdline leaves out BOOT_IMAGE=, crashkernel=, initrd=, elfcorehdr= and what is\n"
		"for init (\"--\" and behind it).\n"
		"\n"
		"What is about the purgatory, the code that runs between both kernels, or about\n"
		"our map of memory and core headers implies -c.\n"
		"\n"
		"Exit status: 0 loaded, 1 not, 2 wrong usage.",
	.options = load_options,
	.examples = load_examples,
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
