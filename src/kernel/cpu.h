/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs of the crashed machine: per-CPU memory, what ran on each, its crash note.
 */
#ifndef KD_KERNEL_CPU_H
#define KD_KERNEL_CPU_H

#include "core/err.h"
#include "core/regs.h"

struct kernel;

#define CPUS_MAX 8192

struct cpu {
	unsigned nr;
	bool online;
	bool has_note;	    /* it saved its registers in the crash */
	vaddr_t percpu;	    /* add to a per-CPU symbol's address */
	vaddr_t current;    /* task_struct it ran; 0: not known */
	uint32_t note_pid;  /* pr_pid of its note */
	struct regs regs;   /* of its note */
};

struct cpus {
	struct cpu *list; /* possible CPUs, by number */
	size_t n;
	char *damage;	  /* owned; NULL: sound */
};

/* Read all possible CPUs and tie the dump's NT_PRSTATUS notes to them. */
int cpus_read(struct kernel *k, struct cpus *c, struct kd_err *err);
void cpus_fini(struct cpus *c);

/* The CPU by number, or NULL. */
const struct cpu *cpus_get(const struct cpus *c, unsigned nr);

/* Runtime address of per-CPU symbol NAME on CPU; false: no such symbol or CPU. */
bool cpu_symbol(const struct kernel *k, const struct cpu *cpu, const char *name, vaddr_t *addr);

#endif
