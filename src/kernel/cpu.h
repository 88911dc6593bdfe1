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
	bool has_note;	    /* regs are known: it saved them in the crash, or a hypervisor did */
	bool note_in_memory; /* it saved them itself: the kernel crashed */
	bool has_pid;	    /* note_pid is one: hypervisors write numbers of their own */
	vaddr_t percpu;	    /* add to a per-CPU symbol's address */
	vaddr_t current;    /* task_struct it ran; 0: not known */
	uint32_t note_pid;  /* pr_pid of its note; see has_pid */
	struct regs regs;   /* of its note */
};

struct cpus {
	struct cpu *list; /* possible CPUs, by number */
	size_t n;
	bool from_qemu;	  /* the dump's notes are QEMU's: of the moment it was taken */
	char *damage;	  /* owned; NULL: sound */
};

/* Read all possible CPUs and tie the dump's NT_PRSTATUS notes to them. */
int cpus_read(struct kernel *k, struct cpus *c, struct kd_err *err);
void cpus_fini(struct cpus *c);

/*
 * Is there something to tell of it? A kernel that panics without a second one takes the other CPUs
 * offline, but a hypervisor has their registers.
 */
static inline bool cpu_counts(const struct cpu *c)
{
	return c->online || c->has_note;
}

/* The CPU by number, or NULL. */
const struct cpu *cpus_get(const struct cpus *c, unsigned nr);

/* Runtime address of per-CPU symbol NAME on CPU; false: no such symbol or CPU. */
bool cpu_symbol(const struct kernel *k, const struct cpu *cpu, const char *name, vaddr_t *addr);

#endif
