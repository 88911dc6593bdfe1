// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading expressions: see expr.h. By descent, as deep as DEPTH_MAX. */
#include "kernel/expr.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/expr_priv.h"
#include "kernel/kernel.h"
#include "kernel/types_priv.h"
#include "kernel/variables.h"

#define DEPTH_MAX 128
#define NAME_MAX_ 256

struct reader {
	const struct expr_scope *s;
	const char *p;
	unsigned quiet; /* > 0: the value does not count, as behind "0 &&" */
	unsigned depth;
	struct kd_err *err;
};

static int read_choice(struct reader *r, struct expr_value *out);
static int read_unary(struct reader *r, struct expr_value *out);

static void skip(struct reader *r)
{
	r->p += strspn(r->p, " \t\n");
}

/* A sign; "<" is not the beginning of "<<". */
static bool take(struct reader *r, const char *sign)
{
	size_t n = strlen(sign);

	skip(r);
	if (strncmp(r->p, sign, n))
		return false;
	r->p += n;
	return true;
}

static int unexpected(struct reader *r)
{
	skip(r);
	if (!*r->p)
		return kd_fail(r->err, KD_USAGE, "the expression ends too early");
	return kd_fail(r->err, KD_UNSUPPORTED, "\"%.20s\" is not understood", r->p);
}

static int load(struct reader *r, struct expr_value *v)
{
	struct expr_value in = *v;

	return expr_load(r->s, &in, r->quiet > 0, v, r->err);
}

/* Names and numbers ------------------------------------------------------------------ */

static int read_number(struct reader *r, struct expr_value *out)
{
	unsigned long_size = r->s->k->arch->ptr_size, size = 4;
	bool decimal = *r->p != '0', is_unsigned = false;
	char *end;
	uint64_t v = strtoull(r->p, &end, 0);

	for (; *end && strchr("uUlL", *end); end++) {
		is_unsigned |= tolower((unsigned char)*end) == 'u';
		if (tolower((unsigned char)*end) == 'l')
			size = long_size;
	}
	if (isalnum((unsigned char)*end) || *end == '_' || *end == '.')
		return unexpected(r);
	r->p = end;
	/* the first of int, unsigned (not of decimals), long, unsigned long that holds it */
	if (v >> 31 && decimal && !is_unsigned)
		size = 8;
	if (v >> 32)
		size = 8;
	is_unsigned |= v >> 63 || (size == 4 && v >> 31);
	*out = expr_int(v, size, !is_unsigned);
	return 0;
}

static int read_char(struct reader *r, struct expr_value *out)
{
	static const char letters[] = "0ntr\\'", values[] = "\0\n\t\r\\'";
	const char *p = r->p + 1, *at;
	char c = *p;

	if (c == '\\') {
		at = p[1] ? strchr(letters, p[1]) : NULL;
		if (!at)
			return unexpected(r);
		c = values[at - letters];
		p++;
	}
	if (!*p || p[1] != '\'')
		return unexpected(r);
	r->p = p + 2;
	*out = expr_int((uint64_t)c, 4, true);
	return 0;
}

static bool is_percpu(const struct kernel *k, const struct symbol *sym)
{
	const struct symbol *start = symbols_by_name(k->symbols, "__per_cpu_start");
	const struct symbol *end = symbols_by_name(k->symbols, "__per_cpu_end");

	return start && end && !sym->module && sym->addr >= start->addr && sym->addr < end->addr;
}

/* "runqueues:1", or the CPU of the scope. */
static int percpu_address(struct reader *r, const struct symbol *sym, vaddr_t *addr)
{
	const struct cpu *c = r->s->cpu;
	char *end;

	if (*r->p == ':' && isdigit((unsigned char)r->p[1])) {
		unsigned long nr = strtoul(r->p + 1, &end, 10);

		c = nr < CPUS_MAX ? cpus_get(&r->s->k->cpus, (unsigned)nr) : NULL;
		if (!c)
			return kd_fail(r->err, KD_USAGE, "there is no CPU %lu", nr);
		r->p = end;
	}
	if (!c)
		return kd_fail(r->err, KD_USAGE, "%s is a per-CPU variable: say whose, as in %s:0",
			       sym->name, sym->name);
	if (!cpu_symbol(r->s->k, c, sym->name, addr))
		return kd_fail(r->err, KD_NOTFOUND, "where CPU %u has its %s is not known", c->nr,
			       sym->name);
	return 0;
}

static int read_symbol(struct reader *r, const struct symbol *sym, struct expr_value *out)
{
	bool code = strchr("tTwW", sym->type) != NULL;
	int ret = 0;

	*out = (struct expr_value){ .in_memory = true, .addr = sym->addr, .is_code = code };
	if (is_percpu(r->s->k, sym))
		ret = percpu_address(r, sym, &out->addr);
	if (ret || code)
		return ret;
	/* what its type is need not be known: it may be cast */
	out->typed = !variables_type(r->s->variables, sym, &out->type, NULL);
	return 0;
}

