// SPDX-License-Identifier: GPL-3.0-or-later
/* The companion object: see companion.h. */
#include "mi/companion.h"

#include <gelf.h>
#include <string.h>

#include "mi/companion_view.h"

/*
 * Sections are: none, .text, those of modules that have no file of their own,
 * .debug_frame, .strtab, .symtab, .shstrtab.
 */
struct object {
	Elf *elf;
	const struct kernel *k;
	size_t (*module_scn)[MODULE_AREAS]; /* numbers of modules' sections; 0: none */
	struct strings {
		char *buf;
		size_t len, room;
	} names, strtab;
	GElf_Sym *symtab;
	size_t nsyms, nlocal, room; /* symbols */
};

/* String tables -------------------------------------------------------------------- */

static int add_string(struct strings *s, const char *text, size_t *at, struct kd_err *err)
{
	size_t n = strlen(text) + 1;

	if (s->len + n > s->room) {
		size_t room = 2 * (s->len + n) + 256;
		char *buf = realloc(s->buf, room);

		if (!buf)
			return kd_nomem(err);
		s->buf = buf;
		s->room = room;
	}
	*at = s->len;
	memcpy(s->buf + s->len, text, n);
	s->len += n;
	return 0;
}

/* Sections ------------------------------------------------------------------------- */

static int elf_failure(struct kd_err *err)
{
	return kd_fail(err, KD_IO, "companion object: %s", elf_errmsg(-1));
}

static int add_section(struct object *o, const char *name, const GElf_Shdr *like, const void *data,
		       Elf_Type type, size_t *index, struct kd_err *err)
{
	Elf_Scn *scn = elf_newscn(o->elf);
	Elf_Data *d = scn ? elf_newdata(scn) : NULL;
	GElf_Shdr sh = *like;
	size_t at;

	*index = 0;
	if (!d)
		return elf_failure(err);
	if (add_string(&o->names, name, &at, err))
		return KD_NOMEM;
	/* libelf wants data even where the file gets none. */
	d->d_type = type;
	d->d_align = sh.sh_addralign;
	d->d_size = sh.sh_size;
	memcpy(&d->d_buf, &data, sizeof(data)); /* it only reads */
	sh.sh_name = (GElf_Word)at;
	*index = elf_ndxscn(scn);
	return gelf_update_shdr(scn, &sh) ? 0 : elf_failure(err);
}

static int add_text(struct object *o, const char *name, vaddr_t addr, uint64_t size, size_t *index,
		    struct kd_err *err)
{
	GElf_Shdr sh = { .sh_type = SHT_NOBITS,
			 .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
			 .sh_addr = addr,
			 .sh_size = size,
			 .sh_addralign = 1 };

	return add_section(o, name, &sh, NULL, ELF_T_BYTE, index, err);
}

/*
 * gdb ties an object to its .text. Where that is inside vmlinux', functions there
 * lose their names; the last page of the address space belongs to nobody, because
 * the kernel keeps it for error pointers.
 */
static int add_own_text(struct object *o, struct kd_err *err)
{
	uint64_t last = o->k->arch->ptr_size == 8 ? ~UINT64_C(0) : UINT32_MAX;
	size_t index;

	return add_text(o, ".text", last & ~UINT64_C(0xfff), 1, &index, err);
}

static bool is_function(const struct symbol *s)
{
	return s->module && (s->type == 't' || s->type == 'T');
}

/* The memory of a module without a file that has this function. */
static const struct module *find_area(const struct object *o, const struct symbol *s, size_t *area)
{
	const struct module *m = is_function(s) ? modules_by_addr(&o->k->modules, s->addr) : NULL;

	if (!m || m->debug_path)
		return NULL;
	for (*area = 0; *area < m->nareas; ++*area)
		if (s->addr - m->areas[*area].start < m->areas[*area].size)
			return m;
	return NULL;
}

