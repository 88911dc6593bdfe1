// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Where a module's debug information lies on disk: beside vmlinux or the dump,
 * in the current folder, below debug roots and /lib/modules by release, or by
 * build ID. A file that belongs to another build is passed over.
 */
#include <fcntl.h>
#include <fts.h>
#include <gelf.h>
#include <string.h>

#include "kernel/debug_link.h"
#include "kernel/kernel.h"
#include "kernel/module_priv.h"

#define FILES_MAX 200000u /* looked at in all folders together */
#define DEPTH_MAX 16
#define ROOTS_MAX 64

struct module_search {
	const struct kernel *k;
	const char *const *debug_dirs;
	bool indexed;
	size_t seen;
	struct module_file {
		char *path;
		char name[64]; /* of the module: '-' is '_' */
	} * files;	       /* in the order of preference */
	size_t n, cap;
};

/* What a file turned out to be; better ones are greater. */
enum file_worth { FILE_USELESS, FILE_SYMBOLS, FILE_DEBUG };

int module_search_new(const struct kernel *k, const char *const *debug_dirs,
		      struct module_search **out, struct kd_err *err)
{
	struct module_search *s = calloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return kd_nomem(err);
	s->k = k;
	s->debug_dirs = debug_dirs;
	return 0;
}

void module_search_free(struct module_search *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->files[i].path);
	free(s->files);
	free(s);
}

void module_search_freep(struct module_search **s)
{
	module_search_free(*s);
}

/* Folders ------------------------------------------------------------------------ */

/* "foo-bar.ko.debug" to "foo_bar"; false: no module, or one that gdb can not read (.ko.xz). */
static bool module_name(const char *file, char *name, size_t size)
{
	static const char *const suffixes[] = {".ko", ".ko.debug"};
	size_t len = strlen(file);

	for (size_t i = 0; i < KD_ARRAY_SIZE(suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (len <= n || len - n >= size || strcmp(file + len - n, suffixes[i]))
			continue;
		for (size_t at = 0; at < len - n; at++)
			name[at] = file[at] == '-' ? '_' : file[at];
		name[len - n] = '\0';
		return true;
	}
	return false;
}

static void add_file(struct module_search *s, const char *path, const char *base)
{
	char name[64];

	if (!module_name(base, name, sizeof(name)))
		return;
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 256;
		struct module_file *p = realloc(s->files, cap * sizeof(*p));

		if (!p)
			return;
		s->files = p;
		s->cap = cap;
	}
	s->files[s->n].path = strdup(path);
	if (!s->files[s->n].path)
		return;
	memcpy(s->files[s->n++].name, name, sizeof(name));
}

/* Take notice of all modules below DIR, DEPTH folders deep. */
static bool read_folder(struct module_search *s, const char *dir, int depth)
{
	_cleanup_(freep) char *root = strdup(dir);
	char *const roots[] = {root, NULL};
	FTSENT *e;
	FTS *fts;

	if (!root || access(dir, F_OK))
		return false;
	fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	if (!fts)
		return false;
	while ((e = fts_read(fts)) && ++s->seen <= FILES_MAX) {
		switch (e->fts_info) {
		case FTS_D:
			if (e->fts_level >= depth)
				fts_set(fts, e, FTS_SKIP);
			break;
		case FTS_F:
		case FTS_SL:
		case FTS_NSOK:
			add_file(s, e->fts_path, e->fts_name);
			break;
		default:
			break;
		}
	}
	fts_close(fts);
	return true;
}

static void read_beside(struct module_search *s, const char *file)
{
	_cleanup_(freep) char *dir = file ? strdup(file) : NULL;
	_cleanup_(freep) char *modules = NULL;
	char *slash;

	if (!dir)
		return;
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	read_folder(s, slash ? dir : ".", 1);
	/* Copies of modules are kept in a folder of that name beside a dump. */
	if (asprintf(&modules, "%s/modules", slash ? dir : ".") >= 0)
		read_folder(s, modules, DEPTH_MAX);
}

static void read_release(struct module_search *s, const char *root)
{
	static const char *const trees[] = {"lib/modules", "usr/lib/modules"};
	const char *release = s->k->release;

	/* The release is the dump's word: it must not lead out of the folder. */
	if (!release || !*release || *release == '.' || strchr(release, '/'))
		return;
	for (size_t i = 0; i < KD_ARRAY_SIZE(trees); i++) {
		_cleanup_(freep) char *dir = NULL;

		/* On most systems one of the two is a link to the other. */
		if (asprintf(&dir, "%s/%s/%s", root, trees[i], release) < 0 ||
		    read_folder(s, dir, DEPTH_MAX))
			break;
	}
}

static void read_folders(struct module_search *s)
{
	s->indexed = true;
	read_beside(s, s->k->vmlinux ? s->k->vmlinux->path : NULL);
	read_beside(s, s->k->dump->path);
	read_folder(s, ".", 1);
	for (size_t i = 0; s->debug_dirs && s->debug_dirs[i] && i < ROOTS_MAX; i++) {
		read_folder(s, s->debug_dirs[i], 1);
		read_release(s, s->debug_dirs[i]);
	}
	read_release(s, "/usr/lib/debug");
	read_release(s, "");
}

/* Files -------------------------------------------------------------------------- */

