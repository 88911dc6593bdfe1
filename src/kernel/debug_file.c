// SPDX-License-Identifier: GPL-3.0-or-later
/* Debug sections of files: see debug_file.h. */
#include "kernel/debug_file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>

#include "kernel/inflate.h"
#include "kernel/module.h"

/* A relocated section. */
struct copy {
	struct copy *next;
	size_t size;
	uint8_t bytes[];
};

struct debug_file {
	const struct module *module;
	int fd;
	Elf *elf;
	struct copy *copies;
	struct inflated *plain;
};

int debug_file_open(const char *path, const struct module *module, struct debug_file **out,
		    struct kd_err *err)
{
	struct debug_file *f = calloc(1, sizeof(*f));
	int rc = 0;

	if (!f)
		return kd_nomem(err);
	f->module = module;
	elf_version(EV_CURRENT);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		rc = kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	else if (!(f->elf = elf_begin(f->fd, ELF_C_READ_MMAP_PRIVATE, NULL)))
		rc = kd_fail(err, KD_CORRUPT, "%s: %s", path, elf_errmsg(-1));
	if (rc) {
		debug_file_close(f);
		return rc;
	}
	*out = f;
	return 0;
}

void debug_file_close(struct debug_file *f)
{
	if (!f)
		return;
	for (struct copy *c = f->copies, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	if (f->elf)
		elf_end(f->elf);
	inflated_free(f->plain);
	closep(&f->fd);
	free(f);
}

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

/* Relocation ------------------------------------------------------------------------ */

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
static size_t absolute_size(unsigned machine, unsigned type)
{
	if (machine == EM_X86_64)
		return type == R_X86_64_64 ? 8 : type == R_X86_64_32 ? 4 : 0;
	return machine == EM_386 && type == R_386_32 ? 4 : 0;
}

/* What to relocate by, read once: symbols, and where each section lies. */
struct symbols_of {
	Elf_Data *symtab;
	vaddr_t *bases; /* by section */
	size_t n;
};

static bool find_bases(struct debug_file *f, struct symbols_of *s)
{
	size_t strndx;

	if (elf_getshdrnum(f->elf, &s->n) || elf_getshdrstrndx(f->elf, &strndx))
		return false;
	s->bases = calloc(s->n ? s->n : 1, sizeof(*s->bases));
	for (size_t i = 0; s->bases && i < s->n; i++) {
		GElf_Shdr sh;
		Elf_Scn *scn = elf_getscn(f->elf, i);

		if (scn && gelf_getshdr(scn, &sh))
			s->bases[i] = loaded_at(f->module, elf_strptr(f->elf, strndx, sh.sh_name));
	}
	return s->bases != NULL;
}

static void apply(struct copy *c, const struct relocation *r, size_t size, bool in_place,
		  uint64_t value)
{
	uint64_t v = 0;

	if (!range_contains(c->size, r->offset, size))
		return;
	if (in_place)
		memcpy(&v, c->bytes + r->offset, size);
	v += value + r->addend;
	memcpy(c->bytes + r->offset, &v, size); /* both little endian */
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

static void apply_all(const struct symbols_of *s, Elf_Data *relocations, bool rela,
		      unsigned machine, struct copy *c)
{
	struct relocation r;

	for (int i = 0; get_relocation(relocations, rela, i, &r); i++) {
		size_t size = absolute_size(machine, r.type);
		GElf_Sym sym;

		if (size && gelf_getsym(s->symtab, (int)r.symbol, &sym) && sym.st_shndx < s->n)
			apply(c, &r, size, !rela, s->bases[sym.st_shndx] + sym.st_value);
	}
}

/* The section with the relocations of SECTION; NULL: none. */
static Elf_Scn *find_relocations(Elf *elf, Elf_Scn *section, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, sh) && (sh->sh_type == SHT_RELA || sh->sh_type == SHT_REL) &&
		    sh->sh_info == elf_ndxscn(section))
			return scn;
	return NULL;
}

