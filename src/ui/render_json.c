// SPDX-License-Identifier: GPL-3.0-or-later
/* Documents as JSON: see render_json.h. */
#include "ui/render_json.h"

#include <inttypes.h>
#include <string.h>

#include "core/arch.h"
#include "kernel/symbols.h"
#include "ui/escape.h"

/* json_object_set_new() takes VALUE over and fails when it is NULL. */
static int put(json_t *o, const char *key, json_t *value)
{
	return json_object_set_new(o, key, value) ? KD_NOMEM : 0;
}

static json_t *json_bytes(const char *s, size_t len)
{
	size_t n;
	char *e = escape_json(s, len, &n);
	json_t *j = e ? json_stringn(e, n) : NULL;

	free(e);
	return j;
}

static json_t *json_text(const char *s)
{
	return s ? json_bytes(s, strlen(s)) : json_null();
}

static json_t *json_addr(uint64_t v, int digits)
{
	return json_sprintf("0x%0*" PRIx64, digits, v);
}

/* A number, as long as JSON's integers hold it. */
static json_t *json_number(uint64_t v)
{
	return v > INT64_MAX ? json_sprintf("%" PRIu64, v) : json_integer((json_int_t)v);
}

static json_t *json_cell(const struct doc_cell *c)
{
	switch (c->type) {
	case DOC_NONE:
		return json_null();
	case DOC_STRING:
		return json_bytes(c->text, c->len);
	case DOC_UINT:
		return json_number(c->num);
	case DOC_INT:
		return json_integer((json_int_t)c->num);
	case DOC_HEX:
		return json_addr(c->num, 1);
	case DOC_ADDR:
		return json_addr(c->num, c->digits);
	case DOC_BOOL:
		return json_boolean(c->num);
	case DOC_NSEC:
		/* As text: a double has no room for the nanoseconds of long uptimes. */
		return json_sprintf("%" PRIu64 ".%09" PRIu64, c->num / 1000000000,
				    c->num % 1000000000);
	case DOC_BYTES: {
		char *hex = malloc(2 * c->len + 1);
		json_t *j;

		if (!hex)
			return NULL;
		for (size_t i = 0; i < c->len; i++)
			snprintf(hex + 2 * i, 3, "%02x", (uint8_t)c->text[i]);
		j = json_stringn(hex, 2 * c->len);
		free(hex);
		return j;
	}
	}
	return json_null();
}

static int add_fields(json_t *o, const struct doc_node *n)
{
	for (size_t i = 0; i < n->nfields; i++) {
		int ret = 0;

		if (n->fields[i].key)
			ret = put(o, n->fields[i].key, json_cell(&n->fields[i].cell));
		if (ret)
			return ret;
	}
	return 0;
}

