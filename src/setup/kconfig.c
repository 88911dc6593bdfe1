// SPDX-License-Identifier: GPL-3.0-or-later
/* Configurations of kernels: see kconfig.h. */
#include "setup/kconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

#include "kernel/payload.h"
#include "load/unpack.h"

#define TEXT_MAX (8u << 20)	     /* bytes of a configuration; the largest have 0.3 MB */
#define FILE_MAX (UINT64_C(4) << 30) /* of an image: vmlinux with debug information has 1 GB */
#define UNPACKED_MAX (256u << 20)    /* of what is in it */
#define PACKED_MAX (256u << 20)	     /* of a file that is to be unpacked */

/* kernel/configs.c puts these around the compressed text. */
static const uint8_t ikconfig_start[] = { 'I', 'K', 'C', 'F', 'G', '_', 'S', 'T', 0x1f, 0x8b, 8 };
#define IKCONFIG_MARK 8 /* bytes before the gzip data */

/* Text --------------------------------------------------------------------------------- */

/* Does it have lines that only a configuration has? Binary files have NULs. */
static bool is_config(const char *text, size_t len)
{
	static const char yes[] = "CONFIG_", head[] = " Kernel Configuration\n";

	return len && !memchr(text, '\0', len) &&
	       (!strncmp(text, yes, sizeof(yes) - 1) || memmem(text, len, "\nCONFIG_", 8) ||
		memmem(text, len, "\n# CONFIG_", 10) || memmem(text, len, head, sizeof(head) - 1));
}

/* "# Linux/x86 6.1.176 Kernel Configuration" */
static void take_release(struct kconfig *c)
{
	static const char end[] = " Kernel Configuration";
	const char *line = strstr(c->text, end), *p = line;
	size_t len;

	while (p && p > c->text && p[-1] != ' ' && p[-1] != '\n')
		p--;
	len = line ? (size_t)(line - p) : 0;
	if (!len || len >= sizeof(c->release) || c->release[0])
		return;
	memcpy(c->release, p, len);
	c->release[len] = '\0';
}

/* "# Linux/arm64 6.1.176 Kernel Configuration": rules for x86 would judge that wrongly. */
static int check_arch(const struct kconfig *c, struct kd_err *err)
{
	static const char head[] = "# Linux/";
	const char *p = strstr(c->text, head);
	size_t len;

	if (!p || (p != c->text && p[-1] != '\n'))
		return 0;
	p += sizeof(head) - 1;
	len = strcspn(p, " \n");
	if ((len == 3 && !strncmp(p, "x86", 3)) || (len == 4 && !strncmp(p, "i386", 4)) ||
	    (len == 6 && !strncmp(p, "x86_64", 6)))
		return 0;
	return kd_fail(err, KD_UNSUPPORTED,
		       "a configuration for %.*s: only x86_64 and i386 are known here",
		       (int)kd_min(len, 32), p);
}

static int take_text(struct kconfig *c, const void *text, size_t len, struct kd_err *err)
{
	if (len > TEXT_MAX || !is_config(text, len))
		return kd_fail(err, KD_CORRUPT, "this is no configuration of a kernel");
	free(c->text); /* of a first try */
	c->text = malloc(len + 1);
	if (!c->text)
		return kd_nomem(err);
	memcpy(c->text, text, len);
	c->text[len] = '\0';
	c->len = len;
	take_release(c);
	return check_arch(c, err);
}

/* One gzip stream, with or without something behind it, as text. */
static int take_gzip(struct kconfig *c, const uint8_t *p, size_t n, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *out = malloc(TEXT_MAX);
	z_stream z = { .avail_in = (uInt)kd_min(n, TEXT_MAX), .avail_out = TEXT_MAX };
	int rc;

	if (!out)
		return kd_nomem(err);
	/* zlib takes no const */
	memcpy(&z.next_in, &p, sizeof(z.next_in));
	z.next_out = out;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return kd_nomem(err);
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (rc != Z_STREAM_END)
		return kd_fail(err, KD_CORRUPT, "its gzip data is damaged, or far too long");
	return take_text(c, out, TEXT_MAX - z.avail_out, err);
}

/* Images ------------------------------------------------------------------------------- */

