// SPDX-License-Identifier: GPL-3.0-or-later
/* Symbols: see symbols.h. */
#include "kernel/symbols.h"

#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "kernel/symbols_priv.h"

/* No kernel with all its modules comes near it; bounds a hostile table. */
#define SYMBOLS_MAX (1u << 24)

/* Strings live in blocks that never move. */
struct block {
	struct block *next;
	size_t used, size;
	char bytes[];
};

/*
 * Names in alphabetical order, which completion alone needs: sorted when first asked
 * for, by whichever thread that is.
 */
struct name_order {
	pthread_mutex_t lock;
	uint32_t *list; /* indices of entries; NULL: not sorted yet */
};

struct symbols {
	struct entry *list; /* by address as far as indexed */
	size_t n, room;
	size_t indexed;	 /* of n: what look-ups see */
	uint32_t *heads; /* by hash: index + 1 of the first entry; 0: none */
	uint32_t *next;	 /* by entry: the next of the same hash bucket */
	size_t buckets;	 /* a power of 2 */
	struct name_order *names;
	struct block *strings;
};

int symbols_new(struct symbols **out, struct kd_err *err)
{
	struct symbols *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return kd_nomem(err);
	s->names = calloc(1, sizeof(*s->names));
	if (!s->names || pthread_mutex_init(&s->names->lock, NULL)) {
		free(s->names);
		free(s);
		return kd_nomem(err);
	}
	*out = s;
	return 0;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	for (struct block *b = s->strings, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	pthread_mutex_destroy(&s->names->lock);
	free(s->names->list);
	free(s->names);
	free(s->list);
	free(s->heads);
	free(s->next);
	free(s);
}

bool symbols_is_name(const char *name)
{
	/* local labels, mapping symbols and the tables' own marks name no place */
	if (name[0] == '$' || name[0] == '.')
		return name[0] == '.' && name[1] != 'L';
	return strncmp(name, "__", 2) ||
	       (strncmp(name, "__crc_", 6) && strncmp(name, "__ksymtab_", 10) &&
		strncmp(name, "__kstrtab", 9));
}

static const char *intern(struct symbols *s, const char *text)
{
	size_t len = strlen(text) + 1;
	struct block *b = s->strings;
	char *p;

	if (!b || b->size - b->used < len) {
		size_t size = len > 65536 ? len : 65536;

		b = malloc(sizeof(*b) + size);
		if (!b)
			return NULL;
		*b = (struct block){ .next = s->strings, .size = size };
		s->strings = b;
	}
	p = b->bytes + b->used;
	memcpy(p, text, len);
	b->used += len;
	return p;
}

/* FNV-1a. */
static uint32_t hash_name(const char *name)
{
	uint32_t h = UINT32_C(2166136261);

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * UINT32_C(16777619);
	return h;
}

/*
 * "__sched_text_start" and the like mark where something begins or ends: the code
 * that begins there has a name of its own.
 */
static bool is_boundary(const char *name)
{
	static const char *const ends[] = { "start", "end", "begin", "stop", "text" };
	size_t len = strlen(name);

	for (size_t i = 0; name[0] == '_' && i < KD_ARRAY_SIZE(ends); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && !strcmp(name + len - n, ends[i]))
			return true;
	}
	return false;
}

/* Of two symbols at one place, the one a person would name has the higher rank. */
static uint8_t rank(const struct symbol *sym, bool global, bool located)
{
	return (uint8_t)((located ? 16 : 0) + (sym->size ? 8 : 0) +
			 (sym->size || !is_boundary(sym->name) ? 4 : 0) + (global ? 2 : 0) +
			 (sym->name[0] != '_' ? 1 : 0));
}

int symbols_push(struct symbols *s, const struct symbol *sym, bool global, bool located,
		 struct kd_err *err)
{
	if (s->n >= SYMBOLS_MAX)
		return kd_fail(err, KD_CORRUPT, "more than %u symbols", SYMBOLS_MAX);
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 4096;
		struct entry *grown = reallocarray(s->list, room, sizeof(*grown));

