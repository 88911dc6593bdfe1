// SPDX-License-Identifier: GPL-3.0-or-later
/* Types of modules: see module_types.h. */
#include "kernel/module_types.h"

#include <bpf/btf.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "kernel/alone.h"
#include "kernel/debug_file.h"
#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/types_priv.h"

#define GUESS_WORDS 16	    /* looked at where types are not known */
#define BTF_MAX (64u << 20) /* bytes of one module; the largest have 3 MB */

/* What one module has. */
struct entry {
	bool tried;
	vaddr_t btf;	      /* its struct btf in the dump; 0: none */
	struct types *types;  /* NULL: none that can be used, see why */
	struct types *base;   /* what they build on, where the file brings it */
	struct debug_file *f; /* what DWARF is read from */
	struct kd_err *why;
};

struct module_types {
	const struct kernel *k;
	pthread_mutex_t lock; /* of all below */
	bool listed;
	struct objects o;
	struct types *base; /* BTF of the kernel, where K's own types are none */
	bool base_tried;
	struct entry *list; /* as K's modules */
};

int module_types_new(const struct kernel *k, struct module_types **out, struct kd_err *err)
{
	struct module_types *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t)
		return kd_nomem(err);
	t->k = k;
	t->list = calloc(k->modules.n ? k->modules.n : 1, sizeof(*t->list));
	if (!t->list || pthread_mutex_init(&t->lock, NULL)) {
		free(t->list);
		free(t);
		return kd_nomem(err);
	}
	*out = t;
	return 0;
}

void module_types_free(struct module_types *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->k->modules.n; i++) {
		types_close(t->list[i].types);
		types_close(t->list[i].base);
		debug_file_close(t->list[i].f);
		free(t->list[i].why);
	}
	types_close(t->base);
	pthread_mutex_destroy(&t->lock);
	free(t->list);
	free(t);
}

/* Out of the dump ----------------------------------------------------------------- */

static struct entry *entry_of(const struct module_types *t, vaddr_t module)
{
	for (size_t i = 0; i < t->k->modules.n; i++)
		if (t->k->modules.list[i].addr == module)
			return &t->list[i];
	return NULL;
}

static int take_entry(void *data, vaddr_t entry)
{
	const struct module_types *t = data;
	const struct objects *o = &t->o;
	vaddr_t at = entry - o->btf_module_list.offset;
	uint64_t module, btf;
	struct entry *e;

	if (object_read(t->k, o, at, &o->btf_module_module, &module, NULL) ||
	    object_read(t->k, o, at, &o->btf_module_btf, &btf, NULL))
		return 0;
	e = entry_of(t, module);
	if (e)
		e->btf = btf;
	return 0;
}

/*
 * The same where the types of kernel/bpf/btf.c itself are not known: close behind the
 * list_head are the module, which is known, and its struct btf.
 */
static int guess_entry(void *data, vaddr_t entry)
{
	const struct module_types *t = data;
	unsigned ptr = t->k->arch->ptr_size;

	for (unsigned i = 2; i < 2 + GUESS_WORDS; i++) {
		uint64_t module, btf;
		struct entry *e;

		if (space_read_ptr(&t->k->space, entry + i * ptr, &module, NULL) ||
		    space_read_ptr(&t->k->space, entry + (i + 1) * ptr, &btf, NULL))
			return 0;
		e = entry_of(t, module);
		if (!e)
			continue;
		e->btf = btf;
		return 0;
	}
	return 0;
}

/* Where each module's BTF is. A list that is damaged costs those behind the damage. */
static void list_modules(struct module_types *t)
{
	static const char *const types[] = { "btf_module", "btf", NULL };
	vaddr_t head;

	t->listed = true;
	objects_resolve(t->k, types, &t->o);
	if (kernel_symbol(t->k, "btf_modules", &head))
		object_list(t->k, head, t->o.btf_module_list.found ? take_entry : guess_entry, t,
			    NULL);
}

/* The BTF that modules build on. */
static const struct types *base_of(struct module_types *t, struct kd_err *err)
{
	if (t->k->types && types_raw_btf(t->k->types))
		return t->k->types;
	if (!t->base_tried)
		alone_read_btf(t->k, &t->base, err);
	t->base_tried = true;
	return t->base;
}

struct place {
	vaddr_t at;
	uint64_t size, start_id, start_str;
};

/* Without types: what struct btf has near its start that leads to BTF by its own header. */
static bool guess_data(const struct module_types *t, const struct entry *e, struct place *p)
{
	unsigned ptr = t->k->arch->ptr_size;
	uint64_t types, strings;
	struct btf_header h;

	for (unsigned i = 0; i < GUESS_WORDS; i++) {
		if (space_read_ptr(&t->k->space, e->btf + i * ptr, &p->at, NULL))
			return false;
		if (!p->at || space_read(&t->k->space, p->at, &h, sizeof(h), NULL, NULL) ||
		    h.magic != BTF_MAGIC || h.version != BTF_VERSION || h.hdr_len < sizeof(h))
			continue;
		p->start_id = p->start_str = 0;
		types = (uint64_t)h.type_off + h.type_len;
		strings = (uint64_t)h.str_off + h.str_len;
		p->size = h.hdr_len + (types > strings ? types : strings);
		return true;
	}
	return false;
}

