// SPDX-License-Identifier: GPL-3.0-or-later
/* Modules as depmod wrote them down: see modules_dep.h. */
#include "setup/modules_dep.h"

#include <string.h>

#include "load/read_file.h"
#include "setup/modprobe_conf.h"

#define FILE_MOST (64u << 20) /* bytes of one of depmod's files; they have a few MB */
#define ENTRIES_MOST 200000

/* Names ----------------------------------------------------------------------------------- */

bool module_name(const char *file, size_t len, char out[MODULE_NAME])
{
	const char *slash = memrchr(file, '/', len), *dot;
	size_t n;

	if (slash) {
		len -= (size_t)(slash + 1 - file);
		file = slash + 1;
	}
	dot = memchr(file, '.', len);
	n = dot ? (size_t)(dot - file) : len;
	if (!n || n >= MODULE_NAME)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = file[i] == '-' ? '_' : file[i];
	out[n] = '\0';
	return true;
}

static char plain(char c)
{
	return c == '-' ? '_' : c;
}

/* "[0-9a]" at *PATTERN, which goes behind it: does it have C? */
static bool in_brackets(const char **pattern, char c)
{
	const char *p = *pattern + 1;
	bool fits = false;

	for (; *p && *p != ']'; p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			fits |= c >= p[0] && c <= p[2];
			p += 2;
		} else {
			fits |= c == *p;
		}
	}
	*pattern = *p ? p + 1 : p;
	return fits;
}

bool module_alias_fits(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text) {
		const char *next = pattern + 1;
		bool fits;

		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
			continue;
		}
		next = pattern;
		if (*pattern == '[')
			fits = in_brackets(&next, *text);
		else
			fits = *pattern && (*pattern == '?' || plain(*pattern) == plain(*text)),
			next++;
		if (fits) {
			pattern = next;
			text++;
		} else if (star) {
			/* The last star takes one more. */
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* The index ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct module_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct module_entry *module_find(const struct module_index *idx, const char *name)
{
	struct module_entry key = { 0 };

	if (!module_name(name, strlen(name), key.name) || !idx->n)
		return NULL;
	return bsearch(&key, idx->at, idx->n, sizeof(key), by_name);
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	for (; s && *s; s = strchr(s, '\n'), s = s ? s + 1 : NULL)
		n++;
	return n;
}

/* Cut LINE at its end; the next one, or NULL. */
static char *cut_line(char *line)
{
	char *end = strchr(line, '\n');

	if (end)
		*end++ = '\0';
	return end;
}

static void take_entry(struct module_index *idx, const char *file, bool builtin, const char *needs)
{
	struct module_entry *e = &idx->at[idx->n];

	if (!module_name(file, strlen(file), e->name))
		return;
	e->file = builtin ? NULL : file;
	e->needs = needs;
	idx->n++;
}

static void index_texts(struct module_index *idx)
{
	for (char *line = idx->dep, *next; line && *line; line = next) {
		char *colon;

		next = cut_line(line);
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		take_entry(idx, line, false, colon + 1);
	}
	for (char *line = idx->builtin, *next; line && *line; line = next) {
		next = cut_line(line);
		take_entry(idx, line, true, "");
	}
}

int module_index_open(const char *root, const char *folder, struct module_index *out,
		      struct kd_err *err)
{
	static const char *const names[] = { "modules.dep", "modules.builtin", "modules.softdep",
					     "modules.alias" };
	char **const texts[] = { &out->dep, &out->builtin, &out->softdep, &out->alias };
	size_t lines;
	int ret;

	*out = (struct module_index){ .folder = strdup(folder) };
	if (!out->folder)
		return kd_nomem(err);
	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++) {
		ret = read_file(folder, names[i], FILE_MOST, texts[i], NULL, err);
		/* Only the first is always there: the others may have nothing to say. */
		if (ret && (ret != KD_NOTFOUND || !i))
			return ret;
	}
	lines = count_lines(out->dep) + count_lines(out->builtin);
	if (lines > ENTRIES_MOST)
		return kd_fail(err, KD_CORRUPT, "%s/modules.dep: too many modules", folder);
	out->at = calloc(lines ? lines : 1, sizeof(*out->at));
	if (!out->at)
		return kd_nomem(err);
	index_texts(out);
	qsort(out->at, out->n, sizeof(*out->at), by_name);
	return modprobe_conf_read(root, &out->options, err);
}

void module_index_fini(struct module_index *idx)
{
	free(idx->at);
	free(idx->folder);
	free(idx->dep);
	free(idx->softdep);
	free(idx->alias);
	free(idx->builtin);
	free(idx->options);
	*idx = (struct module_index){ 0 };
}
