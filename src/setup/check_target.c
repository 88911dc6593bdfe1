// SPDX-License-Identifier: GPL-3.0-or-later
/* The place for dumps: see check.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "load/meminfo.h"
#include "setup/check_priv.h"
#include "setup/conf.h"
#include "setup/initrd_read.h"
#include "setup/mountinfo.h"
#include "setup/target.h"

#define MIB (UINT64_C(1) << 20)
#define PACKED 4 /* compressed dumps have a quarter of the memory they hold, or less */

/* File systems that are gone, or another, when the second kernel runs. */
static const char *const fleeting[] = { "tmpfs",   "ramfs",    "rootfs",
					"overlay", "squashfs", "devtmpfs" };

static void say(struct checking *c, enum check_state state, const char *name, const char *found,
		const char *set, const char *why)
{
	check_put(c, &(struct check_say){ .state = state,
					  .step = CHECK_STEP_PLACE,
					  .parts = CHECK_FIRST,
					  .name = name,
					  .found = found,
					  .set = set,
					  .why = why });
}

/* The space where PATH is or will be; false: nowhere. */
static bool free_space(const struct checking *c, const char *path, uint64_t *bytes)
{
	_cleanup_(freep) char *full = NULL;
	struct statvfs fs;
	char *slash;

	if (asprintf(&full, "%s%s", c->q->root, path) < 0) {
		full = NULL;
		return false;
	}
	while (statvfs(*full ? full : "/", &fs)) {
		slash = strrchr(full, '/');
		if (errno != ENOENT || !slash)
			return false;
		*slash = '\0';
	}
	*bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return true;
}

static void check_space(struct checking *c, const char *path, const char *where)
{
	char found[384], set[384], why[256];
	struct meminfo mem;
	uint64_t space, kernel;

	if (!free_space(c, path, &space) || !meminfo_read(&c->machine, &mem))
		return;
	kernel = meminfo_kernel(&mem);
	snprintf(found, sizeof(found), "%" PRIu64 " MiB free on %s", space / MIB, where);
	snprintf(set, sizeof(set), "make room on %s: %" PRIu64 " MiB", where, kernel / MIB);
	snprintf(why, sizeof(why),
		 "The kernel uses %" PRIu64
		 " MiB now, which a dump of level 31 holds: compressed, a "
		 "third or a quarter of that.",
		 kernel / MIB);
	say(c,
	    space < kernel / PACKED ? CHECK_MISSING
	    : space < kernel	    ? CHECK_ADVICE
				    : CHECK_OK,
	    "space for dumps", found, space < kernel ? set : NULL, space < kernel ? why : NULL);
}

/* PATH, or the nearest folder above it that is there. */
static bool nearest(const struct checking *c, const char *path, char *buf, size_t size)
{
	snprintf(buf, size, "%s", path);
	while (true) {
		_cleanup_(freep) char *full = NULL;
		char *slash;

		if (asprintf(&full, "%s%s", c->q->root, buf) < 0) {
			full = NULL;
			return false;
		}
		if (!access(full, F_OK))
			return true;
		slash = strrchr(buf, '/');
		if (!slash || slash == buf) {
			snprintf(buf, size, "/");
			return true;
		}
		*slash = '\0';
	}
}

/* Can a second kernel mount it at all? What is not seen from here is not judged. */
static bool check_kind(struct checking *c, const char *target)
{
	enum check_state state = c->q->target ? CHECK_MISSING : CHECK_ADVICE;
	struct kd_err err = KD_ERR_INIT;
	struct target t;
	char folder[512];
	int ret;

	if (target[0] == '/' && strncmp(target, "/dev/", 5) &&
	    nearest(c, target, folder, sizeof(folder)))
		target = folder;
	ret = target_find(c->q->root, target, &t, &err);
	if (ret == KD_USAGE || ret == KD_UNSUPPORTED || (ret == KD_NOTFOUND && target != folder)) {
		say(c, state, "place for dumps", c->q->target ? c->q->target : CHECK_TARGET,
		    "--target with a folder on a disk or partition, LABEL=NAME/FOLDER, UUID=..., "
		    "raw:/dev/NAME",
		    err.text);
		return false;
	}
	if (!ret && !*t.node)
		say(c, CHECK_ADVICE, "place for dumps", target, "see that the disk is there",
		    "No device has that name now.");
	return true;
}

static void ignore(void *data, unsigned line, const char *what)
{
	(void)data, (void)line, (void)what;
}

/* The targets of what is loaded, which its initramfs has in kdview.conf; false: not known. */
static bool check_loaded_targets(struct checking *c)
{
	struct conf conf = { .text = NULL };
	char *text = NULL;
	bool any = false;

	if (c->record.initrd && !initrd_read_conf(c->record.initrd, &text, NULL)) {
		conf_parse(text, ignore, NULL, &conf);
		for (size_t i = 0; i < conf.ntargets; i++) {
			const char *device = conf.targets[i].device;
			struct target t;
			int ret = target_find(c->q->root, device, &t, NULL);
			bool gone = ret == KD_NOTFOUND || (!ret && !*t.node);

			if (!ret || gone)
				say(c, gone ? CHECK_ADVICE : CHECK_OK,
				    "target of the loaded kernel", device,
				    gone ? "see that the disk is there, or kdview load with "
					   "another "
					   "--target"
					 : NULL,
				    gone ? "No device has that name now." : NULL);
		}
		any = conf.ntargets;
		conf_fini(&conf);
	}
	return any;
}

void check_target(struct checking *c)
{
	const char *path = c->q->target ? c->q->target : CHECK_TARGET;
	_cleanup_(mounts_close) struct mounts mounts = { 0 };
	struct mount mount = { 0 };
	char found[600], where[300];

	if (!c->has_machine)
		return;
	if (!c->q->target && check_loaded_targets(c))
		return;
	if (!check_kind(c, path) || path[0] != '/' || !strncmp(path, "/dev/", 5))
		return;
	if (mounts_find(c->q->root, path, &mounts, &mount, NULL))
		return;
	snprintf(where, sizeof(where), "%.200s (%.90s)", mount.source, mount.type);
	for (size_t i = 0; i < KD_ARRAY_SIZE(fleeting); i++) {
		if (strcmp(mount.type, fleeting[i]))
			continue;
		snprintf(found, sizeof(found), "%.250s is on %s", path, where);
		say(c, CHECK_ADVICE, "place for dumps", found,
		    "--target with a folder on a disk or partition",
		    "What is written there is gone after the reboot, or the second kernel cannot "
		    "mount it.");
		return;
	}
	check_space(c, path, where);
}
