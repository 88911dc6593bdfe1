// SPDX-License-Identifier: GPL-3.0-or-later
/* Loadable modules: see module.h. */
#include "kernel/module.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/module_priv.h"

#define ORCS_MAX (1u << 24)
#define MEMORY_MAX (256u << 20) /* bytes; no module has a tenth */

/* A number that may be missing: 0 then. */
static uint64_t get(struct module_walk *walk, vaddr_t base, const struct member *m)
{
	uint64_t v = 0;

	if (m->found)
		windows_read_uint(walk->w, base + m->offset, m->size, &v);
	return v;
}

static uint64_t get_ptr(struct module_walk *walk, vaddr_t base, const struct member *m)
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
	/* what wraps around is put right later, when all of it is checked */
	if (start && size && m->nareas < MODULE_AREAS)
		m->areas[m->nareas++] = (struct module_area){ start, size };
}

/* One area for each enum mod_mem_type (since v6.4). */
static void read_areas(struct module_walk *walk, struct module *m)
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

static void read_memory(struct module_walk *walk, struct module *m)
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

static void read_orc(struct module_walk *walk, struct module *m)
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

/* Bytes that are mapped from START on, whole pages. */
static uint64_t mapped_bytes(const struct kernel *k, vaddr_t start)
{
	uint64_t page = UINT64_C(1) << k->arch->page_shift, n = 0;
	paddr_t pa;

	while (n < MEMORY_MAX && space_translate(&k->space, start + n, &pa, NULL, NULL) != KD_UNMAPPED)
		n += page;
	return n;
}

/* A module lies in its own core memory, unless that is split by kind: where that begins. */
static vaddr_t memory_around(const struct kernel *k, vaddr_t addr)
{
	uint64_t page = UINT64_C(1) << k->arch->page_shift;
	vaddr_t start = addr & ~(page - 1), low = start > MEMORY_MAX ? start - MEMORY_MAX : 0;
	paddr_t pa;

	while (start - page > low &&
	       space_translate(&k->space, start - page, &pa, NULL, NULL) != KD_UNMAPPED)
		start -= page;
	return start;
}

/* Memory that is not mapped is none: find how much of it there is. */
static void check_area(struct module_walk *walk, struct module *m, struct module_area *a)
{
	const struct kernel *k = walk->k;
	uint64_t page = UINT64_C(1) << k->arch->page_shift, there;
	paddr_t pa;

	if (a->size <= MEMORY_MAX && !(a->start & (page - 1)) &&
	    space_translate(&k->space, a->start, &pa, NULL, NULL) != KD_UNMAPPED &&
	    space_translate(&k->space, a->start + a->size - 1, &pa, NULL, NULL) != KD_UNMAPPED)
		return;
	there = a->start & (page - 1) ? 0 : mapped_bytes(k, a->start);
	damage_note(&walk->out->damage,
		    "module %s: %" PRIu64 " bytes at %#" PRIx64 " can not be its memory: %" PRIu64
		    " are mapped there",
		    m->name, a->size, a->start, there);
	a->size = there;
}

static void check_memory(struct module_walk *walk, struct module *m)
{
	const struct layout *l = &walk->k->layout;
	size_t n = 0;

	for (size_t i = 0; i < m->nareas; i++) {
		struct module_area a = m->areas[i];

		check_area(walk, m, &a);
		/* core memory, which can be found again */
		if (!i && !a.size && !l->module_mem.found) {
			a.start = m->base = memory_around(walk->k, m->addr);
			a.size = mapped_bytes(walk->k, a.start);
		}
		if (!i && a.start == m->base && !l->module_mem.found)
			m->size = a.size;
		if (a.size)
			m->areas[n++] = a;
	}
	m->nareas = n;
	m->text_size = kd_min(m->text_size, m->size);
}

static int read_name(struct module_walk *walk, vaddr_t addr, char name[MODULE_NAME])
{
	const struct member *m = &walk->k->layout.module_name;
	size_t size = m->size && m->size < MODULE_NAME ? m->size + 1 : MODULE_NAME;
	int status = windows_read_str(walk->w, addr + m->offset, name, size);

	return status || name_is_sound(name) ? status : KD_CORRUPT;
}

/* A module without a name is one all the same. */
static void give_name(struct module_walk *walk, struct module *m)
{
	int status = read_name(walk, m->addr, m->name);

	if (!status)
		return;
	snprintf(m->name, sizeof(m->name), "unnamed-%" PRIx64, m->addr);
	damage_note(&walk->out->damage, "the module at %#" PRIx64 "%s%s", m->addr,
		    status == KD_CORRUPT ? " has no module's name" : ": its name: ",
		    status == KD_CORRUPT ? "" : kd_status_name(status));
}

int module_read(struct module_walk *walk, vaddr_t addr, struct kd_err *err)
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
	m = &out->list[out->n++];
	*m = (struct module){ .addr = addr };
	give_name(walk, m);
	m->state = state_name(l, (int64_t)get(walk, addr, &l->module_state));
	m->taints = get(walk, addr, &l->module_taints);
	read_memory(walk, m);
	check_memory(walk, m);
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

unsigned module_oddities(struct module_walk *walk, vaddr_t addr, char *why, size_t size)
{
	const struct layout *l = &walk->k->layout;
	const char *state = state_name(l, (int64_t)get(walk, addr, &l->module_state));
	struct module m = { .addr = addr };
	char name[MODULE_NAME];
	int status = read_name(walk, addr, name);
	unsigned n = status != 0;

	if (status)
		snprintf(why, size, "its name is %s",
			 status == KD_CORRUPT ? "none" : kd_status_name(status));
	if (*state == '?' && l->module_state.found && n++ == 0)
		snprintf(why, size, "its state is none");
	read_memory(walk, &m);
	if ((!m.nareas || m.areas[0].start & ((1u << walk->k->arch->page_shift) - 1)) && n++ == 0)
		snprintf(why, size, "it has no memory");
	return n;
}

int modules_read(struct kernel *k, struct modules *m, const char *const *debug_dirs,
		 struct kd_err *err)
{
	_cleanup_(freep) struct windows *w = windows_new(&k->space);
	_cleanup_(module_search_freep) struct module_search *search = NULL;
	struct module_walk walk = {.k = k, .w = w, .out = m};
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
		status = module_walk_all(&walk, head, err);
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

bool module_shares_area(const struct module *m, vaddr_t a, vaddr_t b)
{
	for (size_t i = 0; i < m->nareas; i++)
		if (a - m->areas[i].start < m->areas[i].size &&
		    b - m->areas[i].start < m->areas[i].size)
			return true;
	return false;
}
