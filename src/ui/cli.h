/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line: which command, which files, which options. Files are known by
 * what they hold, so they may stand anywhere.
 */
#ifndef KD_UI_CLI_H
#define KD_UI_CLI_H

#include "ui/command.h"
#include "ui/output.h"
#include "ui/session.h"

enum exit_code { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_DUMP = 3,
		 CLI_INCOMPLETE = 4 /* written, as far as there was space */ };

/* Options of every command: on the command line, at the prompt. */
extern const struct opt_def cli_options[];
extern const struct opt_def prompt_options[];

struct cli {
	const struct command *command; /* the prompt if none was named */
	bool named;
	struct args args;	    /* without command and files */
	const char *dump, *vmlinux; /* borrowed; NULL: not given */
	const char **more_dumps;    /* owned, NULL-terminated: a split dump's other parts */
	const char **debug_dirs;    /* owned, NULL-terminated */
	const char **source_dirs;   /* the same; NULL: none was named */
	const char **words;	    /* owned; args borrows from it */
	bool help, version;
};

/*
 * Take a command line apart. KD_USAGE: no such command or option, two dumps or two
 * vmlinux, a file that is neither, no dump: with what each file looks like. Without a command
 * it is the prompt. cli_fini() in any case.
 */
int cli_parse(int argc, const char *const *argv, struct cli *out, struct kd_err *err);
void cli_fini(struct cli *c);

/*
 * Open the session a command line asks for. INTERACTIVE: somebody sits at the
 * terminal, so gdb may take its time. Errors as session_open(), KD_USAGE.
 */
int cli_session(const struct cli *c, bool interactive, struct session **out, struct kd_err *err);

/* What it asks for, strings borrowed from C and the command line. KD_USAGE. */
int cli_session_options(const struct cli *c, bool interactive, struct session_options *out,
			struct kd_err *err);

/* Tell the user; the exit code that goes with a status. WHAT (may be NULL) goes in front. */
int cli_complain(const char *what, int status, const struct kd_err *err);

/* Run the command once and print its document: every command that has a run function. */
int batch_main(const struct cli *c);
/* A face of their own. */
int prompt_main(const struct cli *c);
int serve_main(const struct cli *c);
int capture_main(const struct cli *c);
int check_main(const struct cli *c);
int estimate_main(const struct cli *c);
int convert_main(const struct cli *c);
int verify_main(const struct cli *c);
int test_main(const struct cli *c);
int initrd_main(const struct cli *c);
int load_main(const struct cli *c);
int unload_main(const struct cli *c);
int status_main(const struct cli *c);
int gdb_main(const struct cli *c);

#endif
