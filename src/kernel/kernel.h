/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One crashed kernel, opened: dump + address space + vmlinux, and what was read
 * out of them. Without a vmlinux the dump itself says what it can (kernel/alone.h). Everything is immutable after kernel_open(), so any number of
 * threads may use it.
 */
#ifndef KD_KERNEL_KERNEL_H
#define KD_KERNEL_KERNEL_H

#include "core/dump.h"
#include "core/space.h"
#include "kernel/cpu.h"
#include "kernel/layout.h"
#include "kernel/module.h"
#include "kernel/module_types.h"
#include "kernel/symbols.h"
#include "kernel/task.h"
#include "kernel/types.h"
#include "kernel/vmlinux.h"

struct kernel_options {
	const char *dump_path;		/* required */
	const char *const *more_dumps;	/* the other parts of a split dump, NULL-terminated; may be NULL */
	bool raw;			/* dump_path is raw memory, see dump_open_raw() */
	paddr_t elfcorehdr;		/* then: where its core headers are; 0: search */
	const char *vmlinux_path;	/* NULL: search */
	const char *const *debug_dirs;	/* further roots to search, NULL-terminated; may be NULL */
	bool force;			/* take a vmlinux whose build ID differs */
	bool alone;			/* look for no vmlinux */
	bool careful;			/* the disk may fail, see source_be_careful() */
	struct page_trace *trace;	/* of the dump's pages; NULL: none */
	bool has_vmcoreinfo;		/* VMCOREINFO is not the dump's note, but in memory: */
	paddr_t vmcoreinfo;		/* there, see vmcoreinfo_search() */
	/* Told what is begun, "reading symbols"; false: KD_CANCELLED. May be NULL. */
	bool (*step)(void *data, const char *what);
	/* Called while VMCOREINFO is searched, see struct vmcoreinfo_search; may be NULL. */
	int (*tick)(void *data, uint64_t done, uint64_t total, struct kd_err *err);
	void *data;
};

struct kernel {
	struct dump *dump;
	const struct arch *arch;
	struct space space;
	struct space_mends mends; /* of space, and of all that are made of it */
	bool spare_root; /* the kernel's own top page table is damaged: a process' serves */
	struct vmlinux *vmlinux; /* NULL: none was named, and none was found */
	char *vmlinux_missing;	 /* owned: why there is none; NULL: there is one */
	char *lack;		 /* owned: what is not known without one, and why; NULL: nothing */
	struct symbols *symbols;
	const char *symbols_from; /* static: "vmlinux", "kallsyms" or "VMCOREINFO" */
	struct types *types;	  /* NULL: not known, see lack */
	struct layout layout;
	struct cpus cpus;
	struct tasks tasks;
	struct modules modules;
	struct module_types *module_types; /* see module_types.h; locks itself */

	uint64_t kaslr_offset;	  /* runtime address - linked address; wraps */
	bool kaslr_known;	  /* else kaslr_offset is 0 */
	bool percpu_fixed;	  /* per-CPU symbols are offsets from 0, not moved by KASLR */
	struct build_id build_id; /* of the dump; len 0: it does not say */
	const char *release;	  /* borrowed from VMCOREINFO; NULL: not known */
	bool crashed; /* false: nothing says so, it was dumped from outside at some moment */
	const struct task *panic_task; /* NULL: not known, or it did not crash */
	const struct cpu *panic_cpu;   /* the same */
};

/*
 * Open a dump with its vmlinux, or, where none is named and none is found, alone.
 * Errors say which of the two is at fault: KD_MISMATCH (build IDs or architectures
 * differ), KD_NOTFOUND (the vmlinux named has not what is needed), and those of
 * dump_open(), vmcoreinfo_search(), vmlinux_open(), space_init_kernel().
 */
int kernel_open(const struct kernel_options *opt, struct kernel **out, struct kd_err *err);
void kernel_close(struct kernel *k);
void kernel_closep(struct kernel **k);

/* Runtime address of a symbol; false: no such one. */
bool kernel_symbol(const struct kernel *k, const char *name, vaddr_t *addr);

/* Read kernel memory at symbol NAME as a number of SIZE bytes. */
int kernel_read_symbol(const struct kernel *k, const char *name, size_t size, uint64_t *value,
		       struct kd_err *err);

#endif