static int read_name(struct reader *r, struct expr_value *out)
{
	const struct symbol *sym;
	char name[NAME_MAX_];
	int64_t value;
	size_t n = expr_word(r->p, name, sizeof(name));

	if (!n)
		return unexpected(r);
	/* a function is gdb's to call; there is none of those here either */
	if (r->p[n + strspn(r->p + n, " \t")] == '(')
		return kd_fail(r->err, KD_UNSUPPORTED, "nothing can be called");
	sym = symbols_by_name(r->s->k->symbols, name);
	r->p += n;
	if (sym)
		return read_symbol(r, sym, out);
	if (!types_enumerator(r->s->k->types, NULL, name, &value))
		return kd_fail(r->err, KD_NOTFOUND, "no symbol \"%s\"", name);
	*out = expr_int((uint64_t)value, value >> 31 && value >> 31 != -1 ? 8 : 4, true);
	return 0;
}

/* Operators ------------------------------------------------------------------------- */

/* "(TYPE)", then what is cast; 1: that is no type, but an expression in parentheses. */
static int read_cast(struct reader *r, struct expr_value *out)
{
	struct expr_value like, v;
	const char *p = r->p + 1;
	int ret = expr_parse_type(r->s, &p, &like, r->err);

	if (ret)
		return ret;
	r->p = p;
	if (!take(r, ")"))
		return unexpected(r);
	ret = read_unary(r, &v);
	return ret ? ret : expr_cast(r->s, &v, &like, r->quiet > 0, out, r->err);
}

static int read_primary(struct reader *r, struct expr_value *out)
{
	int ret;

	skip(r);
	if (isdigit((unsigned char)*r->p))
		return read_number(r, out);
	if (*r->p == '\'')
		return read_char(r, out);
	if (*r->p != '(')
		return read_name(r, out);
	r->p++;
	ret = read_choice(r, out);
	if (ret)
		return ret;
	return take(r, ")") ? 0 : unexpected(r);
}

static int read_element(struct reader *r, struct expr_value *out)
{
	struct expr_value base = *out, index, sum;
	int ret = read_choice(r, &index);

	if (!ret && !take(r, "]"))
		return unexpected(r);
	if (!ret)
		ret = load(r, &base);
	if (!ret)
		ret = load(r, &index);
	if (!ret)
		ret = expr_binary(r->s, "+", &base, &index, &sum, r->err);
	return ret ? ret : expr_deref(r->s, &sum, r->quiet > 0, out, r->err);
}

static int read_postfix(struct reader *r, struct expr_value *out)
{
	int ret = read_primary(r, out);

	while (!ret) {
		struct expr_value v = *out;
		char name[NAME_MAX_];
		size_t n;

		skip(r);
		if (take(r, "[")) {
			ret = read_element(r, out);
			continue;
		}
		if (!take(r, "->") && !take(r, "."))
			return 0;
		skip(r);
		n = expr_word(r->p, name, sizeof(name));
		if (!n)
			return unexpected(r);
		r->p += n;
		ret = expr_member(r->s, &v, name, r->quiet > 0, out, r->err);
	}
	return ret;
}

static int read_sizeof(struct reader *r, struct expr_value *out)
{
	struct expr_value like;
	const char *p;
	int ret = 1;

	skip(r);
	p = r->p + 1;
	if (*r->p == '(')
		ret = expr_parse_type(r->s, &p, &like, r->err);
	if (ret < 0)
		return ret;
	if (!ret) {
		r->p = p;
		if (!take(r, ")"))
			return unexpected(r);
	} else {
		r->quiet++;
		ret = read_unary(r, &like);
		r->quiet--;
	}
	return ret ? ret : expr_sizeof(r->s->k, &like, out, r->err);
}

static int read_signed(struct reader *r, char sign, struct expr_value *out)
{
	struct expr_value v;
	int ret;

	r->p++;
	ret = read_unary(r, &v);
	if (ret)
		return ret;
	if (sign == '&')
		return expr_address(r->s->k, &v, out, r->err);
	if (sign == '*')
		return expr_deref(r->s, &v, r->quiet > 0, out, r->err);
	ret = load(r, &v);
	return ret ? ret : expr_unary(r->s, sign, &v, out, r->err);
}

