// SPDX-License-Identifier: GPL-3.0-or-later
/* Paths of files: see path.h. */
#include "kernel/path.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"

#define STEPS_MAX 4096 /* dentries and mounts on the way to the root */
#define NAME_TEXT 256

struct climb {
	const struct kernel *k;
	const struct objects *o;
	vaddr_t mount; /* struct mount; 0: not known */
	vaddr_t dentry;
	char text[PATH_TEXT]; /* the path, at its end */
	size_t at;
};

static bool prepend(struct climb *c, const char *s)
{
	size_t len = strlen(s);

	if (len > c->at)
		return false;
	c->at -= len;
	memcpy(c->text + c->at, s, len);
	return true;
}

const char *path_fs_name(const struct kernel *k, const struct objects *o, vaddr_t sb, char *buf,
			 size_t size)
{
	uint64_t type, name;

	if (!sb || object_read(k, o, sb, &o->super_block_type, &type, NULL) ||
	    object_read(k, o, type, &o->file_system_type_name, &name, NULL) ||
	    space_read_str(&k->space, name, buf, size, NULL) || !*buf)
		snprintf(buf, size, "?");
	return buf;
}

static int dentry_name(const struct climb *c, vaddr_t dentry, char *buf, struct kd_err *err)
{
	uint64_t name;
	int ret = object_read(c->k, c->o, dentry, &c->o->dentry_name, &name, err);

	return ret ? ret : space_read_str(&c->k->space, name, buf, NAME_TEXT, err);
}

/*
 * Files without a place in the tree have a name made by their file system's d_dname:
 * simple ones, by the name of the file system. false: it is an ordinary one.
 */
static bool special_name(const struct climb *c, char *buf, size_t size)
{
	const struct objects *o = c->o;
	char fs[32], name[NAME_TEXT];
	uint64_t sb, inode, ino = 0;

	if (object_read(c->k, o, c->dentry, &o->dentry_sb, &sb, NULL))
		return false;
	path_fs_name(c->k, o, sb, fs, sizeof(fs));
	if (!strcmp(fs, "anon_inodefs") && !dentry_name(c, c->dentry, name, NULL)) {
		snprintf(buf, size, "anon_inode:%s", name);
		return true;
	}
	if (!object_read(c->k, o, c->dentry, &o->dentry_inode, &inode, NULL) && inode)
		object_read(c->k, o, inode, &o->inode_ino, &ino, NULL);
	if (!strcmp(fs, "pipefs"))
		snprintf(buf, size, "pipe:[%" PRIu64 "]", ino);
	else if (!strcmp(fs, "sockfs"))
		snprintf(buf, size, "socket:[%" PRIu64 "]", ino);
	else
		return false;
	return true;
}

/* At the root of a mount: go on where it is mounted. 1: that was the root of all. */
static int cross_mount(struct climb *c, struct kd_err *err)
{
	uint64_t parent;
	int ret = object_read(c->k, c->o, c->mount, &c->o->mount_parent, &parent, err);

	if (ret)
		return ret;
	if (!parent || parent == c->mount)
		return 1;
	ret = object_read(c->k, c->o, c->mount, &c->o->mount_mountpoint, &c->dentry, err);
	c->mount = parent;
	return ret;
}

/* One step up; 1: at the end. */
static int step(struct climb *c, struct kd_err *err)
{
	uint64_t parent, root = 0;
	char name[NAME_TEXT];
	int ret;

	if (c->mount) {
		ret = object_read(c->k, c->o, c->mount + c->o->mount_mnt.offset,
				  &c->o->vfsmount_root, &root, err);
		if (ret)
			return ret;
		if (c->dentry == root)
			return cross_mount(c, err);
	}
	ret = object_read(c->k, c->o, c->dentry, &c->o->dentry_parent, &parent, err);
	if (ret)
		return ret;
	if (parent == c->dentry)
		return 1;
	ret = dentry_name(c, c->dentry, name, err);
	if (ret)
		return ret;
	c->dentry = parent;
	return prepend(c, name) && prepend(c, "/")
		       ? 0
		       : kd_fail(err, KD_CORRUPT, "a path longer than %u bytes", PATH_TEXT);
}

int path_format(const struct kernel *k, const struct objects *o, vaddr_t vfsmnt, vaddr_t dentry,
		char *buf, size_t size, struct kd_err *err)
{
	struct climb c = { .k = k, .o = o, .dentry = dentry, .at = PATH_TEXT };
	int ret = 0;

	buf[0] = '\0';
	if (vfsmnt && o->mount_mnt.found && o->mount_parent.found && o->mount_mountpoint.found &&
	    o->vfsmount_root.found)
		c.mount = vfsmnt - o->mount_mnt.offset;
	if (special_name(&c, buf, size))
		return 0;
	for (unsigned n = 0; !ret; n++) {
		if (n == STEPS_MAX)
			return kd_fail(err, KD_CORRUPT,
				       "the path of dentry 0x%" PRIx64 " does not end", dentry);
		ret = step(&c, err);
	}
	if (ret < 0)
		return ret;
	if (c.at == PATH_TEXT)
		prepend(&c, "/");
	snprintf(buf, size, "%.*s", (int)(PATH_TEXT - c.at), c.text + c.at);
	return 0;
}
