/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which task, which address: the words users name things by, and the words things
 * are shown by.
 */
#ifndef KD_UI_SELECT_H
#define KD_UI_SELECT_H

#include "ui/session.h"

struct task_list {
	const struct task **list; /* owned; tasks are borrowed from the kernel */
	size_t n;
};

void task_list_fini(struct task_list *l);

/* Append T unless it is there already. KD_NOMEM only. */
int task_list_add(struct task_list *l, const struct task *t, struct kd_err *err);

/*
 * Append the tasks a word names: a PID (0: the idle tasks), the address of a
 * task_struct, a COMM or a pattern of it ("kworker*"); a task already there is not
 * taken twice. A number that is a PID is one. KD_NOTFOUND with the nearest names.
 */
int tasks_select(const struct kernel *k, const char *word, struct task_list *l, struct kd_err *err);

/* The one task a word names, NULL: the current one. KD_USAGE: several of that name. */
int task_select(const struct session *s, const char *word, const struct task **out,
		struct kd_err *err);

/* "cpu1" or "1": a CPU's number; KD_NOTFOUND: no such CPU. */
int cpu_select(const struct kernel *k, const char *word, const struct cpu **out,
	       struct kd_err *err);

/*
 * An address: a number (hexadecimal with or without 0x), SYMBOL, SYMBOL+OFF,
 * SYMBOL-OFF, else a C expression for gdb. CPU (may be NULL) or ":N" behind it: whose
 * copy of a per-CPU symbol, or what a per-CPU pointer means there. KD_NOTFOUND with the
 * nearest symbols, KD_USAGE.
 */
int address_select(struct session *s, const char *word, const struct cpu *cpu, vaddr_t *out,
		   struct kd_err *err);

struct address {
	vaddr_t addr;
	const struct cpu *cpu; /* whose; NULL: nobody's */
};

struct address_list {
	struct address *list; /* owned */
	size_t n;
};

void address_list_fini(struct address_list *l);

/*
 * The same, or of several CPUs: "runqueues:0,2-3", and ":a" or ":" for all. Fini it when
 * it failed, too.
 */
int addresses_select(struct session *s, const char *word, const struct cpu *cpu,
		     struct address_list *out, struct kd_err *err);

/*
 * What a value is, if it looks like an address: "schedule+0x20/0x90", "stack of 1
 * init +0x1f8", "task 1 init"; "" for anything else. Into BUF; returns BUF. T (may be
 * NULL) is the task whose stack is looked at first.
 */
const char *value_describe(const struct kernel *k, const struct task *t, uint64_t v, char *buf,
			   size_t size);

#endif
