// SPDX-License-Identifier: GPL-3.0-or-later
/* From what the user named as the kernel to a vmlinux with debug information: see vmlinux.h. */
#include <string.h>

#include "kernel/boot_image.h"
#include "kernel/debug_link.h"
#include "kernel/vmlinux.h"

bool vmlinux_is_whole(const struct vmlinux *v)
{
	return v->has_symbols && (v->has_dwarf || v->has_btf);
}

static enum debug_fit fits(void *data, const char *path)
{
	const struct vmlinux *stripped = data;
	_cleanup_(vmlinux_closep) struct vmlinux *v = NULL;

	if (vmlinux_open(path, &v, NULL) || !v->has_symbols || !v->has_dwarf ||
	    v->machine != stripped->machine)
		return DEBUG_UNFIT;
	if (!v->build_id.len || !stripped->build_id.len)
		return DEBUG_UNSURE;
	return build_id_equal(&v->build_id, &stripped->build_id) ? DEBUG_FITS : DEBUG_UNFIT;
}

int vmlinux_debug_file(struct vmlinux *v, const char *const *debug_dirs, struct vmlinux **out,
		       struct kd_err *err)
{
	struct debug_link l = {
		.elf = v->elf,
		.path = v->path,
		.id = &v->build_id,
		.debug_dirs = debug_dirs,
		.fit = fits,
		.data = v,
	};
	_cleanup_(freep) char *path = debug_link_find(&l);

	int status;

	if (path) {
		status = vmlinux_open(path, out, err);
		/* taken by its checksum */
		if (!status && !(*out)->build_id.len)
			(*out)->build_id = v->build_id;
		return status;
	}
	return kd_fail(err, KD_NOTFOUND, "%s has no %s, and its debug file was not found%s%s",
		       v->path,
		       v->has_symbols ? "debug information (neither DWARF nor BTF)"
				      : "symbol table: it is stripped",
		       *l.tried ? "; tried: " : "", l.tried);
}

static int mismatch(const char *path, const struct build_id *id, const struct vmlinux_wanted *w,
		    struct kd_err *err)
{
	char theirs[2 * BUILD_ID_MAX + 1], ours[2 * BUILD_ID_MAX + 1];

	build_id_format(id, theirs);
	build_id_format(&w->build_id, ours);
	return kd_fail(err, KD_MISMATCH,
		       "%s is not the kernel that crashed: its build ID is %s, the dump's is %s (%s). "
		       "--force uses it all the same",
		       path, *theirs ? theirs : "missing", ours,
		       w->release ? w->release : "no release named");
}

int vmlinux_check(const struct vmlinux *v, const struct vmlinux_wanted *w, struct kd_err *err)
{
	if (!w->build_id.len || build_id_equal(&w->build_id, &v->build_id))
		return 0;
	return mismatch(v->path, &v->build_id, w, err);
}

/* A bzImage names the kernel that is to be found. */
static int follow_image(const char *path, const struct vmlinux_wanted *w, bool force,
			struct vmlinux **out, struct kd_err *err)
{
	struct vmlinux_wanted wanted = *w;
	struct boot_image image;
	int status = boot_image_read(path, &image, err);

	if (status)
		return status;
	if (!force && w->build_id.len && image.build_id.len &&
	    !build_id_equal(&w->build_id, &image.build_id))
		return mismatch(path, &image.build_id, w, err);
	/* what one of the two does not say may differ all the same */
	if (!force && (!w->build_id.len || !image.build_id.len) && w->release && *image.release &&
	    strcmp(w->release, image.release))
		return kd_fail(err, KD_MISMATCH,
			       "%s is not the kernel that crashed: it is %s, the dump's is %s. "
			       "--force uses it all the same",
			       path, image.release, w->release);
	if (image.build_id.len)
		wanted.build_id = image.build_id;
	if (*image.release)
		wanted.release = image.release;
	status = vmlinux_find(&wanted, out, err);
	return status ? kd_context(err, status, "%s is the compressed kernel", path) : 0;
}

int vmlinux_follow(const char *path, const struct vmlinux_wanted *w, bool force,
		   struct vmlinux **out, bool *stripped, struct kd_err *err)
{
	_cleanup_(vmlinux_closep) struct vmlinux *v = NULL;
	struct kd_err why = KD_ERR_INIT;
	int status;

	*out = NULL;
	*stripped = boot_image_probe(path);
	if (*stripped)
		return follow_image(path, w, force, out, err);
	status = vmlinux_open(path, &v, err);
	if (status)
		return status;
	if (v->has_symbols && v->has_dwarf) {
		*out = v;
		v = NULL;
		return 0;
	}
	status = force ? 0 : vmlinux_check(v, w, err);
	if (status)
		return status;
	*stripped = !vmlinux_is_whole(v);
	/* the kernel's name leads there too, as it does where none is named */
	status = vmlinux_debug_file(v, w->debug_dirs, out, &why);
	if (status && *stripped)
		status = vmlinux_find(w, out, NULL);
	if (!status)
		return 0;
	if (*stripped)
		return kd_fail(err, KD_NOTFOUND, "%s", why.text);
	*out = v;
	v = NULL;
	return 0;
}
