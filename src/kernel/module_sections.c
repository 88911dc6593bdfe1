// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Where a module's sections are when the kernel keeps no list of them (built
 * without sysfs, or its types are not known): by the module's own symbols. A
 * symbol lies VALUE bytes into its section in the file, and somewhere in memory;
 * the difference is the section's address.
 */
#include <fcntl.h>
#include <gelf.h>
#include <string.h>

#include "kernel/kernel.h"

/* More sections than any module has; bounds a hostile file. */
#define SECTIONS_MAX 4096

static void elf_endp(Elf **elf)
{
	elf_end(*elf);
}

/* A section's address as its symbols give it: 0 not seen yet, votes for and against. */
struct guess {
	vaddr_t addr;
	unsigned agree, differ;
};

static void vote(struct guess *g, vaddr_t addr)
{
	if (!g->agree)
		g->addr = addr;
	if (g->addr == addr)
		g->agree++;
	else
		g->differ++;
}

static void vote_by_symbols(const struct kernel *k, const struct module *m, Elf *elf, Elf_Scn *scn,
			    const GElf_Shdr *sh, struct guess *guesses, size_t n)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym sym;

	for (int i = 1; data && gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(elf, sh->sh_link, sym.st_name);
		const struct symbol *s;

		if (!name || !*name || sym.st_shndx >= n || !sym.st_shndx ||
		    GELF_ST_TYPE(sym.st_info) == STT_SECTION)
			continue;
		s = symbols_by_name_in(k->symbols, name, m->name);
		/* two static functions of one name: either may be meant */
		if (s && modules_by_addr(&k->modules, s->addr) == m)
			vote(&guesses[sym.st_shndx], s->addr - sym.st_value);
	}
}

static int take_guesses(struct module *m, Elf *elf, const struct guess *guesses, size_t n,
			struct kd_err *err)
{
	size_t strndx;

	m->sections = calloc(n, sizeof(*m->sections));
	if (!m->sections)
		return kd_nomem(err);
	if (elf_getshdrstrndx(elf, &strndx))
		return 0;
	for (size_t i = 1; i < n; i++) {
		Elf_Scn *scn = elf_getscn(elf, i);
		GElf_Shdr sh;
		const char *name;

		if (guesses[i].agree <= guesses[i].differ || !scn || !gelf_getshdr(scn, &sh) ||
		    !(sh.sh_flags & SHF_ALLOC))
			continue;
		name = elf_strptr(elf, strndx, sh.sh_name);
		if (!name)
			continue;
		snprintf(m->sections[m->nsections].name, sizeof(m->sections[0].name), "%s", name);
		m->sections[m->nsections++].addr = guesses[i].addr;
	}
	return 0;
}

static int derive(const struct kernel *k, struct module *m, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(m->debug_path, O_RDONLY | O_CLOEXEC);
	_cleanup_(elf_endp) Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	_cleanup_(freep) struct guess *guesses = NULL;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	size_t n;

	if (!elf || elf_getshdrnum(elf, &n) || n > SECTIONS_MAX)
		return 0;
	guesses = calloc(n, sizeof(*guesses));
	if (!guesses)
		return kd_nomem(err);
	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			vote_by_symbols(k, m, elf, scn, &sh, guesses, n);
	return take_guesses(m, elf, guesses, n, err);
}

int modules_derive_sections(struct kernel *k, struct modules *ms, struct kd_err *err)
{
	int status = 0;

	for (size_t i = 0; i < ms->n && !status; i++)
		if (!ms->list[i].nsections && ms->list[i].debug_path)
			status = derive(k, &ms->list[i], err);
	return status;
}
