// SPDX-License-Identifier: GPL-3.0-or-later
/* VMCOREINFO: see vmcoreinfo.h. */
#include "core/vmcoreinfo.h"

#include <errno.h>
#include <string.h>

/* The kernel's note is one page; a few more cost nothing and bound the rest. */
#define TEXT_MAX (1u << 20)

struct line {
	const char *key, *value;
};

struct vmcoreinfo {
	char *text;
	struct line *lines;
	size_t n;
};

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static void split(struct vmcoreinfo *vi)
{
	char *save = NULL;

	for (char *l = strtok_r(vi->text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		char *eq = strchr(l, '=');

		if (!eq)
			continue;
		*eq = '\0';
		vi->lines[vi->n++] = (struct line){ .key = l, .value = eq + 1 };
	}
}

int vmcoreinfo_parse(const char *text, size_t len, struct vmcoreinfo **out, struct kd_err *err)
{
	_cleanup_(vmcoreinfo_freep) struct vmcoreinfo *vi = calloc(1, sizeof(*vi));

	len = strnlen(text, kd_min(len, TEXT_MAX));
	if (!vi)
		return kd_nomem(err);
	vi->text = strndup(text, len);
	vi->lines = calloc(count_lines(text, len), sizeof(*vi->lines));
	if (!vi->text || !vi->lines)
		return kd_nomem(err);
	split(vi);
	*out = vi;
	vi = NULL;
	return 0;
}

void vmcoreinfo_free(struct vmcoreinfo *vi)
{
	if (!vi)
		return;
	free(vi->text);
	free(vi->lines);
	free(vi);
}

void vmcoreinfo_freep(struct vmcoreinfo **vi)
{
	vmcoreinfo_free(*vi);
}

const char *vmcoreinfo_get(const struct vmcoreinfo *vi, const char *key)
{
	for (size_t i = 0; vi && i < vi->n; i++)
		if (!strcmp(vi->lines[i].key, key))
			return vi->lines[i].value;
	return NULL;
}

static bool parse(const char *text, int base, uint64_t *value)
{
	char *end;

	if (!text || !*text)
		return false;
	errno = 0;
	*value = *text == '-' ? (uint64_t)strtoll(text, &end, base) : strtoull(text, &end, base);
	return !errno && !*end;
}

bool vmcoreinfo_number(const struct vmcoreinfo *vi, const char *kind, const char *name,
		       uint64_t *value)
{
	char key[128];

	if (snprintf(key, sizeof(key), "%s(%s)", kind, name) >= (int)sizeof(key))
		return false;
	/* NUMBER lines are decimal, but some print hex with its prefix. */
	return parse(vmcoreinfo_get(vi, key), strcmp(kind, "SYMBOL") ? 0 : 16, value);
}

bool vmcoreinfo_hex(const struct vmcoreinfo *vi, const char *key, uint64_t *value)
{
	return parse(vmcoreinfo_get(vi, key), 16, value);
}

bool vmcoreinfo_line(const struct vmcoreinfo *vi, size_t i, const char **key, const char **value)
{
	if (!vi || i >= vi->n)
		return false;
	*key = vi->lines[i].key;
	*value = vi->lines[i].value;
	return true;
}
