// SPDX-License-Identifier: GPL-3.0-or-later
/* Commands of a line: see line_command.h. */
#include "ui/line_command.h"

#include <string.h>

#include "kernel/kernel.h"
#include "kernel/type_search.h"
#include "ui/cli.h"
#include "ui/commands.h"

/* Short forms -------------------------------------------------------------------- */

/* "p/x", "px", "pd": the radix that is meant, as options of eval; NULL: none of these. */
static const char *print_options(const char *name)
{
	static const struct {
		const char *name, *options;
	} forms[] = {
		{ "p/x", "-x " }, { "print/x", "-x " }, { "eval/x", "-x " }, { "px", "-x " },
		{ "p/d", "" },	  { "print/d", "" },	{ "eval/d", "" },    { "pd", "" },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(forms); i++)
		if (!strcmp(name, forms[i].name))
			return forms[i].options;
	return NULL;
}

bool line_command_raw(const char *name)
{
	const struct command *c = command_find(name, CMD_PROMPT);

	return c ? (c->flags & CMD_RAW) != 0 : *name == '*' || print_options(name);
}

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* Does WORD begin with a type's name, members behind it or not? */
static bool is_type(const struct kernel *k, const char *word)
{
	char name[256];
	struct type_found found;
	size_t n = strspn(word, NAME_LETTERS ":#");

	if (!n || n >= sizeof(name) || (word[n] && !strchr(". \t", word[n])))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)n, word);
	return !type_search(k, name, 0, &found, NULL);
}

static bool is_variable(const struct kernel *k, const char *word)
{
	char name[256];
	const struct symbol *sym;
	size_t n = strspn(word, NAME_LETTERS);

	if (!n || n >= sizeof(name) || (word[n] && !strchr(".[-: \t", word[n])))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)n, word);
	sym = symbols_by_name(k->symbols, name);
	return sym && !strchr("tTwW", sym->type);
}

/* What the line is short for, owned by the caller; NULL: nothing that is known here. */
static char *unabridge(const struct kernel *k, const char *name, const char *text)
{
	const char *options = print_options(name), *rest = text + strlen(name);
	bool star = *text == '*';
	char *out = NULL;
	int n = -1;

	if (options)
		n = asprintf(&out, "eval %s%s", options, rest);
	else if (k && is_type(k, text + star) && (!star || rest[strspn(rest, " \t")]))
		n = asprintf(&out, "struct %s", text + star);
	else if (k && is_variable(k, text + star))
		n = asprintf(&out, "eval %s", text);
	return n < 0 ? NULL : out;
}

/* Commands ------------------------------------------------------------------------ */

/* The words after the command's name, by its options; an expression as it was typed. */
static int parse_args(const char *text, struct line_command *l, struct kd_err *err)
{
	const struct command *c = l->command;
	const char *const *words = (const char *const *)l->words.word + 1;
	size_t n = l->words.n - 1;
	bool raw = c->flags & CMD_RAW;
	int ret = args_parse(words, n, c->options, prompt_options, raw ? ARGS_RAW : 0, &l->args,
			     err);

	if (ret || !raw || !l->args.nwords)
		return ret;
	free(l->args.raw);
	l->args.raw = strdup(text + l->words.start[1 + n - l->args.nwords]);
	return l->args.raw ? 0 : kd_nomem(err);
}

int line_command_parse(const struct kernel *k, const char *text, struct line_command *out,
		       struct kd_err *err)
{
	_cleanup_(freep) char *name = strndup(text, strcspn(text, " \t"));
	int ret;

	*out = (struct line_command){ 0 };
	if (!name)
		return kd_nomem(err);
	out->command = command_find(name, CMD_PROMPT);
	if (!out->command && (out->text = unabridge(k, name, text))) {
		text = out->text;
		out->command = strncmp(text, "eval", 4) ? &cmd_struct : &cmd_eval;
	}
	if (!out->command)
		return command_unknown(name, CMD_PROMPT, err);
	ret = line_words(text, out->command->flags & CMD_RAW, &out->words, err);
	return ret ? ret : parse_args(text, out, err);
}

void line_command_fini(struct line_command *l)
{
	args_fini(&l->args);
	line_words_fini(&l->words);
	free(l->text);
	l->text = NULL;
}
