/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an address is: everything that the kernel's own bookkeeping says about it. Each
 * fact is optional, and one that could not be found out for missing memory is just not
 * there.
 */
#ifndef KD_KERNEL_WHATIS_H
#define KD_KERNEL_WHATIS_H

#include "kernel/page.h"
#include "kernel/path.h"
#include "kernel/slab.h"

struct kernel;
struct objects;
struct task;
struct module;
struct cpu;
struct module_section;
struct stack_area;
struct unwinder;

enum slab_state { SLAB_UNKNOWN, SLAB_ALLOCATED, SLAB_FREE, SLAB_WAITS_FOR_RCU, SLAB_PADDING };

struct whatis {
	vaddr_t addr;
	bool mapped;
	paddr_t pa;
	int page_status; /* 0: its page is in the dump; else how it is missing */

	const char *area; /* "linear map", "kernel image", "vmalloc", ...; NULL: none known */

	const struct task *task;	 /* it lies in this task's task_struct */
	const struct task *stack;	 /* in this task's stack */
	const struct module *module;
	const struct module_section *section; /* of it; NULL: not known */
	const struct stack_area *cpu_stack;   /* in this stack of a CPU */
	unsigned cpu_stack_of;

	const struct cpu *cpu;		 /* in this CPU's per-CPU memory */
	vaddr_t percpu_ptr;		 /* the same for all CPUs: what code has */
	char percpu[128];		 /* the variable, and where in it; "": an allocated one */

	bool has_vmalloc;
	vaddr_t vm_start, vm_end;
	vaddr_t vm_caller; /* who asked for it; 0: not known */

	bool has_slab;
	char cache[64];
	vaddr_t object;	      /* start of the object */
	uint64_t object_size; /* bytes the user asked the cache for */
	vaddr_t slab;	      /* its struct slab or struct page */
	enum slab_state object_state;

	bool is_page; /* ADDR itself lies in a struct page: the one below */
	bool has_page;
	struct page_info page;		    /* else of the physical page */
	uint64_t ino;			    /* of the file it is of */
	char fs[32], device[32], path[512]; /* "": not known; PATH from its file system's root */
};

/* The types that whatis() needs, for objects_resolve(). */
#define WHATIS_TYPES                                                                               \
	PAGE_TYPES, SLAB_TYPES, PATH_TYPES, "vmap_area", "vmap_node", "vm_struct", "pcpu_chunk"

/*
 * Never fails: what can not be known is not set. U (NULL: none) knows the stacks of CPUs,
 * and is borrowed as long as *out is.
 */
void whatis(const struct kernel *k, const struct objects *o, const struct unwinder *u, vaddr_t addr,
	    struct whatis *out);

/* "locked|lru" of a struct page's flags by the kernel's own enum, into BUF; returns BUF. */
const char *whatis_page_flags(const struct kernel *k, uint64_t flags, char *buf, size_t size);

#endif
