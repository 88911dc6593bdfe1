// SPDX-License-Identifier: GPL-3.0-or-later
/* How much crash memory: see estimate.h. */
#include "setup/estimate.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kernel/payload.h"
#include "kernel/window.h"
#include "load/kernel_image.h"
#include "load/unpack.h"
#include "load/read_file.h"

#define KIB(n) (UINT64_C(n) << 10)
#define MIB(n) (UINT64_C(n) << 20)
#define INITRD_MOST (UINT64_C(1) << 30)
#define UNPACKED_MOST (256u << 20) /* bytes of a kernel */

/*
 * Measured in QEMU (one CPU, virtio disk, the command line of "kdview load"): the smallest
 * crashkernel= that starts process 1, without image, struct pages and initramfs. It is needed
 * while the kernel starts, before it gives back its init sections: for slab caches, stacks,
 * per-CPU areas, network and crypto tables, drivers. In MiB:
 *
 *   x86_64  6.1 cloud 13   6.12 cloud 15   7.3 cloud 21   7.3 amd64 23
 *   i386    6.1 686 8      6.1 686-pae 8
 *
 * What is there in any case is told from what newer and larger kernels take more. There, too, is
 * what kdview-capture takes beyond what the kernel gives back by then: with it, 6.1 cloud needs
 * 60 MiB in all, 6.12 cloud 74 (8 more than to start), 7.3 cloud 90 and 7.3 amd64 94 (12 more),
 * 6.1 686 32 (2 more).
 */
#define START_64 MIB(12)
#define START_32 MIB(6)
#define START_MORE_64 MIB(24) /* 10 more than 7.3 amd64 was seen to need, with its dump */
#define START_MORE_32 MIB(6)

/*
 * kdview-capture while it saves, with its page tables and buffers, and what of it fits at least
 * into what the kernel gave back when it had started.
 */
#define SAVE MIB(8)
#define GIVEN_BACK_64 MIB(8)
#define GIVEN_BACK_32 MIB(6)

/* The smallest initramfs that "kdview initrd" writes, for a virtio disk without a file system. */
#define INITRD_PACKED KIB(800)
#define INITRD_UNPACKED KIB(2048)

#define SECTION MIB(128)     /* x86_64: struct pages come in sections (SECTION_SIZE_BITS 27) */
#define SECTION_PAGES MIB(2) /* 64 bytes each */
#define STRUCT_PAGE_32 32    /* i386: a flat array from address 0 to the end of crash memory */
#define PAGE 4096
#define REGION_END_32 MIB(512) /* where the kernel of i386 reserves at most */
#define LOADING MIB(2)	       /* backup of low memory, core headers, purgatory */
#define STEP MIB(8)

static void add(struct estimate *e, const char *key, const char *what, uint64_t bytes)
{
	if (e->n < ESTIMATE_PARTS)
		e->parts[e->n++] = (struct estimate_part){ key, what, bytes };
	e->least += bytes;
}

/* Images ------------------------------------------------------------------------------- */

/* The fields of a vmlinux that are wanted here, by class. */
struct elf_fields {
	size_t head, phdr, shdr;
	unsigned word; /* bytes of an address */
	struct {
		size_t phoff, shoff, phnum, shnum, shstrndx;
	} eh;
	struct {
		size_t paddr, memsz;
	} ph;
	struct {
		size_t flags, addr, offset, size;
	} sh;
};

static const struct elf_fields elf64 = {
	.head = 64,
	.phdr = 56,
	.shdr = 64,
	.word = 8,
	.eh = { 0x20, 0x28, 0x38, 0x3c, 0x3e },
	.ph = { 0x18, 0x28 },
	.sh = { 0x08, 0x10, 0x18, 0x20 },
};

static const struct elf_fields elf32 = {
	.head = 52,
	.phdr = 32,
	.shdr = 40,
	.word = 4,
	.eh = { 0x1c, 0x20, 0x2c, 0x30, 0x32 },
	.ph = { 0x0c, 0x14 },
	.sh = { 0x08, 0x0c, 0x10, 0x14 },
};

/*
 * Bytes of ".init.scratch" and before it, up to the last section: an area that the build puts
 * behind the kernel, and that is gone once the kernel runs (kernel commit e1bfa87399e3). 0:
 * there is none.
 */
static uint64_t scratch_len(const uint8_t *p, size_t n, const struct elf_fields *f)
{
	uint64_t off = uint_le(p + f->eh.shoff, f->word), count = uint_le(p + f->eh.shnum, 2);
	uint64_t names = off + uint_le(p + f->eh.shstrndx, 2) * f->shdr, end = 0, scratch = 0;

	if (!range_contains(n, names, f->shdr))
		return 0;
	names = uint_le(p + names + f->sh.offset, f->word);
	for (uint64_t i = 0; i < count && range_contains(n, off, f->shdr); i++, off += f->shdr) {
		static const char name[] = ".init.scratch";
		const uint8_t *h = p + off;
		uint64_t at, last;

		if (!(uint_le(h + f->sh.flags, f->word) & SHF_ALLOC) ||
		    kd_add_overflow(uint_le(h + f->sh.addr, f->word),
				    uint_le(h + f->sh.size, f->word), &last))
			continue;
		if (!kd_add_overflow(names, uint_le(h, 4), &at) &&
		    range_contains(n, at, sizeof(name)) && !memcmp(p + at, name, sizeof(name)))
			scratch = last;
		else if (last > end)
			end = last;
	}
	return scratch > end ? scratch - end : 0;
}

