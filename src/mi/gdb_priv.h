/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the gdb engine's files share. */
#ifndef KD_MI_GDB_PRIV_H
#define KD_MI_GDB_PRIV_H

#include "mi/gdb.h"
#include "mi/mi.h"
#include "mi/rsp_target.h"

struct gdb {
	const struct kernel *k;
	struct gdb_kit *kit;
	struct rsp_target *threads; /* the server's order of threads is gdb's */
	struct mi *mi;
	char *source_root; /* in front of every C file's name, '/' at its end; NULL: nothing is */
};

/* Drop the names of per-CPU symbols that gdb sees in small numbers; in place. */
void gdb_tidy_value(const struct kernel *k, char *text);

/* Drop "<error: Cannot access memory ...>" behind a pointer; in place. */
void gdb_drop_access_errors(char *text);

/* gdb's number of a task's thread; 0: the server does not show it. */
unsigned gdb_thread(const struct gdb *g, const struct task *t);

/*
 * The folder of gdb's symbol indices (made when missing), for `set index-cache`;
 * owned by the caller. NULL: no folder can be had, gdb then does without.
 */
char *gdb_index_dir(void);

/*
 * Make gdb's index of a vmlinux unless DIR has it: without it, gdb 13 needs 15 s
 * and 1.8 GB for the first struct name. A failure costs that speed only.
 */
void gdb_index_make(const struct vmlinux *v, const char *dir, const struct gdb_options *opt);

#endif
