/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loading a crash kernel: what is asked for, and what was done. Everything in this room knows
 * the running system by files below one root (machine.h) and nothing else, but for kexec.h,
 * which has the system calls.
 */
#ifndef KD_LOAD_LOAD_H
#define KD_LOAD_LOAD_H

#include "core/err.h"
#include "load/machine.h"

#define LOAD_MAX_SEGMENTS 16 /* KEXEC_SEGMENT_MAX */

enum load_how {
	LOAD_AUTO,     /* by file where the kernel can, else by segments */
	LOAD_FILE,     /* kexec_file_load(2): the kernel makes all of it */
	LOAD_SEGMENTS, /* kexec_load(2): we do */
};

enum load_elf { LOAD_ELF_AUTO, LOAD_ELF32, LOAD_ELF64 };

/* What the purgatory does when a checksum is wrong. */
enum load_on_error { LOAD_ERROR_REBOOT, LOAD_ERROR_CONTINUE, LOAD_ERROR_HALT };

/* Strings and bytes are borrowed. */
struct load_request {
	const char *kernel; /* bzImage, or vmlinux; may be compressed */
	const char *initrd; /* NULL: none, or initrd_bytes */
	const void *initrd_bytes;
	size_t initrd_len;
	const char *append;  /* NULL: nothing */
	bool reuse_cmdline;  /* the running kernel's, without what must not be in it; then APPEND */
	bool memmap_cmdline; /* the map as memmap= words too */
	enum load_how how;
	enum load_elf elf;
	bool no_checks; /* the purgatory compares no checksums */
	bool hotplug;	/* the kernel may rewrite the core headers */
	enum load_on_error on_error;
	uint16_t serial;      /* port of the UART the purgatory writes to; 0: it is silent */
	uint32_t serial_baud; /* 0: as the firmware or kernel left it */
	bool dry_run;	      /* everything but the system call */
};

struct load_segment {
	const char *name; /* static: "kernel", "initrd", "core headers", ... */
	paddr_t mem;	  /* where it goes; a multiple of the page size */
	uint64_t memsz;	  /* bytes there, a multiple of the page size; the rest is zeroed */
	uint8_t *buf;	  /* owned */
	size_t len;	  /* at most memsz */
};

struct segment_list {
	struct load_segment at[LOAD_MAX_SEGMENTS];
	size_t n;
	paddr_t entry; /* of the purgatory */
	char *cmdline; /* owned: what the kernel gets */
};

void segment_list_fini(struct segment_list *l);

/* What was done. load_report_fini() in any case. */
struct load_report {
	enum load_how how;	      /* never LOAD_AUTO */
	char why_segments[1024];      /* LOAD_AUTO took segments since ... ; empty: it did not */
	struct range region;	      /* of crash memory that was used; empty: not known */
	uint64_t initrd_len;	      /* bytes */
	char *cmdline;		      /* owned; without what the kernel adds for LOAD_FILE */
	struct segment_list segments; /* LOAD_SEGMENTS; its cmdline is above */
};

void load_report_fini(struct load_report *r);

/* Do the sysctls let anyone load, or unload? KD_IO, with what to do about it. */
int load_permitted(const struct machine *m, struct kd_err *err);

/* Is there memory for one? KD_UNSUPPORTED, KD_NOSPACE, with what to do about it. */
int load_reservation(const struct machine *m, struct kd_err *err);

/*
 * Load a crash kernel into the machine M in place of any that is there. KD_USAGE: what is
 * asked for makes no sense; KD_NOTFOUND, KD_IO, KD_CORRUPT: a file; KD_NOSPACE: the reservation
 * is too small, or none; KD_UNSUPPORTED: this kernel cannot; KD_IO: it may not (not root,
 * lockdown, signature). Each sentence ends with the next step.
 */
int load_crash_kernel(const struct load_request *q, const struct machine *m,
		      struct load_report *out, struct kd_err *err);

#endif
