// SPDX-License-Identifier: GPL-3.0-or-later
/* The DWARF of one file: see line_file.h. */
#include "kernel/line_file.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/line_table.h"

#define RANGES_MAX (1u << 22) /* of code, in all units of a file */

struct range {
	Dwarf_Addr start, end;
	Dwarf_Off unit; /* offset of its header */
};

struct line_file {
	const struct module *m;
	int fd;	    /* vmlinux; -1: libdwfl's */
	Elf *elf;   /* likewise */
	Dwfl *dwfl; /* owns dw of a module */
	Dwarf *dw;
	uint64_t bias; /* add to addresses in the DWARF (wraps) */
	uint64_t mask; /* of addresses */
	struct line_data data;

	struct range *ranges; /* by start; those of .debug_aranges */
	size_t nranges;
	struct range *more; /* of the units' own, read when the others do not suffice */
	size_t nmore;
	bool has_more;
};

Dwarf_Addr line_file_pc(const struct line_file *f, vaddr_t pc)
{
	return (pc - f->bias) & f->mask;
}

const struct line_data *line_file_data(const struct line_file *f)
{
	return &f->data;
}

/* Sections --------------------------------------------------------------------------- */

/* As libdw has it: uncompressed, and relocated by libdwfl. */
static void take_section(Elf *elf, const char *wanted, const uint8_t **data, size_t *size)
{
	Elf_Scn *scn = NULL;
	size_t strndx;

	if (elf_getshdrstrndx(elf, &strndx))
		return;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr sh;
		const char *name =
			gelf_getshdr(scn, &sh) ? elf_strptr(elf, strndx, sh.sh_name) : NULL;
		Elf_Data *d;

		if (!name || strcmp(name, wanted) || sh.sh_type == SHT_NOBITS)
			continue;
		d = elf_rawdata(scn, NULL);
		if (!d || !d->d_buf || (sh.sh_flags & SHF_COMPRESSED))
			return;
		*data = d->d_buf;
		*size = d->d_size;
		return;
	}
}

/* Units ------------------------------------------------------------------------------- */

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool add_range(struct range **list, size_t *n, const struct range *r)
{
	/* The list doubles whenever its length is a power of 2. */
	if (!(*n & (*n - 1))) {
		size_t room = *n ? 2 * *n : 1;
		struct range *grown =
			*n < RANGES_MAX ? realloc(*list, room * sizeof(*grown)) : NULL;

		if (!grown)
			return false;
		*list = grown;
	}
	(*list)[(*n)++] = *r;
	return true;
}

static uint64_t le(const uint8_t *p, size_t size)
{
	uint64_t v = 0;

	while (size--)
		v = v << 8 | p[size];
	return v;
}

/* One set of .debug_aranges (DWARF 5 section 6.1.2) of LEN bytes after its length. */
static bool read_set(struct line_file *f, const uint8_t *p, size_t len)
{
	struct range r = { 0 };
	size_t size, at = 8;

	if (len < 8 || le(p, 2) != 2)
		return true;
	r.unit = le(p + 2, 4);
	size = p[6];
	if ((size != 4 && size != 8) || p[7] != 0)
		return true;
	/* Tuples are aligned to their size, counted from the set's start, its length. */
	at += (size_t) - (at + 4) & (2 * size - 1);
	for (; range_contains(len, at, 2 * size); at += 2 * size) {
		uint64_t n = le(p + at + size, size);

		r.start = le(p + at, size);
		if (!r.start && !n)
			break;
		if (n && !kd_add_overflow(r.start, n, &r.end) &&
		    !add_range(&f->ranges, &f->nranges, &r))
			return false;
	}
	return true;
}

static void read_aranges(struct line_file *f, Elf *elf)
{
	const uint8_t *p = NULL;
	size_t size = 0, at = 0;

	take_section(elf, ".debug_aranges", &p, &size);
	while (range_contains(size, at, 4)) {
		uint64_t len = le(p + at, 4);

		at += 4;
		/* The 64-bit form is for files above 4 GB. */
		if (!range_contains(size, at, len) || !read_set(f, p + at, (size_t)len))
			break;
		at += (size_t)len;
	}
	if (f->nranges)
		qsort(f->ranges, f->nranges, sizeof(*f->ranges), compare_ranges);
}

/* clang writes no .debug_aranges, and assembly's may be missing. */
static void read_more(struct line_file *f)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;

	f->has_more = true;
	while (!dwarf_get_units(f->dw, cu, &cu, NULL, NULL, &die, NULL)) {
		struct range r = { .unit = dwarf_dieoffset(&die) - dwarf_cuoffset(&die) };
		Dwarf_Addr base;
		ptrdiff_t at = 0;

		if (dwarf_tag(&die) != DW_TAG_compile_unit)
			continue;
		while ((at = dwarf_ranges(&die, at, &base, &r.start, &r.end)) > 0)
			if (!add_range(&f->more, &f->nmore, &r))
				return;
	}
	if (f->nmore)
		qsort(f->more, f->nmore, sizeof(*f->more), compare_ranges);
}

