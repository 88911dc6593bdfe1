/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel for tests of src/kernel: its virtual memory is one buffer at
 * FLAT_BASE, of which pages can be taken away. Numbers are little endian and
 * "long" is the target's.
 */
#ifndef KD_TESTS_FLAT_H
#define KD_TESTS_FLAT_H

#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"

#define FLAT_BASE UINT64_C(0xc0000000)
#define FLAT_PAGES 32

struct flat {
	struct kernel k;
	struct dump dump;
	struct dump_ops ops;
	struct arch arch;
	struct vmlinux vmlinux;
	uint32_t missing; /* bit i: page i is not in the dump */
	uint8_t mem[FLAT_PAGES * 4096];
};

static int flat_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		     struct kd_err *err)
{
	const struct flat *f = d->priv;

	*done = 0;
	if (pa >= sizeof(f->mem))
		return kd_fail(err, KD_ABSENT, "no memory");
	if (f->missing >> (pa / 4096) & 1)
		return kd_fail(err, KD_NODATA, "page excluded");
	*done = kd_min(len, 4096 - pa % 4096);
	memcpy(buf, f->mem + pa, *done);
	return 0;
}

static int flat_translate(const struct space *s, vaddr_t va, paddr_t *pa, uint64_t *run,
			  struct kd_err *err)
{
	(void)s;
	if (va - FLAT_BASE >= FLAT_PAGES * 4096)
		return kd_fail(err, KD_UNMAPPED, "not mapped");
	*pa = va - FLAT_BASE;
	if (run)
		*run = 4096 - va % 4096;
	return 0;
}

/* A kernel with pointers of PTR bytes and this VMCOREINFO; flat_free() it. */
static inline struct flat *flat_new(uint8_t ptr, const char *vmcoreinfo)
{
	struct flat *f = calloc(1, sizeof(*f));

	f->arch = (struct arch){.name = "flat",
				.ptr_size = ptr,
				.page_shift = 12,
				.machine = ptr == 4 ? EM_386 : EM_X86_64,
				.translate = flat_translate};
	f->ops = (struct dump_ops){.name = "flat", .read = flat_read};
	f->dump = (struct dump){.ops = &f->ops, .priv = f};
	f->k.arch = &f->arch;
	f->k.dump = &f->dump;
	f->k.space = (struct space){.arch = &f->arch, .dump = &f->dump};
	f->k.vmlinux = &f->vmlinux;
	if (vmcoreinfo_parse(vmcoreinfo, strlen(vmcoreinfo), &f->dump.vmcoreinfo, NULL) ||
	    symbols_new(&f->k.symbols, NULL))
		abort();
	layout_resolve(NULL, f->dump.vmcoreinfo, &f->k.layout, NULL);
	return f;
}

static inline void flat_free(struct flat *f)
{
	vmcoreinfo_free(f->dump.vmcoreinfo);
	symbols_free(f->k.symbols);
	free(f);
}

static inline void flat_put(struct flat *f, vaddr_t at, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		f->mem[at - FLAT_BASE + i] = i < 8 ? (uint8_t)(value >> 8 * i) : 0;
}

static inline void flat_long(struct flat *f, vaddr_t at, uint64_t value)
{
	flat_put(f, at, f->arch.ptr_size, value);
}

static inline void flat_text(struct flat *f, vaddr_t at, const char *text)
{
	memcpy(f->mem + (at - FLAT_BASE), text, strlen(text) + 1);
}

static inline struct member flat_member(uint64_t offset, uint64_t size)
{
	return (struct member){.offset = offset, .size = size, .count = 1, .found = true};
}

#endif
