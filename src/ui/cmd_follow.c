// SPDX-License-Identifier: GPL-3.0-or-later
/* follow: what is at an address, shown by the command that shows such things best. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/links.h"
#include "ui/select.h"

#define AROUND 256 /* bytes of memory */

/* Run the command of a line of plain words. KD_NOTFOUND: there is no such command. */
static int run_words(struct session *s, struct doc *d, const char *const *words, size_t n,
		     struct kd_err *err)
{
	const struct command *c = command_find(words[0], CMD_PROMPT);
	struct args a;
	int ret;

	if (!c || !c->run)
		return kd_fail(err, KD_NOTFOUND, "no command \"%s\"", words[0]);
	ret = args_parse(words + 1, n - 1, c->options, NULL, 0, &a, err);
	if (!ret)
		ret = c->run(s, &a, d, err);
	args_fini(&a);
	return ret;
}

static int run_on(struct session *s, struct doc *d, const char *name, vaddr_t addr,
		  struct kd_err *err)
{
	char word[32];
	const char *const words[] = { name, word };

	snprintf(word, sizeof(word), "0x%" PRIx64, addr);
	return run_words(s, d, words, KD_ARRAY_SIZE(words), err);
}

/* What of it is missing has been said by whatis. */
static int show_memory(struct session *s, struct doc *d, vaddr_t addr, struct kd_err *err)
{
	char word[32], count[32];
	const char *const words[] = { "mem", word, count };
	vaddr_t start = addr & ~(vaddr_t)15;
	struct kd_err why = KD_ERR_INIT;
	int ret;

	snprintf(word, sizeof(word), "0x%" PRIx64, start);
	snprintf(count, sizeof(count), "%u", AROUND / s->k->arch->ptr_size);
	ret = run_words(s, d, words, KD_ARRAY_SIZE(words), &why);
	if (ret == KD_CANCELLED || ret == KD_NOMEM)
		*err = why;
	return ret == KD_CANCELLED || ret == KD_NOMEM ? ret : 0;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	vaddr_t addr;
	int ret = address_select(s, a->words[0], NULL, &addr, err);

	if (ret)
		return ret;
	if (tasks_by_addr(&s->k->tasks, addr))
		return run_on(s, d, "bt", addr, err);
	if (is_code(s->k, addr) && command_find("dis", CMD_PROMPT))
		return run_on(s, d, "dis", addr, err);
	ret = run_on(s, d, "whatis", addr, err);
	return ret ? ret : show_memory(s, d, addr, err);
}

static const struct command_example examples[] = {
	{ "follow ffff888003a1c000", "whatever that is" },
	{ "follow schedule+0x20", "the code there" },
	{ NULL, NULL },
};

const struct command cmd_follow = {
	.name = "follow",
	.group = "memory and symbols",
	.synopsis = "ADDR|SYMBOL[+OFF]|EXPRESSION",
	.summary = "what is at an address, as it is shown best",
	.help = "A task_struct: its stack. Code: disassembled. Anything else: what is known about\n"
		"the address, and the memory there. On a screen this is what Enter does on an\n"
		"address.",
	.examples = examples,
	.min = 1,
	.max = 1,
	.flags = CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
