// SPDX-License-Identifier: GPL-3.0-or-later
/* Names of types in expressions: see expr_priv.h. */
#include <ctype.h>
#include <string.h>

#include "kernel/expr_priv.h"
#include "kernel/kernel.h"
#include "kernel/type_search.h"
#include "kernel/type_view_priv.h"
#include "kernel/types_priv.h"

size_t expr_word(const char *p, char *name, size_t size)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*p) && *p != '_')
		return 0;
	while (isalnum((unsigned char)p[n]) || p[n] == '_')
		n++;
	if (n >= size)
		return 0;
	memcpy(name, p, n);
	name[n] = '\0';
	return n;
}

/* "unsigned long int" counted: C lets the words stand in any order. */
struct base {
	unsigned is_unsigned, is_signed, is_char, is_short, is_long, is_int, is_bool, is_void;
};

static bool take_word(struct base *b, const char *word)
{
	const struct {
		const char *word;
		unsigned *count;
	} words[] = {
		{ "unsigned", &b->is_unsigned }, { "signed", &b->is_signed },
		{ "char", &b->is_char },	 { "short", &b->is_short },
		{ "long", &b->is_long },	 { "int", &b->is_int },
		{ "_Bool", &b->is_bool },	 { "bool", &b->is_bool },
		{ "void", &b->is_void },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i].word))
			continue;
		++*words[i].count;
		return true;
	}
	return false;
}

static bool is_qualifier(const char *word)
{
	return !strcmp(word, "const") || !strcmp(word, "volatile") || !strcmp(word, "__user") ||
	       !strcmp(word, "__percpu");
}

static const char *skip(const char *p)
{
	return p + strspn(p, " \t");
}

/* What gcc and clang call it, in BTF and DWARF; separated by '|'. */
static const char *base_names(const struct base *b)
{
	if (b->is_bool)
		return "_Bool|bool";
	if (b->is_char)
		return b->is_unsigned ? "unsigned char" : b->is_signed ? "signed char" : "char";
	if (b->is_short)
		return b->is_unsigned ? "short unsigned int|unsigned short" : "short int|short";
	if (b->is_long > 1)
		return b->is_unsigned ? "long long unsigned int|unsigned long long"
				      : "long long int|long long";
	if (b->is_long)
		return b->is_unsigned ? "long unsigned int|unsigned long" : "long int|long";
	return b->is_unsigned ? "unsigned int" : "int";
}

/* The type itself, so that pointers to it can be followed; else what its size is. */
static void find_base(const struct expr_scope *s, const struct base *b, struct expr_value *like)
{
	const char *names = base_names(b);
	char name[TYPES_NAME];

	*like = (struct expr_value){ .typed = true, .type = { .types = s->k->types } };
	if (b->is_void)
		return;
	while (s->k->types && types_path_next(&names, '|', name))
		if (type_find_all(s->k->types, name, WANT_BASE, &like->type, 1))
			return;
	like->typed = false;
	like->size = b->is_bool || b->is_char ? 1
		     : b->is_short	      ? 2
		     : b->is_long > 1	      ? 8
		     : b->is_long	      ? s->k->arch->ptr_size
					      : 4;
	like->is_signed = !b->is_unsigned && !b->is_bool;
}

static bool is_base(const struct base *b)
{
	return b->is_unsigned || b->is_signed || b->is_char || b->is_short || b->is_long ||
	       b->is_int || b->is_bool || b->is_void;
}

/* "struct NAME", "MODULE:NAME" and "NAME#2" as type_search() has them. */
static int find_tagged(const struct expr_scope *s, const char *keyword, const char **p,
		       struct expr_value *like, struct kd_err *err)
{
	struct type_found found;
	char name[2 * TYPES_NAME];
	size_t n;
	int ret;

	*p = skip(*p);
	n = strspn(*p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:#");
	if (!n || snprintf(name, sizeof(name), "%s %.*s", keyword, (int)n, *p) >= (int)sizeof(name))
		return kd_fail(err, KD_USAGE, "a name is wanted behind \"%s\"", keyword);
	*p += n;
	ret = type_search(s->k, name, 0, &found, err);
	if (!ret)
		*like = (struct expr_value){ .typed = true, .type = found.type };
	return ret;
}

/* A typedef, unless a variable has that name. */
static bool find_typedef(const struct expr_scope *s, const char *word, struct expr_value *like)
{
	struct type_found found;

	if (symbols_by_name(s->k->symbols, word) || type_search(s->k, word, 0, &found, NULL))
		return false;
	*like = (struct expr_value){ .typed = true, .type = found.type };
	return true;
}

static void take_stars(const char **p, struct expr_value *like)
{
	char word[TYPES_NAME];

	for (;;) {
		size_t n;

		*p = skip(*p);
		n = expr_word(*p, word, sizeof(word));
		if (**p == '*') {
			like->stars++;
			++*p;
		} else if (n && is_qualifier(word)) {
			*p += n;
		} else {
			return;
		}
	}
}

int expr_parse_type(const struct expr_scope *s, const char **text, struct expr_value *like,
		    struct kd_err *err)
{
	const char *p = *text;
	struct base base = { 0 };
	bool found = false;
	char word[TYPES_NAME];
	size_t n;
	int ret;

	while ((n = expr_word(p = skip(p), word, sizeof(word)))) {
		if (is_qualifier(word)) {
			p += n;
		} else if (!found && take_word(&base, word)) {
			p += n;
		} else if (found || is_base(&base)) {
			break;
		} else if (!strcmp(word, "struct") || !strcmp(word, "union") ||
			   !strcmp(word, "enum")) {
			p += n;
			ret = find_tagged(s, word, &p, like, err);
			if (ret)
				return ret;
			found = true;
		} else if (find_typedef(s, word, like)) {
			p += n;
			found = true;
		} else {
			return 1;
		}
	}
	if (!found && !is_base(&base))
		return 1;
	if (!found)
		find_base(s, &base, like);
	take_stars(&p, like);
	if (like->stars && !like->typed)
		return kd_fail(err, KD_UNSUPPORTED, "that type is in no debug information");
	*text = p;
	return 0;
}
