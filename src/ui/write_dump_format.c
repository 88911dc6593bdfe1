// SPDX-License-Identifier: GPL-3.0-or-later
/* Which format to write: see write_dump.h. */
#include <string.h>

#include "ui/write_dump.h"


/* Options that only some formats know. */
static int check_options(const struct write_dump *w, const struct args *a, const char *format,
			 struct kd_err *err)
{
	static const char *const compression[] = { "compress", "zlib", "lzo", "snappy", "zstd" };
	bool elf = w->as_image && w->image.format != IMAGE_RAW;

	if (args_has(a, "virtual") && args_has(a, "physical"))
		return kd_fail(err, KD_USAGE, "--virtual and --physical: it is one of them");
	if ((args_has(a, "virtual") || args_has(a, "physical")) && !elf)
		return kd_fail(err, KD_USAGE, "--virtual and --physical are for --format elf32 and elf64");
	if (w->vmlinux && !w->image.virtual)
		return kd_fail(err, KD_USAGE, "--vmlinux is for cores of virtual memory");
	for (size_t i = 0; w->as_image && i < KD_ARRAY_SIZE(compression); i++)
		if (args_has(a, compression[i]))
			return kd_fail(err, KD_USAGE, "--format %s is not compressed", format);
	return 0;
}

int write_dump_take_format(struct write_dump *w, const struct args *a, struct kd_err *err)
{
	static const struct {
		const char *name;
		enum image_format format;
	} images[] = {
		{ "elf32", IMAGE_ELF32 }, { "elf64", IMAGE_ELF64 }, { "raw", IMAGE_RAW },
	};
	const char *format = args_value(a, "format");
	bool known;

	if (format && args_has(a, "elf") && strncmp(format, "elf", 3))
		return kd_fail(err, KD_USAGE, "-E and --format %s: it is one of them", format);
	if (!format && args_has(a, "elf"))
		format = "elf64";
	known = !format || !strcmp(format, "kdump") || !strcmp(format, "flat");

	w->flat = args_has(a, "flattened") || !strcmp(w->out, "-") ||
		  (format && !strcmp(format, "flat"));
	w->vmlinux = args_value(a, "vmlinux");
	w->image.job = &w->job;
	for (size_t i = 0; i < KD_ARRAY_SIZE(images) && !known; i++) {
		known = w->as_image = !strcmp(format, images[i].name);
		w->image.format = images[i].format;
	}
	if (!known && !strncmp(format, "split=", 6)) {
		uint64_t n;

		if (!parse_number(format + 6, &n) || n < 2 || n > PARTS_MOST)
			return kd_fail(err, KD_USAGE, "--format %s: parts are 2 to %u", format,
				       PARTS_MOST);
		if (w->flat)
			return kd_fail(err, KD_USAGE, "--format %s: parts are files", format);
		w->job.parts = (unsigned)n;
		known = true;
	}
	if (!known)
		return kd_fail(err, KD_USAGE, "--format %s: it is kdump, flat, split=N, elf32, elf64 or "
			       "raw",
			       format);
	/* 32 bits cannot name all memory, so physical memory has to be asked for. */
	w->image.virtual = w->as_image && (args_has(a, "virtual") ||
					   (w->image.format == IMAGE_ELF32 &&
					    !args_has(a, "physical")));
	return check_options(w, a, format, err);
}
