// SPDX-License-Identifier: GPL-3.0-or-later
/* Separate debug files: see debug_link.h. */
#include "kernel/debug_link.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <zlib.h>

#include "kernel/vmlinux.h"

#define DEFAULT_ROOT "/usr/lib/debug"
#define ROOTS_MAX 64

/* The section: a name, padded to four bytes, and the CRC-32 of the file. */
struct link {
	const char *name; /* NULL: there is none */
	uint32_t crc;
};

static bool read_link(Elf *elf, struct link *out)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	size_t strings;

	if (!elf || elf_getshdrstrndx(elf, &strings))
		return false;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name =
			gelf_getshdr(scn, &sh) ? elf_strptr(elf, strings, sh.sh_name) : NULL;
		Elf_Data *d;
		size_t len;

		if (!name || strcmp(name, ".gnu_debuglink"))
			continue;
		d = elf_rawdata(scn, NULL);
		len = d && d->d_buf ? strnlen(d->d_buf, d->d_size) : 0;
		/* a name alone, not a path that leads elsewhere */
		if (!len || (len | 3) + 5 > d->d_size || memchr(d->d_buf, '/', len))
			return false;
		out->name = d->d_buf;
		memcpy(&out->crc, out->name + (len | 3) + 1, 4);
		return true;
	}
	return false;
}

static bool has_checksum(const char *path, uint32_t wanted)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) uint8_t *buf = malloc(1 << 20);
	uLong crc = crc32(0, NULL, 0);
	ssize_t n;

	if (fd < 0 || !buf)
		return false;
	while ((n = read(fd, buf, 1 << 20)) > 0)
		crc = crc32(crc, buf, (uInt)n);
	return !n && crc == wanted;
}

static bool is_same_file(const char *a, const char *b)
{
	_cleanup_(freep) char *x = realpath(a, NULL), *y = realpath(b, NULL);

	return x && y && !strcmp(x, y);
}

/* The path if it is the one, owned. CRC NULL: a file without a build ID is not. */
static char *try_path(struct debug_link *l, const uint32_t *crc, const char *fmt, ...)
	KD_PRINTF(3, 4);

static char *try_path(struct debug_link *l, const uint32_t *crc, const char *fmt, ...)
{
	char path[PATH_MAX];
	enum debug_fit fit;
	va_list ap;
	size_t n = strlen(l->tried);
	int len;

	va_start(ap, fmt);
	len = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (len < 0 || len >= (int)sizeof(path))
		return NULL;
	if (access(path, R_OK)) {
		(void)!snprintf(l->tried + n, sizeof(l->tried) - n, "%s%s", n ? ", " : "", path);
		return NULL;
	}
	if (l->path && is_same_file(path, l->path))
		return NULL;
	fit = l->fit(l->data, path);
	if (fit == DEBUG_UNSURE)
		fit = crc && has_checksum(path, *crc) ? DEBUG_FITS : DEBUG_UNFIT;
	return fit == DEBUG_FITS ? strdup(path) : NULL;
}

static char *try_id(struct debug_link *l, const char *root)
{
	char hex[2 * BUILD_ID_MAX + 1];

	build_id_format(l->id, hex);
	return strlen(hex) < 4
		       ? NULL
		       : try_path(l, NULL, "%s/.build-id/%.2s/%s.debug", root, hex, hex + 2);
}

/* Below ROOT, where the file's own folder comes again, or right there. */
static char *try_root(struct debug_link *l, const struct link *link, const char *root,
		      const char *dir)
{
	char *found = try_path(l, &link->crc, "%s%s/%s", root, dir, link->name);

	return found ? found : try_path(l, &link->crc, "%s/%s", root, link->name);
}

static char *try_link(struct debug_link *l)
{
	_cleanup_(freep) char *dir = l->path ? realpath(l->path, NULL) : NULL;
	struct link link = { .name = NULL };
	char *found, *slash = dir ? strrchr(dir, '/') : NULL;

	if (!slash || !read_link(l->elf, &link))
		return NULL;
	*slash = '\0';
	found = try_path(l, &link.crc, "%s/%s", dir, link.name);
	if (!found)
		found = try_path(l, &link.crc, "%s/.debug/%s", dir, link.name);
	for (size_t i = 0; !found && l->debug_dirs && l->debug_dirs[i] && i < ROOTS_MAX; i++)
		found = try_root(l, &link, l->debug_dirs[i], dir);
	return found ? found : try_root(l, &link, DEFAULT_ROOT, dir);
}

char *debug_link_find(struct debug_link *l)
{
	char *found = NULL;

	l->tried[0] = '\0';
	for (size_t i = 0; !found && l->debug_dirs && l->debug_dirs[i] && i < ROOTS_MAX; i++)
		found = try_id(l, l->debug_dirs[i]);
	if (!found)
		found = try_id(l, DEFAULT_ROOT);
	return found ? found : try_link(l);
}
