/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user processes of the guest: one per state and per difficulty that a reader of the dump
 * has to cope with. Their names start with "kd-" (one is odd on purpose).
 */
#ifndef GUEST_PROCS_H
#define GUEST_PROCS_H

#include <stdbool.h>

/*
 * Starts them all and answers how many there are; none of them ends. DSTATE: also one that the
 * module kdcrash keeps in uninterruptible sleep.
 */
int procs_start(bool dstate);

/* Starts one, "kd-eater", that touches memory until there is none; its pid or errno. */
long procs_eat_memory(void);

/* What the program does when it was started under the name "kd-args": waits for ever. */
void procs_args_main(void);

#endif
