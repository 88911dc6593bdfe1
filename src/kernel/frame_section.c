// SPDX-License-Identifier: GPL-3.0-or-later
/* .debug_frame of vmlinux and modules: see frame_section.h. */
#include "kernel/frame_section.h"

#include "kernel/debug_file.h"

int frame_section_open(struct frame_section *f, const char *path, const struct module *module,
		       struct kd_err *err)
{
	int rc;

	*f = (struct frame_section){ .data = NULL };
	rc = debug_file_open(path, module, &f->file, err);
	if (rc)
		return rc;
	rc = debug_file_section(f->file, ".debug_frame", &f->data, &f->size, err);
	if (!rc)
		return 0;
	kd_context(err, rc, "%s", path);
	frame_section_close(f);
	return rc;
}

void frame_section_close(struct frame_section *f)
{
	debug_file_close(f->file);
	*f = (struct frame_section){ .data = NULL };
}
