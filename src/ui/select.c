// SPDX-License-Identifier: GPL-3.0-or-later
/* Words for tasks and addresses: see select.h. */
#include "ui/select.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/expr.h"
#include "ui/args.h"
#include "ui/nearest.h"

void task_list_fini(struct task_list *l)
{
	free(l->list);
	*l = (struct task_list){ 0 };
}

int task_list_add(struct task_list *l, const struct task *t, struct kd_err *err)
{
	const struct task **p;

	for (size_t i = 0; i < l->n; i++) {
		if (l->list[i] == t)
			return 0;
	}
	p = realloc(l->list, (l->n + 1) * sizeof(*p));
	if (!p)
		return kd_nomem(err);
	l->list = p;
	l->list[l->n++] = t;
	return 0;
}

enum match { MATCH_PID, MATCH_ADDR, MATCH_COMM, MATCH_PATTERN, MATCH_KINDS };

/* Does a word, taken in one way, name this task? */
static bool matches(const struct task *t, enum match how, const char *word)
{
	uint64_t v;

	switch (how) {
	case MATCH_PID:
		return !t->no_pid && parse_number(word, &v) && v == t->pid;
	case MATCH_ADDR:
		return parse_hex(word, &v) && v == t->addr && t->addr;
	case MATCH_COMM:
		return !strncmp(t->comm, word, sizeof(t->comm));
	case MATCH_PATTERN:
		return strpbrk(word, "*?[") && !fnmatch(word, t->comm, 0);
	default:
		return false;
	}
}

static int not_found(const struct kernel *k, const char *word, struct kd_err *err)
{
	struct nearest near;
	char buf[128];
	uint64_t v;

	if (parse_number(word, &v))
		return kd_fail(err, KD_NOTFOUND, "no task has PID %" PRIu64, v);
	if (!strncmp(word, "0x", 2))
		return kd_fail(err, KD_NOTFOUND, "no task_struct lies at %s", word);
	if (strchr(word, '/') && !access(word, F_OK))
		return kd_fail(err, KD_NOTFOUND,
			       "%s is neither a dump nor a vmlinux, and no task "
			       "has that name",
			       word);
	nearest_init(&near, word);
	for (size_t i = 0; i < k->tasks.n; i++)
		nearest_offer(&near, k->tasks.list[i].comm);
	if (near.n)
		return kd_fail(err, KD_NOTFOUND, "no task is called \"%s\"; did you mean %s?", word,
			       nearest_format(&near, "", buf, sizeof(buf)));
	return kd_fail(err, KD_NOTFOUND, "no task is called \"%s\"; \"ps\" lists them", word);
}

int tasks_select(const struct kernel *k, const char *word, struct task_list *l, struct kd_err *err)
{
	bool found = false;

	for (enum match how = 0; how < MATCH_KINDS && !found; how++) {
		for (size_t i = 0; i < k->tasks.n; i++) {
			const struct task *t = &k->tasks.list[i];

			if (!matches(t, how, word))
				continue;
			found = true;
			if (task_list_add(l, t, err))
				return KD_NOMEM;
		}
	}
	return found ? 0 : not_found(k, word, err);
}

int task_select(const struct session *s, const char *word, const struct task **out,
		struct kd_err *err)
{
	struct task_list l = { 0 };
	int ret;

	if (!word) {
		*out = s->task;
		if (s->task)
			return 0;
		if (!s->k->crashed)
			return kd_fail(err, KD_NOTFOUND,
				       "the kernel had not crashed, so no task stands out: name one");
		return kd_fail(err, KD_NOTFOUND,
			       "the dump does not say which task crashed: name one");
	}
	ret = tasks_select(s->k, word, &l, err);
	if (!ret && l.n > 1)
		ret = kd_fail(err, KD_USAGE, "%zu tasks are called \"%s\": give a PID%s", l.n, word,
			      l.list[0]->pid ? "" : " or the address of a task_struct");
	if (!ret && l.n)
		*out = l.list[0];
	task_list_fini(&l);
	return ret;
}

int cpu_select(const struct kernel *k, const char *word, const struct cpu **out, struct kd_err *err)
{
	const char *digits = strncasecmp(word, "cpu", 3) ? word : word + 3;
	uint64_t nr;

	if (!parse_number(digits, &nr))
		return kd_fail(err, KD_USAGE, "\"%s\" is no number of a CPU", word);
	*out = nr < CPUS_MAX ? cpus_get(&k->cpus, (unsigned)nr) : NULL;
	if (!*out)
		return kd_fail(err, KD_NOTFOUND,
			       "there is no CPU %" PRIu64 "; this machine has %zu", nr, k->cpus.n);
	return 0;
}

