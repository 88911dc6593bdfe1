// SPDX-License-Identifier: GPL-3.0-or-later
/* gdb and serve: a gdb of the user's own on the crashed kernel. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "mi/gdb.h"
#include "mi/rsp.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/signals.h"

static int fail(const struct cli *c, int ret, const struct kd_err *err)
{
	return cli_complain(c->command->name, ret, err);
}

static int open_session(const struct cli *c, struct session **s)
{
	struct kd_err err = KD_ERR_INIT;
	int ret;

	if (c->args.nwords) {
		kd_fail(&err, KD_USAGE, "it takes no argument, but \"%s\" was given",
			c->args.words[0]);
		return fail(c, KD_USAGE, &err);
	}
	ret = cli_session(c, true, s, &err);
	if (!ret)
		return CLI_OK;
	if (ret == KD_USAGE)
		return fail(c, ret, &err);
	cli_complain(NULL, ret, &err);
	return CLI_DUMP;
}

int gdb_main(const struct cli *c)
{
	struct kd_err err = KD_ERR_INIT;
	_cleanup_(freep) const char **args = NULL;
	_cleanup_(session_closep) struct session *s = NULL;
	int ret, code = open_session(c, &s);

	if (!s)
		return code;
	args = calloc(c->args.nrest + 1, sizeof(*args));
	if (!args)
		return fail(c, KD_NOMEM, &(struct kd_err){ .text = "out of memory" });
	for (size_t i = 0; i < c->args.nrest; i++)
		args[i] = c->args.rest[i];
	ret = session_gdb_interactive(s, args, &err);
	/* gdb's exit status is the answer to who started it. */
	return ret < 0 ? fail(c, ret, &err) : ret;
}

/* The commands that make any gdb see the kernel. */
static void print_commands(const struct gdb_kit *kit, FILE *out)
{
	const char *command;

	fprintf(out, "serving on %s, until ^C. At a gdb's prompt:\n\n", gdb_kit_socket(kit));
	fprintf(out, "  source %s\n", gdb_kit_script(kit));
	fprintf(out, "  target remote %s\n", gdb_kit_socket(kit));
	fprintf(out, "\nor, to start one:\n\n  gdb -nx -q -x %s -ex 'target remote %s'\n",
		gdb_kit_script(kit), gdb_kit_socket(kit));
	fprintf(out, "\nThe script, for front ends that want commands one by one:\n\n");
	for (size_t i = 0; (command = gdb_kit_command(kit, i)); i++)
		fprintf(out, "  %s\n", command);
	fflush(out);
}

static int serve_socket(const struct cli *c, struct session *s)
{
	_cleanup_(gdb_kit_freep) struct gdb_kit *kit = NULL;
	struct kd_err err = KD_ERR_INIT;
	int ret = gdb_kit_new(s->k, args_value(&c->args, "socket"), s->trace, &kit, &err);

	if (ret)
		return fail(c, ret, &err);
	if (gdb_kit_warning(kit))
		complain("%s", gdb_kit_warning(kit));
	print_commands(kit, stdout);
	if (ferror(stdout)) {
		complain("%s: cannot write: %s", c->command->name, strerror(errno));
		return CLI_FAILED;
	}
	signals_wait();
	return CLI_OK;
}

static int serve_stdio(const struct cli *c, struct session *s)
{
	struct kd_err err = KD_ERR_INIT;
	int ret = rsp_serve(s->k, STDIN_FILENO, STDOUT_FILENO, s->trace, &err);

	return ret ? fail(c, ret, &err) : CLI_OK;
}

int serve_main(const struct cli *c)
{
	_cleanup_(session_closep) struct session *s = NULL;
	struct kd_err err = KD_ERR_INIT;
	int code;

	if (args_has(&c->args, "socket") && args_has(&c->args, "stdio")) {
		kd_fail(&err, KD_USAGE, "--socket and --stdio exclude each other");
		return fail(c, KD_USAGE, &err);
	}
	code = open_session(c, &s);
	if (!s)
		return code;
	return args_has(&c->args, "stdio") ? serve_stdio(c, s) : serve_socket(c, s);
}

static const struct command_example gdb_examples[] = {
	{ "gdb", "gdb's prompt on the crashed kernel" },
	{ "gdb -- -batch -ex 'thread apply all bt'", "what gdb itself says of all stacks" },
	{ "gdb -- -tui", "gdb's own full-screen face" },
	{ NULL, NULL },
};

const struct command cmd_gdb_shell = {
	.name = "gdb",
	.group = "gdb",
	.synopsis = "[-- GDB ARGUMENT...]",
	.summary = "an ordinary gdb on the crashed kernel, everything set up",
	.help = "Symbols are where the kernel ran, every task is a thread with its name, modules\n"
		"are loaded, stacks unwind through entry code. Words after -- go to gdb. The\n"
		"exit status is gdb's.",
	.examples = gdb_examples,
	.flags = CMD_SHELL | CMD_REST,
};

static const struct opt_def serve_options[] = {
	{ 0, "socket", "PATH", "listen there (default: in a private folder)" },
	{ 0, "stdio", NULL, "speak on standard input and output" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example serve_examples[] = {
	{ "serve", "say how to connect, and wait" },
	{ "serve --socket /tmp/crash.sock", "on a socket of this name" },
	{ NULL, NULL },
};

const struct command cmd_serve = {
	.name = "serve",
	.group = "gdb",
	.synopsis = "",
	.summary = "serve the crashed kernel to any front end of gdb",
	.help = "Listens on a Unix socket and speaks gdb's remote protocol; prints the commands\n"
		"that make a gdb see the kernel. ^C ends it. With --stdio it speaks on standard\n"
		"input and output, for gdb's `target remote | kdview serve --stdio VMCORE`; the\n"
		"vmlinux must be loaded before, with `add-symbol-file VMLINUX -o OFFSET` (info\n"
		"tells the offset, \"moved by KASLR\").",
	.options = serve_options,
	.examples = serve_examples,
	.flags = CMD_SHELL,
};
