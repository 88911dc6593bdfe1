// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What kdview-capture leaves out of kernel/: types out of DWARF, and reading compressed
 * kernels. It only ever opens a dump alone, with the types that lie in its memory; linked
 * first, this takes the place of the files that need libdw.
 */
#include "kernel/boot_image.h"
#include "kernel/types_priv.h"

int types_dwarf_open(Elf *elf, unsigned ptr_size, struct types_dwarf **out, struct kd_err *err)
{
	(void)elf;
	(void)ptr_size;
	*out = NULL;
	return kd_fail(err, KD_UNSUPPORTED, "this program does not read DWARF");
}

void types_dwarf_close(struct types_dwarf *d)
{
	(void)d;
}

enum types_answer types_dwarf_member(struct types_dwarf *d, const char *anchor,
				     const char *struct_name, const char *path, struct member *out)
{
	(void)d;
	(void)anchor;
	(void)struct_name;
	(void)path;
	(void)out;
	return TYPES_NO_TYPE;
}

enum types_answer types_dwarf_size(struct types_dwarf *d, const char *anchor,
				   const char *struct_name, uint64_t *size)
{
	(void)d;
	(void)anchor;
	(void)struct_name;
	(void)size;
	return TYPES_NO_TYPE;
}

enum types_answer types_dwarf_enumerator(struct types_dwarf *d, const char *anchor,
					 const char *name, int64_t *value)
{
	(void)d;
	(void)anchor;
	(void)name;
	(void)value;
	return TYPES_NO_TYPE;
}

Dwarf *types_dwarf_raw(const struct types_dwarf *d, unsigned *ptr_size)
{
	(void)d;
	(void)ptr_size;
	return NULL;
}

bool boot_image_probe(const char *path)
{
	(void)path;
	return false;
}

int boot_image_read(const char *path, struct boot_image *out, struct kd_err *err)
{
	*out = (struct boot_image){ 0 };
	return kd_fail(err, KD_UNSUPPORTED, "%s: this program does not read compressed kernels", path);
}
