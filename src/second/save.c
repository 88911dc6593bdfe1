// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of process 1: see save.h. */
#include "second/save.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/module.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "setup/device.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/signals.h"

#define NAMES_MAX 16384

int save_load_module(void *data)
{
	const struct save *s = data;
	const char *file = s->conf->modules[s->module].file;
	const char *dot = strrchr(file, '.');
	_cleanup_(closep) int fd = open(file, O_RDONLY | O_CLOEXEC);
	int flags = 0;

	/* Since v5.17 the kernel unpacks them itself (CONFIG_MODULE_DECOMPRESS). */
	if (dot && strcmp(dot, ".ko"))
		flags = MODULE_INIT_COMPRESSED_FILE;
	if (fd < 0) {
		complain("module %s: %s", file, strerror(errno));
		return 1;
	}
	if (!syscall(SYS_finit_module, fd, s->conf->modules[s->module].parameters, flags) ||
	    errno == EEXIST) {
		/* Its bytes are memory, of which there is little. */
		unlink(file);
		return 0;
	}
	complain("module %s: cannot load: %s", file, strerror(errno));
	return 1;
}

/* Targets ------------------------------------------------------------------------------------- */

static bool mount_as(const char *device, const char *type)
{
	/* Dumps hold secrets, and vfat has no modes; a folder of btrfs is told from its top. */
	const char *data = !strcmp(type, "vfat")    ? "umask=077"
			   : !strcmp(type, "btrfs") ? "subvolid=5"
						    : NULL;

	return !mount(device, SAVE_MOUNT, type, MS_NOATIME | MS_NOSUID | MS_NODEV | MS_NOEXEC, data);
}

/* Whatever this kernel knows that lives on devices. */
static bool mount_any(const char *device)
{
	FILE *f = fopen("/proc/filesystems", "re");
	char line[128];
	bool done = false;

	while (f && !done && fgets(line, sizeof(line), f)) {
		char *type = line + strspn(line, " \t");

		if (!strncmp(line, "nodev", 5))
			continue;
		type[strcspn(type, " \t\n")] = '\0';
		done = *type && mount_as(device, type);
	}
	if (f)
		fclose(f);
	return done;
}

static int wait_for_device(const struct save *s, char path[DEVICE_PATH], const char **type)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	struct kd_err err = KD_ERR_INIT;

	for (unsigned i = 0; i < s->conf->wait * 5; i++) {
		if (!device_find("", s->target->device, path, type, &err))
			return 0;
		if (i == 10)
			complain("waiting for %s", s->target->device);
		nanosleep(&pause, NULL);
	}
	complain("%s, after %u s", err.text, s->conf->wait);
	return 1;
}

/* All folders of a path below SAVE_MOUNT. */
static int make_folders(char *path)
{
	for (char *s = path + sizeof(SAVE_MOUNT); (s = strchr(s, '/')); s++) {
		*s = '\0';
		mkdir(path, 0700);
		*s = '/';
	}
	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0;
	complain("%s: cannot create: %s", path, strerror(errno));
	return 1;
}

int save_mount(void *data)
{
	struct save *s = data;
	const char *type, *folder;
	char path[DEVICE_PATH];

	if (wait_for_device(s, path, &type))
		return 1;
	if (!s->target->folder) {
		snprintf(s->where, sizeof(s->where), "%s", path);
		return 0;
	}
	mkdir(SAVE_MOUNT, 0700);
	type = s->target->type ? s->target->type : type;
	if (type ? !mount_as(path, type) : !mount_any(path)) {
		complain("%s: cannot mount it%s%s: %s", path, type ? " as " : "", type ? type : "",
			 strerror(errno));
		return 1;
	}
	folder = s->target->folder + strspn(s->target->folder, "/");
	snprintf(s->where, sizeof(s->where), SAVE_MOUNT "%s%s", *folder ? "/" : "", folder);
	return *folder ? make_folders(s->where) : 0;
}

int save_unmount(void *data)
{
	(void)data;
	sync();
	if (umount2(SAVE_MOUNT, 0) && errno != EINVAL && errno != ENOENT) {
		complain("cannot unmount: %s", strerror(errno));
		return 1;
	}
	return 0;
}

/* Commands of kdview ---------------------------------------------------------------------------- */

