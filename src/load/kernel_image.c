// SPDX-License-Identifier: GPL-3.0-or-later
/* Kernels to be booted: see kernel_image.h. */
#include "load/kernel_image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/window.h"
#include "load/boot_params.h"
#include "load/unpack.h"

#define FILE_MAX (INT64_C(2) << 30)    /* bytes; with debug information */
#define PLAIN_MAX ((size_t)1 << 30)    /* unpacked by us */
#define MEMORY_MAX (UINT64_C(1) << 30) /* of a kernel in memory */
#define HEAD 4096		       /* bytes; no kernel is smaller */
#define PROTOCOL_MIN 0x020a	       /* since 2.6.31: it says how much memory it needs */
#define LOWEST 0x100000		       /* bytes of a kernel are never below */
#define CMDLINE_MAX 2047	       /* of a vmlinux, which does not say: COMMAND_LINE_SIZE - 1 */
#define LARGE_PAGE (UINT64_C(2) << 20)
#define LOWMEM_MAX 0x37ffffff /* of i386 as it is mostly configured: 896 MB */

/* Put what is in the file in its place, if it is packed. */
static int unpack(struct kernel_image *k, struct kd_err *err)
{
	uint8_t *plain = NULL;
	size_t len = 0;
	int status;

	if (k->len > 18 && k->file[0] == 0x1f && k->file[1] == 0x8b)
		status = unpack_gzip(k->file, k->len, PLAIN_MAX, &plain, &len, err);
	else if (k->len > 4 && uint_le(k->file, 4) == 0xfd2fb528)
		status = unpack_zstd(k->file, k->len, PLAIN_MAX, &plain, &len, err);
	else
		return 0;
	if (status) {
		free(plain);
		return status;
	}
	free(k->file);
	k->packed = true;
	k->file = plain;
	k->len = len;
	return 0;
}

/* bzImage --------------------------------------------------------------------- */

static bool is_bzimage(const struct kernel_image *k)
{
	return k->len > SETUP_END && uint_le(k->file + SETUP_BOOT_FLAG, 2) == 0xaa55 &&
	       !memcmp(k->file + SETUP_MAGIC, "HdrS", 4);
}

static int check_bzimage(const struct kernel_image *k, struct kd_err *err)
{
	if (k->code >= k->len || k->setup_end > SETUP_END || k->setup_end < SETUP_MAGIC)
		return kd_fail(err, KD_CORRUPT,
			       "its setup header makes no sense, or it is cut off");
	if (k->align < 4096 || k->align > MEMORY_MAX || (k->align & (k->align - 1)) ||
	    k->memsz > MEMORY_MAX || k->memsz < k->code_len || k->linked > UINT32_MAX)
		return kd_fail(err, KD_CORRUPT,
			       "it wants %" PRIu64 " bytes, aligned to %" PRIu64
			       ", which makes no sense",
			       k->memsz, k->align);
	return 0;
}

static int read_bzimage(struct kernel_image *k, struct kd_err *err)
{
	const uint8_t *p = k->file;
	unsigned sects = p[SETUP_SECTS] ? p[SETUP_SECTS] : 4, flags;

	k->kind = IMAGE_BZIMAGE;
	k->protocol = (uint16_t)uint_le(p + SETUP_PROTOCOL, 2);
	if (k->protocol < PROTOCOL_MIN || !(p[SETUP_LOADFLAGS] & LOADFLAG_HIGH))
		return kd_fail(err, KD_UNSUPPORTED,
			       "boot protocol %u.%02u is too old for a crash kernel: take one of "
			       "Linux 2.6.31 or later",
			       k->protocol >> 8, k->protocol & 255);
	flags = k->protocol >= 0x020c ? (unsigned)uint_le(p + SETUP_XLOADFLAGS, 2) : 0;
	k->setup_end = SETUP_MAGIC + p[SETUP_JUMP + 1];
	k->code = (sects + 1) * 512;
	k->code_len = k->code < k->len ? k->len - k->code : 0;
	k->is_64 = flags & XLOADFLAG_64;
	k->relocatable = p[SETUP_RELOCATABLE];
	k->linked = uint_le(p + SETUP_PREF_ADDRESS, 8);
	k->align = uint_le(p + SETUP_ALIGNMENT, 4);
	k->memsz = uint_le(p + SETUP_INIT_SIZE, 4);
	if (k->memsz < k->code_len) /* a long signature behind it */
		k->memsz = k->code_len;
	k->cmdline_max = uint_le(p + SETUP_CMDLINE_SIZE, 4);
	k->initrd_max = uint_le(p + SETUP_INITRD_MAX, 4);
	if (flags & XLOADFLAG_ABOVE_4G)
		k->initrd_max = UINT64_MAX;
	/* the kernel of i386 runs in memory that it maps for good, where its initrd need not be */
	k->max = k->is_64 ? k->initrd_max : kd_min(k->initrd_max, LOWMEM_MAX);
	k->enter_64 = k->is_64;
	k->entry_64 = 0x200;
	return check_bzimage(k, err);
}

