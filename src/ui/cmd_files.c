// SPDX-License-Identifier: GPL-3.0-or-later
/* files: the open files of a task. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/objects.h"
#include "kernel/path.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

#define FDS_MAX (1u << 20)

static const struct doc_column columns[] = {
	{ .key = "fd", .title = "FD", .flags = DOC_RIGHT },
	{ .key = "file", .title = "FILE" },
	{ .key = "dentry", .title = "DENTRY" },
	{ .key = "flags", .title = "FLAGS" },
	{ .key = "position", .title = "POSITION", .flags = DOC_RIGHT },
	{ .key = "path", .title = "PATH" },
};

struct files {
	struct session *s;
	struct doc *d;
	struct objects o;
	unsigned missing; /* entries that could not be read */
	struct kd_err first;
};

/* Linux' flags, the same on i386 and x86_64, in words: O_RDWR|O_APPEND. */
static const char *flag_words(uint64_t flags, char *buf, size_t size)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ 02000, "append" },	 { 04000, "nonblock" }, { 010000, "dsync" },
		{ 020000, "async" },	 { 040000, "direct" },	{ 0200000, "directory" },
		{ 01000000, "noatime" }, { 010000000, "path" },
	};
	static const char *const modes[] = { "read", "write", "read+write", "?" };
	size_t len = (size_t)snprintf(buf, size, "%s", modes[flags & 3]);

	for (size_t i = 0; i < KD_ARRAY_SIZE(names) && len < size; i++)
		if (flags & names[i].bit)
			len += (size_t)snprintf(buf + len, size - len, " %s", names[i].name);
	return buf;
}

static struct doc_cell path_cell(struct files *f, vaddr_t mnt, vaddr_t dentry)
{
	char path[PATH_TEXT];
	struct kd_err why = KD_ERR_INIT;

	if (path_format(f->s->k, &f->o, mnt, dentry, path, sizeof(path), &why)) {
		if (!f->missing++)
			f->first = why;
		return doc_styled(doc_none(why.text), DOC_WARN);
	}
	return doc_styled(doc_str(path), DOC_PLACE);
}

static void put_fd(struct files *f, uint64_t fd, vaddr_t file)
{
	const struct kernel *k = f->s->k;
	const struct objects *o = &f->o;
	uint64_t mnt = 0, dentry = 0, flags = 0, pos = 0;
	struct kd_err why = KD_ERR_INIT;
	bool known = !object_read(k, o, file, &o->file_path_dentry, &dentry, &why) &&
		     !object_read(k, o, file, &o->file_path_mnt, &mnt, &why);
	char words[128];

	if (!known && !f->missing++)
		f->first = why;
	doc_put(f->d, doc_uint(fd));
	doc_put(f->d, link_object(doc_addr(k->arch, file), "file", file));
	doc_put(f->d,
		dentry ? link_object(doc_addr(k->arch, dentry), "dentry", dentry) : doc_none(NULL));
	doc_put(f->d, object_read(k, o, file, &o->file_flags, &flags, NULL)
			      ? doc_none(NULL)
			      : doc_str(flag_words(flags, words, sizeof(words))));
	doc_put(f->d, object_read(k, o, file, &o->file_pos, &pos, NULL) ? doc_none(NULL)
									: doc_int((int64_t)pos));
	doc_put(f->d, known && dentry ? path_cell(f, mnt, dentry) : doc_none(why.text));
}

