/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Thousands of tasks that sleep in many different places of the kernel, for dumps that show how a
 * reader of the dump scales. Their names start with "kc-".
 *
 * They come in families of up to 100: a leader that waits for one of its children, processes of
 * their own, processes with eight threads, and processes with page faults that nobody serves (in
 * user mode, and in the kernel with a mutex held that another thread waits for, in state D).
 */
#ifndef GUEST_CROWD_H
#define GUEST_CROWD_H

#include <stdint.h>

/*
 * Starts N tasks and waits until each has come to where it sleeps; none of them ends (zombies
 * stay). Answers how many did within a few minutes, which is N unless something failed. Says now
 * and then how far it is.
 */
uint64_t crowd_start(uint64_t n);

#endif