		if (!grown)
			return kd_nomem(err);
		s->list = grown;
		s->room = room;
	}
	s->list[s->n++] = (struct entry){
		.sym = *sym,
		.hash = hash_name(sym->name),
		.global = global,
		.located = located,
		.rank = rank(sym, global, located),
	};
	return 0;
}

/* A module's symbols come one after the other: its name is kept once. */
static const char *intern_module(struct symbols *s, const char *module)
{
	const char *last = s->n ? s->list[s->n - 1].sym.module : NULL;

	return last && !strcmp(last, module) ? last : intern(s, module);
}

int symbols_add(struct symbols *s, const char *name, const char *module, vaddr_t addr,
		uint64_t size, char type, struct kd_err *err)
{
	struct symbol sym = {
		.addr = addr,
		.size = size,
		.type = type,
		.name = intern(s, name),
		.module = module ? intern_module(s, module) : NULL,
	};

	if (!sym.name || (module && !sym.module))
		return kd_nomem(err);
	return symbols_push(s, &sym, type >= 'A' && type <= 'Z', type != 'a' && type != 'A', err);
}

/* Index --------------------------------------------------------------------------- */

static bool same_module(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Where code, or all of the image, ends: what lies behind may have no symbols at all. */
static bool is_end(const struct symbol *sym)
{
	static const char *const names[] = { "_etext", "_einittext", "_end" };

	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++)
		if (!strcmp(sym->name, names[i]))
			return true;
	return false;
}

/*
 * Assembly labels, and all of kallsyms, have no size: theirs reaches to the next one,
 * but not out of the kernel or a module.
 */
static void fill_sizes(struct symbols *s)
{
	const struct symbol *next = NULL;

	for (size_t i = s->n; i--;) {
		struct entry *e = &s->list[i];

		if (!e->located)
			continue;
		if (!e->sym.size && next && same_module(next->module, e->sym.module) &&
		    (e->sym.name[0] != '_' || !is_end(&e->sym))) {
			/* several at one place share the size */
			e->sym.size =
				next->addr > e->sym.addr ? next->addr - e->sym.addr : next->size;
		}
		next = &e->sym;
	}
}

static int index_names(struct symbols *s, struct kd_err *err)
{
	size_t buckets = 4096;
	uint32_t *grown;

	while (buckets < s->n)
		buckets *= 2;
	grown = reallocarray(s->next, s->n ? s->n : 1, sizeof(*grown));
	if (!grown)
		return kd_nomem(err);
	s->next = grown;
	free(s->heads);
	s->heads = calloc(buckets, sizeof(*s->heads));
	if (!s->heads)
		return kd_nomem(err);
	s->buckets = buckets;
	for (size_t i = s->n; i--;) {
		uint32_t *head = &s->heads[s->list[i].hash & (buckets - 1)];

		s->next[i] = *head;
		*head = (uint32_t)i + 1;
	}
	return 0;
}

int symbols_finish(struct symbols *s, struct kd_err *err)
{
	int status = symbols_sort(s->list, s->indexed, s->n, err);

	if (status)
		return status;
	s->indexed = 0;
	free(s->names->list);
	s->names->list = NULL;
	fill_sizes(s);
	status = index_names(s, err);
	if (!status)
		s->indexed = s->n;
	return status;
}

/* By name -------------------------------------------------------------------------- */

/* Is X, of the same name, the one that is meant? The kernel's own before a module's. */
static bool is_better(const struct entry *x, const struct entry *y)
{
	if (!x->sym.module != !y->sym.module)
		return !x->sym.module;
	if (x->global != y->global)
		return x->global;
	return x < y;
}

/* The best of that name; MODULE: of that module alone; NULL: of all. */
static const struct symbol *find_name(const struct symbols *s, const char *name, const char *module)
{
	const struct entry *best = NULL;
	uint32_t hash, i;

	if (!s->indexed)
		return NULL;
	hash = hash_name(name);
	for (i = s->heads[hash & (s->buckets - 1)]; i; i = s->next[i - 1]) {
		const struct entry *e = &s->list[i - 1];

		if (e->hash != hash || strcmp(e->sym.name, name) ||
		    (module && (!e->sym.module || strcmp(e->sym.module, module))))
			continue;
		if (!best || is_better(e, best))
			best = e;
	}
	return best ? &best->sym : NULL;
}

