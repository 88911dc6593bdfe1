// SPDX-License-Identifier: GPL-3.0-or-later
/* Process 1: see init.h. */
#include "second/init.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>

#include "second/save.h"
#include "second/step.h"
#include "ui/cli.h"

#define CONF_MAX (1 << 20) /* bytes */
#define MODULE_SECONDS 30
#define MOUNT_SECONDS 120 /* besides waiting: journals are replayed */
#define LOG_SECONDS 120
#define HOOK_SECONDS 600
#define END_SECONDS 120 /* sync and unmount, after all time is used up, too */

struct init {
	struct steps steps;
	struct conf conf;
	struct save *save; /* shared with children */
};

/* The start --------------------------------------------------------------------------------- */

static void mount_kernel(void)
{
	static const struct {
		const char *type, *where;
	} mounts[] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" } };
	int fd;

	for (size_t i = 0; i < KD_ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].where, 0755);
		mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, NULL);
	}
	/* Without a node in the initramfs the kernel could open none for us. */
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void complaint(void *data, unsigned line, const char *what)
{
	const struct init *in = data;

	steps_say(&in->steps, INIT_CONF " line %u: %s", line, what);
}

static void read_conf(struct init *in)
{
	_cleanup_(closep) int fd = open(INIT_CONF, O_RDONLY | O_CLOEXEC);
	char *text = calloc(1, CONF_MAX + 1);
	ssize_t n = fd >= 0 && text ? read(fd, text, CONF_MAX) : -1;

	if (n < 0)
		steps_say(&in->steps, INIT_CONF ": %s", strerror(errno));
	conf_parse(text, complaint, in, &in->conf);
}

static void load_modules(struct init *in)
{
	for (size_t i = 0; i < in->conf.nmodules; i++) {
		in->save->module = i;
		steps_run(&in->steps, in->conf.modules[i].file, MODULE_SECONDS, false,
			  save_load_module, in->save);
	}
}

/* Targets ------------------------------------------------------------------------------------- */

static bool verify(struct init *in)
{
	int code = steps_run(&in->steps, "verify", in->conf.limit, false, save_verify, in->save);

	if (code)
		steps_say(&in->steps, "%s does not verify", in->save->dump);
	return !code;
}

/* true: the dump is on this target, and whole. */
static bool try_target(struct init *in, const struct conf_target *t)
{
	int code;

	in->save->target = t;
	in->save->where[0] = in->save->dump[0] = '\0';
	code = steps_run(&in->steps, t->device, in->conf.wait + MOUNT_SECONDS, false, save_mount,
			 in->save);
	if (code)
		return false;
	steps_say(&in->steps, "saving to %s%s%s", t->device, t->folder ? ", folder " : "",
		  t->folder ? t->folder : "");
	code = steps_run(&in->steps, "capture", in->conf.limit, false, save_capture, in->save);
	if (code)
		steps_say(&in->steps, code == CLI_INCOMPLETE ? "%s: not all of it fits"
							      : "%s: the dump was not saved",
			  t->device);
	if (!code && in->conf.verify && !in->conf.only_log)
		return verify(in);
	return !code;
}

static void end_target(struct init *in)
{
	if (in->save->target->folder && in->save->dump[0])
		steps_run(&in->steps, "second-dmesg.txt", LOG_SECONDS, false, save_own_log, in->save);
	steps_run(&in->steps, "unmount", END_SECONDS, false, save_unmount, in->save);
}

/* Does a target have it? What did not fit on one is tried on the next. */
static bool save_somewhere(struct init *in)
{
	bool done = false;

	if (!in->conf.ntargets)
		steps_say(&in->steps, INIT_CONF " names no target");
	for (size_t i = 0; i < in->conf.ntargets && !done; i++) {
		done = try_target(in, &in->conf.targets[i]);
		if (in->conf.nhook && (done || i + 1 == in->conf.ntargets))
			steps_run(&in->steps, "hook", HOOK_SECONDS, false, save_hook, in->save);
		if (done)
			steps_say(&in->steps, "the dump is saved: %s", in->save->dump);
		end_target(in);
	}
	return done;
}

static bool save_dump(struct init *in)
{
	bool done = false;

	if (access("/proc/vmcore", R_OK))
		steps_say(&in->steps, "there is no /proc/vmcore: no kernel crashed before this one");
	else
		done = save_somewhere(in);
	if (done)
		return true;
	steps_say(&in->steps, "no target has the whole dump; the log of the kernel that crashed:");
	steps_run(&in->steps, "log", LOG_SECONDS, true, save_print_log, in->save);
	return false;
}

/* The end ------------------------------------------------------------------------------------- */

static void end(struct init *in, enum conf_end how)
{
	steps_extend(&in->steps, END_SECONDS);
	steps_run(&in->steps, "unmount", END_SECONDS, false, save_unmount, in->save);
	if (how == END_SHELL) {
		steps_say(&in->steps, "a shell; when it ends, the machine restarts");
		steps_forever(&in->steps);
		steps_run(&in->steps, "shell", UINT32_MAX, true, save_shell, in->save);
	} else if (how == END_POWEROFF) {
		steps_say(&in->steps, "powering off");
		reboot(RB_POWER_OFF);
	} else if (how == END_HALT) {
		steps_say(&in->steps, "halting");
		steps_forever(&in->steps);
		reboot(RB_HALT_SYSTEM);
	}
	steps_say(&in->steps, "rebooting");
	steps_reboot();
}

int init_main(void)
{
	struct init in = { 0 };

	mount_kernel();
	umask(077);
	steps_init(&in.steps, 3600);
	steps_say(&in.steps, "kdview-capture " KD_VERSION " as process 1");
	read_conf(&in);
	steps_extend(&in.steps, in.conf.limit);
	in.save = mmap(NULL, sizeof(*in.save), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (in.save == MAP_FAILED) {
		steps_say(&in.steps, "no memory");
		steps_reboot();
	}
	in.save->conf = &in.conf;
	load_modules(&in);
	steps_watchdog(&in.steps);
	end(&in, save_dump(&in) ? in.conf.end : in.conf.failed);
	return 1;
}
