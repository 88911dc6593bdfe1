// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>

static void elf_endp(Elf **elf)
{
	elf_end(*elf);
}

/*
 * A handle of our own: libelf's are not safe to share between threads. Without
 * mmap, as these few headers of a large file are all that is wanted.
 */
static Elf *elf_of(int fd, struct kd_err *err)
{
	Elf *elf = NULL;

	if (elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	kd_fail(err, KD_CORRUPT, "%s", elf ? "no ELF file" : elf_errmsg(-1));
	elf_end(elf);
	return NULL;
}

int rsp_elf_first_load(int fd, vaddr_t *vaddr, struct kd_err *err)
{
	_cleanup_(elf_endp) Elf *elf = elf_of(fd, err);
	size_t n;

	if (!elf)
		return KD_CORRUPT;
	if (elf_getphdrnum(elf, &n))
		return kd_fail(err, KD_CORRUPT, "program headers: %s", elf_errmsg(-1));
	for (size_t i = 0; i < n && i < INT32_MAX; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph))
			return kd_fail(err, KD_CORRUPT, "program headers: %s", elf_errmsg(-1));
		if (ph.p_type == PT_LOAD) {
			*vaddr = ph.p_vaddr;
			return 0;
		}
	}
	return kd_fail(err, KD_NOTFOUND, "no segment to load");
}

/*
 * BFD makes no section of what it reads as relocations or groups, allocated or
 * not; livepatch modules have allocated relocations.
 */
static bool counts_for_bfd(const GElf_Shdr *sh)
{
	return sh->sh_flags & SHF_ALLOC && sh->sh_type != SHT_NULL && sh->sh_type != SHT_REL &&
	       sh->sh_type != SHT_RELA && sh->sh_type != SHT_GROUP;
}

static int walk_sections(Elf *elf, int (*each)(void *data, const struct rsp_elf_section *section),
			 void *data, struct kd_err *err)
{
	Elf_Scn *scn = NULL;
	size_t strndx;

	if (elf_getshdrstrndx(elf, &strndx))
		return kd_fail(err, KD_CORRUPT, "sections: %s", elf_errmsg(-1));
	while ((scn = elf_nextscn(elf, scn))) {
		struct rsp_elf_section section;
		GElf_Shdr sh;
		int ret;

		if (!gelf_getshdr(scn, &sh))
			return kd_fail(err, KD_CORRUPT, "sections: %s", elf_errmsg(-1));
		if (!counts_for_bfd(&sh))
			continue;
		section.name = elf_strptr(elf, strndx, sh.sh_name);
		section.addr = sh.sh_addr;
		section.size = sh.sh_size;
		if (!section.name)
			return kd_fail(err, KD_CORRUPT, "section names: %s", elf_errmsg(-1));
		ret = each(data, &section);
		if (ret)
			return ret;
	}
	return 0;
}

int rsp_elf_sections(const char *path,
		     int (*each)(void *data, const struct rsp_elf_section *section), void *data,
		     struct kd_err *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_(elf_endp) Elf *elf = NULL;
	int ret;

	if (fd < 0)
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	elf = elf_of(fd, err);
	ret = elf ? walk_sections(elf, each, data, err) : KD_CORRUPT;
	return ret ? kd_context(err, ret, "%s", path) : 0;
}

int rsp_elf_clear_addresses(int fd, struct kd_err *err)
{
	_cleanup_(elf_endp) Elf *elf = elf_of(fd, err);
	const uint8_t zeros[8] = { 0 };
	GElf_Ehdr eh;
	size_t n, size, at;
	struct stat st;

	if (!elf)
		return KD_CORRUPT;
	if (fstat(fd, &st))
		return kd_fail(err, KD_IO, "%s", strerror(errno));
	if (!gelf_getehdr(elf, &eh) || elf_getshdrnum(elf, &n))
		return kd_fail(err, KD_CORRUPT, "section headers: %s", elf_errmsg(-1));
	at = gelf_getclass(elf) == ELFCLASS32 ? offsetof(Elf32_Shdr, sh_addr)
					      : offsetof(Elf64_Shdr, sh_addr);
	size = gelf_getclass(elf) == ELFCLASS32 ? 4 : 8;
	/* libelf counts 0 when they begin or end outside. */
	if (!n || eh.e_shentsize < at + size || n > UINT32_MAX ||
	    !range_contains((uint64_t)st.st_size, eh.e_shoff, n * eh.e_shentsize))
		return kd_fail(err, KD_CORRUPT, "section headers lie outside the file");
	for (size_t i = 0; i < n; i++) {
		uint64_t off = eh.e_shoff + i * eh.e_shentsize + at;

		if (pwrite(fd, zeros, size, (off_t)off) != (ssize_t)size)
			return kd_fail(err, KD_IO, "section headers: %s", strerror(errno));
	}
	return 0;
}