const struct symbol *symbols_by_name(const struct symbols *s, const char *name)
{
	return find_name(s, name, NULL);
}

const struct symbol *symbols_by_name_in(const struct symbols *s, const char *name,
					const char *module)
{
	return find_name(s, name, module);
}

static int by_text(const void *a, const void *b, void *list)
{
	const struct entry *x = (const struct entry *)list + *(const uint32_t *)a;
	const struct entry *y = (const struct entry *)list + *(const uint32_t *)b;

	return strcmp(x->sym.name, y->sym.name);
}

/* NULL: out of memory. */
static const uint32_t *name_order(const struct symbols *s)
{
	struct name_order *o = s->names;

	pthread_mutex_lock(&o->lock);
	if (!o->list) {
		o->list = reallocarray(NULL, s->indexed + 1, sizeof(*o->list));
		for (size_t i = 0; o->list && i < s->indexed; i++)
			o->list[i] = (uint32_t)i;
		if (o->list)
			qsort_r(o->list, s->indexed, sizeof(*o->list), by_text, s->list);
	}
	pthread_mutex_unlock(&o->lock);
	return o->list;
}

/* Index into ORDER of the first name >= PREFIX, compared over LEN bytes. */
static size_t lower_bound(const struct symbols *s, const uint32_t *order, const char *prefix,
			  size_t len)
{
	size_t lo = 0, hi = s->indexed;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strncmp(s->list[order[mid]].sym.name, prefix, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const char *symbols_complete(const struct symbols *s, const char *prefix, size_t n)
{
	const uint32_t *order = name_order(s);
	size_t len = strlen(prefix), i = order ? lower_bound(s, order, prefix, len) : s->indexed;
	const char *last = NULL;

	for (; i < s->indexed; i++) {
		const char *name = s->list[order[i]].sym.name;

		if (strncmp(name, prefix, len))
			return NULL;
		if (last && !strcmp(last, name))
			continue; /* static functions share names */
		if (!n--)
			return name;
		last = name;
	}
	return NULL;
}

void symbols_mark(struct symbols *s, const char *from, const char *to, char kind)
{
	const struct symbol *start = symbols_by_name(s, from), *end = symbols_by_name(s, to);

	if (!start || !end)
		return;
	for (size_t i = 0; i < s->indexed; i++) {
		struct entry *e = &s->list[i];

		if (e->located && !e->sym.module && e->sym.addr >= start->addr &&
		    e->sym.addr < end->addr && strchr("tTdDrR", e->sym.type))
			e->sym.type = (char)(e->global ? toupper(kind) : kind);
	}
}

/* By address ----------------------------------------------------------------------- */

/* How far before an address a symbol that holds it may start: nested ones are rare. */
#define LOOK_BACK 16

const struct symbol *symbols_by_addr(const struct symbols *s, vaddr_t addr)
{
	size_t lo = 0, hi = s->indexed, seen = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->list[mid].sym.addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo-- && seen < LOOK_BACK) {
		const struct entry *e = &s->list[lo];

		if (!e->located)
			continue;
		if (addr - e->sym.addr < e->sym.size)
			return &e->sym;
		seen++;
	}
	return NULL;
}

const struct symbol *symbols_at(const struct symbols *s, size_t i)
{
	return i < s->indexed ? &s->list[i].sym : NULL;
}

size_t symbols_count(const struct symbols *s)
{
	return s->indexed;
}

const char *symbols_format(const struct symbols *s, vaddr_t addr, char *buf, size_t size)
{
	const struct symbol *sym = symbols_by_addr(s, addr);

	if (!sym)
		snprintf(buf, size, "%#" PRIx64, addr);
	else
		snprintf(buf, size, "%s+%#" PRIx64 "/%#" PRIx64 "%s%s%s", sym->name,
			 addr - sym->addr, sym->size, sym->module ? " [" : "",
			 sym->module ? sym->module : "", sym->module ? "]" : "");
	return buf;
}
