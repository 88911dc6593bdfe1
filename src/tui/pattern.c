// SPDX-License-Identifier: GPL-3.0-or-later
/* Patterns: see pattern.h. */
#include "tui/pattern.h"

#include <ctype.h>
#include <regex.h>
#include <string.h>

struct pattern {
	char *text;
	size_t len;
	bool fold; /* case */
	bool is_regex;
	regex_t regex;
};

int pattern_new(const char *text, struct pattern **out, struct kd_err *err)
{
	struct pattern *p = calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return kd_nomem(err);
	p->text = strdup(text);
	if (!p->text) {
		free(p);
		*out = NULL;
		return kd_nomem(err);
	}
	p->len = strlen(text);
	p->fold = true;
	for (const char *s = text; *s; s++)
		p->fold &= !isupper((uint8_t)*s);
	/* Most patterns are plain words, and to find those takes a tenth of the time. */
	if (strpbrk(text, "\\^$.[|()?*+{"))
		p->is_regex = !regcomp(&p->regex, text, REG_EXTENDED | (p->fold ? REG_ICASE : 0));
	return 0;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	if (p->is_regex)
		regfree(&p->regex);
	free(p->text);
	free(p);
}

const char *pattern_text(const struct pattern *p)
{
	return p->text;
}

static bool same(const struct pattern *p, const char *s)
{
	if (!p->fold)
		return !memcmp(s, p->text, p->len);
	for (size_t i = 0; i < p->len; i++) {
		if (tolower((uint8_t)s[i]) != tolower((uint8_t)p->text[i]))
			return false;
	}
	return true;
}

static bool match_words(const struct pattern *p, const char *s, size_t len, size_t from,
			size_t *start, size_t *length)
{
	if (p->len > len)
		return false;
	for (size_t i = from; i <= len - p->len; i++) {
		if (same(p, s + i)) {
			*start = i;
			*length = p->len;
			return true;
		}
	}
	return false;
}

bool pattern_match(const struct pattern *p, const char *s, size_t len, size_t from, size_t *start,
		   size_t *length)
{
	if (!p->is_regex)
		return match_words(p, s, len, from, start, length);
	while (from <= len) {
		regmatch_t m = { .rm_so = (regoff_t)from, .rm_eo = (regoff_t)len };

		if (regexec(&p->regex, s, 1, &m, REG_STARTEND | (from ? REG_NOTBOL : 0)))
			return false;
		if (m.rm_eo > m.rm_so) {
			*start = (size_t)m.rm_so;
			*length = (size_t)(m.rm_eo - m.rm_so);
			return true;
		}
		from = (size_t)m.rm_eo + 1;
	}
	return false;
}
