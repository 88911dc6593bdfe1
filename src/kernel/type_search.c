// SPDX-License-Identifier: GPL-3.0-or-later
/* Types by name in kernel and modules: see type_search.h. */
#include "kernel/type_search.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/type_view_priv.h"
#include "kernel/types_priv.h"

#define CANDIDATES_MAX 64
#define SAME_MAX (1u << 16) /* members compared */

/* "struct nvme:queue#2" taken apart. */
struct asked {
	enum type_want want;
	char bare[TYPES_NAME];
	bool kernel_only;
	const struct module *module; /* only there; NULL: anywhere */
	uint64_t n;		     /* which of several; 0: the best */
};

struct candidate {
	struct type_ref type;
	const struct module *module;
	struct type_info info;
};

struct candidates {
	struct candidate list[CANDIDATES_MAX];
	size_t n;
};

/* Names ------------------------------------------------------------------------- */

static const struct module *find_module(const struct kernel *k, const char *name, size_t len)
{
	for (size_t i = 0; i < k->modules.n; i++) {
		const char *own = k->modules.list[i].name;
		size_t at = 0;

		/* a file has '-' where its module has '_' */
		while (at < len && own[at] && own[at] == (name[at] == '-' ? '_' : name[at]))
			at++;
		if (at == len && !own[at])
			return &k->modules.list[i];
	}
	return NULL;
}

static int take_name(const struct kernel *k, const char *name, struct asked *q, struct kd_err *err)
{
	const char *bare = type_bare_name(name, &q->want), *colon = strchr(bare, ':');
	size_t len = colon ? (size_t)(colon - bare) : 0;
	char *hash, *end;

	if (colon) {
		q->kernel_only = (len == 6 && !strncmp(bare, "kernel", len)) ||
				 (len == 7 && !strncmp(bare, "vmlinux", len));
		q->module = q->kernel_only ? NULL : find_module(k, bare, len);
		if (!q->kernel_only && !q->module)
			return kd_fail(err, KD_NOTFOUND, "no module \"%.*s\"", (int)len, bare);
		bare = colon + 1;
	}
	if (strlen(bare) >= sizeof(q->bare))
		return kd_fail(err, KD_NOTFOUND, "no type has a name that long");
	snprintf(q->bare, sizeof(q->bare), "%s", bare);
	hash = strchr(q->bare, '#');
	if (!hash)
		return 0;
	q->n = strtoull(hash + 1, &end, 10);
	if (!q->n || *end)
		return kd_fail(err, KD_USAGE, "\"%s\": a number is wanted after '#'", name);
	*hash = '\0';
	return 0;
}

/* Are they the same? -------------------------------------------------------------- */

static bool same_declaration(const struct type_ref *a, const struct type_ref *b)
{
	char x[256], y[256];

	return !strcmp(type_declare(a, "", x, sizeof(x)), type_declare(b, "", y, sizeof(y)));
}

