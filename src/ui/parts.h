/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of answers that more than one command is made of. */
#ifndef KD_UI_PARTS_H
#define KD_UI_PARTS_H

#include "kernel/info.h"
#include "kernel/log.h"
#include "kernel/type_view.h"
#include "ui/doc.h"
#include "ui/session.h"

/*
 * The stack of a task as one node under KEY (an element of an array when REPEATS).
 * FLAGS are gdb_stack_flags. On failure what could be had is in the document, and
 * so is the sentence. *stopped: the stack ended early; the document says why.
 */
int part_stack(struct session *s, struct doc *d, const char *key, bool repeats,
	       const struct task *t, unsigned flags, bool *stopped, struct kd_err *err);

/* Registers of a task as a table under "registers"; KD_NOTFOUND: there are none. */
int part_task_regs(struct session *s, struct doc *d, const struct task *t, struct kd_err *err);

/* Registers of anything, as that table; T (may be NULL) is the task they belong to. */
void part_regs(struct session *s, struct doc *d, const struct regs *r, const struct task *t);

/* The same, with a mark at those that the frame it called, whose are INNER, has changed. */
void part_regs_changed(struct session *s, struct doc *d, const struct regs *r,
		       const struct regs *inner, const struct task *t);

/* The same of a CPU, from its crash note. */
int part_cpu_regs(struct session *s, struct doc *d, const struct cpu *c, struct kd_err *err);

/* The PID of a task as a cell; "?" where nothing tells it. */
struct doc_cell part_pid(const struct task *t);

/* What crashed: fields of the enclosing section. */
void part_info(struct session *s, struct doc *d, const struct info *i);

/* When it crashed and how long it had been up, with the load: the same fields. */
void part_times(struct doc *d, const struct info *i);

/*
 * Findings: lists that are damaged, counts that disagree. L and I (both NULL: without) are the log
 * and what info_read() made of it. Returns how many.
 */
unsigned part_findings(struct session *s, struct doc *d, const struct log *l,
		       const struct info *i);

/* The same of one list alone: its DAMAGE, and the counts that begin with WHAT ("modules"). */
unsigned part_list_findings(struct session *s, struct doc *d, const char *what,
			    const char *damage, const struct log *l, const struct info *i);

/* KD_LOST with a sentence where the tasks that are known are not all; 0: they are. */
int part_all_tasks(const struct session *s, struct kd_err *err);

enum part_log_time { LOG_SECONDS, LOG_CLOCK };

struct part_log {
	size_t first;	 /* record to begin with */
	unsigned levels; /* bit N: show level N */
	enum part_log_time time;
	bool has_boot_time;
	int64_t boot_time; /* seconds since 1970 */
	size_t mark[2];	   /* records to stand out: the crash; SIZE_MAX: none */
};

/* Records of the log as a table under "log"; returns how many. */
size_t part_log(struct doc *d, const struct log *l, const struct part_log *what);

/* How much of a type, or of memory by it, is shown. */
struct part_type {
	const struct kernel *k;
	unsigned depth;	   /* structs opened within each other */
	unsigned elements; /* of an array */
	unsigned lines;
	unsigned radix; /* as struct type_print's */
	bool addresses; /* of contents, in place of offsets */
};

/* A member that was asked for, by the path it was named by. */
struct part_member {
	struct type_member m;
	const char *path;
};

#define PART_TYPE_DEPTH 2
#define PART_TYPE_ELEMENTS 16
#define PART_TYPE_LINES 2000

/* The members of a type as a table under "members". */
void part_type_definition(struct doc *d, const struct part_type *t, const struct type_ref *r);
/* The same of N members of it, a line each. */
void part_type_members(struct doc *d, const struct part_type *t, const struct part_member *list,
		       size_t n);
/* What lies at ADDR, or in N members of it (0: all), in the same way. */
void part_type_value(struct doc *d, const struct part_type *t, const struct type_ref *r,
		     const struct part_member *list, size_t n, vaddr_t addr);

/* Milliseconds of a clock that only goes forward. */
uint64_t clock_ms(void);

#endif
