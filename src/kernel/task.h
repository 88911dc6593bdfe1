/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tasks: every thread of the crashed kernel, idle tasks included.
 */
#ifndef KD_KERNEL_TASK_H
#define KD_KERNEL_TASK_H

#include "core/err.h"
#include "core/regs.h"

struct kernel;
struct windows;

/* How a task came to be known. */
enum task_source {
	TASK_FROM_LIST,	     /* the kernel's lists of tasks and of their threads */
	TASK_FROM_CPU,	     /* it ran on a CPU, or is idle there */
	TASK_FROM_NOTE,	     /* a crash note: its PID, and nothing else */
	TASK_FROM_BACKWARDS, /* the list of tasks, followed from its end */
	TASK_FROM_PIDS,	     /* the kernel's table of PIDs */
	TASK_FROM_FAMILY,    /* its parent's children */
};

struct task {
	vaddr_t addr;	  /* of its task_struct; 0: not known, only its CPU's crash note is */
	vaddr_t stack;	  /* lowest address of its kernel stack; 0: gone */
	vaddr_t mm;	  /* 0: kernel thread */
	uint32_t pid, tgid, ppid;
	bool no_pid;	  /* nothing tells it: pid is 0 */
	int32_t cpu;	  /* it runs or last ran on; -1: not known */
	uint64_t state;	  /* as task_struct has it */
	uint64_t exit_state;
	uint64_t flags;	  /* PF_* */
	char comm[16];	  /* raw bytes, terminated */
	bool on_cpu;	  /* was running when the kernel died */
	bool idle;	  /* swapper of its CPU */
	bool panicked;	  /* the task that crashed the kernel */
	bool strayed;	  /* its saved stack pointer is not on its stack: one of them is wrong */
	enum task_source source;
	uint32_t thread_id; /* for gdb: pid, or 0x40000000 + cpu for idle tasks */
};

struct tasks {
	struct task *list; /* idle tasks first, then the kernel's list in its order, then others */
	size_t n;
	char *damage;	   /* owned: how a list is broken or which page is missing; NULL: sound */
	bool partial;	   /* these are not all */
	int64_t nr_threads; /* the kernel's own count, without idle tasks; -1: not known */
};

/*
 * Read all tasks. Where the list is broken they are searched by other ways: the list
 * backwards, the table of PIDs, parents. Damage is reported with what could be read; only
 * KD_NOMEM fails.
 */
int tasks_read(struct kernel *k, struct tasks *t, struct kd_err *err);
void tasks_fini(struct tasks *t);

/* A word for the way: "list", "PID table", ... */
const char *task_source_name(enum task_source source);

/* One letter as ps(1) has it: R S D T t X Z I P; '?': not known. */
char task_state_letter(const struct kernel *k, const struct task *t);

/*
 * Registers to unwind T from: of a running task those its CPU's crash note holds,
 * of a sleeping one those its last switch saved (struct inactive_task_frame).
 * KD_NOTFOUND: it ran, but its CPU left no note (the text says so).
 */
int task_regs(const struct kernel *k, const struct task *t, struct regs *out, struct kd_err *err);

/* The same through windows of the caller's, for many tasks. */
int task_regs_by(const struct kernel *k, struct windows *w, const struct task *t, struct regs *out,
		 struct kd_err *err);

/* The same from a struct inactive_task_frame at SP. Errors: how it is missing. */
int task_switch_regs(const struct kernel *k, vaddr_t sp, struct regs *out, struct kd_err *err);

/* THREAD_SIZE, bytes: of the first task's stack, which is part of the image. */
uint64_t kernel_stack_size(const struct kernel *k);

/* Is SP on a stack of SIZE bytes at STACK? What overflows its stack is still on it. */
bool task_stack_holds(const struct kernel *k, vaddr_t stack, uint64_t size, vaddr_t sp);

const struct task *tasks_by_pid(const struct tasks *t, uint32_t pid);
const struct task *tasks_by_addr(const struct tasks *t, vaddr_t addr);
/* What ran on CPU NR when the kernel died, or NULL. */
const struct task *tasks_on_cpu(const struct tasks *t, unsigned nr);
const struct task *tasks_by_thread_id(const struct tasks *t, uint32_t thread_id);

#endif
