// SPDX-License-Identifier: GPL-3.0-or-later
/* One command, given on the command line. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "ui/cli.h"
#include "ui/run.h"
#include "ui/signals.h"

/* Open the session; CLI_OK or the exit code. */
static int open_session(const struct cli *c, struct session **s)
{
	struct kd_err err = KD_ERR_INIT;
	int ret;

	if (c->command->flags & CMD_NO_DUMP)
		return CLI_OK;
	ret = cli_session(c, false, s, &err);
	if (!ret)
		return CLI_OK;
	if (ret == KD_USAGE)
		return cli_complain(c->command->name, ret, &err);
	cli_complain(NULL, ret, &err);
	return CLI_DUMP;
}

static int run(const struct cli *c, struct session *s, struct output *o)
{
	struct kd_err err = KD_ERR_INIT;
	int ret = command_run(s, c->command, &c->args, o, &err);

	if (!ret)
		return CLI_OK;
	/* A reader that has seen enough is no error. */
	if (ret == KD_IO && o->error == EPIPE)
		return CLI_FAILED;
	return cli_complain(c->command->name, ret, &err);
}

static int run_to(const struct cli *c, struct session *s, FILE *f, int *write_error)
{
	struct output o;
	int code;

	output_init(&o, f, args_has(&c->args, "json"), args_has(&c->args, "no-color"));
	code = run(c, s, &o);
	*write_error = o.error;
	return code;
}

static int run_to_file(const struct cli *c, struct session *s, const char *path)
{
	struct kd_err err = KD_ERR_INIT;
	FILE *f = NULL;
	int code, write_error, ret = output_create(path, s, false, &f, &err);

	if (ret)
		return cli_complain(c->command->name, ret, &err);
	code = run_to(c, s, f, &write_error);
	/* Only closing tells whether a remote or full disk has taken it all. */
	if (fclose(f) && !write_error) {
		complain("%s: cannot write: %s", path, strerror(errno));
		code = CLI_FAILED;
	}
	return code;
}

int batch_main(const struct cli *c)
{
	const char *path = args_value(&c->args, "output");
	_cleanup_(session_closep) struct session *s = NULL;
	int write_error = 0, code = open_session(c, &s);

	if (code && signals_pending())
		signals_die(signals_pending());
	if (code)
		return code;
	code = path ? run_to_file(c, s, path) : run_to(c, s, stdout, &write_error);
	session_close(s);
	s = NULL;
	/* Having tidied up, end as a program that knows nothing of signals would. */
	if (signals_pending())
		signals_die(signals_pending());
	if (write_error == EPIPE)
		signals_die(SIGPIPE);
	return code;
}
