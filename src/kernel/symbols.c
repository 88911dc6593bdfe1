// SPDX-License-Identifier: GPL-3.0-or-later
/* Symbols: see symbols.h. */
#include "kernel/symbols.h"

#include <gelf.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/vmlinux.h"

/* No kernel with all its modules comes near it; bounds a hostile table. */
#define SYMBOLS_MAX (1u << 24)

struct entry {
	struct symbol sym;
	bool global;
	bool located; /* lies at its address: not per-CPU, not absolute */
};

/* Strings live in blocks that never move. */
struct block {
	struct block *next;
	size_t used, size;
	char bytes[];
};

struct symbols {
	struct entry *list; /* by address once finished */
	size_t n, room;
	size_t indexed;	   /* of n: what look-ups see */
	uint32_t *by_name; /* indices in order of name, better ones of equal names first */
	struct block *strings;
};

int symbols_new(struct symbols **out, struct kd_err *err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : kd_nomem(err);
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	for (struct block *b = s->strings, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(s->list);
	free(s->by_name);
	free(s);
}

static const char *intern(struct symbols *s, const char *text)
{
	size_t len = strlen(text) + 1;
	struct block *b = s->strings;
	char *p;

	if (!b || b->size - b->used < len) {
		size_t size = len > 65536 ? len : 65536;

		b = malloc(sizeof(*b) + size);
		if (!b)
			return NULL;
		*b = (struct block){ .next = s->strings, .size = size };
		s->strings = b;
	}
	p = b->bytes + b->used;
	memcpy(p, text, len);
	b->used += len;
	return p;
}

static struct entry *push(struct symbols *s, struct kd_err *err)
{
	if (s->n >= SYMBOLS_MAX) {
		kd_fail(err, KD_CORRUPT, "more than %u symbols", SYMBOLS_MAX);
		return NULL;
	}
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 4096;
		struct entry *grown = reallocarray(s->list, room, sizeof(*grown));

		if (!grown) {
			kd_nomem(err);
			return NULL;
		}
		s->list = grown;
		s->room = room;
	}
	s->list[s->n] = (struct entry){ 0 };
	return &s->list[s->n++];
}

int symbols_add(struct symbols *s, const char *name, const char *module, vaddr_t addr,
		uint64_t size, char type, struct kd_err *err)
{
	struct entry *e = push(s, err);

	if (!e)
		return err ? err->status : KD_NOMEM;
	e->sym = (struct symbol){ .addr = addr, .size = size, .type = type };
	e->sym.name = intern(s, name);
	e->sym.module = module ? intern(s, module) : NULL;
	e->global = type >= 'A' && type <= 'Z';
	e->located = type != 'a' && type != 'A';
	return e->sym.name && (e->sym.module || !module) ? 0 : kd_nomem(err);
}

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

static bool is_wanted(const GElf_Sym *sym, const char *name)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);

	if (!name || !*name || sym->st_shndx == SHN_UNDEF || type == STT_SECTION || type == STT_FILE)
		return false;
	/* local labels, mapping symbols and the tables' own marks name no place */
	return name[0] != '$' && strncmp(name, ".L", 2) && strncmp(name, "__crc_", 6) &&
	       strncmp(name, "__ksymtab_", 10) && strncmp(name, "__kstrtab", 9);
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
		bool fixed = !in_section || (percpu_fixed && sections[sym.st_shndx].percpu);
		struct entry *e;

		if (!is_wanted(&sym, name))
			continue;
		e = push(s, err);
		if (!e)
			return err ? err->status : KD_NOMEM;
		e->sym.name = name; /* the vmlinux outlives the table */
		e->sym.addr = (sym.st_value + (fixed ? 0 : bias)) & mask;
		e->sym.size = sym.st_size;
		e->sym.type = letter(&sym, fixed ? NULL : &sections[sym.st_shndx].sh);
		e->global = GELF_ST_BIND(sym.st_info) != STB_LOCAL;
		e->located = !fixed;
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
			       "debug package", v->path);
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

/* Of two symbols at one place, the one a person would name sorts last. */
static int rank(const struct entry *e)
{
	return (e->located ? 8 : 0) + (e->sym.size ? 4 : 0) + (e->global ? 2 : 0) +
	       (e->sym.name[0] != '_' ? 1 : 0);
}

static int by_addr(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->sym.addr != y->sym.addr)
		return x->sym.addr < y->sym.addr ? -1 : 1;
	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	return strcmp(x->sym.name, y->sym.name);
}

