/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the members lie of the kernel objects that single commands look at: objects.def,
 * resolved on demand. And reading them with a sentence when a member is not there.
 */
#ifndef KD_KERNEL_OBJECTS_H
#define KD_KERNEL_OBJECTS_H

#include "kernel/layout.h"

struct kernel;

#define OBJECTS_MAX (1u << 20) /* steps along any list or tree */

struct objects {
#define MEMBER(id, anchor, type, path, vmcoreinfo) struct member id;
#define SIZE(id, anchor, type, vmcoreinfo) uint64_t id;
#define VALUE(id, anchor, name, vmcoreinfo) struct layout_value id;
#include "kernel/objects.def"
#undef MEMBER
#undef SIZE
#undef VALUE
};

/* Those of the structs named in ONLY ("file", "dentry", NULL), all where it is NULL. */
void objects_resolve(const struct kernel *k, const char *const *only, struct objects *out);

/* One of the members, as "struct file's f_path.mnt", for sentences; "?": not one of O's. */
const char *objects_name(const struct objects *o, const struct member *m, char *buf, size_t size);

/*
 * Read a member of the object at BASE as a number of its size (a pointer's where that
 * is not known). The sentence names the member.
 */
int object_read(const struct kernel *k, const struct objects *o, vaddr_t base,
		const struct member *m, uint64_t *value, struct kd_err *err);

/* All of the members (ends with NULL) are there; else KD_NOTFOUND and the first that is not. */
int objects_need(const struct objects *o, const struct member *const *members, const char *what,
		 struct kd_err *err);

/*
 * Walk a list_head at HEAD: step(data, address of an entry's list_head). 0, what STEP
 * returned, how memory is missing, or KD_CORRUPT: it loops or does not end.
 */
int object_list(const struct kernel *k, vaddr_t head, int (*step)(void *data, vaddr_t entry),
		void *data, struct kd_err *err);

#endif
