// SPDX-License-Identifier: GPL-3.0-or-later
/* A crash on purpose: see crash_test.h. */
#include "setup/crash_test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "capture/dest.h"
#include "load/read_file.h"

#define STATE_FOLDER "/var/lib/kdview"
#define STATE STATE_FOLDER "/test"
#define LOADED_FOLDER "/run/kdview"
#define LOADED LOADED_FOLDER "/kdview.conf"
#define STATE_MOST (1u << 20)

static int put(const char *root, const char *folder, const char *name, const char *text,
	       struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s%s", root, folder) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	if (stat(path, &st) && mkdir(path, 0700))
		return kd_fail(err, KD_IO, "%s: cannot create: %s", path, strerror(errno));
	free(path);
	if (asprintf(&path, "%s%s", root, name) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	return dest_put(path, true, text, strlen(text), err);
}

static void forget(const char *root, const char *name)
{
	_cleanup_(freep) char *path = NULL;

	if (asprintf(&path, "%s%s", root, name) < 0)
		path = NULL;
	else
		unlink(path);
}

int crash_test_loaded(const char *root, const char *text, struct kd_err *err)
{
	if (text)
		return put(root, LOADED_FOLDER, LOADED, text, err);
	forget(root, LOADED);
	return 0;
}

/* The first word of a file; "": there is none. */
static void first_word(const char *root, const char *name, char *out, size_t size)
{
	_cleanup_(freep) char *text = NULL;

	out[0] = '\0';
	if (!read_file(root, name, 4096, &text, NULL, NULL))
		snprintf(out, size, "%.*s", (int)strcspn(text, " \t\n"), text);
}

static void boot_id(const char *root, char *out, size_t size)
{
	first_word(root, "/proc/sys/kernel/random/boot_id", out, size);
}

/* What the command line says, the sysctl cannot change (kernel/printk/printk.c). */
int crash_test_allowed(const char *root, const char *cmdline, struct kd_err *err)
{
	char now[32];

	first_word(root, "/proc/sys/kernel/printk_devkmsg", now, sizeof(now));
	if (strcmp(now, "off") != 0)
		return 0;
	return kd_fail(err, KD_UNSUPPORTED,
		       "the kernel's log takes nothing from programs (kernel.printk_devkmsg is "
		       "off), so the dump could not be told from others: %s",
		       strstr(cmdline, "printk.devkmsg=off")
			       ? "take printk.devkmsg=off from the kernel's command line, and boot "
				 "again"
			       : "\"sysctl -w kernel.printk_devkmsg=ratelimit\", and test again");
}

int crash_test_begin(const char *root, struct crash_test *out, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	uint64_t random;

	*out = (struct crash_test){ .when = (uint64_t)time(NULL) };
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return kd_fail(err, KD_IO, "no random number: %s", strerror(errno));
	snprintf(out->id, sizeof(out->id), "kdview-test-%016" PRIx64, random);
	boot_id(root, out->boot, sizeof(out->boot));
	if (read_file(root, LOADED, STATE_MOST, &out->conf, NULL, NULL))
		out->conf = strdup("");
	/* The rest is as kdview.conf is, to which this line is a comment. */
	if (!out->conf || asprintf(&text, "# %s %" PRIu64 " %s\n%s", out->id, out->when,
				   *out->boot ? out->boot : "-", out->conf) < 0) {
		text = NULL;
		return kd_nomem(err);
	}
	return put(root, STATE_FOLDER, STATE, text, err);
}

static int write_to(const char *root, const char *name, const char *text, struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;

	if (asprintf(&path, "%s%s", root, name) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	return 0;
}

int crash_test_run(const char *root, const struct crash_test *t, struct kd_err *err)
{
	char line[128];
	int ret;

	snprintf(line, sizeof(line), "<5>kdview: a crash on purpose: %s\n", t->id);
	ret = write_to(root, "/dev/kmsg", line, err);
	if (!ret) {
		sync();
		ret = write_to(root, "/proc/sysrq-trigger", "c", err);
	}
	if (ret == KD_IO)
		kd_context(err, ret, "it cannot crash (CONFIG_MAGIC_SYSRQ?)");
	/* With a root of files, nothing crashes: what would have been done is there to be seen. */
	if (!ret && *root)
		return 0;
	forget(root, STATE);
	return ret ? ret : kd_fail(err, KD_UNSUPPORTED, "the kernel does not crash by sysrq-c");
}

int crash_test_read(const char *root, struct crash_test *out, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	char *save = NULL, *hash, *id, *when, *boot, *rest;
	int ret;

	*out = (struct crash_test){ 0 };
	ret = read_file(root, STATE, STATE_MOST, &text, NULL, err);
	if (ret)
		return ret;
	rest = strchr(text, '\n');
	if (rest)
		*rest++ = '\0';
	hash = strtok_r(text, " ", &save);
	id = hash ? strtok_r(NULL, " ", &save) : NULL;
	when = id ? strtok_r(NULL, " ", &save) : NULL;
	boot = when ? strtok_r(NULL, " ", &save) : NULL;
	if (!boot || !rest || strlen(id) < 16 || strlen(id) >= sizeof(out->id))
		return kd_fail(err, KD_CORRUPT, "%s" STATE ": it makes no sense", root);
	snprintf(out->id, sizeof(out->id), "%s", id);
	snprintf(out->boot, sizeof(out->boot), "%s", boot);
	out->when = strtoull(when, NULL, 10);
	out->conf = strdup(rest);
	return out->conf ? 0 : kd_nomem(err);
}

void crash_test_fini(struct crash_test *t)
{
	free(t->conf);
	*t = (struct crash_test){ 0 };
}

bool crash_test_same_boot(const char *root, const struct crash_test *t)
{
	char now[sizeof(t->boot)];

	boot_id(root, now, sizeof(now));
	return *now && !strcmp(now, t->boot);
}
