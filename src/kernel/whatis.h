/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an address is: everything that the kernel's own bookkeeping says about it. Each
 * fact is optional, and one that could not be found out for missing memory is just not
 * there.
 */
#ifndef KD_KERNEL_WHATIS_H
#define KD_KERNEL_WHATIS_H

#include "core/err.h"

struct kernel;
struct objects;
struct task;
struct module;
struct cpu;

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
	const struct cpu *cpu;		 /* in this CPU's per-CPU memory */
	char percpu[128];		 /* the variable, and where in it; "": a dynamic one */

	bool has_vmalloc;
	vaddr_t vm_start, vm_end;
	vaddr_t vm_caller; /* who asked for it; 0: not known */

	bool has_slab;
	char cache[64];
	vaddr_t object;	      /* start of the object */
	uint64_t object_size; /* bytes the user asked the cache for */
	vaddr_t slab;	      /* its struct slab or struct page */
	enum slab_state object_state;

	bool has_page;	    /* struct page of its physical page */
	vaddr_t page;
	uint64_t page_flags;
	uint32_t page_refs, page_mapcount;

	bool is_page;	 /* ADDR itself lies in the struct page of this pfn */
	pfn_t page_pfn;
};

/* Never fails: what can not be known is not set. STACK: bytes of a task's stack, 0: not known. */
void whatis(const struct kernel *k, const struct objects *o, vaddr_t addr, uint64_t stack,
	    struct whatis *out);

/* "locked|lru" of a struct page's flags by the kernel's own enum, into BUF; returns BUF. */
const char *whatis_page_flags(const struct kernel *k, uint64_t flags, char *buf, size_t size);

#endif
