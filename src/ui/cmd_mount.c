// SPDX-License-Identifier: GPL-3.0-or-later
/* mount: what was mounted where. */
#include "kernel/mount.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/objects.h"
#include "kernel/path.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

static const struct doc_column columns[] = {
	{ .key = "mount", .title = "MOUNT" },
	{ .key = "super_block", .title = "SUPER_BLOCK" },
	{ .key = "type", .title = "TYPE" },
	{ .key = "device", .title = "DEVICE" },
	{ .key = "readonly", .flags = DOC_ONLY_JSON },
	{ .key = "options", .title = "OPTIONS", .flags = DOC_ONLY_TEXT },
	{ .key = "path", .title = "MOUNTED ON" },
};

struct mounts {
	struct session *s;
	struct doc *d;
	struct objects o;
	unsigned missing;
	struct kd_err first;
};

#define MNT_READONLY 0x40 /* include/linux/mount.h */
#define SB_RDONLY 1

static int put_mount(void *data, vaddr_t mount)
{
	struct mounts *m = data;
	const struct kernel *k = m->s->k;
	const struct objects *o = &m->o;
	vaddr_t mnt = mount + o->mount_mnt.offset;
	uint64_t sb = 0, dev = 0, root = 0, flags = 0, sb_flags = 0;
	char path[PATH_TEXT] = "", text[256];
	struct kd_err why = KD_ERR_INIT;
	bool readonly, flags_known;

	object_read(k, o, mnt, &o->vfsmount_sb, &sb, NULL);
	object_read(k, o, mount, &o->mount_devname, &dev, NULL);
	flags_known = !object_read(k, o, mnt, &o->vfsmount_flags, &flags, NULL);
	if (sb)
		object_read(k, o, sb, &o->super_block_flags, &sb_flags, NULL);
	if ((object_read(k, o, mnt, &o->vfsmount_root, &root, &why) ||
	     path_format(k, o, mnt, root, path, sizeof(path), &why)) &&
	    !m->missing++)
		m->first = why;
	readonly = (flags & MNT_READONLY) || (sb_flags & SB_RDONLY);
	doc_put(m->d, link_object(doc_addr(k->arch, mount), "mount", mount));
	doc_put(m->d, sb ? link_object(doc_addr(k->arch, sb), "super_block", sb) : doc_none(NULL));
	doc_put(m->d, doc_str(path_fs_name(k, o, sb, text, sizeof(text))));
	doc_put(m->d, dev && !space_read_str(&k->space, dev, text, sizeof(text), NULL)
			      ? doc_str(text)
			      : doc_none(NULL));
	doc_put(m->d, flags_known ? doc_bool(readonly) : doc_none(NULL));
	doc_put(m->d, flags_known ? doc_str(readonly ? "ro" : "rw") : doc_none(NULL));
	doc_put(m->d, *path ? doc_styled(doc_str(path), DOC_PLACE) : doc_none(why.text));
	return doc_status(m->d) ? doc_status(m->d) : session_cancelled(NULL);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	static const char *const types[] = { "task_struct", "nsproxy",	"mnt_namespace",
					     "rb_node",	    PATH_TYPES, NULL };
	struct mounts m = { .s = s, .d = d };
	struct mounts_lost lost;
	const struct member *const needed[] = { &m.o.task_nsproxy,
						&m.o.nsproxy_mnt_ns,
						&m.o.mount_mnt,
						&m.o.mount_parent,
						&m.o.vfsmount_root,
						&m.o.dentry_name,
						NULL };
	const struct task *t = NULL;
	vaddr_t ns;
	int ret = a->nwords ? task_select(s, a->words[0], &t, err) : 0;

	if (ret)
		return ret;
	objects_resolve(s->k, types, &m.o);
	ret = objects_need(&m.o, needed, "mounts", err);
	if (!ret && !a->nwords)
		t = tasks_by_pid(&s->k->tasks, 1);
	if (!ret)
		ret = mount_namespace(s->k, &m.o, t, &ns, err);
	if (ret)
		return ret;
	doc_table(d, "mounts", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	ret = mounts_walk(s->k, &m.o, ns, put_mount, &m, &lost, err);
	if (lost.n)
		doc_note(d, DOC_FINDING,
			 "mounts may be missing: the kernel's tree of them breaks off at %u place%s; "
			 "the first: %s",
			 lost.n, lost.n == 1 ? "" : "s", lost.first.text);
	if (m.missing)
		doc_note(d, DOC_FINDING, "%u mount%s could not be read; the first: %s", m.missing,
			 m.missing == 1 ? "" : "s", m.first.text);
	return ret;
}

static const struct command_example examples[] = {
	{ "mount", "as PID 1 sees them" },
	{ "mount 4711", "as another task does" },
	{ NULL, NULL },
};

const struct command cmd_mount = {
	.name = "mount",
	.group = "processes and devices",
	.synopsis = "[PID|TASK|COMM]",
	.summary = "mounted file systems",
	.help = "The mounts of a task's namespace, PID 1's when none is named, in the kernel's "
		"order.",
	.examples = examples,
	.max = 1,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};
