// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines of the prompt: see prompt_line.h. */
#include "ui/prompt_line.h"

#include <ctype.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

/* From a quote to behind its partner; NULL: there is none. */
static const char *skip_quoted(const char *s)
{
	char quote = *s++;

	for (; *s && *s != quote; s++) {
		if (*s == '\\' && quote == '"' && s[1])
			s++;
	}
	return *s ? s + 1 : NULL;
}

static bool is_number(const char *s)
{
	s = skip_blanks(s);
	if (!isdigit((uint8_t)*s))
		return false;
	while (isalnum((uint8_t)*s))
		s++;
	s = skip_blanks(s);
	return !*s || *s == ';' || *s == ')';
}

/* Is the sign at AT one of an expression rather than one to us? */
static bool is_operator(const char *begin, const char *at, int depth)
{
	if (*at == ';')
		return depth > 0;
	if (depth > 0 || at == begin || !is_blank(at[-1]))
		return true;
	if (*at == '|')
		return at[1] == '|' || at[1] == '=';
	at += at[1] == '>';
	return at[1] == '=' || is_number(at + 1);
}

/* The first ; | or > that is one to us, or the end; NULL: a quote is not closed. */
static const char *find_sign(const char *s, bool raw)
{
	const char *begin = s;
	int depth = 0;

	while (*s) {
		if (*s == '\'' || *s == '"') {
			const char *after = skip_quoted(s);

			/* In C a lone apostrophe may be part of a name gdb knows. */
			if (!after && !raw)
				return NULL;
			s = after ? after : s + 1;
			continue;
		}
		if (*s == '\\' && s[1]) {
			s += 2;
			continue;
		}
		if (strchr("([{", *s))
			depth++;
		else if (strchr(")]}", *s))
			depth -= depth > 0;
		else if (strchr(";|>", *s) && !(raw && is_operator(begin, s, depth)))
			return s;
		s++;
	}
	return s;
}

/* Without blanks at both ends. */
static char *copy_trimmed(const char *from, const char *to)
{
	from = skip_blanks(from);
	while (to > from && is_blank(to[-1]))
		to--;
	return strndup(from, to > from ? (size_t)(to - from) : 0);
}

static struct line_part *add_part(struct line *l)
{
	struct line_part *p = realloc(l->parts, (l->n + 1) * sizeof(*p));

	if (!p)
		return NULL;
	l->parts = p;
	p += l->n++;
	*p = (struct line_part){ 0 };
	return p;
}

/* The file after ">" or ">>"; *s goes behind it. */
static int take_target(struct line_part *p, const char **s, struct kd_err *err)
{
	struct line_words w;
	const char *from = *s + 1, *end;
	_cleanup_(freep) char *text = NULL;
	int ret;

	if (*from == '>') {
		p->append = true;
		from++;
	}
	from = skip_blanks(from);
	end = find_sign(from, false);
	if (!end)
		end = from + strlen(from);
	text = copy_trimmed(from, end);
	if (!text)
		return kd_nomem(err);
	ret = line_words(text, false, &w, err);
	if (!ret && w.n != 1)
		ret = kd_fail(err, KD_USAGE,
			      w.n ? "more than one word after \">\"" : "no file after \">\"");
	if (!ret) {
		p->file = w.word[0];
		w.word[0] = NULL;
	}
	line_words_fini(&w);
	*s = end;
	return ret;
}

static bool first_word_raw(const char *s, bool (*raw)(const char *name))
{
	size_t len = strcspn(s, " \t;|>");
	_cleanup_(freep) char *name = strndup(s, len);

	return name && raw && raw(name);
}

/* One part from *s on; *s goes behind it. */
static int take_part(struct line *l, const char **s, bool (*raw)(const char *name),
		     struct kd_err *err)
{
	const char *begin = *s, *sign;
	struct line_part *p = add_part(l);
	int ret = 0;

	if (!p)
		return kd_nomem(err);
	if (*begin == '!') {
		*s = begin + strlen(begin);
		p->shell = copy_trimmed(begin + 1, *s);
		return p->shell ? 0 : kd_nomem(err);
	}
	sign = find_sign(begin, first_word_raw(begin, raw));
	if (!sign)
		return kd_fail(err, KD_USAGE, "a quote is not closed");
	p->text = copy_trimmed(begin, sign);
	if (!p->text)
		return kd_nomem(err);
	if (!*p->text)
		return kd_fail(err, KD_USAGE, "no command before \"%c\"", *sign);
	if (*sign == '>')
		ret = take_target(p, &sign, err);
	if (!ret && *sign == '|' && !p->file) {
		*s = sign + strlen(sign);
		p->pipe = copy_trimmed(sign + 1, *s);
		if (!p->pipe)
			return kd_nomem(err);
		return *p->pipe ? 0 : kd_fail(err, KD_USAGE, "no command after \"|\"");
	}
	if (!ret && *sign && *sign != ';')
		ret = kd_fail(err, KD_USAGE, "a file and then \"%c\": one of them", *sign);
	*s = sign + (*sign == ';');
	return ret;
}

int line_split(const char *text, bool (*raw)(const char *name), struct line *out,
	       struct kd_err *err)
{
	const char *s = text;

	*out = (struct line){ 0 };
	while (*(s = skip_blanks(s)) && *s != '#') {
		int ret;

		if (*s == ';') {
			s++;
			continue;
		}
		ret = take_part(out, &s, raw, err);
		if (ret)
			return ret;
	}
	return 0;
}

void line_fini(struct line *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->parts[i].text);
		free(l->parts[i].shell);
		free(l->parts[i].pipe);
		free(l->parts[i].file);
	}
	free(l->parts);
	*l = (struct line){ 0 };
}

/* One word from *s on into BUF, which has room for all of it; false: a quote is open. */
static bool take_word(const char **s, char *buf)
{
	char quote = 0;
	const char *p = *s;

	for (; *p && (quote || !is_blank(*p)); p++) {
		if (quote ? *p == quote : (*p == '\'' || *p == '"'))
			quote = quote ? 0 : *p;
		else if (*p == '\\' && quote != '\'' && p[1])
			*buf++ = *++p;
		else
			*buf++ = *p;
	}
	*buf = '\0';
	*s = p;
	return !quote;
}

int line_words(const char *text, bool lenient, struct line_words *out, struct kd_err *err)
{
	size_t max = strlen(text) / 2 + 2;
	const char *s = text;

	*out = (struct line_words){ 0 };
	out->word = calloc(max, sizeof(*out->word));
	out->start = calloc(max, sizeof(*out->start));
	if (!out->word || !out->start)
		return kd_nomem(err);
	while (*(s = skip_blanks(s))) {
		char *word = malloc(strlen(s) + 1);

		if (!word)
			return kd_nomem(err);
		out->word[out->n] = word;
		out->start[out->n++] = (size_t)(s - text);
		if (!take_word(&s, word) && !lenient)
			return kd_fail(err, KD_USAGE, "a quote is not closed");
	}
	return 0;
}

void line_words_fini(struct line_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->word[i]);
	free(w->word);
	free(w->start);
	*w = (struct line_words){ 0 };
}
