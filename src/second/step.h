/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What process 1 does, it lets children do, one step after the other, and waits for each only
 * so long: a step that crashes or hangs costs that step. Process 1 itself calls nothing
 * that blocks, and so is the watchdog: /dev/watchdog is fed while there is time left, and
 * no longer; a SIGALRM reboots should process 1 be stuck all the same. One thread.
 */
#ifndef KD_SECOND_STEP_H
#define KD_SECOND_STEP_H

#include "core/base.h"

struct steps {
	uint64_t deadline; /* ms of CLOCK_BOOTTIME: of all steps */
	int kmsg;	   /* fd of /dev/kmsg; -1: there is none */
	int watchdog;	   /* fd of /dev/watchdog; -1: there is none */
};

/* Begin to count. LIMIT: seconds for all together. */
void steps_init(struct steps *s, unsigned limit);
/* From now on SECONDS are left; no end is in sight any more (somebody sits at a shell). */
void steps_extend(struct steps *s, unsigned seconds);
void steps_forever(struct steps *s);
/* Once its module is there. */
void steps_watchdog(struct steps *s);

/* A line for people: to the console and to the second kernel's log. */
void steps_say(const struct steps *s, const char *fmt, ...) KD_PRINTF(2, 3);

enum { STEP_CRASHED = -1, STEP_TIMEOUT = -2 };

/*
 * Run FN in a child, for at most SECONDS, and what it prints line by line through
 * steps_say(), or, if PLAIN, to the console as it is. FN's answer (0-255), or STEP_*, which
 * was told then. WHAT is for the sentence.
 */
int steps_run(struct steps *s, const char *what, unsigned seconds, bool plain, int (*fn)(void *data),
	      void *data);

/* Restart the machine, whatever it takes. Async-signal-safe. */
__attribute__((noreturn)) void steps_reboot(void);

#endif
