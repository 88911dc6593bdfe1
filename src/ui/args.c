// SPDX-License-Identifier: GPL-3.0-or-later
/* Options: see args.h. */
#include "ui/args.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "ui/nearest.h"

struct parser {
	const char *const *words;
	size_t n, at;
	const struct opt_def *own, *common;
	unsigned flags;
	struct args *out;
};

const struct opt_def *opt_find(const struct opt_def *table, char letter, const char *name,
			       size_t len)
{
	for (; table && table->name; table++) {
		if (letter ? table->letter == letter
			   : strlen(table->name) == len && !strncmp(table->name, name, len))
			return table;
	}
	return NULL;
}

static const struct opt_def *find(const struct parser *p, char letter, const char *name, size_t len)
{
	const struct opt_def *o = opt_find(p->own, letter, name, len);

	return o ? o : opt_find(p->common, letter, name, len);
}

static int unknown_option(const struct parser *p, const char *word, size_t len, struct kd_err *err)
{
	const struct opt_def *tables[] = { p->own, p->common };
	char name[64];
	struct nearest near;
	char buf[256];

	snprintf(name, sizeof(name), "%.*s", (int)len, word);
	nearest_init(&near, name);
	for (size_t i = 0; i < KD_ARRAY_SIZE(tables); i++) {
		for (const struct opt_def *o = tables[i]; o && o->name; o++)
			if (o->help)
				nearest_offer(&near, o->name);
	}
	if (near.n && word[0] != '-')
		return kd_fail(err, KD_USAGE, "no option --%s; did you mean %s?", name,
			       nearest_format(&near, "--", buf, sizeof(buf)));
	return kd_fail(err, KD_USAGE, "no option %s%s", word[0] == '-' ? "" : "--", name);
}

static void add_option(struct parser *p, const struct opt_def *o, const char *value)
{
	p->out->options[p->out->noptions++] = (struct args_option){ .def = o, .value = value };
}

/* The word after this one, as an option's value. */
static int next_word(struct parser *p, const struct opt_def *o, const char **value,
		     struct kd_err *err)
{
	if (p->at >= p->n)
		return kd_fail(err, KD_USAGE, "option --%s wants a value: %s", o->name, o->value);
	*value = p->words[p->at++];
	return 0;
}

static int long_option(struct parser *p, const char *word, struct kd_err *err)
{
	const char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	const struct opt_def *o = find(p, 0, word, len);
	const char *value = eq ? eq + 1 : NULL;
	int ret = 0;

	if (!o)
		return unknown_option(p, word, len, err);
	if (eq && !o->value)
		return kd_fail(err, KD_USAGE, "option --%s takes no value", o->name);
	if (o->value && !eq)
		ret = next_word(p, o, &value, err);
	if (!ret)
		add_option(p, o, value);
	return ret;
}

/* A cluster of letters; the last may have a value. */
static int short_options(struct parser *p, const char *word, struct kd_err *err)
{
	for (const char *c = word + 1; *c; c++) {
		const struct opt_def *o = find(p, *c, NULL, 0);
		const char *value = NULL;
		int ret = 0;

		if (!o) {
			char dash[3] = { '-', isprint((uint8_t)*c) ? *c : '?', '\0' };

			return unknown_option(p, dash, 2, err);
		}
		if (o->value) {
			if (c[1])
				value = c + 1;
			else
				ret = next_word(p, o, &value, err);
		}
		if (ret)
			return ret;
		add_option(p, o, value);
		if (o->value)
			break;
	}
	return 0;
}

/* Does the word begin with an option of the tables? */
static bool is_known(const struct parser *p, const char *word)
{
	if (word[0] != '-' || !word[1])
		return false;
	if (word[1] != '-')
		return find(p, word[1], NULL, 0) != NULL;
	return find(p, 0, word + 2, strcspn(word + 2, "=")) != NULL;
}

/* What is left is words: join them for commands that take one text. */
static int take_raw(struct parser *p, struct kd_err *err)
{
	size_t size = 0;
	FILE *f = open_memstream(&p->out->raw, &size);

	if (!f)
		return kd_nomem(err);
	for (size_t i = p->at; i < p->n; i++) {
		fprintf(f, "%s%s", i > p->at ? " " : "", p->words[i]);
		p->out->words[p->out->nwords++] = p->words[i];
	}
	p->at = p->n;
	return fclose(f) ? kd_nomem(err) : 0;
}

