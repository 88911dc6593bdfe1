// SPDX-License-Identifier: GPL-3.0-or-later
/* What in a line leads somewhere: see sheet.h. */
#include <ctype.h>
#include <string.h>

#include "tui/sheet.h"

/* The longest name the kernel's own table of symbols may have. */
#define SYMBOL_MAX 512

struct search {
	unsigned digits;
	struct sheet_link *out;
	size_t n, max;
};

static void found(struct search *f, uint32_t start, uint32_t len, const char *command)
{
	if (f->n < f->max)
		f->out[f->n] = (struct sheet_link){ start, len, command };
	f->n++;
}

/* Two spans of one command, or two places of one text, are one link. */
static bool known(const struct search *f, const char *command)
{
	for (size_t i = 0; i < f->n && i < f->max; i++) {
		if (f->out[i].command && !strcmp(f->out[i].command, command))
			return true;
	}
	return false;
}

/* The link of a span, without the blanks around its text. */
static void found_span(struct search *f, const char *text, const struct span *s)
{
	uint32_t start = s->start, end = s->start + s->len;

	while (start < end && text[start] == ' ')
		start++;
	while (end > start && text[end - 1] == ' ')
		end--;
	if (start < end)
		found(f, start, end - start, s->link);
}

static size_t hex_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && isxdigit((uint8_t)s[n]))
		n++;
	return n;
}

static bool is_word(char c)
{
	return isalnum((uint8_t)c) || c == '_';
}

static bool is_symbol(char c)
{
	return is_word(c) || c == '.' || c == '$' || c == '@';
}

/* Is there more than zeros? */
static bool is_nonzero(const char *s, size_t n)
{
	while (n--) {
		if (s[n] != '0')
			return true;
	}
	return false;
}

/* Bytes of "+0xN/0xM" at S, and of "+0xN" alone; 0: none. */
static size_t offset_run(const char *s, size_t len)
{
	size_t n;

	if (len < 4 || s[0] != '+' || s[1] != '0' || s[2] != 'x')
		return 0;
	n = hex_run(s + 3, len - 3);
	if (!n || n > 16)
		return 0;
	n += 3;
	if (len - n > 3 && s[n] == '/' && s[n + 1] == '0' && s[n + 2] == 'x')
		n += 3 + hex_run(s + n + 3, len - n - 3);
	return n;
}

/*
 * A word at S, and what follows it: bytes of the link it begins, 0 for none; *skip:
 * bytes to go on behind.
 */
static size_t match_word(const struct search *f, const char *s, size_t len, size_t *skip)
{
	size_t word = 0, offset, hex;
	bool prefixed;

	while (word < len && is_symbol(s[word]))
		word++;
	*skip = word;
	offset = word && word <= SYMBOL_MAX && !isdigit((uint8_t)s[0])
			 ? offset_run(s + word, len - word)
			 : 0;
	if (offset) {
		*skip = word + offset;
		return *skip;
	}
	/* A full stop may end the sentence rather than belong to the number. */
	while (word && !is_word(s[word - 1]))
		word--;
	prefixed = word > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	hex = hex_run(s + 2 * prefixed, word - 2 * prefixed);
	if (hex + 2 * prefixed != word || !is_nonzero(s + 2 * prefixed, hex))
		return 0;
	/* With fewer digits it is a flag, an offset or a size. */
	if (prefixed)
		return hex <= 16 && (hex > 8 || hex == f->digits) ? word : 0;
	/* Eight digits may be a date or part of a UUID. */
	if (hex == 8 && f->digits == 8 &&
	    (!strchr("89abcdefABCDEF", s[0]) || (word < len && s[word] == '-')))
		return 0;
	return hex == f->digits ? word : 0;
}

static void search_text(struct search *f, const char *text, uint32_t start, uint32_t len)
{
	uint32_t i = 0;

	while (i < len) {
		const char *s = text + start + i;
		size_t skip = 1, n = 0;

		if (is_symbol(*s))
			n = match_word(f, s, len - i, &skip);
		if (n)
			found(f, start + i, (uint32_t)n, NULL);
		i += (uint32_t)skip;
	}
}

size_t sheet_links(const struct sheet_line *l, unsigned digits, struct sheet_link *out, size_t max)
{
	struct search f = { .digits = digits, .out = out, .max = max };

	for (size_t i = 0; i < l->nspans;) {
		const struct span *s = &l->spans[i];
		uint32_t len = s->len;

		if (s->link) {
			if (*s->link && !known(&f, s->link))
				found_span(&f, l->text, s);
			i++;
			continue;
		}
		/* Styles may change within a word. */
		while (++i < l->nspans && !l->spans[i].link)
			len += l->spans[i].len;
		search_text(&f, l->text, s->start, len);
	}
	return f.n;
}

char *sheet_link_command(const struct sheet_line *l, const struct sheet_link *link)
{
	const char *s = l->text + link->start;
	size_t len = link->len;
	const char *slash, *prefix = "";
	char *out;

	if (link->command)
		return strdup(link->command);
	slash = memchr(s, '/', len);
	if (slash)
		len = (size_t)(slash - s);
	if (hex_run(s, len) == len)
		prefix = "0x";
	if (asprintf(&out, "follow %s%.*s", prefix, (int)len, s) < 0)
		return NULL;
	return out;
}
