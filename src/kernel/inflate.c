// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed sections: see inflate.h. */
#include "kernel/inflate.h"

#include <gelf.h>
#include <inttypes.h>
#include <string.h>
#include <zstd.h>

#define PLAIN_MAX (UINT64_C(1) << 33) /* bytes; the largest kernels have a tenth of that */
#define COMPRESSED_ZSTD 2	      /* ELFCOMPRESS_ZSTD, which older elf.h lack */

struct inflated {
	struct inflated *next;
	max_align_t bytes[];
};

void inflated_free(struct inflated *list)
{
	while (list) {
		struct inflated *next = list->next;

		free(list);
		list = next;
	}
}

/* libelf keeps one Elf_Data for what a section is and one for what the file has: both. */
bool section_replace(Elf_Scn *scn, void *data, size_t size)
{
	Elf_Data *d = elf_getdata(scn, NULL), *raw = elf_rawdata(scn, NULL);

	if (!d || !raw)
		return false;
	d->d_buf = raw->d_buf = data;
	d->d_size = raw->d_size = size;
	d->d_type = raw->d_type = ELF_T_BYTE;
	return true;
}

static int inflate_zstd(Elf_Scn *scn, size_t head, GElf_Shdr *sh, const GElf_Chdr *ch,
			struct inflated **list, struct kd_err *err)
{
	Elf_Data *raw = elf_rawdata(scn, NULL);
	size_t size;
	struct inflated *plain;

	if (!raw || !raw->d_buf || raw->d_size < head || ch->ch_size > kd_min(PLAIN_MAX, SIZE_MAX / 2))
		return kd_fail(err, KD_CORRUPT, "a compressed section of %" PRIu64 " bytes",
			       (uint64_t)ch->ch_size);
	plain = malloc(sizeof(*plain) + ch->ch_size);
	if (!plain)
		return kd_nomem(err);
	size = ZSTD_decompress(plain->bytes, ch->ch_size, (const char *)raw->d_buf + head,
			       raw->d_size - head);
	sh->sh_flags &= ~(GElf_Xword)SHF_COMPRESSED;
	sh->sh_size = ch->ch_size;
	sh->sh_addralign = ch->ch_addralign;
	if (ZSTD_isError(size) || size != ch->ch_size ||
	    !section_replace(scn, plain->bytes, size) || !gelf_update_shdr(scn, sh)) {
		free(plain);
		return kd_fail(err, KD_CORRUPT, "a section compressed by zstd makes no sense");
	}
	plain->next = *list;
	*list = plain;
	return 0;
}

int section_inflate(Elf *elf, Elf_Scn *scn, struct inflated **list, struct kd_err *err)
{
	size_t head = gelf_getclass(elf) == ELFCLASS32 ? sizeof(Elf32_Chdr) : sizeof(Elf64_Chdr);
	GElf_Shdr sh;
	GElf_Chdr ch;

	if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_COMPRESSED) || sh.sh_type == SHT_NOBITS)
		return 0;
	if (!gelf_getchdr(scn, &ch))
		return kd_fail(err, KD_CORRUPT, "a compressed section: %s", elf_errmsg(-1));
	if (ch.ch_type == COMPRESSED_ZSTD)
		return inflate_zstd(scn, head, &sh, &ch, list, err);
	if (ch.ch_type != ELFCOMPRESS_ZLIB)
		return kd_fail(err, KD_UNSUPPORTED, "a section compressed by algorithm %" PRIu32,
			       (uint32_t)ch.ch_type);
	/* in memory only: the file was opened for reading */
	if (ch.ch_size > PLAIN_MAX || elf_compress(scn, 0, 0) < 0)
		return kd_fail(err, KD_CORRUPT, "a section compressed by zlib makes no sense");
	return 0;
}

int sections_inflate(Elf *elf, const char *prefix, struct inflated **list, struct kd_err *err)
{
	Elf_Scn *scn = NULL;
	size_t strings;

	if (elf_getshdrstrndx(elf, &strings))
		return 0;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr sh;
		const char *name =
			gelf_getshdr(scn, &sh) ? elf_strptr(elf, strings, sh.sh_name) : NULL;
		int status;

		if (!name || strncmp(name, prefix, strlen(prefix)))
			continue;
		status = section_inflate(elf, scn, list, err);
		if (status)
			return kd_context(err, status, "%s", name);
	}
	return 0;
}