static int by_name(const void *a, const void *b, void *list)
{
	const struct entry *x = (const struct entry *)list + *(const uint32_t *)a;
	const struct entry *y = (const struct entry *)list + *(const uint32_t *)b;
	int c = strcmp(x->sym.name, y->sym.name);

	if (c)
		return c;
	/* the kernel's own before a module's, then global before local */
	if (!x->sym.module != !y->sym.module)
		return x->sym.module ? 1 : -1;
	if (x->global != y->global)
		return x->global ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Assembly labels have no size: theirs reaches to the next one. */
static void fill_sizes(struct symbols *s)
{
	vaddr_t next = 0;

	for (size_t i = s->n; i--;) {
		struct entry *e = &s->list[i];

		if (!e->located)
			continue;
		if (!e->sym.size && next > e->sym.addr)
			e->sym.size = next - e->sym.addr;
		if (!next || e->sym.addr < next)
			next = e->sym.addr;
	}
}

int symbols_finish(struct symbols *s, struct kd_err *err)
{
	if (!s->n)
		return 0;
	qsort(s->list, s->n, sizeof(*s->list), by_addr);
	fill_sizes(s);
	free(s->by_name);
	s->indexed = 0;
	s->by_name = reallocarray(NULL, s->n, sizeof(*s->by_name));
	if (!s->by_name)
		return kd_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		s->by_name[i] = (uint32_t)i;
	qsort_r(s->by_name, s->n, sizeof(*s->by_name), by_name, s->list);
	s->indexed = s->n;
	return 0;
}

/* Index into by_name of the first name >= NAME, compared over LEN bytes. */
static size_t lower_bound(const struct symbols *s, const char *name, size_t len)
{
	size_t lo = 0, hi = s->indexed;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strncmp(s->list[s->by_name[mid]].sym.name, name, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct symbol *symbols_by_name(const struct symbols *s, const char *name)
{
	size_t i = lower_bound(s, name, SIZE_MAX);

	if (i == s->indexed || strcmp(s->list[s->by_name[i]].sym.name, name))
		return NULL;
	return &s->list[s->by_name[i]].sym;
}

const struct symbol *symbols_by_name_in(const struct symbols *s, const char *name,
					const char *module)
{
	for (size_t i = lower_bound(s, name, SIZE_MAX); i < s->indexed; i++) {
		const struct symbol *sym = &s->list[s->by_name[i]].sym;

		if (strcmp(sym->name, name))
			return NULL;
		if (sym->module && !strcmp(sym->module, module))
			return sym;
	}
	return NULL;
}

const char *symbols_complete(const struct symbols *s, const char *prefix, size_t n)
{
	size_t len = strlen(prefix), i = lower_bound(s, prefix, len);
	const char *last = NULL;

	for (; i < s->indexed; i++) {
		const char *name = s->list[s->by_name[i]].sym.name;

		if (strncmp(name, prefix, len))
			return NULL;
		if (last && !strcmp(last, name))
			continue; /* static functions share names */
		if (!n--)
			return name;
		last = name;
	}
	return NULL;
}

/* How far before an address a symbol that holds it may start: nested ones are rare. */
#define LOOK_BACK 16

const struct symbol *symbols_by_addr(const struct symbols *s, vaddr_t addr)
{
	size_t lo = 0, hi = s->indexed, seen = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->list[mid].sym.addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo-- && seen < LOOK_BACK) {
		const struct entry *e = &s->list[lo];

		if (!e->located)
			continue;
		if (addr - e->sym.addr < e->sym.size)
			return &e->sym;
		seen++;
	}
	return NULL;
}

const struct symbol *symbols_at(const struct symbols *s, size_t i)
{
	return i < s->indexed ? &s->list[i].sym : NULL;
}

size_t symbols_count(const struct symbols *s)
{
	return s->indexed;
}

const char *symbols_format(const struct symbols *s, vaddr_t addr, char *buf, size_t size)
{
	const struct symbol *sym = symbols_by_addr(s, addr);

	if (!sym)
		snprintf(buf, size, "%#" PRIx64, addr);
	else
		snprintf(buf, size, "%s+%#" PRIx64 "/%#" PRIx64 "%s%s%s", sym->name, addr - sym->addr,
			 sym->size, sym->module ? " [" : "", sym->module ? sym->module : "",
			 sym->module ? "]" : "");
	return buf;
}