static bool is_percpu(const struct kernel *k, const struct symbol *sym)
{
	const struct symbol *start = symbols_by_name(k->symbols, "__per_cpu_start");
	const struct symbol *end = symbols_by_name(k->symbols, "__per_cpu_end");

	return start && end && !sym->module && sym->addr >= start->addr && sym->addr < end->addr;
}

static int symbol_address(const struct kernel *k, const struct symbol *sym, const struct cpu *cpu,
			  vaddr_t *out, struct kd_err *err)
{
	if (!is_percpu(k, sym)) {
		*out = sym->addr;
		return 0;
	}
	if (!cpu)
		return kd_fail(err, KD_USAGE, "%s is a per-CPU variable: say whose, with --cpu N",
			       sym->name);
	if (!cpu_symbol(k, cpu, sym->name, out))
		return kd_fail(err, KD_NOTFOUND, "where CPU %u has its %s is not known", cpu->nr,
			       sym->name);
	return 0;
}

/* SYMBOL, SYMBOL+OFF, SYMBOL-OFF; 1: it has not that form. */
static int parse_symbol(const struct kernel *k, const char *word, const struct cpu *cpu,
			vaddr_t *out, struct kd_err *err)
{
	size_t len = strcspn(word, "+-");
	_cleanup_(freep) char *name = strndup(word, len);
	const struct symbol *sym;
	uint64_t off = 0;
	int ret;

	if (!name)
		return kd_nomem(err);
	sym = symbols_by_name(k->symbols, name);
	if (!sym || (word[len] && !parse_number(word + len + 1, &off)))
		return 1;
	ret = symbol_address(k, sym, cpu, out, err);
	*out = word[len] == '-' ? *out - off : *out + off;
	return ret;
}

static int unknown_symbol(const struct kernel *k, const char *word, struct kd_err *err)
{
	struct nearest near;
	const struct symbol *sym;
	char buf[384];

	nearest_init(&near, word);
	for (size_t i = 0; (sym = symbols_at(k->symbols, i)); i++)
		nearest_offer(&near, sym->name);
	if (near.n)
		return kd_fail(err, KD_NOTFOUND, "no symbol \"%s\"; did you mean %s?", word,
			       nearest_format(&near, "", buf, sizeof(buf)));
	return kd_fail(err, KD_NOTFOUND, "no symbol \"%s\"", word);
}

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$"

static bool is_name(const char *s)
{
	return !s[strspn(s, NAME_LETTERS)];
}

/* An expression: its value, or where it lies, if it is a struct or the like. */
static int select_expression(struct session *s, const char *word, const struct cpu *cpu,
			     vaddr_t *out, struct kd_err *err)
{
	struct expr_scope scope;
	struct expr_value v;
	int ret = session_scope(s, cpu, &scope, err);

	if (!ret)
		ret = expr_evaluate(&scope, word, &v, err);
	if (ret)
		return ret;
	ret = expr_number(&scope, &v, out, err);
	if (ret != KD_UNSUPPORTED || !v.in_memory)
		return ret;
	*out = v.addr;
	return 0;
}

/* One address, without a list of CPUs behind it. */
static int select_one(struct session *s, const char *word, const struct cpu *cpu, bool given,
		      vaddr_t *out, struct kd_err *err)
{
	_cleanup_(freep) char *expr = NULL;
	_cleanup_(freep) char *text = NULL;
	int ret = parse_symbol(s->k, word, cpu, out, err);

	if (ret <= 0)
		return ret;
	if (parse_hex(word, out)) {
		/* a per-CPU pointer, where a CPU is named with it */
		if (given && cpu)
			*out += cpu->percpu;
		if (given && s->k->arch->ptr_size == 4)
			*out &= UINT32_MAX;
		return 0;
	}
	if (is_name(word) && !strchr(word, '.'))
		return unknown_symbol(s->k, word, err);
	ret = select_expression(s, word, cpu, out, err);
	if ((ret != KD_UNSUPPORTED && ret != KD_NOTFOUND) || s->opt.engine == ENGINE_NATIVE ||
	    is_name(word))
		return ret;
	if (asprintf(&expr, "(unsigned long)(%s)", word) < 0) {
		expr = NULL;
		return kd_nomem(err);
	}
	ret = session_evaluate(s, s->task, expr, &text, err);
	if (!ret && !parse_number(text, out))
		ret = kd_fail(err, KD_NOTFOUND, "\"%s\" is no address: gdb says %s", word, text);
	return ret;
}

/* CPUs behind an address ---------------------------------------------------------- */

/*
 * "NAME:CPUS" taken apart at the colon; NULL: it has not that form. An expression may
 * have colons of its own, but ahead of them more than a name or a number.
 */
