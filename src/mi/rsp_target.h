/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the protocol layer needs of a crashed kernel: memory, threads, registers,
 * libraries. Implemented for struct kernel by rsp_kernel_new(), and by tests with
 * a few made-up bytes. Immutable, so any number of threads may use one.
 */
#ifndef KD_MI_RSP_TARGET_H
#define KD_MI_RSP_TARGET_H

#include "core/arch.h"

struct kernel;
struct rsp_target;

struct rsp_thread {
	char name[32];	/* may hold any bytes */
	char info[256]; /* what gdb shows in parentheses: CPU, state */
	int32_t cpu;	/* -1: not known */
};

/* A module: the file gdb reads, and where each of its SHF_ALLOC sections is, in order. */
struct rsp_library {
	char *path;	   /* owned, absolute */
	vaddr_t *sections; /* owned */
	size_t nsections;
};

struct rsp_target_ops {
	/* Same contract as space_read(). */
	int (*read)(const struct rsp_target *t, vaddr_t va, void *buf, size_t len, size_t *done,
		    struct kd_err *err);
	/* Registers of the I-th thread; what can not be had is unknown. */
	void (*regs)(const struct rsp_target *t, size_t i, struct regs *out);
	/* Fill OUT, zeroed by the caller. */
	void (*thread)(const struct rsp_target *t, size_t i, struct rsp_thread *out);
	/* The I-th library into OUT, zeroed by the caller; freed by rsp_library_fini(). */
	int (*library)(const struct rsp_target *t, size_t i, struct rsp_library *out,
		       struct kd_err *err);
	void (*free)(struct rsp_target *t);
};

struct rsp_target {
	const struct rsp_target_ops *ops;
	const struct arch *arch;
	const uint32_t *thread_ids; /* in the order shown; none twice, none 0 or all ones */
	size_t nthreads;
	size_t nlibraries;
	bool has_text;
	vaddr_t text; /* where the first PT_LOAD segment of vmlinux is in the running kernel */
};

/* The target over K, which is borrowed. */
int rsp_kernel_new(const struct kernel *k, struct rsp_target **out, struct kd_err *err);
void rsp_target_free(struct rsp_target *t);
void rsp_target_freep(struct rsp_target **t);

/* Index of the thread with that id; false: none. */
bool rsp_target_find(const struct rsp_target *t, uint64_t id, size_t *i);

void rsp_library_fini(struct rsp_library *l);

#endif
