// SPDX-License-Identifier: GPL-3.0-or-later
/* Running commands: see run.h. */
#include "ui/run.h"

#include <errno.h>
#include <string.h>

#include "ui/render_json.h"
#include "ui/render_text.h"
#include "ui/session.h"
#include "ui/user.h"

int command_check_args(const struct command *c, const struct args *a, struct kd_err *err)
{
	if (a->nwords >= c->min && a->nwords <= c->max)
		return 0;
	if (a->nwords < c->min)
		return kd_fail(err, KD_USAGE, "it wants %s: %s %s",
			       c->min == 1 ? "an argument" : "more arguments", c->name,
			       c->synopsis);
	if (!c->max)
		return kd_fail(err, KD_USAGE, "it takes no arguments, but \"%s\" was given",
			       a->words[0]);
	return kd_fail(err, KD_USAGE, "too many arguments from \"%s\" on: %s %s", a->words[c->max],
		       c->name, c->synopsis);
}

static int write_failed(struct output *o, struct kd_err *err)
{
	o->error = errno;
	return kd_fail(err, KD_IO, "cannot write the answer: %s", strerror(errno));
}

/* The command's status, unless the document broke: then nothing of it is worth telling. */
static int finish(struct doc *d, struct output *o, int ret, struct kd_err *err)
{
	int status = doc_flush(d);

	if (status == KD_NOMEM)
		return kd_nomem(err);
	if (status)
		return write_failed(o, err);
	return ret;
}

/* The answer goes to two places: where it is wanted, and into the log of the session. */
struct tee {
	int (*node)(void *data, const struct doc_node *n);
	void *data;
	struct text_render log;
};

static int tee_node(void *data, const struct doc_node *n)
{
	struct tee *t = data;

	/* A log that cannot be written is no reason to be silent. */
	if (t->log.out)
		render_text_node(&t->log, n);
	return t->node(t->data, n);
}

static struct tee tee_to(const struct session *s, int (*node)(void *, const struct doc_node *),
			 void *data)
{
	return (struct tee){ .node = node,
			     .data = data,
			     .log = { .out = s && s->user ? s->user->log : NULL } };
}

static int run_text(struct session *s, const struct command *c, const struct args *a,
		    struct output *o, struct kd_err *err)
{
	struct text_render r = { .out = o->out, .color = o->color, .width = o->width };
	struct tee tee = tee_to(s, render_text_node, &r);
	struct doc_sink sink = { .data = &tee, .node = tee_node };
	struct doc d;
	int ret;

	doc_init(&d, &sink);
	ret = finish(&d, o, c->run(s, a, &d, err), err);
	doc_fini(&d);
	if (fflush(o->out) || ferror(o->out))
		return write_failed(o, err);
	return ret;
}

static int run_json(struct session *s, const struct command *c, const struct args *a,
		    struct output *o, struct kd_err *err)
{
	struct json_render r;
	struct tee tee = tee_to(s, render_json_node, &r);
	struct doc_sink sink = { .data = &tee, .node = tee_node };
	struct kd_err end = KD_ERR_INIT;
	struct doc d;
	int ret = json_render_init(&r, c->name, err);

	if (ret)
		return ret;
	doc_init(&d, &sink);
	ret = finish(&d, o, c->run(s, a, &d, err), err);
	doc_fini(&d);
	if (json_render_end(&r, ret ? err : NULL, o->out, &end) || fflush(o->out))
		ret = write_failed(o, err);
	json_render_fini(&r);
	return ret;
}

int command_run(struct session *s, const struct command *c, const struct args *a, struct output *o,
		struct kd_err *err)
{
	int ret = command_check_args(c, a, err);

	if (ret)
		return ret;
	return o->json ? run_json(s, c, a, o, err) : run_text(s, c, a, o, err);
}
