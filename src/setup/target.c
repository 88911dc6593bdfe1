// SPDX-License-Identifier: GPL-3.0-or-later
/* Targets of a second kernel: see target.h. */
#include "setup/target.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "setup/mountinfo.h"

/* Texts ----------------------------------------------------------------------------------- */

static int put(char *out, size_t size, const char *text, size_t len, struct kd_err *err)
{
	if (len >= size)
		return kd_fail(err, KD_USAGE, "%.100s...: too long for a target", text);
	for (size_t i = 0; i < len; i++)
		/* kdview.conf has no quotes. */
		if (isspace((uint8_t)text[i]) || iscntrl((uint8_t)text[i]) || text[i] == '#')
			return kd_fail(err, KD_USAGE,
				       "\"%.*s\": a target cannot have a blank or # in "
				       "its name: take the UUID, or another folder",
				       (int)kd_min(len, 300), text);
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

/* ":TYPE/FOLDER", both or none. */
static int take_rest(const char *rest, struct target *out, struct kd_err *err)
{
	size_t len = *rest == ':' ? strcspn(rest, "/") : 0;
	int ret = len ? put(out->type, sizeof(out->type), rest + 1, len - 1, err) : 0;

	if (!strcmp(out->type, "auto"))
		out->type[0] = '\0';
	rest += len;
	if (ret)
		return ret;
	return *rest ? put(out->folder, sizeof(out->folder), rest, strlen(rest), err)
		     : put(out->folder, sizeof(out->folder), "/", 1, err);
}

/* What no second kernel has. */
static int check_reach(const char *text, struct kd_err *err)
{
	const char *colon = strchr(text, ':'), *at = strchr(text, '@');

	if (!strncmp(text, "ssh:", 4) || (at && colon && at < colon))
		return kd_fail(err, KD_UNSUPPORTED,
			       "%s: the second kernel has no ssh and no network: "
			       "save to a disk there, and copy the dump when the machine "
			       "is back",
			       text);
	if (!strncmp(text, "nfs:", 4) || (colon && colon[1] == '/' && *text != '/' &&
					  !strchr(text, '=') && strncmp(text, "raw:", 4)))
		return kd_fail(err, KD_UNSUPPORTED,
			       "%s: the second kernel has no network: save to a "
			       "disk",
			       text);
	return 0;
}

/* Devices ------------------------------------------------------------------------------------- */

/* What lies on node, and a name for it that lasts. */
static int look(struct target *t, struct kd_err *err)
{
	struct device_looks looks;

	if (!device_look_at(t->node, &looks) || !looks.type)
		return 0;
	if (!*t->type)
		snprintf(t->type, sizeof(t->type), "%s", looks.type);
	if (strncmp(t->device, "LABEL=", 6) && *looks.uuid) {
		char text[TARGET_WORD];
		int n = snprintf(text, sizeof(text), "UUID=%s", looks.uuid);

		return put(t->device, sizeof(t->device), text, (size_t)n, err);
	}
	return 0;
}

static int by_tag(const char *root, const char *text, struct target *out, struct kd_err *err)
{
	size_t len = strcspn(text, ":/");
	const char *type;
	int ret = put(out->device, sizeof(out->device), text, len, err);

	if (!ret && text[strcspn(text, "=") + 1] == text[len])
		ret = kd_fail(err, KD_USAGE, "%s: no name behind the =", text);
	if (!ret)
		ret = take_rest(text + len, out, err);
	if (ret)
		return ret;
	if (device_find(root, out->device, out->node, &type, NULL)) {
		out->node[0] = '\0';
		return 0;
	}
	return look(out, err);
}

/* "/dev/sdb2:xfs/var/crash", "/dev/mapper/a:b": the device is the longest part that is one. */
static int by_node(const char *root, const char *text, struct target *out, struct kd_err *err)
{
	size_t len = strlen(text);
	struct kd_err why = KD_ERR_INIT;
	const char *type;

	for (;;) {
		char name[DEVICE_PATH / 2];
		int ret = put(name, sizeof(name), text, len, err);

		if (ret)
			return ret;
		if (!device_find(root, name, out->node, &type, &why))
			break;
		while (len > 5 && text[len - 1] != ':' && text[len - 1] != '/')
			len--;
		if (len-- <= 5)
			return kd_fail(err, KD_NOTFOUND, "there is no block device %.*s",
				       (int)strcspn(text, ":"), text);
	}
	if (put(out->device, sizeof(out->device), text, len, err) ||
	    take_rest(text + len, out, err))
		return KD_USAGE;
	if (!out->raw)
		return look(out, err);
	if (strcmp(out->folder, "/") || *out->type)
		return kd_fail(err, KD_USAGE, "raw:%s: a raw device has no type and no folders",
			       text);
	return 0;
}

/* Folders ------------------------------------------------------------------------------------- */

/* The node of what is mounted. */
static int mount_node(const char *root, const char *path, const struct mount *m, struct target *out,
		      struct kd_err *err)
{
	char link[128], path_to[PATH_MAX], to[PATH_MAX];
	const char *type, *name = m->source;
	ssize_t n;

	/* "/dev/root" is no file; sysfs knows the name by the number. btrfs has none that helps. */
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", m->major, m->minor);
	snprintf(path_to, sizeof(path_to), "%s%s", root, link);
	n = m->major ? readlink(path_to, to, sizeof(to) - 1) : -1;
	if (n > 0) {
		char *slash;

		to[n] = '\0';
		slash = strrchr(to, '/');
		snprintf(link, sizeof(link), "/dev/%.100s", slash ? slash + 1 : to);
		for (char *s = link; *s; s++)
			*s = *s == '!' ? '/' : *s;
		name = link;
	}
	if (strncmp(name, "/dev/", 5) || device_find(root, name, out->node, &type, NULL))
		return kd_fail(err, KD_UNSUPPORTED,
			       "%s is on a file system (%s) that is not on a disk "
			       "of this machine: a second kernel does not reach it",
			       path, m->type);
	return put(out->device, sizeof(out->device), name, strlen(name), err);
}

static int by_folder(const char *root, const char *text, struct target *out, struct kd_err *err)
{
	char path[PATH_MAX], real[PATH_MAX], top[PATH_MAX];
	_cleanup_(mounts_close) struct mounts mounts = { 0 };
	_cleanup_(freep) char *folder = NULL;
	struct mount m = { 0 };
	const char *in = real;
	struct stat st;
	int ret;

	snprintf(path, sizeof(path), "%s%s", root, text);
	if (!realpath(path, real) || stat(real, &st))
		return kd_fail(err, KD_NOTFOUND, "%s: %s: make that folder first", text,
			       strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return kd_fail(err, KD_USAGE, "%s is no folder", text);
	if (*root && realpath(root, top))
		in += strlen(top);
	ret = mounts_find(root, *in ? in : "/", &mounts, &m, err);
	if (!ret)
		ret = mount_node(root, text, &m, out, err);
	if (ret)
		return ret;
	if (asprintf(&folder, "%s%s", strcmp(m.root, "/") ? m.root : "",
		     mount_inside(in, m.point)) < 0) {
		folder = NULL;
		return kd_nomem(err);
	}
	ret = put(out->folder, sizeof(out->folder), *folder ? folder : "/",
		  *folder ? strlen(folder) : 1, err);
	if (!ret)
		ret = look(out, err);
	if (!ret && !*out->type)
		ret = put(out->type, sizeof(out->type), m.type, strlen(m.type), err);
	return ret;
}

int target_find(const char *root, const char *text, struct target *out, struct kd_err *err)
{
	int ret = check_reach(text, err);

	*out = (struct target){ 0 };
	if (ret)
		return ret;
	if (!strncmp(text, "raw:", 4)) {
		out->raw = true;
		if (strncmp(text + 4, "/dev/", 5))
			return kd_fail(err, KD_USAGE, "%s: raw: wants a device, as raw:/dev/sdb2",
				       text);
		return by_node(root, text + 4, out, err);
	}
	if (!strncmp(text, "LABEL=", 6) || !strncmp(text, "UUID=", 5))
		return by_tag(root, text, out, err);
	if (!strncmp(text, "/dev/", 5))
		return by_node(root, text, out, err);
	if (*text == '/')
		return by_folder(root, text, out, err);
	return kd_fail(err, KD_USAGE,
		       "\"%s\" is no target: LABEL=NAME, UUID=NUMBER or /dev/NAME, with "
		       ":TYPE and /FOLDER behind it; a folder; raw:/dev/NAME",
		       text);
}
