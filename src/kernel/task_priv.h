/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that find tasks share: task.c, task_list.c, task_rescue.c, task_stack.c. */
#ifndef KD_KERNEL_TASK_PRIV_H
#define KD_KERNEL_TASK_PRIV_H

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/window.h"

/* PID_MAX_LIMIT of a 64-bit kernel: no PID is larger, no list of tasks longer. */
#define TASKS_MAX (4u << 20)

/* What struct task does not keep, but a sound task shows. */
struct task_facts {
	struct task t;
	vaddr_t signal, parent;
	bool has_signal, has_parent, has_stack; /* the member is known and could be read */
	bool has_comm, comm_ends;		/* it has a NUL */
	struct kd_err missing; /* of the first member that is not in the dump; status 0: none is */
};

/* KD_NODATA ...: not even its PID can be read. */
int task_load(const struct layout *l, struct windows *w, vaddr_t addr, struct task_facts *f,
	      struct kd_err *err);

/* What is wrong with tasks, by kind: of many the first is told and the others are counted. */
enum task_fault {
	FAULT_MISSING,	 /* parts of a task are not in the dump */
	FAULT_NAME,	 /* comm has no NUL */
	FAULT_PID,	 /* larger than any can be */
	FAULT_CPU,	 /* no such one */
	FAULT_BACK_LINK, /* the next entry does not point back */
	FAULT_THREADS,	 /* a process' list of threads */
	FAULT_STACK,	 /* it is not where the task says */
	FAULT_TWICE,	 /* two tasks have the same PID */
	FAULTS,
};

struct task_walk {
	struct kernel *k;
	struct windows *windows;
	struct tasks *tasks;
	size_t room;
	struct {
		vaddr_t *slots; /* owned; open addressing, 0: free */
		size_t cap, n;	/* cap: a power of two */
	} seen;			/* addresses of tasks that were taken, or can not be */
	uint64_t stack_size;	 /* bytes */
	enum task_source source; /* of what is taken next */
	bool listed; /* the kernel's list was read, as far as it goes */
	bool idle_lost;
	bool broken; /* a list ended where it should not, or may have left tasks out */
	struct {
		size_t n;
		char first[256];
	} faults[FAULTS];
	struct kd_err *err;
};

bool task_walk_saw(const struct task_walk *w, vaddr_t addr);

/*
 * Take the task at ADDR, unless it was. ONLY_SOUND: leave out what does not look like
 * one. KD_NOMEM is the only failure.
 */
int task_walk_take(struct task_walk *w, vaddr_t addr, bool only_sound);

/* The threads of the group that the task at LEADER is of, as far as their list goes. KD_NOMEM. */
int task_walk_threads(struct task_walk *w, vaddr_t leader);

void task_walk_fault(struct task_walk *w, enum task_fault kind, const char *fmt, ...)
	KD_PRINTF(3, 4);

/*
 * How many of a task's members can not be a task's; 0: it is sound, or nothing of it can
 * be judged. WHY gets the first in words: "its PID is 99999999".
 */
unsigned task_oddities(const struct kernel *k, const struct task_facts *f, char *why, size_t size);

/* Does the task's saved stack pointer lie outside of its stack? */
bool task_has_strayed(const struct kernel *k, struct windows *w, uint64_t size,
		      const struct task *t);

/* Look into the tasks that have strayed, once it is known which of them run. */
void task_walk_stacks(struct task_walk *w);

/* Tasks by ways that do not need the list: the table of PIDs, parents. KD_NOMEM. */
int task_rescue(struct task_walk *w);

#endif