static int put_table(struct files *f, const struct task *t, struct kd_err *err)
{
	const struct kernel *k = f->s->k;
	const struct objects *o = &f->o;
	uint64_t files, fdt, fds, max;
	int ret = object_read(k, o, t->addr, &o->task_files, &files, err);

	if (ret || !files)
		return ret;
	ret = object_read(k, o, files, &o->files_struct_fdt, &fdt, err);
	if (!ret)
		ret = object_read(k, o, fdt, &o->fdtable_fd, &fds, err);
	if (!ret)
		ret = object_read(k, o, fdt, &o->fdtable_max_fds, &max, err);
	if (ret)
		return ret;
	if (max > FDS_MAX)
		return kd_fail(err, KD_CORRUPT, "a table of %" PRIu64 " files", max);
	doc_table(f->d, "files", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (uint64_t fd = 0; fd < max && !doc_status(f->d) && !session_cancelled(NULL); fd++) {
		uint64_t file;

		ret = space_read_ptr(&k->space, fds + fd * k->arch->ptr_size, &file, err);
		if (ret)
			return kd_context(err, ret, "the table of files at fd %" PRIu64, fd);
		if (file)
			put_fd(f, fd, file);
	}
	return session_cancelled(err);
}

static void put_place(struct files *f, vaddr_t fs, const char *name, const struct member *mnt_m,
		      const struct member *dentry_m)
{
	uint64_t mnt, dentry;

	if (object_read(f->s->k, &f->o, fs, mnt_m, &mnt, NULL) ||
	    object_read(f->s->k, &f->o, fs, dentry_m, &dentry, NULL))
		doc_field(f->d, name, name, doc_none("not known"));
	else
		doc_field(f->d, name, name, path_cell(f, mnt, dentry));
}

static int show_task(struct files *f, const struct task *t, struct kd_err *err)
{
	const struct objects *o = &f->o;
	char title[64];
	uint64_t fs;
	int ret;

	snprintf(title, sizeof(title), "PID %" PRIu32 " %.16s", t->pid, t->comm);
	doc_section_of(f->d, "tasks", title);
	doc_fields(f->d, NULL);
	doc_field(f->d, "pid", NULL, doc_uint(t->pid));
	if (!object_read(f->s->k, o, t->addr, &o->task_fs, &fs, NULL) && fs) {
		put_place(f, fs, "root", &o->fs_struct_root_mnt, &o->fs_struct_root_dentry);
		put_place(f, fs, "cwd", &o->fs_struct_pwd_mnt, &o->fs_struct_pwd_dentry);
	}
	ret = put_table(f, t, err);
	doc_section_end(f->d);
	return ret;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	static const char *const types[] = { "task_struct", "files_struct", "fdtable", "file",
					     "fs_struct",   PATH_TYPES,	    NULL };
	struct files f = { .s = s, .d = d };
	const struct member *const needed[] = { &f.o.task_files,  &f.o.files_struct_fdt,
						&f.o.fdtable_fd,  &f.o.file_path_dentry,
						&f.o.dentry_name, NULL };
	struct task_list l = { 0 };
	const struct task *t;
	int ret;

	objects_resolve(s->k, types, &f.o);
	ret = objects_need(&f.o, needed, "open files", err);
	for (size_t i = 0; i < a->nwords && !ret; i++)
		ret = tasks_select(s->k, a->words[i], &l, err);
	if (!ret && !a->nwords) {
		ret = task_select(s, NULL, &t, err);
		if (!ret)
			ret = show_task(&f, t, err);
	}
	for (size_t i = 0; i < l.n && !ret; i++)
		ret = show_task(&f, l.list[i], err);
	task_list_fini(&l);
	if (f.missing)
		doc_note(d, DOC_FINDING, "%u entr%s could not be read; the first: %s", f.missing,
			 f.missing == 1 ? "y" : "ies", f.first.text);
	return ret;
}

static const struct command_example examples[] = {
	{ "files 1", "the files of PID 1" },
	{ "files 'nginx*'", "of several processes" },
	{ NULL, NULL },
};

const struct command cmd_files = {
	.name = "files",
	.group = "processes and devices",
	.synopsis = "[PID|TASK|COMM]...",
	.summary = "open files of a task, its root and current directory",
	.help = "Descriptor, struct file, dentry, how it was opened, position and path, as from "
		"the\n"
		"root of all mounts. Without a name, those of the task that crashed.",
	.examples = examples,
	.max = 4096,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_TASKS,
	.run = run,
};
