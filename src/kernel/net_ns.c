// SPDX-License-Identifier: GPL-3.0-or-later
/* Network namespaces and their names: see net.h. */
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/mount.h"
#include "kernel/net_priv.h"
#include "kernel/objects.h"
#include "kernel/path.h"

#define NAMES_MAX 4096u

/* A namespace that is mounted: ip-netns(8) keeps names as mounts of nsfs in /run/netns. */
struct ns_name {
	uint64_t inode;
	char name[64];
};

struct namespaces {
	const struct kernel *k;
	const struct objects *o;
	int (*step)(void *data, const struct net_namespace *ns);
	void *data;
	struct ns_name *names;
	size_t n;
};

static bool read_ptr(const struct namespaces *x, vaddr_t at, const struct member *m, uint64_t *v)
{
	return m->found && !object_read(x->k, x->o, at, m, v, NULL) && *v;
}

static int look_at_mount(void *data, vaddr_t mount)
{
	struct namespaces *x = data;
	const struct objects *o = x->o;
	vaddr_t vfsmnt = mount + o->mount_mnt.offset;
	uint64_t sb, root, inode, ino, place, name;
	struct ns_name *list;
	char text[64];

	if (x->n == NAMES_MAX || !read_ptr(x, vfsmnt, &o->vfsmount_sb, &sb) ||
	    strcmp(path_fs_name(x->k, o, sb, text, sizeof(text)), "nsfs") ||
	    !read_ptr(x, vfsmnt, &o->vfsmount_root, &root) ||
	    !read_ptr(x, root, &o->dentry_inode, &inode) ||
	    !read_ptr(x, inode, &o->inode_ino, &ino) ||
	    !read_ptr(x, mount, &o->mount_mountpoint, &place) ||
	    !read_ptr(x, place, &o->dentry_name, &name) ||
	    space_read_str(&x->k->space, name, text, sizeof(text), NULL))
		return 0;
	list = realloc(x->names, (x->n + 1) * sizeof(*list));
	if (!list)
		return KD_NOMEM;
	x->names = list;
	list[x->n].inode = ino;
	memcpy(list[x->n++].name, text, sizeof(text));
	return 0;
}

/* Of those that the first process sees. A name is an extra: none is no failure. */
static void read_names(struct namespaces *x)
{
	struct mounts_lost lost = { .n = 0 };
	vaddr_t ns;

	if (x->o->mount_mnt.found && !mount_namespace(x->k, x->o, NULL, &ns, NULL))
		mounts_walk(x->k, x->o, ns, look_at_mount, x, &lost, NULL);
}

static int take(struct namespaces *x, vaddr_t net)
{
	struct net_namespace ns = { .addr = net };

	if (object_read(x->k, x->o, net, &x->o->net_inum, &ns.inode, NULL))
		ns.inode = 0;
	for (size_t i = 0; i < x->n; i++)
		if (ns.inode && x->names[i].inode == ns.inode)
			memcpy(ns.name, x->names[i].name, sizeof(ns.name));
	return x->step(x->data, &ns);
}

static int take_entry(void *data, vaddr_t entry)
{
	struct namespaces *x = data;

	return take(x, entry - x->o->net_list.offset);
}

int net_namespaces(const struct kernel *k, const struct objects *o,
		   int (*step)(void *data, const struct net_namespace *ns), void *data,
		   struct kd_err *err)
{
	struct namespaces x = { .k = k, .o = o, .step = step, .data = data };
	vaddr_t first, list;
	int ret;

	if (!kernel_symbol(k, "init_net", &first))
		return kd_fail(err, KD_NOTFOUND, "this kernel has no network (no symbol init_net)");
	read_names(&x);
	if (o->net_list.found && kernel_symbol(k, "net_namespace_list", &list))
		ret = object_list(k, list, take_entry, &x, err);
	else
		ret = take(&x, first);
	free(x.names);
	return ret;
}