static int take_ikconfig(struct kconfig *c, const uint8_t *p, size_t n, struct kd_err *err)
{
	const uint8_t *at = memmem(p, n, ikconfig_start, sizeof(ikconfig_start));
	int ret;

	if (!at)
		return kd_fail(err, KD_NOTFOUND,
			       "this kernel carries no configuration "
			       "(CONFIG_IKCONFIG is not set)");
	at += IKCONFIG_MARK;
	ret = take_gzip(c, at, n - (size_t)(at - p), err);
	return ret ? kd_context(err, ret, "the configuration inside") : 0;
}

static bool is_elf(const uint8_t *p, size_t n)
{
	return n > 4 && !memcmp(p, "\177ELF", 4);
}

static int take_image(struct kconfig *c, const uint8_t *p, size_t n, struct kd_err *err);

static int unpack(const struct payload *in, uint8_t **out, size_t *size, struct kd_err *err)
{
	const char *how = payload_compression(in);

	if (in->n > PACKED_MAX)
		return kd_fail(err, KD_CORRUPT, "no compressed kernel is so large");
	if (how && !strcmp(how, "xz"))
		return unpack_xz(in->p, in->n, UNPACKED_MAX, out, size, err);
	return payload_unpack(in, out, size, err);
}

static int take_packed(struct kconfig *c, const struct payload *in, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *out = NULL;
	struct payload inner;
	size_t size;
	int ret = unpack(in, &out, &size, err);

	if (ret)
		return ret;
	inner = (struct payload){ out, size };
	/* once more would be a file that somebody made to unpack for ever */
	return payload_compression(&inner)
		       ? kd_fail(err, KD_CORRUPT, "compressed twice: no kernel is")
		       : take_image(c, out, size, err);
}

static int take_image(struct kconfig *c, const uint8_t *p, size_t n, struct kd_err *err)
{
	struct payload payload = { p, n };
	int ret;

	if (is_elf(p, n))
		return take_ikconfig(c, p, n, err);
	if (payload_probe(p, n)) {
		payload_release(p, n, c->release, sizeof(c->release));
		ret = payload_find(p, n, &payload, err);
		return ret ? ret : take_packed(c, &payload, err);
	}
	return take_text(c, p, n, err);
}

int kconfig_read_bytes(const uint8_t *p, size_t len, const char *source, struct kconfig *out,
		       struct kd_err *err)
{
	struct payload file = { p, len };
	const char *packed = payload_compression(&file);
	int ret;

	*out = (struct kconfig){ .source = strdup(source) };
	if (!out->source)
		return kd_nomem(err);
	/* a configuration is small, and its gzip data need not fill the file */
	if (packed && !strcmp(packed, "gzip") && !take_gzip(out, p, len, NULL))
		return 0;
	ret = packed ? take_packed(out, &file, err) : take_image(out, p, len, err);
	return ret ? kd_context(err, ret, "%s", source) : 0;
}

/* Files -------------------------------------------------------------------------------- */

