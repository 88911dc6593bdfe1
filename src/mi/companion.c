// SPDX-License-Identifier: GPL-3.0-or-later
/* The companion object: see companion.h. */
#include "mi/companion.h"

#include <gelf.h>
#include <string.h>

#include "kernel/code.h"

/* A run of code or data that gets a section, because no other file names what is in it. */
struct area {
	vaddr_t start;
	uint64_t size; /* bytes; 0: there is none such */
	size_t scn;    /* number of the section; 0: not made yet */
};

/* The kernel image in order of address; each part ends where the next begins. */
static const struct {
	const char *name, *start;
	bool code;
} parts[] = {
	{ ".text", "_stext", true },
	{ ".data", "_etext", false },
	{ ".init.text", "_sinittext", true },
	{ ".init.data", "_einittext", false },
	{ NULL, "_end", false },
};

#define PARTS (KD_ARRAY_SIZE(parts) - 1)

/*
 * Sections are: none, .text, the other parts of the kernel if there is no vmlinux, those
 * of modules that have no file of their own, .debug_frame, .strtab, .symtab,
 * .shstrtab.
 */
struct object {
	Elf *elf;
	const struct kernel *k;
	struct area kernel[PARTS]; /* empty where there is a vmlinux */
	struct area (*modules)[MODULE_AREAS];
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

static int add_area(struct object *o, const char *name, bool code, struct area *a,
		    struct kd_err *err)
{
	GElf_Shdr sh = { .sh_type = SHT_NOBITS,
			 .sh_flags = SHF_ALLOC | (code ? SHF_EXECINSTR : SHF_WRITE),
			 .sh_addr = a->start,
			 .sh_size = a->size,
			 .sh_addralign = 1 };

	return add_section(o, name, &sh, NULL, ELF_T_BYTE, &a->scn, err);
}

/*
 * gdb ties an object to its .text. Where that is inside vmlinux', functions there
 * lose their names; the last page of the address space belongs to nobody, because
 * the kernel keeps it for error pointers.
 */
static int add_own_text(struct object *o, struct kd_err *err)
{
	uint64_t last = o->k->arch->ptr_size == 8 ? ~UINT64_C(0) : UINT32_MAX;
	struct area a = { .start = last & ~UINT64_C(0xfff), .size = 1 };

	return add_area(o, ".text", true, &a, err);
}

/* The kernel's code and data, with their names, are ours to show where there is no vmlinux. */
static void find_kernel(struct object *o)
{
	for (size_t i = 0; !o->k->vmlinux && i < PARTS; i++) {
		vaddr_t start, end;

		if (kernel_symbol(o->k, parts[i].start, &start) &&
		    kernel_symbol(o->k, parts[i + 1].start, &end) && end > start)
			o->kernel[i] = (struct area){ .start = start, .size = end - start };
	}
}

static int add_kernel(struct object *o, struct kd_err *err)
{
	int rc = 0;

	find_kernel(o);
	if (!o->kernel[0].size)
		rc = add_own_text(o, err);
	for (size_t i = 0; i < PARTS && !rc; i++)
		if (o->kernel[i].size)
			rc = add_area(o, parts[i].name, parts[i].code, &o->kernel[i], err);
	return rc;
}

static bool is_function(const struct symbol *s)
{
	return s->type == 't' || s->type == 'T';
}

static struct area *area_at(struct area *list, size_t n, vaddr_t addr)
{
	for (size_t i = 0; i < n; i++)
		if (addr - list[i].start < list[i].size)
			return &list[i];
	return NULL;
}

/*
 * Of several functions at one place gdb names any: it gets the one that is shown
 * elsewhere. Variables are asked for by name, so it gets them all.
 */
static struct area *kernel_area(struct object *o, const struct symbol *s)
{
	struct area *a = area_at(o->kernel, PARTS, s->addr);
	bool code = is_function(s);

	if (!a || parts[a - o->kernel].code != code)
		return NULL;
	return code && symbols_by_addr(o->k->symbols, s->addr) != s ? NULL : a;
}

/*
 * What this symbol is in: a function of a module, any symbol of the kernel. NULL:
 * another file names it.
 */
static struct area *find_area(struct object *o, const struct symbol *s)
{
	const struct module *m;

	if (!s->module)
		return kernel_area(o, s);
	m = is_function(s) ? modules_by_addr(&o->k->modules, s->addr) : NULL;
	return m ? area_at(o->modules[m - o->k->modules.list], MODULE_AREAS, s->addr) : NULL;
}

/* gdb names only code that is in a section: one for each area with functions. */
static int add_modules(struct object *o, struct kd_err *err)
{
	const struct symbol *s;

	for (size_t i = 0; i < o->k->modules.n; i++) {
		const struct module *m = &o->k->modules.list[i];

		for (size_t area = 0; area < m->nareas && !m->debug_path; area++)
			o->modules[i][area] = (struct area){ .start = m->areas[area].start,
							     .size = m->areas[area].size };
	}
	for (size_t i = 0; (s = symbols_at(o->k->symbols, i)); i++) {
		struct area *a = s->module ? find_area(o, s) : NULL;
		char name[80];
		int rc;

		if (!a || a->scn)
			continue;
		snprintf(name, sizeof(name), ".text.%s", s->module);
		rc = add_area(o, name, true, a, err);
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

static bool is_global(const struct symbol *s)
{
	return s->type >= 'A' && s->type <= 'Z';
}

static int add_symbol(struct object *o, const struct symbol *s, size_t scn, struct kd_err *err)
{
	unsigned char bind = is_global(s) ? STB_GLOBAL : STB_LOCAL;
	GElf_Sym *sym = next_symbol(o);
	size_t at;

	if (!sym || add_string(&o->strtab, s->name, &at, err))
		return kd_nomem(err);
	*sym = (GElf_Sym){ .st_name = (GElf_Word)at,
			   .st_info = GELF_ST_INFO(bind, is_function(s) ? STT_FUNC : STT_OBJECT),
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
		const struct area *a = global == is_global(s) ? find_area(o, s) : NULL;

		if (a && add_symbol(o, s, a->scn, err))
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
		rc = add_kernel(o, err);
	if (!rc)
		rc = add_modules(o, err);
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
	o.modules = calloc(k->modules.n + 1, sizeof(*o.modules));
	if (!o.elf)
		rc = elf_failure(err);
	else if (!o.modules)
		rc = kd_nomem(err);
	else
		rc = write_object(&o, cfi, err);
	if (o.elf)
		elf_end(o.elf);
	free(o.modules);
	free(o.names.buf);
	free(o.strtab.buf);
	free(o.symtab);
	return rc;
}

int companion_write(const struct kernel *k, int fd, struct kd_err *err)
{
	_cleanup_(cfi_freep) struct cfi *cfi = NULL;
	struct kernel_code code;
	int rc;

	if (!k->arch->cfi)
		return kd_fail(err, KD_UNSUPPORTED, "no frame information for %s", k->arch->name);
	rc = cfi_new(k->arch->ptr_size, &cfi, err);
	if (rc)
		return rc;
	rc = kernel_code_init(&code, k, err);
	if (!rc)
		rc = k->arch->cfi(&code.view, cfi, err);
	kernel_code_fini(&code);
	if (rc == KD_NOTFOUND)
		rc = KD_UNSUPPORTED;
	return rc ? rc : write_to(k, cfi, fd, err);
}
