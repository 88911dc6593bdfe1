/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * VMCOREINFO of a dump that has no such note: taken from outside of the kernel, by QEMU without
 * its device vmcoreinfo, or as raw memory. The kernel keeps the note in its own memory, ready for
 * a crash (kernel/vmcore_info.c, before v6.9 kernel/crash_core.c, before v4.13 kernel/kexec_core.c):
 * the note in pages of its own, vmcoreinfo_note, and its text in another, vmcoreinfo_data; before
 * v4.13 the note lay anywhere in the image's data.
 *
 * What looks like one is believed when it proves itself: the page tables that it names map
 * themselves, and the utsname that it names, read through them, is of the release it names.
 */
#ifndef KD_CORE_VMCOREINFO_SEARCH_H
#define KD_CORE_VMCOREINFO_SEARCH_H

#include "core/arch.h"
#include "core/dump.h"

struct vmcoreinfo_search {
	const struct arch *const *archs; /* what the machine may be */
	size_t narchs;
	/* Where it is, as a physical address: the note or its text. Else it is searched. */
	bool given;
	paddr_t at;
	/*
	 * Called now and then with bytes looked through and all; what is not 0 ends the search
	 * and is its result. May be NULL.
	 */
	int (*tick)(void *data, uint64_t done, uint64_t total, struct kd_err *err);
	void *data;
};

/*
 * Find VMCOREINFO in D's memory and give it to D, with machine and vmcoreinfo_at; a note that D has
 * is replaced. Several that say the same count as one. Of several that differ, the kernel is taken
 * that the CPUs ran when the dump was taken, if their notes tell; the others are named in D's
 * remark, as far as they were seen: a note of the kernel that all CPUs ran ends the search. Before any other thread uses D. Holds a candidate's text only: memory is bounded.
 *
 * KD_NOTFOUND (there is none, or none that proves itself: the sentence says what to do),
 * KD_MISMATCH (several, and nothing tells which), KD_NOMEM, TICK's.
 */
int vmcoreinfo_search(struct dump *d, const struct vmcoreinfo_search *how, struct kd_err *err);

#endif
