// SPDX-License-Identifier: GPL-3.0-or-later
/* vmlinux files: see vmlinux.h. */
#include "kernel/vmlinux.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/boot_image.h"

/* Build IDs ------------------------------------------------------------------- */

void build_id_format(const struct build_id *id, char *buf)
{
	buf[0] = '\0';
	for (size_t i = 0; i < id->len && i < BUILD_ID_MAX; i++)
		snprintf(buf + 2 * i, 3, "%02x", id->bytes[i]);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool build_id_parse(const char *hex, struct build_id *id)
{
	id->len = 0;
	while (*hex && *hex != '\n') {
		int hi = hex_digit(hex[0]), lo = hi < 0 ? -1 : hex_digit(hex[1]);

		if (lo < 0 || id->len == BUILD_ID_MAX) {
			id->len = 0;
			return false;
		}
		id->bytes[id->len++] = (uint8_t)(hi << 4 | lo);
		hex += 2;
	}
	return id->len > 0;
}

bool build_id_equal(const struct build_id *a, const struct build_id *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* Sections -------------------------------------------------------------------- */

static Elf_Scn *find_section(const struct vmlinux *v, const char *name, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;
	size_t strndx;

	if (elf_getshdrstrndx(v->elf, &strndx))
		return NULL;
	while ((scn = elf_nextscn(v->elf, scn))) {
		const char *n;

		if (!gelf_getshdr(scn, sh))
			continue;
		n = elf_strptr(v->elf, strndx, sh->sh_name);
		if (n && !strcmp(n, name))
			return scn;
	}
	return NULL;
}

bool vmlinux_section(const struct vmlinux *v, const char *name, struct vmlinux_section *out)
{
	GElf_Shdr sh;
	Elf_Scn *scn = find_section(v, name, &sh);
	Elf_Data *data;

	if (!scn)
		return false;
	*out = (struct vmlinux_section){ .addr = sh.sh_addr, .size = sh.sh_size };
	if (sh.sh_type == SHT_NOBITS)
		return true;
	data = elf_rawdata(scn, NULL);
	if (!data || !data->d_buf)
		return false;
	out->data = data->d_buf;
	out->size = data->d_size;
	return true;
}

static bool note_build_id(Elf_Data *data, struct build_id *id)
{
	size_t off = 0, name, desc, next;
	GElf_Nhdr nh;

	while ((next = gelf_getnote(data, off, &nh, &name, &desc)) > 0) {
		const char *d = data->d_buf;

		if (nh.n_type == NT_GNU_BUILD_ID && nh.n_namesz == 4 && !memcmp(d + name, "GNU", 4) &&
		    nh.n_descsz && nh.n_descsz <= BUILD_ID_MAX) {
			memcpy(id->bytes, d + desc, nh.n_descsz);
			id->len = nh.n_descsz;
			return true;
		}
		off = next;
	}
	return false;
}

static void take_build_id(struct vmlinux *v)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(v->elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(scn, NULL);
		if (data && note_build_id(data, &v->build_id))
			return;
	}
}

/* Opening --------------------------------------------------------------------- */

static int check_elf(struct vmlinux *v, struct kd_err *err)
{
	struct vmlinux_section s;
	GElf_Ehdr eh;

	if (elf_kind(v->elf) != ELF_K_ELF || !gelf_getehdr(v->elf, &eh))
		return kd_fail(err, KD_UNSUPPORTED,
			       "not an ELF file: a vmlinux with debug information is needed");
	if (eh.e_type != ET_EXEC && eh.e_type != ET_DYN)
		return kd_fail(err, KD_UNSUPPORTED, "an ELF file, but not a kernel image (type %u)",
			       eh.e_type);
	v->machine = eh.e_machine;
	v->elf_class = eh.e_ident[EI_CLASS];
	take_build_id(v);
	v->has_dwarf = vmlinux_section(v, ".debug_info", &s) && s.data;
	v->has_symbols = vmlinux_section(v, ".symtab", &s) && s.data;
	v->has_btf = vmlinux_section(v, ".BTF", &s) && s.data;
	return 0;
}

static int open_path(struct vmlinux *v, const char *path, struct kd_err *err)
{
	struct stat st;

	v->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (v->fd < 0 || fstat(v->fd, &st))
		return kd_fail(err, errno == ENOENT ? KD_NOTFOUND : KD_IO, "can not open: %s",
			       strerror(errno));
	if (!S_ISREG(st.st_mode))
		return kd_fail(err, KD_UNSUPPORTED, "not a regular file");
	v->path = realpath(path, NULL);
	if (!v->path)
		return kd_nomem(err);
	elf_version(EV_CURRENT);
	v->elf = elf_begin(v->fd, ELF_C_READ_MMAP_PRIVATE, NULL);
	if (!v->elf)
		return kd_fail(err, KD_CORRUPT, "%s", elf_errmsg(-1));
	return check_elf(v, err);
}

int vmlinux_open(const char *path, struct vmlinux **out, struct kd_err *err)
{
	_cleanup_(vmlinux_closep) struct vmlinux *v = calloc(1, sizeof(*v));
	int status;

	if (!v)
		return kd_nomem(err);
	v->fd = -1;
	status = open_path(v, path, err);
	if (status)
		return kd_context(err, status, "%s", path);
	*out = v;
	v = NULL;
	return 0;
}

void vmlinux_close(struct vmlinux *v)
{
	if (!v)
		return;
	if (v->elf)
		elf_end(v->elf);
	closep(&v->fd);
	free(v->path);
	free(v);
}

void vmlinux_closep(struct vmlinux **v)
{
	vmlinux_close(*v);
}

bool vmlinux_probe_path(const char *path)
{
	Elf64_Ehdr eh; /* e_type is at the same place in both classes */
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && pread(fd, &eh, sizeof(eh), 0) == sizeof(eh) &&
	    !memcmp(eh.e_ident, ELFMAG, SELFMAG))
		return eh.e_type == ET_EXEC || eh.e_type == ET_DYN;
	return boot_image_probe(path);
}

