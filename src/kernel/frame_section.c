// SPDX-License-Identifier: GPL-3.0-or-later
/* .debug_frame of vmlinux and modules: see frame_section.h. */
#include "kernel/frame_section.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>

#include "kernel/module.h"

static Elf_Scn *find_section(Elf *elf, const char *name, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;
	size_t strndx;

	if (elf_getshdrstrndx(elf, &strndx))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *n = gelf_getshdr(scn, sh) ? elf_strptr(elf, strndx, sh->sh_name) : NULL;

		if (n && !strcmp(n, name))
			return scn;
	}
	return NULL;
}

static vaddr_t loaded_at(const struct module *m, const char *section)
{
	for (size_t i = 0; section && i < m->nsections; i++)
		if (!strcmp(m->sections[i].name, section))
			return m->sections[i].addr;
	return 0; /* debug sections, and those that were freed after its init */
}

struct relocation {
	uint64_t offset, addend;
	unsigned type, symbol;
};

/* Bytes an absolute relocation writes; 0: another kind. */
static size_t absolute_size(const GElf_Ehdr *eh, unsigned type)
{
	if (eh->e_machine == EM_X86_64)
		return type == R_X86_64_64 ? 8 : type == R_X86_64_32 ? 4 : 0;
	return eh->e_machine == EM_386 && type == R_386_32 ? 4 : 0;
}

static bool symbol_value(Elf *elf, Elf_Data *symtab, const struct module *m, unsigned index,
			 uint64_t *value)
{
	GElf_Sym sym;
	GElf_Shdr sh;
	Elf_Scn *scn;
	size_t strndx;

	if (!gelf_getsym(symtab, (int)index, &sym) || elf_getshdrstrndx(elf, &strndx))
		return false;
	scn = elf_getscn(elf, sym.st_shndx);
	if (!scn || !gelf_getshdr(scn, &sh))
		return false;
	*value = loaded_at(m, elf_strptr(elf, strndx, sh.sh_name)) + sym.st_value;
	return true;
}

static void apply(struct frame_section *f, const struct relocation *r, size_t size, bool in_place,
		  uint64_t value)
{
	uint64_t v = 0;

	if (!range_contains(f->size, r->offset, size))
		return;
	if (in_place)
		memcpy(&v, f->copy + r->offset, size);
	v += value + r->addend;
	memcpy(f->copy + r->offset, &v, size); /* both little endian */
}

static bool get_relocation(Elf_Data *data, bool rela, int i, struct relocation *r)
{
	GElf_Rela a = { .r_addend = 0 };
	GElf_Rel b;

	if (rela) {
		if (!gelf_getrela(data, i, &a))
			return false;
	} else {
		if (!gelf_getrel(data, i, &b))
			return false;
		a.r_offset = b.r_offset;
		a.r_info = b.r_info;
	}
	/* gelf widens both parts of r_info to the 64-bit form. */
	*r = (struct relocation){ .offset = a.r_offset,
				  .addend = (uint64_t)a.r_addend,
				  .type = (unsigned)GELF_R_TYPE(a.r_info),
				  .symbol = (unsigned)GELF_R_SYM(a.r_info) };
	return true;
}

static int relocate(struct frame_section *f, const struct module *m, struct kd_err *err)
{
	bool rela = true;
	GElf_Shdr sh, symsh;
	GElf_Ehdr eh;
	Elf_Scn *scn = find_section(f->elf, ".rela.debug_frame", &sh), *syms;
	Elf_Data *data, *symtab;
	struct relocation r;

	if (!scn) {
		scn = find_section(f->elf, ".rel.debug_frame", &sh);
		rela = false;
	}
	if (!scn)
		return 0;
	f->copy = malloc(f->size);
	if (!f->copy)
		return kd_nomem(err);
	memcpy(f->copy, f->data, f->size);
	f->data = f->copy;
	syms = elf_getscn(f->elf, sh.sh_link);
	data = elf_getdata(scn, NULL);
	symtab = syms && gelf_getshdr(syms, &symsh) ? elf_getdata(syms, NULL) : NULL;
	if (!data || !symtab || !gelf_getehdr(f->elf, &eh))
		return kd_fail(err, KD_CORRUPT, "relocations of .debug_frame make no sense");
	for (int i = 0; get_relocation(data, rela, i, &r); i++) {
		size_t size = absolute_size(&eh, r.type);
		uint64_t value;

		if (size && symbol_value(f->elf, symtab, m, r.symbol, &value))
			apply(f, &r, size, !rela, value);
	}
	return 0;
}

static int read_section(struct frame_section *f, const struct module *m, struct kd_err *err)
{
	GElf_Shdr sh;
	Elf_Scn *scn = find_section(f->elf, ".debug_frame", &sh);
	Elf_Data *data;

	if (!scn || sh.sh_type == SHT_NOBITS)
		return 0;
	/* In memory only: the file was opened for reading. */
	if ((sh.sh_flags & SHF_COMPRESSED) && elf_compress(scn, 0, 0) < 0)
		return kd_fail(err, KD_CORRUPT, ".debug_frame: %s", elf_errmsg(-1));
	data = elf_rawdata(scn, NULL);
	if (!data)
		return kd_fail(err, KD_CORRUPT, ".debug_frame: %s", elf_errmsg(-1));
	if (!data->d_size || !data->d_buf)
		return 0;
	f->data = data->d_buf;
	f->size = data->d_size;
	return m ? relocate(f, m, err) : 0;
}

int frame_section_open(struct frame_section *f, const char *path, const struct module *module,
		       struct kd_err *err)
{
	int rc = 0;

	*f = FRAME_SECTION_INIT;
	elf_version(EV_CURRENT);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	f->elf = elf_begin(f->fd, ELF_C_READ_MMAP_PRIVATE, NULL);
	if (!f->elf)
		rc = kd_fail(err, KD_CORRUPT, "%s", elf_errmsg(-1));
	else
		rc = read_section(f, module, err);
	if (!rc)
		return 0;
	kd_context(err, rc, "%s", path);
	frame_section_close(f);
	return rc;
}

void frame_section_close(struct frame_section *f)
{
	if (f->elf)
		elf_end(f->elf);
	if (f->fd >= 0)
		close(f->fd);
	free(f->copy);
	*f = FRAME_SECTION_INIT;
}
