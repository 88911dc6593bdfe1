// SPDX-License-Identifier: GPL-3.0-or-later
/* Symbols of a vmlinux: see symbols.h. */
#include <gelf.h>
#include <string.h>

#include "kernel/symbols_priv.h"
#include "kernel/vmlinux.h"

/* The letter nm(1) prints, as far as a kernel's symbols need it. */
static char letter(const GElf_Sym *sym, const GElf_Shdr *sh)
{
	char c = 'd';

	if (!sh)
		c = 'a';
	else if (sh->sh_flags & SHF_EXECINSTR)
		c = 't';
	else if (sh->sh_type == SHT_NOBITS)
		c = 'b';
	else if (!(sh->sh_flags & SHF_WRITE))
		c = 'r';
	return GELF_ST_BIND(sym->st_info) == STB_LOCAL ? c : (char)(c - 'a' + 'A');
}

/* What adding a vmlinux needs to know of each of its sections. */
struct section {
	GElf_Shdr sh;
	bool percpu;
};

static struct section *load_sections(const struct vmlinux *v, size_t *n)
{
	struct section *list;
	size_t strndx;

	if (elf_getshdrnum(v->elf, n) || elf_getshdrstrndx(v->elf, &strndx))
		return NULL;
	list = calloc(*n ? *n : 1, sizeof(*list));
	for (size_t i = 0; list && i < *n; i++) {
		Elf_Scn *scn = elf_getscn(v->elf, i);
		const char *name;

		if (!scn || !gelf_getshdr(scn, &list[i].sh))
			continue;
		name = elf_strptr(v->elf, strndx, list[i].sh.sh_name);
		list[i].percpu = name && !strcmp(name, ".data..percpu");
	}
	return list;
}

/* The linker script counts marks of the image that stand before the section to it. */
static bool is_percpu(const struct section *s, uint64_t value)
{
	return s->percpu && value - s->sh.sh_addr <= s->sh.sh_size;
}

static bool is_wanted(const GElf_Sym *sym, const char *name)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);

	return name && *name && sym->st_shndx != SHN_UNDEF && type != STT_SECTION &&
	       type != STT_FILE && symbols_is_name(name);
}

static int add_table(struct symbols *s, const struct vmlinux *v, Elf_Data *data, size_t strtab,
		     uint64_t bias, bool percpu_fixed, struct kd_err *err)
{
	size_t nsections;
	_cleanup_(freep) struct section *sections = load_sections(v, &nsections);
	GElf_Sym sym;
	uint64_t mask = v->elf_class == ELFCLASS32 ? UINT32_MAX : UINT64_MAX;

	if (!sections)
		return kd_nomem(err);
	for (int i = 1; gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(v->elf, strtab, sym.st_name);
		bool in_section = sym.st_shndx < nsections;
		bool fixed = !in_section ||
			     (percpu_fixed && is_percpu(&sections[sym.st_shndx], sym.st_value));
		struct symbol out = { .name = name, .size = sym.st_size };
		int status;

		if (!is_wanted(&sym, name))
			continue;
		out.addr = (sym.st_value + (fixed ? 0 : bias)) & mask;
		out.type = letter(&sym, fixed ? NULL : &sections[sym.st_shndx].sh);
		/* the vmlinux, and so the name, outlives the table */
		status = symbols_push(s, &out, GELF_ST_BIND(sym.st_info) != STB_LOCAL, !fixed, err);
		if (status)
			return status;
	}
	return 0;
}

/* The symbol table's bytes and the index of its string table; NULL: none, or damaged. */
static Elf_Data *symbol_table(const struct vmlinux *v, size_t *strtab)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(v->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB) {
			*strtab = sh.sh_link;
			return elf_getdata(scn, NULL);
		}
	return NULL;
}

int symbols_add_vmlinux(struct symbols *s, const struct vmlinux *v, uint64_t bias,
			bool percpu_fixed, struct kd_err *err)
{
	size_t strtab;
	Elf_Data *data = symbol_table(v, &strtab);

	if (!data)
		return kd_fail(err, KD_NOTFOUND,
			       "%s has no symbol table: it is stripped; take the vmlinux of the "
			       "debug package",
			       v->path);
	return add_table(s, v, data, strtab, bias, percpu_fixed, err);
}

bool symbols_linked(const struct vmlinux *v, const char *name, vaddr_t *addr)
{
	size_t strtab;
	Elf_Data *data = symbol_table(v, &strtab);
	GElf_Sym sym;

	for (int i = 1; data && gelf_getsym(data, i, &sym); i++) {
		const char *n = elf_strptr(v->elf, strtab, sym.st_name);

		if (n && !strcmp(n, name)) {
			*addr = sym.st_value;
			return true;
		}
	}
	return false;
}
