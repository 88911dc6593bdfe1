// SPDX-License-Identifier: GPL-3.0-or-later
/* cpio archives: see cpio.h. */
#include "setup/cpio.h"

#include <string.h>
#include <sys/stat.h>

#define HEADER 110
#define BLOCK 512 /* archives are a multiple of it */

struct entry {
	const char *name;
	unsigned mode, nlink, major, minor;
	const void *data;
	size_t len;
};

static int reserve(struct cpio *c, size_t more, struct kd_err *err)
{
	size_t cap = c->cap ? c->cap : 1 << 16;
	uint8_t *p;

	if (more <= c->cap - c->len)
		return 0;
	while (cap - c->len < more)
		if (kd_mul_overflow(cap, 2, &cap))
			return kd_nomem(err);
	p = realloc(c->bytes, cap);
	if (!p)
		return kd_nomem(err);
	c->bytes = p;
	c->cap = cap;
	return 0;
}

/* There is space. */
static void put(struct cpio *c, const void *data, size_t len, size_t align)
{
	if (len)
		memcpy(c->bytes + c->len, data, len);
	c->len += len;
	while (c->len % align)
		c->bytes[c->len++] = 0;
}

static int add(struct cpio *c, const struct entry *e, struct kd_err *err)
{
	size_t name = strlen(e->name) + 1;
	char header[HEADER + 1];
	int ret;

	if (name > 4096 || e->len > UINT32_MAX)
		return kd_fail(err, KD_USAGE, "%.100s: too large for an initramfs", e->name);
	ret = reserve(c, HEADER + name + e->len + BLOCK + 8, err);
	if (ret)
		return ret;
	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", c->ino++, e->mode,
		 0u, 0u, e->nlink, 0u, (unsigned)e->len, 0u, 0u, e->major, e->minor, (unsigned)name,
		 0u);
	put(c, header, HEADER, 1);
	put(c, e->name, name, 4);
	put(c, e->data, e->len, 4);
	return 0;
}

int cpio_folder(struct cpio *c, const char *name, unsigned mode, struct kd_err *err)
{
	struct entry e = { .name = name, .mode = S_IFDIR | mode, .nlink = 2 };

	return add(c, &e, err);
}

int cpio_file(struct cpio *c, const char *name, unsigned mode, const void *data, size_t len,
	      struct kd_err *err)
{
	struct entry e = {
		.name = name, .mode = S_IFREG | mode, .nlink = 1, .data = data, .len = len
	};

	return add(c, &e, err);
}

int cpio_device(struct cpio *c, const char *name, unsigned mode, unsigned major, unsigned minor,
		struct kd_err *err)
{
	struct entry e = {
		.name = name, .mode = S_IFCHR | mode, .nlink = 1, .major = major, .minor = minor
	};

	return add(c, &e, err);
}

int cpio_end(struct cpio *c, struct kd_err *err)
{
	struct entry e = { .name = "TRAILER!!!", .nlink = 1 };
	int ret = add(c, &e, err);

	if (!ret)
		put(c, NULL, 0, BLOCK);
	return ret;
}

void cpio_fini(struct cpio *c)
{
	free(c->bytes);
	*c = (struct cpio){ 0 };
}
