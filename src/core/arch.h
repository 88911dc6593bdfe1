/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that differs by architecture, behind one table.
 *
 * To add an architecture: a folder src/NAME/ with one `const struct arch
 * arch_NAME`, one line in kernel/kernel.c's list. Needed to open a dump: name,
 * machine, ptr_size, page_shift, space_init, translate, and walk to show it; cpu_ran for dumps by
 * QEMU. For registers: regs, nregs, pc, sp, prstatus_*. For sleeping tasks: switch_frame. For gdb: gdb_arch,
 * gdb_features. For unwinding in gdb: cfi; without it: the unwind_* hooks,
 * cpu_stacks, after_call. A NULL hook means "not supported here"; callers check and
 * say so.
 */
#ifndef KD_CORE_ARCH_H
#define KD_CORE_ARCH_H

#include "core/err.h"
#include "core/regs.h"

struct cfi;
struct code_view;
struct space;
struct stack_area;
struct unwind_step;
struct unwind_view;

struct arch_reg {
	const char *name;	/* gdb's name */
	uint8_t size;		/* bytes in gdb's g packet */
	int8_t dwarf;		/* DWARF register number, -1: none */
	int16_t prstatus;	/* byte offset in the NT_PRSTATUS descriptor, -1: not there */
	uint8_t prstatus_size;	/* bytes there */
	const char *gdb_type;	/* target description type, e.g. "int64", "code_ptr" */
	const char *feature;	/* target description feature it belongs to */
};

/* Where a sleeping task keeps a register: a member of struct inactive_task_frame. */
struct arch_switch_reg {
	const char *member;
	uint8_t reg;
};

#define ARCH_WALK_STEPS 5

/* One level of a page-table walk. */
struct arch_walk_step {
	const char *level;  /* "pgd", "pmd", ... */
	paddr_t at;	    /* of the entry */
	uint64_t entry;	    /* as it stands there */
	char flags[64];	    /* of it, in words: "present write accessed"; "" for none */
};

/* What a walk saw, as far as it came. */
struct arch_walk {
	struct arch_walk_step steps[ARCH_WALK_STEPS];
	unsigned nsteps;
	uint64_t page;	  /* bytes of the page it is in; 0: it is not mapped */
	paddr_t pa;	  /* of the address itself */
};

/* One page, of whatever size, and where the page tables map it. */
struct arch_mapping {
	vaddr_t va;
	paddr_t pa;
	uint64_t size; /* bytes */
};

struct arch {
	const char *name;	  /* as uname -m has it: "x86_64", "i386" */
	const char *gdb_arch;	  /* "i386:x86-64", "i386" */
	uint16_t machine;	  /* EM_* */
	uint8_t ptr_size;	  /* bytes */
	uint8_t page_shift;

	const struct arch_reg *regs; /* gdb's order */
	size_t nregs;
	uint8_t pc, sp, fp;	     /* indices into regs; fp: frame pointer */
	uint16_t prstatus_pid;	     /* byte offset of pr_pid in NT_PRSTATUS */
	uint16_t prstatus_min;	     /* smallest descriptor that is usable */

	const struct arch_switch_reg *switch_frame; /* ends with member NULL */

	/*
	 * Fill root, levels, phys_base, page_offset from the dump. KD_CORRUPT: they are what
	 * they should be, image too, but the tables do not hold together.
	 */
	int (*space_init)(struct space *s, struct kd_err *err);
	/* Walk the page tables; see space_translate(). */
	int (*translate)(const struct space *s, vaddr_t va, paddr_t *pa, uint64_t *run,
			 struct kd_err *err);
	/*
	 * The same step by step. 0, KD_UNMAPPED, or how a page-table page is missing;
	 * *out has the steps up to there in any case.
	 */
	int (*walk)(const struct space *s, vaddr_t va, struct arch_walk *out, struct kd_err *err);
	/*
	 * The first page at or after FROM, in the kernel's part of S, by the page tables; FROM 0:
	 * of all. false: there is no more. Tables that a table names again right after naming them
	 * are passed over: those fill large areas with copies of one page (KASAN, espfix).
	 */
	bool (*next_mapped)(const struct space *s, vaddr_t from, struct arch_mapping *out);
	/*
	 * Read something of each page table of the kernel's part of S, at most MAX of them; how
	 * many. It is for those who trace what is read.
	 */
	size_t (*read_tables)(const struct space *s, size_t max);
	/*
	 * Was a CPU on S's kernel when the dump was taken, by the note "QEMU" that QEMU writes
	 * for it, LEN bytes at NOTE? *known: the note tells.
	 */
	bool (*cpu_ran)(const struct space *s, const void *note, size_t len, bool *known);
	/* Do these registers belong to user mode? Unknown registers: false. */
	bool (*user_mode)(const struct regs *r);
	/*
	 * Describe, as DWARF call frame information, the code that the compiler's own
	 * information gets wrong: entry code, stack switches (see core/cfi.h).
	 */
	int (*cfi)(const struct code_view *code, struct cfi *out, struct kd_err *err);

	/*
	 * Unwinding by ourselves: see core/unwind.h. Tables are immutable once open; BARE:
	 * without any, by frame pointers alone.
	 */
	int (*unwind_open)(const struct code_view *code, bool bare, void **tables,
			   struct kd_err *err);
	void (*unwind_close)(void *tables);
	int (*unwind)(const struct unwind_view *v, struct regs *regs, struct unwind_step *step,
		      struct kd_err *err);
	/* Stacks of the CPU with that per-CPU area, besides those of tasks; how many. */
	size_t (*cpu_stacks)(const struct unwind_view *v, vaddr_t percpu, struct stack_area *list);
	/* Is there a call in front of PC, so that PC may be a return address? */
	bool (*after_call)(const struct unwind_view *v, vaddr_t pc);
};

extern const struct arch arch_i386;
extern const struct arch arch_x86_64;

#endif
