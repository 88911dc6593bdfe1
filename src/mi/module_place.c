// SPDX-License-Identifier: GPL-3.0-or-later
/* Where gdb is to believe that the sections of a module's file are: see module_place.h. */
#include "mi/module_place.h"

#include <string.h>

/*
 * Freed sections (.init.text) must not shadow anything: on 64 bits they go where
 * no address is canonical, on 32 bits above 4 GB, where a 64-bit gdb has
 * numbers but the machine no memory.
 */
void module_place_init(struct module_place *p, const struct arch *arch, const struct module *m,
		       size_t number)
{
	vaddr_t base = arch->ptr_size == 4 ? UINT64_C(0x100000000) : UINT64_C(0x8000000000000000);

	*p = (struct module_place){ .module = m, .nowhere = base + ((uint64_t)number << 26) };
}

/*
 * Where a section is, or NULL. What begins with ".init" is freed once the module
 * is loaded (kernel/module/main.c, do_init_module()), but sysfs goes on telling
 * its old address, where another module's code may be by now.
 */
static const struct module_section *find_section(const struct module *m, const char *name)
{
	if (!strncmp(name, ".init", 5) && strcmp(m->state, "coming"))
		return NULL;
	for (size_t i = 0; i < m->nsections; i++)
		if (!strcmp(m->sections[i].name, name))
			return &m->sections[i];
	return NULL;
}

/* Room for the dummy addresses of one section; no module's section is larger. */
static uint64_t nowhere_size(const struct rsp_elf_section *section)
{
	return (kd_min(section->size, UINT64_C(16) << 20) + 0xfff) & ~UINT64_C(0xfff);
}

vaddr_t module_place_next(struct module_place *p, const struct rsp_elf_section *section)
{
	const struct module_section *found = find_section(p->module, section->name);
	vaddr_t addr = found ? found->addr : p->nowhere;

	p->nowhere += found ? 0 : nowhere_size(section);
	p->placed |= found != NULL;
	p->linked |= section->addr != 0;
	return addr;
}