/* A file of /proc tells no size: it is read until its end. */
static int read_stream(int fd, const char *path, struct kconfig *out, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *buf = malloc(TEXT_MAX);
	size_t n = 0;
	ssize_t got = 1;

	if (!buf)
		return kd_nomem(err);
	while (n < TEXT_MAX && (got = read(fd, buf + n, TEXT_MAX - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	return kconfig_read_bytes(buf, n, path, out, err);
}

int kconfig_read(const char *path, struct kconfig *out, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *p;
	int ret;

	*out = (struct kconfig){ .len = 0 };
	if (fd < 0 || fstat(fd, &st))
		return kd_fail(err, errno == ENOENT ? KD_NOTFOUND : KD_IO, "%s: %s", path,
			       strerror(errno));
	if (S_ISDIR(st.st_mode))
		return kd_fail(err, KD_IO, "%s: it is a folder", path);
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return read_stream(fd, path, out, err);
	if ((uint64_t)st.st_size > kd_min(FILE_MAX, SIZE_MAX / 2))
		return kd_fail(err, KD_CORRUPT, "%s: no kernel is so large", path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return read_stream(fd, path, out, err);
	ret = kconfig_read_bytes(p, (size_t)st.st_size, path, out, err);
	munmap(p, (size_t)st.st_size);
	return ret;
}

int kconfig_installed(const char *root, const char *release, bool running, struct kconfig *out,
		      struct kd_err *err)
{
	/* Debian, Fedora and the like; /usr/lib/modules where /lib is no link to it */
	static const struct {
		const char *before, *after;
	} places[] = { { "/boot/config-", "" },
		       { "/lib/modules/", "/config" },
		       { "/usr/lib/modules/", "/config" },
		       { "/lib/modules/", "/build/.config" },
		       { "/usr/lib/kernel/config-", "" } };
	struct kd_err why = KD_ERR_INIT;
	int ret = KD_NOTFOUND;

	*out = (struct kconfig){ .len = 0 };
	if (strchr(release, '/') || (!*release && !running))
		return kd_fail(err, KD_NOTFOUND, "not known which release it is");
	for (size_t i = running ? 0 : 1; i <= (*release ? KD_ARRAY_SIZE(places) : 0); i++) {
		_cleanup_(freep) char *path = NULL;
		int n = i ? asprintf(&path, "%s%s%s%s", root, places[i - 1].before, release,
				     places[i - 1].after)
			  : asprintf(&path, "%s/proc/config.gz", root);

		if (n < 0)
			return kd_nomem(err);
		kconfig_fini(out);
		ret = kconfig_read(path, out, &why);
		if (ret != KD_NOTFOUND && ret != KD_IO)
			break;
	}
	if (ret == KD_NOTFOUND || ret == KD_IO)
		return kd_fail(err, KD_NOTFOUND,
			       "no configuration of %s: there is neither %s/boot/config-%s nor "
			       "%s/lib/modules/%s/config%s; --config names another file",
			       release, root, release, root, release,
			       running ? " nor /proc/config.gz (\"modprobe configs\" may bring it)"
				       : "");
	return ret ? kd_fail(err, ret, "%s", why.text) : 0;
}

void kconfig_fini(struct kconfig *c)
{
	free(c->text);
	free(c->source);
	*c = (struct kconfig){ .len = 0 };
}

/* Answers ------------------------------------------------------------------------------ */

/* The line of NAME from its "CONFIG_" on; *set: it has an answer. NULL: there is none. */
static const char *find_line(const struct kconfig *c, const char *name, bool *set)
{
	size_t len = strlen(name);

	for (const char *p = c->text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		*set = *p != '#';
		if (!*set)
			p += 1 + (p[1] == ' ');
		if (!strncmp(p, "CONFIG_", 7) && !strncmp(p + 7, name, len) &&
		    (*set ? p[7 + len] == '=' : !strncmp(p + 7 + len, " is not set", 11)))
			return p + 7 + len;
	}
	return NULL;
}

bool kconfig_value(const struct kconfig *c, const char *name, char *buf, size_t size)
{
	bool set;
	const char *p = find_line(c, name, &set);
	size_t len;

	*buf = '\0';
	if (!p)
		return false;
	if (!set) {
		snprintf(buf, size, "n");
		return true;
	}
	p++;
	len = strcspn(p, "\r\n");
	if (len > 1 && p[0] == '"' && p[len - 1] == '"')
		p++, len -= 2;
	snprintf(buf, size, "%.*s", (int)kd_min(len, size), p);
	return true;
}

bool kconfig_on(const struct kconfig *c, const char *name)
{
	char v[4];

	return kconfig_value(c, name, v, sizeof(v)) && (!strcmp(v, "y") || !strcmp(v, "m"));
}

bool kconfig_builtin(const struct kconfig *c, const char *name)
{
	char v[4];

	return kconfig_value(c, name, v, sizeof(v)) && !strcmp(v, "y");
}

bool kconfig_number(const struct kconfig *c, const char *name, uint64_t *v)
{
	char text[32], *end;
	unsigned long long n;

	if (!kconfig_value(c, name, text, sizeof(text)))
		return false;
	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || end == text || *end || text[0] == '-')
		return false;
	*v = n;
	return true;
}

bool kconfig_is_32bit(const struct kconfig *c)
{
	char v[4];

	/* either line is in every x86 configuration; an extract may lack one */
	return kconfig_builtin(c, "X86_32") ||
	       (kconfig_value(c, "64BIT", v, sizeof(v)) && !strcmp(v, "n"));
}