static int read_unary(struct reader *r, struct expr_value *out)
{
	int ret = 1;

	if (++r->depth > DEPTH_MAX)
		return kd_fail(r->err, KD_USAGE, "an expression as deep as that");
	skip(r);
	if (!strncmp(r->p, "sizeof", 6) && !isalnum((unsigned char)r->p[6]) && r->p[6] != '_') {
		r->p += 6;
		ret = read_sizeof(r, out);
	} else if (*r->p && strchr("-+~!*&", *r->p) && strncmp(r->p, "&&", 2) &&
		   strncmp(r->p, "--", 2) && strncmp(r->p, "++", 2)) {
		ret = read_signed(r, *r->p, out);
	} else {
		if (*r->p == '(')
			ret = read_cast(r, out);
		if (ret == 1)
			ret = read_postfix(r, out);
	}
	r->depth--;
	return ret;
}

/* The binary operators by how strongly they bind; of one row, longer ones first. */
static const char *const levels[][5] = {
	{ "||" },
	{ "&&" },
	{ "|" },
	{ "^" },
	{ "&" },
	{ "==", "!=" },
	{ "<=", ">=", "<", ">" },
	{ "<<", ">>" },
	{ "+", "-" },
	{ "*", "/", "%" },
};

/* An operator of LEVEL at the place that is no part of another, nor an assignment. */
static const char *take_operator(struct reader *r, size_t level)
{
	skip(r);
	for (size_t i = 0; i < KD_ARRAY_SIZE(levels[0]) && levels[level][i]; i++) {
		const char *op = levels[level][i];
		size_t n = strlen(op);

		if (strncmp(r->p, op, n) ||
		    (n == 1 && r->p[1] == '=' && *op != '<' && *op != '>') ||
		    (n == 1 && strchr("|&<>", *op) && r->p[1] == *op) ||
		    (n == 2 && (*op == '<' || *op == '>') && op[1] == *op && r->p[2] == '='))
			continue;
		r->p += n;
		return op;
	}
	return NULL;
}

static int read_level(struct reader *r, size_t level, struct expr_value *out);

/* The right side of && and || counts only if the left one has not decided. */
static int read_logic(struct reader *r, size_t level, const char *op, struct expr_value *out)
{
	struct expr_value left = *out, right;
	bool decided;
	int ret = load(r, &left);

	if (ret)
		return ret;
	decided = *op == '&' ? !left.number : left.number != 0;
	r->quiet += decided;
	ret = read_level(r, level + 1, &right);
	if (!ret)
		ret = load(r, &right);
	r->quiet -= decided;
	if (!ret)
		*out = expr_int(decided ? *op == '|' : right.number != 0, 4, true);
	return ret;
}

static int read_level(struct reader *r, size_t level, struct expr_value *out)
{
	const char *op;
	int ret;

	if (level == KD_ARRAY_SIZE(levels))
		return read_unary(r, out);
	ret = read_level(r, level + 1, out);
	while (!ret && (op = take_operator(r, level))) {
		struct expr_value left = *out, right;

		if (level < 2) {
			ret = read_logic(r, level, op, out);
			continue;
		}
		ret = load(r, &left);
		if (!ret)
			ret = read_level(r, level + 1, &right);
		if (!ret)
			ret = load(r, &right);
		/* a divisor that does not count is 0 */
		if (!ret && r->quiet && (*op == '/' || *op == '%'))
			right.number = 1;
		if (!ret)
			ret = expr_binary(r->s, op, &left, &right, out, r->err);
	}
	return ret;
}

/* "A ? B : C" */
static int read_choice(struct reader *r, struct expr_value *out)
{
	struct expr_value yes, no, condition;
	bool is_true;
	int ret;

	if (++r->depth > DEPTH_MAX)
		return kd_fail(r->err, KD_USAGE, "an expression as deep as that");
	ret = read_level(r, 0, out);
	r->depth--;
	if (ret || !take(r, "?"))
		return ret;
	condition = *out;
	ret = load(r, &condition);
	if (ret)
		return ret;
	is_true = condition.number != 0;
	r->quiet += !is_true;
	ret = read_choice(r, &yes);
	r->quiet -= !is_true;
	if (!ret && !take(r, ":"))
		return unexpected(r);
	r->quiet += is_true;
	if (!ret)
		ret = read_choice(r, &no);
	r->quiet -= is_true;
	if (!ret)
		*out = is_true ? yes : no;
	return ret;
}

int expr_evaluate(const struct expr_scope *s, const char *text, struct expr_value *out,
		  struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	struct reader r = { .s = s, .p = text, .err = &why };
	int ret = read_choice(&r, out);

	skip(&r);
	if (!ret && *r.p)
		ret = unexpected(&r);
	if (ret && err)
		*err = why;
	return ret;
}

int expr_number(const struct expr_scope *s, const struct expr_value *v, uint64_t *number,
		struct kd_err *err)
{
	struct expr_value loaded;
	int ret = expr_load(s, v, false, &loaded, err);

	if (!ret)
		*number = loaded.number;
	return ret;
}
