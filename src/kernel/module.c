// SPDX-License-Identifier: GPL-3.0-or-later
/* Loadable modules: see module.h. */
#include "kernel/module.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/module_priv.h"

#define MODULES_MAX 8192
#define ORCS_MAX (1u << 24)

struct walk {
	struct kernel *k;
	struct windows *w;
	struct modules *out;
	size_t cap;
	struct module_search *search;
};

/* A number that may be missing: 0 then. */
static uint64_t get(struct walk *walk, vaddr_t base, const struct member *m)
{
	uint64_t v = 0;

	if (m->found)
		windows_read_uint(walk->w, base + m->offset, m->size, &v);
	return v;
}

static uint64_t get_ptr(struct walk *walk, vaddr_t base, const struct member *m)
{
	uint64_t v = 0;

	if (m->found)
		windows_read_uint(walk->w, base + m->offset, walk->k->arch->ptr_size, &v);
	return v;
}

/* Names go into file names and into commands to gdb. */
static bool name_is_sound(const char *name)
{
	if (!*name || *name == '-')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_' && *name != '-')
			return false;
	return true;
}

static const char *state_name(const struct layout *l, int64_t state)
{
	const struct {
		const struct layout_value *value;
		const char *name;
	} states[] = {
		{&l->module_state_live, "live"},
		{&l->module_state_coming, "coming"},
		{&l->module_state_going, "going"},
		{&l->module_state_unformed, "unformed"},
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(states); i++)
		if (states[i].value->found && states[i].value->value == state)
			return states[i].name;
	return "?";
}

bool module_holds(const struct module *m, vaddr_t addr)
{
	for (size_t i = 0; i < m->nareas; i++)
		if (addr - m->areas[i].start < m->areas[i].size)
			return true;
	return false;
}

static void add_area(struct module *m, vaddr_t start, uint64_t size)
{
	vaddr_t end;

	if (start && size && m->nareas < MODULE_AREAS && !kd_add_overflow(start, size, &end))
		m->areas[m->nareas++] = (struct module_area){start, size};
}

/* One area for each enum mod_mem_type (since v6.4). */
static void read_areas(struct walk *walk, struct module *m)
{
	const struct layout *l = &walk->k->layout;
	uint64_t n = kd_min(l->module_mem.count, MODULE_AREAS);

	for (uint64_t i = 0; i < n; i++) {
		vaddr_t at = m->addr + l->module_mem.offset +
			     i * (l->module_mem.size / l->module_mem.count);
		vaddr_t start = get_ptr(walk, at, &l->module_memory_base);
		uint64_t size = get(walk, at, &l->module_memory_size);

		add_area(m, start, size);
		if (!l->mod_init_text.found || (int64_t)i < l->mod_init_text.value)
			m->size += size;
		if (l->mod_text.found && (int64_t)i == l->mod_text.value) {
			m->base = start;
			m->text_size = size;
		}
	}
}

static void read_memory(struct walk *walk, struct module *m)
{
	const struct layout *l = &walk->k->layout;

	if (l->module_mem.found && l->module_mem.count && l->module_memory_base.found) {
		read_areas(walk, m);
		return;
	}
	m->base = get_ptr(walk, m->addr, &l->module_core_base);
	m->size = get(walk, m->addr, &l->module_core_size);
	m->text_size = get(walk, m->addr, &l->module_core_text_size);
	add_area(m, m->base, m->size);
	add_area(m, get_ptr(walk, m->addr, &l->module_data_base),
		 get(walk, m->addr, &l->module_data_size));
	add_area(m, get_ptr(walk, m->addr, &l->module_init_base),
		 get(walk, m->addr, &l->module_init_size));
}

static void read_orc(struct walk *walk, struct module *m)
{
	const struct layout *l = &walk->k->layout;
	uint64_t n = get(walk, m->addr, &l->module_num_orcs);

	if (n > ORCS_MAX) {
		damage_note(&walk->out->damage, "module %s: %" PRIu64 " ORC entries can not be",
			    m->name, n);
		return;
	}
	m->orc = get_ptr(walk, m->addr, &l->module_orc_unwind);
	m->orc_ip = get_ptr(walk, m->addr, &l->module_orc_unwind_ip);
	m->num_orcs = m->orc && m->orc_ip ? n : 0;
}

static int read_name(struct walk *walk, struct module *m)
{
	const struct member *name = &walk->k->layout.module_name;
	size_t size = name->size && name->size < sizeof(m->name) ? name->size + 1 : sizeof(m->name);
	int status = windows_read_str(walk->w, m->addr + name->offset, m->name, size);

	if (status) {
		damage_note(&walk->out->damage, "the module at %#" PRIx64 ": its name: %s", m->addr,
			    status == KD_CORRUPT ? "has no end" : kd_status_name(status));
		return status;
	}
	if (!name_is_sound(m->name)) {
		damage_note(&walk->out->damage, "the module at %#" PRIx64 " has no module's name",
			    m->addr);
		return KD_CORRUPT;
	}
	return 0;
}

