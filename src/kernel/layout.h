/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the members kdview reads lie in this very kernel: layout.def, resolved
 * once when a dump is opened. A member that is not there has found = false, a
 * size is then 0: whoever needs it turns its feature off and says so.
 */
#ifndef KD_KERNEL_LAYOUT_H
#define KD_KERNEL_LAYOUT_H

#include "core/err.h"
#include "kernel/types.h"

struct space;
struct vmcoreinfo;
struct windows;

struct layout_value {
	int64_t value;
	bool found;
};

/* One field per line of layout.def: sizes in bytes, see there for the names. */
struct layout {
#define MEMBER(id, anchor, type, path, vmcoreinfo) struct member id;
#define SIZE(id, anchor, type, vmcoreinfo) uint64_t id;
#define VALUE(id, anchor, name, vmcoreinfo) struct layout_value id;
#include "kernel/layout.def"
#undef MEMBER
#undef SIZE
#undef VALUE
};

/*
 * Resolve the table from T (may be NULL) and VI (may be NULL). Where VMCOREINFO
 * gives an offset or size, that counts: it is the dump's own word. A member
 * known from VMCOREINFO alone has size 0: the reader must know it.
 * KD_CORRUPT: the two contradict each other, so the types are another kernel's;
 * *out is filled all the same.
 */
int layout_resolve(const struct types *t, const struct vmcoreinfo *vi, struct layout *out,
		   struct kd_err *err);

/* How many lines the table has, and how many of them this kernel has (for diagnosis). */
size_t layout_count(const struct layout *l, size_t *found);

/*
 * Read member M of the struct at BASE as an unsigned number, bit fields
 * included. KD_NOTFOUND: this kernel has no such member; KD_UNSUPPORTED: it is no
 * number of 1, 2, 4 or 8 bytes; else as space_read().
 */
int member_read(const struct space *s, vaddr_t base, const struct member *m, uint64_t *value,
		struct kd_err *err);

/* The same for a pointer-sized member, whose size need not be known. */
int member_read_ptr(const struct space *s, vaddr_t base, const struct member *m, uint64_t *value,
		    struct kd_err *err);

/*
 * Both out of windows, for whoever reads several members of a struct. What a window can not have
 * is asked of the space again, which has a sentence for it.
 */
int member_window(struct windows *w, vaddr_t base, const struct member *m, uint64_t *value,
		  struct kd_err *err);
int member_window_ptr(struct windows *w, vaddr_t base, const struct member *m, uint64_t *value,
		      struct kd_err *err);

#endif