static json_t *json_row(const struct doc_node *n, size_t row)
{
	json_t *o = json_object();

	for (size_t c = 0; o && c < n->ncolumns; c++) {
		if (n->columns[c].flags & DOC_ONLY_TEXT)
			continue;
		if (put(o, n->columns[c].key, json_cell(&n->cells[row * n->ncolumns + c]))) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

static json_t *json_table(const struct doc_node *n)
{
	json_t *a = json_array();

	for (size_t row = 0; a && n->ncolumns && row < n->ncells / n->ncolumns; row++) {
		if (json_array_append_new(a, json_row(n, row))) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

static json_t *json_regs(const struct arch *a, const struct regs *r)
{
	json_t *o = json_object();

	for (size_t i = 0; o && i < a->nregs && i < REGS_MAX; i++) {
		if (a->regs[i].size > 8)
			continue;
		if (put(o, a->regs[i].name,
			regs_known(r, (unsigned)i) ? json_addr(r->value[i], 2 * a->regs[i].size)
						   : json_null())) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

static json_t *json_vars(const struct frame *f, bool args)
{
	json_t *a = json_array();

	for (size_t i = 0; a && i < f->nvars; i++) {
		json_t *o;

		if (f->vars[i].is_arg != args)
			continue;
		o = json_object();
		if (!o || put(o, "name", json_text(f->vars[i].name)) ||
		    put(o, "type", json_text(f->vars[i].type)) ||
		    put(o, "value", json_text(f->vars[i].value))) {
			json_decref(o);
			json_decref(a);
			return NULL;
		}
		if (json_array_append_new(a, o)) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

static const char *const kind_names[] = {
	[FRAME_NORMAL] = "normal",
	[FRAME_INLINE] = "inlined",
	[FRAME_ENTRY] = "entry",
	[FRAME_USER] = "user",
};

static const char *const how_names[] = {
	[FRAME_HOW_REGS] = "registers",
	[FRAME_HOW_CFI] = "cfi",
	[FRAME_HOW_FP] = "frame-pointer",
	[FRAME_HOW_GUESS] = "guess",
};

static int fill_frame(json_t *o, const struct doc_stack *s, size_t level)
{
	const struct frame *f = &s->stack.frames[level];
	const struct arch *a = s->arch;
	int digits = 2 * a->ptr_size;
	int bad = 0;

	bad |= put(o, "level", json_integer((json_int_t)level));
	bad |= put(o, "kind", json_string(kind_names[f->kind]));
	bad |= put(o, "how", json_string(how_names[f->how]));
	bad |= put(o, "function", json_text(f->function));
	bad |= put(o, "offset", f->function ? json_number(f->offset) : json_null());
	bad |= put(o, "size", f->size ? json_number(f->size) : json_null());
	bad |= put(o, "module", json_text(f->module));
	bad |= put(o, "pc", json_addr(f->pc, digits));
	bad |= put(o, "sp", f->sp ? json_addr(f->sp, digits) : json_null());
	bad |= put(o, "file", json_text(f->file));
	bad |= put(o, "line", f->line ? json_integer(f->line) : json_null());
	bad |= put(o, "args", json_vars(f, true));
	bad |= put(o, "locals", json_vars(f, false));
	if (f->regs.known) {
		bad |= put(o, "registers", json_regs(a, &f->regs));
		if (a->user_mode)
			bad |= put(o, "interrupted_user_mode",
				   json_boolean(a->user_mode(&f->regs)));
	}
	return bad ? KD_NOMEM : 0;
}

static json_t *json_frames(const struct doc_stack *s)
{
	json_t *a = json_array();

	for (size_t i = 0; a && i < s->stack.nframes; i++) {
		json_t *o = json_object();

		if (!o || fill_frame(o, s, i)) {
			json_decref(o);
			json_decref(a);
			return NULL;
		}
		if (json_array_append_new(a, o)) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

static json_t *json_task(const struct doc_stack *s)
{
	const struct task *t = &s->task;
	char state[2] = { s->state, '\0' };
	json_t *o = json_object();
	int bad = !o;

	if (bad)
		return NULL;
	bad |= put(o, "pid", t->no_pid ? json_null() : json_integer(t->pid));
	bad |= put(o, "tgid", json_integer(t->tgid));
	bad |= put(o, "ppid", json_integer(t->ppid));
	bad |= put(o, "task", json_addr(t->addr, 2 * s->arch->ptr_size));
	bad |= put(o, "cpu", t->cpu >= 0 ? json_integer(t->cpu) : json_null());
	bad |= put(o, "comm", json_bytes(t->comm, strnlen(t->comm, sizeof(t->comm))));
	bad |= put(o, "state", json_string(state));
	bad |= put(o, "on_cpu", json_boolean(t->on_cpu));
	bad |= put(o, "panicked", json_boolean(t->panicked));
	if (bad) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *json_stack(const struct doc_stack *s)
{
	size_t guess = stack_first_guess(&s->stack);
	json_t *o = json_object();
	int bad = !o;

	if (bad)
		return NULL;
	bad |= put(o, "task", json_task(s));
	bad |= put(o, "frames", json_frames(s));
	bad |= put(o, "guess_from",
		   guess < s->stack.nframes ? json_integer((json_int_t)guess) : json_null());
	bad |= put(o, "stop", json_text(s->stack.stop));
	if (s->error)
		bad |= put(o, "error", json_text(s->error));
	if (bad) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int add_node(json_t *parent, const struct doc_node *n);

static json_t *json_section(const struct doc_node *n)
{
	json_t *o = json_object();

	for (const struct doc_node *c = n->first; o && c; c = c->next) {
		if (add_node(o, c)) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

static json_t *node_value(const struct doc_node *n)
{
	switch (n->kind) {
	case DOC_SECTION:
		return json_section(n);
	case DOC_FIELDS: {
		json_t *o = json_object();

		if (o && add_fields(o, n)) {
			json_decref(o);
			return NULL;
		}
		return o;
	}
	case DOC_TABLE:
		return json_table(n);
	case DOC_TEXT:
	case DOC_NOTE:
		return json_cell(&n->text);
	case DOC_STACK:
		return json_stack(n->stack);
	}
	return json_null();
}

static int add_node(json_t *parent, const struct doc_node *n)
{
	json_t *array;

	if (n->kind == DOC_FIELDS && !n->key)
		return add_fields(parent, n);
	if (!n->key || (n->kind == DOC_NOTE && n->severity == DOC_HINT))
		return 0;
	if (!n->repeats)
		return put(parent, n->key, node_value(n));
	array = json_object_get(parent, n->key);
	if (!array) {
		array = json_array();
		if (put(parent, n->key, array))
			return KD_NOMEM;
	}
	return json_array_append_new(array, node_value(n)) ? KD_NOMEM : 0;
}

int json_render_init(struct json_render *r, const char *command, struct kd_err *err)
{
	r->root = json_object();
	if (!r->root || put(r->root, "command", json_text(command))) {
		json_render_fini(r);
		return kd_nomem(err);
	}
	return 0;
}

void json_render_fini(struct json_render *r)
{
	json_decref(r->root);
	r->root = NULL;
}

int render_json_node(void *data, const struct doc_node *n)
{
	struct json_render *r = data;

	return add_node(r->root, n);
}

int json_render_end(struct json_render *r, const struct kd_err *failed, FILE *out,
		    struct kd_err *err)
{
	if (failed && put(r->root, "error", json_text(failed->text)))
		return kd_nomem(err);
	if (json_dumpf(r->root, out, JSON_INDENT(1)) || fputc('\n', out) == EOF)
		return kd_fail(err, KD_IO, "cannot write the answer");
	return 0;
}