static int run(const struct command *command, int (*fn)(const struct cli *c),
	       const char *const *words, size_t n)
{
	struct cli c = { .command = command, .named = true };
	struct kd_err err = KD_ERR_INIT;
	int ret = args_parse(words, n, command->options, NULL, 0, &c.args, &err), code;

	signals_install();
	code = ret ? cli_complain(command->name, ret, &err) : fn(&c);
	args_fini(&c.args);
	return code;
}

struct names {
	char *list[NAMES_MAX];
	size_t n;
};

static void list_names(const char *folder, struct names *out)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d && out->n < NAMES_MAX && (e = readdir(d))) {
		out->list[out->n] = strdup(e->d_name);
		out->n += out->list[out->n] != NULL;
	}
	if (d)
		closedir(d);
}

/* The dump in the folder that was not there BEFORE. */
static void find_dump(struct save *s, const struct names *before)
{
	static const char *const files[] = { "vmcore", "vmcore-incomplete", "vmcore-dmesg.txt" };
	static struct names after;

	list_names(s->where, &after);
	for (size_t i = 0; i < after.n; i++) {
		bool known = false;

		for (size_t k = 0; k < before->n && !known; k++)
			known = !strcmp(after.list[i], before->list[k]);
		for (size_t k = 0; k < KD_ARRAY_SIZE(files) && !known; k++) {
			snprintf(s->dump, sizeof(s->dump), "%s/%s/%s", s->where, after.list[i],
				 files[k]);
			if (!access(s->dump, F_OK))
				return;
		}
	}
	s->dump[0] = '\0';
}

int save_capture(void *data)
{
	static struct names before;
	struct save *s = data;
	const char *words[CONF_WORDS + 1];
	size_t n = 0;
	int code;

	if (s->conf->only_log && !s->target->folder) {
		complain("%s: the log alone needs a file system", s->target->device);
		return 1;
	}
	/* The other options are a dump's. */
	if (s->conf->only_log)
		words[n++] = "--dump-dmesg";
	for (size_t i = 0; i < s->conf->noptions && !s->conf->only_log; i++)
		words[n++] = s->conf->options[i];
	words[n++] = s->where;
	if (s->target->folder)
		list_names(s->where, &before);
	code = run(&cmd_capture, capture_main, words, n);
	if (s->target->folder)
		find_dump(s, &before);
	else if (!code)
		snprintf(s->dump, sizeof(s->dump), "%s", s->where);
	return code;
}

int save_verify(void *data)
{
	const struct save *s = data;
	const char *words[] = { s->dump };

	return run(&cmd_verify, verify_main, words, 1);
}

int save_print_log(void *data)
{
	const char *words[] = { "--dump-dmesg", "-" };

	(void)data;
	return run(&cmd_capture, capture_main, words, 2);
}

/* Around it --------------------------------------------------------------------------------------- */

int save_own_log(void *data)
{
	enum { READ_ALL = 3, SIZE = 10 }; /* of syslog(2) */
	const struct save *s = data;
	const char *slash = strrchr(s->dump, '/');
	int size = klogctl(SIZE, NULL, 0), n, fd;
	_cleanup_(freep) char *text = size > 0 ? malloc((size_t)size) : NULL;
	char path[1100];

	n = text ? klogctl(READ_ALL, text, size) : -1;
	if (n < 0 || !slash)
		return 1;
	snprintf(path, sizeof(path), "%.*s/second-dmesg.txt", (int)(slash - s->dump), s->dump);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, (size_t)n) != n || fsync(fd) || close(fd)) {
		complain("%s: cannot write: %s", path, strerror(errno));
		return 1;
	}
	return 0;
}

int save_hook(void *data)
{
	const struct save *s = data;
	char *words[CONF_WORDS + 2] = { 0 };
	size_t n = 0;

	for (; n < s->conf->nhook; n++)
		words[n] = strdup(s->conf->hook[n]);
	words[n] = strdup(s->dump);
	execv(words[0], words);
	complain("hook %s: %s", s->conf->hook[0], strerror(errno));
	return 127;
}

int save_shell(void *data)
{
	char *const words[] = { strdup("sh"), NULL };
	int fd;

	(void)data;
	setsid();
	fd = open("/dev/console", O_RDWR);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	ioctl(0, TIOCSCTTY, 1);
	execv("/bin/sh", words);
	complain("there is no /bin/sh here");
	return 127;
}
