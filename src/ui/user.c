// SPDX-License-Identifier: GPL-3.0-or-later
/* What the user brings along: see user.h. */
#include "ui/user.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "ui/doc.h"
#include "ui/files.h"
#include "ui/line_doc.h"
#include "ui/output.h"
#include "ui/session.h"

#define ALIASES_MAX 256

int user_new(const char *dump_path, struct user **out, struct kd_err *err)
{
	struct user *u = calloc(1, sizeof(*u));
	int ret;

	if (!u)
		return kd_nomem(err);
	ret = user_notes_read(u, dump_path, err);
	if (ret) {
		user_free(u);
		return ret;
	}
	*out = u;
	return 0;
}

void user_free(struct user *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < u->naliases; i++) {
		free(u->aliases[i].name);
		free(u->aliases[i].text);
	}
	free(u->aliases);
	user_notes_fini(u);
	fclosep(&u->log);
	free(u);
}

/* Aliases ------------------------------------------------------------------------------- */

static bool is_alias_name(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

static struct alias *find_alias(const struct user *u, const char *name, size_t len)
{
	for (size_t i = 0; i < u->naliases; i++) {
		if (strlen(u->aliases[i].name) == len && !strncmp(u->aliases[i].name, name, len))
			return &u->aliases[i];
	}
	return NULL;
}

static int remove_alias(struct user *u, const char *name, struct kd_err *err)
{
	struct alias *a = find_alias(u, name, strlen(name));

	if (!a)
		return kd_fail(err, KD_NOTFOUND, "there is no alias \"%s\"", name);
	free(a->name);
	free(a->text);
	*a = u->aliases[--u->naliases];
	return 0;
}

int user_alias(struct user *u, const char *name, const char *text, struct kd_err *err)
{
	struct alias *a, *grown;
	char *copy;

	if (!text)
		return remove_alias(u, name, err);
	if (!is_alias_name(name))
		return kd_fail(err, KD_USAGE, "\"%s\" cannot be an alias: letters, digits, _ and -",
			       name);
	copy = strdup(text);
	if (!copy)
		return kd_nomem(err);
	a = find_alias(u, name, strlen(name));
	if (a) {
		free(a->text);
		a->text = copy;
		return 0;
	}
	grown = u->naliases < ALIASES_MAX
			? reallocarray(u->aliases, u->naliases + 1, sizeof(*grown))
			: NULL;
	if (!grown || !(name = strdup(name))) {
		u->aliases = grown ? grown : u->aliases;
		free(copy);
		return kd_nomem(err);
	}
	u->aliases = grown;
	u->aliases[u->naliases++] = (struct alias){ (char *)(uintptr_t)name, copy };
	return 0;
}

char *user_expand(const struct user *u, const char *line)
{
	char *now = strdup(line);
	/* An alias may begin with the name it has itself, or another's: each is taken once. */
	bool *used = calloc(u->naliases + 1, sizeof(*used));

	while (now && used) {
		size_t start = strspn(now, " \t"), len = strcspn(now + start, " \t;|>");
		const struct alias *a = find_alias(u, now + start, len);
		char *next;

		if (!a || used[a - u->aliases])
			break;
		used[a - u->aliases] = true;
		if (asprintf(&next, "%s%s", a->text, now + start + len) < 0)
			next = NULL;
		free(now);
		now = next;
	}
	free(used);
	return now;
}

/* The log of the session ---------------------------------------------------------------- */

void user_log_line(struct user *u, const char *line)
{
	if (u->log && *line) {
		fprintf(u->log, "\nkdview> %s\n", line);
		fflush(u->log);
	}
}

/* Files of lines --------------------------------------------------------------------------- */

int user_source(struct session *s, const char *path, FILE *f, struct doc *d, struct kd_err *err)
{
	_cleanup_(freep) char *line = NULL;
	unsigned long number = 0;
	size_t size = 0;
	ssize_t n;
	int first = 0;

	if (s->user->depth == USER_DEPTH_MAX)
		return kd_fail(err, KD_USAGE, "%s: files name each other, %u deep", path,
			       USER_DEPTH_MAX);
	s->user->depth++;
	while (!session_cancelled(NULL) && (n = getline(&line, &size, f)) >= 0) {
		struct kd_err why = KD_ERR_INIT;
		int ret;

		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		number++;
		ret = line_doc(s, line, d, &why);
		if (ret && !first) {
			first = ret;
			kd_fail(err, ret, "%s: line %lu: %s", path, number, why.text);
		}
	}
	s->user->depth--;
	return first ? first : session_cancelled(err);
}

/* The user's own and nobody else's to write: it is run as the user. */
static FILE *open_rc(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	FILE *f;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH))) {
		complain("%s: not read: it must be a file of yours that nobody else may write", path);
		close(fd);
		return NULL;
	}
	f = fdopen(fd, "r");
	if (!f)
		close(fd);
	return f;
}

void user_read_rc(struct session *s)
{
	_cleanup_(freep) char *path = user_file(USER_CONFIG, NULL, "kdviewrc");
	_cleanup_(fclosep) FILE *f = path ? open_rc(path) : NULL;
	struct kd_err why = KD_ERR_INIT;
	struct doc d;

	if (!f)
		return;
	doc_init(&d, NULL);
	if (user_source(s, path, f, &d, &why))
		complain("%s", why.text);
	doc_fini(&d);
}
