// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finding modules: the list that the kernel keeps of them and, where that is broken, the
 * same from its end, and the objects that sysfs has of them.
 *
 * As with tasks, an entry is believed when it points back to the one before it, or when
 * nothing speaks against it.
 */
#include <inttypes.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/listwalk.h"
#include "kernel/module_priv.h"
#include "kernel/objects.h"

#define MODULES_MAX 8192

/* Addresses of struct modules, in their order. */
struct found {
	vaddr_t *list; /* owned */
	size_t n, cap;
};

struct ring {
	struct module_walk *walk;
	struct found *found;
	vaddr_t head;
	bool backwards, broken;
};

static bool has(const struct found *f, vaddr_t addr)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i] == addr)
			return true;
	return false;
}

static int add(struct found *f, vaddr_t addr, struct kd_err *err)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 64;
		vaddr_t *grown = reallocarray(f->list, cap, sizeof(*grown));

		if (!grown)
			return kd_nomem(err);
		f->list = grown;
		f->cap = cap;
	}
	f->list[f->n++] = addr;
	return 0;
}

static int step(const struct ring *r, vaddr_t node, bool backwards, vaddr_t *to)
{
	const struct layout *l = &r->walk->k->layout;
	const struct member *m = backwards ? &l->list_head_prev : &l->list_head_next;

	return windows_read_uint(r->walk->w, node + m->offset, r->walk->k->arch->ptr_size, to);
}

static void broke(struct ring *r, vaddr_t from, const char *how, const char *why)
{
	r->broken = true;
	damage_note(&r->walk->out->damage, "the list%s %s %#" PRIx64 "%s%s",
		    r->backwards ? ", followed backwards," : "", how, from, *why ? ": " : "", why);
}

/* Is there a module whose list_head is NODE, reached from FROM? */
static bool belongs(struct ring *r, vaddr_t node, vaddr_t from)
{
	vaddr_t addr = node - r->walk->k->layout.module_list.offset, back = 0;
	char odd[64] = "", why[128];
	unsigned n = module_oddities(r->walk, addr, odd, sizeof(odd));
	bool points_back = !step(r, node, !r->backwards, &back) && back == from;

	if (n > (points_back ? 2 : 0)) {
		snprintf(why, sizeof(why), "at %#" PRIx64 " there is no module, %s", addr, odd);
		broke(r, from, "leads astray at", why);
		return false;
	}
	if (!points_back) {
		r->broken = true;
		damage_note(&r->walk->out->damage, "the entry %#" PRIx64 " does not point back", node);
	}
	return true;
}

static int ring_walk(struct ring *r, struct kd_err *err)
{
	struct list_loop loop = { .steps = 0 };
	vaddr_t node = r->head, from;

	for (size_t i = 0; i < MODULES_MAX; i++) {
		vaddr_t addr;
		int status;

		from = node;
		status = step(r, from, r->backwards, &node);
		if (status) {
			broke(r, from, "ends at", kd_status_name(status));
			return 0;
		}
		if (node == r->head)
			return 0;
		addr = node - r->walk->k->layout.module_list.offset;
		if (!node || list_loop_met(&loop, node) || (!r->backwards && has(r->found, addr))) {
			broke(r, from, node ? "runs in a circle at" : "has a NULL at", "");
			return 0;
		}
		if (has(r->found, addr))
			continue;
		if (!belongs(r, node, from))
			return 0;
		status = add(r->found, addr, err);
		if (status)
			return status;
	}
	broke(r, node, "does not end at", "");
	return 0;
}

/* sysfs ------------------------------------------------------------------------------- */

struct sysfs {
	struct module_walk *walk;
	const struct objects *o;
	struct found *found;
};

/* A struct kobject's list_head; those of what is built in have no module. */
static int take_object(void *data, vaddr_t node)
{
	const struct sysfs *s = data;
	const struct objects *o = s->o;
	vaddr_t object = node - o->kobject_entry.offset - o->module_kobject_kobj.offset;
	uint64_t addr = 0;
	char why[64];

	if (member_read_ptr(&s->walk->k->space, object, &o->module_kobject_mod, &addr, NULL) ||
	    !addr || has(s->found, addr) || module_oddities(s->walk, addr, why, sizeof(why)))
		return 0;
	return add(s->found, addr, NULL);
}

/* All that is in /sys/module; *whole: its own list is. */
static int take_sysfs(struct module_walk *walk, struct found *found, bool *whole)
{
	static const char *const types[] = { "kset", "kobject", "module_kobject", NULL };
	_cleanup_(freep) struct objects *o = malloc(sizeof(*o));
	struct sysfs s = { .walk = walk, .o = o, .found = found };
	const struct kernel *k = walk->k;
	uint64_t kset;
	int status;

	*whole = false;
	if (!o)
		return KD_NOMEM;
	objects_resolve(k, types, o);
	if (!o->kset_list.found || !o->kobject_entry.found || !o->module_kobject_mod.found ||
	    kernel_read_symbol(k, "module_kset", k->arch->ptr_size, &kset, NULL))
		return 0;
	status = object_list(k, kset + o->kset_list.offset, take_object, &s, NULL);
	*whole = !status;
	return status == KD_NOMEM ? status : 0;
}

/* The whole of it ------------------------------------------------------------------------ */

/* What is found backwards comes behind the rest, in the list's order. */
static void reverse(struct found *f, size_t from)
{
	for (size_t i = from, j = f->n; i + 1 < j; i++) {
		vaddr_t v = f->list[i];

		f->list[i] = f->list[--j];
		f->list[j] = v;
	}
}

static int rescue(struct module_walk *walk, vaddr_t head, struct found *found, struct kd_err *err)
{
	struct ring back = { .walk = walk, .found = found, .head = head, .backwards = true };
	size_t before = found->n, listed;
	bool whole = false;
	int status = walk->k->layout.list_head_prev.found ? ring_walk(&back, err) : 0;

	reverse(found, before);
	listed = found->n;
	if (!status && take_sysfs(walk, found, &whole))
		status = kd_nomem(err);
	if (listed > before)
		damage_note(&walk->out->damage, "%zu module%s found by following the list backwards",
			    listed - before, listed - before == 1 ? " was" : "s were");
	if (found->n > listed)
		damage_note(&walk->out->damage, "%zu module%s found in sysfs alone",
			    found->n - listed, found->n - listed == 1 ? " was" : "s were");
	walk->out->partial = back.broken && !whole;
	return status;
}

int module_walk_all(struct module_walk *walk, vaddr_t head, struct kd_err *err)
{
	struct found found = { .n = 0 };
	struct ring r = { .walk = walk, .found = &found, .head = head };
	int status = ring_walk(&r, err);

	if (!status && r.broken)
		status = rescue(walk, head, &found, err);
	for (size_t i = 0; i < found.n && !status; i++)
		status = module_read(walk, found.list[i], err);
	free(found.list);
	return status;
}
