/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a command and rendering its document: what the command line and the prompt share. */
#ifndef KD_UI_RUN_H
#define KD_UI_RUN_H

#include "ui/command.h"
#include "ui/output.h"

/*
 * Run C with A and write its document to O as it grows. Errors: the command's (its
 * sentence is in the JSON too), and KD_IO when O can not be written (O->error says
 * why: a closed pipe, EPIPE, is not worth a word). S may be NULL for CMD_NO_DUMP.
 */
int command_run(struct session *s, const struct command *c, const struct args *a, struct output *o,
		struct kd_err *err);

/* Has C as many arguments as it takes? KD_USAGE. command_run() looks by itself. */
int command_check_args(const struct command *c, const struct args *a, struct kd_err *err);

/* A closed pipe is not worth a word. */
bool output_pipe_closed(struct output *o);

#endif
