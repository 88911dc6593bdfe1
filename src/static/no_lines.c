// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kdview-capture shows no stack to a person, so it needs neither source lines nor the call frame
 * information of debug packages: this takes the place of what reads the debug sections of files.
 * Types and symbols of a vmlinux are others' (kernel/vmlinux, symbols_elf, types_btf).
 */
#include "kernel/debug_file.h"
#include "kernel/frame_section.h"
#include "kernel/inflate.h"
#include "kernel/lines.h"

int lines_open(const struct kernel *k, struct lines **out, struct kd_err *err)
{
	(void)k;
	*out = NULL;
	return kd_fail(err, KD_NOTFOUND, "this program does not read source lines");
}

void lines_close(struct lines *l)
{
	(void)l;
}

char *lines_lack(const struct kernel *k, const char *also)
{
	(void)k;
	(void)also;
	return NULL;
}

const struct line_info *lines_find(struct lines *l, vaddr_t pc)
{
	(void)l;
	(void)pc;
	return NULL;
}

int debug_file_open(const char *path, const struct module *module, struct debug_file **out,
		    struct kd_err *err)
{
	(void)module;
	*out = NULL;
	return kd_fail(err, KD_UNSUPPORTED, "%s: this program does not read debug information", path);
}

void debug_file_close(struct debug_file *f)
{
	(void)f;
}

int debug_file_section(struct debug_file *f, const char *name, const uint8_t **data, size_t *size,
		       struct kd_err *err)
{
	(void)f;
	(void)name;
	(void)err;
	*data = NULL;
	*size = 0;
	return 0;
}

int debug_file_elf(struct debug_file *f, Elf **out, struct kd_err *err)
{
	(void)f;
	*out = NULL;
	return kd_fail(err, KD_NOTFOUND, "this program does not read debug information");
}

int frame_section_open(struct frame_section *f, const char *path, const struct module *module,
		       struct kd_err *err)
{
	(void)path;
	(void)module;
	(void)err;
	*f = (struct frame_section){ 0 };
	return 0;
}

void frame_section_close(struct frame_section *f)
{
	(void)f;
}

int sections_inflate(Elf *elf, const char *prefix, struct inflated **list, struct kd_err *err)
{
	(void)elf;
	(void)prefix;
	(void)list;
	(void)err;
	return 0;
}

void inflated_free(struct inflated *list)
{
	(void)list;
}
