// SPDX-License-Identifier: GPL-3.0-or-later
/* test: crash on purpose, to see that the dump arrives. */
#include <string.h>

#include "load/load.h"
#include "setup/crash_test.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/output.h"

/* Somebody has to want it, now. */
static int ask(const struct args *a, struct kd_err *err)
{
	char line[16] = "";

	if (args_has(a, "yes"))
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return kd_fail(err, KD_USAGE,
			       "nobody can be asked here: --yes crashes the machine "
			       "without asking");
	fputs("This crashes the machine now: all that runs on it ends. The second kernel saves "
	      "the\n"
	      "dump, and restarts it. Type \"yes\" to go on: ",
	      stderr);
	if (!fgets(line, sizeof(line), stdin) || strcmp(line, "yes\n") != 0)
		return kd_fail(err, KD_CANCELLED, "nothing was done");
	return 0;
}

static int check(const struct args *a, const char *root, struct kd_err *err)
{
	struct machine m = { 0 };
	int ret;

	if (a->nwords)
		return kd_fail(err, KD_USAGE, "it takes no arguments");
	ret = machine_read(root, &m, err);
	if (!ret && !*root && geteuid())
		ret = kd_fail(err, KD_IO, "only root may crash the machine: use sudo");
	if (!ret && !m.loaded)
		ret = kd_fail(err, KD_NOTFOUND,
			      "no crash kernel is loaded, so there would be no dump: "
			      "\"kdview load\" loads one");
	if (!ret)
		ret = crash_test_allowed(root, m.cmdline, err);
	machine_fini(&m);
	return ret;
}

static int test(const struct args *a, struct kd_err *err)
{
	const char *root = args_value(a, "root") ? args_value(a, "root") : "";
	struct crash_test t = { 0 };
	int ret = check(a, root, err);

	if (!ret)
		ret = ask(a, err);
	if (!ret)
		ret = crash_test_begin(root, &t, err);
	if (!ret) {
		printf("crashing; afterwards \"kdview status\" says whether the dump of %s "
		       "arrived\n",
		       t.id);
		if (!*t.conf)
			puts("where dumps go is not known (\"kdview load\" did not load this "
			     "initramfs): "
			     "\"kdview status --target FOLDER\" says it then");
		fflush(stdout);
		ret = crash_test_run(root, &t, err);
	}
	crash_test_fini(&t);
	return ret;
}

int test_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	int ret = test(&cli->args, &err);

	return ret ? cli_complain("test", ret, &err) : CLI_OK;
}

static const struct opt_def options[] = {
	{ 'y', "yes", NULL, "do not ask" },
	{ 0, "root", "DIR",
	  "write there instead: to proc/sysrq-trigger, dev/kmsg, var/lib/kdview" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "test", "ask, then crash this machine" },
	{ "status", "after it is back: did the dump arrive?" },
	{ NULL, NULL },
};

const struct command cmd_test = {
	.name = "test",
	.group = "crash kernel",
	.synopsis = "",
	.summary = "crash this machine on purpose, to see that the dump arrives",
	.help = "Asks, writes an ID into the kernel's log, puts all files on their disks, and\n"
		"crashes the machine (sysrq c). When it is back, \"kdview status\" looks for the\n"
		"dump that has the ID. Refuses where no crash kernel is loaded, and\n"
		"where the log takes nothing from programs (printk.devkmsg=off).\n"
		"\n"
		"All that runs on the machine ends, as if the power failed.\n"
		"\n"
		"Exit status: 1 nothing crashed, 2 wrong usage.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