/* Units' code does not overlap, so that the last that starts before PC is it. */
static const struct range *find_range(const struct range *list, size_t n, Dwarf_Addr pc)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list[mid].start <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low && pc < list[low - 1].end ? &list[low - 1] : NULL;
}

bool line_file_unit(struct line_file *f, Dwarf_Addr pc, Dwarf_Die *unit)
{
	const struct range *r = find_range(f->ranges, f->nranges, pc);
	size_t header;
	Dwarf_Off next;

	if (!r && !f->has_more)
		read_more(f);
	if (!r)
		r = find_range(f->more, f->nmore, pc);
	return r &&
	       !dwarf_next_unit(f->dw, r->unit, &next, &header, NULL, NULL, NULL, NULL, NULL,
				NULL) &&
	       dwarf_offdie(f->dw, r->unit + header, unit);
}

/* Opening ------------------------------------------------------------------------------- */

static int open_vmlinux(struct line_file *f, const struct kernel *k, struct kd_err *err)
{
	if (!k->vmlinux || !k->vmlinux->has_dwarf)
		return kd_fail(err, KD_NOTFOUND, "no vmlinux with DWARF");
	f->bias = k->kaslr_offset;
	/* An Elf of our own: libelf's are for one thread, and types use k's. */
	f->fd = open(k->vmlinux->path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return kd_fail(err, KD_IO, "%s: %s", k->vmlinux->path, strerror(errno));
	elf_version(EV_CURRENT);
	f->elf = elf_begin(f->fd, ELF_C_READ_MMAP, NULL);
	f->dw = f->elf ? dwarf_begin_elf(f->elf, DWARF_C_READ, NULL) : NULL;
	return f->dw ? 0 : kd_fail(err, KD_CORRUPT, "%s: %s", k->vmlinux->path, dwarf_errmsg(-1));
}

static int find_elf(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
		    char **file_name, Elf **elf)
{
	const struct line_file *f = *userdata;

	(void)mod;
	(void)name;
	(void)base;
	(void)elf;
	*file_name = strdup(f->m->debug_path);
	return *file_name ? open(f->m->debug_path, O_RDONLY | O_CLOEXEC) : -1;
}

static int find_debuginfo(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			  const char *file, const char *link, GElf_Word crc, char **found)
{
	(void)mod;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)crc;
	(void)found;
	return -1; /* it is in the file itself */
}

static int section_address(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			   const char *section, GElf_Word index, const GElf_Shdr *sh,
			   Dwarf_Addr *addr)
{
	const struct line_file *f = *userdata;

	(void)mod;
	(void)name;
	(void)base;
	(void)index;
	(void)sh;
	*addr = (Dwarf_Addr)-1; /* freed after its init, or never loaded */
	for (size_t i = 0; i < f->m->nsections; i++)
		if (!strcmp(f->m->sections[i].name, section))
			*addr = f->m->sections[i].addr;
	return 0;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
	.section_address = section_address,
};

static int open_module(struct line_file *f, struct kd_err *err)
{
	const struct module *m = f->m;
	Dwfl_Module *mod;
	Dwarf_Addr bias;
	void **userdata;

	if (!m->debug_path || !m->nsections)
		return kd_fail(err, KD_NOTFOUND, "no debug file of module %s", m->name);
	f->dwfl = dwfl_begin(&callbacks);
	if (!f->dwfl)
		return kd_nomem(err);
	dwfl_report_begin(f->dwfl);
	mod = dwfl_report_module(f->dwfl, m->name, m->base, m->base + (m->size ? m->size : 1));
	if (!mod || dwfl_report_end(f->dwfl, NULL, NULL))
		return kd_fail(err, KD_CORRUPT, "%s: %s", m->debug_path, dwfl_errmsg(-1));
	dwfl_module_info(mod, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
	*userdata = f;
	f->dw = dwfl_module_getdwarf(mod, &bias);
	if (!f->dw)
		return kd_fail(err, KD_NOTFOUND, "%s: %s", m->debug_path, dwfl_errmsg(-1));
	f->bias = bias;
	return 0;
}

int line_file_open(const struct kernel *k, const struct module *m, struct line_file **out,
		   struct kd_err *err)
{
	struct line_file *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return kd_nomem(err);
	f->fd = -1;
	f->m = m;
	f->mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	rc = m ? open_module(f, err) : open_vmlinux(f, k, err);
	if (rc) {
		line_file_close(f);
		return rc;
	}
	take_section(dwarf_getelf(f->dw), ".debug_line", &f->data.line, &f->data.line_size);
	take_section(dwarf_getelf(f->dw), ".debug_line_str", &f->data.line_str,
		     &f->data.line_str_size);
	take_section(dwarf_getelf(f->dw), ".debug_str", &f->data.str, &f->data.str_size);
	read_aranges(f, dwarf_getelf(f->dw));
	*out = f;
	return 0;
}

void line_file_close(struct line_file *f)
{
	if (!f)
		return;
	if (f->dwfl)
		dwfl_end(f->dwfl);
	else if (f->dw)
		dwarf_end(f->dw);
	if (f->elf)
		elf_end(f->elf);
	closep(&f->fd);
	free(f->ranges);
	free(f->more);
	free(f);
}