/* vmlinux --------------------------------------------------------------------- */

struct extent {
	uint64_t start, end; /* physical */
};

/* A kernel never runs where it lies: what does is a program. */
static bool bad_load(const struct kernel_image *k, const GElf_Phdr *ph)
{
	return ph->p_vaddr == ph->p_paddr || ph->p_memsz > MEMORY_MAX ||
	       ph->p_filesz > ph->p_memsz || ph->p_paddr < LOWEST || ph->p_paddr > UINT32_MAX ||
	       !range_contains(k->len, ph->p_offset, ph->p_filesz);
}

/* All PT_LOAD of the file; the entry's physical address, whichever way it is told. */
static int read_loads(const struct kernel_image *k, Elf *elf, struct extent *e, uint64_t *entry,
		      struct kd_err *err)
{
	uint64_t told = *entry;
	size_t n;

	*e = (struct extent){ .start = UINT64_MAX };
	if (elf_getphdrnum(elf, &n))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_LOAD || !ph.p_memsz)
			continue;
		if (bad_load(k, &ph))
			return kd_fail(err, KD_UNSUPPORTED,
				       "an ELF file, but no vmlinux, or it is cut off");
		e->start = kd_min(e->start, ph.p_paddr);
		if (e->end < ph.p_paddr + ph.p_memsz)
			e->end = ph.p_paddr + ph.p_memsz;
		if (told >= ph.p_vaddr && told - ph.p_vaddr < ph.p_memsz)
			*entry = told - ph.p_vaddr + ph.p_paddr;
	}
	if (e->start >= e->end || e->end - e->start > MEMORY_MAX || *entry < e->start ||
	    *entry >= e->end)
		return kd_fail(err, KD_UNSUPPORTED, "an ELF file, but no vmlinux");
	return 0;
}

static int read_vmlinux(struct kernel_image *k, Elf *elf, struct kd_err *err)
{
	struct extent e;
	uint64_t entry;
	GElf_Ehdr eh;
	int status;

	if (!gelf_getehdr(elf, &eh) || (eh.e_machine != EM_386 && eh.e_machine != EM_X86_64) ||
	    (eh.e_type != ET_EXEC && eh.e_type != ET_DYN))
		return kd_fail(err, KD_UNSUPPORTED, "an ELF file, but no vmlinux of x86");
	entry = eh.e_entry;
	status = read_loads(k, elf, &e, &entry, err);
	if (status)
		return status;
	k->kind = IMAGE_VMLINUX;
	k->is_64 = eh.e_machine == EM_X86_64;
	/*
	 * x86_64 corrects its page tables by where it finds itself, to a large page
	 * (__startup_64()). i386 has its addresses all over: only a bzImage brings the list of
	 * them.
	 */
	k->relocatable = k->is_64;
	k->align = k->is_64 ? LARGE_PAGE : 4096;
	k->linked = e.start & ~(k->align - 1);
	k->memsz = e.end - k->linked;
	k->enter_64 = k->is_64;
	k->entry_32 = k->entry_64 = entry - k->linked;
	k->max = k->initrd_max = k->is_64 ? UINT64_MAX : LOWMEM_MAX;
	k->cmdline_max = CMDLINE_MAX;
	return 0;
}

static Elf *open_elf(const struct kernel_image *k)
{
	if (k->len < sizeof(Elf32_Ehdr) || memcmp(k->file, ELFMAG, SELFMAG))
		return NULL;
	elf_version(EV_CURRENT);
	return elf_memory((char *)k->file, k->len);
}

static int copy_loads(const struct kernel_image *k, Elf *elf, uint8_t **buf, size_t *len,
		      struct kd_err *err)
{
	uint64_t end = 0;
	size_t n = 0;
	GElf_Phdr ph;

	elf_getphdrnum(elf, &n);
	for (size_t i = 0; i < n; i++)
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD && ph.p_filesz &&
		    end < ph.p_paddr + ph.p_filesz - k->linked)
			end = ph.p_paddr + ph.p_filesz - k->linked;
	*buf = calloc(1, end ? (size_t)end : 1);
	if (!*buf)
		return kd_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD && ph.p_filesz)
			memcpy(*buf + (ph.p_paddr - k->linked), k->file + ph.p_offset, ph.p_filesz);
	*len = (size_t)end;
	return 0;
}

/* Both ------------------------------------------------------------------------ */

