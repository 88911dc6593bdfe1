/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF notes to be written: those of a dump, and those of tasks for debuggers that know
 * only threads. A note has the same header in both ELF classes.
 */
#ifndef KD_CAPTURE_NOTE_AREA_H
#define KD_CAPTURE_NOTE_AREA_H

#include "core/dump.h"

struct kernel;

struct note_area {
	uint8_t *data; /* owned */
	size_t len, room;
	size_t info_off, info_len; /* VMCOREINFO's text in it; len 0: none */
	unsigned cpus;		   /* NT_PRSTATUS notes */
	bool failed;		   /* memory ran out */
};

/*
 * All notes of D, and a VMCOREINFO of which only the text is known as a note. KD_NOMEM.
 * note_area_fini() in any case.
 */
int note_area_of_dump(struct note_area *n, const struct dump *d, struct kd_err *err);
void note_area_fini(struct note_area *n);

/* One more. Lack of memory is remembered in failed. */
void note_area_add(struct note_area *n, const char *name, uint32_t type, const void *desc,
		   size_t len);

/*
 * An NT_PRSTATUS for each task whose registers are known: first the one that crashed the
 * kernel, then what ran on CPUs, then the others. pr_pid is the task's PID, or for idle
 * tasks 0x40000000 and the CPU. How many go to *ntasks. KD_NOMEM.
 */
int note_area_tasks(struct note_area *n, const struct kernel *k, size_t *ntasks,
		    struct kd_err *err);

#endif
