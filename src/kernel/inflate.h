/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compressed sections of ELF files (SHF_COMPRESSED: zlib, zstd), made plain in memory.
 * libelf alone does not know zstd before its version 0.189.
 */
#ifndef KD_KERNEL_INFLATE_H
#define KD_KERNEL_INFLATE_H

#include <libelf.h>

#include "core/err.h"

/* Memory that plain sections lie in; keep until after elf_end(). NULL: none. */
struct inflated;
void inflated_free(struct inflated *list);

/*
 * Make SCN plain, if it is compressed: from then on libelf and libdw find its plain bytes
 * and a header without SHF_COMPRESSED. The file must have been opened with
 * ELF_C_READ_MMAP_PRIVATE. LIST gets what is to be kept. KD_CORRUPT, KD_UNSUPPORTED
 * (another algorithm), KD_NOMEM.
 */
int section_inflate(Elf *elf, Elf_Scn *scn, struct inflated **list, struct kd_err *err);

/* The same of all sections whose names begin with PREFIX. */
int sections_inflate(Elf *elf, const char *prefix, struct inflated **list, struct kd_err *err);

/* Let SCN's data be SIZE bytes at DATA, for all who ask libelf for it afterwards. */
bool section_replace(Elf_Scn *scn, void *data, size_t size);

#endif
