// SPDX-License-Identifier: GPL-3.0-or-later
/* The configuration of process 1: see conf.h. */
#include "setup/conf.h"

#include <string.h>

#define SECONDS_MAX 1000000

struct line {
	char *words[CONF_WORDS + 1];
	size_t n;
};

/* Cut a line into words. */
static const char *cut(char *s, struct line *l)
{
	*l = (struct line){ 0 };
	for (;;) {
		s += strspn(s, " \t\r");
		if (!*s || *s == '#')
			return NULL;
		if (l->n == CONF_WORDS)
			return "too many words";
		l->words[l->n++] = s;
		s += strcspn(s, " \t\r");
		if (!*s)
			return NULL;
		*s++ = '\0';
	}
}

static const char *take_seconds(const struct line *l, unsigned *out)
{
	char *end;
	unsigned long n;

	if (l->n != 2)
		return "it wants a number of seconds";
	n = strtoul(l->words[1], &end, 10);
	if (*end || !n || n > SECONDS_MAX)
		return "it wants a number of seconds";
	*out = (unsigned)n;
	return NULL;
}

static const char *take_end(const struct line *l, enum conf_end *out)
{
	static const char *const names[] = { "reboot", "poweroff", "halt", "shell" };

	for (size_t i = 0; l->n == 2 && i < KD_ARRAY_SIZE(names); i++) {
		if (!strcmp(l->words[1], names[i])) {
			*out = (enum conf_end)i;
			return NULL;
		}
	}
	return "it is reboot, poweroff, halt or shell";
}

/* finit_module(2) wants the parameters as one text: the words become it again. */
static const char *take_module(const struct line *l, struct conf *c)
{
	char *last = l->n > 2 ? l->words[l->n - 1] : NULL;

	if (l->n < 2)
		return "it wants a file";
	if (c->nmodules == CONF_MODULES)
		return "too many modules";
	for (char *p = l->n > 2 ? l->words[2] : NULL; p && p < last; p++)
		if (!*p)
			*p = ' ';
	c->modules[c->nmodules].file = l->words[1];
	c->modules[c->nmodules++].parameters = l->n > 2 ? l->words[2] : "";
	return NULL;
}

static const char *take_target(const struct line *l, struct conf *c)
{
	bool raw = !strcmp(l->words[0], "raw");
	struct conf_target t = { .device = l->words[1] };

	if (l->n < 2 || l->n > (raw ? 2 : 4))
		return raw ? "it wants a device" : "it wants DEVICE [TYPE [FOLDER]]";
	if (c->ntargets == CONF_TARGETS)
		return "too many targets";
	if (!raw) {
		t.type = l->n > 2 && strcmp(l->words[2], "auto") ? l->words[2] : NULL;
		t.folder = l->n > 3 ? l->words[3] : "/";
	}
	c->targets[c->ntargets++] = t;
	return NULL;
}

static const char *take_words(const struct line *l, const char **out, size_t *n)
{
	if (l->n - 1 > CONF_WORDS - *n)
		return "too many words";
	for (size_t i = 1; i < l->n; i++)
		out[(*n)++] = l->words[i];
	return NULL;
}

static const char *take_verify(const struct line *l, bool *out)
{
	if (l->n != 2 || (strcmp(l->words[1], "yes") && strcmp(l->words[1], "no")))
		return "it is yes or no";
	*out = !strcmp(l->words[1], "yes");
	return NULL;
}

static const char *take_only_log(const struct line *l, bool *out)
{
	*out = true;
	return l->n == 1 ? NULL : "it stands alone";
}

static const char *take(const struct line *l, struct conf *c, bool *has_failed)
{
	const char *word = l->words[0];

	if (!strcmp(word, "module"))
		return take_module(l, c);
	if (!strcmp(word, "target") || !strcmp(word, "raw"))
		return take_target(l, c);
	if (!strcmp(word, "capture"))
		return take_words(l, c->options, &c->noptions);
	if (!strcmp(word, "hook"))
		return take_words(l, c->hook, &c->nhook);
	if (!strcmp(word, "dmesg"))
		return take_only_log(l, &c->only_log);
	if (!strcmp(word, "wait"))
		return take_seconds(l, &c->wait);
	if (!strcmp(word, "limit"))
		return take_seconds(l, &c->limit);
	if (!strcmp(word, "verify"))
		return take_verify(l, &c->verify);
	if (!strcmp(word, "end"))
		return take_end(l, &c->end);
	if (!strcmp(word, "failed")) {
		*has_failed = true;
		return take_end(l, &c->failed);
	}
	return "no such word";
}

void conf_parse(char *text, void (*complaint)(void *data, unsigned line, const char *what),
		void *data, struct conf *out)
{
	char *s = text, *next;
	unsigned number = 1;
	bool has_failed = false;

	*out = (struct conf){ .text = text, .wait = 30, .limit = 3600, .verify = true };
	for (; s; s = next, number++) {
		struct line l;
		const char *what;

		next = strchr(s, '\n');
		if (next)
			*next++ = '\0';
		what = cut(s, &l);
		if (!what && l.n)
			what = take(&l, out, &has_failed);
		if (what)
			complaint(data, number, what);
	}
	if (!has_failed)
		out->failed = out->end;
}

void conf_fini(struct conf *c)
{
	free(c->text);
	*c = (struct conf){ 0 };
}
