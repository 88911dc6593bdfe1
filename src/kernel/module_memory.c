// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a module left in the kernel's memory of its own file: sections with their
 * addresses (struct module_sect_attrs, kernel/module/sysfs.c), symbols (struct
 * mod_kallsyms), build ID.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/module_priv.h"

#define SECTIONS_MAX 4096
#define SYMBOLS_MAX (1u << 20)
#define SYMBOL_NAME 512 /* KSYM_NAME_LEN, with its NUL */

/* Section names go into commands to gdb. */
static bool section_name_is_sound(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("._-+$", *name))
			return false;
	return true;
}

/* Where the i-th attribute and its two members are; false: past the end. */
static bool section_at(const struct kernel *k, struct windows *w, vaddr_t attrs, uint64_t i,
		       vaddr_t *name, vaddr_t *address)
{
	const struct layout *l = &k->layout;
	unsigned ptr = k->arch->ptr_size;
	uint64_t n, list, at;

	if (l->module_sect_attr_address.found) {
		if (windows_read_uint(w, attrs + l->module_sect_attrs_nsections.offset, 4, &n) ||
		    i >= n)
			return false;
		at = attrs + l->module_sect_attrs_attrs.offset + i * l->size_module_sect_attr;
		*name = at + l->module_sect_attr_name.offset;
		*address = at + l->module_sect_attr_address.offset;
		return true;
	}
	/* Since v6.14 (4b2c11e4aaf7) only the array of pointers says how many there are. */
	if (windows_read_uint(w, attrs + l->module_sect_attrs_bin_attrs.offset, ptr, &list) ||
	    !list || windows_read_uint(w, list + i * ptr, ptr, &at) || !at)
		return false;
	*name = at + l->bin_attribute_name.offset;
	*address = at + l->bin_attribute_private.offset;
	return true;
}

static bool sections_known(const struct layout *l)
{
	if (!l->module_sect_attrs.found)
		return false;
	if (l->module_sect_attr_address.found)
		return l->module_sect_attrs_nsections.found && l->module_sect_attrs_attrs.found &&
		       l->module_sect_attr_name.found && l->size_module_sect_attr;
	return l->module_sect_attrs_bin_attrs.found && l->bin_attribute_name.found &&
	       l->bin_attribute_private.found;
}

static int read_section(const struct kernel *k, struct windows *w, vaddr_t name, vaddr_t address,
			struct module_section *s)
{
	const struct member *m = &k->layout.module_sect_attr_name;
	unsigned ptr = k->arch->ptr_size;
	int status = windows_read_uint(w, address, ptr, &s->addr);

	/* The name was an array in the struct before v2.6.24. */
	if (!status && !(k->layout.module_sect_attr_address.found && m->count > 1))
		status = windows_read_uint(w, name, ptr, &name);
	if (!status)
		status = windows_read_str(w, name, s->name, sizeof(s->name));
	if (!status && !section_name_is_sound(s->name))
		status = KD_CORRUPT;
	return status;
}

int module_read_sections(const struct kernel *k, struct windows *w, struct module *m, char **damage,
			 struct kd_err *err)
{
	const struct layout *l = &k->layout;
	vaddr_t attrs, name, address;
	size_t cap = 0;
	int status, worst = 0;

	if (!sections_known(l))
		return 0;
	status = windows_read_uint(w, m->addr + l->module_sect_attrs.offset, k->arch->ptr_size,
				   &attrs);
	/* sysfs off, or the module is only half loaded. */
	if (!status && !attrs)
		return 0;
	for (uint64_t i = 0; !status && i < SECTIONS_MAX; i++) {
		struct module_section *p = m->sections;

		if (!section_at(k, w, attrs, i, &name, &address))
			break;
		if (m->nsections == cap) {
			cap = cap ? 2 * cap : 32;
			p = realloc(m->sections, cap * sizeof(*p));
			if (!p)
				return kd_nomem(err);
			m->sections = p;
		}
		if (read_section(k, w, name, address, &p[m->nsections]))
			worst = KD_CORRUPT;
		else
			m->nsections++;
	}
	if (status || worst)
		damage_note(damage, "module %s: sections are missing or make no sense", m->name);
	return 0;
}

/* Symbols ------------------------------------------------------------------------ */

struct symtab {
	vaddr_t symbols, names, types; /* types 0: there is no such table */
	uint64_t n;
};

/* One Elf32_Sym or Elf64_Sym, which have their members in different order. */
struct module_symbol {
	uint64_t value, size;
	uint32_t name;
	uint16_t section;
	uint8_t info;
};

static struct module_symbol parse_symbol(const uint8_t *p, unsigned ptr_size)
{
	if (ptr_size == 4)
		return (struct module_symbol){
			.name = (uint32_t)uint_le(p, 4),
			.value = uint_le(p + 4, 4),
			.size = uint_le(p + 8, 4),
			.info = p[12],
			.section = (uint16_t)uint_le(p + 14, 2),
		};
	return (struct module_symbol){
		.name = (uint32_t)uint_le(p, 4),
		.info = p[4],
		.section = (uint16_t)uint_le(p + 6, 2),
		.value = uint_le(p + 8, 8),
		.size = uint_le(p + 16, 8),
	};
}

/* Find the table; false: there is none, or it can not be read (*status). */
static bool find_symtab(const struct kernel *k, struct windows *w, const struct module *m,
			struct symtab *t, int *status)
{
	const struct layout *l = &k->layout;
	unsigned ptr = k->arch->ptr_size;
	vaddr_t at = m->addr;
	const struct member *symtab = &l->module_symtab, *n = &l->module_num_symtab,
			    *names = &l->module_strtab, *types = NULL;