static int take_end(struct parser *p, struct kd_err *err)
{
	p->at++;
	if (p->flags & ARGS_RAW)
		return take_raw(p, err);
	if (p->flags & ARGS_REST) {
		p->out->rest = p->words + p->at;
		p->out->nrest = p->n - p->at;
		p->at = p->n;
	}
	while (p->at < p->n)
		p->out->words[p->out->nwords++] = p->words[p->at++];
	return 0;
}

static int parse_word(struct parser *p, struct kd_err *err)
{
	const char *w = p->words[p->at];

	if (!strcmp(w, "--"))
		return take_end(p, err);
	if ((p->flags & ARGS_RAW) && !is_known(p, w))
		return take_raw(p, err);
	p->at++;
	if (w[0] != '-' || !w[1]) {
		p->out->words[p->out->nwords++] = w;
		return 0;
	}
	return w[1] == '-' ? long_option(p, w + 2, err) : short_options(p, w, err);
}

int args_parse(const char *const *words, size_t n, const struct opt_def *own,
	       const struct opt_def *common, unsigned flags, struct args *out, struct kd_err *err)
{
	struct parser p = {
		.words = words, .n = n, .own = own, .common = common, .flags = flags, .out = out
	};
	size_t letters = 0;

	*out = (struct args){ 0 };
	/* A letter is at most one option, a word at most one word. */
	for (size_t i = 0; i < n; i++)
		letters += strlen(words[i]);
	out->options = calloc(letters + 1, sizeof(*out->options));
	out->words = calloc(n + 1, sizeof(*out->words));
	if (!out->options || !out->words)
		return kd_nomem(err);
	while (p.at < n) {
		int ret = parse_word(&p, err);

		if (ret)
			return ret;
	}
	return 0;
}

void args_fini(struct args *a)
{
	free(a->options);
	free(a->words);
	free(a->raw);
	*a = (struct args){ 0 };
}

const char *args_value_at(const struct args *a, const char *name, size_t i)
{
	for (size_t o = 0; o < a->noptions; o++) {
		if (!strcmp(a->options[o].def->name, name) && !i--)
			return a->options[o].value ? a->options[o].value : "";
	}
	return NULL;
}

bool args_has(const struct args *a, const char *name)
{
	return args_value_at(a, name, 0) != NULL;
}

const char *args_value(const struct args *a, const char *name)
{
	const char *last = NULL, *v;

	for (size_t i = 0; (v = args_value_at(a, name, i)); i++)
		last = v;
	return last;
}

static bool parse_base(const char *s, int base, uint64_t *v)
{
	char *end;

	if (!isxdigit((uint8_t)*s))
		return false;
	errno = 0;
	*v = strtoull(s, &end, base);
	return !errno && !*end;
}

bool parse_number(const char *s, uint64_t *v)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');

	return parse_base(s, hex ? 16 : 10, v);
}

bool parse_hex(const char *s, uint64_t *v)
{
	return parse_base(s, 16, v);
}

int args_number(const struct args *a, const char *name, uint64_t max, uint64_t *v,
		struct kd_err *err)
{
	const char *s = args_value(a, name);

	if (!s)
		return 0;
	if (!parse_number(s, v))
		return kd_fail(err, KD_USAGE, "option --%s wants a number, not \"%s\"", name, s);
	if (*v > max)
		return kd_fail(err, KD_USAGE, "option --%s: at most %" PRIu64, name, max);
	return 0;
}

int args_address(const struct args *a, const char *name, uint64_t *v, struct kd_err *err)
{
	static const char units[] = "KMGTPE";
	const char *word = args_value(a, name);
	const char *s = word, *at = word ? strchr(word, '@') : NULL, *unit;
	char number[32] = "";
	uint64_t n, shift = 0;
	size_t len;

	if (!word)
		return 0;
	s = at ? at + 1 : word;
	len = strlen(s);
	unit = len ? strchr(units, s[len - 1] & ~0x20) : NULL;
	/* "0xe" is a number. */
	if (unit && *unit && !(s[0] == '0' && (s[1] | 0x20) == 'x' && *unit == 'E')) {
		shift = 10 * (uint64_t)(unit - units + 1);
		len--;
	}
	snprintf(number, sizeof(number), "%.*s", (int)kd_min(len, sizeof(number)), s);
	if (len >= sizeof(number) || !parse_number(number, &n) || n > UINT64_MAX >> shift)
		return kd_fail(err, KD_USAGE, "--%s: %s is no address", name, word);
	*v = n << shift;
	return 0;
}
