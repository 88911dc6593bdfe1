// SPDX-License-Identifier: GPL-3.0-or-later
/* alias, source, set, note: what the user brings along. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/select.h"
#include "ui/user.h"

/* alias ------------------------------------------------------------------------------- */

static const struct doc_column alias_columns[] = {
	{ .key = "name", .title = "ALIAS" },
	{ .key = "text", .title = "STANDS FOR" },
};

static int list_aliases(const struct user *u, struct doc *d)
{
	doc_table(d, "aliases", DOC_ALIGNED, alias_columns, KD_ARRAY_SIZE(alias_columns));
	for (size_t i = 0; i < u->naliases; i++) {
		doc_put(d, doc_str(u->aliases[i].name));
		doc_put(d, doc_str(u->aliases[i].text));
	}
	return 0;
}

/* "NAME TEXT" and "NAME=TEXT"; "NAME" alone removes it. */
static int run_alias(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const char *raw = a->raw ? a->raw : "", *text;
	_cleanup_(freep) char *name = NULL;
	size_t len = strcspn(raw, "= \t");

	if (!len)
		return list_aliases(s->user, d);
	name = strndup(raw, len);
	if (!name)
		return kd_nomem(err);
	text = raw + len;
	text += strspn(text, " \t");
	if (*text == '=')
		text += 1 + strspn(text + 1, " \t");
	return user_alias(s->user, name, *text ? text : NULL, err);
}

static const struct command_example alias_examples[] = {
	{ "alias hung foreach UN bt", "\"hung\" then stands for that" },
	{ "alias", "which there are" },
	{ "alias hung", "no longer" },
	{ NULL, NULL },
};

const struct command cmd_alias = {
	.name = "alias",
	.group = "the prompt",
	.synopsis = "[NAME [TEXT]]",
	.summary = "a word of your own for the beginning of a line",
	.help = "A line that begins with NAME then begins with TEXT; what follows stays. Without\n"
		"TEXT the alias is removed, without NAME all are listed. Put those you want every\n"
		"time into ~/.config/kdview/kdviewrc, a file of such lines.",
	.examples = alias_examples,
	.max = 4096,
	.flags = CMD_PROMPT | CMD_RAW,
	.run = run_alias,
};

/* source -------------------------------------------------------------------------------- */

static int run_source(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	const char *path = a->words[0];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_(fclosep) FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	struct stat st;

	if (!f) {
		if (fd >= 0)
			close(fd);
		return kd_fail(err, KD_NOTFOUND, "%s: %s", path, strerror(errno));
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return kd_fail(err, KD_USAGE, "%s is no file of lines", path);
	return user_source(s, path, f, d, err);
}

static const struct command_example source_examples[] = {
	{ "source triage.kd", "run the lines of a file" },
	{ NULL, NULL },
};

const struct command cmd_source = {
	.name = "source",
	.aliases = "<",
	.group = "the prompt",
	.synopsis = "FILE",
	.summary = "run the lines of a file",
	.help = "The lines are what could be typed at the prompt; those that begin with # are\n"
		"comments. One that fails does not stop the others.",
	.examples = source_examples,
	.min = 1,
	.max = 1,
	.flags = CMD_PROMPT | CMD_FILES,
	.run = run_source,
};

/* note ----------------------------------------------------------------------------------- */

/* What the note is on, by its options. */
static int take_subject(struct session *s, const struct args *a, char *buf, size_t size,
			struct kd_err *err)
{
	const char *addr = args_value(a, "address"), *task = args_value(a, "task");
	uint64_t frame = UINT64_MAX;
	const struct task *t;
	vaddr_t v;
	int ret = args_number(a, "frame", 100000, &frame, err);

	buf[0] = '\0';
	if (ret)
		return ret;
	if (addr) {
		ret = address_select(s, addr, NULL, &v, err);
		if (!ret)
			snprintf(buf, size, "0x%0*" PRIx64, 2 * s->k->arch->ptr_size, v);
		return ret;
	}
	if (!task && frame == UINT64_MAX)
		return 0;
	ret = task_select(s, task, &t, err);
	if (!ret && frame != UINT64_MAX)
		snprintf(buf, size, "frame %" PRIu64 " 0x%" PRIx64, frame, t->addr);
	else if (!ret)
		snprintf(buf, size, "task 0x%" PRIx64, t->addr);
	return ret;
}

static int run_note(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	uint64_t number = 0;
	char on[64];
	int ret = args_number(a, "delete", UINT32_MAX, &number, err);

	if (ret)
		return ret;
	if (args_has(a, "delete"))
		return user_note_remove(s->user, number - 1, err);
	if (!a->raw || !*a->raw) {
		part_notes(s, d);
		if (!s->user->nnotes)
			doc_note(d, DOC_HINT, "there are no notes on this dump");
		if (s->user->notes_error)
			return kd_fail(err, KD_IO, "%s: %s", s->user->notes_path,
				       s->user->notes_error);
		return 0;
	}
	ret = take_subject(s, a, on, sizeof(on), err);
	if (!ret)
		ret = user_note_add(s->user, on, a->raw, err);
	if (!ret)
		doc_note(d, DOC_HINT, "note %zu is kept in %s", s->user->nnotes,
			 s->user->notes_path);
	return ret;
}

static const struct opt_def note_options[] = {
	{ 'a', "address", "ADDR", "on this address" },
	{ 't', "task", "TASK", "on this task" },
	{ 'f', "frame", "N", "on frame N of that task, or of the current one" },
	{ 'D', "delete", "N", "remove note N" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example note_examples[] = {
	{ "note asked the storage team, they know this one", "on the dump" },
	{ "note -f 3 -t 1234 the list is empty here", "on a frame of a task" },
	{ "note", "all notes" },
	{ NULL, NULL },
};

const struct command cmd_note = {
	.name = "note",
	.aliases = "notes",
	.group = "the prompt",
	.synopsis = "[TEXT]",
	.summary = "keep a note on the dump, a task, a frame or an address",
	.help = "Notes are kept beside the dump, in DUMP.notes (where that folder cannot be\n"
		"written, in the user's state folder), and shown by verdict and report.",
	.options = note_options,
	.examples = note_examples,
	.max = 4096,
	.flags = CMD_PROMPT | CMD_RAW,
	.run = run_note,
};
