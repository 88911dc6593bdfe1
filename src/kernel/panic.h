/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the kernel crashed, and which CPU and task did it. A hypervisor dumps a machine at any
 * moment: it may be as alive as can be, or hang without knowing it.
 */
#ifndef KD_KERNEL_PANIC_H
#define KD_KERNEL_PANIC_H

/* How the line of the log begins in which the kernel says so (kernel/panic.c). */
#define PANIC_WORDS "Kernel panic - not syncing"

struct kernel;

/*
 * Set K's crashed, panic_cpu and panic_task; its CPUs and tasks are read. By the kernel's own
 * variables or, where they have no symbols, by the log. Tasks that are known by a crash note alone
 * get their names from there.
 */
void panic_find(struct kernel *k);

#endif