static int read_module(struct walk *walk, vaddr_t addr, struct kd_err *err)
{
	const struct layout *l = &walk->k->layout;
	struct modules *out = walk->out;
	struct build_id id;
	struct module *m;
	int status;

	if (out->n == walk->cap) {
		size_t cap = walk->cap ? 2 * walk->cap : 64;

		m = realloc(out->list, cap * sizeof(*m));
		if (!m)
			return kd_nomem(err);
		out->list = m;
		walk->cap = cap;
	}
	m = &out->list[out->n];
	*m = (struct module){.addr = addr};
	if (read_name(walk, m))
		return 0;
	out->n++;
	m->state = state_name(l, (int64_t)get(walk, addr, &l->module_state));
	m->taints = get(walk, addr, &l->module_taints);
	read_memory(walk, m);
	read_orc(walk, m);
	status = module_read_sections(walk->k, walk->w, m, &out->damage, err);
	if (!status)
		status = module_read_symbols(walk->k, walk->w, m, &out->damage, err);
	if (status)
		return status;
	module_build_id(walk->k, walk->w, m, &id);
	m->debug_path = module_search_find(walk->search, m->name, &id);
	return 0;
}

static bool is_listed(const struct modules *m, vaddr_t addr)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].addr == addr)
			return true;
	return false;
}

/*
 * Follow the list. A ring that misses the head shows when a module comes again;
 * Brent's algorithm finds one of entries that are no modules.
 */
static int walk_list(struct walk *walk, vaddr_t head, struct kd_err *err)
{
	const struct layout *l = &walk->k->layout;
	char **damage = &walk->out->damage;
	vaddr_t node = head, turtle = head, prev;
	size_t lap = 1, steps = 0;

	for (size_t i = 0; i < MODULES_MAX; i++) {
		vaddr_t from = node;
		int status = windows_read_uint(walk->w, from + l->list_head_next.offset,
					       walk->k->arch->ptr_size, &node);

		if (status) {
			damage_note(damage, "the list ends at %#" PRIx64 ": %s", from,
				    kd_status_name(status));
			return 0;
		}
		if (node == head)
			return 0;
		if (node == turtle || is_listed(walk->out, node - l->module_list.offset)) {
			damage_note(damage, "the list runs in a circle at %#" PRIx64, node);
			return 0;
		}
		if (++steps == lap) {
			turtle = node;
			lap *= 2;
			steps = 0;
		}
		if (!windows_read_uint(walk->w, node + l->list_head_prev.offset,
				       walk->k->arch->ptr_size, &prev) &&
		    prev != from)
			damage_note(damage, "the entry %#" PRIx64 " does not point back", node);
		status = read_module(walk, node - l->module_list.offset, err);
		if (status)
			return status;
	}
	damage_note(damage, "the list does not end after %u modules", MODULES_MAX);
	return 0;
}

int modules_read(struct kernel *k, struct modules *m, const char *const *debug_dirs,
		 struct kd_err *err)
{
	_cleanup_(freep) struct windows *w = windows_new(&k->space);
	_cleanup_(module_search_freep) struct module_search *search = NULL;
	struct walk walk = {.k = k, .w = w, .out = m};
	const struct layout *l = &k->layout;
	vaddr_t head;
	int status;

	*m = (struct modules){0};
	if (!w)
		return kd_nomem(err);
	/* A kernel without CONFIG_MODULES has no such list. */
	if (!vmcoreinfo_number(k->dump->vmcoreinfo, "SYMBOL", "modules", &head) &&
	    !kernel_symbol(k, "modules", &head)) {
		if (k->lack)
			damage_note(&m->damage, "where the list is, is not known");
		return 0;
	}
	if (!l->module_list.found || !l->module_name.found || !l->list_head_next.found) {
		damage_note(&m->damage, "what a struct module looks like is not known");
		return 0;
	}
	status = module_search_new(k, debug_dirs, &search, err);
	if (!status) {
		walk.search = search;
		status = walk_list(&walk, head, err);
	}
	if (status)
		modules_fini(m);
	return status;
}

void modules_fini(struct modules *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->list[i].sections);
		free(m->list[i].debug_path);
	}
	free(m->list);
	free(m->damage);
	*m = (struct modules){0};
}

const struct module *modules_by_addr(const struct modules *m, vaddr_t addr)
{
	for (size_t i = 0; i < m->n; i++)
		if (module_holds(&m->list[i], addr))
			return &m->list[i];
	return NULL;
}