/* From the first to the last physical address of an ELF file's PT_LOADs; 0: it makes no sense. */
static uint64_t elf_span(const uint8_t *p, size_t n)
{
	const struct elf_fields *f = n > EI_CLASS && p[EI_CLASS] == ELFCLASS64 ? &elf64 : &elf32;
	uint64_t start = UINT64_MAX, end = 0, off, count, scratch;

	if (n < f->head || memcmp(p, ELFMAG, SELFMAG))
		return 0;
	off = uint_le(p + f->eh.phoff, f->word);
	count = uint_le(p + f->eh.phnum, 2);
	for (uint64_t i = 0; i < count && range_contains(n, off, f->phdr); i++, off += f->phdr) {
		uint64_t paddr = uint_le(p + off + f->ph.paddr, f->word), last;

		if (uint_le(p + off, 4) != PT_LOAD ||
		    kd_add_overflow(paddr, uint_le(p + off + f->ph.memsz, f->word), &last))
			continue;
		start = kd_min(start, paddr);
		end = last > end ? last : end;
	}
	if (end <= start || end - start > MIB(1024))
		return 0;
	scratch = scratch_len(p, n, f);
	return end - start > scratch ? end - start - scratch : end - start;
}

/* What the kernel takes when it runs; 0: its payload can not be unpacked here. */
/* All of a vmlinux that is not packed: the kernel's image has not its section headers. */
static uint64_t vmlinux_span(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t span;
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) || st.st_size <= 0)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return 0;
	span = elf_span(p, (size_t)st.st_size);
	munmap(p, (size_t)st.st_size);
	return span;
}

static uint64_t image_span(const char *path, const struct kernel_image *k)
{
	_cleanup_(freep) uint8_t *out = NULL;
	struct payload payload;
	const char *how;
	size_t size = 0;
	int ret;

	if (k->kind == IMAGE_VMLINUX)
		return k->packed ? elf_span(k->file, k->len) : vmlinux_span(path);
	if (!payload_probe(k->file, k->len) || payload_find(k->file, k->len, &payload, NULL))
		return 0;
	how = payload_compression(&payload);
	ret = how && !strcmp(how, "xz")
		      ? unpack_xz(payload.p, payload.n, UNPACKED_MOST, &out, &size, NULL)
		      : payload_unpack(&payload, &out, &size, NULL);
	return ret ? 0 : elf_span(out, size);
}

static int add_kernel(struct estimate *e, const char *path, struct kd_err *err)
{
	struct kernel_image k = { .file = NULL };
	int ret = kernel_image_open(path, &k, err);
	uint64_t span;

	if (!ret) {
		e->is_64 = k.is_64;
		/* what it takes while it unpacks itself is a little more, and better than nothing
		 */
		span = image_span(path, &k);
		add(e, "kernel", "the kernel's code and data", span ? span : k.memsz);
		/* crash memory is aligned as kernels are: 16 MiB */
		e->loading = k.memsz + LOADING;
	}
	kernel_image_close(&k);
	return ret;
}

/* The rest ----------------------------------------------------------------------------- */

static int add_initrd(struct estimate *e, const char *path, struct kd_err *err)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t len;
	int ret;

	e->initrd_packed = INITRD_PACKED;
	e->initrd_unpacked = INITRD_UNPACKED;
	if (path) {
		ret = read_file("", path, INITRD_MOST, &bytes, &len, err);
		if (ret)
			return ret;
		e->initrd_packed = len;
		e->initrd_unpacked =
			initramfs_unpacked((const uint8_t *)bytes, len, &e->initrd_guessed);
	}
	add(e, "initramfs", "the initramfs, packed", e->initrd_packed);
	add(e, "initramfs_unpacked", "the initramfs, unpacked", e->initrd_unpacked);
	e->loading += e->initrd_packed;
	return 0;
}

/* struct pages of crash memory of SIZE bytes, where it is or is going to be. */
static uint64_t struct_pages(const struct estimate *e, const struct machine *m, uint64_t size)
{
	const struct range *r = m ? machine_crash_region(m) : NULL;

	if (!e->is_64) {
		uint64_t end = r ? r->end : REGION_END_32;

		if (!r && m && m->ram.n)
			end = kd_min(end, m->ram.at[m->ram.n - 1].end);
		return end / PAGE * STRUCT_PAGE_32;
	}
	/* the section of the first megabyte, and those that crash memory touches */
	if (r && range_len(r) >= size)
		return (1 + (r->end - 1) / SECTION - r->start / SECTION + 1) * SECTION_PAGES;
	return (2 + (size + SECTION - 1) / SECTION) * SECTION_PAGES;
}

int estimate_make(const struct machine *m, const char *kernel, const char *initrd,
		  struct estimate *out, struct kd_err *err)
{
	uint64_t save, pages, more;
	int ret;

	*out = (struct estimate){ .n = 0 };
	ret = add_kernel(out, kernel, err);
	if (!ret)
		ret = add_initrd(out, initrd, err);
	if (ret)
		return ret;
	add(out, "start", "what the kernel takes for itself while it starts",
	    out->is_64 ? START_64 : START_32);
	save = SAVE - (out->is_64 ? GIVEN_BACK_64 : GIVEN_BACK_32);
	if (save)
		add(out, "save", "saving, beyond what the kernel has given back by then", save);
	pages = struct_pages(out, m, out->least);
	add(out, "pages", "struct pages", pages);
	if (out->least < out->loading)
		out->least = out->loading;
	more = out->is_64 ? START_MORE_64 : START_MORE_32;
	/* an eighth for what other drivers and file systems take */
	out->want = (out->least + out->least / 8 + more + STEP - 1) / STEP * STEP;
	return 0;
}