/* Relocate *data of SECTION, if there is anything to do, into a copy. */
static int relocate(struct debug_file *f, Elf_Scn *section, const uint8_t **data, size_t size,
		    struct kd_err *err)
{
	struct symbols_of s = { .symtab = NULL };
	GElf_Shdr sh, symsh;
	GElf_Ehdr eh;
	Elf_Scn *scn, *syms;
	Elf_Data *relocation_data;
	struct copy *c;
	bool rela;

	scn = find_relocations(f->elf, section, &sh);
	if (!scn)
		return 0;
	rela = sh.sh_type == SHT_RELA;
	syms = elf_getscn(f->elf, sh.sh_link);
	relocation_data = elf_getdata(scn, NULL);
	s.symtab = syms && gelf_getshdr(syms, &symsh) ? elf_getdata(syms, NULL) : NULL;
	if (!relocation_data || !s.symtab || !gelf_getehdr(f->elf, &eh))
		return kd_fail(err, KD_CORRUPT, "its relocations make no sense");
	c = malloc(sizeof(*c) + size);
	if (!c || !find_bases(f, &s)) {
		free(c);
		return kd_nomem(err);
	}
	*c = (struct copy){ .next = f->copies, .size = size };
	f->copies = c;
	memcpy(c->bytes, *data, size);
	apply_all(&s, relocation_data, rela, eh.e_machine, c);
	*data = c->bytes;
	free(s.bases);
	return 0;
}

/* Sections -------------------------------------------------------------------------- */

static int read_section(struct debug_file *f, Elf_Scn *scn, const uint8_t **data, size_t *size,
			struct kd_err *err)
{
	Elf_Data *d;
	int rc = section_inflate(f->elf, scn, &f->plain, err);

	if (rc)
		return rc;
	d = elf_rawdata(scn, NULL);
	if (!d)
		return kd_fail(err, KD_CORRUPT, "%s", elf_errmsg(-1));
	if (!d->d_size || !d->d_buf)
		return 0;
	*data = d->d_buf;
	*size = d->d_size;
	return f->module ? relocate(f, scn, data, d->d_size, err) : 0;
}

int debug_file_section(struct debug_file *f, const char *name, const uint8_t **data, size_t *size,
		       struct kd_err *err)
{
	GElf_Shdr sh;
	Elf_Scn *scn = find_section(f->elf, name, &sh);
	int rc;

	*data = NULL;
	*size = 0;
	if (!scn || sh.sh_type == SHT_NOBITS)
		return 0;
	rc = read_section(f, scn, data, size, err);
	return rc ? kd_context(err, rc, "%s", name) : 0;
}

int debug_file_elf(struct debug_file *f, Elf **out, struct kd_err *err)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	size_t strings;

	*out = f->elf;
	scn = find_section(f->elf, ".debug_info", &sh);
	if (!scn || sh.sh_type == SHT_NOBITS || elf_getshdrstrndx(f->elf, &strings))
		return kd_fail(err, KD_NOTFOUND, "no DWARF");
	for (scn = NULL; (scn = elf_nextscn(f->elf, scn));) {
		const char *name =
			gelf_getshdr(scn, &sh) ? elf_strptr(f->elf, strings, sh.sh_name) : NULL;
		const uint8_t *data = NULL;
		size_t size = 0;
		int rc;

		if (!name || strncmp(name, ".debug_", 7) || sh.sh_type == SHT_NOBITS)
			continue;
		rc = read_section(f, scn, &data, &size, err);
		if (rc)
			return kd_context(err, rc, "%s", name);
		/* copies of ours are not const */
		if (data && f->copies && data == f->copies->bytes &&
		    !section_replace(scn, f->copies->bytes, size))
			return kd_fail(err, KD_CORRUPT, "%s: %s", name, elf_errmsg(-1));
	}
	return 0;
}
