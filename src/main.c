// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kdview: the table of subcommands. Most are commands of ui/command.c, run once
 * and rendered; a subcommand with a face of its own has its line here.
 */
#include <errno.h>
#include <string.h>

#include "tui/tui.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/signals.h"

static const struct {
	const struct command *command;
	int (*main)(const struct cli *c);
} faces[] = {
	{ &cmd_prompt, tui_main },
	{ &cmd_serve, serve_main },
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
	{ &cmd_gdb_shell, gdb_main },
};

static int dispatch(const struct cli *c)
{
	if (c->version) {
		puts("kdview " KD_VERSION);
		return CLI_OK;
	}
	if (c->help && c->command == &cmd_prompt && !c->named) {
		command_help_all(true, cli_options, stdout);
		return CLI_OK;
	}
	if (c->help) {
		command_help(c->command, true, c->command->flags & CMD_NO_DUMP ? NULL : cli_options,
			     stdout);
		return CLI_OK;
	}
	for (size_t i = 0; i < KD_ARRAY_SIZE(faces); i++) {
		if (faces[i].command == c->command)
			return faces[i].main(c);
	}
	return batch_main(c);
}

int main(int argc, char **argv)
{
	struct kd_err err = KD_ERR_INIT;
	struct cli c;
	int ret, code;

	if (argc < 2) {
		command_help_all(true, cli_options, stderr);
		return CLI_USAGE;
	}
	signals_install();
	ret = cli_parse(argc, (const char *const *)argv, &c, &err);
	code = ret ? cli_complain(c.named ? c.command->name : NULL, ret, &err) : dispatch(&c);
	cli_fini(&c);
	/* Only now is it sure that a full disk or a closed pipe took everything. */
	if ((fflush(stdout) || ferror(stdout) || fclose(stdout)) && !code) {
		if (errno != EPIPE)
			complain("cannot write: %s", strerror(errno));
		code = CLI_FAILED;
	}
	return code;
}
