/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The running machine, as its kernel tells: memory, crash notes, VMCOREINFO, mappings, what is
 * reserved and loaded. Read from proc/, sys/ and boot/ below a root: "" for the real ones, else
 * a folder with copies of them.
 */
#ifndef KD_LOAD_MACHINE_H
#define KD_LOAD_MACHINE_H

#include "load/range.h"

enum machine_arch { MACHINE_X86_64, MACHINE_I386 };

/* The crash notes of a CPU. */
struct machine_note {
	unsigned cpu;
	paddr_t paddr;
	uint64_t size;
};

#define MACHINE_MAX_CRASH 8

struct machine {
	char *root;
	enum machine_arch arch; /* of the running kernel, not of this program */
	char release[128];

	/* /proc/iomem; all of it 0 for who may not see it: then it is not read at all */
	bool iomem_hidden;
	struct range_list ram;		       /* System RAM of every sort, crash memory included */
	struct range_list other;	       /* ACPI, reserved, persistent: what is not RAM */
	struct range crash[MACHINE_MAX_CRASH]; /* "Crash kernel", ascending */
	size_t ncrash;
	struct range code; /* of the kernel; empty: not told */
	struct range gart;

	struct machine_note *notes; /* owned; by CPU number */
	size_t nnotes;
	paddr_t vmcoreinfo; /* 0: not told */
	uint64_t vmcoreinfo_size;

	/* /proc/kcore */
	bool has_maps;	     /* it could be read */
	vaddr_t page_offset; /* of the linear map */
	uint64_t low_memory; /* i386: bytes of RAM that the linear map has; 0: not told */
	vaddr_t text;	     /* of the mapping that has the kernel's image */
	uint64_t text_size;  /* 0: not told */

	char *cmdline;	     /* owned; "" if not told */
	bool has_kexec;	     /* the kernel has kexec_crash_loaded at all */
	bool loaded;	     /* a crash kernel is */
	uint64_t crash_size; /* of the reservation, bytes; 0: none */
	bool load_disabled;  /* kernel.kexec_load_disabled: for good */
	bool load_used_up;   /* kernel.kexec_load_limit_panic: the same, after so many times */
	bool xen_pv;	     /* a kernel that runs on Xen, which alone can start another */
	char lockdown[32];   /* "none", "integrity", "confidentiality"; "": not told */
	bool can_hotplug;    /* it can keep the core headers of what is loaded true by itself */
	bool cpu_hotplug, memory_hotplug; /* and does so now, for these */
	uint64_t elfcorehdr_size;	  /* what it needs for that, bytes; 0: not told */
};

/*
 * Read all of it. What is not there is left empty: only no memory (KD_NOMEM), a root that has no
 * proc/iomem (KD_IO), an architecture that is neither (KD_UNSUPPORTED), and an iomem that makes
 * no sense (KD_CORRUPT) are errors. machine_fini() in any case.
 */
int machine_read(const char *root, struct machine *out, struct kd_err *err);
void machine_fini(struct machine *m);

/* read_head() of a file below the root. */
int machine_file(const struct machine *m, const char *name, size_t max, char **text, size_t *len,
		 struct kd_err *err);

/* The crash memory a kernel is put into: the highest; NULL: there is none. */
const struct range *machine_crash_region(const struct machine *m);

/* Bytes of RAM, crash memory included. */
uint64_t machine_ram(const struct machine *m);

/*
 * What the second kernel needs for itself below 640 KB: the largest RAM there, whole. The purgatory
 * saves it. Without any it is [0, 0xa0000).
 */
struct range machine_low_ram(const struct machine *m);

#endif
