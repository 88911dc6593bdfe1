// SPDX-License-Identifier: GPL-3.0-or-later
/* The table of commands, and what is said of all of them: see command.h. */
#include "ui/command.h"

#include <string.h>

#include "ui/commands.h"
#include "ui/nearest.h"

static const struct command *const commands[] = {
	&cmd_verdict, &cmd_info,   &cmd_bt,	  &cmd_stacks, &cmd_log,  &cmd_ps,	&cmd_cpu,
	&cmd_regs,   &cmd_frame,  &cmd_report, &cmd_dis, &cmd_mem,    &cmd_eval, &cmd_struct,	&cmd_list,
	&cmd_search, &cmd_sym,	  &cmd_whatis, &cmd_follow, &cmd_vtop, &cmd_mod,	&cmd_files,
	&cmd_mount,  &cmd_irq,	  &cmd_net,    &cmd_gdb,
	&cmd_gdb_shell, &cmd_capture, &cmd_convert, &cmd_verify, &cmd_initrd, &cmd_check, &cmd_estimate, &cmd_load, &cmd_unload, &cmd_test, &cmd_status, &cmd_selfcheck, &cmd_serve, &cmd_prompt, &cmd_task, &cmd_foreach, &cmd_note, &cmd_alias, &cmd_source, &cmd_help,	&cmd_version,
	&cmd_quit,
};

const struct command *command_at(size_t i)
{
	return i < KD_ARRAY_SIZE(commands) ? commands[i] : NULL;
}

/* Is NAME one of the words in LIST? */
static bool in_list(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (list && *list) {
		size_t n = strcspn(list, " ");

		if (n == len && !strncmp(list, name, n))
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

const struct command *command_find(const char *name, unsigned flags)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(commands); i++) {
		const struct command *c = commands[i];

		if ((c->flags & flags) && (!strcmp(c->name, name) || in_list(c->aliases, name)))
			return c;
	}
	return NULL;
}

int command_unknown(const char *name, unsigned flags, struct kd_err *err)
{
	struct nearest near;
	char buf[256];

	nearest_init(&near, name);
	for (size_t i = 0; i < KD_ARRAY_SIZE(commands); i++) {
		if (commands[i]->flags & flags)
			nearest_offer(&near, commands[i]->name);
	}
	if (near.n)
		return kd_fail(err, KD_USAGE, "no command \"%s\"; did you mean %s?", name,
			       nearest_format(&near, "", buf, sizeof(buf)));
	return kd_fail(err, KD_USAGE, "no command \"%s\"; \"%shelp\" lists them", name,
		       flags & CMD_SHELL ? "kdview " : "");
}

static void list_commands(unsigned flags, FILE *out)
{
	const char *group = "";

	for (size_t i = 0; i < KD_ARRAY_SIZE(commands); i++) {
		const struct command *c = commands[i];

		if (!(c->flags & flags))
			continue;
		if (strcmp(group, c->group))
			fprintf(out, "\n%s:\n", c->group);
		group = c->group;
		fprintf(out, "  %-10s %s\n", c->name, c->summary);
	}
}

void command_help_all(bool shell, const struct opt_def *common, FILE *out)
{
	if (!shell) {
		fprintf(out, "commands of the prompt (\"help COMMAND\" tells more):\n");
		list_commands(CMD_PROMPT, out);
		fprintf(out, "\n"
			     "  COMMAND | SHELL COMMAND    pipe the answer into a shell command\n"
			     "  COMMAND > FILE, >> FILE    write it to a file\n"
			     "  COMMAND; COMMAND           one after the other\n"
			     "  !SHELL COMMAND             run a shell command\n"
			     "Tab completes, ^R searches the history, ^C cancels, ^D quits.\n");
		return;
	}
	fprintf(out, "kdview: what happened in a crashed Linux kernel, from its dump\n"
		     "\n"
		     "usage: kdview VMCORE [VMLINUX]                     look around in panes\n"
		     "       kdview COMMAND VMCORE [VMLINUX] [ARGUMENT]...\n"
		     "\n"
		     "Files and options may stand in any order; which file is the dump and which\n"
		     "the vmlinux is seen from what they hold. Without a vmlinux the one that\n"
		     "fits is searched by its build ID; where there is none, the dump alone\n"
		     "answers as far as it can.\n");
	list_commands(CMD_SHELL, out);
	command_options(common, "options of every command", out);
	fprintf(out, "\n"
		     "examples:\n"
		     "  kdview vmcore                    look around, from the verdict on\n"
		     "  kdview vmcore --prompt           the same line by line\n"
		     "  kdview bt vmcore vmlinux         the stack of the task that crashed\n"
		     "  kdview bt vmcore -A | less       all stacks\n"
		     "  kdview report vmcore -o FILE     a report to send around\n"
		     "  kdview gdb vmcore                gdb, with everything set up\n"
		     "\n"
		     "\"kdview help COMMAND\" tells more. Exit status: 0 all right, 1 a command\n"
		     "failed, 2 wrong usage, 3 the dump can not be used.\n");
}
