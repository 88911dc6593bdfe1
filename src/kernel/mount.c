// SPDX-License-Identifier: GPL-3.0-or-later
/* Mounts: see mount.h. */
#include "kernel/mount.h"

#include <inttypes.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"

#define TREE_DEPTH 128 /* a red-black tree of 2^64 nodes has no more */

struct walk {
	const struct kernel *k;
	const struct objects *o;
	int (*step)(void *data, vaddr_t mount);
	void *data;
	struct mounts_lost *lost;
};

int mount_namespace(const struct kernel *k, const struct objects *o, const struct task *t,
		    vaddr_t *ns, struct kd_err *err)
{
	vaddr_t task = t ? t->addr : 0;
	uint64_t proxy;
	int ret;

	if (!t && !kernel_symbol(k, "init_task", &task))
		return kd_fail(err, KD_NOTFOUND, "no symbol init_task");
	ret = object_read(k, o, task, &o->task_nsproxy, &proxy, err);
	if (ret)
		return ret;
	if (!proxy)
		return kd_fail(err, KD_NOTFOUND, "the task has left its namespaces: it exits");
	return object_read(k, o, proxy, &o->nsproxy_mnt_ns, ns, err);
}

static int list_step(void *data, vaddr_t entry)
{
	struct walk *w = data;

	return w->step(w->data, entry - w->o->mount_list.offset);
}

/* A child of NODE; 0 where it can not be read, which is noted. */
static vaddr_t child_of(const struct walk *w, vaddr_t node, const struct member *side)
{
	struct kd_err why = KD_ERR_INIT;
	uint64_t child;

	if (!object_read(w->k, w->o, node, side, &child, &why))
		return child;
	if (!w->lost->n++)
		w->lost->first = why;
	return 0;
}

/*
 * In order, without recursion: the stack is the way down to a node. What hangs below a
 * node that is missing is lost; the rest is not.
 */
static int tree_walk(struct walk *w, vaddr_t root, struct kd_err *err)
{
	const struct objects *o = w->o;
	vaddr_t way[TREE_DEPTH];
	unsigned depth = 0;
	uint64_t node = root;
	int ret = 0;

	for (uint32_t n = 0; (node || depth) && !ret; n++) {
		if (n > OBJECTS_MAX || depth == TREE_DEPTH)
			return kd_fail(err, KD_CORRUPT, "the tree of mounts does not end");
		if (node) {
			way[depth++] = node;
			node = child_of(w, node, &o->rb_node_left);
			continue;
		}
		node = way[--depth];
		ret = w->step(w->data, node - o->mount_node.offset);
		node = child_of(w, node, &o->rb_node_right);
	}
	return ret;
}

int mounts_walk(const struct kernel *k, const struct objects *o, vaddr_t ns,
		int (*step)(void *data, vaddr_t mount), void *data, struct mounts_lost *lost,
		struct kd_err *err)
{
	struct walk w = { .k = k, .o = o, .step = step, .data = data, .lost = lost };
	uint64_t root;
	int ret;

	*lost = (struct mounts_lost){ .first = KD_ERR_INIT };

	if (o->mnt_namespace_mounts.found && o->mount_node.found) {
		ret = object_read(k, o, ns, &o->mnt_namespace_mounts, &root, err);
		return ret ? ret : tree_walk(&w, root, err);
	}
	if (o->mnt_namespace_list.found && o->mount_list.found)
		return object_list(k, ns + o->mnt_namespace_list.offset, list_step, &w, err);
	return kd_fail(err, KD_NOTFOUND,
		       "mounts can not be shown: the debug information has no struct mnt_namespace "
		       "with a list or tree known here");
}