/* Finding --------------------------------------------------------------------- */

struct search {
	const struct vmlinux_wanted *wanted;
	struct vmlinux *found;
	struct vmlinux *poor; /* the first that fits, but lacks something */
	char tried[640];  /* for the error: what was looked at */
	char passed[160]; /* a file that was there, but of another build */
};

static void try_path(struct search *s, const char *path)
{
	struct vmlinux *v = NULL, *debug = NULL;
	size_t n = strlen(s->tried);

	if (s->found || access(path, R_OK)) {
		if (!s->found)
			(void)!snprintf(s->tried + n, sizeof(s->tried) - n, "%s%s", n ? ", " : "", path);
		return;
	}
	if (vmlinux_open(path, &v, NULL) || !v)
		return;
	if (s->wanted->build_id.len && !build_id_equal(&v->build_id, &s->wanted->build_id)) {
		snprintf(s->passed, sizeof(s->passed), "%.120s is of another build", path);
		vmlinux_close(v);
		return;
	}
	if (!vmlinux_is_whole(v) && !vmlinux_debug_file(v, s->wanted->debug_dirs, &debug, NULL)) {
		vmlinux_close(v);
		v = debug;
	}
	if (vmlinux_is_whole(v))
		s->found = v;
	else if (!s->poor)
		s->poor = v;
	else
		vmlinux_close(v);
}

static void try_format(struct search *s, const char *fmt, ...) KD_PRINTF(2, 3);

static void try_format(struct search *s, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (n > 0 && n < (int)sizeof(path))
		try_path(s, path);
}

/* A release becomes part of paths, and the dump is not to be trusted. */
static bool is_plain_name(const char *s)
{
	return s && *s && *s != '.' && strlen(s) < 128 &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~-")];
}

static void try_dir(struct search *s, const char *dir, const char *release)
{
	if (release)
		try_format(s, "%s/vmlinux-%s", dir, release);
	try_format(s, "%s/vmlinux", dir);
	if (release)
		try_format(s, "%s/vmlinux-%s.debug", dir, release);
}

static bool searched(const char *const *dirs, const char *dir)
{
	for (; dirs && *dirs; dirs++)
		if (!strcmp(*dirs, dir))
			return true;
	return false;
}

static void try_debug_root(struct search *s, const char *root, const char *release)
{
	char hex[2 * BUILD_ID_MAX + 1];

	build_id_format(&s->wanted->build_id, hex);
	if (s->wanted->build_id.len > 1)
		try_format(s, "%s/.build-id/%.2s/%s.debug", root, hex, hex + 2);
	if (!release)
		return;
	try_format(s, "%s/boot/vmlinux-%s", root, release);
	try_format(s, "%s/lib/modules/%s/vmlinux", root, release);
	try_format(s, "%s/usr/lib/modules/%s/vmlinux", root, release);
	try_format(s, "%s/boot/vmlinux-%s.debug", root, release);
}

void vmlinux_package(const char *release, char *buf, size_t size)
{
	snprintf(buf, size, "Debian: apt install linux-image-%s-dbg; Fedora: dnf debuginfo-install kernel",
		 is_plain_name(release) ? release : "...");
}

static int not_found(const struct search *s, const char *release, struct kd_err *err)
{
	char hex[2 * BUILD_ID_MAX + 1], what[256] = "a kernel that does not name itself";
	char package[256];

	build_id_format(&s->wanted->build_id, hex);
	if (release)
		snprintf(what, sizeof(what), "kernel %s%s%s%s", release, hex[0] ? " (build ID " : "",
			 hex, hex[0] ? ")" : "");
	vmlinux_package(release, package, sizeof(package));
	return kd_fail(err, KD_NOTFOUND,
		       "no vmlinux found for %s; tried: %s%s%s. Name one, or install it: %s", what,
		       s->tried, s->passed[0] ? "; " : "", s->passed, package);
}

int vmlinux_find(const struct vmlinux_wanted *wanted, struct vmlinux **out, struct kd_err *err)
{
	const char *release = is_plain_name(wanted->release) ? wanted->release : NULL;
	struct search s = { .wanted = wanted };

	/* Without either, any vmlinux would do: that is no finding. */
	if (!release && !wanted->build_id.len)
		return not_found(&s, release, err);
	for (const char *const *d = wanted->dirs; d && *d; d++)
		try_dir(&s, *d, release);
	for (const char *const *d = wanted->debug_dirs; d && *d; d++) {
		try_debug_root(&s, *d, release);
		try_dir(&s, *d, release);
	}
	if (!searched(wanted->dirs, "."))
		try_dir(&s, ".", release);
	try_debug_root(&s, "/usr/lib/debug", release);
	if (release) {
		try_format(&s, "/boot/vmlinux-%s", release);
		try_format(&s, "/lib/modules/%s/vmlinux", release);
		try_format(&s, "/lib/modules/%s/build/vmlinux", release);
	}
	if (!s.found && !s.poor)
		return not_found(&s, release, err);
	*out = s.found ? s.found : s.poor;
	if (s.found)
		vmlinux_close(s.poor);
	return 0;
}