/* gdb names only code that is in a section: one for each area with functions. */
static int add_module_texts(struct object *o, struct kd_err *err)
{
	const struct symbol *s;

	for (size_t i = 0; (s = symbols_at(o->k->symbols, i)); i++) {
		size_t area, *scn;
		const struct module *m = find_area(o, s, &area);
		char name[80];
		int rc;

		if (!m)
			continue;
		scn = &o->module_scn[m - o->k->modules.list][area];
		if (*scn)
			continue;
		snprintf(name, sizeof(name), ".text.%s", m->name);
		rc = add_text(o, name, m->areas[area].start, m->areas[area].size, scn, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* Symbols -------------------------------------------------------------------------- */

static GElf_Sym *next_symbol(struct object *o)
{
	if (o->nsyms == o->room) {
		size_t room = o->room ? 2 * o->room : 1024;
		GElf_Sym *p = realloc(o->symtab, room * sizeof(GElf_Sym));

		if (!p)
			return NULL;
		o->symtab = p;
		o->room = room;
	}
	return &o->symtab[o->nsyms++];
}

static int add_symbol(struct object *o, const struct symbol *s, size_t scn, struct kd_err *err)
{
	unsigned char bind = s->type == 'T' ? STB_GLOBAL : STB_LOCAL;
	GElf_Sym *sym = next_symbol(o);
	size_t at;

	if (!sym || add_string(&o->strtab, s->name, &at, err))
		return kd_nomem(err);
	*sym = (GElf_Sym){ .st_name = (GElf_Word)at,
			   .st_info = GELF_ST_INFO(bind, STT_FUNC),
			   .st_shndx = (GElf_Section)scn,
			   .st_value = s->addr,
			   .st_size = s->size };
	return 0;
}

/* The format wants local symbols first. */
static int add_symbols(struct object *o, bool global, struct kd_err *err)
{
	const struct symbol *s;

	for (size_t i = 0; (s = symbols_at(o->k->symbols, i)); i++) {
		size_t area;
		const struct module *m = find_area(o, s, &area);

		if (!m || global != (s->type == 'T'))
			continue;
		if (add_symbol(o, s, o->module_scn[m - o->k->modules.list][area], err))
			return KD_NOMEM;
	}
	return 0;
}

static int collect_symbols(struct object *o, struct kd_err *err)
{
	size_t at;
	GElf_Sym *first = next_symbol(o);

	if (!first || add_string(&o->strtab, "", &at, err))
		return kd_nomem(err);
	memset(first, 0, sizeof(*first));
	if (add_symbols(o, false, err))
		return KD_NOMEM;
	o->nlocal = o->nsyms;
	return add_symbols(o, true, err);
}

/* gelf's symbols are 64-bit ones: make them those of the file's class, in place. */
static void narrow_symbols(struct object *o)
{
	uint8_t *out = (uint8_t *)o->symtab;

	for (size_t i = 0; i < o->nsyms; i++, out += sizeof(Elf32_Sym)) {
		GElf_Sym s = o->symtab[i];
		Elf32_Sym n = { .st_name = s.st_name,
				.st_value = (Elf32_Addr)s.st_value,
				.st_size = (Elf32_Word)s.st_size,
				.st_info = s.st_info,
				.st_shndx = s.st_shndx };

		memcpy(out, &n, sizeof(n));
	}
}

static int add_symtab(struct object *o, struct kd_err *err)
{
	bool wide = o->k->arch->ptr_size == 8;
	size_t entry = wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym), index;
	GElf_Shdr sh = { .sh_type = SHT_SYMTAB, .sh_addralign = wide ? 8 : 4 };
	GElf_Shdr str = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	int rc = collect_symbols(o, err);

	if (rc)
		return rc;
	if (!wide)
		narrow_symbols(o);
	str.sh_size = o->strtab.len;
	rc = add_section(o, ".strtab", &str, o->strtab.buf, ELF_T_BYTE, &index, err);
	if (rc)
		return rc;
	sh.sh_size = o->nsyms * entry;
	sh.sh_entsize = entry;
	sh.sh_link = (GElf_Word)index;
	sh.sh_info = (GElf_Word)o->nlocal;
	return add_section(o, ".symtab", &sh, o->symtab, ELF_T_SYM, &index, err);
}

/* The object ----------------------------------------------------------------------- */

static int add_frames(struct object *o, const struct cfi *cfi, struct kd_err *err)
{
	GElf_Shdr sh = { .sh_type = SHT_PROGBITS, .sh_addralign = o->k->arch->ptr_size };
	const uint8_t *data;
	size_t size, index;
	int rc = cfi_data(cfi, &data, &size, err);

	if (rc)
		return rc;
	sh.sh_size = size;
	return add_section(o, ".debug_frame", &sh, data, ELF_T_BYTE, &index, err);
}

static int add_names(struct object *o, GElf_Ehdr *eh, struct kd_err *err)
{
	GElf_Shdr sh = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	size_t index;
	Elf_Scn *scn;
	Elf_Data *d;
	int rc = add_section(o, ".shstrtab", &sh, NULL, ELF_T_BYTE, &index, err);

	if (rc)
		return rc;
	/* Only now, with its own name in it, the table is whole. */
	scn = elf_getscn(o->elf, index);
	d = scn ? elf_getdata(scn, NULL) : NULL;
	if (!d)
		return elf_failure(err);
	d->d_buf = o->names.buf;
	d->d_size = o->names.len;
	eh->e_shstrndx = (GElf_Half)index;
	return 0;
}

static int write_object(struct object *o, const struct cfi *cfi, struct kd_err *err)
{
	const struct arch *arch = o->k->arch;
	GElf_Ehdr eh;
	size_t at;
	int rc;

	if (!gelf_newehdr(o->elf, arch->ptr_size == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    !gelf_getehdr(o->elf, &eh))
		return elf_failure(err);
	eh.e_type = ET_EXEC;
	eh.e_machine = arch->machine;
	eh.e_version = EV_CURRENT;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	rc = add_string(&o->names, "", &at, err);
	if (!rc)
		rc = add_own_text(o, err);
	if (!rc)
		rc = add_module_texts(o, err);
	if (!rc)
		rc = add_frames(o, cfi, err);
	if (!rc)
		rc = add_symtab(o, err);
	if (!rc)
		rc = add_names(o, &eh, err);
	if (rc)
		return rc;
	if (!gelf_update_ehdr(o->elf, &eh) || elf_update(o->elf, ELF_C_WRITE) < 0)
		return elf_failure(err);
	return 0;
}

static int write_to(const struct kernel *k, const struct cfi *cfi, int fd, struct kd_err *err)
{
	struct object o = { .k = k };
	int rc;

	elf_version(EV_CURRENT);
	o.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	o.module_scn = calloc(k->modules.n + 1, sizeof(*o.module_scn));
	if (!o.elf)
		rc = elf_failure(err);
	else if (!o.module_scn)
		rc = kd_nomem(err);
	else
		rc = write_object(&o, cfi, err);
	if (o.elf)
		elf_end(o.elf);
	free(o.module_scn);
	free(o.names.buf);
	free(o.strtab.buf);
	free(o.symtab);
	return rc;
}

int companion_write(const struct kernel *k, int fd, struct kd_err *err)
{
	_cleanup_(cfi_freep) struct cfi *cfi = NULL;
	struct companion_view view;
	int rc;

	if (!k->arch->cfi)
		return kd_fail(err, KD_UNSUPPORTED, "no frame information for %s", k->arch->name);
	rc = cfi_new(k->arch->ptr_size, &cfi, err);
	if (rc)
		return rc;
	rc = companion_view_init(&view, k, err);
	if (!rc)
		rc = k->arch->cfi(&view.code, cfi, err);
	companion_view_fini(&view);
	if (rc == KD_NOTFOUND)
		rc = KD_UNSUPPORTED;
	return rc ? rc : write_to(k, cfi, fd, err);
}