static bool section_named(Elf *elf, const char *wanted, GElf_Shdr *sh, Elf_Scn **found)
{
	Elf_Scn *scn = NULL;
	size_t strings;

	if (elf_getshdrstrndx(elf, &strings))
		return false;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name =
			gelf_getshdr(scn, sh) ? elf_strptr(elf, strings, sh->sh_name) : NULL;

		if (!name || strcmp(name, wanted))
			continue;
		*found = scn;
		return true;
	}
	return false;
}

static bool has_build_id(Elf *elf, const struct build_id *wanted)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(elf, scn))) {
		Elf_Data *data;
		GElf_Nhdr note;
		size_t at = 0, name, desc;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(scn, NULL);
		while (data && (at = gelf_getnote(data, at, &note, &name, &desc))) {
			const uint8_t *bytes = data->d_buf;

			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			    !memcmp(bytes + name, "GNU", 4))
				return note.n_descsz == wanted->len &&
				       !memcmp(bytes + desc, wanted->bytes, wanted->len);
		}
	}
	return false;
}

/* Does .modinfo name another release than the dump's? */
static bool is_other_release(Elf *elf, const char *release)
{
	static const char key[] = "vermagic=";
	size_t n = release ? strlen(release) : 0;
	Elf_Scn *scn;
	GElf_Shdr sh;
	Elf_Data *data;

	if (!n || !section_named(elf, ".modinfo", &sh, &scn) || sh.sh_type == SHT_NOBITS)
		return false;
	data = elf_getdata(scn, NULL);
	for (size_t at = 0; data && at < data->d_size;) {
		const char *s = (const char *)data->d_buf + at;
		size_t len = strnlen(s, data->d_size - at);

		if (len > sizeof(key) + n && !memcmp(s, key, sizeof(key) - 1))
			return memcmp(s + sizeof(key) - 1, release, n) ||
			       s[sizeof(key) - 1 + n] != ' ';
		at += len + 1;
	}
	return false;
}

static enum file_worth elf_worth(const struct kernel *k, Elf *elf, const struct build_id *wanted)
{
	GElf_Ehdr eh;
	GElf_Shdr sh;
	Elf_Scn *scn = NULL;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh) || eh.e_type != ET_REL ||
	    eh.e_machine != k->arch->machine)
		return FILE_USELESS;
	if (wanted->len ? !has_build_id(elf, wanted) : is_other_release(elf, k->release))
		return FILE_USELESS;
	if (section_named(elf, ".debug_info", &sh, &scn) && sh.sh_type != SHT_NOBITS)
		return FILE_DEBUG;
	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			return FILE_SYMBOLS;
	return FILE_USELESS;
}

static enum file_worth file_worth(const struct kernel *k, const char *path,
				  const struct build_id *wanted)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum file_worth worth;
	Elf *elf;

	if (fd < 0)
		return FILE_USELESS;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		return FILE_USELESS;
	worth = elf_worth(k, elf, wanted);
	elf_end(elf);
	return worth;
}

/* ROOT/.build-id/ab/cdef.debug, as distributions have it. */
static char *find_by_build_id(const struct module_search *s, const char *root,
			      const struct build_id *wanted)
{
	char hex[2 * BUILD_ID_MAX + 1], *path = NULL;

	build_id_format(wanted, hex);
	if (strlen(hex) < 4 ||
	    asprintf(&path, "%s/.build-id/%.2s/%s.debug", root, hex, hex + 2) < 0)
		return NULL;
	if (file_worth(s->k, path, wanted) == FILE_DEBUG)
		return path;
	free(path);
	return NULL;
}

struct linked {
	const struct kernel *k;
	const struct build_id *wanted;
};

static enum debug_fit linked_fits(void *data, const char *path)
{
	const struct linked *l = data;

	if (file_worth(l->k, path, l->wanted) != FILE_DEBUG)
		return DEBUG_UNFIT;
	return l->wanted->len ? DEBUG_FITS : DEBUG_UNSURE;
}

/* The debug file that PATH, a module without debug information, leads to. */
static char *find_by_link(const struct module_search *s, const char *path,
			  const struct build_id *wanted)
{
	struct linked linked = { s->k, wanted };
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct debug_link l = {
		.path = path,
		.id = wanted,
		.debug_dirs = s->debug_dirs,
		.fit = linked_fits,
		.data = &linked,
	};
	char *found;

	l.elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!l.elf)
		return NULL;
	found = debug_link_find(&l);
	elf_end(l.elf);
	return found;
}

char *module_search_find(struct module_search *s, const char *name, const struct build_id *wanted)
{
	enum file_worth best = FILE_USELESS;
	const char *path = NULL;
	char *found = NULL, key[64];

	for (size_t i = 0; wanted->len && s->debug_dirs && s->debug_dirs[i] && i < ROOTS_MAX; i++)
		if ((found = find_by_build_id(s, s->debug_dirs[i], wanted)))
			return found;
	if (wanted->len && (found = find_by_build_id(s, "/usr/lib/debug", wanted)))
		return found;
	if (!s->indexed)
		read_folders(s);
	snprintf(key, sizeof(key), "%s", name);
	for (char *c = key; *c; c++)
		*c = *c == '-' ? '_' : *c;
	for (size_t i = 0; i < s->n && best < FILE_DEBUG; i++) {
		enum file_worth worth;

		if (strcmp(s->files[i].name, key))
			continue;
		worth = file_worth(s->k, s->files[i].path, wanted);
		if (worth > best) {
			best = worth;
			path = s->files[i].path;
		}
	}
	found = path && best < FILE_DEBUG ? find_by_link(s, path, wanted) : NULL;
	return found ? found : path ? strdup(path) : NULL;
}