static bool find_data(const struct module_types *t, const struct entry *e, struct place *p)
{
	const struct objects *o = &t->o;

	if (e->btf && !o->btf_data.found)
		return guess_data(t, e, p);
	if (!e->btf || object_read(t->k, o, e->btf, &o->btf_data, &p->at, NULL) ||
	    object_read(t->k, o, e->btf, &o->btf_data_size, &p->size, NULL))
		return false;
	if (object_read(t->k, o, e->btf, &o->btf_start_id, &p->start_id, NULL) ||
	    object_read(t->k, o, e->btf, &o->btf_start_str, &p->start_str, NULL))
		p->start_id = p->start_str = 0;
	return p->at && p->size;
}

static int open_memory(struct module_types *t, const struct module *m, struct entry *e,
		       struct kd_err *err)
{
	_cleanup_(freep) void *bytes = NULL;
	const struct types *base;
	struct place p;
	char where[96];
	int status;

	if (!find_data(t, e, &p))
		return kd_fail(err, KD_NOTFOUND, "the dump has no BTF of module %s", m->name);
	if (p.size > BTF_MAX || p.start_id > UINT32_MAX || p.start_str > UINT32_MAX)
		return kd_fail(err, KD_CORRUPT, "module %s: %" PRIu64 " bytes of BTF can not be",
			       m->name, p.size);
	base = base_of(t, err);
	if (!base)
		return KD_NOTFOUND;
	bytes = malloc(p.size);
	if (!bytes)
		return kd_nomem(err);
	snprintf(where, sizeof(where), "the BTF of module %s", m->name);
	status = space_read(&t->k->space, p.at, bytes, p.size, NULL, err);
	if (status)
		return kd_context(err, status, "%s", where);
	return types_open_split(bytes, p.size, base, (uint32_t)p.start_id, (uint32_t)p.start_str,
				where, &e->types, err);
}

/* Out of its file ------------------------------------------------------------------- */

/*
 * The .BTF section. Since v6.11 (da5fb54949ad) modules built apart from the kernel may
 * bring what they build on, in short: names and sizes of the kernel's types.
 */
static int open_section(struct module_types *t, const struct module *m, struct entry *e,
			struct kd_err *err)
{
	const uint8_t *bytes, *base_bytes;
	const struct types *base;
	size_t size, base_size;
	char where[320];
	int status = debug_file_section(e->f, ".BTF", &bytes, &size, err);

	if (!status)
		status = debug_file_section(e->f, ".BTF.base", &base_bytes, &base_size, err);
	if (status)
		return status;
	if (!bytes)
		return kd_fail(err, KD_NOTFOUND, "%s has no BTF", m->debug_path);
	snprintf(where, sizeof(where), "%.300s: its BTF", m->debug_path);
	if (base_bytes) {
		status = types_open_btf(base_bytes, base_size, t->k->arch->ptr_size, where,
					&e->base, err);
		base = e->base;
	} else {
		base = base_of(t, err);
		status = base ? 0 : KD_NOTFOUND;
	}
	return status ? status : types_open_split(bytes, size, base, 0, 0, where, &e->types, err);
}

static int open_ko(struct module_types *t, const struct module *m, struct entry *e,
		   struct kd_err *err)
{
	int status = debug_file_open(m->debug_path, m, &e->f, err);

	if (status)
		return status;
	status = types_open_file(e->f, t->k->arch->ptr_size, &e->types, err);
	if (!status || status == KD_NOMEM)
		return status;
	return open_section(t, m, e, err);
}

/* What was missing is forgotten when the next source has it. */
static int open_entry(struct module_types *t, const struct module *m, struct entry *e,
		      struct kd_err *err)
{
	struct kd_err memory = KD_ERR_INIT;
	int status;

	if (!t->listed)
		list_modules(t);
	status = open_memory(t, m, e, &memory);
	if (!status || status == KD_NOMEM || !m->debug_path) {
		*err = memory;
		return status;
	}
	status = open_ko(t, m, e, err);
	if (status)
		kd_context(err, status, "%s", memory.text);
	return status;
}

int module_types(const struct kernel *k, const struct module *m, const struct types **out,
		 struct kd_err *err)
{
	struct module_types *t = k->module_types;
	struct entry *e = &t->list[m - k->modules.list];
	int status = 0;

	pthread_mutex_lock(&t->lock);
	if (!e->tried) {
		struct kd_err why = KD_ERR_INIT;

		e->tried = true;
		status = open_entry(t, m, e, &why);
		e->why = status ? malloc(sizeof(why)) : NULL;
		if (e->why)
			*e->why = why;
	}
	*out = e->types;
	if (!e->types)
		status = e->why ? kd_fail(err, e->why->status, "%s", e->why->text) : kd_nomem(err);
	pthread_mutex_unlock(&t->lock);
	return status;
}
