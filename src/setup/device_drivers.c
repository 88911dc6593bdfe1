// SPDX-License-Identifier: GPL-3.0-or-later
/* Drivers of devices, by sysfs: see device.h. */
#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "load/read_file.h"
#include "setup/device.h"

#define FACT_MOST 65536 /* bytes of a file of sysfs */

struct walk {
	const char *root;
	char top[PATH_MAX]; /* root/sys/devices, without links */
	int (*fn)(void *data, const struct device_driver *d, struct kd_err *err);
	void *data;
};

/* The last part of where the link FOLDER/NAME leads to. */
static bool link_name(const char *folder, const char *name, char out[256])
{
	char path[PATH_MAX + 64], to[PATH_MAX];
	const char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	n = readlink(path, to, sizeof(to) - 1);
	if (n <= 0)
		return false;
	to[n] = '\0';
	slash = strrchr(to, '/');
	snprintf(out, 256, "%.255s", slash ? slash + 1 : to);
	return true;
}

/* Of a file of sysfs, without the end of its line. */
static char *fact(const char *folder, const char *name)
{
	char *text = NULL;

	if (read_file(folder, name, FACT_MOST, &text, NULL, NULL))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static int tell(const struct walk *w, const char *folder, struct kd_err *err)
{
	_cleanup_(freep) char *alias = NULL;
	char name[256], module[256] = "";
	struct device_driver d = { .name = name, .module = module };

	if (!link_name(folder, "driver", name))
		return 0;
	link_name(folder, "driver/module", module);
	alias = fact(folder, "modalias");
	d.alias = alias ? alias : "";
	return w->fn(w->data, &d, err);
}

/* From FOLDER, which has no links in it, up. */
static int walk_up(const struct walk *w, char *folder, struct kd_err *err)
{
	size_t top = strlen(w->top);
	int ret = 0;

	while (!ret && !strncmp(folder, w->top, top) && folder[top] == '/') {
		ret = tell(w, folder, err);
		*strrchr(folder, '/') = '\0';
	}
	return ret;
}

/*
 * A namespace that several controllers may reach belongs to none (drivers/nvme/host/multipath.c):
 * its parent, the subsystem, has links to them.
 */
static int walk_controllers(const struct walk *w, const char *folder, struct kd_err *err)
{
	char parent[PATH_MAX], path[PATH_MAX + 300], to[PATH_MAX];
	struct dirent *e;
	int ret = 0;
	DIR *d;

	snprintf(parent, sizeof(parent), "%s", folder);
	for (char *s; !strstr((s = strrchr(parent, '/')), "/nvme-subsys");)
		*s = '\0';
	d = opendir(parent);
	while (d && !ret && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", parent, e->d_name);
		if (e->d_type == DT_LNK && !strncmp(e->d_name, "nvme", 4) && realpath(path, to))
			ret = walk_up(w, to, err);
	}
	if (d)
		closedir(d);
	return ret;
}

static bool has_file(const char *folder, const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !access(path, F_OK);
}

/*
 * Why a second kernel cannot have a device that is in no bus. FOLDER: of the device; its parent,
 * if it is a partition, is that of the whole.
 */
static int refuse(char *folder, struct kd_err *err)
{
	const char *what = "a device made by software";
	_cleanup_(freep) char *uuid = NULL;

	if (has_file(folder, "partition"))
		*strrchr(folder, '/') = '\0';
	uuid = fact(folder, "dm/uuid");
	if (has_file(folder, "dm"))
		what = uuid && !strncmp(uuid, "LVM-", 4)     ? "a volume of LVM"
		       : uuid && !strncmp(uuid, "CRYPT-", 6) ? "encrypted"
							     : "a device of device-mapper";
	else if (has_file(folder, "md"))
		what = "a RAID of md";
	else if (has_file(folder, "loop"))
		what = "a loop device";
	return kd_fail(err, KD_UNSUPPORTED,
		       "%s is %s, which a second kernel does not have: take a "
		       "partition or disk of its own as target",
		       strrchr(folder, '/') + 1, what);
}

/* FOLDER: real, of a device. */
static int walk(const struct walk *w, char *folder, bool is_disk, struct kd_err *err)
{
	const char *in = folder + strlen(w->top);

	if (strstr(in, "/virtual/nvme-subsystem/nvme-subsys"))
		return walk_controllers(w, folder, err);
	if (is_disk && !strncmp(in, "/virtual/", 9))
		return refuse(folder, err);
	return walk_up(w, folder, err);
}

/* NAME below root, without links, must lie in w->top. */
static int start(struct walk *w, const char *name, bool is_disk, struct kd_err *err)
{
	char path[PATH_MAX], folder[PATH_MAX];
	size_t top;

	snprintf(path, sizeof(path), "%s/sys/devices", w->root);
	if (!realpath(path, w->top))
		return kd_fail(err, KD_NOTFOUND, "%s: there is no sysfs", path);
	top = strlen(w->top);
	snprintf(path, sizeof(path), "%s/%s", w->root, name);
	if (!realpath(path, folder) || strncmp(folder, w->top, top) || folder[top] != '/')
		return kd_fail(err, KD_NOTFOUND, "sysfs has no %s", name);
	return walk(w, folder, is_disk, err);
}

int device_drivers_of(const char *root, const char *folder,
		      int (*fn)(void *data, const struct device_driver *d, struct kd_err *err),
		      void *data, struct kd_err *err)
{
	struct walk w = { .root = root, .fn = fn, .data = data };

	return start(&w, folder, false, err);
}

int device_drivers(const char *root, const char *path,
		   int (*fn)(void *data, const struct device_driver *d, struct kd_err *err),
		   void *data, struct kd_err *err)
{
	struct walk w = { .root = root, .fn = fn, .data = data };
	char name[PATH_MAX];
	struct stat st;

	if (!stat(path, &st) && S_ISBLK(st.st_mode)) {
		snprintf(name, sizeof(name), "sys/dev/block/%u:%u", major(st.st_rdev),
			 minor(st.st_rdev));
	} else {
		const char *slash = strrchr(path, '/');

		snprintf(name, sizeof(name), "sys/class/block/%s", slash ? slash + 1 : path);
	}
	return start(&w, name, true, err);
}