	*t = (struct symtab){0};
	*status = 0;
	if (l->module_kallsyms.found && l->mod_kallsyms_symtab.found) {
		symtab = &l->mod_kallsyms_symtab;
		n = &l->mod_kallsyms_num_symtab;
		names = &l->mod_kallsyms_strtab;
		types = &l->mod_kallsyms_typetab;
		*status = windows_read_uint(w, m->addr + l->module_kallsyms.offset, ptr, &at);
		if (*status || !at)
			return false;
	}
	if (!symtab->found || !n->found || !names->found)
		return false;
	*status = windows_read_uint(w, at + symtab->offset, ptr, &t->symbols);
	if (!*status)
		*status = windows_read_uint(w, at + n->offset, n->size, &t->n);
	if (!*status)
		*status = windows_read_uint(w, at + names->offset, ptr, &t->names);
	if (!*status && types && types->found)
		*status = windows_read_uint(w, at + types->offset, ptr, &t->types);
	return !*status && t->symbols && t->names;
}

/* A type as nm(1) has it: the kernel's own word (since v5.2, 1c7651f43777), or the nearest to it.
 */
static char symbol_type(struct windows *w, const struct symtab *t, uint64_t i,
			const struct module *m, const struct module_symbol *s)
{
	uint8_t type = s->info;

	if (t->types && windows_read(w, t->types + i, &type, 1, NULL))
		type = '?';
	else if (!t->types && !isalpha(type))
		type = s->value - m->base < m->text_size ? 't' : 'd';
	if (!isalpha(type))
		return '?';
	/* The table makes no difference between global and local. */
	return (char)(t->types && s->info >> 4 == STB_GLOBAL && strchr("tdbr", type) ? toupper(type)
										     : type);
}

/* Is it a name for an address of the module, not the linker's or the compiler's own? */
static bool symbol_counts(const struct module *m, const struct module_symbol *s, char type)
{
	if (!s->section || !s->value || type == 'U')
		return false;
	return module_holds(m, s->value) || type == 'a' || type == 'A';
}

static int read_symbol(const struct kernel *k, struct windows *w, const struct module *m,
		       const struct symtab *t, uint64_t i, bool *missing, struct kd_err *err)
{
	unsigned ptr = k->arch->ptr_size;
	size_t size = ptr == 4 ? 16 : 24;
	char name[SYMBOL_NAME], type;
	struct module_symbol s;
	uint8_t b[24];

	if (windows_read(w, t->symbols + i * size, b, size, NULL)) {
		*missing = true;
		return 0;
	}
	s = parse_symbol(b, ptr);
	type = symbol_type(w, t, i, m, &s);
	if (!symbol_counts(m, &s, type))
		return 0;
	if (windows_read_str(w, t->names + s.name, name, sizeof(name))) {
		*missing = true;
		return 0;
	}
	if (!*name || !strncmp(name, ".L", 2))
		return 0;
	return symbols_add(k->symbols, name, m->name, s.value, s.size, type, err);
}

int module_read_symbols(const struct kernel *k, struct windows *w, const struct module *m,
			char **damage, struct kd_err *err)
{
	bool missing = false;
	struct symtab t;
	int status;

	if (!find_symtab(k, w, m, &t, &status)) {
		if (status)
			damage_note(damage, "module %s: symbols: %s", m->name,
				    kd_status_name(status));
		return 0;
	}
	if (t.n > SYMBOLS_MAX) {
		uint64_t room = t.names > t.symbols ? t.names - t.symbols : 0;

		damage_note(damage, "module %s: %" PRIu64 " symbols can not be", m->name, t.n);
		/* its names lie behind the table */
		t.n = room / (k->arch->ptr_size == 4 ? 16 : 24);
		if (t.n > SYMBOLS_MAX)
			return 0;
	}
	/* Number 0 is the empty symbol of ELF. */
	for (uint64_t i = 1; i < t.n; i++) {
		status = read_symbol(k, w, m, &t, i, &missing, err);
		if (status)
			return status;
	}
	if (missing)
		damage_note(damage, "module %s: some of its symbols are missing", m->name);
	return 0;
}

/* Build ID ------------------------------------------------------------------------ */

/* An ELF note of the linker: three words, "GNU", the ID. */
static void read_build_id_note(struct windows *w, vaddr_t at, struct build_id *id)
{
	uint8_t head[16];
	uint64_t len;

	if (windows_read(w, at, head, sizeof(head), NULL) || uint_le(head, 4) != 4 ||
	    uint_le(head + 8, 4) != NT_GNU_BUILD_ID || memcmp(head + 12, "GNU", 4))
		return;
	len = uint_le(head + 4, 4);
	if (len && len <= sizeof(id->bytes) &&
	    !windows_read(w, at + sizeof(head), id->bytes, len, NULL))
		id->len = len;
}

void module_build_id(const struct kernel *k, struct windows *w, const struct module *m,
		     struct build_id *id)
{
	const struct member *own = &k->layout.module_build_id;

	*id = (struct build_id){0};
	for (size_t i = 0; i < m->nsections && !id->len; i++)
		if (!strcmp(m->sections[i].name, ".note.gnu.build-id"))
			read_build_id_note(w, m->sections[i].addr, id);
	if (id->len || !own->found || !own->size || own->size > sizeof(id->bytes) ||
	    windows_read(w, m->addr + own->offset, id->bytes, own->size, NULL))
		return;
	/* A module without one has zeros there (CONFIG_STACKTRACE_BUILD_ID). */
	for (size_t i = 0; i < own->size; i++)
		if (id->bytes[i])
			id->len = own->size;
}