static const char *find_cpus(const char *word)
{
	const char *colon = strrchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : 0;

	if (!len || strspn(word, NAME_LETTERS) != len ||
	    (strcmp(colon + 1, "a") && strcmp(colon + 1, "all") &&
	     colon[1 + strspn(colon + 1, "0123456789,-")]))
		return NULL;
	return colon + 1;
}

void address_list_fini(struct address_list *l)
{
	free(l->list);
	*l = (struct address_list){ 0 };
}

static int add_address(struct session *s, const char *name, const struct cpu *cpu, bool given,
		       struct address_list *l, struct kd_err *err)
{
	struct address *p = realloc(l->list, (l->n + 1) * sizeof(*p));
	int ret;

	if (!p)
		return kd_nomem(err);
	l->list = p;
	p[l->n] = (struct address){ .cpu = cpu };
	ret = select_one(s, name, cpu, given, &p[l->n].addr, err);
	l->n += !ret;
	return ret;
}

/* "0", "0,2-3"; those that the machine does not have, between the ends of a range, are not meant.
 */
static int add_range(struct session *s, const char *name, const char *part, struct address_list *l,
		     struct kd_err *err)
{
	char first[16], *dash;
	const struct cpu *from, *to;
	int ret;

	snprintf(first, sizeof(first), "%s", part);
	dash = strchr(first, '-');
	if (dash)
		*dash = '\0';
	ret = cpu_select(s->k, first, &from, err);
	if (!ret)
		ret = cpu_select(s->k, dash ? dash + 1 : first, &to, err);
	for (unsigned nr = ret ? 1 : from->nr; !ret && nr <= to->nr; nr++) {
		const struct cpu *c = cpus_get(&s->k->cpus, nr);

		if (c)
			ret = add_address(s, name, c, true, l, err);
	}
	return ret;
}

static int add_cpus(struct session *s, const char *name, char *spec, struct address_list *l,
		    struct kd_err *err)
{
	int ret = 0;

	if (!*spec || *spec == 'a') {
		for (size_t i = 0; i < s->k->cpus.n && !ret; i++)
			ret = add_address(s, name, &s->k->cpus.list[i], true, l, err);
		return ret;
	}
	for (char *next; spec && !ret; spec = next) {
		next = strchr(spec, ',');
		if (next)
			*next++ = '\0';
		ret = add_range(s, name, spec, l, err);
	}
	return ret;
}

int addresses_select(struct session *s, const char *word, const struct cpu *cpu,
		     struct address_list *out, struct kd_err *err)
{
	const char *spec = find_cpus(word);
	_cleanup_(freep) char *name = strdup(word);

	*out = (struct address_list){ 0 };
	if (!name)
		return kd_nomem(err);
	if (!spec)
		return add_address(s, name, cpu, false, out, err);
	name[spec - word - 1] = '\0';
	return add_cpus(s, name, name + (spec - word), out, err);
}

int address_select(struct session *s, const char *word, const struct cpu *cpu, vaddr_t *out,
		   struct kd_err *err)
{
	struct address_list l = { 0 };
	int ret = addresses_select(s, word, cpu, &l, err);

	if (!ret && l.n != 1)
		ret = kd_fail(err, KD_USAGE, "\"%s\" means %zu CPUs: name one", word, l.n);
	if (!ret)
		*out = l.list[0].addr;
	address_list_fini(&l);
	return ret;
}

static bool on_stack(const struct task *t, uint64_t size, uint64_t v)
{
	return t && t->stack && v >= t->stack && v - t->stack < size;
}

static const char *describe_stack(const struct task *t, uint64_t v, char *buf, size_t size)
{
	snprintf(buf, size, "stack of %" PRIu32 " %.16s +0x%" PRIx64, t->pid, t->comm,
		 v - t->stack);
	return buf;
}

const char *value_describe(const struct kernel *k, const struct task *t, uint64_t v, char *buf,
			   size_t size)
{
	uint64_t stack = kernel_stack_size(k);
	paddr_t pa;

	buf[0] = '\0';
	/* Small numbers are numbers; what is not even mapped is no address. */
	if (v < 4096 || space_translate(&k->space, v, &pa, NULL, NULL) == KD_UNMAPPED)
		return buf;
	if (on_stack(t, stack, v))
		return describe_stack(t, v, buf, size);
	for (size_t i = 0; i < k->tasks.n; i++) {
		const struct task *o = &k->tasks.list[i];

		if (o->addr == v) {
			snprintf(buf, size, "task %" PRIu32 " %.16s", o->pid, o->comm);
			return buf;
		}
		if (on_stack(o, stack, v))
			return describe_stack(o, v, buf, size);
	}
	if (symbols_by_addr(k->symbols, v))
		symbols_format(k->symbols, v, buf, size);
	return buf;
}
