// SPDX-License-Identifier: GPL-3.0-or-later
/* irq: interrupts, how often they came and who handles them. */
#include "kernel/irq.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/objects.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"

#define ACTIONS_MAX 256 /* of one interrupt */

static const struct doc_column columns[] = {
	{ .key = "irq", .title = "IRQ", .flags = DOC_RIGHT },
	{ .key = "count", .title = "COUNT", .flags = DOC_RIGHT },
	{ .key = "descriptor", .title = "IRQ_DESC" },
	{ .key = "chip", .title = "CHIP" },
	{ .key = "actions", .title = "ACTIONS" },
	{ .key = "handlers", .title = "HANDLERS" },
};

struct irqs {
	struct session *s;
	struct doc *d;
	struct objects o;
	bool all;
	unsigned hidden, missing;
	struct kd_err first;
};

static void add_text(char *buf, size_t size, const char *s)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s%s", len ? ", " : "", s);
}

/* Names and functions of all handlers. */
static void read_actions(const struct irqs *q, vaddr_t action, char *names, char *handlers,
			 size_t size)
{
	const struct kernel *k = q->s->k;
	const struct objects *o = &q->o;
	char text[256];

	*names = *handlers = '\0';
	for (unsigned n = 0; action && n < ACTIONS_MAX; n++) {
		uint64_t name, fn, thread = 0;

		if (object_read(k, o, action, &o->irqaction_name, &name, NULL) || !name ||
		    space_read_str(&k->space, name, text, sizeof(text), NULL))
			snprintf(text, sizeof(text), "?");
		add_text(names, size, text);
		object_read(k, o, action, &o->irqaction_thread_fn, &thread, NULL);
		if (object_read(k, o, action, &o->irqaction_handler, &fn, NULL))
			fn = 0;
		add_text(handlers, size,
			 symbols_format(k->symbols, thread ? thread : fn, text, sizeof(text)));
		if (object_read(k, o, action, &o->irqaction_next, &action, NULL))
			return;
	}
}

static struct doc_cell chip_cell(const struct irqs *q, vaddr_t desc)
{
	const struct kernel *k = q->s->k;
	uint64_t chip, name;
	char text[64];

	if (object_read(k, &q->o, desc, &q->o.irq_desc_chip, &chip, NULL) || !chip ||
	    object_read(k, &q->o, chip, &q->o.irq_chip_name, &name, NULL) || !name ||
	    space_read_str(&k->space, name, text, sizeof(text), NULL))
		return doc_none(NULL);
	return doc_str(text);
}

static int put_irq(void *data, vaddr_t desc)
{
	struct irqs *q = data;
	const struct kernel *k = q->s->k;
	uint64_t irq, action = 0, count = 0;
	char names[512], handlers[1024];
	bool counted = irq_count(k, &q->o, desc, &count);
	struct kd_err why = KD_ERR_INIT;

	if (object_read(k, &q->o, desc, &q->o.irq_desc_irq, &irq, &why) ||
	    object_read(k, &q->o, desc, &q->o.irq_desc_action, &action, &why)) {
		if (!q->missing++)
			q->first = why;
		return session_cancelled(NULL);
	}
	if (!q->all && !action && !count) {
		q->hidden++;
		return session_cancelled(NULL);
	}
	read_actions(q, action, names, handlers, sizeof(names));
	doc_put(q->d, doc_uint(irq));
	doc_put(q->d, counted ? doc_uint(count) : doc_none(NULL));
	doc_put(q->d, link_object(doc_addr(k->arch, desc), "irq_desc", desc));
	doc_put(q->d, chip_cell(q, desc));
	doc_put(q->d, *names ? doc_str(names) : doc_none(NULL));
	doc_put(q->d, *handlers ? doc_styled(doc_str(handlers), DOC_NAME) : doc_none(NULL));
	return session_cancelled(NULL);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	static const char *const types[] = { IRQ_TYPES, NULL };
	struct irqs q = { .s = s, .d = d, .all = args_has(a, "all") };
	const struct member *const needed[] = { &q.o.irq_desc_irq, &q.o.irq_desc_action, NULL };
	int ret;

	objects_resolve(s->k, types, &q.o);
	ret = objects_need(&q.o, needed, "interrupts", err);
	if (ret)
		return ret;
	doc_table(d, "irqs", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	ret = irqs_walk(s->k, &q.o, put_irq, &q, err);
	if (q.hidden)
		doc_note(d, DOC_HINT, "%u more without a handler that never came: --all", q.hidden);
	if (q.missing)
		doc_note(d, DOC_FINDING, "%u interrupt%s could not be read; the first: %s",
			 q.missing, q.missing == 1 ? "" : "s", q.first.text);
	return ret;
}

static const struct opt_def options[] = {
	{ 'a', "all", NULL, "those without a handler, too" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "irq", "interrupts in use" },
	{ NULL, NULL },
};

const struct command cmd_irq = {
	.name = "irq",
	.group = "processes and devices",
	.synopsis = "",
	.summary = "interrupts, their counts and handlers",
	.help = "Number, how often it came on all CPUs, chip, and names and functions of its\n"
		"handlers; of a threaded one the thread's function.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
