// SPDX-License-Identifier: GPL-3.0-or-later
/* Modules in the order in which they are to be loaded: see modules_dep.h. */
#include <string.h>

#include "setup/modprobe_conf.h"
#include "setup/modules_dep.h"

#define DEPTH_MOST 64 /* of modules that need modules; real ones: 6 */
#define WORD_MOST 512
#define BLANKS " \t\r"

static int add_word(struct module_set *s, struct module_index *idx, const char *word,
		    unsigned depth, size_t *found, struct kd_err *err);
static int add_entry(struct module_set *s, struct module_index *idx, struct module_entry *e,
		     unsigned depth, struct kd_err *err);

static int append(struct module_set *s, const struct module_entry *e, struct kd_err *err)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 32;
		void *p = realloc(s->at, cap * sizeof(*s->at)); // NOLINT

		if (!p)
			return kd_nomem(err);
		s->at = p;
		s->cap = cap;
	}
	s->at[s->n++] = e;
	return 0;
}

/* Files of modules.dep: the last one first, as modprobe does. */
static int add_needs(struct module_set *s, struct module_index *idx, const char *needs,
		     unsigned depth, struct kd_err *err)
{
	const char *end = needs + strlen(needs);
	int ret = 0;

	while (!ret && end > needs) {
		const char *start;
		char name[MODULE_NAME];
		struct module_entry *e;

		while (end > needs && strchr(BLANKS, end[-1]))
			end--;
		for (start = end; start > needs && !strchr(BLANKS, start[-1]);)
			start--;
		if (start == end)
			break;
		if (!module_name(start, (size_t)(end - start), name))
			return kd_fail(err, KD_CORRUPT, "modules.dep: %.*s is no module",
				       (int)kd_min((uint64_t)(end - start), 100), start);
		e = module_find(idx, name);
		if (!e)
			return kd_fail(err, KD_CORRUPT,
				       "modules.dep names %s, but has no line for it: "
				       "run depmod",
				       name);
		ret = add_entry(s, idx, e, depth + 1, err);
		end = start;
	}
	return ret;
}

/*
 * "pre: A B post: C" of a "softdep" line, those before or those behind. What is not there is
 * left out: such dependencies are soft.
 */
static int add_soft_words(struct module_set *s, struct module_index *idx, const char *text,
			  size_t len, bool post, unsigned depth, struct kd_err *err)
{
	const char *at = text, *end = text + len;
	const char *which = post ? "post:" : "pre:";
	bool wanted = false;
	int ret = 0;

	while (!ret && at < end) {
		char word[WORD_MOST];
		size_t n = strcspn(at, BLANKS "\n"), found;

		n = kd_min(n, (uint64_t)(end - at));
		if (n && n < sizeof(word)) {
			memcpy(word, at, n);
			word[n] = '\0';
			if (word[n - 1] == ':' && (!strcmp(word, "pre:") || !strcmp(word, "post:")))
				wanted = !strcmp(word, which);
			else if (wanted)
				ret = add_word(s, idx, word, depth + 1, &found, err);
		}
		at += n ? n : 1;
	}
	return ret;
}

static int add_soft(struct module_set *s, struct module_index *idx, const struct module_entry *e,
		    bool post, unsigned depth, struct kd_err *err)
{
	const char *const texts[] = { idx->softdep, idx->options };
	int ret = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(texts); i++) {
		const char *at = texts[i], *line;
		size_t len;

		while (!ret && (line = modprobe_conf_next(&at, "softdep", e->name, &len)))
			ret = add_soft_words(s, idx, line, len, post, depth, err);
	}
	return ret;
}

static int add_entry(struct module_set *s, struct module_index *idx, struct module_entry *e,
		     unsigned depth, struct kd_err *err)
{
	int ret;

	/* There are circles of soft dependencies: they end here. */
	if (e->seen)
		return 0;
	if (depth > DEPTH_MOST)
		return kd_fail(err, KD_CORRUPT,
			       "%s/modules.dep: %s: modules need modules without end: "
			       "run depmod",
			       idx->folder, e->name);
	e->seen = true;
	ret = add_soft(s, idx, e, false, depth, err);
	if (!ret && e->file)
		ret = add_needs(s, idx, e->needs, depth, err);
	if (!ret && e->file)
		ret = append(s, e, err);
	return ret ? ret : add_soft(s, idx, e, true, depth, err);
}

/* The line AT of modules.alias, "alias PATTERN NAME", in BUF; false: it is no such line. */
static bool take_alias(const char *at, size_t len, char buf[WORD_MOST], char **pattern, char **name)
{
	char *save = NULL;

	if (len >= WORD_MOST || strncmp(at, "alias ", 6) != 0)
		return false;
	memcpy(buf, at, len);
	buf[len] = '\0';
	strtok_r(buf, BLANKS, &save);
	*pattern = strtok_r(NULL, BLANKS, &save);
	*name = strtok_r(NULL, BLANKS, &save);
	return *name != NULL;
}

/* All aliases that fit. */
static int add_aliases(struct module_set *s, struct module_index *idx, const char *word,
		       unsigned depth, size_t *found, struct kd_err *err)
{
	int ret = 0;

	for (const char *at = idx->alias; at && *at && !ret;) {
		size_t len = strcspn(at, "\n");
		char line[WORD_MOST], *pattern, *name;
		struct module_entry *e;

		if (take_alias(at, len, line, &pattern, &name) &&
		    module_alias_fits(pattern, word) && (e = module_find(idx, name))) {
			(*found)++;
			ret = add_entry(s, idx, e, depth, err);
		}
		at += len + (at[len] != '\0');
	}
	return ret;
}

static int add_word(struct module_set *s, struct module_index *idx, const char *word,
		    unsigned depth, size_t *found, struct kd_err *err)
{
	struct module_entry *e = strchr(word, ':') ? NULL : module_find(idx, word);

	*found = e != NULL;
	return e ? add_entry(s, idx, e, depth, err) : add_aliases(s, idx, word, depth, found, err);
}

int module_set_add(struct module_set *s, struct module_index *idx, const char *word, size_t *found,
		   struct kd_err *err)
{
	return add_word(s, idx, word, 0, found, err);
}

void module_set_fini(struct module_set *s)
{
	free(s->at);
	*s = (struct module_set){ 0 };
}

int module_options(const struct module_index *idx, const char *name, char **out, struct kd_err *err)
{
	const char *at = idx->options, *line;
	size_t len;

	*out = NULL;
	while ((line = modprobe_conf_next(&at, "options", name, &len))) {
		char *joined;

		while (len && strchr(BLANKS, *line))
			line++, len--;
		if (asprintf(&joined, "%s%s%.*s", *out ? *out : "", *out ? " " : "",
			     (int)kd_min(len, 4096), line) < 0)
			return kd_nomem(err);
		free(*out);
		*out = joined;
	}
	return 0;
}
