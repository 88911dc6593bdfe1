// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kdview-capture: what of kdview a second kernel needs, in one static file. As process 1
 * it is all of user space there (second/init.h); else a table of subcommands like main.c's.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "second/init.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/signals.h"

static const struct {
	const struct command *command;
	int (*main)(const struct cli *c);
} commands[] = {
	{ &cmd_capture, capture_main },
	{ &cmd_convert, convert_main },
	{ &cmd_verify, verify_main },
	{ &cmd_initrd, initrd_main },
	{ &cmd_test, test_main },
	{ &cmd_check, check_main },
	{ &cmd_estimate, estimate_main },
	{ &cmd_load, load_main },
	{ &cmd_unload, unload_main },
	{ &cmd_status, status_main },
};

static int help_all(FILE *out)
{
	fprintf(out, "kdview-capture " KD_VERSION ": saves and converts kernel crash dumps\n\n"
		     "usage: kdview-capture COMMAND [OPTION]... [ARGUMENT]...\n\n");
	for (size_t i = 0; i < KD_ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].command->name, commands[i].command->summary);
	fprintf(out, "\n\"kdview-capture COMMAND --help\" tells more. As /init of a second kernel's\n"
		     "initramfs it does what " INIT_CONF " there says.\n");
	return out == stdout ? CLI_OK : CLI_USAGE;
}

static int run(size_t which, int argc, const char *const *words)
{
	struct cli c = { .command = commands[which].command, .named = true };
	struct kd_err err = KD_ERR_INIT;
	int ret = args_parse(words, (size_t)argc, c.command->options, NULL, 0, &c.args, &err), code;

	if (ret)
		code = cli_complain(c.command->name, ret, &err);
	else if (args_has(&c.args, "help"))
		command_help(c.command, true, NULL, stdout), code = CLI_OK;
	else
		code = commands[which].main(&c);
	args_fini(&c.args);
	return code;
}

static int dispatch(int argc, const char *const *argv)
{
	if (argc < 2)
		return help_all(stderr);
	for (size_t i = 0; i < KD_ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].command->name))
			return run(i, argc - 2, argv + 2);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return help_all(stdout);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("kdview-capture " KD_VERSION);
		return CLI_OK;
	}
	complain("no command \"%s\"", argv[1]);
	return help_all(stderr);
}

int main(int argc, char **argv)
{
	int code;

	if (getpid() == 1)
		return init_main();
	signals_install();
	code = dispatch(argc, (const char *const *)argv);
	if ((fflush(stdout) || ferror(stdout) || fclose(stdout)) && !code) {
		if (errno != EPIPE)
			complain("cannot write: %s", strerror(errno));
		code = CLI_FAILED;
	}
	return code;
}
