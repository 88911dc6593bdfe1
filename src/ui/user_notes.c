// SPDX-License-Identifier: GPL-3.0-or-later
/* Notes about a dump: see user.h. A file of JSON, one object a line. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/utc.h"
#include "ui/doc.h"
#include "ui/files.h"
#include "ui/session.h"
#include "ui/user.h"

#define NOTES_MAX 10000
#define LINE_MAX_BYTES 65536

void user_notes_fini(struct user *u)
{
	for (size_t i = 0; i < u->nnotes; i++) {
		free(u->notes[i].on);
		free(u->notes[i].text);
	}
	free(u->notes);
	free(u->notes_path);
	free(u->notes_error);
}

/* ON and TEXT are copied. */
static int append(struct user *u, const char *on, const char *text, int64_t when,
		  struct kd_err *err)
{
	struct user_note n = { .on = strdup(on), .text = strdup(text), .when = when };
	struct user_note *grown = NULL;

	if (u->nnotes < NOTES_MAX)
		grown = reallocarray(u->notes, u->nnotes + 1, sizeof(*grown));
	if (grown)
		u->notes = grown;
	if (!grown || !n.on || !n.text) {
		free(n.on);
		free(n.text);
		return kd_nomem(err);
	}
	u->notes[u->nnotes++] = n;
	return 0;
}

static int take_line(struct user *u, const char *line, struct kd_err *err)
{
	json_t *o = json_loads(line, 0, NULL);
	const char *on = json_string_value(json_object_get(o, "on"));
	const char *text = json_string_value(json_object_get(o, "text"));
	int ret = 0;

	if (text)
		ret = append(u, on ? on : "", text,
			     json_integer_value(json_object_get(o, "when")), err);
	json_decref(o);
	return ret;
}

/* Where notes on the dump are, or would be; owned by the caller; NULL: nowhere. */
static char *find_path(const char *dump_path)
{
	_cleanup_(freep) char *real = realpath(dump_path, NULL);
	_cleanup_(freep) char *folder = real ? strdup(real) : NULL;
	char *path = NULL, *slash;

	if (!real || !folder)
		return NULL;
	if (asprintf(&path, "%s.notes", real) < 0)
		return NULL;
	slash = strrchr(folder, '/');
	slash[slash == folder] = '\0';
	if (!access(path, F_OK) || !access(folder, W_OK))
		return path;
	free(path);
	/* The same file name in another folder is another dump. */
	for (char *p = real; *p; p++)
		if (*p == '/')
			*p = '%';
	return user_file(USER_STATE, "notes", real);
}

int user_notes_read(struct user *u, const char *dump_path, struct kd_err *err)
{
	_cleanup_(fclosep) FILE *f = NULL;
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;
	int ret = 0;

	u->notes_path = find_path(dump_path);
	if (!u->notes_path)
		return 0;
	f = fopen(u->notes_path, "re");
	if (!f && errno != ENOENT)
		u->notes_error = strdup(strerror(errno));
	while (f && !ret && getline(&line, &size, f) >= 0 && size <= LINE_MAX_BYTES)
		ret = take_line(u, line, err);
	return ret == KD_NOMEM ? ret : 0;
}

static int write_notes(const struct user *u, FILE *f)
{
	for (size_t i = 0; i < u->nnotes; i++) {
		const struct user_note *n = &u->notes[i];
		json_t *o = json_pack("{s:I, s:s, s:s}", "when", (json_int_t)n->when, "on", n->on,
				      "text", n->text);
		int bad = !o || json_dumpf(o, f, JSON_COMPACT | JSON_ENSURE_ASCII);

		json_decref(o);
		if (bad || fputc('\n', f) == EOF)
			return -1;
	}
	return fflush(f) || fsync(fileno(f)) ? -1 : 0;
}

/* A new file in the place of the old one: notes are never half there. */
static int save(const struct user *u, struct kd_err *err)
{
	_cleanup_(freep) char *tmp = NULL;
	FILE *f;
	int fd, bad;

	if (!u->notes_path)
		return kd_fail(err, KD_IO, "there is no place for notes: no state folder");
	if (u->notes_error)
		return kd_fail(err, KD_IO, "%s: the notes that are there cannot be read: %s",
			       u->notes_path, u->notes_error);
	if (asprintf(&tmp, "%s.new", u->notes_path) < 0) {
		tmp = NULL;
		return kd_nomem(err);
	}
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return kd_fail(err, KD_IO, "%s: cannot write: %s", tmp, strerror(errno));
	bad = write_notes(u, f);
	bad |= fclose(f);
	if (bad || rename(tmp, u->notes_path)) {
		unlink(tmp);
		return kd_fail(err, KD_IO, "%s: cannot write: %s", u->notes_path, strerror(errno));
	}
	return 0;
}

int user_note_add(struct user *u, const char *on, const char *text, struct kd_err *err)
{
	int ret = append(u, on, text, time(NULL), err);

	return ret ? ret : save(u, err);
}

int user_note_remove(struct user *u, size_t i, struct kd_err *err)
{
	if (i >= u->nnotes)
		return kd_fail(err, KD_NOTFOUND, "there is no note %zu", i + 1);
	free(u->notes[i].on);
	free(u->notes[i].text);
	memmove(&u->notes[i], &u->notes[i + 1], (u->nnotes - i - 1) * sizeof(*u->notes));
	u->nnotes--;
	return save(u, err);
}

static const struct doc_column columns[] = {
	{ .key = "number", .title = "NOTE", .flags = DOC_RIGHT },
	{ .key = "when", .flags = DOC_ONLY_JSON },
	{ .key = "date", .title = "MADE", .flags = DOC_ONLY_TEXT },
	{ .key = "on", .title = "ON" },
	{ .key = "text", .title = "TEXT" },
};

/* What following a note's subject means. */
static struct doc_cell on_cell(const struct user_note *n)
{
	if (!strncmp(n->on, "task ", 5))
		return doc_linked(doc_str(n->on), "bt %s", n->on + 5);
	if (!strncmp(n->on, "frame ", 6))
		return doc_linked(doc_str(n->on), "%s", n->on);
	if (*n->on)
		return doc_linked(doc_str(n->on), "follow %s", n->on);
	return doc_str("the dump");
}

void part_notes(const struct session *s, struct doc *d)
{
	const struct user *u = s->user;

	if (!u || !u->nnotes)
		return;
	doc_table(d, "notes", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < u->nnotes; i++) {
		const struct user_note *n = &u->notes[i];
		char date[UTC_TEXT];

		utc_format(n->when, UTC_MINUTE, date);
		doc_put(d, doc_uint(i + 1));
		doc_put(d, doc_int(n->when));
		doc_put(d, doc_str(date));
		doc_put(d, on_cell(n));
		doc_put(d, doc_styled(doc_str(n->text), DOC_STRONG));
	}
}
