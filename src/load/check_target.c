// SPDX-License-Identifier: GPL-3.0-or-later
/* The place for dumps: see check.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "load/check_priv.h"
#include "load/meminfo.h"

#define MIB (UINT64_C(1) << 20)
#define PACKED 4 /* compressed dumps have a quarter of the memory they hold, or less */

/* File systems that are gone, or another, when the second kernel runs. */
static const char *const fleeting[] = { "tmpfs", "ramfs", "rootfs", "overlay", "squashfs",
					"devtmpfs" };

static void say(struct checking *c, enum check_state state, const char *name, const char *found,
		const char *set, const char *why)
{
	check_put(c, &(struct check_say){ .state = state, .step = CHECK_STEP_PLACE,
					  .parts = CHECK_FIRST, .name = name, .found = found,
					  .set = set, .why = why });
}

/* Is PATH in the folder OF? */
static bool is_below(const char *path, const char *of)
{
	size_t n = strlen(of);

	return !strcmp(of, "/") || (!strncmp(path, of, n) && (!path[n] || path[n] == '/'));
}

/* "DEVICE FOLDER TYPE ...": the line of /proc/mounts whose folder is the longest above PATH. */
static bool find_mount(const struct checking *c, const char *path, char *device, char *type,
		       size_t size)
{
	_cleanup_(freep) char *text = NULL;
	char *save = NULL;
	size_t best = 0;

	if (machine_file(&c->machine, "proc/mounts", 4 * MIB, &text, NULL, NULL))
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *words = NULL, *dev = strtok_r(line, " ", &words);
		char *folder = strtok_r(NULL, " ", &words), *fs = strtok_r(NULL, " ", &words);

		/* the last of several on one folder is what is seen there */
		if (!fs || !is_below(path, folder) || strlen(folder) < best)
			continue;
		best = strlen(folder);
		snprintf(device, size, "%s", dev);
		snprintf(type, size, "%s", fs);
	}
	return best;
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
		 "The kernel uses %" PRIu64 " MiB now, which a dump of level 31 holds: compressed, a "
		 "third or a quarter of that.", kernel / MIB);
	say(c, space < kernel / PACKED ? CHECK_MISSING : space < kernel ? CHECK_ADVICE : CHECK_OK,
	    "space for dumps", found, space < kernel ? set : NULL, space < kernel ? why : NULL);
}

void check_target(struct checking *c)
{
	const char *path = c->q->target ? c->q->target : CHECK_TARGET;
	char device[128] = "", type[128] = "", found[600], where[300];

	/* LABEL=, HOST:FOLDER and the like are seen by who has them */
	if (!c->has_machine || path[0] != '/')
		return;
	if (!find_mount(c, path, device, type, sizeof(device)))
		return;
	snprintf(where, sizeof(where), "%s (%s)", device, type);
	for (size_t i = 0; i < KD_ARRAY_SIZE(fleeting); i++) {
		if (strcmp(type, fleeting[i]))
			continue;
		snprintf(found, sizeof(found), "%.250s is on %s", path, where);
		say(c, CHECK_ADVICE, "place for dumps", found,
		    "--target FOLDER on a disk, or save over the network",
		    "What is written there is gone after the reboot, or the second kernel cannot "
		    "mount it.");
		return;
	}
	check_space(c, path, where);
}
