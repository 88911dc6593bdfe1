// SPDX-License-Identifier: GPL-3.0-or-later
/* modprobe.d: see modprobe_conf.h. */
#include "setup/modprobe_conf.h"

#include <dirent.h>
#include <string.h>

#include "load/read_file.h"
#include "setup/modules_dep.h"

#define CONF_MOST (1u << 20)
#define FILES_MOST 512
#define BLANKS " \t\r"

/* As in modprobe.d(5). */
static const char *const folders[] = { "/etc/modprobe.d", "/run/modprobe.d",
				       "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
				       "/lib/modprobe.d" };

struct files {
	struct {
		char *name;
		const char *folder;
	} at[FILES_MOST];
	size_t n;
};

static bool has(const struct files *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->at[i].name, name))
			return true;
	return false;
}

static void list(const char *root, const char *folder, struct files *out)
{
	_cleanup_(freep) char *path = NULL;
	struct dirent *e;
	DIR *d;

	if (asprintf(&path, "%s%s", root, folder) < 0) {
		path = NULL;
		return;
	}
	d = opendir(path);
	while (d && out->n < FILES_MOST && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len < 6 || strcmp(e->d_name + len - 5, ".conf") || has(out, e->d_name))
			continue;
		out->at[out->n].folder = folder;
		out->at[out->n].name = strdup(e->d_name);
		out->n += out->at[out->n].name != NULL;
	}
	if (d)
		closedir(d);
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b; /* name is the first member */

	return strcmp(*x, *y);
}

static int append(char **text, const char *more)
{
	char *joined;

	if (asprintf(&joined, "%s%s\n", *text ? *text : "", more) < 0)
		return KD_NOMEM;
	free(*text);
	*text = joined;
	return 0;
}

/* A "\" at the end of a line makes one of two. */
static void join_lines(char *s)
{
	while ((s = strstr(s, "\\\n"))) {
		s[0] = s[1] = ' ';
	}
}

int modprobe_conf_read(const char *root, char **text, struct kd_err *err)
{
	struct files *f = calloc(1, sizeof(*f));
	int ret = 0;

	*text = NULL;
	if (!f)
		return kd_nomem(err);
	for (size_t i = 0; i < KD_ARRAY_SIZE(folders); i++)
		list(root, folders[i], f);
	qsort(f->at, f->n, sizeof(f->at[0]), by_name);
	for (size_t i = 0; i < f->n; i++) {
		_cleanup_(freep) char *path = NULL, *one = NULL;

		if (asprintf(&path, "%s%s/%s", root, f->at[i].folder, f->at[i].name) < 0)
			path = NULL;
		else if (!ret && !read_file("", path, CONF_MOST, &one, NULL, NULL))
			ret = append(text, one);
		free(f->at[i].name);
	}
	free(f);
	if (*text)
		join_lines(*text);
	return ret ? kd_nomem(err) : 0;
}

/* The word at *S, before END; its length, 0: none. *s goes behind it. */
static size_t next_word(const char **s, const char *end, const char **word)
{
	while (*s < end && strchr(BLANKS, **s))
		(*s)++;
	*word = *s;
	while (*s < end && !strchr(BLANKS, **s))
		(*s)++;
	return (size_t)(*s - *word);
}

const char *modprobe_conf_next(const char **at, const char *word, const char *name, size_t *len)
{
	while (*at && **at) {
		const char *s = *at, *end = s + strcspn(s, "\n"), *first, *second;
		char buf[MODULE_NAME];
		size_t n = next_word(&s, end, &first), m = next_word(&s, end, &second);

		*at = *end ? end + 1 : end;
		if (n != strlen(word) || strncmp(first, word, n) || !module_name(second, m, buf) ||
		    strcmp(buf, name))
			continue;
		*len = (size_t)(end - s);
		return s;
	}
	return NULL;
}
