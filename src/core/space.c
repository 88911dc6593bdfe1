// SPDX-License-Identifier: GPL-3.0-or-later
/* Virtual address spaces: see space.h. */
#include "core/space.h"

#include <inttypes.h>
#include <string.h>

int space_init_kernel(struct space *s, const struct arch *arch, const struct dump *d,
		      struct kd_err *err)
{
	*s = (struct space){ .arch = arch, .dump = d };
	return arch->space_init(s, err);
}

bool space_learn_linear(struct space *s, uint64_t base)
{
	paddr_t pa;
	vaddr_t va;

	if (!base || kd_add_overflow(base, s->root, &va) ||
	    space_translate(s, va, &pa, NULL, NULL) || pa != s->root)
		return false;
	s->page_offset = base;
	return true;
}

void space_init_user(struct space *s, const struct space *kernel, paddr_t root)
{
	*s = *kernel;
	s->root = root;
}

int space_translate(const struct space *s, vaddr_t va, paddr_t *pa, uint64_t *run,
		    struct kd_err *err)
{
	return s->arch->translate(s, va, pa, run, err);
}

static int read_some(const struct space *s, vaddr_t va, void *buf, size_t len, size_t *done,
		     struct kd_err *err)
{
	uint64_t run = 0;
	paddr_t pa;
	int status = space_translate(s, va, &pa, &run, err);

	*done = 0;
	if (status)
		return status;
	return dump_read(s->dump, pa, buf, kd_min(len, run), done, err);
}

int space_read(const struct space *s, vaddr_t va, void *buf, size_t len, size_t *done,
	       struct kd_err *err)
{
	size_t got = 0;
	int status = 0;

	while (got < len && !status) {
		size_t n;
		vaddr_t at;

		if (kd_add_overflow(va, got, &at)) {
			status = kd_fail(err, KD_UNMAPPED, "beyond the end of the address space");
			break;
		}
		status = read_some(s, at, (uint8_t *)buf + got, len - got, &n, err);
		got += n;
		if (status)
			kd_context(err, status, "address %#" PRIx64, va + got);
	}
	if (done)
		*done = got;
	return status;
}

int space_read_uint(const struct space *s, vaddr_t va, size_t size, uint64_t *value,
		    struct kd_err *err)
{
	uint8_t b[8];
	int status;

	if (size > sizeof(b))
		return kd_fail(err, KD_UNSUPPORTED, "a number of %zu bytes", size);
	status = space_read(s, va, b, size, NULL, err);
	if (status)
		return status;
	*value = 0;
	for (size_t i = size; i--;)
		*value = *value << 8 | b[i];
	return 0;
}

int space_read_ptr(const struct space *s, vaddr_t va, uint64_t *value, struct kd_err *err)
{
	return space_read_uint(s, va, s->arch->ptr_size, value, err);
}

int space_read_str(const struct space *s, vaddr_t va, char *buf, size_t size, struct kd_err *err)
{
	size_t got = 0;
	int status = 0;

	while (!status && got + 1 < size) {
		/* up to the next 256-byte border: a string must not fail for what follows it */
		size_t n, want = kd_min(size - 1 - got, 256 - ((va + got) & 255));
		char *nul;

		status = space_read(s, va + got, buf + got, want, &n, err);
		nul = memchr(buf + got, '\0', n);
		if (nul)
			return 0;
		got += n;
	}
	buf[got] = '\0';
	return status;
}