/* The first LEN bytes of the file; K has some of them already, or none. */
static int read_to(int fd, struct kernel_image *k, size_t len, struct kd_err *err)
{
	uint8_t *p = realloc(k->file, len);

	if (!p)
		return kd_nomem(err);
	k->file = p;
	while (k->len < len) {
		ssize_t n = pread(fd, p + k->len, len - k->len, (off_t)k->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kd_fail(err, KD_IO, "%s", strerror(errno));
		if (!n)
			return kd_fail(err, KD_CORRUPT,
				       "it became shorter while it was read: try again");
		k->len += (size_t)n;
	}
	return 0;
}

/* How much of a file of SIZE bytes matters: a vmlinux has its debug information behind that. */
static size_t loads_end(const struct kernel_image *k, size_t size)
{
	Elf *elf = open_elf(k);
	size_t n = 0, end = 0;

	if (!elf)
		return size;
	if (elf_getphdrnum(elf, &n))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph) ||
		    !range_contains(size, ph.p_offset, ph.p_filesz)) {
			end = size;
			break;
		}
		if (ph.p_type == PT_LOAD && end < ph.p_offset + ph.p_filesz)
			end = ph.p_offset + ph.p_filesz;
	}
	elf_end(elf);
	return end < k->len ? k->len : end;
}

/* Read, not mapped: who replaces a kernel by writing into its file would end us by SIGBUS. */
static int take_file(const char *path, struct kernel_image *k, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t size;
	int status;

	if (fd < 0 || fstat(fd, &st))
		return kd_fail(err, KD_IO, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size < HEAD || st.st_size > FILE_MAX)
		return kd_fail(err, KD_UNSUPPORTED, "no kernel: it has %" PRIi64 " bytes",
			       (int64_t)st.st_size);
	size = (size_t)st.st_size;
	status = read_to(fd, k, HEAD, err);
	return status ? status : read_to(fd, k, loads_end(k, size), err);
}

#define PE_OFFSET 0x3c /* of the PE header, in that of MS-DOS */
#define PE_HEAD 24     /* bytes, before the optional header */
#define PE_SECTION 40  /* bytes */

/* systemd's stub with a kernel in the section .linux (UAPI group, unified kernel image). */
static bool is_uki(const struct kernel_image *k)
{
	uint64_t pe = k->len > PE_OFFSET + 4 ? uint_le(k->file + PE_OFFSET, 4) : 0, at, n;

	if (!range_contains(k->len, pe, PE_HEAD) || memcmp(k->file, "MZ", 2) ||
	    memcmp(k->file + pe, "PE\0", 4))
		return false;
	n = uint_le(k->file + pe + 6, 2);
	at = pe + PE_HEAD + uint_le(k->file + pe + 20, 2);
	for (; n && range_contains(k->len, at, PE_SECTION); n--, at += PE_SECTION)
		if (!memcmp(k->file + at, ".linux\0", 8))
			return true;
	return false;
}

static int no_kernel(const char *path, const struct kernel_image *k, struct kd_err *err)
{
	if (is_uki(k))
		return kd_fail(err, KD_UNSUPPORTED,
			       "a unified kernel image (UKI): take the kernel out of it, "
			       "\"objcopy -O binary -j .linux %s vmlinuz\", and load that "
			       "vmlinuz",
			       path);
	return kd_fail(err, KD_UNSUPPORTED,
		       "neither a bzImage nor a vmlinux (plain, or compressed by gzip or zstd)");
}

static int read_image(const char *path, struct kernel_image *k, struct kd_err *err)
{
	int status = take_file(path, k, err);
	Elf *elf;

	if (!status)
		status = unpack(k, err);
	if (status)
		return status;
	if (is_bzimage(k))
		return read_bzimage(k, err);
	elf = open_elf(k);
	if (!elf)
		return no_kernel(path, k, err);
	status = read_vmlinux(k, elf, err);
	elf_end(elf);
	return status;
}

int kernel_image_open(const char *path, struct kernel_image *out, struct kd_err *err)
{
	int status;

	*out = (struct kernel_image){ .file = NULL };
	status = read_image(path, out, err);
	return status ? kd_context(err, status, "%s", path) : 0;
}

void kernel_image_close(struct kernel_image *k)
{
	free(k->file);
	*k = (struct kernel_image){ .file = NULL };
}

int kernel_image_bytes(const struct kernel_image *k, uint8_t **buf, size_t *len, struct kd_err *err)
{
	Elf *elf;
	int status;

	if (k->kind == IMAGE_BZIMAGE) {
		*buf = malloc(k->code_len);
		if (!*buf)
			return kd_nomem(err);
		memcpy(*buf, k->file + k->code, k->code_len);
		*len = k->code_len;
		return 0;
	}
	elf = open_elf(k);
	if (!elf)
		return kd_nomem(err);
	status = copy_loads(k, elf, buf, len, err);
	elf_end(elf);
	return status;
}
