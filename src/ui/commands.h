/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands, one per cmd_NOUN.c; command.c has them in one table. */
#ifndef KD_UI_COMMANDS_H
#define KD_UI_COMMANDS_H

#include "ui/command.h"

extern const struct command cmd_alias;
extern const struct command cmd_bt;
extern const struct command cmd_capture;
extern const struct command cmd_check;
extern const struct command cmd_convert;
extern const struct command cmd_cpu;
extern const struct command cmd_dis;
extern const struct command cmd_estimate;
extern const struct command cmd_eval;
extern const struct command cmd_files;
extern const struct command cmd_foreach;
extern const struct command cmd_frame;
extern const struct command cmd_follow;
extern const struct command cmd_gdb;
extern const struct command cmd_gdb_shell;
extern const struct command cmd_help;
extern const struct command cmd_info;
extern const struct command cmd_initrd;
extern const struct command cmd_irq;
extern const struct command cmd_list;
extern const struct command cmd_load;
extern const struct command cmd_log;
extern const struct command cmd_mem;
extern const struct command cmd_mod;
extern const struct command cmd_mount;
extern const struct command cmd_net;
extern const struct command cmd_note;
extern const struct command cmd_prompt;
extern const struct command cmd_ps;
extern const struct command cmd_quit;
extern const struct command cmd_regs;
extern const struct command cmd_report;
extern const struct command cmd_search;
extern const struct command cmd_selfcheck;
extern const struct command cmd_serve;
extern const struct command cmd_source;
extern const struct command cmd_stacks;
extern const struct command cmd_status;
extern const struct command cmd_struct;
extern const struct command cmd_sym;
extern const struct command cmd_task;
extern const struct command cmd_unload;
extern const struct command cmd_test;
extern const struct command cmd_verdict;
extern const struct command cmd_verify;
extern const struct command cmd_version;
extern const struct command cmd_vtop;
extern const struct command cmd_whatis;

#endif
