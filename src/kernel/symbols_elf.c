// SPDX-License-Identifier: GPL-3.0-or-later
/* Symbols of a vmlinux: see symbols.h. */
#include <gelf.h>
#include <string.h>

#include "kernel/symbols_priv.h"
#include "kernel/vmlinux.h"

/* The letter nm(1) prints, as far as a kernel's symbols need it. */
static char letter(const Elf64_Sym *sym, const GElf_Shdr *sh)
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
	return ELF64_ST_BIND(sym->st_info) == STB_LOCAL ? c : (char)(c - 'a' + 'A');
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

/* The table in place: libelf would copy each symbol and search each name's end. */
struct symtab {
	const uint8_t *bytes;
	size_t n, size; /* of one symbol, bytes */
	bool is64;
	const char *names;
	size_t names_size; /* up to and with the last NUL */
};

static bool get_symbol(const struct symtab *t, size_t i, Elf64_Sym *out)
{
	Elf32_Sym s;

	if (i >= t->n)
		return false;
	if (t->is64) {
		memcpy(out, t->bytes + i * t->size, sizeof(*out));
		return true;
	}
	memcpy(&s, t->bytes + i * t->size, sizeof(s));
	*out = (Elf64_Sym){ .st_name = s.st_name,
			    .st_info = s.st_info,
			    .st_other = s.st_other,
			    .st_shndx = s.st_shndx,
			    .st_value = s.st_value,
			    .st_size = s.st_size };
	return true;
}

/* NULL: it has none. */
static const char *name_of(const struct symtab *t, const Elf64_Sym *sym)
{
	return sym->st_name < t->names_size ? t->names + sym->st_name : NULL;
}

/* SCN's bytes as they are in the file; NULL: none. */
static const uint8_t *raw_bytes(Elf_Scn *scn, size_t *size)
{
	Elf_Data *d = scn ? elf_rawdata(scn, NULL) : NULL;

	*size = d && d->d_buf ? d->d_size : 0;
	return *size ? d->d_buf : NULL;
}

/* false: there is none, or it is damaged. */
static bool symtab_find(const struct vmlinux *v, struct symtab *t)
{
	Elf_Scn *scn = NULL;
	const char *last;
	GElf_Shdr sh = { 0 };
	size_t size;

	*t = (struct symtab){ .is64 = v->elf_class == ELFCLASS64 };
	t->size = t->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	while ((scn = elf_nextscn(v->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			break;
	t->bytes = raw_bytes(scn, &size);
	t->n = size / t->size;
	t->names = t->bytes ? (const char *)raw_bytes(elf_getscn(v->elf, sh.sh_link), &size) : NULL;
	last = t->names ? memrchr(t->names, '\0', size) : NULL;
	t->names_size = last ? (size_t)(last - t->names) + 1 : 0;
	return last != NULL;
}

static bool is_wanted(const Elf64_Sym *sym, const char *name)
{
	unsigned type = ELF64_ST_TYPE(sym->st_info);

	return name && *name && sym->st_shndx != SHN_UNDEF && type != STT_SECTION &&
	       type != STT_FILE && symbols_is_name(name);
}

static int add_table(struct symbols *s, const struct vmlinux *v, const struct symtab *t,
		     uint64_t bias, bool percpu_fixed, struct kd_err *err)
{
	size_t nsections;
	_cleanup_(freep) struct section *sections = load_sections(v, &nsections);
	Elf64_Sym sym;
	uint64_t mask = t->is64 ? UINT64_MAX : UINT32_MAX;

	if (!sections)
		return kd_nomem(err);
	for (size_t i = 1; get_symbol(t, i, &sym); i++) {
		const char *name = name_of(t, &sym);
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
		status =
			symbols_push(s, &out, ELF64_ST_BIND(sym.st_info) != STB_LOCAL, !fixed, err);
		if (status)
			return status;
	}
	return 0;
}

int symbols_add_vmlinux(struct symbols *s, const struct vmlinux *v, uint64_t bias,
			bool percpu_fixed, struct kd_err *err)
{
	struct symtab t;

	if (!symtab_find(v, &t))
		return kd_fail(err, KD_NOTFOUND,
			       "%s has no symbol table: it is stripped; take the vmlinux of the "
			       "debug package",
			       v->path);
	return add_table(s, v, &t, bias, percpu_fixed, err);
}

bool symbols_linked(const struct vmlinux *v, const char *name, vaddr_t *addr)
{
	struct symtab t;
	Elf64_Sym sym;

	if (!symtab_find(v, &t))
		return false;
	for (size_t i = 1; get_symbol(&t, i, &sym); i++) {
		const char *n = name_of(&t, &sym);

		if (n && *n == *name && !strcmp(n, name)) {
			*addr = sym.st_value;
			return true;
		}
	}
	return false;
}