static bool same_names(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_members(const struct type_ref *a, const struct type_ref *b)
{
	struct type_step as = { 0 }, bs = { 0 };

	for (unsigned i = 0; i < SAME_MAX; i++) {
		struct type_member x, y;
		bool more = type_next_member(a, &as, &x);

		if (more != type_next_member(b, &bs, &y))
			return false;
		if (!more)
			return true;
		if (!same_names(x.name, y.name) || x.offset != y.offset ||
		    x.bit_size != y.bit_size || x.bit_offset != y.bit_offset ||
		    !same_declaration(&x.type, &y.type))
			return false;
	}
	return true;
}

static bool same_enumerators(const struct type_ref *a, const struct type_ref *b)
{
	struct type_step as = { 0 }, bs = { 0 };

	for (unsigned i = 0; i < SAME_MAX; i++) {
		const char *x = NULL, *y = NULL;
		int64_t xv = 0, yv = 0;
		bool more = type_next_enumerator(a, &as, &x, &xv);

		if (more != type_next_enumerator(b, &bs, &y, &yv))
			return false;
		if (!more)
			return true;
		if (!same_names(x, y) || xv != yv)
			return false;
	}
	return true;
}

bool type_same(const struct type_ref *a, const struct type_ref *b)
{
	struct type_ref x = *a, y = *b;
	struct type_info xi, yi;

	if (!type_peel(&x, &xi) || !type_peel(&y, &yi) || xi.kind != yi.kind ||
	    xi.size != yi.size || xi.declared != yi.declared)
		return false;
	switch (xi.kind) {
	case TYPE_STRUCT:
	case TYPE_UNION:
		return same_members(&x, &y);
	case TYPE_ENUM:
		return same_enumerators(&x, &y);
	default:
		return same_declaration(&x, &y);
	}
}

/* Candidates ---------------------------------------------------------------------- */

static void add(struct candidates *c, const struct type_ref *r, const struct module *m)
{
	struct type_ref peeled = *r;
	struct candidate *to = &c->list[c->n];

	if (c->n == CANDIDATES_MAX)
		return;
	*to = (struct candidate){ .type = *r, .module = m };
	if (!type_peel(&peeled, &to->info))
		return;
	for (size_t i = 0; i < c->n; i++)
		if (type_same(&c->list[i].type, r))
			return;
	c->n++;
}

static void add_all(struct candidates *c, const struct types *t, const struct asked *q,
		    const struct module *m, size_t max)
{
	struct type_ref found[CANDIDATES_MAX];
	size_t n = type_find_all(t, q->bare, q->want, found, kd_min(max, CANDIDATES_MAX));

	for (size_t i = 0; i < n; i++)
		add(c, &found[i], m);
}

/*
 * DWARF is looked through unit by unit: of the kernel's the first finding will do, and
 * modules are asked only for what the kernel does not have. BTF is a short table.
 */
static void collect(const struct kernel *k, const struct asked *q, const struct module *near,
		    struct candidates *c)
{
	const struct types *t;
	bool quick = k->types && types_raw_btf(k->types);

	if (k->types && !q->module)
		add_all(c, k->types, q, NULL, quick || q->n ? CANDIDATES_MAX : 1);
	for (size_t i = 0; i < k->modules.n && !q->kernel_only; i++) {
		const struct module *m = &k->modules.list[i];

		if (q->module ? m != q->module : c->n && !quick && !q->n && m != near)
			continue;
		if (!module_types(k, m, &t, NULL))
			add_all(c, t, q, m, CANDIDATES_MAX);
	}
}

/* Index of the best of several. */
static size_t best_of(const struct candidates *c, const struct module *near)
{
	size_t best = 0;

	for (size_t i = 1; i < c->n; i++) {
		const struct candidate *x = &c->list[i], *y = &c->list[best];

		if (x->info.declared != y->info.declared
			    ? y->info.declared
			    : near && x->module == near && y->module != near)
			best = i;
	}
	return best;
}

static void tell_others(const struct candidates *c, const struct asked *q, size_t taken, char *buf,
			size_t size)
{
	size_t len = 0, told = 0;

	buf[0] = '\0';
	if (c->n < 2)
		return;
	len = (size_t)snprintf(buf, size, "%zu different types have that name:", c->n);
	for (size_t i = 0; i < c->n && told < 8 && len < size; i++, told++) {
		const struct candidate *x = &c->list[i];

		len += (size_t)snprintf(buf + len, size - len,
					"%s %s#%zu in %s (%" PRIu64 " bytes%s)", told ? "," : "",
					q->bare, i + 1, x->module ? x->module->name : "kernel",
					x->info.size, i == taken ? ", this one" : "");
	}
	if (told < c->n && len < size)
		snprintf(buf + len, size - len, ", and more");
}

static int not_found(const struct kernel *k, const struct asked *q, const char *name,
		     struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	const struct types *t;
	size_t with = 0;

	if (q->module && module_types(k, q->module, &t, &why))
		return kd_fail(err, KD_NOTFOUND, "no types of module %s: %s", q->module->name,
			       why.text);
	if (!k->types && !q->module)
		return kd_fail(err, KD_NOTFOUND, "no types: this dump and its vmlinux have none");
	if (q->module)
		return kd_fail(err, KD_NOTFOUND, "no type \"%s\" in module %s's %s", q->bare,
			       q->module->name, types_source(t));
	for (size_t i = 0; i < k->modules.n; i++)
		with += !module_types(k, &k->modules.list[i], &t, NULL);
	if (q->kernel_only || !k->modules.n)
		return kd_fail(err, KD_NOTFOUND, "no type \"%s\" in the kernel's %s", name,
			       types_source(k->types));
	return kd_fail(err, KD_NOTFOUND,
		       "no type \"%s\" in the kernel's %s, nor in those of %zu of its %zu modules",
		       name, types_source(k->types), with, k->modules.n);
}

int type_search(const struct kernel *k, const char *name, vaddr_t near, struct type_found *out,
		struct kd_err *err)
{
	const struct module *close = near ? modules_by_addr(&k->modules, near) : NULL;
	_cleanup_(freep) struct candidates *c = calloc(1, sizeof(*c));
	struct asked q = { .n = 0 };
	size_t i;
	int status = c ? take_name(k, name, &q, err) : kd_nomem(err);

	if (status)
		return status;
	collect(k, &q, close, c);
	if (!c->n)
		return not_found(k, &q, name, err);
	if (q.n > c->n)
		return kd_fail(err, KD_NOTFOUND, "only %zu types are called \"%s\"", c->n, q.bare);
	i = q.n ? q.n - 1 : best_of(c, close);
	*out = (struct type_found){ .type = c->list[i].type, .module = c->list[i].module };
	if (!q.n)
		tell_others(c, &q, i, out->others, sizeof(out->others));
	return 0;
}

bool type_complete(const struct kernel *k, struct type_ref *r, struct type_info *info)
{
	struct type_found found;
	struct type_ref type;
	struct type_info full;
	char name[TYPES_NAME];

	if ((info->kind != TYPE_STRUCT && info->kind != TYPE_UNION) || !info->declared ||
	    !info->name)
		return false;
	snprintf(name, sizeof(name), "%s%s", info->kind == TYPE_UNION ? "union " : "struct ",
		 info->name);
	if (type_search(k, name, 0, &found, NULL))
		return false;
	type = found.type;
	if (!type_peel(&type, &full) || full.declared)
		return false;
	*r = type;
	*info = full;
	return true;
}
